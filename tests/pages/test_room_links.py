"""What leads to the infusion room: homes, lists and the patient's pages; and sessions that nobody signed."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from builders import make_user
from chairside import BEGIN, Chair
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clinic.pages.room_links import leads_to_room, room_of_patient, unsigned, unsigned_sessions
from clinic.policy import Role
from infusions.models import Infusion, Route
from infusions.session.log import Kind

pytestmark = pytest.mark.django_db
LISTS = ("/", "/infusions/", "/infusions/day/", "/infusions/week/")
DAY = timedelta(days=1)


def room_of(chair: Chair) -> str:
    return reverse("room:room", args=[chair.patient.public_id, chair.infusion.public_id])


def content(client: Client, address: str, now: datetime, *roles: Role) -> str:
    client.force_login(make_user(*roles))
    with time_machine.travel(now, tick=False):
        answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def run(chair: Chair, *, until: str) -> Chair:
    """A session as far as this stage."""
    steps: dict[str, Any] = {
        "checks": chair.prepare,
        "running": lambda: chair.enter(Kind.STARTED),
        "recovery": lambda: chair.enter(Kind.STOPPED, after=40, early=False),
        "discharged": lambda: chair.enter(Kind.DISCHARGED, after=1, override_reason="The escort insists."),
        "signed": lambda: chair.enter(Kind.SIGNED, meaning="responsible", reason="Nothing was drawn."),
    }
    for stage, step in steps.items():
        step()
        if stage == until:
            return chair
    raise AssertionError(until)


@pytest.mark.parametrize("stage", ["", "checks", "running", "recovery", "discharged"])
@pytest.mark.parametrize("address", LISTS)
def test_todays_plan_and_what_goes_on_lead_to_the_room(client: Client, address: str, stage: str) -> None:
    chair = Chair()
    if stage:
        run(chair, until=stage)
    shown = content(client, address, BEGIN + timedelta(hours=1), Role.CLINICIAN)
    assert room_of(chair) in shown
    assert ("Open room" if stage else "Start checks") in shown
    status = reverse("infusions:infusion_status", args=[chair.patient.public_id, chair.infusion.public_id])
    assert status not in shown
    assert (status.replace("status", "replan") in shown) == (not stage and address.endswith(("day/", "week/")))


@pytest.mark.parametrize("address", LISTS)
def test_a_signed_session_leads_to_its_record(client: Client, address: str) -> None:
    chair = run(Chair(), until="signed")
    shown = content(client, address, BEGIN + timedelta(hours=2), Role.CLINICIAN)
    assert f'href="{room_of(chair)}"' not in shown, "only a missing note may still be written there"
    assert reverse("session_record:record", args=[chair.patient.public_id, chair.infusion.public_id]) in shown


@pytest.mark.parametrize("address", LISTS)
def test_intake_is_led_to_no_room(client: Client, address: str) -> None:
    chair = run(Chair(), until="running")
    shown = content(client, address, BEGIN + timedelta(hours=1), Role.INTAKE)
    assert room_of(chair) not in shown
    assert "/infusions/rooms/" not in shown


def test_which_infusions_lead_to_the_room() -> None:
    planned, today = Chair().row, timezone.localdate(BEGIN)
    assert leads_to_room(planned, today)
    assert not leads_to_room(planned, today + DAY)
    assert not leads_to_room(Infusion(route=Route.IM, status="planned", planned_for=BEGIN), today)
    assert not leads_to_room(Infusion(status="in_progress", planned_for=BEGIN), today)
    assert not leads_to_room(Infusion(status="planned"), today)
    assert leads_to_room(run(Chair(), until="discharged").row, today + DAY)
    assert not leads_to_room(run(Chair(), until="signed").row, today)
    off = run(Chair(), until="checks")
    off.enter(Kind.CALLED_OFF, status="no_show", reason="Did not come")
    assert not leads_to_room(off.row, today)


def test_home_says_how_far_each_session_is_and_puts_those_that_go_on_first(client: Client) -> None:
    late = Chair()
    Infusion.objects.filter(pk=late.infusion.pk).update(planned_for=BEGIN - timedelta(hours=3))
    run(Chair(), until="recovery")
    run(Chair(), until="discharged")
    run(Chair(), until="signed")
    shown = content(client, "/", BEGIN + timedelta(hours=1), Role.CLINICIAN)
    whens = re.findall(r'<div class="tm-day__time">\s*<b>[^<]*</b><span[^>]*>([^<]*)</span>', shown)
    assert whens == ["recovery", "4 h 00 ago", "to sign", "signed"]
    assert "3 sessions" not in shown
    assert "2 sessions in the infusion rooms" in shown
    assert 'hx-get="/infusions/rooms/?part=home"' in shown


def test_the_patients_pages_lead_to_the_room(client: Client) -> None:
    chair = run(Chair(), until="running")
    now = BEGIN + timedelta(minutes=20)
    for name in ("patient", "patient_sessions", "patient_courses"):
        address = reverse(f"pages:{name}", args=[chair.patient.public_id])
        assert room_of(chair) in content(client, address, now, Role.CLINICIAN)
    sessions = reverse("pages:patient_sessions", args=[chair.patient.public_id])
    assert "In the room: running" in content(client, sessions, now, Role.CLINICIAN)
    patient = reverse("pages:patient", args=[chair.patient.public_id])
    assert room_of(chair) not in content(client, patient, now, Role.INTAKE)


def test_of_several_the_one_that_goes_on_is_offered() -> None:
    chair = Chair()
    today = timezone.localdate(BEGIN)
    assert room_of_patient(chair.patient, today) == chair.infusion
    assert room_of_patient(chair.patient, today + DAY) is None
    other = Infusion.objects.create(course=chair.infusion.course, planned_for=BEGIN - timedelta(hours=2))
    assert room_of_patient(chair.patient, today) == other
    run(chair, until="checks")
    assert room_of_patient(chair.patient, today) == chair.infusion


class TestUnsigned:
    def test_after_a_day_it_stands_on_the_home_with_its_age_until_it_is_signed(self, client: Client) -> None:
        chair = run(Chair(), until="discharged")
        sign = "Sign the session of"
        assert sign not in content(client, "/", BEGIN + DAY, Role.CLINICIAN)
        shown = content(client, "/", BEGIN + 3 * DAY, Role.CLINICIAN)
        assert sign in shown
        assert f"{room_of(chair)}?step=sign" in shown
        assert "27 Feb 2026, 3 days ago · discharged, to be signed" in shown
        assert sign in content(client, "/infusions/rooms/", BEGIN + 3 * DAY, Role.MEDICAL_DIRECTOR)
        chair.now = BEGIN + 3 * DAY
        chair.enter(Kind.SIGNED, meaning="responsible", reason="Nothing was drawn.")
        assert "Every session is signed" in content(client, "/", BEGIN + 3 * DAY, Role.CLINICIAN)

    @pytest.mark.parametrize(
        ("days", "age"), [(1.1, "1 day"), (2.9, "2 days"), (13, "13 days"), (14, "2 weeks"), (50, "7 weeks")]
    )
    def test_its_age_is_told_in_whole_days_then_weeks(self, days: float, age: str) -> None:
        run(Chair(), until="running")
        (one,) = unsigned(BEGIN + timedelta(days=days))
        assert (one.age, one.state) == (age, "the pump was never stopped")

    def test_only_sessions_of_the_room_that_were_started_count(self) -> None:
        run(Chair(), until="checks")
        run(Chair(), until="signed")
        Chair()
        Infusion.objects.create(
            course=Chair().infusion.course, status="completed", started_at=BEGIN, dose_mg_given=40, minutes=40
        )
        run(Chair(), until="running")
        assert len(unsigned(BEGIN + 9 * DAY)) == 1

    def test_the_director_sees_how_many(self, client: Client) -> None:
        run(Chair(), until="recovery")
        run(Chair(), until="discharged")
        shown = content(client, "/", BEGIN + 2 * DAY, Role.MEDICAL_DIRECTOR)
        assert "Sessions unsigned for more than a day: <b>2</b>" in shown
        assert "is signed" in content(client, "/", BEGIN, Role.MEDICAL_DIRECTOR)

    def test_it_is_one_query_along_its_index(self) -> None:
        for _ in range(3):
            run(Chair(), until="discharged")
        with CaptureQueriesContext(connection) as made:
            assert len([one.patient.mrn for one in unsigned(BEGIN + 9 * DAY)]) == 3
        assert len(made) == 1
        if connection.vendor == "postgresql":
            course = Chair().infusion.course
            Infusion.objects.bulk_create(
                Infusion(course=course, status="cancelled", started_at=BEGIN - timedelta(hours=hours))
                for hours in range(2000)
            )
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE infusions_infusion")
            assert "infusion_in_room" in unsigned_sessions(BEGIN + 9 * DAY).explain()


@pytest.mark.parametrize(("grade", "serious"), [(3, False), (4, True), (2, True)])
def test_a_grave_event_of_the_room_counts_on_the_directors_home(client: Client, grade: int, serious: bool) -> None:
    chair = run(Chair(), until="running")
    event = {
        "term": "Syncope",
        "ctcae_grade": grade,
        "serious": serious,
        "serious_criterion": "hospitalisation" if serious else "",
        "relatedness": "possible",
        "expected": "no",
        "action_taken": "stopped",
        "outcome": "Recovered",
    }
    chair.enter(Kind.ADVERSE, after=5, **event)
    chair.enter(Kind.STOPPED, after=1, early=True, reason="Syncope")
    shown = content(client, "/", BEGIN + timedelta(hours=2), Role.MEDICAL_DIRECTOR)
    assert "1 infusion with an event of grade 3 or more, or serious." in " ".join(shown.split())
    assert "1 of 1 infusions" in shown
    page = content(
        client,
        reverse("infusions:infusion", args=[chair.patient.public_id, chair.infusion.public_id]),
        BEGIN + timedelta(hours=2),
        Role.MEDICAL_DIRECTOR,
    )
    assert "Syncope" in page
    assert "Tell the medical director" in page
