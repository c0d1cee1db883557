"""The clock, what is due, the alerts, and the last vital signs."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from clinic.room.state import Room
from infusions.limits import Level
from infusions.session import vitals
from infusions.session.log import Entry, Kind, Stage
from infusions.session.words import short, vitals_words


@dataclass(frozen=True)
class Box:
    """A reading on the pad: the field, how many characters it takes, and after how many of them the point is set.

    What is taken `aside`, not in every set, is reached by touching it; *Next* and Enter pass it by. `keys` are what the
    keys 1 to 9 and 0 enter instead of digits, `mode` is the keyboard of a phone. Of the two scales of sedation one is shown.
    Boxes a `third` of a row wide stand side by side.
    """

    name: str
    words: str
    unit: str
    length: int
    point_after: int = 0
    aside: bool = False
    keys: str = ""
    mode: str = "numeric"
    scale: bool = False
    third: bool = False


#: The order is that in which a set is entered.
PAD = (
    Box("systolic_mmhg", "Systolic", "mmHg", 3),
    Box("diastolic_mmhg", "Diastolic", "mmHg", 3),
    Box("heart_rate_per_min", "Pulse", "per min", 3),
    Box("spo2_percent", "SpO₂", "%", 3),
    Box("respirations_per_min", "Breaths", "per min", 2),
    Box("moaa_s", "Sedation", "MOAA/S 0–5", 1, scale=True),
    Box("rass", "Sedation", "RASS −5 to +4", 2, keys="-5 -4 -3 -2 -1 0 +1 +2 +3 +4", mode="text", scale=True),
    Box("pain", "Pain", "0–10", 2, third=True),
    Box("nausea", "Nausea", "0–10", 2, third=True),
    Box("temperature_celsius", "Temperature", "°C", 4, point_after=2, aside=True, mode="decimal", third=True),
)
#: The bar of the clock is so wide; the last third is the observation afterwards.
_BAR, _PUMP_PART = 780, 520


@dataclass(frozen=True)
class Mark:
    """A place on the bar of the clock."""

    x: float
    words: str
    taken: bool
    anchor: str = "mid"


@dataclass(frozen=True)
class Clock:
    """The clock: a page ticks on from `pumped_seconds` while it runs."""

    label: str
    running: bool
    paused: bool
    over: bool
    pumped_seconds: int
    planned_minutes: str
    left_seconds: int
    ends_at: datetime | None
    due: vitals.Due | None
    done_width: float
    marks: list[Mark]
    earliest: datetime | None


def clock(room: Room) -> Clock | None:
    """The clock of a session that was started."""
    pump, started = room.pump, room.session.started
    if pump is None or started is None:
        return None
    stage = room.stage
    paused = room.session.last(Kind.PAUSED) if stage is Stage.PAUSED else None
    label = f"Paused since {_clock(paused.at)}" if paused else "Running" if stage is Stage.RUNNING else "Pump ran"
    ends_at = pump.ends_at or room.now + _minutes(float(pump.planned_minutes_left))
    stopped = room.session.stopped
    end = stopped.at if stopped else ends_at
    earliest = end + _minutes(float(room.limits.override_observation_below_minutes))
    return Clock(
        label=label,
        running=stage is Stage.RUNNING,
        paused=paused is not None,
        over=stopped is not None,
        pumped_seconds=int(pump.exact_minutes * 60),
        planned_minutes=short(pump.order.minutes),
        left_seconds=0 if stopped else int(pump.planned_minutes_left * 60),
        ends_at=None if stopped else ends_at,
        due=room.due,
        done_width=_place(room.now if not stopped else end, started.at, end),
        marks=_marks(room, started.at, end),
        earliest=earliest,
    )


def _marks(room: Room, starts: datetime, ends: datetime) -> list[Mark]:
    sets = [entry for entry in vitals.sets(room.session) if starts <= entry.at <= ends]
    marks = [Mark(_place(entry.at, starts, ends), _clock(entry.at), True) for entry in sets]
    if room.due is not None and room.due.at < ends:
        marks.append(Mark(_place(room.due.at, starts, ends), f"{_clock(room.due.at)} due", False))
    marks.append(Mark(_PUMP_PART, f"{_clock(ends)} {'ended' if room.session.stopped else 'end'}", False))
    if not sets or sets[0].at - starts > timedelta(minutes=3):
        marks.insert(0, Mark(0, _clock(starts), False, "start"))
    return _apart(marks)


def _apart(marks: list[Mark]) -> list[Mark]:
    """Words that would run into the ones before them are left out; the last, which says the end, stays."""
    kept: list[Mark] = []
    limit = marks[-1].x - 85
    reach = -100.0
    for mark in marks[:-1]:
        words = mark.words if reach + 70 <= mark.x <= limit else ""
        reach = mark.x if words else reach
        kept.append(Mark(mark.x, words, mark.taken, "start" if mark.x < 20 else "mid"))
    return [*kept, marks[-1]]


def _place(moment: datetime, starts: datetime, ends: datetime) -> float:
    whole = max((ends - starts).total_seconds(), 1)
    return round(min(max((moment - starts).total_seconds() / whole, 0), 1) * _PUMP_PART, 1)


def _minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def _clock(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%H:%M}"


@dataclass(frozen=True)
class ShownAlert:
    """An alert that waits for somebody to say what was done."""

    number: int
    acts: bool
    title: str
    text: str
    offers: str


def alerts(room: Room) -> list[ShownAlert]:
    """Open alerts, the gravest first, with the rise over baseline and what the clinic's rule asks."""
    first = vitals.baseline(room.session)
    return [_alert(alert, first) for alert in vitals.open_alerts(room.session)]


