"""What a letter says: the stored outcome and the records, word for word on the page and in the PDF."""

import io
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from builders import NOW, answers_of, local, make_course, make_infusion, make_patient, make_pcl5, make_treated_patient
from letter_forms import clinician, letter_of_page, make, pages_of, plain, preview, said
from pypdf import PdfReader

from assessments.models import Assessment
from clinic.letters.content import FOOT
from clinic.letters.models import Letter
from clinic.letters.parts import PARTS
from clinic.outcomes.models import CourseOutcome, CriteriaVersion
from clinic.profile.models import ClinicProfile
from clinic.web.templatetags.tidemark import day, signed
from infusions.models import AdverseEvent, Infusion, IntegrationNote, Phase, Status
from patients.models import IndexEvent, Patient, PsychiatricMedication, PsychotherapyEpisode

pytestmark = pytest.mark.django_db
#: Words that tell what may not stand in a letter.
SECRET = "Wharfside-Narrative-1984"


def make_event(infusion: Infusion, term: str, grade: int = 2, **fields: Any) -> AdverseEvent:
    given = {"infusion": infusion, "term": term, "ctcae_grade": grade, "started_at": infusion.started_at, **fields}
    return AdverseEvent.objects.create(**given)


def infusions_of(patient: Patient) -> list[Infusion]:
    return list(Infusion.objects.filter(course__patient=patient).order_by("started_at"))


def text_of(patient: Patient, **typed: Any) -> str:
    """What the PDF of a letter about this patient says."""
    return said(make(clinician(), patient, **typed).pdf)


def void(record: Any) -> None:
    type(record).objects.filter(pk=record.pk).update(voided_at=NOW, void_reason="Wrong patient")


