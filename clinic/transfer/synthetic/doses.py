"""How much ketamine an invented patient is given: weights that drift, doses that rise, amounts as the rules round them."""

from dataclasses import dataclass
from decimal import Decimal

from clinic.transfer.synthetic.draws import Draw
from infusions.dosing import given_mg_at_one_rate, ordered_mg
from patients.models import Gender

_START = Decimal("0.50")
#: Where the dose of a patient stops rising, in mg/kg.
_CEILINGS = {"0.50": 24, "0.60": 12, "0.70": 14, "0.80": 16, "0.90": 12, "1.00": 14, "1.10": 4, "1.20": 4}
_STEPS = (Decimal("0.10"), Decimal("0.10"), Decimal("0.15"), Decimal("0.20"))
_MINUTES = {40: 78, 45: 10, 50: 7, 60: 5}
#: An infusion that is stopped early has run for so long; even 1.2 mg/kg then stayed below the rate that needs a reason.
_STOPPED_AFTER = (25, 36)
_OVERRIDES = (
    "Ordered less than weight × dose: adjusted body weight used, agreed with the patient.",
    "Rounded down to one 50 mg vial; patient did well on this amount before.",
    "Reduced for today only: slept badly and was sensitive last time.",
    "Kept at the amount of the last session although the weight rose.",
)
_STOPS = (
    "Patient asked to stop; anxious, settled within minutes.",
    "Nausea with vomiting; stopped and ondansetron given.",
    "IV infiltrated; patient chose not to restart today.",
    "Blood pressure above the action line on two readings; stopped.",
    "Fire alarm in the building.",
)
_CANCELLATIONS = (
    "Patient has a cold; new date agreed.",
    "Ate breakfast; not fasted.",
    "Snow, roads closed.",
    "Clinician ill.",
    "Child care fell through.",
    "Escort could not come.",
)
_NO_SHOWS = (
    "Did not come, no answer by phone.",
    "Forgot; called the next day.",
    "Did not come; overslept after a bad night.",
)


@dataclass(slots=True)
class Dosing:
    """What is carried from one infusion of a patient to the next."""

    weight_kg: float
    dose: Decimal
    ceiling: Decimal

    def next_dose(self, draw: Draw) -> Decimal:
        """Today's mg/kg; the next one is at most 0.2 higher."""
        today = self.dose
        if draw.chance(0.7):
            self.dose = min(self.ceiling, today + draw.choice(_STEPS))
        return today

    def weigh(self, draw: Draw) -> Decimal:
        """Today's weight in kg."""
        self.weight_kg = min(max(self.weight_kg + draw.gauss(0, 0.35), 42.0), 160.0)
        return Decimal(f"{self.weight_kg:.1f}")


@dataclass(frozen=True, slots=True)
class Amounts:
    """What was ordered and given at one infusion, for how long and, if it crossed a limit, why."""

    weight_kg: Decimal
    dose_mg_per_kg: Decimal
    dose_mg_ordered: Decimal
    minutes: int
    limits_overridden_reason: str = ""


def dosing_of(draw: Draw, gender: str) -> Dosing:
    """A patient's weight at the start and the dose at which her doctor will stop."""
    mean = {Gender.FEMALE: 75, Gender.MALE: 87}.get(Gender(gender), 80)
    ceiling = Decimal(draw.of(_CEILINGS))
    return Dosing(draw.within(mean, 15, 46, 150), min(_START, ceiling), ceiling)


def amounts_of(dosing: Dosing, draw: Draw) -> Amounts:
    """What is ordered next for this patient."""
    weight, dose = dosing.weigh(draw), dosing.next_dose(draw)
    minutes = draw.of(_MINUTES)
    ordered = ordered_mg(dose, weight)
    if not draw.chance(0.008):
        return Amounts(weight, dose, ordered, minutes)
    less = ordered_mg(ordered, Decimal(draw.randint(80, 93)) / 100)
    return Amounts(weight, dose, less, minutes, draw.choice(_OVERRIDES))


def stopped_early(amounts: Amounts, draw: Draw) -> tuple[int, Decimal, str]:
    """Minutes that the pump ran, mg that were given by then, and why it was stopped."""
    pumped = draw.randrange(*_STOPPED_AFTER)
    return pumped, given_mg_at_one_rate(amounts.dose_mg_ordered, pumped, amounts.minutes), draw.choice(_STOPS)


def why_not(draw: Draw, cancelled: bool) -> str:
    """Why an appointment was cancelled or missed."""
    return draw.choice(_CANCELLATIONS if cancelled else _NO_SHOWS)
