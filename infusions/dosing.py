"""The arithmetic of an infusion, and the check of an order against the clinic's limits.

Exact Decimals in, half-up rounding once, at the end (clinical rule 48); a float raises TypeError, a negative amount or a
divisor of zero ValueError. It checks what a prescriber ordered and never proposes a dose.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal

from infusions.limits import Accepted, Finding, Level, Limits, Line, Number, Row, exact, minutes_between

#: Kilograms in one pound, by definition (international yard and pound agreement, 1959).
KG_PER_LB = Decimal("0.45359237")
#: A volume is read to this, and a session closes within its amount of drug (rule 61).
ML_TOLERANCE = Decimal("0.01")
#: What rounding to 0.1 mg may have added to an ordered amount (rule 48).
_MG_ROUNDED_UP = Decimal("0.05")


def ordered_mg(mg_per_kg: Number, weight_kg: Number) -> Decimal:
    """mg/kg times weight, to 0.1 mg (rule 48)."""
    return _half_up(_amount(mg_per_kg, "mg_per_kg") * _amount(weight_kg, "weight_kg"), "0.1")


def volume_ml(mg: Number, mg_per_ml: Number) -> Decimal:
    """The volume that holds `mg`, to 0.01 mL (rule 48)."""
    return _half_up(_amount(mg, "mg") / _divisor(mg_per_ml, "mg_per_ml"), "0.01")


def mg_in_volume(ml: Number, mg_per_ml: Number) -> Decimal:
    """The drug in a volume drawn from a vial or left in a bag, unrounded (rule 61)."""
    return _amount(ml, "ml") * _amount(mg_per_ml, "mg_per_ml")


def rate_mg_per_min(mg: Number, minutes: Number) -> Decimal:
    """The pump's rate, to 0.001 mg/min."""
    return _half_up(_amount(mg, "mg") / _divisor(minutes, "minutes"), "0.001")


def rate_mg_per_kg_per_min(mg: Number, weight_kg: Number, minutes: Number) -> Decimal:
    """The rate by weight, to 0.00001 mg/kg/min, from the amount itself and not from a rounded rate."""
    per = _divisor(weight_kg, "weight_kg") * _divisor(minutes, "minutes")
    return _half_up(_amount(mg, "mg") / per, "0.00001")


def bag_rate_ml_per_h(bag_ml: Number, drug_ml: Number, minutes: Number, *, drug_replaces: bool) -> Decimal:
    """The rate that empties the bag in `minutes`, to 0.1 mL/h.

    The drug is added to the bag, or replaces as much diluent (then it cannot be more than the bag holds: ValueError).
    """
    bag, drug = _amount(bag_ml, "bag_ml"), _amount(drug_ml, "drug_ml")
    if drug_replaces and drug > bag:
        raise ValueError(f"{drug} mL of drug cannot replace diluent in a bag of {bag} mL.")
    volume = bag if drug_replaces else bag + drug
    return _half_up(volume * 60 / _divisor(minutes, "minutes"), "0.1")


def kg_from_lb(pounds: Number) -> Decimal:
    """A weight in pounds as kilograms, to 0.1 kg."""
    return _half_up(_amount(pounds, "pounds") * KG_PER_LB, "0.1")


@dataclass(frozen=True)
class PumpInterval:
    """A stretch of time at one pump rate. A pause is no interval."""

    rate_mg_per_min: Number
    minutes: Number


def given_mg(intervals: Iterable[PumpInterval], drawn_mg: Number) -> Decimal:
    """What the pump delivered, to 0.1 mg and never more than was drawn (rule 49)."""
    pumped = sum(
        (
            _amount(interval.rate_mg_per_min, "rate_mg_per_min") * _amount(interval.minutes, "minutes")
            for interval in intervals
        ),
        Decimal(0),
    )
    return min(_half_up(pumped, "0.1"), _amount(drawn_mg, "drawn_mg"))


def given_mg_at_one_rate(mg: Number, pumped_minutes: Number, planned_minutes: Number) -> Decimal:
    """What was given of the ordered `mg` when the rate never changed, to 0.1 mg and never more than `mg` (rule 49)."""
    amount, planned = _amount(mg, "mg"), _divisor(planned_minutes, "planned_minutes")
    pumped = min(_amount(pumped_minutes, "pumped_minutes"), planned)
    return min(_half_up(amount * pumped / planned, "0.1"), amount)


def wasted_mg(drawn_mg: Number, given_mg: Number) -> Decimal:
    """What is left of the drawn amount. Raises ValueError if more was given than drawn (rule 49)."""
    drawn, given = _amount(drawn_mg, "drawn_mg"), _amount(given_mg, "given_mg")
    if given > drawn:
        raise ValueError(f"{given} mg cannot have been given: only {drawn} mg were drawn.")
    return drawn - given


def reconciles(*, drawn_mg: Number, given_mg: Number, wasted_mg: Number, mg_per_ml: Number) -> bool:
    """Whether drawn equals given and wasted, within the drug in 0.01 mL of the vial (rule 61)."""
    accounted = _amount(given_mg, "given_mg") + _amount(wasted_mg, "wasted_mg")
    return abs(_amount(drawn_mg, "drawn_mg") - accounted) <= mg_in_volume(ML_TOLERANCE, mg_per_ml)


def _half_up(value: Decimal, unit: str) -> Decimal:
    return value.quantize(Decimal(unit), rounding=ROUND_HALF_UP)


def _amount(value: Number, name: str) -> Decimal:
    number = exact(value, name)
    if number < 0:
        raise ValueError(f"{name} must not be negative, but is {number}.")
    return number


def _divisor(value: Number, name: str) -> Decimal:
    number = exact(value, name)
    if number <= 0:
        raise ValueError(f"{name} must be more than 0, but is {number}.")
    return number


#: Reject limits (rule 47, table 4.3; our own, except 4.5 mg/kg: the largest induction dose on the Ketalar label).
ACCEPTED_WEIGHT_KG = Accepted(Decimal(25), Decimal(350))
ACCEPTED_DOSE_MG_PER_KG = Accepted(Decimal(0), Decimal("4.5"), above_low=True)
ACCEPTED_TOTAL_MG = Accepted(Decimal(0), Decimal(500), above_low=True)
ACCEPTED_MINUTES = Accepted(Decimal(1), Decimal(600))
ACCEPTED_INTERVAL_HOURS = Accepted(Decimal(0), Decimal("Infinity"))


def _over(quantity: str, *lines: str) -> tuple[Line, ...]: ...
