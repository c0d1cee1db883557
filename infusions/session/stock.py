"""The drug that a session drew, gave and wasted, and whether the three agree (rule 61)."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from infusions import dosing
from infusions.session.log import Kind, Session
from infusions.session.pump import Order, Pump


@dataclass(frozen=True)
class Account:
    """Amounts in mg. `vial_mg_per_ml` is that of the vials drawn from, the weakest where there were several."""

    drawn_mg: Decimal
    given_mg: Decimal
    wasted_mg: Decimal
    vial_mg_per_ml: Decimal | None

    @property
    def left_mg(self) -> Decimal:
        """What is neither given nor wasted; negative where more was given than drawn."""
        return self.drawn_mg - self.given_mg - self.wasted_mg

    @property
    def reconciles(self) -> bool:
        """Whether they agree within the drug in 0.01 mL of the vial. Nothing drawn agrees with nothing given."""
        if self.vial_mg_per_ml is None:
            return self.given_mg == 0 and self.wasted_mg == 0
        return dosing.reconciles(
            drawn_mg=self.drawn_mg,
            given_mg=self.given_mg,
            wasted_mg=self.wasted_mg,
            mg_per_ml=self.vial_mg_per_ml,
        )


def account(session: Session, until: datetime) -> Account:
    """What a session drew, gave and wasted by a moment."""
    drawn, wasted = session.all(Kind.DRAWN), session.all(Kind.WASTED)
    pump = Pump.of(session, until)
    return Account(
        drawn_mg=sum((Decimal(entry.data["mg"]) for entry in drawn), Decimal(0)),
        given_mg=pump.given_mg if pump else Decimal(0),
        wasted_mg=sum((Decimal(entry.data["mg"]) for entry in wasted), Decimal(0)),
        vial_mg_per_ml=min((Decimal(entry.data["vial_mg_per_ml"]) for entry in drawn), default=None),
    )


#: How an amount of waste may be entered.
UNITS = ("mg", "vial_ml", "bag_ml")


def wasted_mg(amount: Decimal, unit: str, *, vial_mg_per_ml: Decimal, order: Order | None) -> Decimal:
    """Waste as mg: entered so, as mL of the vial, or as mL left in the bag with the bag's concentration (rule 61).

    To 0.001 mg. Raises ValueError for mL of a bag that there is not.
    """
    if unit == "mg":
        mg = amount
    elif unit == "vial_ml":
        mg = dosing.mg_in_volume(amount, vial_mg_per_ml)
    elif order is None:
        raise ValueError("Nothing was started: there is no bag. Enter mg, or mL of the vial.")
    else:
        mg = amount * order.mg / order.volume_ml
    return dosing.to_thousandths(mg)
