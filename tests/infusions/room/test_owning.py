"""An infusion that is kept in the infusion room follows from its log: no other page or service changes it."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from builders import make_user
from chairside import BEGIN, Chair
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clinic.audit.models import AuditEvent
from clinic.policy import Role
from infusions import services
from infusions.models import AdverseEvent, Infusion, IntegrationNote, SessionEvent, VitalSigns
from infusions.services import room
from infusions.session.log import Kind

pytestmark = pytest.mark.django_db
KEPT = "kept in the infusion room"
PAGES = ("infusion_status", "infusion_correct", "infusion_replan", "vitals_new", "event_new", "note_new")


@pytest.fixture
def clinician(client: Client) -> Client:
    client.force_login(make_user(Role.CLINICIAN))
    return client


@pytest.fixture
def chair() -> Chair:
    one = Chair()
    one.prepare()
    return one


def address(name: str, chair: Chair) -> str:
    space = "room" if name == "room" else "infusions"
    return reverse(f"{space}:{name}", args=[chair.patient.public_id, chair.infusion.public_id])


def new_address(chair: Chair) -> str:
    return reverse("infusions:infusion_new", args=[chair.patient.public_id, chair.infusion.course.public_id])


def rows(chair: Chair) -> list[Any]:
    """Everything about the infusion that could be changed."""
    of_it = {"infusion": chair.infusion}
    kinds = (VitalSigns, AdverseEvent, IntegrationNote, SessionEvent)
    records = [list(kind.objects.filter(**of_it).order_by("id").values()) for kind in kinds]  # type: ignore[attr-defined]
    return [Infusion.objects.filter(pk=chair.infusion.pk).values().get(), records]


@pytest.mark.parametrize("name", PAGES)
def test_the_old_pages_lead_to_the_room_and_say_why(clinician: Client, chair: Chair, name: str) -> None:
    answer = clinician.get(address(name, chair))
    assert (answer.status_code, answer["Location"]) == (303, address("room", chair))
    assert KEPT in str(next(iter(answer.wsgi_request._messages)))  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("stage", ["checks", "running", "recovery"])
def test_what_is_posted_to_them_changes_nothing(clinician: Client, chair: Chair, name: str, stage: str) -> None:
    if stage != "checks":
        chair.enter(Kind.STARTED)
    if stage == "recovery":
        chair.enter(Kind.STOPPED, after=40, early=False)
    before = rows(chair)
    data = {
        "version": chair.row.version,
        "idempotency_key": uuid4().hex,
        "reason": "A mistake",
        "planned_for": "2026-03-02T10:00",
        "status": "cancelled",
        "taken_at": "2026-02-27T14:30",
        "started_at": "2026-02-27T14:30",
        "systolic_mmhg": "120",
        "diastolic_mmhg": "80",
        "on_room_air": "yes",
        "term": "Nausea",
        "ctcae_grade": "1",
        "relatedness": "possible",
        "expected": "yes",
        "action_taken": "none",
        "text": "A calm hour",
        "prescriber": "",
    }
    with time_machine.travel(BEGIN + timedelta(minutes=60), tick=False):
        answer = clinician.post(address(name, chair), data)
    assert answer.status_code == (303 if name == "infusion_replan" and stage != "checks" else 422)
    assert rows(chair) == before
    if name.endswith("_new"):
        assert KEPT in answer.content.decode()


def test_what_was_typed_before_the_session_began_is_shown_again(clinician: Client, chair: Chair) -> None:
    answer = clinician.post(address("note_new", chair), {"idempotency_key": uuid4().hex, "text": "A calm hour"})
    assert answer.status_code == 422
    assert "A calm hour" in answer.content.decode()


def test_the_services_refuse(chair: Chair) -> None:
    row, now = chair.row, chair.now
    version = {"actor": chair.actor, "infusion": row, "version": row.version}
    entry = VitalSigns(infusion=row, taken_at=now, systolic_mmhg=120, diastolic_mmhg=80)
    given = {"started_at": now, "dose_mg_given": 40, "weight_kg": 80, "dose_mg_per_kg": "0.5"}
    moved = {"planned_for": now + timedelta(days=1), "prescriber": None, "reason": "Later"}
    refused = (
        lambda: services.change_infusion_status(**version, status="cancelled", reason="Flu", now=now),
        lambda: services.amend_infusion(**version, reason="A mistake", now=now, intention="Another"),
        lambda: services.replan_infusion(**version, **moved),
        lambda: services.add_to_session(actor=chair.actor, entry=entry, now=now),
        lambda: services.record_infusion(actor=chair.actor, course=row.course, now=now, planned=row, **given),
    )
    before = rows(chair)
    for change in refused:
        with pytest.raises(ValidationError, match=KEPT):
            change()
    assert rows(chair) == before


def test_a_stale_copy_of_the_infusion_does_not_get_past(chair: Chair) -> None:
    stale = chair.row
    stale.stage = ""
    with pytest.raises(ValidationError, match=KEPT):
        services.add_to_session(actor=None, entry=IntegrationNote(infusion=stale, text="Late"), now=chair.now)


def test_recording_afterwards_does_not_offer_it(clinician: Client, chair: Chair) -> None:
    other = services.plan_infusion(
        actor=None, course=chair.infusion.course, planned_for=BEGIN + timedelta(days=3), prescriber=None
    )
    answer = clinician.get(new_address(chair), {"planned": chair.infusion.public_id})
    assert (answer.status_code, answer["Location"]) == (303, address("room", chair))
    for named, chosen in ((other.public_id, other), ("x" * 99, None), ("\x00", None)):
        answer = clinician.get(new_address(chair), {"planned": named})
        assert answer.context["form"].initial.get("planned") == chosen
        assert chair.infusion.public_id not in answer.content.decode()
    posted = clinician.post(new_address(chair), {"planned": chair.infusion.public_id})
    assert posted.status_code == 422
    assert KEPT in posted.content.decode()


@pytest.mark.parametrize("role", [Role.CLINICIAN, Role.MEDICAL_DIRECTOR])
def test_the_page_of_the_infusion_offers_the_room_and_hides_the_rest(client: Client, chair: Chair, role: Role) -> None:
    client.force_login(make_user(role))
    chair.enter(Kind.STARTED)
    chair.enter(Kind.VITALS, after=5, spo2_percent=85)
    content = client.get(address("infusion", chair)).content.decode()
    assert address("room", chair) in content
    assert address("infusion_move", chair) in content
    assert address("infusion_void", chair) in content
    assert not [name for name in PAGES if address(name, chair) in content]
    assert new_address(chair) not in content


def test_before_its_session_begins_both_ways_are_open(clinician: Client) -> None:
    one = Chair()
    content = clinician.get(address("infusion", one)).content.decode()
    for name in ("room", "infusion_status", "infusion_replan", "infusion_correct"):
        assert address(name, one) in content
    assert f"{new_address(one)}?planned={one.infusion.public_id}" in content
    assert clinician.get(address("infusion_status", one)).status_code == 200


def test_a_voided_session_cannot_be_changed_in_the_room(clinician: Client, chair: Chair) -> None:
    services.void_infusion(actor=chair.actor, infusion=chair.row, reason="Wrong patient", now=chair.now)
    before = rows(chair)
    base = address("room", chair)
    fields = {"key": str(uuid4()), "at": f"{timezone.localtime(chair.now):%H:%M}", "systolic_mmhg": "120"}
    answer = clinician.get(base)
    assert (answer.status_code, answer["Location"]) == (303, address("infusion", chair))
    for (
        answer
    ) in (  # an open page takes a redirect for a lost sign-in; told that there is nothing it loads itself again
        clinician.get(f"{base}since/"),
        clinician.post(f"{base}entries/vitals/", fields),
        clinician.post(f"{base}field/", {"key": str(uuid4()), "name": "sitter", "value": "Somebody", "seen": "0"}),
    ):
        assert answer.status_code == 404
    with pytest.raises(Infusion.DoesNotExist):
        chair.enter(Kind.VITALS, systolic_mmhg=120, diastolic_mmhg=80)
    assert rows(chair) == before


def test_a_session_can_be_moved_with_its_log_and_each_patient_has_the_event(clinician: Client, chair: Chair) -> None:
    other = Chair()
    log = list(SessionEvent.objects.filter(infusion=chair.infusion).order_by("id").values_list("pk", flat=True))
    services.move_infusion(
        actor=chair.actor, infusion=chair.row, to_course=other.infusion.course, now=chair.now, reason="Wrong chart"
    )
    assert list(SessionEvent.objects.filter(infusion=chair.infusion).order_by("id").values_list("pk", flat=True)) == log
    moved = AuditEvent.objects.filter(action="move infusion").values_list("patient_id", flat=True)
    assert set(moved) == {chair.patient.pk, other.patient.pk}
    chair.infusion = chair.row
    chair.enter(Kind.STARTED, override_reason="The consent is on paper.")
    assert chair.row.course.patient == other.patient
    assert clinician.get(f"{address('room', chair)}since/").status_code == 404
    assert room.session_of(chair.row).started is not None
