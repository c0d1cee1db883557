"""Recording a session, planning, the next status, correcting, moving and voiding, through the pages."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from bad_input import MILLION, bad_values, odd_text
from builders import local, make_course, make_infusion, make_patient, make_user
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import escape

from clinic.audit.models import AuditEvent
from clinic.models import User
from clinic.policy import Role
from infusions import services
from infusions.models import AdverseEvent, Course, Infusion, IntegrationNote, Status, VitalSigns
from patients.models import Consent, Patient

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, 20, 0, tzinfo=UTC)  # 16:00 in the clinic
TODAY = date(2026, 6, 1)


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def clinician() -> User:
    return make_user(Role.CLINICIAN)


@pytest.fixture
def signed_in(client: Client, clinician: User) -> Client:
    client.force_login(clinician)
    return client


@pytest.fixture
def course() -> Course:
    return make_course(consenting())


def consenting(**fields: Any) -> Patient:
    patient = make_patient(**fields)
    Consent.objects.create(patient=patient, kind=Consent.Kind.OFF_LABEL_KETAMINE, signed_on=date(2026, 5, 1))
    return patient


def session(**fields: Any) -> dict[str, Any]:
    """An ordinary session as the browser sends it."""
    usual = {
        "idempotency_key": str(uuid4()),
        "started_at": "2026-06-01T14:00",
        "weight_kg": "82.4",
        "dose_mg_per_kg": "0.8",
        "dose_mg_ordered": "65.9",
        "minutes": "40",
        "dose_mg_given": "65.9",
        "route": "IV",
        "status": "completed",
        "eye_mask": "yes",
        "music": "not_recorded",
    }
    sent = {**usual, **fields}
    return {name: value for name, value in sent.items() if value is not None}


FULL = {
    "preparation_note": "Slept well.",
    "intention": "To let the day end.",
    "sitter": "P. Sorrel",
    "before-0-time": "13:50",
    "before-0-systolic_mmhg": "128",
    "before-0-diastolic_mmhg": "80",
    "during-0-time": "14:10",
    "during-0-systolic_mmhg": "146",
    "during-0-diastolic_mmhg": "90",
    "during-0-heart_rate_per_min": "82",
    "during-5-time": "14:20",
    "during-5-spo2_percent": "97",
    "after-0-time": "14:55",
    "after-0-moaa_s": "5",
    "events-0-term": "Nausea",
    "events-0-time": "14:16",
    "events-0-ctcae_grade": "1",
    "events-0-relatedness": "probable",
    "events-0-expected": "yes",
    "events-0-action_taken": "none",
    "integration_note": "Felt held.",
}


def address(name: str, course: Course, infusion: Infusion | None = None) -> str:
    patient = course.patient.public_id
    if name == "check_dose":
        return reverse("infusions:check_dose", args=[patient])
    return reverse(f"infusions:{name}", args=[patient, infusion.public_id if infusion else course.public_id])


def record(client: Client, course: Course, **fields: Any) -> Any:
    return client.post(address("infusion_new", course), session(**fields))


def nothing_saved() -> bool:
    return not any(kind.objects.exists() for kind in (Infusion, VitalSigns, AdverseEvent, IntegrationNote))


class TestRecording:
    def test_the_page_shows_what_the_records_say(self, signed_in: Client, course: Course) -> None:
        course.patient.allergies = "Penicillin"
        course.patient.save()
        make_infusion(course, date(2026, 5, 29), dose_mg_per_kg=Decimal("0.5"), weight_kg=Decimal("81.2"))
        page = signed_in.get(address("infusion_new", course))
        text = page.content.decode()
        assert page.status_code == 200
        assert "Infusion 2 of 6 planned in course 1" in text
        assert "Off-label consent, signed 1 May 2026" in text
        assert "No consent to treatment on record" in text
        assert "Penicillin" in text
        assert "78 h" in text, "10:00 on 29 May to 16:00 on 1 June"
        assert "Last 81.2 kg, 29 May 2026." in text
        assert 'value="2026-06-01T16:00"' in text, "the start is now, on the clinic's clock"

    def test_a_session_is_saved_whole(self, signed_in: Client, course: Course, clinician: User) -> None:
        answer = record(signed_in, course, **FULL, prescriber=clinician.public_id)
        infusion = Infusion.objects.get()
        assert (answer.status_code, answer.headers["Location"]) == (303, address("infusion", course, infusion))
        assert (infusion.started_at, infusion.dose_mg_ordered) == (local(TODAY, 14), Decimal("65.9"))
        assert (infusion.status, infusion.prescriber, infusion.eye_mask) == ("completed", clinician, "yes")
        assert (infusion.preparation_note, infusion.sitter) == ("Slept well.", "P. Sorrel")
        sets = list(VitalSigns.objects.order_by("taken_at").values_list("taken_at", "systolic_mmhg", "moaa_s"))
        start = local(TODAY, 14)
        assert [(at - start) // timedelta(minutes=1) for at, _s, _m in sets] == [-10, 10, 20, 55]
        assert [(systolic, moaa_s) for _at, systolic, moaa_s in sets] == [
            (128, None),
            (146, None),
            (None, None),
            (None, 5),
        ]
        event = AdverseEvent.objects.get()
        assert (event.term, event.ctcae_grade, event.relatedness, event.expected) == ("Nausea", 1, "probable", "yes")
        note = IntegrationNote.objects.get()
        assert (note.text, note.entered_by) == ("Felt held.", clinician)

    def test_the_least_that_is_known_is_enough(self, signed_in: Client, course: Course) -> None:
        nothing = dict.fromkeys(("weight_kg", "dose_mg_per_kg", "dose_mg_ordered", "minutes"), "")
        assert record(signed_in, course, **nothing).status_code == 303
        infusion = Infusion.objects.get()
        assert (infusion.weight_kg, infusion.dose_mg_per_kg, infusion.minutes) == (None, None, None)

    def test_sent_twice_it_is_one_record(self, signed_in: Client, course: Course) -> None:
        data = session(**FULL)
        first, second = (signed_in.post(address("infusion_new", course), data) for _ in range(2))
        assert first.headers["Location"] == second.headers["Location"]
        assert (Infusion.objects.count(), VitalSigns.objects.count(), IntegrationNote.objects.count()) == (1, 4, 1)

    def test_stopping_early_says_why_and_is_not_judged_as_a_short_order(
        self, signed_in: Client, course: Course
    ) -> None:
        stopped = {"status": "stopped_early", "minutes": "10", "dose_mg_given": "16.5"}
        refused = record(signed_in, course, **stopped)
        assert refused.status_code == 422
        assert "Say why it was stopped early." in refused.content.decode()
        assert record(signed_in, course, **stopped, status_reason="Nausea").status_code == 303
        assert Infusion.objects.get().limits_overridden_reason == ""

    def test_a_planned_infusion_becomes_the_one_that_was_given(self, signed_in: Client, course: Course) -> None:
        planned = services.plan_infusion(actor=None, course=course, planned_for=local(TODAY, 13))
        page = signed_in.get(address("infusion_new", course)).content.decode()
        assert f'<option value="{planned.public_id}" selected>1 Jun 2026, 13:00</option>' in page
        assert record(signed_in, course, planned=planned.public_id).status_code == 303
        given = Infusion.objects.get()
        assert (given.pk, given.status, given.version) == (planned.pk, "completed", 2)
        assert given.planned_for == local(TODAY, 13)
        again = record(signed_in, course, planned=planned.public_id)
        assert (again.status_code, Infusion.objects.count()) == (422, 1)

    def test_the_rows_keep_the_order_of_a_session(self, signed_in: Client, course: Course) -> None:
        wrong = {
            "before-0-time": ("14:01", "Put it under During"),
            "during-0-time": ("13:59", "before the start at 14:00"),
            "during-5-time": ("14:41", "Put it under After"),
            "after-0-time": ("14:39", "Put it under During"),
        }
        for name, (typed, message) in wrong.items():
            answer = record(signed_in, course, **{**FULL, name: typed})
            assert answer.status_code == 422, name
            assert answer.content.decode().count(message) == 2, "above the form and beside the field"
        assert nothing_saved()

    def test_what_is_over_did_not_end_in_the_future(self, signed_in: Client, course: Course) -> None:
        answer = record(signed_in, course, started_at="2026-06-01T15:21")
        assert answer.status_code == 422
        assert "It would end at 16:01, in the future." in answer.content.decode()
        assert record(signed_in, course, started_at="2026-06-01T15:20").status_code == 303

    def test_what_cannot_be_saved_with_it_saves_nothing(self, signed_in: Client, course: Course) -> None:
        make_infusion(course, date(2026, 5, 20), started_at=local(TODAY, 14))
        before = AuditEvent.objects.count()
        answer = record(signed_in, course, **FULL, override_reason="Twice")
        assert answer.status_code == 422
        assert "There is already an infusion with this start" in answer.content.decode()
        assert (Infusion.objects.count(), VitalSigns.objects.count(), AuditEvent.objects.count()) == (1, 0, before)


class TestLimitsOfASession:
    def test_a_warning_does_not_block(self, signed_in: Client, course: Course) -> None:
        assert (
            record(signed_in, course, dose_mg_per_kg="1.25", dose_mg_ordered="103", dose_mg_given="103").status_code
            == 303
        )
        [crossed] = [event.detail["crossed"] for event in AuditEvent.objects.filter(action="record infusion")]
        assert any("above the limit of 1.2 mg/kg" in message for message in crossed)

    def test_an_override_needs_a_reason_and_everything_stays(self, signed_in: Client, course: Course) -> None:
        dose = {"dose_mg_per_kg": "1.6", "dose_mg_ordered": "131.8", "dose_mg_given": "131.8"}
        refused = record(signed_in, course, **{**FULL, **dose})
        text = refused.content.decode()
        assert refused.status_code == 422
        assert "Dose 1.6 mg/kg is 0.1 mg/kg above the limit of 1.5 mg/kg: a prescriber must give a reason." in text
        assert "Needs a reason" in text
        for typed in ("131.8", "To let the day end.", "Felt held.", 'value="14:10"', 'value="146"', 'value="Nausea"'):
            assert typed in text
        assert nothing_saved()
        assert record(signed_in, course, **dose, override_reason="No response at 1.2").status_code == 303
        assert Infusion.objects.get().limits_overridden_reason == "No response at 1.2"

    def test_above_the_cap_a_second_prescriber_agrees_by_name(
        self, signed_in: Client, course: Course, clinician: User
    ) -> None:
        second = make_user(Role.MEDICAL_DIRECTOR)
        second.full_name = "Dr. Varnell"
        second.save()
        dose = {"dose_mg_per_kg": "2.1", "dose_mg_ordered": "173", "dose_mg_given": "173", "override_reason": "ECT"}
        alone = record(signed_in, course, **dose)
        assert alone.status_code == 422
        assert "two prescribers must sign" in alone.content.decode()
        unticked = record(signed_in, course, **dose, second_signer=second.public_id)
        assert "Tick this once Dr. Varnell agreed" in unticked.content.decode()
        nobody = record(signed_in, course, **dose, second_agreed="on")
        assert "Choose who agreed." in nobody.content.decode()
        for other in (clinician, make_user(Role.INTAKE), make_user(Role.ADMINISTRATOR)):
            assert (
                record(signed_in, course, **dose, second_signer=other.public_id, second_agreed="on").status_code == 422
            )
        assert nothing_saved()
        signed = {**dose, "second_signer": second.public_id, "second_agreed": "on"}
        assert record(signed_in, course, **signed).status_code == 303
        detail = AuditEvent.objects.get(action="record infusion").detail
        assert detail["second_sign_off"] == {"user": second.pk, "name": "Dr. Varnell"}
        assert "Dr. Varnell" in signed_in.get(address("infusion", course, Infusion.objects.get())).content.decode()

    def test_the_service_itself_refuses_a_wrong_second_signature(self, course: Course, clinician: User) -> None:
        with pytest.raises(services.crossings.ValidationError, match="another prescriber"):
            services.SignOff("Why", clinician).answer_for([_cap()], clinician)
        with pytest.raises(services.crossings.ValidationError, match="no prescriber here"):
            services.SignOff("Why", make_user(Role.INTAKE)).answer_for([_cap()], clinician)
        with pytest.raises(services.crossings.ValidationError, match="Only a prescriber"):
            services.SignOff("Why", clinician).answer_for([_cap()], make_user(Role.INTAKE))
        with pytest.raises(services.crossings.ValidationError):
            services.SignOff("Why", None, unnamed_second=True).answer_for([_cap()], clinician)

    @pytest.mark.parametrize(
        ("typed", "message"),
        [
            ({"dose_mg_per_kg": "4.6"}, "at most 4.5 mg/kg"),
            ({"weight_kg": "24.9"}, "25 to 350 kg"),
            ({"dose_mg_ordered": "500.1"}, "0 to 500 mg"),
            ({"dose_mg_given": "501"}, "0 to 500 mg"),
            ({"minutes": "601"}, "1 to 600 min"),
        ],
    )
    def test_the_impossible_is_refused_whatever_the_reason(
        self, signed_in: Client, course: Course, typed: dict[str, str], message: str
    ) -> None:
        answer = record(signed_in, course, **typed, override_reason="I insist")
        assert answer.status_code == 422
        assert message in answer.content.decode()
        assert f'value="{next(iter(typed.values()))}"' in answer.content.decode()
        assert nothing_saved()

    @pytest.mark.parametrize(
        ("typed", "message"),
        [
            ({"before-0-time": "13:50", "before-0-systolic_mmhg": "165"}, "Systolic pressure 165 mmHg is 5 mmHg above"),
            ({"vial_mg_per_ml": "100"}, "never undiluted"),
            ({"dose_mg_given": "90"}, "Total dose against mg/kg and weight"),
            ({"weight_kg": "95", "dose_mg_per_kg": "0.6937"}, "Change of weight"),
        ],
        ids=["pressure before", "undiluted vial", "more given than ordered", "weight change"],
    )
    def test_each_further_override_is_asked_for(
        self, signed_in: Client, course: Course, typed: dict[str, str], message: str
    ) -> None:
        make_infusion(course, date(2026, 5, 20), weight_kg=Decimal(82))
        answer = record(signed_in, course, **typed)
        assert answer.status_code == 422
        assert message in answer.content.decode()
        assert Infusion.objects.count() == 1
        assert record(signed_in, course, **typed, override_reason="Seen and accepted").status_code == 303

    @pytest.mark.parametrize("withdrawn_on", [None, date(2026, 5, 30)], ids=["none", "withdrawn"])
    def test_without_a_valid_consent_a_prescriber_answers_for_it(
        self, signed_in: Client, withdrawn_on: date | None
    ) -> None:
        course = make_course(make_patient())
        if withdrawn_on:
            kind = Consent.Kind.OFF_LABEL_KETAMINE
            Consent.objects.create(
                patient=course.patient, kind=kind, signed_on=date(2026, 5, 1), withdrawn_on=withdrawn_on
            )
        page = signed_in.get(address("infusion_new", course)).content.decode()
        assert ("withdrawn on 30 May 2026" if withdrawn_on else "No off-label consent on record") in page
        answer = record(signed_in, course)
        assert "There is no valid consent" in answer.content.decode()
        assert record(signed_in, course, override_reason="Emergency, signed on paper").status_code == 303


class TestDoseCheck:
    def check(self, client: Client, course: Course, **typed: str) -> str:
        answer = client.post(address("check_dose", course), typed)
        assert answer.status_code == 200
        return " ".join(answer.content.decode().split())

    def test_it_shows_the_arithmetic_and_what_is_crossed(self, signed_in: Client, course: Course) -> None:
        said = self.check(
            signed_in, course, **session(dose_mg_per_kg="0.8", vial_mg_per_ml="50", bag_ml="100", dose_mg_ordered="")
        )
        for shown in ("0.8 mg/kg × 82.4 kg", "65.9 mg", "1.32 mL", "(100 + 1.32) mL in 40 min", "152.0 mL/h"):
            assert shown in said
        assert "crosses no limit" in said
        assert "data-field" not in said
        assert 'data-fill="dose_mg_ordered" data-value="65.9"' in said
        assert 'data-needs-reason="no"' in said

    @pytest.mark.parametrize(
        ("dose", "words", "needs"),
        [
            ("1.25", "Check.", 'data-needs-reason="no" data-needs-second="no"'),
            ("1.6", "Needs a reason.", 'data-needs-reason="yes" data-needs-second="no"'),
            ("2.1", "Needs two prescribers.", 'data-needs-reason="yes" data-needs-second="yes"'),
            ("5", "Refused.", 'data-needs-reason="no"'),
        ],
    )
    def test_each_level_has_its_words(
        self, signed_in: Client, course: Course, dose: str, words: str, needs: str
    ) -> None:
        said = self.check(signed_in, course, **session(dose_mg_per_kg=dose, dose_mg_ordered="", dose_mg_given=""))
        assert words in said
        assert needs in said

    def test_half_a_form_is_checked_as_far_as_it_goes(self, signed_in: Client, course: Course) -> None:
        nothing = self.check(signed_in, course)
        assert "Not typed yet" in nothing
        assert "Refused" not in nothing
        assert "in the future" in self.check(signed_in, course, started_at="2026-06-01T16:01")
        assert "above the limit of 1.5 mg/kg" in self.check(signed_in, course, dose_mg_per_kg="1.6", route="IV")
        assert "route only" in self.check(signed_in, course, dose_mg_per_kg="1.6", route="PO")

    def test_it_knows_the_record_that_is_corrected(self, signed_in: Client, course: Course) -> None:
        services.record_infusion(
            actor=None,
            course=course,
            now=NOW,
            started_at=local(TODAY, 14),
            override_reason="Why",
            weight_kg=Decimal(80),
            dose_mg_per_kg=Decimal("1.6"),
            dose_mg_given=Decimal(128),
            minutes=Decimal(60),
        )
        infusion = Infusion.objects.get()
        typed = session(weight_kg="80", dose_mg_per_kg="1.6", dose_mg_ordered="", dose_mg_given="128", minutes="60")
        said = self.check(signed_in, course, **typed, changes=infusion.public_id)
        assert "It did so before this change." in said
        assert 'data-needs-reason="no"' in said
        assert "Time since the previous" not in said

    @pytest.mark.parametrize(
        "name", ["weight_kg", "dose_mg_per_kg", "dose_mg_given", "minutes", "bag_ml", "started_at"]
    )
    def test_nothing_typed_breaks_it(self, signed_in: Client, course: Course, name: str) -> None:
        for _what, typed in (*bad_values("amount"), *bad_values("moment")):
            self.check(signed_in, course, **{**session(), name: typed})

    def test_another_patients_infusion_stays_unknown(self, signed_in: Client, course: Course) -> None:
        other = make_infusion(make_course(make_patient()), date(2026, 5, 1))
        for named in (other.public_id, "\x00", "x" * 1000):
            self.check(signed_in, course, **session(), changes=named)
            assert signed_in.get(address("infusion", course).replace(course.public_id, named)).status_code == 404


def _cap() -> Any:
    from infusions.limits import Finding, Level

    return Finding(Level.OVERRIDE, "mg_per_kg", "cap_dose_above_mg_per_kg", "Too much.", sign_offs=2)


AMOUNTS = ("weight_kg", "dose_mg_per_kg", "dose_mg_ordered", "minutes", "dose_mg_given", "vial_mg_per_ml", "bag_ml")
CHOICES = ("route", "status", "eye_mask", "music", "prescriber", "second_signer", "planned")
TEXTS = ("status_reason", "preparation_note", "intention", "sitter", "integration_note", "override_reason")
ROWS = tuple(f"during-0-{name}" for name in ("systolic_mmhg", "heart_rate_per_min", "spo2_percent", "moaa_s"))
EVENT_CHOICES = tuple(f"events-0-{name}" for name in ("ctcae_grade", "relatedness", "expected", "action_taken"))
#: All fields of a kind get the same bad value at once: each must have its own message.
BAD: dict[str, tuple[tuple[str, ...], list[tuple[str, str]]]] = {
    "amounts": (AMOUNTS, bad_values("amount")),
    "choices": ((*CHOICES, *EVENT_CHOICES), bad_values("choice")),
    "texts": ((*TEXTS, "events-0-term", "events-0-outcome"), bad_values("note")),
    "whole numbers": (ROWS, bad_values("whole number")),
    "start": (("started_at",), bad_values("moment")),
    "times": (("during-0-time", "events-0-time"), [("words", "noon"), ("hour 25", "25:00"), ("NUL", "1\x00")]),
    "future": (("during-0-time", "events-0-time"), [("future", "18:00")]),
    "key": (("idempotency_key",), [("none", ""), ("words", "key"), ("NUL", "\x00")]),
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_input_is_refused_beside_its_field(signed_in: Client, course: Course, kind: str) -> None:
    """Nothing is saved, the answer is a page that says so, and what was typed is still there."""
    services.plan_infusion(actor=None, course=course, planned_for=local(TODAY, 13))
    names, values = BAD[kind]
    for what, value in values:
        typed = value[:100_000]  # in every field at once a megabyte would be more than a request may hold
        answer = record(signed_in, course, **{**FULL, **dict.fromkeys(names, typed)})
        text = answer.content.decode()
        assert answer.status_code == 422, what
        assert "Nothing was saved yet" in text
        assert 'value="P. Sorrel"' in text or kind == "texts"
        if kind not in {"choices", "key"}:
            assert text.count(escape(typed[:200])) >= len(names), what
        if kind != "key":  # it is hidden: its message stands above the form
            missing = [name for name in names if f'id="id_{name}_error"' not in text]
            assert not missing, f"{what}: the message stands beside the field"
    assert (Infusion.objects.count(), VitalSigns.objects.count(), AdverseEvent.objects.count()) == (1, 0, 0)


@pytest.mark.parametrize("name", ["integration_note", "weight_kg", "started_at", "events-0-term", "during-0-time"])
def test_a_megabyte_in_one_field_is_refused(signed_in: Client, course: Course, name: str) -> None:
    assert record(signed_in, course, **{**FULL, name: MILLION}).status_code == 422
    assert nothing_saved()


@pytest.mark.parametrize(("what", "typed"), odd_text(), ids=[what for what, _ in odd_text()])
def test_odd_text_is_kept_and_inert(signed_in: Client, course: Course, what: str, typed: str) -> None:
    names = [*TEXTS, "events-0-term", "events-0-outcome"]
    stopped = {"status": "stopped_early", "dose_mg_per_kg": "1.6", "dose_mg_ordered": "131.8", "dose_mg_given": "100"}
    answer = record(signed_in, course, **{**FULL, **stopped, **dict.fromkeys(names, typed)})
    assert answer.status_code == 303
    infusion, event = Infusion.objects.get(), AdverseEvent.objects.get()
    kept = [infusion.status_reason, infusion.preparation_note, infusion.intention, infusion.sitter, event.term]
    kept += [event.outcome, infusion.limits_overridden_reason, IntegrationNote.objects.get().text]
    assert kept == [typed] * 8
    page = signed_in.get(answer.headers["Location"]).content.decode()
    assert page.count(escape(typed)) >= 8
    if "<" in typed:
        assert typed not in page


class TestWhoMay:
    @pytest.mark.parametrize("role", [Role.INTAKE, Role.ADMINISTRATOR])
    def test_others_find_nothing(self, client: Client, course: Course, role: Role) -> None:
        infusion = make_infusion(course, date(2026, 5, 20))
        client.force_login(make_user(role))
        for name in ("infusion_new", "infusion_plan"):
            assert client.get(address(name, course)).status_code == 404
            assert client.post(address(name, course), session()).status_code == 404
        for name in ("infusion", "infusion_status", "infusion_correct", "infusion_move", "infusion_void"):
            assert client.get(address(name, course, infusion)).status_code == 404
        assert client.post(address("check_dose", course), session()).status_code == 404
        assert Infusion.objects.count() == 1

    @pytest.mark.parametrize("role", [Role.CLINICIAN, Role.MEDICAL_DIRECTOR])
    def test_clinicians_and_directors_record(self, client: Client, course: Course, role: Role) -> None:
        client.force_login(make_user(role))
        assert record(client, course).status_code == 303

    def test_an_infusion_is_found_below_its_patient_alone(self, signed_in: Client, course: Course) -> None:
        infusion, other = make_infusion(course, date(2026, 5, 20)), make_course(make_patient())
        for name in ("infusion", "infusion_status", "infusion_correct", "infusion_move", "infusion_void"):
            assert signed_in.get(address(name, other, infusion)).status_code == 404
        wrong = reverse("infusions:infusion_new", args=[other.patient.public_id, course.public_id])
        assert signed_in.get(wrong).status_code == 404
        planned = services.plan_infusion(actor=None, course=course, planned_for=local(TODAY, 13))
        Consent.objects.create(patient=other.patient, kind="off_label_ketamine", signed_on=date(2026, 5, 1))
        assert record(signed_in, other, planned=planned.public_id).status_code == 422

    def test_a_voided_course_takes_no_infusion(self, signed_in: Client, course: Course) -> None:
        services.void_course(actor=None, course=course, reason="Twice", now=NOW)
        assert signed_in.get(address("infusion_new", course)).status_code == 404


class TestPlanning:
    def test_an_infusion_is_planned_once(self, signed_in: Client, course: Course, clinician: User) -> None:
        data = {"idempotency_key": str(uuid4()), "planned_for": "2026-06-03T09:30", "prescriber": clinician.public_id}
        answers = [signed_in.post(address("infusion_plan", course), data) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [303, 303]
        planned = Infusion.objects.get()
        assert (planned.status, planned.prescriber) == ("planned", clinician)
        assert planned.planned_for == local(date(2026, 6, 3), 9) + timedelta(minutes=30)

    @pytest.mark.parametrize(
        ("typed", "message"),
        [
            ("2026-05-31T10:00", "This day is over"),
            ("2062-06-01T10:00", "more than two years"),
            ("soon", "no day and time"),
        ],
    )
    def test_a_plan_lies_ahead(self, signed_in: Client, course: Course, typed: str, message: str) -> None:
        data = {"idempotency_key": str(uuid4()), "planned_for": typed}
        answer = signed_in.post(address("infusion_plan", course), data)
        assert (answer.status_code, Infusion.objects.exists()) == (422, False)
        assert message in answer.content.decode()


class TestStatus:
    @pytest.fixture
    def planned(self, course: Course) -> Infusion:
        return services.plan_infusion(actor=None, course=course, planned_for=local(TODAY, 13))

    def change(self, client: Client, infusion: Infusion, **fields: str) -> Any:
        usual = {"version": str(infusion.version), "route": "IV", "started_at": "2026-06-01T14:00"}
        return client.post(address("infusion_status", infusion.course, infusion), {**usual, **fields})

    def test_started_then_completed(self, signed_in: Client, planned: Infusion) -> None:
        started = self.change(
            signed_in, planned, status="in_progress", weight_kg="80", dose_mg_per_kg="0.5", dose_mg_ordered="40"
        )
        assert started.status_code == 303
        planned.refresh_from_db()
        assert (planned.status, planned.started_at, planned.version) == ("in_progress", local(TODAY, 14), 2)
        unknown = self.change(signed_in, planned, status="completed")
        assert "Enter how many mg were given" in unknown.content.decode()
        done = self.change(
            signed_in, planned, status="completed", dose_mg_given="40", dose_mg_ordered="40", minutes="40",
            weight_kg="80", dose_mg_per_kg="0.5",
        )  # fmt: skip
        assert done.status_code == 303
        assert Infusion.objects.given().exists()

    @pytest.mark.parametrize("status", ["cancelled", "no_show"])
    def test_what_did_not_take_place_says_why(self, signed_in: Client, planned: Infusion, status: str) -> None:
        assert "Say why" in self.change(signed_in, planned, status=status).content.decode()
        assert self.change(signed_in, planned, status=status, reason="Flu").status_code == 303
        planned.refresh_from_db()
        assert (planned.status, planned.status_reason, planned.started_at) == (status, "Flu", None)

    def test_a_start_without_consent_needs_a_reason(self, signed_in: Client) -> None:
        course = make_course(make_patient())
        planned = services.plan_infusion(actor=None, course=course, planned_for=local(TODAY, 13))
        answer = self.change(signed_in, planned, status="in_progress")
        assert (answer.status_code, "There is no valid consent" in answer.content.decode()) == (422, True)
        assert self.change(signed_in, planned, status="in_progress", override_reason="On paper").status_code == 303

    def test_a_crossed_dose_needs_a_reason(self, signed_in: Client, planned: Infusion) -> None:
        dose = {"weight_kg": "80", "dose_mg_per_kg": "1.6", "dose_mg_ordered": "128"}
        assert self.change(signed_in, planned, status="in_progress", **dose).status_code == 422
        planned.refresh_from_db()
        assert planned.status == Status.PLANNED
        assert self.change(signed_in, planned, status="in_progress", **dose, override_reason="Why").status_code == 303

    def test_a_step_that_is_not_possible_is_refused(self, signed_in: Client, planned: Infusion) -> None:
        assert self.change(signed_in, planned, status="completed", dose_mg_given="40").status_code == 422

    def test_somebody_else_was_first(self, signed_in: Client, planned: Infusion) -> None:
        assert self.change(signed_in, planned, status="no_show", reason="Flu").status_code == 303
        stale = self.change(signed_in, planned, status="cancelled", reason="Rain")
        assert stale.status_code in {409, 422}
        planned.refresh_from_db()
        assert planned.status == Status.NO_SHOW


class TestCorrecting:
    @pytest.fixture
    def infusion(self, course: Course) -> Infusion:
        return services.record_infusion(
            actor=None, course=course, now=NOW, started_at=local(TODAY, 14), intention="Calm",
            weight_kg=Decimal(80), dose_mg_per_kg=Decimal("0.5"), dose_mg_given=Decimal(40), minutes=Decimal(40),
        )  # fmt: skip

    def correct(self, client: Client, infusion: Infusion, **fields: str) -> Any:
        usual = {"version": "1", "reason": "Misread", "weight_kg": "80", "dose_mg_per_kg": "0.5", "intention": "Calm"}
        data = {**session(dose_mg_ordered="", dose_mg_given="40", eye_mask="not_recorded"), **usual, **fields}
        return client.post(address("infusion_correct", infusion.course, infusion), data)

    def test_the_page_shows_what_is_on_record(self, signed_in: Client, infusion: Infusion) -> None:
        text = signed_in.get(address("infusion_correct", infusion.course, infusion)).content.decode()
        for value in ('value="80"', 'value="0.5"', 'value="2026-06-01T14:00"', ">\nCalm</textarea>"):
            assert value in text

    def test_a_correction_has_a_reason_and_keeps_old_and_new(self, signed_in: Client, infusion: Infusion) -> None:
        assert "Say why" in self.correct(signed_in, infusion, dose_mg_given="41", reason=" ").content.decode()
        assert self.correct(signed_in, infusion, dose_mg_given="41").status_code == 303
        detail = AuditEvent.objects.get(action="amend infusion").detail
        assert detail == {"reason": "Misread", "changes": {"dose_mg_given": ["40.00", "41"]}}
        page = signed_in.get(address("infusion", infusion.course, infusion)).content.decode()
        assert "Corrected: dose mg given" in page
        assert "Misread" in page

    def test_two_people_see_both_texts(self, signed_in: Client, infusion: Infusion) -> None:
        assert self.correct(signed_in, infusion, intention="Peace").status_code == 303
        stale = self.correct(signed_in, infusion, intention="Rest", started_at="2026-06-01T14:05")
        text = stale.content.decode()
        assert stale.status_code == 409
        assert "Peace" in text
        assert "Rest" in text
        assert "2026-06-01 14:00" in text, "both on the clinic's clock"
        assert 'name="version" value="2"' in text
        infusion.refresh_from_db()
        assert infusion.intention == "Peace"
        assert self.correct(signed_in, infusion, intention="Rest", version="2").status_code == 303

    def test_a_limit_that_only_the_correction_crosses_needs_a_reason(
        self, signed_in: Client, infusion: Infusion
    ) -> None:
        dose = {"dose_mg_per_kg": "1.6", "dose_mg_given": "128"}
        assert self.correct(signed_in, infusion, **dose).status_code == 422
        assert self.correct(signed_in, infusion, **dose, override_reason="Truly given").status_code == 303
        infusion.refresh_from_db()
        assert infusion.limits_overridden_reason == "Truly given"
        again = self.correct(signed_in, infusion, **dose, version="2", intention="Rest")
        assert again.status_code == 303, "what was signed is not signed again"

    @pytest.mark.parametrize(
        ("status", "fields"),
        [
            ("planned", {"planned_for", "prescriber", "preparation_note", "intention"}),
            ("cancelled", {"planned_for", "prescriber", "status_reason"}),
        ],
    )
    def test_before_and_without_a_start_there_is_less_to_correct(
        self, signed_in: Client, course: Course, status: str, fields: set[str]
    ) -> None:
        infusion = make_infusion(
            course, TODAY, status=status, started_at=None, dose_mg_given=None, planned_for=local(TODAY), minutes=None
        )
        page = signed_in.get(address("infusion_correct", course, infusion))
        assert set(page.context["form"].fields) == {*fields, "reason", "version"}
        data = {"version": "1", "reason": "Typo", "planned_for": "2026-06-01T11:00", "status_reason": "Flu"}
        assert signed_in.post(address("infusion_correct", course, infusion), data).status_code == 303

    def test_bad_amounts_change_nothing(self, signed_in: Client, infusion: Infusion) -> None:
        names = ("weight_kg", "dose_mg_given", "minutes")
        for what, value in bad_values("amount"):
            typed = value[:100_000]
            answer = self.correct(signed_in, infusion, **dict.fromkeys(names, typed))
            infusion.refresh_from_db()
            assert (answer.status_code, infusion.version) == (422, 1), what
            text = answer.content.decode()
            assert text.count(escape(typed[:200])) >= len(names)
            assert all(f'id="id_{name}_error"' in text for name in names), what

    @pytest.mark.parametrize("version", ["", "x", "-1", "9" * 30, "\x00"])
    def test_a_lost_version_changes_nothing(self, signed_in: Client, infusion: Infusion, version: str) -> None:
        assert self.correct(signed_in, infusion, version=version).status_code in {409, 422}


class TestMovingAndVoiding:
    def test_two_identifiers_then_the_course(self, signed_in: Client, course: Course) -> None:
        infusion, there = make_infusion(course, date(2026, 5, 20)), make_course(make_patient())
        where = address("infusion_move", course, infusion)
        typed = {"version": "1", "mrn": there.patient.mrn, "date_of_birth": "1984-08-03", "reason": "Wrong chart"}
        wrong = signed_in.post(where, {**typed, "date_of_birth": "1984-08-04"})
        assert (wrong.status_code, "No patient has this MRN" in wrong.content.decode()) == (422, True)
        found = signed_in.post(where, typed)
        assert (found.status_code, "Course 1" in found.content.decode()) == (200, True)
        assert "Nothing was saved yet" not in found.content.decode()
        nowhere = signed_in.post(where, {**typed, "course": ""})
        assert (nowhere.status_code, "Choose the course" in nowhere.content.decode()) == (422, True)
        foreign = signed_in.post(where, {**typed, "course": course.public_id})
        assert foreign.status_code == 422, "a course of another patient than the one named"
        moved = signed_in.post(where, {**typed, "course": there.public_id})
        assert moved.headers["Location"] == address("infusion", there, infusion)
        infusion.refresh_from_db()
        assert (infusion.course, infusion.version) == (there, 2)

    def test_a_moved_infusion_is_not_moved_from_a_stale_page(self, signed_in: Client, course: Course) -> None:
        infusion, second = make_infusion(course, date(2026, 5, 20)), make_course(course.patient, 2)
        typed = {"mrn": course.patient.mrn, "date_of_birth": "1984-08-03", "reason": "Wrong course"}
        where = address("infusion_move", course, infusion)
        assert signed_in.post(where, {**typed, "version": "1", "course": second.public_id}).status_code == 303
        assert signed_in.post(where, {**typed, "version": "1", "course": course.public_id}).status_code == 409
        assert signed_in.post(where, {**typed, "version": "2", "course": second.public_id}).status_code == 422

    @pytest.mark.parametrize("name", ["mrn", "reason"])
    @pytest.mark.parametrize("typed", [value for _name, value in bad_values("text")], ids=["NUL", "1 MB"])
    def test_bad_text_moves_nothing(self, signed_in: Client, course: Course, name: str, typed: str) -> None:
        infusion = make_infusion(course, date(2026, 5, 20))
        data = {"version": "1", "mrn": "TM-1", "date_of_birth": "1984-08-03", "reason": "Wrong", name: typed}
        assert signed_in.post(address("infusion_move", course, infusion), data).status_code == 422

    def test_voiding_needs_a_reason_and_closes_the_record(self, signed_in: Client, course: Course) -> None:
        infusion = make_infusion(course, date(2026, 5, 20))
        where = address("infusion_void", course, infusion)
        assert signed_in.post(where, {"reason": " "}).status_code == 422
        assert signed_in.post(where, {"reason": "Entered twice"}).status_code == 303
        again = signed_in.post(where, {"reason": "Entered twice"})
        assert (again.status_code, again.headers["Location"]) == (303, address("infusion", course, infusion))
        page = signed_in.get(address("infusion", course, infusion)).content.decode()
        assert "Voided on 1 Jun 2026, 16:00" in page
        assert "Entered twice" in page
        assert address("infusion_correct", course, infusion) not in page
        assert signed_in.get(address("infusion_correct", course, infusion)).status_code == 303
        assert AuditEvent.objects.filter(action="void infusion").count() == 1


@pytest.mark.parametrize("name", ["infusion_new", "infusion", "check_dose"])
def test_queries_do_not_grow_with_earlier_infusions(signed_in: Client, course: Course, name: str) -> None:
    shown = make_infusion(course, date(2026, 5, 31))

    def asked() -> int:
        where = address(name, course, shown if name == "infusion" else None)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            answer = signed_in.post(where, session()) if name == "check_dose" else signed_in.get(where)
        assert answer.status_code == 200
        return len(queries)

    def add(count: int, before: date) -> None:
        starts = [local(before) - timedelta(days=day) for day in range(count)]
        Infusion.objects.bulk_create(
            Infusion(course=course, status="completed", started_at=start, dose_mg_given=40, weight_kg=80)
            for start in starts
        )

    add(5, date(2026, 5, 30))
    asked()  # the read is noted once
    few = asked()
    add(495, date(2026, 5, 20))
    assert asked() == few
    assert few <= 22
