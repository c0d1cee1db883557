"""Drug drawn for a session and wasted of it (rules 59 and 61)."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError

from infusions import dosing
from infusions.models import Infusion
from infusions.session.log import Kind, Session
from infusions.session.pump import Order
from infusions.session.stock import account, wasted_mg
from infusions.session.words import short

if TYPE_CHECKING:
    from infusions.services.room.steps import Typed

#: The longest lot; it is found by its letters without upper case.
_LOT_LENGTH = 60
#: More is a slip of the decimal point: ten times the largest dose that is accepted at all.
_MOST_MG = 10 * dosing.ACCEPTED["mg"][1]


def draw_data(infusion: Infusion, session: Session, typed: "Typed") -> dict[str, Any]:
    """What was drawn from a vial: mg are mL times its concentration. It must be the concentration that was ordered with."""
    del infusion
    vial, ml = typed.values["vial_mg_per_ml"], typed.values["ml"]
    if session.started and (ordered := Order.from_data(session.started.data).vial_mg_per_ml) != vial:
        told = f"The order counts with {ordered.normalize():f} mg/mL. Check the vial: its mL would hold another dose."
        raise ValidationError({"vial_mg_per_ml": told})
    lot = typed.values["lot"].strip()
    if len(lot.casefold()) > _LOT_LENGTH:  # some letters are longer without upper case
        raise ValidationError({"lot": "This is too long. Enter the lot, as the vial says."})
    mg = dosing.to_thousandths(dosing.mg_in_volume(ml, vial))
    if not 0 < mg <= _MOST_MG:
        raise ValidationError({"ml": f"This would be {mg.normalize():f} mg. Check the volume and the vial."})
    return {"lot": lot, "vial_mg_per_ml": str(vial), "ml": str(ml), "mg": str(mg)}


def waste_data(infusion: Infusion, session: Session, typed: "Typed") -> dict[str, Any]:
    """What was wasted, as mg, with the witness who proved who she is and is another person."""
    del infusion
    drawn = session.all(Kind.DRAWN)
    if not drawn:
        raise ValidationError({"amount": "Nothing was drawn. Enter the lot and what was drawn first."})
    witness = typed.witness("witness")
    of_lot = {entry.data["lot"]: Decimal(entry.data["vial_mg_per_ml"]) for entry in drawn}
    lot = typed.values.get("lot") or drawn[-1].data["lot"]
    if lot not in of_lot:
        raise ValidationError({"lot": "Nothing was drawn from this lot. Choose one of the list."})
    order = Order.from_data(session.started.data) if session.started else None
    amount, unit = typed.values["amount"], typed.values["unit"]
    try:
        mg = wasted_mg(amount, unit, vial_mg_per_ml=of_lot[lot], order=order)
    except ValueError as error:
        raise ValidationError({"unit": str(error)}) from None
    if not mg:
        raise ValidationError({"amount": "This is less than 0.001 mg. Check the amount and its unit."})
    _refuse_more_than_is_left(session, mg, of_lot[lot], typed)
    return {
        "lot": lot,
        "vial_mg_per_ml": str(of_lot[lot]),
        "amount": str(amount),
        "unit": unit,
        "mg": str(mg),
        "method": typed.values["method"].strip(),
        "reason": typed.reason(),
        **witness,
    }


def _refuse_more_than_is_left(session: Session, mg: Decimal, vial_mg_per_ml: Decimal, typed: "Typed") -> None:
    """No more can be wasted than was drawn, nor, once the pump was stopped, than it left."""
    sums = account(session, session.stopped.at if session.stopped else typed.at)
    left = sums.left_mg if session.stopped else sums.drawn_mg - sums.wasted_mg
    if mg > left + dosing.mg_in_volume(dosing.ML_TOLERANCE, vial_mg_per_ml):
        given = f", {short(sums.given_mg)} mg given" if session.stopped else ""
        told = (
            f"{short(sums.drawn_mg)} mg drawn{given}, {short(sums.wasted_mg)} mg wasted: {short(mg)} mg more cannot be."
        )
        raise ValidationError({"amount": f"{told} Check the amount and its unit."})
