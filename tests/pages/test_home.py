"""Home, by role: what needs this person now, from today's records, and nothing that the role may not see."""

import re
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from builders import answers_of, make_course, make_infusion, make_patient, make_pcl5, make_treated_patient, make_user
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

from assessments.models import Assessment
from clinic.audit.models import AuditEvent
from clinic.models import User
from clinic.outcomes.models import ClinicSummary
from clinic.outcomes.services import recompute_patients
from clinic.pages.clinic_day import from_now
from clinic.pages.day_flags import allergy_chip, interval_chip
from clinic.policy import Role
from infusions.limits import Limits
from infusions.models import AdverseEvent, Course, Infusion, IntegrationNote, Status
from patients.models import Patient

pytestmark = pytest.mark.django_db
NEW_YORK = ZoneInfo("America/New_York")
TODAY = date(2025, 3, 17)  # a Monday
NOW = datetime(2025, 3, 17, 9, 30, tzinfo=NEW_YORK)


@pytest.fixture(autouse=True)
def _on_a_monday_morning() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


def at(hour: int, minute: int = 0, day: date = TODAY) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=NEW_YORK)


def plan(course: Course, moment: datetime, **fields: Any) -> Infusion:
    return Infusion.objects.create(**{"course": course, "status": Status.PLANNED, "planned_for": moment, **fields})


def text_of(client: Client, *roles: Role) -> str:
    client.force_login(make_user(*roles))
    response = client.get("/")
    assert response.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def patient_in_series(given: int = 3, **fields: Any) -> tuple[Patient, Course]:
    """Baseline 54, infusions on 3, 6, 10 March and so on, a week form of 41 on 11 March."""
    patient = make_patient(**{"allergies": "none known", **fields})
    course = make_course(patient)
    make_pcl5(patient, date(2025, 2, 20), 54)
    for day in (3, 6, 10, 13)[:given]:
        make_infusion(course, date(2025, 3, day), dose_mg_given=56)
    make_pcl5(patient, date(2025, 3, 11), 41, form="week")
    recompute(patient)
    return patient, course


def recompute(patient: Patient) -> None:
    """What happens after the commit, which a test's transaction never reaches."""
    recompute_patients([patient.pk], now=datetime(2026, 6, 1, tzinfo=NEW_YORK))


def test_the_heading_is_the_day_and_the_page_says_what_it_means_to_be_empty(client: Client) -> None:
    text = text_of(client, Role.CLINICIAN)
    for said in ("Monday 17 March", "No infusion is planned for today.", "No infusion today", "Nothing to review"):
        assert said in text


def test_a_clinician_sees_each_infusion_of_today_with_its_history(client: Client) -> None:
    patient, course = patient_in_series(family_name="Ashgrove", given_name="Corvin", mrn="TM-20377")
    planned = plan(course, at(13, 30))
    text = text_of(client, Role.CLINICIAN)
    for said in ("13:30 in 4 h 00", "Corvin Ashgrove", "TM-20377", "40 ·", "4 of 6", "0.7 mg/kg, 10 Mar", "41 −13"):
        assert said in text, said
    assert "No flags" in text
    page = client.get("/").content.decode()
    assert f"/patients/{patient.public_id}/infusions/{planned.public_id}/room/" in page
    assert page.count("tm-pip--done") == 3


def test_the_lead_says_what_runs_and_who_is_next(client: Client) -> None:
    _, course = patient_in_series()
    plan(course, at(9), status=Status.IN_PROGRESS, started_at=at(9, 5))
    other = make_patient(given_name="Tamsin", family_name="Lark")
    plan(make_course(other), at(15))
    text = text_of(client, Role.CLINICIAN)
    assert "1 infusion is running. Next at 15:00: Tamsin Lark, first infusion." in text
    assert "first infusion" in text