class TestRecord:
    def test_it_says_whom_when_by_whom_and_to_whom(self) -> None:
        patient = make_treated_patient()
        ClinicProfile.objects.create(number=1, name="Harborlight", time_zone="America/New_York", changed_at=NOW)
        [first, *_] = pages_of(make(clinician(), patient).pdf)
        assert first.startswith(f"page 1 of 2 · {FOOT}"), first
        assert "Harborlight Progress letter" in first
        assert "Dr Ruth Ames Harbor Family Practice 12 Wharf Road" in first
        assert f"Re: Maren Ellwick, born 3 Aug 1984, MRN {patient.mrn}" in first

    def test_the_course_with_what_was_given_and_planned(self) -> None:
        text = text_of(make_treated_patient())
        assert (
            "Course 1, induction Infusions 4 given, 6 planned First infusion 3 Mar 2025 Last infusion 13 Mar 2025"
            in text
        )

    def test_the_status_is_the_stored_one_with_its_stored_reason(self) -> None:
        patient = make_treated_patient(54, 35)
        text = text_of(patient)
        outcome = CourseOutcome.objects.get(patient=patient)
        assert outcome.status == "RESPONSE"
        assert outcome.reason in text
        assert "54 → 35 on 3 Apr 2025 (−19), day 21 after the last infusion. Remission needs a total below 33." in text
        assert "Response, not remission" in text
        assert "VA-10/33, settings v1 · provisional, not a diagnosis" in text
        assert re.search(r"As of \d+ \w{3} \d{4}, \d\d:\d\d\.", text)

    def test_every_reading_stands_in_the_table_with_its_form_total_and_change(self) -> None:
        patient = make_treated_patient(54, 30)
        make_pcl5(patient, date(2025, 3, 8), 44, form="week")
        text = text_of(patient)
        assert "20 Feb 2025 −11 Month 54 — Baseline" in text
        assert "8 Mar 2025 5 Week 44 −10 During series" in text
        assert "3 Apr 2025 31 Month 30 −24 Primary, day 21" in text
        for row in Assessment.objects.filter(patient=patient):
            assert f"{day(row.completed_on)}" in text
        assert signed(30 - 54) in text

    def test_lines_are_named_with_their_definition_and_version(self) -> None:
        text = text_of(make_treated_patient())
        assert "33 (provisional cut)" in text
        assert "44: response (−10)" in text
        assert "Response: at least 10 points below baseline. Remission: response and below 33." in text
        assert "Worse: at least 10 points above baseline. Definition VA-10/33, settings v1." in text

    def test_another_definition_is_said_as_it_is(self) -> None:
        marx = {"preset": "Marx-15/28", "response_points": 15, "remission_at_most": 28}
        before = CriteriaVersion.objects.latest("number")
        CriteriaVersion.objects.create(
            number=2, preset="Marx-15/28", values=before.values | marx, reason="Trial", adopted_at=NOW
        )
        text = text_of(make_treated_patient(54, 38))
        assert "39: response (−15)" in text
        assert "29: remission is below" in text
        assert "Definition Marx-15/28, settings v2." in text

    def test_a_prorated_total_is_flagged_and_an_incomplete_form_is_counted(self) -> None:
        patient = make_treated_patient(54, None)
        answers = answers_of(40)
        make_pcl5(patient, date(2025, 4, 3), 0, answers=[None, *answers[1:]])
        make_pcl5(patient, date(2025, 4, 9), 0, answers=[*answers[:15], None, None, None, None, None])
        text = text_of(patient)
        assert re.search(r"3 Apr 2025 31 Month 40\* ", text)
        assert "* Prorated: some items were left blank." in text
        assert "1 incomplete form has no total and is not in the table." in text
        assert "9 Apr 2025" not in text

    def test_infusions_with_their_dose(self) -> None:
        patient = make_treated_patient()
        first = infusions_of(patient)[0]
        Infusion.objects.filter(pk=first.pk).update(
            dose_mg_given="44.5", weight_kg=80, minutes="42.5", status=Status.STOPPED_EARLY, route="IM"
        )
        text = text_of(patient)
        assert "1 of 6, intramuscular, stopped early 3 Mar 2025 0.56 44.5 42.5" in text
        assert "4 of 6 13 Mar 2025 0.5 40 40" in text

    def test_adverse_events_with_their_grade(self) -> None:
        patient = make_treated_patient()
        [first, *_] = infusions_of(patient)
        make_event(first, "Nausea")
        make_event(first, "Syncope", 3, serious=True)
        text = text_of(patient)
        assert "Nausea 2 3 Mar 2025" in text
        assert "Syncope 3, serious 3 Mar 2025" in text

    def test_the_clinicians_text_keeps_its_lines_and_the_author_signs_with_a_role(self) -> None:
        response, _ = preview(clinician(), make_treated_patient(), text="One\n  Two\n\nThree")
        page = response.content.decode()
        assert page.index("<p>One</p>") < page.index("<p>  Two</p>") < page.index("tm-letter__gap", page.index("Two"))
        assert letter_of_page(response).endswith(f"One Two Three Lena Marchetti Clinician {FOOT}")

    def test_nothing_private_stands_in_it(self) -> None:
        patient = make_treated_patient()
        Patient.objects.filter(pk=patient.pk).update(
            phone="555-0100", email="maren@home.example", address=SECRET, allergies=SECRET
        )
        event = IndexEvent.objects.create(patient=patient, description=SECRET)
        answers: list[int | None] = [*[3] * 15, 4, *[2] * 4]
        make_pcl5(patient, date(2025, 5, 3), 0, answers=answers, index_event=event)
        [first, *_] = infusions_of(patient)
        IntegrationNote.objects.create(infusion=first, text=SECRET)
        Infusion.objects.filter(pk=first.pk).update(intention=SECRET, preparation_note=SECRET, sitter=SECRET)
        PsychotherapyEpisode.objects.create(patient=patient, modality=SECRET, started_on=date(2025, 1, 1))
        PsychiatricMedication.objects.create(patient=patient, name=SECRET)
        text = text_of(patient)
        for word in (SECRET, "555-0100", "home.example", "Item 16", "item 16"):
            assert word not in text


