"""The steps of a session and what is entered in between: what each entry says, given what was typed.

Each function gets the infusion and the session under the lock, and returns the data of the entry or raises ValidationError.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError

from clinic.policy import Action
from infusions import dosing
from infusions.limits import Level, Limits
from infusions.models import Infusion, Status
from infusions.selectors import latest_limits
from infusions.services.crossings import SignOff, printed
from infusions.services.room.heading import heading_of
from infusions.services.room.starting import against_start, order_or_refuse
from infusions.session import ending, vitals
from infusions.session.log import Entry, Kind, Session
from infusions.session.pump import Pump
from infusions.session.signing import fingerprint
from infusions.session.words import checked_words
from patients.services import require_reason


@dataclass(frozen=True)
class Typed:
    """What somebody typed for one entry, already read by its form, and who else proved who she is."""

    actor: Any
    at: datetime
    now: datetime
    values: dict[str, Any]
    second: Any = None

    def reason(self, name: str = "reason") -> str:
        """The reason, which must not be blank."""
        text = str(self.values.get(name) or "").strip()
        if not text:
            raise ValidationError({name: "Say why: the reason stays with the record."})
        return text

    def witness(self, who: str) -> dict[str, Any]:
        """Who else proved who she is, for the entry; never the one who is signed in."""
        if self.second is None or self.second.pk == self.actor.pk:
            raise ValidationError({"second_email": f"The {who} must be another person. Ask a colleague to sign here."})
        return {"witness_id": self.second.pk, "witness": str(self.second)[:200]}


def vitals_data(infusion: Infusion, session: Session, typed: Typed) -> dict[str, Any]:
    """A set with what it crosses under the limits in force now."""
    del infusion
    version = latest_limits()
    values = {name: value for name, value in typed.values.items() if value is not None}
    entry_data: dict[str, Any] = dict(values)
    if "temperature_celsius" in values:
        entry_data["temperature_celsius"] = f"{values['temperature_celsius']:.1f}"
    reading = vitals.reading_from(entry_data, typed.at)
    found = printed(vitals.findings_of(session, reading, version.limits()))
    if rejected := [finding for finding in found if finding.level is Level.REJECT]:
        raise ValidationError({finding.field: finding.message for finding in rejected})
    return entry_data | {"findings": [vitals.as_data(finding) for finding in found], "limits_version": version.number}


def start_data(infusion: Infusion, session: Session, typed: Typed) -> dict[str, Any]:
    """The order, fixed from now on, with what stood against the start and who answers for it (rules 46 and 47)."""
    version = latest_limits()
    against = against_start(infusion, session, version.limits(), typed.at)
    order = order_or_refuse(against)
    told = SignOff(typed.values.get("override_reason", ""), typed.second).answer_for(against.findings, typed.actor)
    return {**order.as_told(), **told, "limits_version": version.number}


def check_data(infusion: Infusion, session: Session, typed: Typed) -> dict[str, Any]:
    """The order as a colleague checked it. What she saw must still be the order: it may have changed under her eyes."""
    witness = typed.witness("second check")
    if not typed.second.may(Action.INFUSION_RECORD):
        raise ValidationError({"second_email": f"{typed.second} may not enter infusions. Ask another colleague."})
    order = order_or_refuse(against_start(infusion, session, latest_limits().limits(), typed.at))
    data = order.as_told()
    if typed.values["seen"] != checked_words(data):
        raise ValidationError(f"The order changed meanwhile. It is {checked_words(data)}. Go back and check it again.")
    return data | witness


def pause_data(infusion: Infusion, session: Session, typed: Typed) -> dict[str, Any]:
    del infusion, session
    return {"reason": typed.reason()}


def resume_data(infusion: Infusion, session: Session, typed: Typed) -> dict[str, Any]:
    del infusion, session, typed
    return {}


def rate_data(infusion: Infusion, session: Session, typed: Typed) -> dict[str, Any]:
    """Another pump rate. It is judged like the ordered one: over the limit a prescriber gives the reason, which it has."""
    del infusion
    pump = Pump.of(session, typed.at)
    rate: Decimal = typed.values["ml_per_h"]
    if pump is None or rate == pump.running_ml_per_h:
        raise ValidationError({"ml_per_h": "The pump runs at this rate already. Enter another one."})
    limits = latest_limits().limits()
    mg_per_min = rate / 60 * pump.order.mg / pump.order.volume_ml
    found = dosing.check_rate(limits, mg_per_min / pump.order.weight_kg)
    if any(finding.level is Level.OVERRIDE for finding in found) and not typed.actor.may(Action.DOSE_OVERRIDE):
        raise ValidationError({"ml_per_h": "Only a prescriber may order this rate. Ask one to enter it."})
    crossed = [finding.message for finding in printed(found)]
    return {"ml_per_h": str(rate), "reason": typed.reason(), "crossed": crossed}


def stop_data(infusion: Infusion, session: Session, typed: Typed) -> dict[str, Any]:
    """The end of the pump. Early needs a reason; what the pump shows may be entered, never more than the bag held."""
    del infusion
    early, read = bool(typed.values.get("early")), typed.values.get("pump_mg")
    pump = Pump.of(session, typed.at)
    if pump is not None and read is not None and read > pump.order.mg:
        raise ValidationError({"pump_mg": f"The bag held {pump.order.mg} mg: no more can have been given."})
    data: dict[str, Any] = {"early": early, "reason": typed.reason() if early else ""}
    return data if read is None else {**data, "pump_mg": str(read)}


def acknowledge_data(infusion: Infusion, session: Session, typed: Typed) -> dict[str, Any]:
    """What was done about an alert (rule 51)."""
    del infusion
    waiting = {alert.entry.number for alert in vitals.open_alerts(session)}
    if typed.values["of"] not in waiting:
        raise ValidationError("Somebody acknowledged this already. Look at the log.")
    return {"of": typed.values["of"], "done": typed.reason("done")}


def call_off_data(infusion: Infusion, session: Session, typed: Typed) -> dict[str, Any]:
    del infusion, session
    status = typed.values["status"]
    if status not in {Status.CANCELLED, Status.NO_SHOW}:
        raise ValidationError({"status": "Choose one of the list."})
    return {"status": status, "reason": typed.reason()}


def discharge_data(infusion: Infusion, session: Session, typed: Typed) -> dict[str, Any]:
    """The discharge with what stood against it (rule 53)."""
    del infusion
    version = latest_limits()
    findings = printed(ending.against_discharge(session, version.limits(), typed.at))
    told = SignOff(typed.values.get("override_reason", "")).answer_for(findings, typed.actor)
    return {**told, **ending.discharge_values(session, typed.at), "limits_version": version.number}


def sign_data(infusion: Infusion, session: Session, typed: Typed) -> dict[str, Any]:
    """Name, meaning, whose session it is, and the fingerprint of all that and what is signed; a gap needs a reason."""
    limits: Limits = latest_limits().limits()
    missing = ending.missing(session, limits)
    reason = typed.reason() if missing else ""
    name = str(typed.actor)[:200]
    data = {
        "name": name,
        "meaning": typed.values["meaning"],
        "missing": missing,
        "reason": reason,
        "about": heading_of(infusion, session),
    }
    signed = Entry(0, Kind.SIGNED, typed.at, typed.now, typed.actor.pk, name, data)
    return data | {"sha256": fingerprint(infusion.public_id, session.entries, signed)}


def text_data(infusion: Infusion, session: Session, typed: Typed) -> dict[str, Any]:
    """A note, an integration note, an addendum, or a drug: what the form read."""
    del infusion, session
    return {name: value for name, value in typed.values.items() if value is not None}


def strike_data(infusion: Infusion, session: Session, typed: Typed) -> dict[str, Any]:
    """Take an entry out, with a reason; it stays readable."""
    del infusion
    entry = session.number(typed.values["of"])
    if entry is None or not session.may_strike(entry):
        raise ValidationError("This entry cannot be struck, or somebody struck it already. Look at the log.")
    return {"of": entry.number, "reason": require_reason(typed.values.get("reason", ""))}


def retime_data(infusion: Infusion, session: Session, typed: Typed) -> dict[str, Any]:
    """Give an entry another time, with a reason. The order of the session is checked with it in place."""
    del infusion
    entry = session.number(typed.values["of"])
    if entry is None or not session.may_retime(entry):
        raise ValidationError("The time of this entry cannot be changed. Look at the log.")
    return {"of": entry.number, "reason": require_reason(typed.values.get("reason", ""))}


def begun_data(infusion: Infusion, session: Session, typed: Typed) -> dict[str, Any]:
    del infusion, session, typed
    return {}
