"""What is done in the infusion room: every entry of a session's log goes through `enter`, every field through `save_field`."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import uuid5

from django.core.exceptions import ValidationError
from django.db import transaction

from infusions.models import Infusion, SessionEvent
from infusions.services.projecting import project_fields
from infusions.services.room import steps
from infusions.services.room.carrying import first_fields
from infusions.services.room.heading import heading_of
from infusions.services.room.starting import Against, against_start, warnings_of
from infusions.services.room.steps import Typed
from infusions.services.room.stock import draw_data, waste_data
from infusions.services.room.times import checked, moved, refuse_disorder
from infusions.services.session_log import FieldConflictError, Stamp, UsedKeyError, append, save_field, session_of
from infusions.session.fields import of_order
from infusions.session.log import Entry, Kind, Session, is_draft

__all__ = [
    "Against",
    "FieldConflictError",
    "Stamp",
    "Typed",
    "UsedKeyError",
    "against_start",
    "enter",
    "heading_of",
    "save_field",
    "session_of",
    "warnings_of",
]

_SAID: dict[Kind, Callable[[Infusion, Session, Typed], dict[str, Any]]] = {
    Kind.BEGUN: steps.begun_data,
    Kind.CALLED_OFF: steps.call_off_data,
    Kind.VITALS: steps.vitals_data,
    Kind.DOSE_CHECKED: steps.check_data,
    Kind.STARTED: steps.start_data,
    Kind.PAUSED: steps.pause_data,
    Kind.RESUMED: steps.resume_data,
    Kind.RATE: steps.rate_data,
    Kind.STOPPED: steps.stop_data,
    Kind.DRUG: steps.text_data,
    Kind.ADVERSE: steps.text_data,
    Kind.NOTE: steps.text_data,
    Kind.ACKNOWLEDGED: steps.acknowledge_data,
    Kind.DRAWN: draw_data,
    Kind.WASTED: waste_data,
    Kind.DISCHARGED: steps.discharge_data,
    Kind.INTEGRATION: steps.text_data,
    Kind.SIGNED: steps.sign_data,
    Kind.ADDENDUM: steps.text_data,
    Kind.STRUCK: steps.strike_data,
    Kind.RETIMED: steps.retime_data,
}


@transaction.atomic
def enter(
    infusion: Infusion, kind: Kind, stamp: Stamp, *, at: datetime, values: dict[str, Any], second: Any = None
) -> SessionEvent:
    """Write one entry of a session: `values` as the form of this kind read them, `second` who else proved who she is.

    The same key again gives the entry that it made before. Raises ValidationError (a message a field), UsedKeyError,
    Infusion.DoesNotExist.
    """
    when: list[datetime] = []
    fields: dict[str, dict[str, Any]] = {}

    def said(current: Infusion, session: Session) -> dict[str, Any]:
        _refuse_unseen(session, kind, stamp)
        when.append(moved(session, values["of"], at) if kind is Kind.RETIMED else checked(session, kind, at, stamp.now))
        typed = Typed(actor=stamp.actor, at=when[0], now=stamp.now, values=values, second=second)
        data = _SAID[kind](current, session, typed)
        if kind in {Kind.RETIMED, Kind.STRUCK}:
            refuse_disorder(_with(session, kind, when[0], data, stamp), stamp.now)
        if kind is Kind.BEGUN:
            fields.update(first_fields(current))
        return data

    event = append(infusion, kind, stamp, said, lambda: when[0])
    if fields:
        _begin_fields(infusion, event, stamp, fields)
    return event


#: What an entry answers for as a whole, by the names of the fields: a start for the order, a signature for all but drafts.
_RESTS_ON: dict[Kind, Callable[[str], bool]] = {Kind.STARTED: of_order, Kind.SIGNED: lambda name: not is_draft(name)}


def _refuse_unseen(session: Session, kind: Kind, stamp: Stamp) -> None:
    """Nobody starts another dose than the one on the page, nor signs what somebody else entered a moment ago."""
    rests_on = _RESTS_ON.get(kind)
    if not stamp.known or rests_on is None:
        return
    for entry in session.entries:
        if entry.number > stamp.known and entry.by_id != stamp.actor.pk and rests_on(entry.field):
            raise ValidationError(f"{entry.by} changed something a moment ago. Look at it here, then try again.")


def _with(session: Session, kind: Kind, at: datetime, data: dict[str, Any], stamp: Stamp) -> Session:
    """The session as it would be with one more entry."""
    number = session.entries[-1].number + 1
    entry = Entry(number, kind, at, stamp.now, stamp.actor.pk, str(stamp.actor), data)
    return Session((*session.entries, entry))


def _begin_fields(infusion: Infusion, begun: SessionEvent, stamp: Stamp, fields: dict[str, dict[str, Any]]) -> None:
    """Begin the fields that a session takes over."""
    SessionEvent.objects.bulk_create(
        SessionEvent(
            infusion=infusion,
            kind=Kind.FIELD,
            at=begun.at,
            recorded_at=stamp.now,
            by=stamp.actor,
            by_name=begun.by_name,
            key=uuid5(stamp.key, name),
            field=name,
            version=1,
            data=data,
        )
        for name, data in fields.items()
    )
    project_fields(infusion, {name: data["value"] for name, data in fields.items()})