def test_what_is_over_stands_below_and_what_was_cancelled_is_said(client: Client) -> None:
    first, second = patient_in_series(family_name="Zed"), patient_in_series(family_name="Young")
    make_infusion(first[1], TODAY, started_at=at(8), planned_for=at(8))
    plan(second[1], at(8, 30), status=Status.NO_SHOW, status_reason="Ill")
    plan(make_course(make_patient(family_name="Early")), at(16))
    text = text_of(client, Role.CLINICIAN)
    assert text.index("Early") < text.index("Zed")
    assert "completed" in text
    assert "no-show" in text


@pytest.mark.parametrize(
    ("allergies", "said"),
    [("Latex", "Allergy: Latex"), ("", "Allergies not recorded"), ("NKDA.", "No flags")],
)
def test_an_allergy_is_a_flag_and_blank_is_not_none(client: Client, allergies: str, said: str) -> None:
    _, course = patient_in_series(allergies=allergies)
    plan(course, at(13))
    assert said in text_of(client, Role.CLINICIAN)


def test_a_long_allergy_is_cut_and_markup_is_inert(client: Client) -> None:
    chip = allergy_chip(Patient(allergies="x" * 60))
    assert chip
    assert chip.words == f"Allergy: {'x' * 39}…"
    _, course = patient_in_series(allergies="<script>alert(1)</script>", family_name="<b>Bold</b>")
    plan(course, at(13))
    client.force_login(make_user(Role.CLINICIAN))
    page = client.get("/").content.decode()
    assert escape("<b>Bold</b>") in page
    assert "<script>alert" not in page


def test_a_rise_over_the_baseline_and_item_16_are_flags_and_ask_for_review(client: Client) -> None:
    patient, course = patient_in_series(family_name="Quist")
    answers = answers_of(67)
    answers[15] = 4
    worse = make_pcl5(patient, date(2025, 3, 14), 0, form="week", answers=answers)
    recompute(patient)
    total = sum(answer or 0 for answer in answers)
    plan(course, at(13))
    text = text_of(client, Role.CLINICIAN)
    assert f"Worsened +{total - 54}" in text
    assert "Item 16 = 4" in text
    assert f"Quist: Item 16 is 4; {total - 54} points over the baseline" in text
    assert f"/questionnaires/{worse.public_id}/" in client.get("/").content.decode()
    assert "1 PCL-5 asks for your review." in text


def test_reviews_are_those_of_the_last_seven_days_that_count(client: Client) -> None:
    patient = make_patient(family_name="Oldflag")
    answers = answers_of(40)
    answers[15] = 3
    make_pcl5(patient, TODAY - timedelta(days=8), 0, answers=answers)
    gone = make_pcl5(make_patient(family_name="Voided"), TODAY, 0, answers=answers)
    Assessment.objects.filter(pk=gone.pk).update(voided_at=NOW)
    make_pcl5(make_patient(family_name="Edge"), TODAY - timedelta(days=7), 0, answers=answers)
    text = text_of(client, Role.CLINICIAN)
    assert "Edge" in text
    assert "Oldflag" not in text
    assert "Voided" not in text


@pytest.mark.parametrize(
    ("hours", "words"),
    [(48, None), (47.9, "48 h rule: 48 h"), (46, "48 h rule: 46 h"), (20, "48 h rule: 20 h"), (19, "20 h rule: 19 h")],
)
def test_the_interval_is_judged_by_the_clinics_limits(hours: float, words: str | None) -> None:
    chip = interval_chip(Limits(), at(13), at(13) - timedelta(hours=hours))
    assert (chip.words if chip else None) == words


def test_a_short_interval_is_a_flag_of_a_planned_infusion(client: Client) -> None:
    _, course = patient_in_series()
    make_infusion(course, date(2025, 3, 15), started_at=at(15, day=date(2025, 3, 15)))
    plan(course, at(13))
    assert "48 h rule: 46 h" in text_of(client, Role.CLINICIAN)


