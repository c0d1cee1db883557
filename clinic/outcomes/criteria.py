"""Thresholds, windows and presets: the one place where a clinical number of the outcome rules lives.

Sources: rules 7, 8, 14, 15, 18-22 and 64 of the clinical rule list; Marx 2022 (reliable change 15, end state 28);
NCPTSD guidance (probable PTSD 31-33, response 10 points); NY State OMH 2025 (12 points).
"""

from dataclasses import asdict, dataclass, fields, replace
from itertools import pairwise
from typing import Any


@dataclass(frozen=True)
class Window:
    """Days after the last induction infusion in which a follow-up counts, both ends included; `target_day` is best."""

    name: str
    label: str
    first_day: int
    last_day: int
    target_day: int


#: The scheduled windows of rule 15.
SCHEDULED_WINDOWS = (
    Window("EOS", "End of series", 1, 13, 7),
    Window("PRIMARY", "Primary", 14, 31, 21),
    Window("M3", "3 months", 60, 120, 90),
    Window("M6", "6 months", 150, 210, 180),
    Window("M12", "12 months", 330, 400, 365),
)
#: The latest reading at least this many days after the last induction infusion is the LAST endpoint (study-like).
LAST = "LAST"
LAST_FIRST_DAY = 1
#: A course without a LAST endpoint is due once this many days have passed since its last induction infusion (rule 29).
LAST_DUE_AFTER_DAYS = 31

#: An induction is complete with this many given infusions within this many days (rule 12).
INDUCTION_COMPLETE_INFUSIONS = 4
INDUCTION_COMPLETE_DAYS = 28

#: Below this share of the follow-ups that are due, rates may be biased; below the second they are greyed out (rule 30).
COMPLETENESS_TARGET = 0.8
COMPLETENESS_TOO_LOW = 0.5


@dataclass(frozen=True)
class Criteria:
    """One set of outcome criteria. Points are PCL-5 points (0-80); a cut is met at or above its number.

    `response_points` or `response_percent` (exactly one) is the smallest reduction that is a response.
    `remission_at_most` is the largest total in remission (32 means "below 33").
    """

    preset: str = "VA-10/33"
    eligibility_cut: int = 33
    cut: int = 33
    response_points: int | None = 10
    response_percent: int | None = None
    remission_at_most: int = 32
    remission_requires_response: bool = True
    remission_requires_dsm_rule_not_met: bool = False
    worsening_points: int = 10
    reliable_points: int = 15
    reliable_at_most: int = 28
    max_missing_items: int = 2
    max_missing_per_cluster: int = 1
    baseline_within_days: int = 30
    exclude_covers_pretreatment: bool = False
    windows: tuple[Window, ...] = SCHEDULED_WINDOWS

    @property
    def window_names(self) -> tuple[str, ...]:
        """The scheduled windows in order of time, then LAST."""
        return (*(window.name for window in self.windows), LAST)

    def faults(self) -> list[tuple[str, str]]:
        """(place, what is wrong there). A place is the name of a value, or of a window's day as "PRIMARY.first_day"."""
        found = []
        if (self.response_points is None) == (self.response_percent is None):
            found.append(
                ("response_points", "Give the response either in points or in percent, not both and not neither.")
            )
        for name, (low, high) in RANGES.items():
            value = getattr(self, name)
            if value is not None and not low <= value <= high:
                found.append((name, f"{name} is {value}: choose a number from {low} to {high}."))
        if self.remission_at_most >= self.eligibility_cut:
            words = "remission_at_most must be below eligibility_cut, or a patient could start in remission."
            found.append(("remission_at_most", words))
        return [*found, *_window_faults(self.windows)]

    def problems(self) -> list[str]:
        """What is wrong with these values, in words; empty when they can be adopted."""
        return [words for _place, words in self.faults()]

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON; `from_dict` gives the same criteria back."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Criteria":
        """Criteria from `as_dict`. Raises ValueError on an unknown name or unusable values."""
        unknown = sorted(set(values) - {field.name for field in fields(cls)})
        if unknown:
            raise ValueError(f"Unknown criteria: {', '.join(unknown)}.")
        windows = tuple(Window(**window) for window in values.get("windows", map(asdict, SCHEDULED_WINDOWS)))
        criteria = cls(**{**values, "windows": windows})
        if problems := criteria.problems():
            raise ValueError(" ".join(problems))
        return criteria


