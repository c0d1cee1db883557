"""Mean reduction and response by subgroup (rule 34; section 5.9): exploratory and unadjusted, groups were not assigned."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from clinic.outcomes.bands import AGE, DOSE, INFUSIONS, Band
from clinic.outcomes.charts.clinic import Clinic
from clinic.outcomes.chosen import holds
from clinic.outcomes.criteria import LAST, Criteria
from clinic.outcomes.figures import counted
from clinic.outcomes.filters import WORDS
from clinic.outcomes.small_numbers import hidden, limits
from clinic.outcomes.statistics.groups import contrast
from clinic.outcomes.statistics.numbers import Summary, mean_ci95

Mask = npt.NDArray[np.bool_]
Points = npt.NDArray[np.int64]

#: Usual days from a baseline to the last infusion, and those of a series that took longer.
USUAL_DAYS, LONG_DAYS = 24, 54


@dataclass(frozen=True)
class Level:
    """Patients with something in common; `filter` as in the rows of `subgroups`."""

    label: str
    mask: Mask
    filter: str = ""


@dataclass(frozen=True)
class Group:
    """A way to divide the patients; who is in none of its levels has no value there. `contrast`: two levels to compare."""

    name: str
    label: str
    levels: list[Level]
    contrast: tuple[int, int] | None = None


def subgroups(clinic: Clinic, window: str) -> dict[str, Any]:
    """Reduction (points, positive = better) of the evaluated index courses of a window, by what was known of them.

    n; and of limits().fewest or more
    all      n, mean, ci95 (t), responded
    groups   name, label, rows: [{label, n, mean, ci95, responded, filter}] of limits().fewest patients or more; `filter` is the
             value of the dashboard's filter `name` that chooses the same patients, "" without one;
             hidden: n of each level that has fewer or would give one of them away; unknown: patients without a value;
             contrast, where two levels are compared: see `_contrast`
    """
    course, end = counted(clinic.evaluation, window)
    evaluated = course["eligible"] & end["endpoint_id"].notna()
    course, end = course[evaluated], end[evaluated]
    n = len(course)
    if n < limits().fewest:
        return {"n": n, "groups": []}
    reduction = end["reduction"].to_numpy(dtype=np.int64)
    response = end["response"].to_numpy(dtype=bool, na_value=False)
    groups = _groups(course.join(clinic.facts[_FACTS]), end, clinic.criteria, window)
    everybody = np.full(n, fill_value=True)
    return {
        "n": n,
        "all": _row(Level("All", everybody), reduction, response),
        "groups": [_compared(group, reduction, response) for group in groups],
    }


_FACTS = ["psychotherapy", "gender", "age", "medications", "mg_per_kg"]


def _groups(course: pd.DataFrame, end: pd.DataFrame, criteria: Criteria, window: str) -> list[Group]:
    """The moderators of the study as far as they are known, and what was given (section 5.9)."""
    low, days = criteria.eligibility_cut, (end["endpoint_on"] - course["baseline_on"]).dt.days
    lowest = f"{low}–45" if low < 45 else "45"
    medicines = _bands(course["medications"], (0, 1, 2, 3), ("0", "1", "2", "3 and more"))
    baselines = _bands(course["baseline_total"], (low, 46, 60), (lowest, "46–59", "60 and more"))
    return [
        Group("psychotherapy", "Psychotherapy", _named(course["psychotherapy"], "psychotherapy"), (0, 1)),
        Group("gender", "Gender", _named(course["gender"], "gender"), (0, 1)),
        Group("age", "Age", _filtered(course["age"], AGE)),
        Group("medications", "Psychiatric medicines", medicines),
        Group("days", "Days between the PCL-5s", _days(days, _target(criteria, window))),
        Group("baseline", "Baseline PCL-5", baselines),
        Group("infusions", "Infusions received", _filtered(course["infusions"], INFUSIONS)),
        Group("dose", "Mean dose", _filtered(course["mg_per_kg"], DOSE)),
    ]


def _days(days: "pd.Series[Any]", target: int) -> list[Level]:
    """Bands that go with the window: of PRIMARY, whose target is day 21, up to 45, 46–75, 76 and more."""
    usual, long = target + USUAL_DAYS, target + LONG_DAYS
    words = (f"Up to {usual}", f"{usual + 1}–{long}", f"{long + 1} and more")
    return _bands(days, (0, usual + 1, long + 1), words)


def _target(criteria: Criteria, window: str) -> int:
    """The window's target day; LAST has none and is followed up like PRIMARY in most patients."""
    named = {each.name: each.target_day for each in criteria.windows}
    return named["PRIMARY" if window == LAST else window]


def _named(values: "pd.Series[Any]", name: str) -> list[Level]:
    """The values of a filter that is no band."""
    return [
        Level(label, (values == value).to_numpy(dtype=bool, na_value=False), value)
        for value, label in WORDS[name].items()
    ]


def _filtered(values: "pd.Series[Any]", bands: Sequence[Band]) -> list[Level]:
    """The bands of a filter."""
    return [Level(band.label, holds(band, values).to_numpy(), band.key) for band in bands]


def _bands(values: "pd.Series[Any]", starts: Sequence[float], words: Sequence[str]) -> list[Level]:
    """Bands from each start to under the next, the last without an end."""
    numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
    ends = [*starts[1:], np.inf]
    return [
        Level(label, (numbers >= start) & (numbers < end))
        for label, start, end in zip(words, starts, ends, strict=True)
    ]


def _compared(group: Group, reduction: Points, response: Mask) -> dict[str, Any]:
    sizes = [int(level.mask.sum()) for level in group.levels]
    away = hidden(sizes, len(reduction), limits().fewest)
    found = {
        "name": group.name,
        "label": group.label,
        "rows": [
            _row(level, reduction, response) for at, level in enumerate(group.levels) if sizes[at] and at not in away
        ],
        "hidden": [sizes[at] for at in sorted(away)],
        "unknown": len(reduction) - sum(sizes),
    }
    if group.contrast and away.isdisjoint(group.contrast):
        found["contrast"] = _contrast([group.levels[at] for at in group.contrast], reduction)
    return found


def _row(level: Level, reduction: Points, response: Mask) -> dict[str, Any]:
    summary = Summary.of(reduction[level.mask])
    ci95 = mean_ci95(summary)
    return {
        "label": level.label,
        "filter": level.filter,
        "n": summary.n,
        "mean": summary.mean,
        "ci95": list(ci95) if ci95 else None,
        "responded": int(response[level.mask].sum()),
    }


def _contrast(levels: list[Level], reduction: Points) -> dict[str, Any]:
    """The first level against the second (Welch); `g` of limits().fewest_for_effect or more in each (rule 31).

    labels, sizes; and of limits().fewest or more in each, unless neither has any spread: difference (points), ci95, t, df, p, g.
    """
    one, other = (level.mask for level in levels)
    sizes = [int(one.sum()), int(other.sum())]
    found: dict[str, Any] = {"labels": [level.label for level in levels], "sizes": sizes}
    welch = contrast(reduction[one], reduction[other]) if min(sizes) >= limits().fewest else None
    if welch is None:
        return found
    return found | {
        "difference": welch.difference,
        "ci95": list(welch.ci95),
        "t": welch.t,
        "df": welch.df,
        "p": welch.p,
        "g": welch.g if min(sizes) >= limits().fewest_for_effect else None,
    }
