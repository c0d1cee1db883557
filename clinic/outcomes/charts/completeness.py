"""How complete the follow-up is, by quarter of first infusion and by window (5.11; rules 30 and 45)."""

from typing import Any

import numpy as np
import pandas as pd

from clinic.outcomes.charts.clinic import Clinic
from clinic.outcomes.charts.followed import followed
from clinic.outcomes.figures import counted
from clinic.outcomes.inductions import Bools
from clinic.outcomes.small_numbers import limits
from clinic.outcomes.statistics.groups import standardised_difference
from clinic.outcomes.statistics.numbers import Summary
from clinic.outcomes.statistics.rates import Rate

#: The newest quarters in which somebody began have a row each; those before share one.
MOST_QUARTERS = 8


def completeness(clinic: Clinic) -> dict[str, Any]:
    """Shares with a valid PCL-5, of the patients' first courses.

    rows: the newest quarter last, after them all patients together: {kind: "before", "quarter" or "all";
          quarter: first day of the quarter (of "before": of the first quarter that has its own row; None of "all");
          cells: one per column}
    cell: {column, x, n, rate, waiting}. BASELINE: x treated patients with a baseline, of n treated. A window: x with an
          endpoint, of n eligible whose window is over, without who died or withdrew before it closed and has none (5.11).
          `rate` is None of fewer than limits().fewest (rule 31); `waiting`: eligible whose window is not over.
    primary: baselines of those followed up in the primary window and of those due and missing; see `_contrast`
    """
    window_names = [window.name for window in clinic.criteria.windows]
    course, _ = counted(clinic.evaluation, window_names[0])
    treated = np.ones(len(course), dtype=bool)
    columns = [("BASELINE", (course["status"] != "NO_BASELINE").to_numpy(dtype=bool), treated, ~treated)]
    for name in window_names:
        of = followed(clinic, name)
        columns.append((name, of.asked & of.found, of.asked, of.eligible & ~of.over))
    rows = [
        {
            "kind": kind,
            "quarter": quarter,
            "cells": [_cell(name, *(mask & of for of in masks)) for name, *masks in columns],
        }
        for kind, quarter, mask in _rows(course["first_infusion_on"])
    ]
    return {"rows": rows, "primary": _contrast(clinic)}


def _rows(began: "pd.Series[pd.Timestamp]") -> list[tuple[str, str | None, Bools]]:
    first_day = began.dt.to_period("Q").dt.start_time
    quarters = sorted(first_day.unique())
    shown = quarters[-MOST_QUARTERS:]
    rows = [("quarter", day.date().isoformat(), (first_day == day).to_numpy(dtype=bool)) for day in shown]
    if len(quarters) > len(shown):
        rows.insert(0, ("before", shown[0].date().isoformat(), (first_day < shown[0]).to_numpy(dtype=bool)))
    return [*rows, ("all", None, np.ones(len(began), dtype=bool))]


def _cell(column: str, found: Bools, asked: Bools, waiting: Bools) -> dict[str, Any]:
    share = Rate(int(found.sum()), int(asked.sum()))
    return {
        "column": column,
        "x": share.x,
        "n": share.n,
        "rate": share.rate if share.n >= limits().fewest else None,
        "waiting": int(waiting.sum()),
    }


def _contrast(clinic: Clinic) -> dict[str, Any]:
    """Baselines of the due courses, in points: followed, lost {n, mean, sd}; difference: followed less lost, standardised.

    Means are None of fewer than limits().fewest patients; the difference where either group has fewer or both have no spread.
    """
    course, _ = counted(clinic.evaluation, "PRIMARY")
    of = followed(clinic, "PRIMARY")
    total = course["baseline_total"].to_numpy(dtype=np.float64, na_value=np.nan)
    due = of.eligible & of.due
    seen, lost = total[due & of.found], total[due & ~of.found]
    enough = min(len(seen), len(lost)) >= limits().fewest
    return {
        "followed": _summary(Summary.of(seen)),
        "lost": _summary(Summary.of(lost)),
        "difference": standardised_difference(seen, lost) if enough else None,
    }


def _summary(of: Summary) -> dict[str, Any]:
    shown = of.n >= limits().fewest
    return {"n": of.n, "mean": of.mean if shown else None, "sd": of.sd if shown else None}
