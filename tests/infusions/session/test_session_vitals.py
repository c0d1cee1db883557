"""Vital signs of a session: their phase, when the next are due, alerts, and the sets that were late."""

from decimal import Decimal
from typing import Any

import pytest
from written_log import Written, at

from infusions.limits import Level, Limits
from infusions.safety import Phase
from infusions.session import vitals
from infusions.session.log import Kind, Session

LIMITS = Limits()
HIGH = {"systolic_mmhg": 185, "diastolic_mmhg": 105}


def found(level: Level, field: str = "systolic_mmhg", **more: Any) -> dict[str, Any]:
    return {"level": level.value, "field": field, "limit": "some", "message": "Over.", **more}


def running(start: float = 0) -> Written:
    log = Written()
    log.add(Kind.BEGUN, -20)
    log.add(Kind.VITALS, -5, systolic_mmhg=128, diastolic_mmhg=80)
    log.start(start)
    return log


def take(log: Written, minute: float, **values: Any) -> int:
    """A set as the service keeps it, with what it crosses."""
    reading = vitals.reading_from(values, at(minute))
    findings = [vitals.as_data(finding) for finding in vitals.findings_of(log.session, reading, LIMITS)]
    return log.add(Kind.VITALS, minute, **values, findings=findings)


def due(session: Session) -> tuple[Any, Any, bool]:
    found = vitals.next_due(session, LIMITS)
    assert found is not None
    return found.at, found.overdue_at, found.repeat


@pytest.mark.parametrize(("kept", "read"), [("36.8", Decimal("36.8")), (None, None)])
def test_a_temperature_comes_from_the_log_as_an_exact_number(kept: str | None, read: Decimal | None) -> None:
    assert vitals.reading_from({"temperature_celsius": kept}, at(0)).temperature_celsius == read


class TestPhase:
    def test_by_the_pump(self) -> None:
        log = running()
        session = log.session
        assert [vitals.phase_at(session, at(minute)) for minute in (-1, 0, 1)] == [
            Phase.BEFORE,
            Phase.BEFORE,
            Phase.DURING,
        ]
        log.add(Kind.STOPPED, 40)
        session = log.session
        assert [vitals.phase_at(session, at(minute)) for minute in (40, 41)] == [Phase.DURING, Phase.RECOVERY]
        assert vitals.phase_at(Session(), at(0)) is Phase.BEFORE

    def test_the_baseline_is_the_last_before_the_start(self) -> None:
        log = running()
        log.add(Kind.VITALS, -10, systolic_mmhg=150)
        log.add(Kind.VITALS, 10, systolic_mmhg=160)
        baseline = vitals.baseline(log.session)
        assert baseline is not None
        assert baseline.at == at(-5)
        assert [entry.at for entry in vitals.sets(log.session)] == [at(-10), at(-5), at(10)]
        assert vitals.baseline(Session()) is None

    def test_a_later_set_without_a_pressure_is_no_baseline(self) -> None:
        log = Written()
        log.add(Kind.VITALS, -5, systolic_mmhg=128, diastolic_mmhg=80)
        log.add(Kind.VITALS, -2, spo2_percent=98)
        log.start()
        reading = vitals.reading_from({"systolic_mmhg": 159}, at(10))
        assert [finding.limit for finding in vitals.findings_of(log.session, reading, LIMITS)] == [
            "warn_systolic_rise_above_mmhg"
        ]

    def test_a_rise_is_judged_against_it_only_after_the_start(self) -> None:
        log = running()
        reading = vitals.reading_from({"systolic_mmhg": 159, "on_room_air": False}, at(10))
        assert reading.on_room_air is False
        assert [finding.limit for finding in vitals.findings_of(log.session, reading, LIMITS)] == [
            "warn_systolic_rise_above_mmhg"
        ]
        assert vitals.findings_of(Session(), vitals.reading_from({"heart_rate_per_min": 70}, at(10)), LIMITS) == []