def test_sessions_without_a_note_and_those_nobody_closed_are_listed(client: Client) -> None:
    patient, course = patient_in_series(family_name="Penhallow")
    last = Infusion.objects.given().latest("started_at")
    plan(course, at(10, day=date(2025, 3, 16)), status=Status.IN_PROGRESS, started_at=at(10, day=date(2025, 3, 16)))
    text = text_of(client, Role.CLINICIAN)
    assert "Penhallow, Maren Infusion of 10 Mar 2025, 10:00" in text
    assert "In progress since 16 Mar 2025, 10:00" in text
    IntegrationNote.objects.create(infusion=last, text="Slept well")
    assert "Infusion of 10 Mar 2025" not in text_of(client, Role.CLINICIAN)
    assert patient.family_name in text


def test_intake_sees_who_arrives_but_no_dose_score_or_flag(client: Client) -> None:
    patient, course = patient_in_series(family_name="Ashgrove", given_name="Corvin", allergies="Latex")
    plan(course, at(13, 30))
    client.force_login(make_user(Role.INTAKE))
    page = client.get("/").content.decode()
    text = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    text = text.replace(patient.mrn, "")  # its digits may be those of the score
    assert "1 person is still to come today, the next at 13:30: Corvin Ashgrove." in text
    assert f"/patients/{patient.public_id}/questionnaires/new/?form=week" in page
    for hidden in ("mg/kg", "Latex", "41", "−13", "To review", "integration note"):
        assert hidden not in text, hidden


def test_intake_begins_in_the_search_box_and_what_is_typed_is_posted(client: Client) -> None:
    client.force_login(make_user(Role.INTAKE))
    page = client.get("/").content.decode()
    [box] = re.findall(r"<input[^>]*autofocus[^>]*>", page)
    assert 'name="q"' in box
    form = page[: page.index(box)].rpartition("<form")[2]
    assert 'method="post"' in form
    assert 'action="/patients/"' in form


def test_intake_is_told_which_forms_are_due_the_most_overdue_first(client: Client) -> None:
    recompute(make_treated_patient(endpoint=None))
    with time_machine.travel(datetime(2025, 4, 12, 9, tzinfo=NEW_YORK)):
        text = text_of(client, Role.INTAKE)
    assert "Most overdue, by 2 days: Maren Ellwick." in text
    assert "Overdue by 2 days" in text


def test_an_administrator_sees_no_patient(client: Client) -> None:
    patient, course = patient_in_series(family_name="Ashgrove")
    plan(course, at(13, 30))
    client.force_login(make_user(Role.ADMINISTRATOR))
    with CaptureQueriesContext(connection) as asked:
        page = client.get("/").content.decode()
    assert patient.family_name not in page
    assert "People and roles" in page
    assert not [query for query in asked if "patients_patient" in query["sql"] or "infusion" in query["sql"]]


def test_somebody_without_a_role_is_told_what_to_do(client: Client) -> None:
    assert "Your account holds no role" in text_of(client)


def test_several_roles_have_a_section_each(client: Client) -> None:
    text = text_of(client, Role.INTAKE, Role.CLINICIAN, Role.MEDICAL_DIRECTOR, Role.ADMINISTRATOR)
    for said in ("Find a patient", "Today’s infusions", "PCL-5s to give", "The clinic in numbers", "People and roles"):
        assert said in text
    assert "Arrivals today" not in text, "the clinician's list holds them"


@pytest.fixture
def treated_clinic() -> None:
    """Eight treated patients, seven with an endpoint in the primary window: five responses, one of them no remission."""
    for endpoint in (30, 28, 20, 15, 44, 50, 66, None):
        make_treated_patient(endpoint=endpoint)


@pytest.mark.usefixtures("treated_clinic")
def test_the_director_sees_rates_with_everything_that_belongs_to_them(client: Client) -> None:
    with time_machine.travel(datetime(2025, 5, 1, 9, tzinfo=NEW_YORK)):
        call_command("recompute_outcomes", "--all", verbosity=0)
        text = text_of(client, Role.MEDICAL_DIRECTOR)
    figures = ClinicSummary.objects.latest("id").figures["PRIMARY"]
    assert (figures["response"]["x"], figures["response"]["n"], figures["missing"]) == (5, 7, 1)
    for said in (
        "5 of 7 first courses responded (71 %, 95 % CI 36–92 %) in the primary window; 1 missing.",
        "Response 71 % 5 of 7 95 % CI 36–92 % 10 or more points better · 1 missing",
        "Remission 57 % 4 of 7",
        "Worsened 14 % 1 of 7",
        "Completeness 88 % 7 of 8",
        "VA-10/33, settings version 1 · as of 1 May 2025, 09:00",
        "days 14–31 after the last infusion",
        "0 changes pending",
        "provisional, not a diagnosis",
    ):
        assert said in text, said
    assert "−17.9" in text, "mean change of 54 → 36.1"


