"""Writing the log of a session: one entry, once, where the session allows it; and what the rest of the house reads of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from clinic.audit.services import record_event
from infusions.models import Infusion, SessionEvent, Status
from infusions.services.projecting import project, project_fields
from infusions.session.fields import length_of, of_order
from infusions.session.log import Entry, Kind, Session, Stage, draft_of, is_draft
from patients.services import announce_change

#: Entries that may change what the outcomes rest on: whether it was given, when, and how much.
_ANNOUNCED = frozenset({Kind.STARTED, Kind.STOPPED, Kind.CALLED_OFF, Kind.STRUCK, Kind.RETIMED})
#: Stages in which the order may still be changed.
_BEFORE_START = (Stage.PLANNED, Stage.CHECKS)


class UsedKeyError(Exception):
    """The same key came with other content."""


class FieldConflictError(Exception):
    """Somebody else changed this field after it was shown; `current` is what it says now (None: nothing)."""

    def __init__(self, current: SessionEvent | None) -> None:
        super().__init__("Somebody else changed this field.")
        self.current = current


@dataclass(frozen=True)
class Stamp:
    """Who sends what, when: the same for everything that one request writes.

    `known` is the newest entry that the page knew; 0 where there was no page.
    """

    actor: Any
    key: UUID
    now: datetime
    content_hash: str = ""
    known: int = 0


def session_of(infusion: Infusion) -> Session:
    """The session of an infusion. One query; entries are made from its columns, as hundreds of models take twice as long."""
    columns = ("id", "kind", "at", "recorded_at", "by_id", "by_name", "data", "field", "version")
    rows = SessionEvent.objects.filter(infusion=infusion).order_by("id").values_list(*columns)
    return Session.of(Entry(number, Kind(kind), *rest) for number, kind, *rest in rows)


#: Given the session as it is under the lock: what the entry says. It may raise ValidationError.
Said = Callable[[Infusion, Session], dict[str, Any]]


@transaction.atomic
def append(infusion: Infusion, kind: Kind, stamp: Stamp, said: Said, at: Callable[[], datetime]) -> SessionEvent:
    """Write one entry, and bring the records that follow from the log up to date. `at` is asked once `said` has answered.

    The same key again gives the entry it made. Raises UsedKeyError for another content under it, ValidationError where the
    session does not allow such an entry now or `said` refuses, Infusion.DoesNotExist for one that was voided meanwhile.
    """
    if kind in _ANNOUNCED:
        announce_change({infusion.course.patient_id})
    current = _locked(infusion)
    if (made := _made_before(current, kind, stamp)) is not None:
        return made
    session = session_of(current)
    _refuse(kind, current, session)
    data = said(current, session)
    event = SessionEvent(
        infusion=current,
        kind=kind,
        at=at(),
        recorded_at=stamp.now,
        by=stamp.actor,
        by_name=str(stamp.actor)[:200],
        key=stamp.key,
        content_hash=stamp.content_hash,
        data=data,
    )
    _insert(event)
    project(current, event, Session((*session.entries, event.entry())), stamp)
    record_event(
        stamp.actor,
        f"session {kind.replace('_', ' ')}",
        patient_id=current.course.patient_id,
        record=current,
        detail={"entry": event.pk},
    )
    return event


def _locked(infusion: Infusion) -> Infusion:
    rows = Infusion.objects.not_voided().select_for_update(of=("self",)).select_related("course__patient")
    current: Infusion = rows.get(pk=infusion.pk)
    return current


def _made_before(infusion: Infusion, kind: Kind, stamp: Stamp) -> SessionEvent | None:
    made: SessionEvent | None = SessionEvent.objects.filter(key=stamp.key).first()
    if made is None:
        return None
    same = (made.infusion_id, made.kind, made.by_id, made.content_hash)
    if same != (infusion.pk, kind, stamp.actor.pk, stamp.content_hash):
        raise UsedKeyError
    return made


def _insert(event: SessionEvent) -> None:
    """Raises UsedKeyError where the key was used in another session at the same moment."""
    try:
        with transaction.atomic():
            event.save(force_insert=True)
    except IntegrityError:
        raise UsedKeyError from None


def _refuse(kind: Kind, infusion: Infusion, session: Session) -> None:
    """Say why an entry cannot be made now, for whoever did not see what another person entered."""
    if not session.entries and infusion.status != Status.PLANNED:
        there = Status(infusion.status).label.lower()
        raise ValidationError(f"This infusion is {there}, without the infusion room. Nothing can be entered here.")
    if session.allows(kind):
        return
    if session.called_off:
        raise ValidationError("This session was called off. Look at the log.")
    what, stage = kind.replace("_", " "), session.stage.words.lower()
    raise ValidationError(f"“{what}” cannot be entered now: the session is {stage}. Look at the log.")


def save_field(infusion: Infusion, stamp: Stamp, *, name: str, value: str, seen: int) -> SessionEvent:
    """Keep a field as it was typed. `seen` is the version that its editor saw (0: none).

    Raises FieldConflictError when somebody else changed it meanwhile, ValidationError where it cannot be changed now,
    UsedKeyError, Infusion.DoesNotExist. Four statements and a commit at most, however long the log is.
    """
    _refuse_text(stamp, name, value)
    try:
        return _save_field(infusion, stamp, name, value, seen)
    except IntegrityError:  # the key was used for another field, or in another session
        raise UsedKeyError from None


@transaction.atomic
def _save_field(infusion: Infusion, stamp: Stamp, name: str, value: str, seen: int) -> SessionEvent:
    rows = Infusion.objects.not_voided().select_for_update(of=("self",)).only("stage", "status")
    current: Infusion = rows.get(pk=infusion.pk)
    row = SessionEvent(
        infusion=current,
        kind=Kind.FIELD,
        at=stamp.now,
        recorded_at=stamp.now,
        by=stamp.actor,
        by_name=str(stamp.actor)[:200],
        key=stamp.key,
        field=name,
        version=seen + 1,
        data={"value": value},
    )
    latest = SessionEvent.objects.filter(infusion=current, field=name).order_by("-version").first()
    refusal = _field_refusal(current, name)
    if not refusal and (latest.version if latest else 0) == seen:
        row.save(force_insert=True)
        project_fields(current, {name: value})
        return row
    made = SessionEvent.objects.filter(key=stamp.key).first()
    if made is None and refusal:
        raise ValidationError({name: refusal})
    if made is None:
        raise FieldConflictError(latest)
    said = (made.infusion_id, made.field, made.by_id, made.data)
    if said != (row.infusion_id, row.field, row.by_id, row.data):
        raise UsedKeyError
    return made


def _refuse_text(stamp: Stamp, name: str, value: str) -> None:
    """What no field takes: a name that there is not, another person's draft, too much, and what cannot be stored."""
    longest = 0 if is_draft(name) and not name.startswith(draft_of(stamp.actor.pk, "")) else length_of(name)
    if not longest:
        raise ValidationError({name: "There is no such field. Load the page again."})
    if len(value) > longest:
        raise ValidationError({name: f"This is too long: {len(value)} characters. Shorten it to {longest}."})
    if any(character == "\0" or "\ud800" <= character <= "\udfff" for character in value):
        raise ValidationError(
            {name: "This holds a character that cannot be stored. Delete what you pasted and type it."}
        )


def _field_refusal(infusion: Infusion, name: str) -> str:
    """Why a field cannot be changed now; "" if it can.

    By the stage alone, which the row under the lock has: the log need not be read for every key that is typed.
    """
    called_off = infusion.status in {Status.CANCELLED, Status.NO_SHOW} and infusion.stage != ""
    if infusion.stage in {"", Stage.PLANNED} and not called_off:
        return "Begin the checks first."
    if is_draft(name):
        return ""
    if called_off:
        return "This session was called off. Nothing of it can be changed."
    if infusion.stage == Stage.SIGNED:
        return "This session is signed. Add an addendum instead."
    if of_order(name) and infusion.stage not in _BEFORE_START:
        return "The pump was started: the order is fixed. Change the rate, or stop."
    return ""