#: The smallest and the largest number that may be adopted.
RANGES = {
    "eligibility_cut": (28, 45),
    "cut": (28, 45),
    "response_points": (1, 80),
    "response_percent": (1, 100),
    "remission_at_most": (0, 44),
    "worsening_points": (1, 80),
    "reliable_points": (1, 80),
    "reliable_at_most": (0, 80),
    "max_missing_items": (0, 4),
    "max_missing_per_cluster": (0, 4),
    "baseline_within_days": (1, 365),
}
#: Days on which a window may lie. Ten years are no clinical limit: beyond lies a typing error.
WINDOW_DAYS = (1, 3_650)


def _window_faults(windows: tuple[Window, ...]) -> list[tuple[str, str]]:
    found = []
    for window in windows:
        if not 1 <= window.first_day <= window.target_day <= window.last_day:
            words = "its target day must lie between its first and last day, and the first be 1 or later."
            found.append((f"{window.name}.target_day", f"Window {window.name}: {words}"))
        if window.last_day > WINDOW_DAYS[1]:
            words = f"Window {window.name}: its last day must be {WINDOW_DAYS[1]} or earlier."
            found.append((f"{window.name}.last_day", words))
    for earlier, later in pairwise(windows):
        if later.first_day <= earlier.last_day:
            words = f"Windows {earlier.name} and {later.name} overlap or are out of order."
            found.append((f"{later.name}.first_day", words))
    if tuple(window.name for window in windows) != tuple(window.name for window in SCHEDULED_WINDOWS):
        found.append(("windows", "The windows are EOS, PRIMARY, M3, M6 and M12, in this order."))
    return found


_VA = Criteria()
#: The presets of rule 64, by name; the first is the default.
PRESETS = {
    criteria.preset: criteria
    for criteria in (
        _VA,
        replace(_VA, preset="NYS-12/33", response_points=12),
        replace(_VA, preset="Marx-15/28", response_points=15, remission_at_most=28),
        replace(_VA, preset="Percent-30/33", response_points=None, response_percent=30),
        replace(_VA, preset="Percent-50/33", response_points=None, response_percent=50),
    )
}
DEFAULT_PRESET = _VA.preset
#: Where the numbers of each preset come from.
PRESET_SOURCES = {
    "VA-10/33": "US National Center for PTSD: 10 points are clinically meaningful, probable PTSD from 31–33.",
    "NYS-12/33": "New York State OMH 2025: improved is 12 points or more below baseline.",
    "Marx-15/28": "Marx 2022: reliable change from 15 points, end state of 28 or less.",
    "Percent-30/33": "Feder 2021, ketamine for PTSD: 30 % (there of the CAPS-5).",
    "Percent-50/33": "McInnes 2022, ketamine clinics: 50 % (there of the PHQ-9).",
}
#: The name under which a clinic's own values are adopted.
OWN_VALUES = "Own"


def under_preset(name: str, site: Criteria) -> Criteria:
    """The preset with the site's own settings of what no preset names: windows, baseline period, pretreatment endpoints."""
    return replace(
        PRESETS[name],
        windows=site.windows,
        baseline_within_days=site.baseline_within_days,
        exclude_covers_pretreatment=site.exclude_covers_pretreatment,
    )


def named(criteria: Criteria) -> Criteria:
    """The same values under the name of the preset that they are, else as a clinic's own."""
    presets = (under_preset(name, criteria) for name in PRESETS)
    same = (preset for preset in presets if replace(criteria, preset=preset.preset) == preset)
    return next(same, replace(criteria, preset=OWN_VALUES))
