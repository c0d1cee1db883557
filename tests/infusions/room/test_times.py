"""When an entry can have happened (rule 52), through the services."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from chairside import BEGIN, Chair
from django.core.exceptions import ValidationError

from infusions.models import SessionEvent
from infusions.services import room
from infusions.session.log import Kind

pytestmark = pytest.mark.django_db


def at(minute: float) -> datetime:
    return BEGIN + timedelta(minutes=minute)


def enter(chair: Chair, kind: Kind, minute: float, now: float | None = None, **values: Any) -> SessionEvent:
    """An entry of something that happened at a minute, made at another."""
    stamp = room.Stamp(chair.actor, uuid4(), at(minute if now is None else now))
    return room.enter(chair.infusion, kind, stamp, at=at(minute), values=values)


def running() -> Chair:
    chair = Chair()
    chair.prepare()
    enter(chair, Kind.STARTED, 5)
    return chair


def test_a_moment_to_come_is_refused_and_one_within_a_minute_is_now() -> None:
    chair = running()
    with pytest.raises(ValidationError, match="in the future"):
        enter(chair, Kind.NOTE, 11, now=10, text="Calm")
    assert enter(chair, Kind.NOTE, 10.9, now=10, text="Calm").at == at(10)


def test_the_pumps_turns_follow_each_other() -> None:
    chair = running()
    enter(chair, Kind.PAUSED, 10.5, reason="Pressure")
    with pytest.raises(ValidationError, match="before “paused”"):
        enter(chair, Kind.RESUMED, 9, now=12)
    assert enter(chair, Kind.RESUMED, 10, now=12).at == at(10.5)  # typed without seconds
    with pytest.raises(ValidationError, match="before “resumed”"):
        enter(chair, Kind.STOPPED, 9.5, now=12, early=True, reason="Headache")


def test_a_start_follows_the_checks_and_the_vital_signs() -> None:
    chair = Chair()
    chair.prepare()
    with pytest.raises(ValidationError, match="before “"):
        enter(chair, Kind.STARTED, -5, now=10)
    enter(chair, Kind.VITALS, 8, systolic_mmhg=120, diastolic_mmhg=80)
    with pytest.raises(ValidationError, match="before “vitals”"):
        enter(chair, Kind.STARTED, 6, now=10)
    assert enter(chair, Kind.STARTED, 7.5, now=10).at == at(8)


def test_a_start_follows_the_second_check() -> None:
    chair = Chair()
    chair.prepare()
    chair.now = at(8)
    checked = chair.check_dose()
    with pytest.raises(ValidationError, match="before “dose checked”"):
        enter(chair, Kind.STARTED, 6, now=10)
    enter(chair, Kind.STARTED, 9)
    with pytest.raises(ValidationError, match=r"“started” at .* would come before “dose checked”"):
        enter(chair, Kind.RETIMED, 12, now=13, of=checked.pk, reason="Clock")


def test_a_start_that_was_struck_to_mend_its_order_is_entered_again_with_its_time() -> None:
    chair = Chair()
    chair.prepare()
    enter(chair, Kind.VITALS, 4, systolic_mmhg=120, diastolic_mmhg=80)
    started = enter(chair, Kind.STARTED, 5)
    during = enter(chair, Kind.VITALS, 15, systolic_mmhg=130, diastolic_mmhg=80)
    enter(chair, Kind.STRUCK, 16, of=started.pk, reason="Other weight")
    with pytest.raises(ValidationError, match="before “vitals” at 14:04"):
        enter(chair, Kind.STARTED, 2, now=17)
    assert enter(chair, Kind.STARTED, 5, now=17).at == at(5)
    enter(chair, Kind.RETIMED, 14, now=18, of=during.pk, reason="Clock")


def test_the_discharge_follows_the_last_vital_signs_and_ends_them() -> None:
    chair = running()
    enter(chair, Kind.STOPPED, 45, early=False)
    enter(chair, Kind.VITALS, 90, systolic_mmhg=120, diastolic_mmhg=80)
    with pytest.raises(ValidationError, match="before “vitals”"):
        enter(chair, Kind.DISCHARGED, 80, now=110, override_reason="Insists")
    enter(chair, Kind.DISCHARGED, 100, now=110, override_reason="Insists")
    with pytest.raises(ValidationError, match="The patient left"):
        enter(chair, Kind.VITALS, 105, now=110, systolic_mmhg=120, diastolic_mmhg=80)
    enter(chair, Kind.VITALS, 99, now=110, systolic_mmhg=120, diastolic_mmhg=80)
    with pytest.raises(ValidationError, match="before “discharged”"):
        enter(chair, Kind.SIGNED, 98, now=110, meaning="responsible", reason="Late")


@pytest.mark.parametrize("hours", [-25, 25])
def test_nothing_observed_lies_a_day_from_the_checks(hours: int) -> None:
    chair = running()
    with pytest.raises(ValidationError, match="more than a day"):
        enter(chair, Kind.NOTE, hours * 60, now=26 * 60, text="Calm")
    enter(chair, Kind.NOTE, hours * 55, now=26 * 60, text="Calm")


def test_what_comes_later_may_but_not_before() -> None:
    chair = running()
    event = {"term": "Nausea", "ctcae_grade": 1, "relatedness": "possible", "expected": "yes", "action_taken": "none"}
    event |= {"serious": False, "outcome": ""}
    enter(chair, Kind.ADVERSE, 3000, **event)
    with pytest.raises(ValidationError, match="more than a day"):
        enter(chair, Kind.ADVERSE, -1500, now=3000, **event)


def test_what_was_observed_is_acknowledged_and_struck_however_late() -> None:
    chair = running()
    fast = enter(chair, Kind.VITALS, 10, heart_rate_per_min=135)
    enter(chair, Kind.ACKNOWLEDGED, 3000, of=fast.pk, done="Paused")
    enter(chair, Kind.STRUCK, 3000, of=fast.pk, reason="Artefact")
    enter(
        chair, Kind.RETIMED, 4, now=3000, of=room.session_of(chair.infusion).all(Kind.STARTED)[0].number, reason="Clock"
    )


class TestAnotherTime:
    def test_between_the_steps_before_and_after(self) -> None:
        chair = running()
        pause = enter(chair, Kind.PAUSED, 15, reason="Pressure")
        enter(chair, Kind.RESUMED, 20)
        for minute in (3, 21):
            with pytest.raises(ValidationError, match="would come before"):
                enter(chair, Kind.RETIMED, minute, now=30, of=pause.pk, reason="Clock")
        enter(chair, Kind.RETIMED, 12, now=30, of=pause.pk, reason="Clock")
        entry = room.session_of(chair.infusion).last(Kind.PAUSED)
        assert entry is not None
        assert entry.at == at(12)

    def test_within_the_minute_of_the_step_before(self) -> None:
        chair = Chair()
        chair.prepare()
        enter(chair, Kind.STARTED, 5.5)
        pause = enter(chair, Kind.PAUSED, 15, reason="Pressure")
        assert enter(chair, Kind.RETIMED, 5, now=30, of=pause.pk, reason="Clock").at == at(5.5)
        with pytest.raises(ValidationError, match="would come before"):
            enter(chair, Kind.RETIMED, 4, now=30, of=pause.pk, reason="Clock")

    def test_not_to_the_future_nor_a_day_away(self) -> None:
        chair = running()
        note = enter(chair, Kind.NOTE, 10, text="Calm")
        for minute, told in ((31, "future"), (-1500, "more than a day")):
            with pytest.raises(ValidationError, match=told):
                enter(chair, Kind.RETIMED, minute, now=30, of=note.pk, reason="Clock")

    def test_a_start_stays_after_the_vital_signs_taken_for_it_and_a_set_before_it(self) -> None:
        chair = Chair()
        chair.prepare()
        baseline = enter(chair, Kind.VITALS, 3, systolic_mmhg=120, diastolic_mmhg=80)
        started = enter(chair, Kind.STARTED, 5)
        with pytest.raises(ValidationError, match="would come before “vitals”"):
            enter(chair, Kind.RETIMED, 2, now=30, of=started.pk, reason="Clock")
        with pytest.raises(ValidationError, match="would come before “vitals”"):
            enter(chair, Kind.RETIMED, 6, now=30, of=baseline.pk, reason="Clock")
        enter(chair, Kind.RETIMED, 4, now=30, of=started.pk, reason="Clock")
        assert chair.row.started_at == at(4)

    def test_vital_signs_not_after_the_discharge(self) -> None:
        chair = running()
        enter(chair, Kind.STOPPED, 45, early=False)
        vitals = enter(chair, Kind.VITALS, 90, systolic_mmhg=120, diastolic_mmhg=80)
        enter(chair, Kind.DISCHARGED, 100, override_reason="Insists")
        with pytest.raises(ValidationError, match="The patient left"):
            enter(chair, Kind.RETIMED, 105, now=110, of=vitals.pk, reason="Clock")

    def test_the_begin_of_the_checks_within_a_day_of_everything(self) -> None:
        chair = running()
        begun = room.session_of(chair.infusion).last(Kind.BEGUN)
        assert begun is not None
        with pytest.raises(ValidationError, match="more than a day"):
            enter(chair, Kind.RETIMED, -1500, now=30, of=begun.number, reason="Clock")
        with pytest.raises(ValidationError, match="would come before"):
            enter(chair, Kind.RETIMED, 8, now=30, of=begun.number, reason="Clock")


def test_a_request_that_waited_for_its_turn_changes_no_sum() -> None:
    """Its "now" lies before the stop that was entered meanwhile."""
    chair = running()
    enter(chair, Kind.STOPPED, 30, early=True, reason="Headache", pump_mg=Decimal("40.0"))
    enter(chair, Kind.NOTE, 29.99, text="Calm")
    assert (chair.row.dose_mg_given, chair.row.minutes) == (Decimal("40.0"), Decimal("25.0"))
