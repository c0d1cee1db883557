"""What to watch before an infusion, as chips: allergy, item 16, a rise over the baseline, an interval that is short."""

from dataclasses import dataclass
from datetime import datetime

from assessments.models import Assessment
from clinic.outcomes.models import CourseOutcome
from infusions.limits import Limits, exact, minutes_between
from patients.models import Patient

#: What is written where a patient was asked and has no allergy.
_NO_ALLERGY = frozenset({"none", "none known", "no known allergies", "no known drug allergies", "nka", "nkda"})
_SHOWN_LETTERS = 40


@dataclass(frozen=True)
class Chip:
    """A flag: its words, icon, and look (danger or warn). Never colour alone."""

    words: str
    icon: str
    look: str = "warn"


def allergy_chip(patient: Patient) -> Chip | None:
    """An allergy is shown in danger's colours; blank is "not recorded", never "none"."""
    said = " ".join(patient.allergies.split())
    if not said:
        return Chip("Allergies not recorded", "warn")
    if said.rstrip(".").casefold() in _NO_ALLERGY:
        return None
    short = said if len(said) <= _SHOWN_LETTERS else f"{said[: _SHOWN_LETTERS - 1].rstrip()}…"
    return Chip(f"Allergy: {short}", "stop", "danger")


def item_chips(form: Assessment | None) -> list[Chip]:
    """Rule 10: an answer of the latest form that asks for a clinician's review the same day."""
    items = [int(flag.removeprefix("item_")) for flag in form.review_flags] if form else []
    return [Chip(f"Item {item} = {form.answers[item - 1]}", "warn") for item in items if form]


def rise_chip(outcome: CourseOutcome | None) -> Chip | None:
    """Rule 10: the latest follow-up is worse than the baseline by the points of rule 22, whatever the status."""
    if outcome is None or outcome.rise_on is None or outcome.rise_on != outcome.latest_on:
        return None
    return Chip(f"Worsened +{(outcome.latest_total or 0) - (outcome.baseline_total or 0)}", "warn")


def interval_chip(limits: Limits, start_at: datetime, last_start: datetime) -> Chip | None:
    """Rule 58: fewer hours since the last infusion than the clinic's limits ask for."""
    hours = minutes_between(last_start, start_at) / 60
    for limit, look in ((limits.override_interval_below_hours, "danger"), (limits.warn_interval_below_hours, "warn")):
        if hours < exact(limit):
            return Chip(f"{exact(limit):.4g} h rule: {hours:.0f} h", "clock", look)
    return None
