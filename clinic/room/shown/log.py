"""The log as the page shows it: what happened, the latest first, with what was struck."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from clinic.room.state import Room
from clinic.web.templatetags.tidemark import initials
from infusions.session.log import Entry, Kind
from infusions.session.words import words

_ICONS = {
    Kind.VITALS: "heart",
    Kind.DOSE_CHECKED: "check",
    Kind.STARTED: "play",
    Kind.RESUMED: "play",
    Kind.PAUSED: "pause",
    Kind.STOPPED: "square",
    Kind.RATE: "drop",
    Kind.DRUG: "pill",
    Kind.ADVERSE: "head",
    Kind.ACKNOWLEDGED: "check",
    Kind.BEGUN: "list",
    Kind.DRAWN: "syringe",
    Kind.WASTED: "trash",
    Kind.DISCHARGED: "arrow-right",
    Kind.SIGNED: "lock",
    Kind.STRUCK: "x",
    Kind.RETIMED: "clock",
    Kind.CALLED_OFF: "x",
}
#: Fields whose change belongs in the log: what the patient was given to see and hear, and who sat with her.
_SETTING = {"eye_mask": "Eye mask {}", "music": "Music {}", "playlist": "Playlist {}", "sitter": "Sitter {}"}
_ON_OFF = {"yes": "on", "no": "off"}


@dataclass(frozen=True)
class LogLine:
    """One line. `at_first` is set where the time was corrected."""

    number: int
    at: datetime
    when: str
    icon: str
    words: str
    who: str
    initials: str
    struck: str
    at_first: str
    late: str
    may_strike: bool
    may_retime: bool


def log_lines(room: Room) -> list[LogLine]:
    """Everything that happened, the latest first; a struck entry stays readable."""
    session = room.session
    shown = [entry for entry in session.entries if entry.kind is not Kind.FIELD or _is_setting(room, entry)]
    lines = [_line(room, entry) for entry in shown]
    return sorted(lines, key=lambda line: (line.at, line.number), reverse=True)


def _is_setting(room: Room, entry: Entry) -> bool:
    started = room.session.started
    return entry.field in _SETTING and started is not None and entry.number > started.number and bool(entry.value)


def _line(room: Room, entry: Entry) -> LogLine:
    session = room.session
    strike, retimed = session.struck.get(entry.number), session.retimed.get(entry.number)
    at = retimed.at if retimed else entry.at
    if entry.kind is Kind.FIELD:
        said = _SETTING[entry.field].format(_ON_OFF.get(entry.value, entry.value))
    else:
        said = words(entry, session, room.day_of)
    entered = room.day_of(entry.recorded_at)
    # An entry about another one stands where it was made, whatever time it gives.
    placed = entry.recorded_at if entry.kind is Kind.RETIMED else at
    return LogLine(
        number=entry.number,
        at=placed,
        when=room.day_of(placed),
        icon=_ICONS.get(entry.kind, "note"),
        words=said,
        who=entry.by,
        initials=initials(entry.by),
        struck=f"{strike.by}, {room.day_of(strike.recorded_at)}: {strike.data['reason']}" if strike else "",
        at_first=room.day_of(entry.at) if retimed else "",
        late=entered if (entry.recorded_at - entry.at).total_seconds() > 120 else "",
        may_strike=entry.kind is not Kind.FIELD and room.allows(Kind.STRUCK) and session.may_strike(entry),
        may_retime=entry.kind is not Kind.FIELD and room.allows(Kind.RETIMED) and session.may_retime(entry),
    )


def shown_log(room: Room) -> dict[str, Any]:
    """The log for its template."""
    return {"lines": log_lines(room)}