class TestWhatIsLeftOut:
    def test_voided_records_never_appear(self) -> None:
        patient = make_treated_patient(54, 35)
        infusions = infusions_of(patient)
        make_event(infusions[0], "Kept")
        void(make_event(infusions[0], "Wrongterm"))
        make_event(infusions[1], "Of a voided one")
        void(infusions[1])
        void(make_pcl5(patient, date(2025, 5, 7), 77))
        void(make_course(patient, 2))
        text = text_of(patient)
        assert "3 given, 6 planned" in text
        assert "Kept" in text
        for word in ("Wrongterm", "Of a voided one", "6 Mar 2025", "7 May 2025", " 77 ", "Course 2"):
            assert word not in text

    def test_a_form_that_was_corrected_stands_once(self) -> None:
        patient = make_treated_patient(54, 35)
        Assessment.objects.filter(patient=patient, completed_on=date(2025, 4, 3)).update(replaced=True)
        assert "3 Apr 2025" not in text_of(patient)

    @pytest.mark.parametrize("part", PARTS)
    def test_each_part_may_be_left_out(self, part: str) -> None:
        titles = {
            "status": "Current status",
            "pcl5": "PCL-5 total",
            "infusions": "mg/kg",
            "adverse_events": "No adverse event",
        }
        response, _ = preview(clinician(), make_treated_patient(), parts=[name for name in PARTS if name != part])
        text = letter_of_page(response)
        assert titles[part] not in text
        assert all(words in text for name, words in titles.items() if name != part)

    def test_of_all_parts_the_course_and_the_text_remain(self) -> None:
        text = text_of(make_treated_patient(), parts=[])
        assert "4 given, 6 planned" in text
        assert "I recommend" in text
        assert " 54 " not in text
        assert Letter.objects.get().included == []


class TestCourses:
    def test_of_two_inductions_each_letter_tells_its_own(self) -> None:
        patient = make_treated_patient(54, 30)
        second = make_course(patient, 2)
        for at in (1, 4, 8, 11):
            make_infusion(second, date(2025, 9, at))
        make_pcl5(patient, date(2025, 8, 20), 50)  # a late follow-up of course 1 and the baseline of course 2
        make_pcl5(patient, date(2025, 10, 1), 45)
        client = clinician()
        first = make(client, patient, course=patient_course(patient, 1))
        latest = make(client, patient)
        assert (first.course_number, latest.course_number) == (1, 2)
        one, two = said(first.pdf), said(latest.pdf)
        assert "20 Aug 2025 170 Month 50 −4" in one
        assert "1 Oct 2025" not in one
        assert "1 Sep 2025" in one, "that a later course began is said"
        assert "3 Mar 2025" not in two
        assert "20 Aug 2025 −12 Month 50 — Baseline" in two
        assert "1 Oct 2025 30 Month 45 −5" in two
        assert "20 Feb 2025" not in two

    def test_top_ups_are_told_with_the_induction_and_alone(self) -> None:
        patient = make_treated_patient(54, 30)
        booster = make_course(patient, 2, phase=Phase.BOOSTER, planned_infusions=2)
        make_infusion(booster, date(2025, 6, 2))
        client = clinician()
        induction = said(make(client, patient, course=patient_course(patient, 1)).pdf)
        assert "Afterwards Course 2, booster: 1 given, 2 Jun 2025 to 2 Jun 2025" in induction
        assert "1 of 2, course 2 2 Jun 2025" in induction
        alone = said(make(client, patient).pdf)
        assert "Course 2, booster Infusions 1 given, 2 planned" in alone
        assert "Follows Course 1, induction, 4 given, 3 Mar 2025 to 13 Mar 2025" in alone
        assert "This is the status of course 1, the induction that this course follows." in alone
        assert "3 Apr 2025 31 Month 30 −24" in alone
        assert "1 of 2 2 Jun 2025" in alone
        assert "13 Mar 2025 0.5" not in alone

    def test_a_second_course_that_has_not_begun_claims_nothing(self) -> None:
        patient = make_treated_patient(54, 30)
        make_course(patient, 2)
        text = text_of(patient)
        assert "Not started No infusion of this course was given yet." in text
        assert "3 Apr 2025 — Month 30 — Before this course" in text
        assert "No infusion given yet." in text


def patient_course(patient: Patient, number: int) -> str:
    from infusions.models import Course

    return str(Course.objects.get(patient=patient, number=number).public_id)


def nobody_yet() -> Patient:
    return make_patient()


def without_infusion() -> Patient:
    patient = make_patient()
    make_course(patient)
    make_pcl5(patient, date(2025, 2, 20), 54)
    return patient


def without_baseline() -> Patient:
    patient = make_patient()
    make_infusion(make_course(patient), date(2025, 3, 3))
    make_pcl5(patient, date(2025, 4, 3), 54)
    return patient


def without_reading() -> Patient:
    patient = make_patient()
    make_infusion(make_course(patient), date(2025, 3, 3), dose_mg_per_kg=None, weight_kg=None, minutes=None)
    return patient


def booster_alone() -> Patient:
    patient = make_patient()
    make_infusion(make_course(patient, phase=Phase.BOOSTER), date(2025, 3, 3))
    make_pcl5(patient, date(2025, 4, 3), 54)
    return patient


