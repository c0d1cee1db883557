"""The vital signs of a session: sets with their phase, when the next is due, and the alerts that must be acknowledged."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from infusions import safety
from infusions.limits import Finding, Level, Limits, exact
from infusions.session.log import Entry, Kind, Session, Stage

#: What is measured in one set; `pain` and `nausea` stand beside it, ratings from 0 to 10 without limits of their own.
READINGS = (
    *("systolic_mmhg", "diastolic_mmhg", "heart_rate_per_min", "spo2_percent", "respirations_per_min"),
    *("temperature_celsius", "moaa_s", "rass"),
)
#: What the schedule asks for: a temperature or a rating, entered alone, does not put off the next blood pressure.
_WATCHED = frozenset(READINGS) - {"temperature_celsius"}
#: Levels that must be acknowledged with what was done (rule 51): the action lines and the line to notify the prescriber.
ALERTING = (Level.ACT, Level.NOTIFY)


def reading_of(entry: Entry) -> safety.VitalSigns:
    """The set of a VITALS entry as the checks take it."""
    return reading_from(entry.data, entry.at)


def reading_from(data: dict[str, Any], at: datetime) -> safety.VitalSigns:
    """A set as the checks take it, from what a VITALS entry says or is to say."""
    values = {name: data.get(name) for name in READINGS}
    if values["temperature_celsius"] is not None:  # the log keeps decimals as text
        values["temperature_celsius"] = Decimal(values["temperature_celsius"])
    return safety.VitalSigns(measured_at=at, on_room_air=data.get("on_room_air"), **values)


def phase_at(session: Session, at: datetime) -> safety.Phase:
    """Before the start, during, or after the pump was stopped."""
    started, stopped = session.started, session.stopped
    if started is None or at <= started.at:
        return safety.Phase.BEFORE
    return safety.Phase.RECOVERY if stopped is not None and at > stopped.at else safety.Phase.DURING


def sets(session: Session) -> list[Entry]:
    """The sets that stand, by the time they were taken."""
    return sorted(session.all(Kind.VITALS), key=lambda entry: (entry.at, entry.number))


def last_pressure(taken: list[Entry]) -> Entry | None:
    """The last of these sets that has a blood pressure: after it somebody may have read the SpO2 alone."""
    return next((entry for entry in reversed(taken) if entry.data.get("systolic_mmhg") is not None), None)


def baseline(session: Session) -> Entry | None:
    """The last blood pressure before the start: a rise is counted from it."""
    return last_pressure([entry for entry in sets(session) if phase_at(session, entry.at) is safety.Phase.BEFORE])


def findings_of(session: Session, reading: safety.VitalSigns, limits: Limits) -> list[Finding]:
    """What a new set crosses, given the sets before it."""
    first = baseline(session)
    return safety.check_vital_signs(
        limits,
        reading,
        phase=phase_at(session, reading.measured_at),
        baseline=reading_of(first) if first else None,
        earlier=[reading_of(entry) for entry in sets(session) if entry.at < reading.measured_at],
    )


def as_data(finding: Finding) -> dict[str, Any]:
    """A finding as the log keeps it: the record says what was told, under whatever limits are in force later."""
    kept = {"level": finding.level.value, "field": finding.field, "limit": finding.limit, "message": finding.message}
    return kept | ({"repeat_in_minutes": finding.repeat_in_minutes} if finding.repeat_in_minutes else {})


@dataclass(frozen=True)
class Alert:
    """A set over an action line, with what was done about it once somebody said so."""

    entry: Entry
    findings: tuple[dict[str, Any], ...]
    acknowledged: Entry | None = None

    @property
    def acts(self) -> bool:
        """Whether something must be done now; else the prescriber is told, or the reading repeated."""
        return any(finding["level"] == Level.ACT for finding in self.findings)


def alerts(session: Session) -> list[Alert]:
    """Every alert of the session, oldest first."""
    done = {int(entry.data["of"]): entry for entry in session.all(Kind.ACKNOWLEDGED)}
    found = []
    for entry in sets(session):
        over = tuple(finding for finding in entry.data.get("findings", ()) if finding["level"] in ALERTING)
        if over:
            found.append(Alert(entry, over, done.get(entry.number)))
    return found


def open_alerts(session: Session) -> list[Alert]:
    """Alerts that nobody acknowledged yet, the gravest and latest first."""
    waiting = [alert for alert in alerts(session) if alert.acknowledged is None]
    return sorted(waiting, key=lambda alert: (not alert.acts, -alert.entry.number))


@dataclass(frozen=True)
class Due:
    """When the next set is due (rule 50). `repeat` says that a reading over a line must be taken again (rule 51)."""

    at: datetime
    overdue_at: datetime
    repeat: bool = False


def next_due(session: Session, limits: Limits) -> Due | None:
    """When the next set is due; None before the start and after the discharge.

    During the infusion, also while it is paused, and in recovery; counted from the last set of that phase, else from start
    or stop. A first reading over a two-reading line brings it forward.
    """
    stage = session.stage
    begins = session.stopped if stage is Stage.RECOVERY else session.started
    if stage not in {Stage.RUNNING, Stage.PAUSED, Stage.RECOVERY} or begins is None:
        return None
    recovery = stage is Stage.RECOVERY
    every = limits.vitals_recovery_every_minutes if recovery else limits.vitals_during_every_minutes
    taken = [entry for entry in _counted(session) if entry.at >= begins.at]
    regular = (taken[-1].at if taken else begins.at) + _minutes(every)
    grace = _minutes(limits.warn_vitals_overdue_above_minutes)
    repeats = [at for at in _repeats(session) if session.started is not None and session.started.at <= at < regular]
    if repeats:
        return Due(min(repeats), min(repeats) + grace, repeat=True)
    return Due(regular, regular + grace)


def _counted(session: Session) -> list[Entry]:
    """The sets that the schedule counts."""
    return [entry for entry in sets(session) if entry.data.keys() & _WATCHED]


def _repeats(session: Session) -> list[datetime]:
    """When a reading over a line is to be taken again. A later set without it, the SpO2 alone for example, is no answer."""
    taken = sets(session)
    return [
        entry.at + timedelta(minutes=found["repeat_in_minutes"])
        for place, entry in enumerate(taken, start=1)
        for found in entry.data.get("findings", ())
        if "repeat_in_minutes" in found and all(later.data.get(found["field"]) is None for later in taken[place:])
    ]


def missed_sets(session: Session, limits: Limits) -> int:
    """How often a set came later than the schedule and its grace allow while the pump was on (rule 50)."""
    started, stopped = session.started, session.stopped
    if started is None or stopped is None:
        return 0
    times = [entry.at for entry in _counted(session) if started.at <= entry.at <= stopped.at]
    allowed = _minutes(limits.vitals_during_every_minutes) + _minutes(limits.warn_vitals_overdue_above_minutes)
    moments = [started.at, *times, stopped.at]
    return sum(later - earlier > allowed for earlier, later in pairwise(moments))


def _minutes(number: Any) -> timedelta:
    return timedelta(microseconds=int(exact(number) * 60_000_000))
