"""Pressure and pulse over the session as a drawing, with the action lines, and the same numbers as a table."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from clinic.room.state import Room
from infusions.limits import exact
from infusions.session import vitals
from infusions.session.log import Entry

#: The drawing, in its own units.
WIDTH, HEIGHT = 372, 168
_LEFT, _RIGHT, _TOP, _BOTTOM = 30.0, 306.0, 8.0, 146.0
_FLOOR = 40


@dataclass(frozen=True)
class Bar:
    """One pressure, with its pulse: places on the drawing, and the words below it."""

    x: float
    systolic_y: float | None
    diastolic_y: float | None
    pulse_y: float | None
    words: str


@dataclass(frozen=True)
class Line:
    """A line across: of the grid, or one at which something must be done."""

    y: float
    words: str


def chart(room: Room) -> dict[str, Any] | None:
    """The drawing; None before the first set."""
    sets = vitals.sets(room.session)
    if not sets:
        return None
    limits = room.limits
    act = [
        (exact(limits.notify_systolic_from_mmhg), "notify"),
        (exact(limits.act_repeated_systolic_from_mmhg), "act"),
    ]
    highest = max([*(entry.data.get("systolic_mmhg") or 0 for entry in sets), int(act[-1][0])])
    top = highest + 10
    bars = [_bar(room, entry, place, top) for entry, place in zip(sets, _places(sets), strict=True)]
    pulses = [(bar.x, bar.pulse_y) for bar in bars if bar.pulse_y is not None]
    latest = sets[-1].data
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "left": _LEFT,
        "right": _RIGHT,
        "bars": _spaced(bars),
        "pulse_path": "M" + "L".join(f"{x} {y}" for x, y in pulses) if pulses else "",
        "grid": [Line(_y(value, top), str(value)) for value in range(60, top, 40)],
        "lines": [Line(_y(int(value), top), f"{words} {value.normalize():f}") for value, words in act],
        "pressure": f"{latest.get('systolic_mmhg') or '–'}/{latest.get('diastolic_mmhg') or '–'}",
        "pulse": latest.get("heart_rate_per_min"),
        "said": _said(sets),
        "rows": [(room.day_of(entry.at), entry) for entry in sets],
    }


def _places(sets: list[Entry]) -> list[float]:
    """Places by time, never nearer to each other than a bar is wide."""
    first, last = sets[0].at, sets[-1].at
    whole = max((last - first).total_seconds(), 1)
    width = _RIGHT - _LEFT - 60
    least = min(26.0, width / max(len(sets) - 1, 1))
    places: list[float] = []
    for entry in sets:
        x = _LEFT + 18 + width * (entry.at - first).total_seconds() / whole
        places.append(round(max(x, places[-1] + least) if places else x, 1))
    over = max(places[-1] - (_RIGHT - 42), 0)
    return [round(x - over * number / max(len(places) - 1, 1), 1) for number, x in enumerate(places)]


def _bar(room: Room, entry: Entry, x: float, top: int) -> Bar:
    data = entry.data
    started = room.session.started
    words = "before" if started is None or entry.at < started.at else _clock(entry.at)
    values = (data.get(name) for name in ("systolic_mmhg", "diastolic_mmhg", "heart_rate_per_min"))
    systolic, diastolic, pulse = (None if value is None else _y(value, top) for value in values)
    return Bar(x, systolic, diastolic, pulse, words)


def _spaced(bars: list[Bar]) -> list[Bar]:
    """Words below only where they have room."""
    kept: list[Bar] = []
    reach = -100.0
    for bar in bars:
        words = bar.words if bar.x - reach >= 40 and bar.words not in {one.words for one in kept} else ""
        reach = bar.x if words else reach
        kept.append(Bar(bar.x, bar.systolic_y, bar.diastolic_y, bar.pulse_y, words))
    return kept


def _y(value: int, top: int) -> float:
    return round(_BOTTOM - (_BOTTOM - _TOP) * (value - _FLOOR) / (top - _FLOOR), 1)


def _said(sets: list[Entry]) -> str:
    parts = []
    for entry in sets:
        data = entry.data
        if data.get("systolic_mmhg"):
            parts.append(f"{data['systolic_mmhg']}/{data.get('diastolic_mmhg') or '–'} at {_clock(entry.at)}")
    return f"Blood pressure {', '.join(parts)}." if parts else "No blood pressure was taken."


def _clock(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%H:%M}"
