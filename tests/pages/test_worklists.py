"""The worklists: which infusions and which PCL-5s are to be done on a day, and for whom they are left out."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from builders import local, make_course, make_infusion, make_patient, make_pcl5, make_treated_patient, make_user
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clinic.audit.models import AuditEvent
from clinic.outcomes.services import recompute_patients
from clinic.pages import worklist
from clinic.policy import Role
from infusions.models import Course, Infusion, Phase, Status
from patients.models import Patient

pytestmark = pytest.mark.django_db
NEW_YORK = ZoneInfo("America/New_York")
LAST_INFUSION = date(2025, 3, 13)


def on(day: date, hour: int = 9) -> Any:
    return time_machine.travel(datetime(day.year, day.month, day.day, hour, tzinfo=NEW_YORK), tick=False)


def text_of(client: Client, address: str, role: Role = Role.INTAKE) -> str:
    client.force_login(make_user(role))
    response = client.get(address)
    assert response.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def recompute(patient: Patient) -> None:
    recompute_patients([patient.pk], now=datetime.now(UTC))


def treated(**changed: Any) -> Patient:
    """Four of six infusions until 13 March, the course closed unless told otherwise; baseline, nothing after."""
    patient = make_treated_patient(endpoint=None)
    Course.objects.filter(patient=patient).update(**{"closed_on": LAST_INFUSION, **changed})
    recompute(patient)
    return patient


@pytest.mark.parametrize(
    ("day_after", "listed", "said"),
    [
        (1, "after", "End of series, days 1–13 after the last infusion · course 1 20 Mar 2025 Due Past week"),
        (8, "after", "Overdue by 1 day Past week · counts until 26 Mar 2025"),
        (14, "missed", "Missed 1 day ago Past week · counted until 26 Mar 2025"),
        (14, "after", "Primary, days 14–31 after the last infusion · course 1 10 Apr 2025 Due Past month"),
        (28, "after", "Due Past month · counts until 13 Apr 2025"),
        (31, "after", "Overdue by 3 days Past month · counts until 13 Apr 2025"),
        (32, "missed", "Missed 1 day ago Past month · counted until 13 Apr 2025"),
        (60, "after", "3 months, days 60–120 after the last infusion"),
        (91, "after", "Overdue by 1 day Past month · counts until 11 Jul 2025"),
        (365, "after", "12 months, days 330–400 after the last infusion"),
    ],
)
def test_a_window_is_due_overdue_and_missed_by_the_day(client: Client, day_after: int, listed: str, said: str) -> None:
    treated()
    with on(LAST_INFUSION + timedelta(days=day_after)):
        assert said in text_of(client, f"/questionnaires/?list={listed}")


@pytest.mark.parametrize("day_after", [0, 40, 130, 500])
def test_between_the_windows_nothing_is_due(client: Client, day_after: int) -> None:
    treated()
    with on(LAST_INFUSION + timedelta(days=day_after)):
        assert "No PCL-5 is due here" in text_of(client, "/questionnaires/")


def test_the_link_opens_the_form_of_the_window(client: Client) -> None:
    patient = treated()
    client.force_login(make_user(Role.INTAKE))
    for day_after, form in ((3, "week"), (20, "month")):
        with on(LAST_INFUSION + timedelta(days=day_after)):
            page = client.get("/questionnaires/").content.decode()
        assert f"/patients/{patient.public_id}/questionnaires/new/?form={form}" in page


def test_a_form_that_was_given_is_due_no_more(client: Client) -> None:
    patient = treated()
    make_pcl5(patient, LAST_INFUSION + timedelta(days=20), 30)
    recompute(patient)
    with on(LAST_INFUSION + timedelta(days=22)):
        assert "No PCL-5 is due here" in text_of(client, "/questionnaires/")
    with on(LAST_INFUSION + timedelta(days=40)):
        assert "Primary" not in text_of(client, "/questionnaires/?list=missed")


@pytest.mark.parametrize(
    ("who", "changed"),
    [
        (Patient, {"active": False}),
        (Patient, {"died_on": date(2025, 3, 20)}),
        (Course, {"withdrawn_on": date(2025, 3, 20), "withdrawn_reason": "Moved"}),
    ],
)
def test_nothing_is_asked_of_who_is_not_followed_any_more(client: Client, who: Any, changed: dict[str, Any]) -> None:
    patient = treated()
    who.objects.filter(**{"pk" if who is Patient else "patient": patient.pk}).update(**changed)
    recompute(patient)
    for day_after, listed in ((20, "after"), (40, "missed")):
        with on(LAST_INFUSION + timedelta(days=day_after)):
            assert patient.family_name not in text_of(client, f"/questionnaires/?list={listed}")


def test_a_window_ends_where_the_next_induction_begins(client: Client) -> None:
    patient = treated()
    second = make_course(patient, number=2, opened_on=date(2025, 3, 30))
    make_infusion(second, date(2025, 4, 1))
    recompute(patient)
    with on(date(2025, 4, 3)):
        text = text_of(client, "/questionnaires/")
    assert "Primary" not in text


def test_during_a_series_a_week_form_is_due_and_the_windows_wait(client: Client) -> None:
    patient = treated(closed_on=None)
    with on(LAST_INFUSION):
        text = text_of(client, "/questionnaires/?list=during")
        assert "Weekly during the series, 4 of 6 infusions given · course 1 10 Mar 2025 Overdue by 3 days" in text
    make_pcl5(patient, date(2025, 3, 14), 40, form="week")
    recompute(patient)
    with on(date(2025, 3, 20)):
        assert "No PCL-5 is due here" in text_of(client, "/questionnaires/?list=during")
        assert "End of series" not in text_of(client, "/questionnaires/")
    with on(date(2025, 3, 21)):
        assert "21 Mar 2025 Due Past week" in text_of(client, "/questionnaires/?list=during")
    with on(date(2025, 3, 27)):
        assert "No PCL-5 is due here" in text_of(client, "/questionnaires/?list=during"), (
            "nobody closed it, but it is over"
        )
        assert "Primary" in text_of(client, "/questionnaires/")


def test_a_series_that_is_complete_or_closed_asks_for_its_windows(client: Client) -> None:
    treated(closed_on=None, planned_infusions=4)
    with on(LAST_INFUSION + timedelta(days=2)):
        assert "No PCL-5 is due here" in text_of(client, "/questionnaires/?list=during")
        assert "End of series" in text_of(client, "/questionnaires/")


def planned_patient(day: date, **fields: Any) -> tuple[Patient, Infusion]:
    patient = make_patient()
    course = make_course(patient, **fields)
    infusion = Infusion.objects.create(course=course, status=Status.PLANNED, planned_for=local(day))
    return patient, infusion


@pytest.mark.parametrize(
    ("days_ahead", "form_days_ago", "listed"),
    [(10, None, True), (0, None, True), (30, None, True), (31, None, False), (10, 20, False), (10, 21, True)],
)
def test_a_baseline_is_asked_for_where_none_will_count(
    client: Client, days_ahead: int, form_days_ago: int | None, listed: bool
) -> None:
    today = date(2025, 3, 1)
    patient, _ = planned_patient(today + timedelta(days=days_ahead))
    if form_days_ago is not None:
        make_pcl5(patient, today - timedelta(days=form_days_ago), 50)
    with on(today):
        text = text_of(client, "/questionnaires/?list=before")
    assert (patient.mrn in text) is listed


def test_a_baseline_is_asked_for_once_a_course_and_only_before_its_first_infusion(client: Client) -> None:
    today = date(2025, 3, 1)
    _, infusion = planned_patient(today + timedelta(days=2))
    Infusion.objects.create(course=infusion.course, status=Status.PLANNED, planned_for=local(today + timedelta(days=5)))
    begun, second = planned_patient(today + timedelta(days=2))
    make_infusion(second.course, today - timedelta(days=2))
    maintenance, _ = planned_patient(today + timedelta(days=2), phase=Phase.MAINTENANCE)
    with on(today):
        text = text_of(client, "/questionnaires/?list=before")
    assert text.count("Baseline, first infusion planned for 3 Mar") == 1
    assert begun.mrn not in text
    assert maintenance.mrn not in text


def test_an_incomplete_form_is_no_baseline(client: Client) -> None:
    today = date(2025, 3, 1)
    patient, _ = planned_patient(today + timedelta(days=5))
    make_pcl5(patient, today - timedelta(days=3), 0, answers=[None, None, None, *[2] * 17])
    with on(today):
        assert patient.mrn in text_of(client, "/questionnaires/?list=before")


@pytest.mark.parametrize("listed", ["after", "missed", "during", "before"])
def test_long_lists_come_in_pages_without_gap_or_repeat(
    client: Client, monkeypatch: pytest.MonkeyPatch, listed: str
) -> None:
    monkeypatch.setattr(worklist, "PAGE_ROWS", 2)
    today = LAST_INFUSION + timedelta(days={"after": 20, "missed": 20, "during": 1, "before": 20}[listed])
    if listed == "before":
        patients = [planned_patient(today + timedelta(days=3 + number // 3))[0] for number in range(5)]
    else:
        patients = [treated(closed_on=None if listed == "during" else LAST_INFUSION) for _ in range(5)]
    client.force_login(make_user(Role.INTAKE))
    seen: list[str] = []
    address = f"/questionnaires/?list={listed}"
    with on(today):
        for _ in range(3):
            page = client.get(address).content.decode()
            seen += re.findall(r"<td>\s*(TM-\d+)\s*</td>", page)
            following = re.search(r'href="([^"]+after=[^"]+)"', page)
            address = following[1].replace("&amp;", "&") if following else ""
    assert not address
    assert sorted(seen) == sorted(patient.mrn for patient in patients)


@pytest.mark.parametrize("page", ["questionnaires", "infusions"])
@pytest.mark.parametrize(
    "query",
    ["list=%00", "after=%00", "after=x~y~z", "after=2025-99-99~abc", "after=" + "x" * 5000, "list[]=1", "after=''"],
)
def test_a_strange_address_shows_the_beginning(client: Client, page: str, query: str) -> None:
    assert text_of(client, f"/{page}/?{query}")


def test_addresses_carry_no_id_that_counts(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worklist, "PAGE_ROWS", 1)
    for _ in range(2):
        treated()
    client.force_login(make_user(Role.INTAKE))
    with on(LAST_INFUSION + timedelta(days=20)):
        page = client.get("/questionnaires/").content.decode()
    [cursor] = re.findall(r"after=([^\"&]+)\"", page)
    assert re.fullmatch(r"2025-04-10~[\w-]{22}~PRIMARY", cursor)


def infusions_of_a_week(today: date) -> None:
    """Yesterday one given and one forgotten, today one planned and one given, tomorrow one planned, one voided."""
    course = make_course(make_patient(family_name="Given"))
    make_infusion(course, today - timedelta(days=1), dose_mg_given="41.5")
    make_infusion(make_course(make_patient(family_name="Todaygiven")), today)
    for name, days, fields in (
        ("Forgotten", -1, {}),
        ("Running", -1, {"status": Status.IN_PROGRESS, "started_at": local(today - timedelta(days=1))}),
        ("Expected", 0, {}),
        ("Tomorrow", 1, {}),
        ("Voided", 1, {"voided_at": local(today)}),
    ):
        planned = local(today + timedelta(days=days))
        course = make_course(make_patient(family_name=name))
        Infusion.objects.create(**{"course": course, "status": Status.PLANNED, "planned_for": planned, **fields})


@pytest.mark.parametrize(
    ("listed", "names"),
    [
        ("today", {"Todaygiven", "Expected"}),
        ("planned", {"Tomorrow"}),
        ("open", {"Forgotten", "Running"}),
        ("recent", {"Given"}),
        ("nonsense", {"Todaygiven", "Expected"}),
    ],
)
def test_each_infusion_stands_in_its_list(client: Client, listed: str, names: set[str]) -> None:
    today = date(2025, 3, 17)
    infusions_of_a_week(today)
    every = {"Given", "Todaygiven", "Forgotten", "Running", "Expected", "Tomorrow", "Voided"}
    with on(today):
        text = text_of(client, f"/infusions/?list={listed}", Role.CLINICIAN)
    assert {name for name in every if f"Maren {name}" in text} == names
    assert "2 today, 1 planned from tomorrow on; 2 of an earlier day still to be closed." in text


def test_a_dose_is_for_who_may_see_it(client: Client) -> None:
    today = date(2025, 3, 17)
    infusions_of_a_week(today)
    with on(today):
        assert "41.5 mg (0.52 mg/kg)" in text_of(client, "/infusions/?list=recent", Role.CLINICIAN)
        seen_by_intake = text_of(client, "/infusions/?list=recent", Role.INTAKE)
    assert "16 Mar 2025" in seen_by_intake
    assert "1 of 6" in seen_by_intake
    assert "mg" not in seen_by_intake


@pytest.mark.parametrize("listed", ["today", "planned", "open", "recent"])
def test_infusions_come_in_pages_without_gap_or_repeat(
    client: Client, monkeypatch: pytest.MonkeyPatch, listed: str
) -> None:
    monkeypatch.setattr(worklist, "PAGE_ROWS", 2)
    today = date(2025, 3, 17)
    day = today + timedelta(days={"today": 0, "planned": 1, "open": -1, "recent": -1}[listed])
    patients = [make_patient() for _ in range(5)]
    for number, patient in enumerate(patients):
        course = make_course(patient)
        if listed == "recent" or (listed == "today" and number % 2):
            make_infusion(course, day)
        elif listed == "open" and number % 2:
            Infusion.objects.create(course=course, status=Status.IN_PROGRESS, started_at=local(day))
        else:
            Infusion.objects.create(course=course, status=Status.PLANNED, planned_for=local(day))
    client.force_login(make_user(Role.CLINICIAN))
    seen: list[str] = []
    address = f"/infusions/?list={listed}"
    with on(today):
        for _ in range(3):
            page = client.get(address).content.decode()
            seen += re.findall(r"<td>\s*(TM-\d+)\s*</td>", page)
            following = re.search(r'href="([^"]+after=[^"]+)"', page)
            address = following[1].replace("&amp;", "&") if following else ""
    assert not address
    assert sorted(seen) == sorted(patient.mrn for patient in patients)


def test_a_full_list_costs_as_many_queries_as_a_short_one(client: Client) -> None:
    today = LAST_INFUSION + timedelta(days=1)
    addresses = [f"/questionnaires/?list={name}" for name in ("after", "during", "before", "missed")]
    addresses += [f"/infusions/?list={name}" for name in ("today", "planned", "open", "recent")]
    client.force_login(make_user(Role.CLINICIAN))

    def more(number: int) -> None:
        for _ in range(number):
            treated(closed_on=None)
            treated()
            planned_patient(today + timedelta(days=3))
            infusions_of_a_week(today)

    def queries() -> list[int]:
        counts = []
        with on(today):
            for address in addresses:
                with CaptureQueriesContext(connection) as asked:
                    assert client.get(address).status_code == 200
                counts.append(len(asked))
        return counts

    more(1)
    few = queries()
    more(4)
    assert queries() == few


def test_a_list_that_was_seen_is_noted_with_its_patients(client: Client) -> None:
    patient = treated()
    user = make_user(Role.INTAKE)
    client.force_login(user)
    with on(LAST_INFUSION + timedelta(days=20)):
        client.get("/questionnaires/")
        client.get("/questionnaires/")
    [event] = AuditEvent.objects.filter(actor_id=user.pk, action__startswith="list")
    assert (event.action, event.detail) == ("list questionnaires after", {"patient_ids": [patient.pk]})


def test_the_count_stops_at_a_thousand(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clinic.pages.paging.MOST_COUNTED", 1)
    for _ in range(2):
        treated()
    with on(LAST_INFUSION + timedelta(days=20)):
        assert "After treatment more than 1 " in text_of(client, "/questionnaires/")


def test_an_administrator_gets_no_list(client: Client) -> None:
    treated()
    client.force_login(make_user(Role.ADMINISTRATOR))
    for address in ("/questionnaires/", "/infusions/"):
        assert client.get(address).status_code == 403
