"""The dose with its arithmetic in view. It checks what was ordered and never proposes a dose (rule 48)."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils import timezone

from clinic.room.state import Room
from infusions import dosing
from infusions.limits import Level
from infusions.models import Infusion
from infusions.session.log import Kind
from infusions.session.pump import Order
from infusions.session.second_check import second_check
from infusions.session.words import checked_words, short


@dataclass(frozen=True)
class Sum:
    """A line of the arithmetic."""

    label: str
    how: str
    result: str


@dataclass(frozen=True)
class Earlier:
    """A dose that was given before, and what changed from the one before it."""

    on: Any
    mg_per_kg: Decimal | None
    mg: Decimal | None
    minutes: Decimal | None
    change: str


def dose(room: Room) -> dict[str, Any]:
    """The arithmetic of the order, what was given so far, the limits it keeps, and earlier doses."""
    order = room.order
    return {
        "sums": _sums(room, order) if order else [],
        "partly": [] if order else _partly(room),
        "kept": _kept(room) if order and not _crossed(room) else "",
        "crossed": _crossed(room),
        "overridden": room.session.started.data.get("override", "") if room.session.started else "",
        "earlier": earlier(room),
        "check": _check(room),
        "to_check": checked_words(order.as_told()) if order and room.allows(Kind.DOSE_CHECKED) else "",
        "second": (room.session.started.data.get("second_sign_off") or {}).get("name", "")
        if room.session.started
        else "",
    }


def _check(room: Room) -> dict[str, Any]:
    """Who checked the order besides, what she saw, and whether it is still that."""
    check = second_check(room.session, room.order)
    if check is None:
        return {}
    data = check.entry.data
    return {"by": data["witness"], "words": checked_words(data), "counts": check.counts}


def _sums(room: Room, order: Order) -> list[Sum]:
    volume = f"{short(order.volume_ml)} mL in {short(order.minutes)} min"
    lines = [
        Sum("Ordered", f"{short(order.mg_per_kg)} mg/kg × {short(order.weight_kg)} kg", f"{order.mg} mg"),
        Sum("Draw", f"{short(order.mg)} mg ÷ {short(order.vial_mg_per_ml)} mg/mL", f"{order.drug_ml} mL"),
        Sum("Pump", volume, f"{order.rate_ml_per_h} mL/h"),
    ]
    if room.pump is not None:
        lines.append(_given(room, order))
    per_min = dosing.rate_mg_per_kg_per_min(order.mg, order.weight_kg, order.minutes)
    lines.append(Sum("Speed", f"{short(order.mg_per_kg)} mg/kg ÷ {short(order.minutes)} min", f"{per_min:.3f} /min"))
    return lines


def _given(room: Room, order: Order) -> Sum:
    pump = room.pump
    if pump is None:
        raise ValueError("Nothing was started.")
    changed = room.session.all(Kind.RATE)
    how = f"{short(order.mg)} × {short(pump.minutes)} of {short(order.minutes)} min"
    if pump.read_mg is not None:
        how = "as the pump shows"
    elif changed:
        how = f"{len(pump.stretches)} stretches of the pump"
    return Sum("Given", how, f"{pump.given_mg} mg")


def _partly(room: Room) -> list[Sum]:
    """What follows from what is typed so far."""
    amounts = room.against.amounts if room.against else {}
    weight, per_kg = amounts.get("weight_kg"), amounts.get("dose_mg_per_kg")
    if not weight or not per_kg:
        return []
    return [Sum("Ordered", f"{short(per_kg)} mg/kg × {short(weight)} kg", f"{dosing.ordered_mg(per_kg, weight)} mg")]


def _crossed(room: Room) -> list[str]:
    """What the order crosses, in words: before the start what is typed, afterwards what was told at the start."""
    if room.session.started:
        return list(room.session.started.data.get("crossed", []))
    if room.against is None:
        return []
    about_dose = ("dose_", "weight", "mg", "minutes", "rate", "dilution", "start_at", "bag")
    found = [finding for finding in room.against.findings if finding.field.startswith(about_dose)]
    return [finding.message for finding in found if finding.level is not Level.REJECT]


def _kept(room: Room) -> str:
    limits = room.limits
    since = f"; {room.known.since} since the last infusion" if room.known.since else ""
    return (
        f"Inside the warn limits {short(limits.warn_dose_above_mg_per_kg)} mg/kg, "
        f"{short(limits.warn_total_above_mg)} mg, {short(limits.warn_rate_above_mg_per_kg_per_min)} mg/kg/min{since}."
    )


def earlier(room: Room) -> list[Earlier]:
    """The last five doses, the latest first. One query."""
    before = Infusion.objects.given().of_patient(room.patient.pk).exclude(pk=room.infusion.pk)
    if room.session.started:
        before = before.filter(started_at__lt=room.session.started.at)
    rows = list(before.order_by("-started_at", "-id")[:6])
    shown = []
    for row, previous in zip(rows, [*rows, None][1:], strict=True):
        shown.append(
            Earlier(
                on=timezone.localdate(row.started_at),
                mg_per_kg=row.dose_mg_per_kg,
                mg=row.dose_mg_given,
                minutes=row.minutes,
                change=_change(row.dose_mg_per_kg, previous.dose_mg_per_kg if previous else None),
            )
        )
    return shown[:5]


def _change(now: Decimal | None, before: Decimal | None) -> str:
    if now is None or before is None:
        return ""
    if now == before:
        return "same"
    return f"{'+' if now > before else '−'}{short(abs(now - before))} mg/kg"
