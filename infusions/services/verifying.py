"""Deriving a session again from its log, and saying what on record differs from that."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Exists, OuterRef, Q

from infusions.models import Infusion, SessionEvent, StockEntry
from infusions.services.projecting import TABLES, infusion_values, row_of, stock_of
from infusions.services.session_log import session_of
from infusions.session.log import Entry, Kind, Session
from infusions.session.signing import fingerprint

#: What a log that was changed by hand may raise where it is read.
_UNREADABLE = (ArithmeticError, AttributeError, KeyError, LookupError, TypeError, ValueError)
#: The columns of a row that follow from its entry alone.
_ROW_COLUMNS = {
    Kind.VITALS: (
        *("taken_at", "on_room_air", "systolic_mmhg", "diastolic_mmhg", "heart_rate_per_min", "spo2_percent"),
        *("respirations_per_min", "temperature_celsius", "moaa_s", "rass"),
    ),
    Kind.ADVERSE: (
        *("started_at", "term", "ctcae_grade", "serious", "relatedness", "expected", "action_taken", "outcome"),
    ),
    Kind.INTEGRATION: ("text",),
}
_STOCK_COLUMNS = ("kind", "at", "lot", "lot_key", "vial_mg_per_ml", "mg", "by_id", "witness_id")


def differences(infusion: Infusion) -> list[str]:
    """What differs, in words without anything clinical: names of columns and numbers of entries. Six queries."""
    try:
        session = session_of(infusion)
        return [*_of_infusion(infusion, session), *_of_rows(infusion, session), *_of_stock(infusion, session)] + [
            f"what was signed as entry {entry.number} is not what is in the log"
            for entry in session.entries
            if entry.kind is Kind.SIGNED and not _is_as_signed(infusion, session, entry)
        ]
    except _UNREADABLE as error:
        return [f"the log cannot be read ({type(error).__name__})"]


def _of_infusion(infusion: Infusion, session: Session) -> Iterator[str]:
    if not session.entries:
        yield "the infusion has a stage and no log"
        return
    expected = infusion_values(session)
    if differing := _differing(infusion, expected):
        yield f"the infusion's {differing} differ from the log"


def _of_rows(infusion: Infusion, session: Session) -> Iterator[str]:
    for kind, (model, time) in TABLES.items():
        name = model._meta.verbose_name
        rows = list(model._default_manager.filter(infusion=infusion).order_by("id"))
        found = {row.event_id: row for row in rows if row.event_id is not None}
        if len(found) < len(rows):
            yield f"{name} without an entry in the log: {len(rows) - len(found)}"
        for entry in session.entries:
            if entry.kind is kind and (wrong := _row_fault(found.pop(entry.number, None), entry, session, time)):
                yield f"{name} of entry {entry.number}{wrong}"
        for number in sorted(found):
            yield f"{name} of entry {number}, which is none of this session"


def _row_fault(row: Any, entry: Entry, session: Session, time: str) -> str:
    """How the row of an entry differs, as the end of a sentence; "" if it does not. `time` is its column of the moment."""
    if row is None:
        return " is missing"
    made = row_of(entry)
    expected = {column: getattr(made, column) for column in _ROW_COLUMNS[entry.kind]} | {"entered_by_id": entry.by_id}
    if time and entry.number in session.retimed:
        expected[time] = session.retimed[entry.number].at
    voided = bool(row.voided_at) is not (entry.number in session.struck)
    differing = ", ".join(filter(None, [_differing(row, expected), "voided_at" if voided else ""]))
    return f": {differing} differ from the log" if differing else ""


def _of_stock(infusion: Infusion, session: Session) -> Iterator[str]:
    lines = {line.event_id: line for line in StockEntry.objects.filter(infusion=infusion).order_by("id")}
    for entry in session.entries:
        about = session.number(int(entry.data["of"])) if entry.kind is Kind.STRUCK else entry
        if about is None or about.kind not in {Kind.DRAWN, Kind.WASTED}:
            continue
        line = lines.pop(entry.number, None)
        if line is None:
            yield f"the line of stock of entry {entry.number} is missing"
            continue
        made = stock_of(about, by_id=entry.by_id, sign=1 if about is entry else -1)
        if differing := _differing(line, {column: getattr(made, column) for column in _STOCK_COLUMNS}):
            yield f"the line of stock of entry {entry.number}: {differing} differ from the log"
    for number in sorted(lines):
        yield f"the line of stock of entry {number}, which is none of this session"


def _differing(row: Any, expected: dict[str, Any]) -> str:
    return ", ".join(name for name, value in expected.items() if getattr(row, name) != value)


def _is_as_signed(infusion: Infusion, session: Session, signed: Entry) -> bool:
    before = session.before(signed.number).entries
    return fingerprint(infusion.public_id, before, signed) == signed.data["sha256"]


def kept_in_room() -> Any:
    """Every infusion that has a log or says so, voided ones too, in the order in which they were planned."""
    logged = SessionEvent.objects.filter(infusion=OuterRef("pk")).order_by()
    return Infusion.objects.filter(Exists(logged) | ~Q(stage="")).order_by("id")
