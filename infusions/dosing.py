"""The arithmetic of an infusion, and the check of an order against the clinic's limits.

Exact Decimals in, half-up rounding once, at the end (clinical rule 48); a float raises TypeError, a negative amount
or a divisor of zero ValueError. It checks what a prescriber ordered and never proposes a dose.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from math import floor

from infusions.limits import Finding, Level, Limits, Number, Row, exact, minutes_between

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
    """A stretch of time at one pump rate. A pause is no interval.

    A third of a minute is no Decimal: where the clock says so, both are fractions, and nothing is rounded before the end.
    """

    rate_mg_per_min: Number | Fraction
    minutes: Number | Fraction


def given_mg(intervals: Iterable[PumpInterval], drawn_mg: Number) -> Decimal:
    """What the pump delivered, to 0.1 mg and never more than was drawn (rule 49)."""
    pumped = sum(
        (
            _fraction(interval.rate_mg_per_min, "rate_mg_per_min") * _fraction(interval.minutes, "minutes")
            for interval in intervals
        ),
        Fraction(0),
    )
    return min(to_tenths(pumped), _amount(drawn_mg, "drawn_mg"))


def given_mg_at_one_rate(mg: Number, pumped_minutes: Number | Fraction, planned_minutes: Number) -> Decimal:
    """What was given of the ordered `mg` when the rate never changed, to 0.1 mg and never more than `mg` (rule 49)."""
    amount, planned = _amount(mg, "mg"), Fraction(_divisor(planned_minutes, "planned_minutes"))
    pumped = min(_fraction(pumped_minutes, "pumped_minutes"), planned)
    return min(to_tenths(Fraction(amount) * pumped / planned), amount)


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


def to_thousandths(mg: Number) -> Decimal:
    """An amount of drug as the stock counts it, to 0.001 mg."""
    return _half_up(_amount(mg, "mg"), "0.001")


def to_tenths(value: Fraction) -> Decimal:
    """A fraction of 0 or more to 0.1, half up: rounded once, from the exact number."""
    return Decimal(floor(value * 10 + Fraction(1, 2))).scaleb(-1)


def _fraction(value: Number | Fraction, name: str) -> Fraction:
    if not isinstance(value, Fraction):
        return Fraction(_amount(value, name))
    if value < 0:
        raise ValueError(f"{name} must not be negative, but is {value}.")
    return value


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


#: Clinical rules, table 4.3. What is accepted is code (rule 47): our own, except 4.5 mg/kg, the largest induction dose
#: on the Ketalar label. `_ENTERED` is judged as typed; the rows after it judge what follows from that.
_DOSE = Row(
    "mg_per_kg",
    "Dose",
    "mg/kg",
    (
        "cap_dose_above_mg_per_kg",
        "override_dose_above_mg_per_kg",
        "warn_dose_below_mg_per_kg",
        "warn_dose_above_mg_per_kg",
    ),
    accepted=(0, Decimal("4.5")),
    above_low=True,
)
_ENTERED = (
    Row("weight_kg", "Weight", "kg", ("warn_weight_below_kg", "warn_weight_above_kg"), accepted=(25, 350)),
    _DOSE,
    Row("mg", "Total dose", "mg", ("override_total_above_mg", "warn_total_above_mg"), accepted=(0, 500)),
    Row(
        "minutes",
        "Duration",
        "min",
        ("override_minutes_below", "override_minutes_above", "warn_minutes_below", "warn_minutes_above"),
        accepted=(1, 600),
    ),
)
#: The smallest and largest value of each field that is accepted at all; a dose by weight must be above its smallest.
ACCEPTED = {row.field: row.accepted for row in _ENTERED}
_WEIGHT_AGE = Row("weight_kg", "Age of the weight", "days", ("warn_weight_age_above_days",))
_WEIGHT_CHANGE = Row("weight_kg", "Change of weight", "%", ("override_weight_change_above_percent",))
_UNDILUTED = Row(
    "dilution",
    "Undiluted vial",
    "mg/mL",
    ("override_undiluted_from_mg_per_ml",),
)
#: What the table rejects is what was entered; a dose that only follows from it asks for the sign-offs of the cap.
_DOSE_OF_MG = Row("mg", "Dose by total and weight", "mg/kg", _DOSE.limits)
_MISMATCH = Row(
    "mg",
    "Total dose against mg/kg and weight: difference",
    "%",
    ("override_mg_mismatch_above_percent", "warn_mg_mismatch_above_percent"),
)
_RATE = Row(
    "rate_mg_per_kg_per_min",
    "Rate",
    "mg/kg/min",
    ("override_rate_above_mg_per_kg_per_min", "warn_rate_above_mg_per_kg_per_min"),
)
_STEP = Row("mg_per_kg", "Step on the previous dose", "mg/kg", ("warn_dose_step_above_mg_per_kg",))
_STEP_PERCENT = replace(_STEP, unit="%", limits=("warn_dose_step_above_percent",))


def check_dose(
    limits: Limits,
    *,
    weight_kg: Number | None = None,
    weight_age_days: Number | None = None,
    last_weight_kg: Number | None = None,
    mg_per_kg: Number | None = None,
    previous_mg_per_kg: Number | None = None,
    mg: Number | None = None,
    minutes: Number | None = None,
    vial_mg_per_ml: Number | None = None,
    dilution_recorded: bool | None = None,
) -> list[Finding]:
    """What an intravenous order crosses; None is "not recorded" and crosses nothing. Other routes have no limits here.

    What is rejected takes no part in the further checks, nor does a previous weight or dose of 0 or less. An
    undiluted vial is one whose dilution is not recorded.
    """
    entered = {"weight_kg": weight_kg, "mg_per_kg": mg_per_kg, "mg": mg, "minutes": minutes}
    findings = [finding for row in _ENTERED for finding in row.check(entered[row.field], limits)]
    rejected = {finding.field for finding in findings if finding.level is Level.REJECT}
    usable = {name: None if name in rejected else _known(value) for name, value in entered.items()}
    findings += _WEIGHT_AGE.check(weight_age_days, limits)
    findings += _WEIGHT_CHANGE.check(_change_percent(usable["weight_kg"], _known(last_weight_kg)), limits)
    findings += _UNDILUTED.check(None if dilution_recorded else vial_mg_per_ml, limits)
    return findings + _check_amounts(limits, previous=_known(previous_mg_per_kg), **usable)


def _check_amounts(
    limits: Limits,
    *,
    weight_kg: Decimal | None,
    mg_per_kg: Decimal | None,
    mg: Decimal | None,
    minutes: Decimal | None,
    previous: Decimal | None,
) -> list[Finding]:
    """Whether the amount, the dose and the weight agree, and the limits on the larger dose of the two.

    A total that is more than its mg/kg cannot slip under the cap; what rounding to 0.1 mg adds is not held against it.
    """
    ordered = ordered_mg(mg_per_kg, weight_kg) if mg_per_kg and weight_kg else None
    findings = _MISMATCH.check(_change_percent(mg, ordered), limits)
    of_mg = (mg - _MG_ROUNDED_UP) / weight_kg if mg and weight_kg and mg > _MG_ROUNDED_UP else None
    dose = mg_per_kg
    if of_mg and (dose is None or of_mg > dose):
        dose = of_mg
        findings += _DOSE_OF_MG.check(dose, limits)
    if dose and minutes:
        findings += _RATE.check(dose / minutes, limits)
    if dose and previous:
        findings += _STEP.check(dose - previous, limits)
        findings += _STEP_PERCENT.check((dose - previous) * 100 / previous, limits)
    return findings


def check_rate(limits: Limits, mg_per_kg_per_min: Number) -> list[Finding]:
    """What a pump rate crosses that was changed while the pump ran; 0 is a pause and crosses nothing."""
    return _RATE.check(mg_per_kg_per_min, limits)


def _known(value: Number | None) -> Decimal | None:
    return None if value is None or exact(value) <= 0 else exact(value)


def _change_percent(value: Decimal | None, reference: Decimal | None) -> Decimal | None:
    return abs(value - reference) * 100 / reference if value is not None and reference else None


_INTERVAL = Row(
    "start_at", "Time since the previous infusion", "h", ("override_interval_below_hours", "warn_interval_below_hours")
)
#: Infusions in so many calendar days, this one and its day included.
_COUNTS = (
    (14, Row("start_at", "Infusions in 14 days:", "", ("warn_infusions_in_14_days_above",))),
    (30, Row("start_at", "Infusions in 30 days:", "", ("warn_infusions_in_30_days_above",))),
)


def check_interval(limits: Limits, *, start_at: datetime, previous_starts: Iterable[datetime]) -> list[Finding]:
    """What starting at `start_at` crosses, given the starts of the patient's earlier infusions (rule 58).

    Hours are hours that passed; days are calendar days in the time zone of `start_at`, the clinic's (rule 17).
    Raises ValueError for a naive moment.
    """
    previous = list(previous_starts)
    if not previous:
        return []
    hours = min(minutes_between(start, start_at) for start in previous) / 60
    if hours < 0:
        message = f"The start is {-hours:.6g} h before that of the previous infusion: correct one of the two."
        findings = [Finding(Level.REJECT, "start_at", "after_previous_start", message)]
    else:
        findings = _INTERVAL.check(hours, limits)
    today = start_at.date()
    days_ago = [(today - start.astimezone(start_at.tzinfo).date()).days for start in previous]
    for days, row in _COUNTS:
        findings += row.check(1 + sum(0 <= ago < days for ago in days_ago), limits)
    return findings
