"""The page of a patient: what each role sees of her, what the timeline draws, and that it says what the records say."""

import json
import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from unittest.mock import patch

import pytest
from builders import NOW, answers_of, local, make_course, make_infusion, make_patient, make_pcl5, make_treated_patient
from builders import make_user as make_user_
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessments.models import Assessment
from assessments.services import build_assessment, correct_assessment, move_assessment, void_assessment
from clinic.audit.models import AuditEvent
from clinic.outcomes.criteria import PRESETS, Criteria
from clinic.outcomes.models import CourseOutcome, PatientOutcomeState, WindowOutcome
from clinic.outcomes.selectors import criteria_in_force
from clinic.outcomes.services import adopt_criteria
from clinic.pages.given_infusions import given_infusions, received_mg_per_kg
from clinic.pages.patient_events import words_of
from clinic.pages.status_line import course_windows
from clinic.pages.timeline import timeline
from clinic.pages.timeline_chart import response_line
from clinic.policy import Role
from infusions.models import AdverseEvent, Infusion, IntegrationNote, Phase, Status, VitalSigns
from infusions.services import plan_infusion, void_course, void_infusion
from patients.models import IndexEvent, Patient, PriorTreatment, PsychotherapyEpisode, YesNo

pytestmark = pytest.mark.django_db

TABS = (
    "patient",
    "patient_courses",
    "patient_sessions",
    "patient_questionnaires",
    "patient_notes",
    "patient_who_looked",
)


def signed_in(role: Role) -> Client:
    client = Client()
    client.force_login(make_user_(role))
    return client


def get(role: Role, patient: Patient, tab: str = "patient", **query: str) -> str:
    response = signed_in(role).get(reverse(f"pages:{tab}", args=[patient.public_id]), query)
    assert response.status_code == 200
    return re.sub(r"\s+", " ", response.content.decode())


def chart_of(page: str) -> dict[str, Any]:
    found = re.search(r'<script id="timeline-data" type="application/json">(.*?)</script>', page)
    assert found
    return dict(json.loads(found[1]))