def who_died() -> Patient:
    patient = make_treated_patient()
    Patient.objects.filter(pk=patient.pk).update(died_on=date(2025, 5, 1))
    return patient


DEGENERATE = {
    nobody_yet: ["No course of infusions yet.", "Not started", "No PCL-5 yet.", "No infusion given yet."],
    without_infusion: ["0 given, 6 planned", "None given yet", "Before any infusion", "days since first PCL-5"],
    without_baseline: ["No baseline", "No PCL-5 in the 30 days before the first infusion", "3 Apr 2025 31 Month 54 —"],
    without_reading: ["No PCL-5 yet.", "1 of 6 3 Mar 2025 — 40 —"],
    booster_alone: ["Follows No induction course", "No infusion of an induction course was given yet.", "Not compared"],
    who_died: ["Died 1 May 2025"],
}


@pytest.mark.parametrize("patient", DEGENERATE, ids=lambda maker: maker.__name__)
def test_hardly_any_record_makes_a_true_letter(patient: Any) -> None:
    response, _ = preview(clinician(), known := patient())
    text = text_of(known)
    for words in DEGENERATE[patient]:
        assert words in text
    assert not re.search(r"\bnan\b|\bNone\b(?! given yet)|\binf\b", text)
    assert_same_words(letter_of_page(response), text)


def assert_same_words(page: str, pdf: str) -> None:
    """Every character of the letter on the page in its order is what the PDF says without the edges of its pages."""
    inner = re.sub(
        rf"page \d+ of \d+ · {re.escape(FOOT)}( Progress letter · .*?MRN \S+ \d+ \w{{3}} \d{{4}})?", " ", pdf
    )
    assert plain(page.removesuffix(FOOT)).split() == plain(inner).split()


@pytest.mark.parametrize("late", [0, 3, 9])
def test_the_preview_is_the_pdf_word_for_word(late: int) -> None:
    patient = make_treated_patient(54, 30)
    make_event(infusions_of(patient)[0], "Headache & <b>nausea</b>")
    for number in range(late):
        make_pcl5(patient, date(2025, 5, 1) + timedelta(days=40 * number), 20 + number, form="week")
    client = clinician()
    response, _ = preview(client, patient, text='Line one\n\n"Line two" → <i>three</i>')
    letter = make(client, patient, text='Line one\n\n"Line two" → <i>three</i>')
    assert_same_words(letter_of_page(response), said(letter.pdf))


def test_a_long_record_and_a_long_text_run_over_pages() -> None:
    patient = make_treated_patient(54, 30)
    for number in range(60):
        make_pcl5(patient, date(2025, 5, 1) + timedelta(days=6 * number), 20 + number % 30, form="week")
    text = "\n".join(f"Line {number} of what was found." for number in range(150)) + "\n" + "x" * 3000
    pages = pages_of(make(clinician(), patient, text=text).pdf)
    assert len(pages) > 4
    for number, page in enumerate(pages, start=1):
        assert page.startswith(f"page {number} of {len(pages)} · {FOOT}")
        assert number == 1 or "Progress letter · Maren Ellwick, born 3 Aug 1984, MRN" in page
    whole = " ".join(pages)
    assert all(f"Line {number} of" in whole for number in range(150))
    assert whole.count("x" * 60) > 10


def test_the_chart_is_vectors_and_the_fonts_are_embedded() -> None:
    reader = PdfReader(io.BytesIO(bytes(make(clinician(), make_treated_patient()).pdf)))
    for page in reader.pages:
        assert not page.images
        for font in page["/Resources"]["/Font"].values():  # type: ignore[index]
            assert "+DejaVu" in font["/BaseFont"]
    assert reader.metadata
    assert "Ellwick" not in str(reader.metadata)


def test_days_are_those_of_the_clinics_clock() -> None:
    ClinicProfile.objects.create(number=1, name="", time_zone="Pacific/Honolulu", changed_at=NOW)
    patient = make_patient()
    course = make_course(patient)
    make_infusion(course, date(2025, 3, 3), started_at=datetime(2025, 3, 4, 3, 0, tzinfo=UTC))
    make_event(infusions_of(patient)[0], "Late one", started_at=local(date(2025, 3, 3), 23))
    text = text_of(patient)
    assert "First infusion 3 Mar 2025" in text
    assert "Late one 2 3 Mar 2025" in text