class TestNextDue:
    @pytest.mark.parametrize("kinds", [[], [Kind.BEGUN], [Kind.BEGUN, Kind.CALLED_OFF]])
    def test_nothing_before_the_start(self, kinds: list[Kind]) -> None:
        log = Written()
        for kind in kinds:
            log.add(kind)
        assert vitals.next_due(log.session, LIMITS) is None

    def test_every_10_minutes_also_in_a_pause_then_every_15_until_the_discharge(self) -> None:
        log = running()
        assert due(log.session) == (at(10), at(15), False)
        take(log, 9, systolic_mmhg=130)
        assert due(log.session) == (at(19), at(24), False)
        log.add(Kind.PAUSED, 12)
        assert due(log.session) == (at(19), at(24), False)
        log.add(Kind.STOPPED, 40)
        assert due(log.session) == (at(55), at(60), False)
        take(log, 50, systolic_mmhg=130)
        assert due(log.session) == (at(65), at(70), False)
        log.add(Kind.DISCHARGED, 100)
        assert vitals.next_due(log.session, LIMITS) is None

    def test_a_first_reading_over_a_two_reading_line_is_repeated_in_5(self) -> None:
        log = running()
        take(log, 10, **HIGH)
        assert due(log.session) == (at(15), at(20), True)
        take(log, 13, **HIGH)
        assert due(log.session) == (at(15), at(20), True)
        second = take(log, 15, **HIGH)
        assert due(log.session) == (at(25), at(30), False)
        assert [finding["level"] for finding in log.entries[second - 1].data["findings"][:1]] == ["act"]

    def test_a_set_without_the_pressure_is_no_answer_to_the_repeat(self) -> None:
        log = running()
        take(log, 10, **HIGH)
        take(log, 12, spo2_percent=98)
        assert due(log.session) == (at(15), at(20), True)
        take(log, 16, systolic_mmhg=150, diastolic_mmhg=90)
        assert due(log.session) == (at(26), at(31), False)

    @pytest.mark.parametrize("alone", [{"pain": 3, "nausea": 0}, {"temperature_celsius": "36.8"}])
    def test_a_rating_or_a_temperature_alone_is_no_set(self, alone: dict[str, Any]) -> None:
        log = running()
        take(log, 9, **alone)
        assert due(log.session) == (at(10), at(15), False)
        take(log, 12, pain=3, spo2_percent=98)
        assert due(log.session) == (at(22), at(27), False)
        log.add(Kind.STOPPED, 20)
        assert vitals.missed_sets(log.session, LIMITS) == 0
        log.strike(log.session.all(Kind.VITALS)[-1].number)
        assert vitals.missed_sets(log.session, LIMITS) == 1

    def test_a_repeat_is_due_in_recovery_too(self) -> None:
        log = running()
        take(log, 39, **HIGH)
        log.add(Kind.STOPPED, 40)
        assert due(log.session) == (at(44), at(49), True)

    def test_a_repeat_from_before_the_start_does_not_last(self) -> None:
        log = Written()
        take(log, -30, heart_rate_per_min=125)
        log.start()
        assert due(log.session) == (at(10), at(15), False)

    def test_a_struck_set_does_not_count(self) -> None:
        log = running()
        log.strike(take(log, 10, **HIGH))
        assert due(log.session) == (at(10), at(15), False)


class TestAlerts:
    def test_only_lines_that_ask_for_an_answer_the_gravest_and_latest_first(self) -> None:
        log = running()
        notify = log.add(Kind.VITALS, 5, findings=[found(Level.NOTIFY), found(Level.WARN)])
        log.add(Kind.VITALS, 6, findings=[found(Level.WARN)])
        log.add(Kind.VITALS, 7)
        act = log.add(Kind.VITALS, 8, findings=[found(Level.ACT)])
        later = log.add(Kind.VITALS, 9, findings=[found(Level.NOTIFY)])
        assert [alert.entry.number for alert in vitals.open_alerts(log.session)] == [act, later, notify]
        assert [alert.acts for alert in vitals.alerts(log.session)] == [False, True, False]
        assert [len(alert.findings) for alert in vitals.alerts(log.session)] == [1, 1, 1]

    def test_what_was_done_closes_it_until_that_is_struck(self) -> None:
        log = running()
        act = log.add(Kind.VITALS, 8, findings=[found(Level.ACT)])
        done = log.add(Kind.ACKNOWLEDGED, 9, of=act, done="Paused, prescriber called")
        assert vitals.open_alerts(log.session) == []
        assert [alert.acknowledged and alert.acknowledged.number for alert in vitals.alerts(log.session)] == [done]
        log.strike(done)
        assert len(vitals.open_alerts(log.session)) == 1
        log.strike(act)
        assert vitals.alerts(log.session) == []


class TestMissedSets:
    def late(self, *minutes: float, stop: float = 40) -> int:
        log = running()
        for minute in minutes:
            log.add(Kind.VITALS, minute, spo2_percent=98)
        log.add(Kind.STOPPED, stop)
        return vitals.missed_sets(log.session, LIMITS)

    def test_a_gap_above_15_minutes_is_late(self) -> None:
        assert self.late(10, 20, 30) == 0
        assert self.late(15, 30) == 0
        assert self.late(15.1, 30) == 1
        assert self.late() == 1
        assert self.late(20) == 2
        assert self.late(50) == 1
        assert self.late(stop=15) == 0

    def test_nothing_is_late_before_the_end(self) -> None:
        assert vitals.missed_sets(Session(), LIMITS) == 0
        assert vitals.missed_sets(running().session, LIMITS) == 0
