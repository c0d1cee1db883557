"""The log of a session, and what follows from it: fields, stage, what was struck out.

Everything that happens in the infusion room is an entry that is never changed. A correction is another entry: STRUCK takes
an earlier one out, RETIMED gives it another time. Whatever a page or a record says is derived from the entries, so that two
sums cannot disagree.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any


class Kind(StrEnum):
    """What an entry says."""

    FIELD = "field"  # a field as somebody left it
    BEGUN = "begun"  # the patient is here: the checks begin
    CALLED_OFF = "called_off"  # cancelled, or she did not come
    VITALS = "vitals"
    DOSE_CHECKED = "dose_checked"  # the order, by a colleague
    STARTED = "started"
    PAUSED = "paused"
    RESUMED = "resumed"
    RATE = "rate"  # another pump rate
    STOPPED = "stopped"
    DRUG = "drug"  # rescue medication
    ADVERSE = "adverse_event"
    NOTE = "note"
    ACKNOWLEDGED = "acknowledged"  # what was done about an alert
    DRAWN = "drawn"
    WASTED = "wasted"
    DISCHARGED = "discharged"
    INTEGRATION = "integration_note"
    SIGNED = "signed"
    ADDENDUM = "addendum"
    STRUCK = "struck"
    RETIMED = "retimed"


class Stage(StrEnum):
    """How far a session has come."""

    PLANNED = "planned"
    CHECKS = "checks"
    RUNNING = "running"
    PAUSED = "paused"
    RECOVERY = "recovery"
    DISCHARGED = "discharged"
    SIGNED = "signed"

    @property
    def words(self) -> str:
        """As a page says it."""
        return self.value.capitalize()


#: Entries that change the stage, and the stage they lead to.
_LEADS_TO = {
    Kind.BEGUN: Stage.CHECKS,
    Kind.STARTED: Stage.RUNNING,
    Kind.PAUSED: Stage.PAUSED,
    Kind.RESUMED: Stage.RUNNING,
    Kind.STOPPED: Stage.RECOVERY,
    Kind.DISCHARGED: Stage.DISCHARGED,
    Kind.SIGNED: Stage.SIGNED,
}
#: What turns the pump, or stops it.
PUMP = (Kind.STARTED, Kind.PAUSED, Kind.RESUMED, Kind.RATE, Kind.STOPPED)

_OBSERVED = {Kind.VITALS, Kind.NOTE, Kind.DRUG, Kind.ADVERSE, Kind.DRAWN, Kind.WASTED, Kind.STRUCK, Kind.RETIMED}
_MIND = _OBSERVED | {Kind.ACKNOWLEDGED}
#: What may be entered in each stage; fields apart.
ALLOWED: dict[Stage, frozenset[Kind]] = {
    Stage.PLANNED: frozenset({Kind.BEGUN, Kind.CALLED_OFF}),
    Stage.CHECKS: frozenset(_MIND | {Kind.DOSE_CHECKED, Kind.STARTED, Kind.CALLED_OFF}),
    Stage.RUNNING: frozenset(_MIND | {Kind.PAUSED, Kind.RATE, Kind.STOPPED}),
    Stage.PAUSED: frozenset(_MIND | {Kind.RESUMED, Kind.STOPPED}),
    Stage.RECOVERY: frozenset(_MIND | {Kind.DISCHARGED, Kind.INTEGRATION}),
    Stage.DISCHARGED: frozenset(_MIND | {Kind.SIGNED, Kind.INTEGRATION}),
    Stage.SIGNED: frozenset(
        {
            *(Kind.ADDENDUM, Kind.INTEGRATION, Kind.ADVERSE, Kind.STRUCK, Kind.RETIMED, Kind.SIGNED),
            *(Kind.DRAWN, Kind.WASTED),  # a wrong lot can be mended at any time: taken back, and entered again
        }
    ),
}
#: What may still be entered of a session that did not take place: drug that was drawn for it must be accounted for.
_CALLED_OFF_ALLOWS = frozenset({Kind.NOTE, Kind.DRAWN, Kind.WASTED, Kind.STRUCK, Kind.RETIMED})
_NEVER_STRUCK = frozenset({Kind.FIELD, Kind.BEGUN, Kind.SIGNED, Kind.STRUCK, Kind.RETIMED, Kind.ADDENDUM})
_NEVER_RETIMED = frozenset({Kind.FIELD, Kind.SIGNED, Kind.STRUCK, Kind.RETIMED, Kind.ADDENDUM, Kind.ACKNOWLEDGED})

#: A draft of one person begins so, with her number: nobody else meets it.
_DRAFT = "my."


@dataclass(frozen=True)
class Entry:
    """One entry. `at` is when it happened, `recorded_at` when it was entered; both aware."""

    number: int
    kind: Kind
    at: datetime
    recorded_at: datetime
    by_id: int
    by: str
    data: dict[str, Any]
    field: str = ""
    version: int = 0

    @property
    def value(self) -> str:
        """What a field says."""
        return str(self.data.get("value", ""))


def draft_of(user_id: int, name: str) -> str:
    """The name under which a person's own draft is kept, for example "my.7.note.text"."""
    return f"{_DRAFT}{user_id}.{name}"