def table_rows(page: str, section: str) -> list[list[str]]:
    """The cells of the table in the section with this id, in words."""
    body = page.split(f'id="{section}"')[1].split("<tbody>")[1].split("</tbody>")[0]
    rows = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in body.split("</tr>")[:-1]]
    return [[re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", cell)).strip() for cell in row] for row in rows]


# The header


def test_a_response_is_said_with_its_reason_window_and_definitions() -> None:
    patient = make_treated_patient(54, 35)
    page = get(Role.CLINICIAN, patient)
    assert "Response, not remission" in page
    assert "54 → 35 on 3 Apr 2025 (−19), day 21 after the last infusion." in page
    assert "Remission needs a total below 33." in page
    assert "Primary window, days 14–31 · monthly form" in page
    assert "VA-10/33, settings v1 · provisional, not a diagnosis" in page
    assert "nothing pending" in page


def test_a_patient_without_anything_is_told_what_to_do() -> None:
    patient = make_patient()
    page = get(Role.CLINICIAN, patient)
    assert "Not started" in page
    assert "No infusion of an induction course was given yet." in page
    assert "Enter the baseline PCL-5" in page
    assert "Allergies not recorded" in page
    assert "timeline-data" not in page
    for tab, words in zip(
        TABS[1:5], ("No course yet", "No session yet", "No questionnaire yet", "No note yet"), strict=True
    ):
        assert words in get(Role.MEDICAL_DIRECTOR, patient, tab)


@pytest.mark.parametrize(
    ("written", "shown", "look"),
    [
        ("", "Allergies not recorded", "tm-flag--warn"),
        ("None known.", "Allergies: none known.", 'class="tm-flag"'),
        ("ondansetron\n(rash)", "Allergy: ondansetron (rash)", "tm-flag--danger"),
        ("<b>nickel</b>", "Allergy: &lt;b&gt;nickel&lt;/b&gt;", "tm-flag--danger"),
    ],
)
def test_allergies_stand_beside_the_name(written: str, shown: str, look: str) -> None:
    page = get(Role.INTAKE, make_patient(allergies=written))
    flags = page.split('class="tm-patient__flags">')[1].split('class="tm-actions"')[0]
    assert shown in flags
    assert look in flags


def test_death_and_inactivity_are_said_and_the_age_stands_still() -> None:
    patient = make_patient(died_on=date(2024, 8, 2), active=False)
    page = get(Role.INTAKE, patient)
    assert "Died 2 Aug 2024" in page
    assert "Inactive" in page
    assert "aged 39 y" in page


def test_the_answer_to_item_16_of_the_latest_form_asks_for_review() -> None:
    patient = make_patient()
    risky = answers_of(40)
    risky[15] = 3
    make_pcl5(patient, date(2025, 2, 1), 40)
    form = make_pcl5(patient, date(2025, 3, 1), 40, answers=risky)
    page = get(Role.INTAKE, patient)
    assert "Item 16: 3 of 4 on 1 Mar 2025, review" in page
    assert reverse("assessments:assessment", args=[patient.public_id, form.public_id]) in page
    make_pcl5(patient, date(2025, 3, 8), 40)
    assert "Item 16: 3 of 4" not in get(Role.INTAKE, patient), "a later form stands in its place"


def test_a_rise_over_the_baseline_asks_for_review_and_stays_readable_when_past() -> None:
    patient = make_treated_patient(45, 58)
    page = get(Role.INTAKE, patient)
    assert "Worsened" in page
    assert "13 points over baseline on 3 Apr 2025, review" in page
    make_pcl5(patient, date(2025, 5, 20), 30)
    page = get(Role.INTAKE, patient)
    assert "review" not in page.split('class="tm-patient__flags">')[1].split('class="tm-actions"')[0]
    assert "Was 10 or more points over baseline on 3 Apr 2025" in page


def test_failed_trials_are_for_those_who_may_see_the_history() -> None:
    patient = make_patient()
    for outcome in (PriorTreatment.Outcome.NONE, PriorTreatment.Outcome.PARTIAL, PriorTreatment.Outcome.RESPONSE):
        PriorTreatment.objects.create(patient=patient, treatment="x", adequate_trial=YesNo.YES, outcome=outcome)
    PriorTreatment.objects.create(patient=patient, treatment="y", adequate_trial=YesNo.NO, outcome="none")
    PriorTreatment.objects.create(
        patient=patient, treatment="z", adequate_trial=YesNo.YES, outcome="none", voided_at=NOW, void_reason="twice"
    )
    assert "2 adequate trials failed" in get(Role.CLINICIAN, patient)
    assert "adequate trials" not in get(Role.INTAKE, patient)


def test_outcomes_older_than_the_records_are_computed_before_the_page_is_shown() -> None:
    patient, other = make_treated_patient(54, 30), make_treated_patient(54, 30)
    assert not PatientOutcomeState.objects.exists()
    assert "Remission" in get(Role.INTAKE, patient)
    assert [state.patient_id for state in PatientOutcomeState.objects.all()] == [patient.pk], f"not {other.pk}"
    with patch("clinic.pages.freshness.recompute_patients", side_effect=AssertionError("not again")):
        get(Role.INTAKE, patient)


def test_new_criteria_are_applied_before_the_page_is_shown() -> None:
    patient = make_treated_patient(54, 30)
    assert "Remission" in get(Role.INTAKE, patient)
    adopt_criteria(actor=None, criteria=PRESETS["Marx-15/28"], reason="stricter", now=NOW)
    page = get(Role.INTAKE, patient)
    assert "Response, not remission" in page
    assert "Marx-15/28, settings v2" in page
    assert chart_of(page)["remission"] == 29


def test_a_patient_whose_outcomes_fail_still_has_a_page_that_says_so() -> None:
    patient = make_treated_patient(54, 30)
    get(Role.INTAKE, patient)
    make_pcl5(patient, date(2025, 5, 20), 50)
    with patch("clinic.pages.freshness.recompute_patients", side_effect=KeyError("x")):
        page = get(Role.INTAKE, patient)
    assert "1 change not counted yet" in page
    PatientOutcomeState.objects.update(failed_reason="KeyError: 'x'", record_version=99)
    assert "Outcomes could not be computed." in get(Role.INTAKE, patient)


@pytest.mark.parametrize(
    ("role", "tabs", "actions"),
    [
        (Role.INTAKE, ("Overview", "Courses", "Questionnaires"), ("Enter PCL-5", "Edit details", "Consents")),
        (
            Role.CLINICIAN,
            ("Overview", "Courses", "Sessions", "Questionnaires", "Notes", "Letters"),
            (
                "Log infusion",
                "Enter PCL-5",
                "Edit details",
                "History",
                "Consents",
                "Progress letter",
                "Plan infusion",
                "Open another course",
            ),
        ),
    ],
)
def test_tabs_and_actions_are_those_of_the_role(role: Role, tabs: tuple[str, ...], actions: tuple[str, ...]) -> None:
    page = get(role, make_treated_patient())
    shown = re.findall(r"<a [^>]*>(\w[\w ]*?)(?: <span class=\"tm-count\">|</a>)", page.split('class="tm-tabs"')[1])
    assert tuple(shown[: len(tabs)]) == tabs
    buttons = (
        page.split('class="tm-patient__row"')[1].split('class="tm-patient__status"')[0].split('class="tm-actions"')[1]
    )
    assert tuple(re.findall(r"</svg>([^<>]+)</a>", buttons)) == actions


def test_without_an_open_course_one_can_be_opened() -> None:
    patient = make_patient()
    assert "Open course" in get(Role.CLINICIAN, patient)
    make_course(patient, closed_on=date(2025, 2, 1))
    assert "Open course" in get(Role.CLINICIAN, patient)
    assert "Open course" not in get(Role.INTAKE, patient)


# The timeline


def test_the_chart_and_the_table_hold_the_same_readings() -> None:
    patient = make_treated_patient(54, 35)
    make_pcl5(patient, date(2025, 1, 10), 52)
    make_pcl5(patient, date(2025, 3, 10), 47, "week")
    page = get(Role.CLINICIAN, patient)
    rows = table_rows(page, "readings")
    assert [(row[0], row[1], row[2], row[3], row[8], row[9]) for row in rows] == [
        ("3 Apr 2025", "31", "Monthly", "35", "−19", "Primary, day 21"),
        ("10 Mar 2025", "7", "Weekly", "47", "−7", "During series"),
        ("20 Feb 2025", "−11", "Monthly", "54", "—", "Baseline"),
        ("10 Jan 2025", "−52", "Monthly", "52", "—", "Screening"),
    ]
    chart = chart_of(page)
    drawn = [(x, total, recall, day, change, used) for x, total, recall, *_, day, change, used in chart["readings"]]
    assert drawn == [
        (-52, 52, 30, -52, None, "Screening"),
        (-11, 54, 30, -11, None, "Baseline"),
        (7, 47, 7, 7, -7, "During series"),
        (31, 35, 30, 31, -19, "Primary, day 21"),
    ]
    assert "19 points lower than at baseline; 3 above the line for remission" in page


def test_the_lines_of_the_chart_come_from_the_criteria_in_force() -> None:
    patient = make_treated_patient(54, 35)
    chart = chart_of(get(Role.CLINICIAN, patient))
    [course] = chart["courses"]
    assert (chart["cut"], chart["remission"], chart["scale"]) == (33, 33, 80)
    assert (course["baseline"], course["band"], course["response"]) == ([-11, 54], [39, 69], 44)
    assert course["primary"] == [24, 41], "days 14 to 31 after the last infusion, which was on day 10"
    adopt_criteria(actor=None, criteria=PRESETS["Percent-50/33"], reason="as in the trial", now=NOW)
    [course] = chart_of(get(Role.CLINICIAN, patient))["courses"]
    assert (course["response"], course["response_rule"]) == (27, "−50 %")


@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_the_response_line_is_the_highest_total_that_responds(preset: str) -> None:
    criteria = PRESETS[preset]
    for baseline in range(81):
        line, _ = response_line(baseline, criteria)
        responding = [total for total in range(baseline + 1) if responds(baseline, total, criteria)]
        assert line == (max(responding) if responding else None), baseline


def responds(baseline: int, total: int, criteria: Criteria) -> bool:
    if criteria.response_percent is not None:
        return baseline > 0 and 100 * (baseline - total) >= criteria.response_percent * baseline
    assert criteria.response_points is not None
    return baseline - total >= criteria.response_points


@pytest.mark.parametrize(
    ("endpoint", "title"),
    [
        (30, "24 points lower than at baseline; below the line for remission"),
        (54, "The same total as at baseline; 22 above the line for remission"),
        (55, "1 point higher than at baseline; 23 above the line for remission"),
        (None, "Baseline 54; no PCL-5 since the first infusion on 3 Mar 2025"),
    ],
)
def test_the_title_says_what_the_chart_shows(endpoint: int | None, title: str) -> None:
    assert title in get(Role.INTAKE, make_treated_patient(54, endpoint))


def test_readings_before_any_infusion_are_drawn() -> None:
    patient = make_patient()
    make_pcl5(patient, date(2025, 2, 20), 50)
    page = get(Role.INTAKE, patient)
    assert "No infusion yet: readings before treatment" in page
    assert table_rows(page, "readings")[0][9] == "Before any infusion"
    assert chart_of(page)["courses"] == []


def test_a_prorated_total_is_marked_and_an_incomplete_form_is_named_but_not_drawn() -> None:
    patient = make_patient()
    answers: list[int | None] = [2] * 20
    answers[0] = None
    make_pcl5(patient, date(2025, 2, 20), 0, answers=answers)
    answers[1] = None
    make_pcl5(patient, date(2025, 2, 25), 0, answers=answers)
    page = get(Role.INTAKE, patient)
    [row] = table_rows(page, "readings")
    assert (row[0], row[3], row[4]) == ("20 Feb 2025", "40*", "—")
    assert "1 incomplete form has no total and is not shown here" in page
    assert [reading[3] for reading in chart_of(page)["readings"]] == [True]


def test_replaced_voided_and_moved_forms_are_in_neither_but_stay_readable() -> None:
    patient, other = make_patient(), make_patient(family_name="Othername")
    wrong = make_pcl5(patient, date(2025, 2, 1), 50)
    right = correct_assessment(actor=None, assessment=wrong, now=NOW, reason="typing slip", answers=answers_of(51))
    voided = void_assessment(actor=None, assessment=make_pcl5(patient, date(2025, 2, 2), 60), reason="a dog", now=NOW)
    moved = make_pcl5(patient, date(2025, 2, 3), 70)
    there = move_assessment(actor=None, assessment=moved, to_patient=other, now=NOW, reason="wrong patient")
    page = get(Role.INTAKE, patient)
    assert [row[3] for row in table_rows(page, "readings")] == ["51"]
    assert [reading[1] for reading in chart_of(page)["readings"]] == [51]
    forms = get(Role.INTAKE, patient, "patient_questionnaires")
    for form in (wrong, right, voided, moved):
        assert reverse("assessments:assessment", args=[patient.public_id, form.public_id]) in forms
    for words in ("by its correction", "typing slip", "a dog", "to another patient: wrong patient"):
        assert words in forms
    for private in (there.public_id, other.public_id, "Othername"):
        assert private not in forms


def test_a_form_of_the_first_day_after_the_start_is_not_used() -> None:
    patient = make_treated_patient(54, None)
    make_pcl5(patient, date(2025, 3, 3), 20, "week", completed_at=local(date(2025, 3, 3), 12))
    make_pcl5(patient, date(2025, 3, 3), 50, completed_at=local(date(2025, 3, 3), 9))
    make_pcl5(patient, date(2025, 4, 3), 30)
    rows = table_rows(get(Role.INTAKE, patient), "readings")
    assert [(row[1], row[8], row[9]) for row in rows] == [
        ("31", "−20", "Primary, day 21"),
        ("0", "—", "Baseline"),
        ("0", "—", "After the start, not used"),
        ("−11", "—", "Screening"),
    ]


def test_a_weekly_form_of_the_first_day_before_the_start_is_no_baseline_beside_a_monthly_one() -> None:
    patient = make_treated_patient(54, None)
    make_pcl5(patient, date(2025, 3, 3), 20, "week")
    assert table_rows(get(Role.INTAKE, patient), "readings")[0][9] == "Before the start"


def test_readings_of_different_index_events_are_not_compared() -> None:
    patient = make_patient()
    events = [IndexEvent.objects.create(patient=patient, description=text) for text in "ab"]
    course = make_course(patient)
    make_infusion(course, date(2025, 3, 3))
    make_pcl5(patient, date(2025, 2, 20), 54, index_event=events[0])
    make_pcl5(patient, date(2025, 3, 20), 30, index_event=events[1])
    rows = table_rows(get(Role.INTAKE, patient), "readings")
    assert [(row[8], row[9]) for row in rows] == [("—", "Other index event, not compared"), ("—", "Baseline")]


def test_two_courses_name_theirs_and_a_reading_can_serve_both() -> None:
    patient = make_treated_patient(54, 35)
    make_pcl5(patient, date(2025, 6, 11), 50)
    again = make_course(patient, 2)
    make_infusion(again, date(2025, 6, 20))
    make_pcl5(patient, date(2025, 7, 4), 30)
    page = get(Role.INTAKE, patient)
    assert [(row[1], row[8], row[9]) for row in table_rows(page, "readings")] == [
        ("14", "−20", "Course 2: Primary, day 14"),
        ("−9", "—", "Course 2: Baseline · Course 1: 3 months, day 90, −4"),
        ("31", "−19", "Course 1: Primary, day 21"),
        ("−11", "—", "Course 1: Baseline"),
    ]
    assert [course["start"] for course in chart_of(page)["courses"]] == [-109, 0]


def test_every_row_agrees_with_the_stored_outcomes_of_a_whole_clinic() -> None:
    """Baselines, endpoints and latest readings were decided elsewhere: no row may say otherwise."""
    call_command("make_clinic", patients=40, seed=7, detail="core", until=date(2026, 3, 1), verbosity=0)
    criteria, compared = criteria_in_force().criteria(), 0
    for patient in Patient.objects.order_by("pk"):
        outcomes = list(CourseOutcome.objects.filter(patient=patient).order_by("first_infusion_on", "course_id"))
        given = given_infusions(patient.pk, doses=True)
        seen = timeline(patient.pk, outcomes, course_windows(outcomes), given, criteria)
        rows = {row.reading.id: row for row in seen.rows}
        for outcome in outcomes:
            if outcome.baseline_id:
                assert "Baseline" in rows[outcome.baseline_id].used_as
                assert rows[outcome.baseline_id].reading.total == outcome.baseline_total
            for window in WindowOutcome.objects.filter(outcome=outcome, endpoint_id__isnull=False).order_by("window"):
                row = rows[window.endpoint_id]
                assert row.reading.total == window.endpoint_total
                if row.outcome is outcome:
                    assert row.change == (None if window.reduction is None else -window.reduction)
                    compared += 1
    assert compared > 100


# Infusions


def make_dosed_patient() -> Patient:
    patient = make_treated_patient(54, 35)
    infusion = Infusion.objects.of_patient(patient.pk).order_by("started_at").first()
    Infusion.objects.filter(pk=infusion.pk).update(dose_mg_given=Decimal("41.7"), intention="To let the day end")
    for systolic, diastolic in ((151, 94), (138, 99)):
        VitalSigns.objects.create(
            infusion=infusion, taken_at=infusion.started_at, systolic_mmhg=systolic, diastolic_mmhg=diastolic
        )
    VitalSigns.objects.create(
        infusion=infusion, taken_at=NOW, systolic_mmhg=200, diastolic_mmhg=100, voided_at=NOW, void_reason="cuff"
    )
    AdverseEvent.objects.create(infusion=infusion, term="Nausea", started_at=NOW, ctcae_grade=1)
    return patient


def test_infusions_are_listed_with_dose_pressure_and_events() -> None:
    patient = make_dosed_patient()
    page = get(Role.CLINICIAN, patient)
    rows = table_rows(page, "infusions")
    assert rows[0] == ["1 of 6", "3 Mar 2025", "0.52", "41.7", "151/94", "Nausea, grade 1"]
    assert rows[1] == ["2 of 6", "6 Mar 2025", "0.5", "40", "—", "—"]
    assert [(x, place, dose) for x, place, _, dose, _ in chart_of(page)["infusions"]] == [
        (0, "1 of 6", 0.52),
        (3, "2 of 6", 0.5),
        (7, "3 of 6", 0.5),
        (10, "4 of 6", 0.5),
    ]


def test_intake_sees_when_infusions_were_and_nothing_else_of_them() -> None:
    patient = make_dosed_patient()
    page = get(Role.INTAKE, patient)
    assert table_rows(page, "infusions")[0] == ["1 of 6", "3 Mar 2025"]
    assert chart_of(page)["infusions"][0] == [0, "1 of 6", 1]
    infusion = Infusion.objects.of_patient(patient.pk).order_by("started_at").first()
    for private in ("41.7", "0.52", "mg given", "151/94", "Nausea", "To let the day end", infusion.public_id):
        assert private not in page
    courses = get(Role.INTAKE, patient, "patient_courses")
    assert "4 of 6 planned" in courses
    assert "Log infusion" not in courses


@pytest.mark.parametrize(
    ("given", "weight", "ordered", "expected"),
    [
        ("41.2", "82.4", "0.5", "0.50"),
        ("20", "80", "0.5", "0.25"),
        ("40", None, "0.5", "0.5"),
        (None, "80", None, None),
    ],
)
def test_mg_per_kg_is_what_went_in(
    given: str | None, weight: str | None, ordered: str | None, expected: str | None
) -> None:
    values = [None if value is None else Decimal(value) for value in (given, weight, ordered)]
    assert received_mg_per_kg(*values) == (None if expected is None else Decimal(expected))


def test_the_sessions_tab_has_planned_given_and_voided_ones() -> None:
    patient = make_dosed_patient()
    course = Infusion.objects.of_patient(patient.pk).order_by("pk").first().course
    plan_infusion(actor=None, course=course, planned_for=local(date(2026, 6, 2)))
    mistake = make_infusion(course, date(2025, 3, 17))
    void_infusion(actor=None, infusion=mistake, reason="another patient's", now=NOW)
    make_infusion(
        course, date(2025, 3, 18), status=Status.STOPPED_EARLY, dose_mg_given=10, status_reason="wanted to stop"
    )
    page = get(Role.CLINICIAN, patient, "patient_sessions")
    rows = table_rows(page, "main")
    assert [(row[0], row[2], row[4]) for row in rows[:4]] == [
        ("2 Jun 2026, 10:00", "—", "—"),
        ("18 Mar 2025, 10:00", "5 of 6", "0.13"),
        ("17 Mar 2025, 10:00", "—", "0.5"),
        ("13 Mar 2025, 10:00", "4 of 6", "0.5"),
    ]
    assert "another patient&#x27;s" in page
    assert "wanted to stop" in page


def test_the_courses_tab_says_what_came_of_each_and_offers_what_can_be_done() -> None:
    patient = make_treated_patient(54, 35)
    booster = make_course(patient, 2, phase=Phase.BOOSTER, closed_on=date(2025, 9, 1))
    mistake = void_course(actor=None, course=make_course(patient, 3), reason="twice", now=NOW)
    page = get(Role.CLINICIAN, patient, "patient_courses")
    assert "54 → 35 (−19)" in page
    assert "a booster course has no outcome of its own" in page.lower()
    first = page.split("Course 1, induction")[1]
    for name in ("course_close", "course_withdraw", "course_void", "infusion_plan", "infusion_new"):
        assert f"{reverse('pages:patient', args=[patient.public_id])}courses/" in first, name
    assert f"{booster.public_id}/close/" not in page
    assert f"{mistake.public_id}/void/" not in page
    assert "Voided" in page
    assert ": twice" in page
    assert "twice" not in get(Role.INTAKE, patient, "patient_courses")


# The rest of the overview, and the other tabs


def test_what_comes_next_is_told_by_dates_and_today(time_machine: Any) -> None:
    patient = make_treated_patient(54, 35)
    PsychotherapyEpisode.objects.create(patient=patient, modality="EMDR", started_on=date(2025, 1, 1))
    time_machine.move_to(local(date(2025, 5, 20)))
    page = get(Role.CLINICIAN, patient).split('id="next-title"')[1].split("</section>")[0]
    for words in (
        "PCL-5, 3 months",
        "12 May – 11 Jul 2025",
        "open, 52 days left",
        "4 of 6 given",
        "EMDR",
        "since 1 Jan 2025",
    ):
        assert words in page
    assert "Missed" in page, "no form at the end of the series"
    assert "EMDR" not in get(Role.INTAKE, patient)


def test_answers_to_watch_are_the_highest_and_item_16_at_baseline_and_now() -> None:
    patient = make_treated_patient(54, None)
    answers: list[int | None] = [0] * 20
    answers[4], answers[9], answers[19], answers[15] = 3, 4, 2, 1
    make_pcl5(patient, date(2025, 4, 3), 0, answers=answers)
    page = get(Role.INTAKE, patient).split('id="watched-title"')[1].split("</section>")[0]
    shown = re.findall(
        r'<th scope="row">(\d+) .*?</th> <td class="tm-num">(.*?)</td> <td class="tm-num tm-strong">(.*?)</td>', page
    )
    assert shown == [("10", "3", "4"), ("5", "3", "3"), ("20", "2", "2"), ("16", "2", "1")]


def test_notes_are_together_the_latest_first_and_inert() -> None:
    patient = make_dosed_patient()
    infusion = Infusion.objects.of_patient(patient.pk).order_by("started_at").first()
    author = make_user_(Role.CLINICIAN)
    IntegrationNote.objects.create(infusion=infusion, text="<script>alert(1)</script>", entered_by=author)
    IntegrationNote.objects.create(infusion=infusion, text="Not hers", voided_at=NOW, void_reason="wrong chart")
    page = get(Role.CLINICIAN, patient, "patient_notes")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>alert" not in page
    assert str(author) in page
    assert page.index("alert(1)") < page.index("To let the day end")
    assert "voided: wrong chart" in page
    overview = get(Role.CLINICIAN, patient)
    assert "Not hers" not in overview
    assert "To let the day end" in overview
    assert 'class="tm-count">2<' in overview.split(">Notes")[1][:60]


def test_who_looked_names_people_pages_and_changes() -> None:
    patient = make_patient()
    get(Role.INTAKE, patient, "patient_questionnaires")
    AuditEvent.objects.create(actor_name="L. Reader", action="denied note.view", patient_id=patient.pk, allowed=False)
    AuditEvent.objects.create(
        actor_name="L. Writer",
        action="update patient",
        patient_id=patient.pk,
        detail={"changes": {"phone": ["", "<i>1</i>"]}},
    )
    page = get(Role.MEDICAL_DIRECTOR, patient, "patient_who_looked")
    rows = table_rows(page, "main")
    assert [row[1:4] for row in rows] == [
        ["L. Writer", "Update patient", "Yes"],
        ["L. Reader", "Was refused: note, view", "Refused"],
        ["Lena Marchetti", "Looked at: questionnaires", "Yes"],
        ["Tidemark", "Register patient", "Yes"],
    ]
    assert "phone: nothing → &lt;i&gt;1&lt;/i&gt;" in page


@pytest.mark.parametrize(
    ("action", "words"),
    [
        ("read pages:patient", "Looked at: overview"),
        ("read other:some_page", "Looked at: some page"),
        ("record infusion", "Record infusion"),
    ],
)
def test_actions_are_said_in_words(action: str, words: str) -> None:
    assert words_of(action) == words


@pytest.mark.parametrize("tab", TABS)
def test_nothing_of_another_patient_is_shown(tab: str) -> None:
    other = make_dosed_patient()
    infusion = Infusion.objects.of_patient(other.pk).order_by("started_at").first()
    IntegrationNote.objects.create(infusion=infusion, text="Somebody else's")
    AuditEvent.objects.create(actor_name="S. Else", action="update patient", patient_id=other.pk)
    page = get(Role.MEDICAL_DIRECTOR, make_patient(), tab)
    ids = [other.public_id, infusion.public_id, infusion.course.public_id]
    ids += Assessment.objects.order_by("pk").values_list("public_id", flat=True)
    for private in (*ids, "Somebody else", "S. Else", "41.7", "3 Mar 2025", "20 Feb 2025"):
        assert private not in page


# Many records


def make_long_record(encounters: int) -> Patient:
    """So many forms, infusions with vitals and notes, one a day each."""
    patient = make_patient()
    course = make_course(patient, planned_infusions=6, opened_on=date(2024, 1, 1))
    first = date(2024, 1, 10)
    make_pcl5(patient, first - timedelta(days=3), 60)
    forms = [
        build_assessment(
            patient=patient,
            instrument="pcl5",
            form="week",
            completed_on=first + timedelta(days=number),
            answers=answers_of(40),
        )
        for number in range(1, encounters)
    ]
    Assessment.objects.bulk_create(forms)
    infusions = Infusion.objects.bulk_create(
        Infusion(
            course=course, status=Status.COMPLETED, started_at=local(first + timedelta(days=number)), minutes=40,
            weight_kg=80, dose_mg_given=40, intention="To rest",
        )
        for number in range(encounters)
    )  # fmt: skip
    VitalSigns.objects.bulk_create(
        VitalSigns(infusion=one, taken_at=one.started_at, systolic_mmhg=130, diastolic_mmhg=80) for one in infusions
    )
    IntegrationNote.objects.bulk_create(IntegrationNote(infusion=one, text="Slept well") for one in infusions)
    return patient


@pytest.mark.parametrize("tab", TABS)
def test_a_long_record_asks_no_more_of_the_database_than_a_short_one(tab: str) -> None:
    counted = []
    client = signed_in(Role.MEDICAL_DIRECTOR)
    for encounters in (5, 500):
        address = reverse(f"pages:{tab}", args=[make_long_record(encounters).public_id])
        client.get(address)  # the outcomes are computed and the look is noted
        with CaptureQueriesContext(
            connection,
        ) as queries:
            response = client.get(address)
        assert response.status_code == 200
        counted.append(len(queries))
    assert counted[0] == counted[1]
    assert counted[1] <= 40


def test_a_long_record_comes_in_pages() -> None:
    patient = make_long_record(60)
    page = get(Role.MEDICAL_DIRECTOR, patient)
    assert len(table_rows(page, "readings")) == 20
    assert "1–20 of 60 readings" in page
    assert len(chart_of(page)["readings"]) == 60
    assert len(table_rows(page, "infusions")) == 12
    assert "48 earlier" in page
    assert "41–60 of 60 readings" in get(Role.MEDICAL_DIRECTOR, patient, page="3")
    for tab, words in (
        ("sessions", "51–60 of 60 sessions"),
        ("questionnaires", "of 60 forms"),
        ("notes", "of 120 notes"),
    ):
        assert words in get(Role.MEDICAL_DIRECTOR, patient, f"patient_{tab}", page="99")


@pytest.mark.parametrize("tab", TABS)
def test_a_page_that_does_not_exist_shows_the_nearest(tab: str) -> None:
    client, address = signed_in(Role.MEDICAL_DIRECTOR), reverse(f"pages:{tab}", args=[make_treated_patient().public_id])
    for number in ("", "0", "-1", "x", "99999999999999999999", "1\x00", "<b>", "١"):
        assert client.get(address, {"page": number}).status_code == 200, number