def _alert(alert: vitals.Alert, first: Entry | None) -> ShownAlert:
    told = " ".join(finding["message"] for finding in alert.findings)
    fields = {finding["field"] for finding in alert.findings}
    pressure = {"systolic_mmhg", "diastolic_mmhg"}
    crossed = vitals_words(
        {name: value for name, value in alert.entry.data.items() if name in _beside(fields, pressure)}
    )
    line = "the action line" if alert.acts else "the notify line"
    return ShownAlert(
        number=alert.entry.number,
        acts=alert.acts,
        title=f"{'BP ' if fields & pressure else ''}{crossed} at {_clock(alert.entry.at)} is over {line}",
        text=f"{_rise(alert.entry, first) if fields & pressure else ''}{told}",
        offers=_TERMS.get(alert.findings[0]["field"], ""),
    )


def _beside(fields: set[str], pressure: set[str]) -> set[str]:
    """Either pressure is told with the other."""
    return fields | pressure if fields & pressure else fields


#: The adverse event that an alert offers to record.
_TERMS = {
    "systolic_mmhg": "Raised blood pressure",
    "diastolic_mmhg": "Raised blood pressure",
    "spo2_percent": "Desaturation",
    "moaa_s": "Sedation",
    "rass": "Sedation",
}


def _rise(entry: Entry, first: Entry | None) -> str:
    """How far the pressure is from the baseline."""
    names = ("systolic_mmhg", "diastolic_mmhg")
    if first is None or any(one.data.get(name) is None for one in (entry, first) for name in names):
        return ""
    up = [entry.data[name] - first.data[name] for name in names]
    before = "/".join(str(first.data[name]) for name in names)
    return f"{up[0]:+d} and {up[1]:+d} from baseline {before}. ".replace("-", "−")


def last_values(room: Room) -> dict[str, Any]:
    """The latest known value of each reading, for the pad."""
    found: dict[str, Any] = {}
    for entry in vitals.sets(room.session):
        found |= {box.name: entry.data[box.name] for box in PAD if entry.data.get(box.name) is not None}
    return found


def last_set_at(room: Room) -> datetime | None:
    """When the latest set was taken."""
    sets = vitals.sets(room.session)
    return sets[-1].at if sets else None


def warned(room: Room) -> list[str]:
    """What the latest set warns of, below the action lines."""
    sets = vitals.sets(room.session)
    if not sets or room.stage in {Stage.DISCHARGED, Stage.SIGNED}:
        return []
    return [found["message"] for found in sets[-1].data.get("findings", ()) if found["level"] == Level.WARN]


def stops_early(room: Room) -> bool:
    """Whether a stop now comes before the bag is empty, by more than a minute."""
    return room.pump is not None and room.pump.planned_minutes_left > 1


def actions(room: Room) -> dict[str, bool]:
    """Which entries may be made now."""
    return {kind.value: room.allows(kind) for kind in Kind}
