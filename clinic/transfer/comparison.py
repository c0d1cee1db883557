"""Whether a row repeats what is stored or contradicts it. Nothing stored is ever overwritten by a file."""

from collections.abc import Collection, Iterator
from typing import Any

from clinic.transfer.layouts import QUESTIONS, TEXTS
from clinic.transfer.sheets import Row
from clinic.transfer.stored import StoredRecord
from patients.models import YesNo

_NOT_RECORDED = (None, "", YesNo.NOT_RECORDED)
_REMEDY = "correct the file, or the record by hand"


def contradictions(row: Row, stored: dict[str, Any], columns: Collection[str]) -> Iterator[tuple[str, str]]:
    """(column, message) for each of the supplied `columns` in which the row differs from what is stored."""
    for name, kept in stored.items():
        if name in columns and name in row.values and row.values[name] != kept:
            yield name, _difference(name, kept, row.values[name])


def infusion_contradictions(row: Row, stored: StoredRecord, columns: Collection[str]) -> Iterator[tuple[str, str]]:
    """The same for an infusion. Its integration note is one of those stored, or blank where there are none."""
    if stored.void:
        yield "started_at", f"the infusion with this start {stored.void}: leave it out"
        return
    yield from contradictions(row, stored.values, columns)
    note = row.values.get("integration_note")
    supplied = "integration_note" in columns and note is not None
    if supplied and (note not in stored.notes if note else stored.notes):
        yield "integration_note", _difference("integration_note", "\n".join(stored.notes), note or "")


def form_contradictions(row: Row, stored: StoredRecord) -> Iterator[tuple[str, str]]:
    """The same for a form, one for each answer that differs."""
    if stored.void:
        yield "completed_on", f"the form of this recall and day {stored.void}: leave it out"
        return
    answers = dict(zip(QUESTIONS, row.values["answers"], strict=True)) if "answers" in row.values else row.values
    for name, kept in zip(QUESTIONS, stored.values["answers"], strict=True):
        if name in answers and answers[name] != kept:
            yield name, _difference(name, kept, answers[name])


def _difference(name: str, stored: Any, given: Any) -> str:
    if name == "date_of_birth":
        what = "another day is stored"
    elif name in TEXTS:
        kept, written = _presence(stored), _presence(given)
        what = f"stored is {kept}, here it is {written}" if kept != written else "another text is stored"
    else:
        what = f"stored is {_plain(stored)}, here it is {_plain(given)}"
    return f"contradicts the record: {what}; {_REMEDY}"


def _presence(text: str) -> str:
    return "a text" if text else "not recorded"


def _plain(value: Any) -> str:
    return "not recorded" if value in _NOT_RECORDED else str(value)
