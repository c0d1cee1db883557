"""Planning one infusion: warned as a series is, never twice for one time; and who ordered what, after that person left."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from builders import local, make_course, make_infusion, make_patient, make_user
from django.test import Client
from django.urls import reverse

from clinic.policy import Role
from infusions import services
from infusions.models import Course, Infusion, Status

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, 20, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def signed_in(client: Client) -> Client:
    client.force_login(make_user(Role.CLINICIAN))
    return client


@pytest.fixture
def course() -> Course:
    return make_course(make_patient())


def plan(client: Client, course: Course, moment: str, seen: str = "") -> Any:
    where = reverse("infusions:infusion_plan", args=[course.patient.public_id, course.public_id])
    data = {"idempotency_key": str(uuid4()), "planned_for": moment, "prescriber": "", "seen": seen}
    return client.post(where, data)


def text_of(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def seen_in(answer: Any) -> str:
    return re.search(r'name="seen" value="(\w+)"', answer.content.decode())[1]  # type: ignore[index]


def test_what_it_crosses_is_shown_once_before_it_is_saved(signed_in: Client, course: Course) -> None:
    make_infusion(course, date(2026, 6, 1))
    services.plan_infusion(actor=None, course=course, planned_for=local(date(2026, 6, 3)))
    first = plan(signed_in, course, "2026-06-02T10:00")
    said = text_of(first)
    assert first.status_code == 422
    assert "Look at the warnings below" in said
    assert "Time since the previous infusion 24 h is 24 h below the limit of 48 h" in said
    assert "Planned for 3 Jun 2026, 10:00: Time since the previous infusion 24 h" in said
    assert Infusion.objects.filter(status=Status.PLANNED).count() == 1
    assert plan(signed_in, course, "2026-06-02T10:00", seen_in(first)).status_code == 303
    assert Infusion.objects.filter(status=Status.PLANNED).count() == 2


def test_one_time_is_planned_once(signed_in: Client, course: Course) -> None:
    assert plan(signed_in, course, "2026-06-05T10:00").status_code == 303
    other = make_course(course.patient, number=2)
    first = plan(signed_in, other, "2026-06-05T10:00")
    again = plan(signed_in, other, "2026-06-05T10:00", seen_in(first))
    assert again.status_code == 422
    assert "Another infusion of the patient is planned for 2026-06-05 10:00" in text_of(again)
    assert Infusion.objects.count() == 1


@pytest.mark.parametrize(
    ("name", "status", "more"),
    [
        ("infusion_replan", Status.PLANNED, {"planned_for": "2026-06-10T09:30", "seen": ""}),
        ("infusion_correct", Status.COMPLETED, {"started_at": "2026-06-01T10:05", "dose_mg_given": "40"}),
    ],
)
def test_an_edit_keeps_who_ordered_it_and_left_since(
    signed_in: Client, course: Course, name: str, status: Status, more: dict[str, str]
) -> None:
    gone = make_user(Role.CLINICIAN)
    given = {} if status == Status.COMPLETED else {"started_at": None, "dose_mg_given": None, "minutes": None}
    infusion = make_infusion(course, date(2026, 6, 1), status=status, prescriber=gone, **given)
    Infusion.objects.filter(pk=infusion.pk).update(planned_for=local(date(2026, 6, 8)))
    gone.is_active = False
    gone.save()
    where = reverse(f"infusions:{name}", args=[course.patient.public_id, infusion.public_id])
    page = signed_in.get(where).content.decode()
    chosen = re.search(r'name="prescriber".*?<option value="([\w-]+)" selected.*?</select>', page, re.DOTALL)
    assert chosen
    data = {"version": str(infusion.version), "reason": "She asked", "prescriber": chosen[1], **more}
    if name == "infusion_correct":
        data |= {field: str(getattr(infusion, field) or "") for field in ("status", "route", "eye_mask", "music")}
    answer = signed_in.post(where, data)
    assert answer.status_code == 303, text_of(answer)
    infusion.refresh_from_db()
    assert infusion.prescriber == gone
