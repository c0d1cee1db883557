"""What the rest of the house reads of a session, derived from its log: the infusion, its vital signs, events and notes.

Lists, the patient's page and the outcomes know nothing of logs. Each entry brings these rows up to date in its own
transaction; `verify_sessions` derives them again and compares.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from infusions.models import AdverseEvent, Infusion, IntegrationNote, SessionEntry, SessionEvent, Status, StockEntry
from infusions.models import VitalSigns as VitalSignsRow
from infusions.session.log import Entry, Kind, Session, Stage
from infusions.session.pump import Order, Pump
from infusions.session.vitals import READINGS, reading_of
from patients.models import YesNo

_YES_NO = {"yes": YesNo.YES, "no": YesNo.NO}
_ROOM_AIR = {True: YesNo.YES, False: YesNo.NO}
#: Fields of a session that stand on its infusion under the same name: texts, and answers of yes or no.
_TEXTS, _ANSWERS = ("preparation_note", "intention", "sitter"), ("eye_mask", "music")


def infusion_values(session: Session) -> dict[str, Any]:
    """The fields of an infusion that its session says; until the pump is stopped nothing was given."""
    values: dict[str, Any] = {"stage": session.stage.value, "status": _status(session), "status_reason": ""}
    if session.last(Kind.BEGUN):  # until then the fields are those of the plan
        values |= field_values({name: session.text(name) for name in (*_TEXTS, *_ANSWERS)})
    values |= dict.fromkeys(
        ("started_at", "minutes", "weight_kg", "dose_mg_per_kg", "dose_mg_ordered", "dose_mg_given"), None
    )
    values["limits_overridden_reason"] = "\n".join(_overrides(session))
    if session.called_off:
        values["status_reason"] = session.called_off.data["reason"]
    if session.started:
        values |= _order_values(session.started)
    # Up to the stop and not to now: a request that waited for its turn has a "now" that may lie before it.
    pump = Pump.of(session, session.stopped.at) if session.stopped else None
    if pump is not None and session.stopped:
        values |= {"minutes": pump.minutes, "dose_mg_given": pump.given_mg}
        values["status_reason"] = session.stopped.data.get("reason", "")
    return values


def field_values(typed: Mapping[str, str]) -> dict[str, str]:
    """What typed fields, name -> text, are on an infusion; nothing of those that it does not have."""
    texts = {name: typed[name].strip() for name in _TEXTS if name in typed}
    return texts | {name: _YES_NO.get(typed[name].strip(), YesNo.NOT_RECORDED) for name in _ANSWERS if name in typed}


def project_fields(infusion: Infusion, typed: Mapping[str, str]) -> None:
    """Bring an infusion up to date with fields that were typed; at most one statement."""
    if values := field_values(typed):
        Infusion.objects.filter(pk=infusion.pk).update(**values)


def _order_values(started: Entry) -> dict[str, Any]:
    order = Order.from_data(started.data)
    return {
        "started_at": started.at,
        "weight_kg": order.weight_kg,
        "dose_mg_per_kg": order.mg_per_kg,
        "dose_mg_ordered": order.mg,
    }


def _status(session: Session) -> str:
    if session.called_off:
        return str(session.called_off.data["status"])
    if session.stopped:
        return Status.STOPPED_EARLY if session.stopped.data["early"] else Status.COMPLETED
    return Status.IN_PROGRESS if session.stage in {Stage.RUNNING, Stage.PAUSED} else Status.PLANNED


def _overrides(session: Session) -> list[str]:
    steps = session.all(Kind.STARTED, Kind.DISCHARGED)
    return [entry.data["override"] for entry in steps if entry.data.get("override")]


def project(infusion: Infusion, event: SessionEvent, session: Session, stamp: Any) -> None:
    """Bring the infusion and its rows up to date after one more entry."""
    entry = event.entry()
    values = {name: value for name, value in infusion_values(session).items() if getattr(infusion, name) != value}
    if infusion.prescriber_id is None and entry.kind is Kind.STARTED:
        values["prescriber"] = stamp.actor
    for name, value in values.items():
        setattr(infusion, name, value)
    infusion.version += 1
    if values:  # most entries change nothing of it, and each of its constraints is a query
        infusion.full_clean()
    infusion.save(update_fields=["version", *values])
    if entry.kind in _ROWS:
        row = row_of(entry)
        row.infusion, row.event, row.entered_by = infusion, event, stamp.actor
        # What it belongs to is there, and a set was judged by the bounds that the table has: neither need be asked for.
        judged = entry.kind is Kind.VITALS
        row.full_clean(exclude={"infusion", "event", "entered_by"}, validate_constraints=not judged)
        row.save(force_insert=True)
    if entry.kind in {Kind.DRAWN, Kind.WASTED}:
        _keep_stock(infusion, event, stock_of(entry, by_id=event.by_id, sign=1))
    if entry.kind in {Kind.STRUCK, Kind.RETIMED}:
        _correct(infusion, event, session, stamp)


def row_of(entry: Entry) -> SessionEntry:
    """The row that an entry of such a kind makes, not yet saved and of no infusion yet."""
    row: SessionEntry = _ROWS[entry.kind](entry)
    return row


def _vitals(entry: Entry) -> VitalSignsRow:
    reading = reading_of(entry)
    values = {name: getattr(reading, name) for name in READINGS}
    on_room_air = _ROOM_AIR.get(entry.data.get("on_room_air"), YesNo.NOT_RECORDED)  # type: ignore[arg-type]
    return VitalSignsRow(taken_at=entry.at, on_room_air=on_room_air, **values)


def _adverse_event(entry: Entry) -> AdverseEvent:
    names = ("term", "ctcae_grade", "serious", "relatedness", "expected", "action_taken", "outcome")
    return AdverseEvent(started_at=entry.at, **{name: entry.data[name] for name in names})


def _note(entry: Entry) -> IntegrationNote:
    return IntegrationNote(text=entry.data["text"])


#: Kinds that have a row of their own, and how it is made.
_ROWS: dict[Kind, Any] = {Kind.VITALS: _vitals, Kind.ADVERSE: _adverse_event, Kind.INTEGRATION: _note}
#: The rows of a kind, and which of their fields is the time.
TABLES: dict[Kind, tuple[Any, str]] = {
    Kind.VITALS: (VitalSignsRow, "taken_at"),
    Kind.ADVERSE: (AdverseEvent, "started_at"),
    Kind.INTEGRATION: (IntegrationNote, ""),
}


def _correct(infusion: Infusion, event: SessionEvent, session: Session, stamp: Any) -> None:
    """Void the row of a struck entry, or give it its other time."""
    corrected = session.number(int(event.data["of"]))
    if corrected is None:
        return
    if corrected.kind in TABLES:
        model, time = TABLES[corrected.kind]
        rows = model.objects.filter(event_id=corrected.number)
        if event.kind == Kind.STRUCK:
            rows.update(voided_at=stamp.now, voided_by=stamp.actor, void_reason=event.data["reason"])
        elif time:
            rows.update(**{time: event.at})
    if corrected.kind in {Kind.DRAWN, Kind.WASTED} and event.kind == Kind.STRUCK:
        _keep_stock(infusion, event, stock_of(corrected, by_id=event.by_id, sign=-1))


def stock_of(entry: Entry, *, by_id: int, sign: int) -> StockEntry:
    """The line of stock that an entry makes, not yet saved; one that is struck is taken back by a line without a witness."""
    data = entry.data
    return StockEntry(
        kind=entry.kind.value,
        at=entry.at,
        lot=data["lot"],
        lot_key=data["lot"].casefold(),
        vial_mg_per_ml=Decimal(data["vial_mg_per_ml"]),
        mg=Decimal(data["mg"]) * sign,
        by_id=by_id,
        witness_id=data.get("witness_id") if sign > 0 else None,
    )


def _keep_stock(infusion: Infusion, event: SessionEvent, line: StockEntry) -> None:
    line.infusion, line.event = infusion, event
    line.save(force_insert=True)
