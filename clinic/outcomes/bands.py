"""The coarse bands by which patients are grouped and filtered: wide enough that none names a patient."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Band:
    """Values from `low` up to, and without, `high`; None is open. `key` stands in addresses."""

    key: str
    label: str
    low: float | None = None
    high: float | None = None


#: Years at the first infusion.
AGE = (Band("under-35", "Under 35", None, 35), Band("35-49", "35–49", 35, 50), Band("50-up", "50 and over", 50))
#: Mean mg/kg of the intravenous infusions of the course.
DOSE = (
    Band("under-0.5", "<0.5 mg/kg", None, 0.5),
    Band("0.5-0.8", "0.5 to <0.8 mg/kg", 0.5, 0.8),
    Band("0.8-up", "0.8 mg/kg and more", 0.8),
)
#: Infusions given in the course, top-ups that follow it included.
INFUSIONS = (
    Band("1-3", "1–3", 1, 4),
    Band("4-5", "4–5", 4, 6),
    Band("6", "6", 6, 7),
    Band("7-up", "7 and more", 7),
)
