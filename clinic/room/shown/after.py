"""After the end: what stands against the discharge, the drug to account for, and what the signature still lacks."""

from typing import Any

from clinic.room.shown.before import standing
from clinic.room.state import Room
from infusions.models import Infusion, Status
from infusions.services import printed
from infusions.session import ending, scales
from infusions.session.log import Kind, Stage
from infusions.session.pump import Order
from infusions.session.stock import account
from infusions.session.words import short


def discharge(room: Room) -> dict[str, Any]:
    """The gate of the discharge (rule 53)."""
    recovers = room.stage is Stage.RECOVERY
    findings = printed(ending.against_discharge(room.session, room.limits, room.now)) if recovers else []
    unanswered = [finding for finding in findings if "is not answered" in finding.message]
    overrides = [finding for finding in findings if finding.level == "override"]
    return {
        "standing": standing([finding for finding in findings if finding not in unanswered]),
        "unanswered": len(unanswered),
        "needs_reason": bool(overrides),
        "total": scales.aldrete_total(ending.aldrete_domains(room.session)),
        "observed": ending.observed_minutes(room.session, room.now) if room.stage is Stage.RECOVERY else None,
        "discharged": room.session.last(Kind.DISCHARGED),
    }


def stock(room: Room) -> dict[str, Any]:
    """Drawn, given, wasted and what is left (rule 61)."""
    sums = account(room.session, room.session.stopped.at if room.session.stopped else room.now)
    started = room.session.started
    per_ml = ""
    if started:
        order = Order.from_data(started.data)
        per_ml = f"{order.mg / order.volume_ml:.3f}".rstrip("0").rstrip(".")
    drawn = room.session.all(Kind.DRAWN)
    left_ml = sums.left_mg / sums.vial_mg_per_ml if sums.vial_mg_per_ml else None
    return {
        "sums": sums,
        "drawn": drawn,
        "lots": list(dict.fromkeys(entry.data["lot"] for entry in drawn)),
        "bag_mg_per_ml": per_ml,
        "left": f"{short(sums.left_mg)} mg" if sums.vial_mg_per_ml else "",
        "left_ml": f"{left_ml:.2f} mL of the vial" if left_ml is not None else "",
        "over": room.session.stopped is not None,
    }


def signing(room: Room) -> dict[str, Any]:
    """What is missing, and who signed."""
    return {
        "missing": ending.missing(room.session, room.limits) if room.allows(Kind.SIGNED) else [],
        "open": ending.things_open(room.session, room.limits),
        "signed": room.session.signed,
        "changed": room.session.changed_since_signed,
        "notes": room.session.all(Kind.INTEGRATION),
        "addenda": room.session.all(Kind.ADDENDUM),
    }


def next_planned(room: Room) -> Infusion | None:
    """The next infusion that is planned for this patient. One query."""
    planned = Infusion.objects.not_voided().of_patient(room.patient.pk).filter(status=Status.PLANNED)
    following: Infusion | None = (
        planned.exclude(pk=room.infusion.pk).filter(planned_for__gte=room.now).order_by("planned_for", "id").first()
    )
    return following