def is_draft(name: str) -> bool:
    """Whether a field is one person's draft and not part of the record."""
    return name.startswith(_DRAFT)


@dataclass(frozen=True)
class Session:
    """A session as its entries tell it, in the order in which they were recorded."""

    entries: tuple[Entry, ...] = ()

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> "Session":
        """The session of these entries, in any order."""
        return cls(tuple(sorted(entries, key=lambda entry: entry.number)))

    @cached_property
    def fields(self) -> dict[str, Entry]:
        """Every field as it is now."""
        found: dict[str, Entry] = {}
        for entry in self.entries:
            if entry.kind is Kind.FIELD and entry.version >= found.get(entry.field, entry).version:
                found[entry.field] = entry
        return found

    def text(self, name: str) -> str:
        """What a field says now, without blanks around it; "" where nobody wrote anything."""
        entry = self.fields.get(name)
        return entry.value.strip() if entry else ""

    def answers(self, group: str) -> dict[str, str]:
        """The fields "group.name" as name -> text."""
        start = f"{group}."
        return {name.removeprefix(start): self.text(name) for name in self.fields if name.startswith(start)}

    @cached_property
    def struck(self) -> dict[int, Entry]:
        """Number of a struck entry -> the entry that struck it."""
        return {int(entry.data["of"]): entry for entry in self.entries if entry.kind is Kind.STRUCK}

    @cached_property
    def retimed(self) -> dict[int, Entry]:
        """Number of an entry -> the latest that gave it another time."""
        return {int(entry.data["of"]): entry for entry in self.entries if entry.kind is Kind.RETIMED}

    @cached_property
    def events(self) -> tuple[Entry, ...]:
        """What happened, as it stands now: nothing struck, with corrected times, in the order of recording."""
        return tuple(
            replace(entry, at=self.retimed[entry.number].at) if entry.number in self.retimed else entry
            for entry in self.entries
            if entry.kind not in {Kind.FIELD, Kind.STRUCK, Kind.RETIMED} and entry.number not in self.struck
        )

    def all(self, *kinds: Kind) -> list[Entry]:
        """Standing entries of these kinds, in the order of recording."""
        return [entry for entry in self.events if entry.kind in kinds]

    def last(self, *kinds: Kind) -> Entry | None:
        """The latest standing entry of these kinds."""
        found = self.all(*kinds)
        return found[-1] if found else None

    def number(self, number: int) -> Entry | None:
        """The entry of this number, struck or not, with its first time."""
        return next((entry for entry in self.entries if entry.number == number), None)

    @property
    def stage(self) -> Stage:
        """How far it has come. A session that was called off stays where it was (`called_off`)."""
        last = self.last(*_LEADS_TO)
        return _LEADS_TO[last.kind] if last else Stage.PLANNED

    @property
    def called_off(self) -> Entry | None:
        """Who cancelled it or noted a no-show."""
        return self.last(Kind.CALLED_OFF)

    @property
    def started(self) -> Entry | None:
        return self.last(Kind.STARTED)

    @property
    def stopped(self) -> Entry | None:
        return self.last(Kind.STOPPED)

    @property
    def signed(self) -> Entry | None:
        return self.last(Kind.SIGNED)

    @property
    def changed_since_signed(self) -> bool:
        """Whether something that was signed has been corrected since."""
        signed = self.signed
        corrections = [entry for entry in self.entries if entry.kind in {Kind.STRUCK, Kind.RETIMED}]
        return bool(signed and corrections and corrections[-1].number > signed.number)

    def as_signed(self) -> "Session":
        """What was signed, as it was then. Raises ValueError where nothing is signed."""
        if self.signed is None:
            raise ValueError("This session is not signed.")
        return self.before(self.signed.number)

    def before(self, number: int) -> "Session":
        """The session as it was before this entry."""
        return Session(tuple(entry for entry in self.entries if entry.number < number))

    def allows(self, kind: Kind) -> bool:
        """Whether an entry of this kind may be made now."""
        if kind is Kind.SIGNED and self.stage is Stage.SIGNED:
            return self.changed_since_signed
        return kind in (_CALLED_OFF_ALLOWS if self.called_off else ALLOWED[self.stage])

    def takes_fields(self, name: str) -> bool:
        """Whether a field may be changed now. Drafts may, as long as something may still be added."""
        if is_draft(name):
            return self.stage is not Stage.PLANNED or self.called_off is not None
        return self.stage not in {Stage.PLANNED, Stage.SIGNED} and self.called_off is None

    def may_strike(self, entry: Entry) -> bool:
        """Whether an entry may be struck: of those that change the stage only the latest, and no turn under a later rate.

        A rate that outlives its start would be a pump without an order.
        """
        if entry.kind in _NEVER_STRUCK or entry.number in self.struck:
            return False
        changes_stage = (*_LEADS_TO, Kind.CALLED_OFF)
        latest = self.last(*changes_stage, Kind.RATE)
        return entry.kind not in changes_stage or (latest is not None and latest.number == entry.number)

    def may_retime(self, entry: Entry) -> bool:
        """Whether an entry may be given another time."""
        return entry.kind not in _NEVER_RETIMED and entry.number not in self.struck
