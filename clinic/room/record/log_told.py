"""The whole log of a session in the order in which it was entered."""

from collections.abc import Iterator

from clinic.room.record.content import Look, Row, Said, Section, Table, cell
from clinic.room.record.telling import LATE, Telling
from infusions.session.log import Entry, Kind
from infusions.session.words import origin_words

#: A field saves itself while it is typed: saves that each go on where the one before ended, within this time, are one line.
_TYPING_SECONDS = 300


def log_section(telling: Telling) -> Section:
    """Every entry with both its times and its author, also what was struck out; saves of a text being typed are one line."""
    signed = telling.session.signed
    rows = tuple(
        _row(telling, number, entry, saves, after=signed is not None and entry.number > signed.number)
        for number, (entry, saves) in enumerate(_runs(telling.entries), start=1)
    )
    note = (
        "In the order of entry. A field saves itself while it is typed: saves by one person that each go on where the one "
        "before ended, within five minutes, are one line. A text that was changed or cleared has a line of its own."
    )
    table = Table(("No.", "Time", "Entry", "By"), rows, (0.06, 0.14, 0.73, 0.07), (0,))
    return Section("log", "Log", tables=(table,), notes=(note,))


def _runs(entries: tuple[Entry, ...]) -> Iterator[tuple[Entry, int]]:
    """Each entry with how often it was saved while it was typed: the last of those saves stands for them."""
    last: Entry | None = None
    saves = 0
    for entry in entries:
        if last is not None and not _goes_on(last, entry):
            yield last, saves
            saves = 0
        last, saves = entry, saves + 1
    if last is not None:
        yield last, saves


def _goes_on(last: Entry, entry: Entry) -> bool:
    """Whether an entry is a save of more of the text that was saved just before, so that its line hides nothing."""
    return (
        last.kind is entry.kind is Kind.FIELD
        and (last.field, last.by_id, last.by) == (entry.field, entry.by_id, entry.by)
        and last.value != ""
        and not last.data.get("carried")
        and entry.value.startswith(last.value)
        and (entry.recorded_at - last.recorded_at).total_seconds() <= _TYPING_SECONDS
    )


def _row(telling: Telling, number: int, entry: Entry, saves: int, *, after: bool) -> Row:
    struck, retimed = telling.session.struck.get(entry.number), telling.session.retimed.get(entry.number)
    late = abs(entry.recorded_at - entry.at) >= LATE and entry.kind is not Kind.RETIMED
    said = telling.words(entry)
    asides = [
        origin_words(entry),
        f"saved {saves} times" if saves > 1 else "",
        "after the signature" if after else "",
        f"time corrected to {telling.clock(retimed.at)}" if retimed else "",
    ]
    entered = f"entered {telling.clock(entry.recorded_at)}" if late else ""
    shown_at = entry.recorded_at if entry.kind is Kind.RETIMED else entry.at
    return (
        cell(str(number)),
        cell(telling.clock(shown_at), Said(entered, Look.QUIET)),
        cell(
            Said(said, struck=struck is not None),
            telling.struck_words(struck) if struck else "",
            *(Said(aside, Look.QUIET) for aside in asides),
        ),
        cell(telling.by(entry)),
    )
