"""Mean reduction and response by subgroup (rule 34; section 5.9): exploratory and unadjusted, groups were not assigned."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from clinic.outcomes.charts.clinic import Clinic
from clinic.outcomes.charts.sizes import FEWEST_DRAWN
from clinic.outcomes.criteria import LAST, Criteria
from clinic.outcomes.figures import counted
from clinic.outcomes.printed import FEWEST_FOR_EFFECT
from clinic.outcomes.statistics.groups import contrast
from clinic.outcomes.statistics.numbers import Summary, mean_ci95

Mask = npt.NDArray[np.bool_]
Points = npt.NDArray[np.int64]

#: What a value is called -> its words, in the order of the rows.
PSYCHOTHERAPY = {"yes": "Yes", "no": "No", "not_recorded": "Not recorded"}
GENDERS = {
    "female": "Women",
    "male": "Men",
    "nonbinary": "Non-binary",
    "other": "Other",
    "not_recorded": "Not recorded",
}
#: Usual days from a baseline to the last infusion, and those of a series that took longer.
USUAL_DAYS, LONG_DAYS = 24, 54


@dataclass(frozen=True)
class Group:
    """A way to divide the patients; who is in none of its levels has no value there. `contrast`: two levels to compare."""

    name: str
    label: str
    levels: list[tuple[str, Mask]]
    contrast: tuple[int, int] | None = None


def subgroups(clinic: Clinic, window: str) -> dict[str, Any]:
    """Reduction (points, positive = better) of the evaluated index courses of a window, by what was known of them.

    n; and of FEWEST_DRAWN or more
    all      n, mean, ci95 (t), responded
    groups   name, label, rows: [{label, n, mean, ci95, responded}] of FEWEST_DRAWN patients or more;
             hidden: n of each level that has fewer; unknown: patients without a value;
             contrast, where two levels are compared: see `_contrast`
    """
    course, end = counted(clinic.evaluation, window)
    evaluated = course["eligible"] & end["endpoint_id"].notna()
    course, end = course[evaluated], end[evaluated]
    n = len(course)
    if n < FEWEST_DRAWN:
        return {"n": n, "groups": []}
    reduction = end["reduction"].to_numpy(dtype=np.int64)
    response = end["response"].to_numpy(dtype=bool, na_value=False)
    groups = _groups(course.join(clinic.facts[_FACTS]), end, clinic.criteria, window)
    everybody = np.full(n, fill_value=True)
    return {
        "n": n,
        "all": _row("All", everybody, reduction, response),
        "groups": [_compared(group, reduction, response) for group in groups],
    }


_FACTS = ["psychotherapy", "gender", "age", "medications", "mg_per_kg"]


def _groups(course: pd.DataFrame, end: pd.DataFrame, criteria: Criteria, window: str) -> list[Group]:
    """The moderators of the study as far as they are known, and what was given (section 5.9)."""
    low, days = criteria.eligibility_cut, (end["endpoint_on"] - course["baseline_on"]).dt.days
    lowest = f"{low}–45" if low < 45 else "45"
    # Milligrams are drawn up to 0.1 and weights vary: 0.4996 was meant as 0.5.
    doses = _bands(course["mg_per_kg"].round(2), (0, 0.5, 0.8), ("Under 0.5", "0.5 to under 0.8", "0.8 and more"))
    medicines = _bands(course["medications"], (0, 1, 2, 3), ("0", "1", "2", "3 and more"))
    infusions = _bands(course["infusions"], (1, 4, 6, 7), ("1–3", "4–5", "6", "7 and more"))
    baselines = _bands(course["baseline_total"], (low, 46, 60), (lowest, "46–59", "60 and more"))
    return [
        Group("psychotherapy", "Psychotherapy", _named(course["psychotherapy"], PSYCHOTHERAPY), (0, 1)),
        Group("gender", "Gender", _named(course["gender"], GENDERS), (0, 1)),
        Group("age", "Age", _bands(course["age"], (18, 35, 50), ("18–34", "35–49", "50 and over"))),
        Group("medications", "Psychiatric medicines", medicines),
        Group("days", "Days between the PCL-5s", _days(days, _target(criteria, window))),
        Group("baseline", "Baseline PCL-5", baselines),
        Group("infusions", "Infusions received", infusions),
        Group("dose", "Mean mg/kg", doses),
    ]


def _days(days: "pd.Series[Any]", target: int) -> list[tuple[str, Mask]]:
    """Bands that go with the window: of PRIMARY, whose target is day 21, up to 45, 46–75, 76 and more."""
    usual, long = target + USUAL_DAYS, target + LONG_DAYS
    words = (f"Up to {usual}", f"{usual + 1}–{long}", f"{long + 1} and more")
    return _bands(days, (0, usual + 1, long + 1), words)


def _target(criteria: Criteria, window: str) -> int:
    """The window's target day; LAST has none and is followed up like PRIMARY in most patients."""
    named = {each.name: each.target_day for each in criteria.windows}
    return named["PRIMARY" if window == LAST else window]


def _named(values: "pd.Series[Any]", words: dict[str, str]) -> list[tuple[str, Mask]]:
    return [(label, (values == name).to_numpy(dtype=bool, na_value=False)) for name, label in words.items()]


def _bands(values: "pd.Series[Any]", starts: Sequence[float], words: Sequence[str]) -> list[tuple[str, Mask]]:
    """Bands from each start to under the next, the last without an end."""
    numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
    ends = [*starts[1:], np.inf]
    return [
        (label, (numbers >= start) & (numbers < end)) for label, start, end in zip(words, starts, ends, strict=True)
    ]


def _compared(group: Group, reduction: Points, response: Mask) -> dict[str, Any]:
    sizes = [int(mask.sum()) for _, mask in group.levels]
    rows = [_row(label, mask, reduction, response) for label, mask in group.levels if mask.sum() >= FEWEST_DRAWN]
    hidden = [size for size in sizes if 0 < size < FEWEST_DRAWN]
    found = {
        "name": group.name,
        "label": group.label,
        "rows": rows,
        "hidden": hidden,
        "unknown": len(reduction) - sum(sizes),
    }
    if group.contrast:
        found["contrast"] = _contrast([group.levels[at] for at in group.contrast], reduction)
    return found


def _row(label: str, mask: Mask, reduction: Points, response: Mask) -> dict[str, Any]:
    summary = Summary.of(reduction[mask])
    ci95 = mean_ci95(summary)
    return {
        "label": label,
        "n": summary.n,
        "mean": summary.mean,
        "ci95": list(ci95) if ci95 else None,
        "responded": int(response[mask].sum()),
    }


def _contrast(levels: list[tuple[str, Mask]], reduction: Points) -> dict[str, Any]:
    """The first level against the second (Welch); `g` of FEWEST_FOR_EFFECT or more in each (rule 31).

    labels, sizes; and of FEWEST_DRAWN or more in each, unless neither has any spread: difference (points), ci95, t, df, p, g.
    """
    (first, one), (second, other) = levels
    sizes = [int(one.sum()), int(other.sum())]
    found: dict[str, Any] = {"labels": [first, second], "sizes": sizes}
    welch = contrast(reduction[one], reduction[other]) if min(sizes) >= FEWEST_DRAWN else None
    if welch is None:
        return found
    return found | {
        "difference": welch.difference,
        "ci95": list(welch.ci95),
        "t": welch.t,
        "df": welch.df,
        "p": welch.p,
        "g": welch.g if min(sizes) >= FEWEST_FOR_EFFECT else None,
    }