def test_fewer_than_five_are_counted_and_never_a_rate(client: Client) -> None:
    for endpoint in (30, 50, 20, 15):
        make_treated_patient(endpoint=endpoint)
    with time_machine.travel(datetime(2025, 5, 1, 9, tzinfo=NEW_YORK)):
        call_command("recompute_outcomes", "--all", verbosity=0)
        text = text_of(client, Role.MEDICAL_DIRECTOR)
    assert "Response n &lt; 5 3 of 4" in text
    assert "too few for a rate" in text
    assert "75 %" not in text


def test_before_any_figures_the_director_is_told_where_they_come_from(client: Client) -> None:
    text = text_of(client, Role.MEDICAL_DIRECTOR)
    assert "No outcome figures were published yet" in text
    assert "Adverse events n &lt; 5 0 of 0 infusions" in text


def test_adverse_events_are_infusions_of_the_last_seven_days(client: Client) -> None:
    _, course = patient_in_series(given=0)
    days = [date(2025, 3, 10), *(date(2025, 3, day) for day in (11, 12, 13, 14, 15, 16))]
    infusions = [make_infusion(course, day) for day in days]
    for infusion, grade in ((infusions[0], 2), (infusions[1], 1), (infusions[1], 3), (infusions[2], 1)):
        AdverseEvent.objects.create(infusion=infusion, term="Nausea", started_at=infusion.started_at, ctcae_grade=grade)
    AdverseEvent.objects.create(
        infusion=infusions[3], term="Nausea", started_at=infusions[3].started_at, ctcae_grade=1, voided_at=NOW
    )
    text = text_of(client, Role.MEDICAL_DIRECTOR)
    assert "Adverse events 33 % 2 of 6 infusions" in text
    assert "1 infusion with an event of grade 3 or more, or serious." in text
    assert "Infusions given 6 1 +5" in text


@pytest.mark.parametrize("role", [Role.INTAKE, Role.CLINICIAN, Role.MEDICAL_DIRECTOR])
def test_a_full_day_costs_as_many_queries_as_a_quiet_one(client: Client, role: Role) -> None:
    client.force_login(make_user(role))

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get("/").status_code == 200
        return len(asked)

    def more(number: int) -> None:
        for _ in range(number):
            _, course = patient_in_series()
            plan(course, at(13))
        recompute(make_treated_patient(endpoint=None))

    more(2)
    few = queries()
    more(8)
    assert queries() == few


def test_a_look_at_the_list_is_noted_once_with_the_ids_shown(client: Client) -> None:
    patient, course = patient_in_series()
    plan(course, at(13))
    user: User = make_user(Role.CLINICIAN)
    client.force_login(user)
    client.get("/")
    client.get("/")
    [event] = AuditEvent.objects.filter(actor_id=user.pk, action="list home")
    assert event.detail == {"patient_ids": [patient.pk]}
    other, second = patient_in_series()
    plan(second, at(14))
    client.get("/")
    latest = AuditEvent.objects.filter(actor_id=user.pk, action="list home").latest("id")
    assert latest.detail == {"patient_ids": sorted([patient.pk, other.pk])}


@pytest.mark.parametrize(
    ("minutes", "words"), [(0, "now"), (52, "in 52 min"), (82, "in 1 h 22"), (-5, "5 min ago"), (-125, "2 h 05 ago")]
)
def test_how_far_away_a_moment_is(minutes: int, words: str) -> None:
    assert from_now(NOW + timedelta(minutes=minutes), NOW) == words
