"""The day list and the week list of infusions: whose, when, in what order, and what stands behind the question mark."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from builders import local, make_course, make_infusion, make_patient, make_user
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clinic.audit.models import AuditEvent
from clinic.models import User
from clinic.pages import schedule
from clinic.policy import Role
from infusions import services
from infusions.models import Course, Infusion, Status

pytestmark = pytest.mark.django_db
TODAY = date(2026, 6, 3)  # a Wednesday
DAY, WEEK = "/infusions/day/", "/infusions/week/"


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(datetime(2026, 6, 3, 16, 0, tzinfo=UTC), tick=False):  # noon in the clinic
        yield


def person(name: str) -> User:
    user = make_user(Role.CLINICIAN)
    user.full_name = name
    user.save()
    return user


def plan(
    on: date = TODAY, hour: int = 10, course: Course | None = None, family_name: str = "Ellwick", **fields: Any
) -> Infusion:
    course = course or make_course(make_patient(family_name=family_name))
    return Infusion.objects.create(course=course, planned_for=local(on, hour), **fields)


def text_of(client: Client, address: str, role: Role = Role.CLINICIAN) -> str:
    client.force_login(make_user(role))
    response = client.get(address)
    assert response.status_code == 200
    main = response.content.decode().partition("<main")[2]
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def in_order(text: str, *words: str) -> bool:
    return re.search(".*".join(map(re.escape, words)), text) is not None


def test_a_day_by_clinician_and_time(client: Client) -> None:
    zoe, adam = person("Zoe Adler"), person("Adam Young")
    plan(hour=14, prescriber=zoe, family_name="Late")
    plan(hour=9, prescriber=zoe, family_name="Early")
    plan(hour=8, prescriber=adam, family_name="Adams")
    plan(hour=7, family_name="Nobodys")
    plan(TODAY + timedelta(days=1), prescriber=adam, family_name="Tomorrow")
    text = text_of(client, DAY)
    assert in_order(text, "Wed 3 Jun 2026", "4 infusions: 4 planned", "All clinicians 4", "Adam Young 1", "Zoe Adler 2")
    assert in_order(text, "Not assigned 1", "Adam Young", "Adams", "Zoe Adler", "09:00", "Early", "14:00", "Late")
    assert in_order(text, "Late", "Not assigned", "07:00", "Nobodys")
    assert "Tomorrow" not in text


def test_every_status_is_counted_in_words_and_shown(client: Client) -> None:
    course = make_course(make_patient())
    now = local(TODAY, 8)
    make_infusion(course, TODAY, started_at=now)
    make_infusion(course, TODAY, started_at=now + timedelta(hours=1), status=Status.STOPPED_EARLY)
    make_infusion(course, TODAY, started_at=now + timedelta(hours=2), status=Status.IN_PROGRESS, dose_mg_given=None)
    plan(hour=11, course=course)
    plan(hour=12, course=course, status=Status.CANCELLED)
    plan(hour=13, course=course, status=Status.NO_SHOW)
    text = text_of(client, DAY)
    assert "6 infusions: 1 planned, 1 running, 1 completed, 1 stopped early, 1 cancelled, 1 no-show." in text
    for words in (
        "Infusion 1 of 6 Completed Open",
        "Infusion 2 of 6 Stopped early Open",
        "Infusion 3 of 6 Running What happened",
        "Infusion 4 of 6 Planned Move Start checks",
        "Not counted Cancelled Open",
        "Not counted No-show Open",
    ):
        assert words in text


def test_a_place_counts_what_was_given_and_is_planned_in_the_course(client: Client) -> None:
    course = make_course(make_patient(), planned_infusions=2)
    make_infusion(course, date(2026, 5, 20))
    make_infusion(course, date(2026, 5, 22), dose_mg_given=0)
    plan(date(2026, 5, 28), course=course, status=Status.NO_SHOW)
    plan(TODAY + timedelta(days=2), course=course)
    plan(course=course)
    text = text_of(client, WEEK)
    assert in_order(text, "Wed 3 Jun 2026, today", "Infusion 2 of 2", "Fri 5 Jun 2026", "Infusion 3, 2 planned")


def test_what_has_begun_stands_where_it_began(client: Client) -> None:
    moved = plan(TODAY - timedelta(days=1))
    Infusion.objects.filter(pk=moved.pk).update(status=Status.IN_PROGRESS, started_at=local(TODAY, 11))
    assert "11:00" in text_of(client, DAY)
    assert "No infusion on this day" in text_of(client, f"{DAY}?on=2026-06-02")


def test_what_was_voided_is_not_listed(client: Client) -> None:
    services.void_infusion(actor=None, infusion=plan(), reason="Twice", now=datetime.now(UTC))
    gone = plan()
    services.void_course(actor=None, course=gone.course, reason="Twice", now=datetime.now(UTC))
    assert "No infusion on this day" in text_of(client, DAY)


@pytest.mark.parametrize(
    ("stage", "status", "shown"),
    [
        ("checks", Status.PLANNED, "In checks"),
        ("checks", Status.CANCELLED, "Cancelled"),
        ("paused", Status.IN_PROGRESS, "Paused"),
        ("recovery", Status.COMPLETED, "In recovery"),
        ("discharged", Status.COMPLETED, "Completed"),
    ],
)
def test_who_is_in_the_chair_is_told_by_the_stage(client: Client, stage: str, status: Status, shown: str) -> None:
    infusion = plan()
    given = {"started_at": local(TODAY, 10), "dose_mg_given": 40} if status == Status.COMPLETED else {}
    Infusion.objects.filter(pk=infusion.pk).update(stage=stage, status=status, **given)
    text = text_of(client, DAY)
    assert in_order(text, f"1 infusion: 1 {shown.lower()}.", "Maren Ellwick", shown)
    assert shown in text_of(client, "/infusions/?list=today")


def test_a_week_runs_from_monday_to_sunday(client: Client) -> None:
    for day in (date(2026, 5, 31), date(2026, 6, 1), date(2026, 6, 7), date(2026, 6, 8)):
        plan(day, family_name=f"On{day:%d}")
    text = text_of(client, WEEK)
    assert in_order(text, "Week of 1 Jun – 7 Jun 2026", "Mon 1 Jun 1 infusion", "Tue 2 Jun none")
    assert in_order(text, "Mon 1 Jun 2026", "On01", "Sun 7 Jun 2026", "On07")
    assert "On31" not in text
    assert "On08" not in text


def test_the_day_of_the_clinic_decides(client: Client) -> None:
    plan(hour=23, family_name="Tonight")
    assert "Tonight" in text_of(client, DAY)
    assert "Tonight" not in text_of(client, f"{DAY}?on=2026-06-04")


def test_a_clinician_can_be_chosen_and_goes_along(client: Client) -> None:
    zoe, adam = person("Zoe Adler"), person("Adam Young")
    plan(prescriber=zoe, family_name="Zoes")
    plan(prescriber=adam, family_name="Adams")
    plan(family_name="Nobodys")
    text = text_of(client, f"{WEEK}?on=2026-06-03&clinician={zoe.public_id}")
    assert "Zoe Adler: 1 infusion: 1 planned." in text
    assert "All clinicians 3" in text
    assert "Adams" not in text
    page = client.get(f"{WEEK}?on=2026-06-03&clinician={zoe.public_id}").content.decode()
    for on in ("2026-05-25", "2026-06-03", "2026-06-08"):
        assert f'href="?on={on}&amp;clinician={zoe.public_id}"' in page
    nobodys = text_of(client, f"{DAY}?clinician=none")
    assert ("Nobodys" in nobodys, "Zoes" in nobodys) == (True, False)
    free = text_of(client, f"{DAY}?on=2026-06-04&clinician={zoe.public_id}")
    assert in_order(
        free, "Zoe Adler: no infusion.", "All clinicians 0", "Zoe Adler 0", "Choose another clinician or day"
    )


@pytest.mark.parametrize(
    "odd",
    [
        *(
            "",
            "soon",
            "2026-02-30",
            "2026-6-3",
            "20260604",
            "2026-W23-4",
            "0001-01-01",
            "9999-12-31",
            "\0",
            "２０２６-０６-０４",
        ),
        "2026-06-04T10:00",
    ],
)
@pytest.mark.parametrize("address", [DAY, WEEK])
def test_what_is_no_day_is_today(client: Client, address: str, odd: str) -> None:
    plan(family_name="Ofdaytoday")
    client.force_login(make_user(Role.CLINICIAN))
    page = client.get(address, {"on": odd, "clinician": odd})
    assert (page.status_code, b"Ofdaytoday" in page.content) == (200, True)


def test_a_clinician_without_a_name_is_called_by_the_address(client: Client) -> None:
    nameless = person("")
    plan(prescriber=nameless)
    text = text_of(client, DAY)
    assert f"{nameless.email} 1" in text
    assert "Not assigned" not in text


def test_an_unknown_clinician_is_all_of_them(client: Client) -> None:
    plan(family_name="Shownanyway")
    assert "Shownanyway" in text_of(client, f"{DAY}?clinician={'A' * 22}")


def test_intake_sees_times_and_people_and_no_dose(client: Client) -> None:
    course = make_course(make_patient())
    make_infusion(course, TODAY, dose_mg_given=Decimal("43.5"), weight_kg=Decimal("87.25"))
    planned = plan(hour=14, course=course)
    text = text_of(client, DAY, Role.INTAKE)
    assert in_order(text, "10:00", "Maren Ellwick", "Infusion 1 of 6", "Completed", "14:00", "Planned")
    assert not re.search(r"43\.5|87\.25|mg", text)
    page = client.get(DAY).content.decode()
    assert planned.public_id not in page, "nothing leads where intake may not go"


def test_the_list_that_was_shown_is_noted_with_its_patients(client: Client) -> None:
    infusion = plan()
    for address, name in ((DAY, "list infusions of a day"), (WEEK, "list infusions of a week")):
        text_of(client, address)
        assert AuditEvent.objects.get(action=name).detail == {"patient_ids": [infusion.course.patient_id]}
    assert client.get(f"{DAY}?on=2026-06-10").status_code == 200
    assert AuditEvent.objects.filter(action="list infusions of a day").count() == 1, "nobody was shown"


def test_the_other_lists_lead_here(client: Client) -> None:
    client.force_login(make_user(Role.INTAKE))
    page = client.get("/infusions/").content.decode()
    assert f'href="{DAY}"' in page
    assert f'href="{WEEK}"' in page


def test_more_rows_than_a_page_holds_are_said(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "MOST_ROWS", 2)
    for hour in (8, 9, 10):
        plan(hour=hour)
    text = text_of(client, DAY)
    assert in_order(text, "3 infusions: 3 planned.", "Only the first of them are listed", "09:00")
    assert "10:00" not in text


def test_many_cost_no_more_queries_than_few(client: Client) -> None:
    client.force_login(make_user(Role.CLINICIAN))
    counted = []
    for number in range(1, 4):
        for _ in range(number):
            plan(prescriber=person("Zoe Adler"))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(WEEK)
        counted.append(len(queries))
    assert len(set(counted)) == 1, counted
