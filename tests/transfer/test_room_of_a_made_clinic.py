"""The infusion room of an invented clinic: made with staff for today, somebody sits in it."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from infusions.limits import Level, Limits
from infusions.models import Infusion, SessionEvent, Status
from infusions.services.session_log import session_of
from infusions.services.verifying import kept_in_room
from infusions.session import ending, vitals
from infusions.session.log import Kind, Stage
from infusions.session.pump import Order
from infusions.session.second_check import second_check
from infusions.session.stock import account

#: A Friday, in the middle of the clinic's day.
NOW = datetime(2026, 6, 26, 18, 5, 31, tzinfo=UTC)
#: Seed 4 has patients for every session.
ASKED = ("--patients", "60", "--seed", "4")

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _staff_has_a_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIDEMARK_DEMO_PASSWORD", "a long password of our own")


def make(*options: str, now: datetime = NOW) -> None:
    with time_machine.travel(now, tick=False):
        call_command("make_clinic", *options, stdout=StringIO())


def in_room() -> dict[str, Infusion]:
    found = {infusion.stage: infusion for infusion in kept_in_room()}
    assert len(found) == len(kept_in_room())
    return found


def of_stage(stage: Stage) -> Any:
    return session_of(Infusion.objects.get(stage=stage))


class TestAClinicWithStaff:
    """One session at each stage that is worth looking at."""

    @pytest.fixture(autouse=True)
    def _clinic(self, _staff_has_a_password: None) -> None:
        make(*ASKED, "--staff")

    def test_each_agrees_with_its_log_and_lies_in_the_past(self) -> None:
        out = StringIO()
        call_command("verify_sessions", stdout=out)

        assert "5 sessions agree" in out.getvalue()
        assert set(in_room()) == {Stage.CHECKS, Stage.RUNNING, Stage.RECOVERY, Stage.DISCHARGED, Stage.SIGNED}
        assert not SessionEvent.objects.filter(recorded_at__gt=NOW).exists()
        assert Infusion.objects.get(status=Status.IN_PROGRESS).stage == Stage.RUNNING

    def test_today_one_is_checked_one_runs_and_one_rests(self) -> None:
        checked, running, resting = (of_stage(stage) for stage in (Stage.CHECKS, Stage.RUNNING, Stage.RECOVERY))
        [alert] = vitals.open_alerts(running)

        assert len(checked.answers("check")) == 7
        assert NOW - running.started.at == timedelta(minutes=22, microseconds=NOW.microsecond)
        assert {finding["level"] for finding in alert.findings} == {Level.NOTIFY}
        assert [entry.data["term"] for entry in running.all(Kind.ADVERSE)] == ["Nausea"]
        assert not resting.stopped.data["early"]
        assert NOW - resting.stopped.at == timedelta(minutes=12)
        assert account(resting, resting.stopped.at).left_mg > 0
        assert {session.text("chair") for session in (checked, running, resting)} == {"Room 1", "Room 2", "Room 3"}

    def test_of_the_days_before_one_is_signed_and_one_is_not(self) -> None:
        signed, left = of_stage(Stage.SIGNED), of_stage(Stage.DISCHARGED)
        [wasted] = signed.all(Kind.WASTED)

        assert [len(signed.all(kind)) for kind in (Kind.PAUSED, Kind.DRUG, Kind.ACKNOWLEDGED)] == [1, 1, 1]
        assert (signed.signed.data["missing"], signed.signed.data["reason"]) == ([], "")
        assert wasted.data["witness_id"] != wasted.by_id
        [checked] = signed.all(Kind.DOSE_CHECKED)
        assert second_check(signed, Order.from_data(signed.started.data)).counts
        assert checked.data["witness_id"] != checked.by_id
        assert signed.all(Kind.INTEGRATION)[-1].number > signed.signed.number
        assert timezone.localdate(left.started.at) == NOW.date() - timedelta(days=1)
        assert ending.missing(left, Limits()) == ["No integration note yet"]

    def test_nobody_had_to_override_anything(self) -> None:
        for infusion in kept_in_room():
            course = infusion.course

            assert not infusion.limits_overridden_reason
            assert course.patient.allergies
            assert Infusion.objects.filter(course=course).count() >= course.planned_infusions


def told() -> list[tuple[Any, ...]]:
    rows = SessionEvent.objects.order_by("id")
    return list(rows.values_list("infusion_id", "kind", "at", "recorded_at", "key", "field", "version", "by_name"))


def undone(*options: str) -> list[tuple[Any, ...]]:
    """The log of a clinic that is made and undone."""
    with transaction.atomic():
        make(*options)
        rows = told()
        transaction.set_rollback(True)
    return rows


def test_the_same_seed_and_moment_give_the_same_sessions() -> None:
    first = undone("--patients", "20", "--seed", "4", "--staff")

    assert first
    assert undone("--patients", "20", "--seed", "4", "--staff") == first


@pytest.mark.parametrize(
    "without",
    [(), ("--staff", "--detail", "core"), ("--staff", "--until", "2026-06-25")],
    ids=["staff", "full", "today"],
)
def test_elsewhere_the_room_is_empty(without: tuple[str, ...]) -> None:
    make("--patients", "20", "--seed", "4", *without)

    assert not kept_in_room().exists()


@pytest.mark.parametrize("patients", ["1", "5"])
def test_a_tiny_clinic_has_as_many_sessions_as_patients_for_them(patients: str) -> None:
    make("--patients", patients, "--staff")

    assert kept_in_room().count() <= int(patients)


def test_what_was_given_is_what_a_clinic_without_sessions_has() -> None:
    def given(*options: str) -> list[tuple[Any, ...]]:
        with transaction.atomic():
            make(*ASKED, *options)
            rows = Infusion.objects.given().filter(stage="").order_by("id")
            found = list(rows.values_list("id", "course_id", "started_at", "dose_mg_given", "minutes"))
            transaction.set_rollback(True)
        return found

    assert given("--staff") == given()


@pytest.mark.parametrize("now", [datetime(2026, 6, 28, 4, 6, tzinfo=UTC), datetime(2026, 11, 1, 6, 20, tzinfo=UTC)])
def test_it_is_made_at_any_hour(now: datetime) -> None:
    """Just after midnight on a Sunday, and in the hour that the clocks repeat."""
    make("--patients", "20", "--seed", "4", "--staff", now=now)

    assert Infusion.objects.get(status=Status.IN_PROGRESS).stage == Stage.RUNNING
    call_command("verify_sessions", stdout=StringIO())
