"""PCL-5 totals before treatment and in each window (section 5.7)."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from clinic.outcomes.charts.sizes import FEWEST_FOR_DECILES
from clinic.outcomes.criteria import Criteria
from clinic.outcomes.figures import counted
from clinic.outcomes.response import Evaluation
from clinic.outcomes.small_numbers import limits
from clinic.outcomes.statistics.numbers import Summary, mean_ci95

Numbers = npt.NDArray[np.float64]

DECILES = tuple(range(10, 100, 10))


def trajectories(evaluation: Evaluation, criteria: Criteria) -> dict[str, Any]:
    """Totals at baseline and in each scheduled window of every eligible index course that was followed up in one of them.

    n; visits: one per window with limits().fewest totals or more, baseline first: name, label, day (of the target; None at
    baseline), from, to, n, mean, ci95, and of many patients deciles (10, 20 … 90); lines: up to limits().most_marks of
    [baseline, [[day, total], …]] in no order of patients.
    """
    course, _ = counted(evaluation, criteria.windows[0].name)
    eligible = course["eligible"].to_numpy(dtype=bool)
    ends = [counted(evaluation, window.name)[1][eligible] for window in criteria.windows]
    shown = [at for at, end in enumerate(ends) if end["endpoint_id"].notna().sum() >= limits().fewest]
    if not shown:
        return {"n": int(np.logical_or.reduce([end["endpoint_id"].notna() for end in ends]).sum()), "visits": []}
    totals = np.column_stack([_floats(ends[at]["endpoint_total"]) for at in shown])
    days = np.column_stack([_floats(ends[at]["endpoint_day"]) for at in shown])
    before = _floats(course.loc[eligible, "baseline_total"])
    followed = ~np.isnan(totals).all(axis=1)
    totals, days, before = totals[followed], days[followed], before[followed]
    many = len(before) > limits().most_marks
    visits = [{"name": "BASELINE", "label": "Baseline", "day": None, "from": None, "to": None} | _spread(before, many)]
    for column, at in enumerate(shown):
        window = criteria.windows[at]
        visit = {"name": window.name, "label": window.label, "day": window.target_day}
        visits.append(visit | {"from": window.first_day, "to": window.last_day} | _spread(totals[:, column], many))
    return {"n": len(before), "visits": visits} | ({} if many else {"lines": _lines(before, days, totals)})


def _spread(totals: Numbers, many: bool) -> dict[str, Any]:
    known = totals[~np.isnan(totals)]
    summary = Summary.of(known)
    ci95 = mean_ci95(summary)
    spread: dict[str, Any] = {"n": summary.n, "mean": summary.mean, "ci95": list(ci95) if ci95 else None}
    if many and summary.n >= FEWEST_FOR_DECILES:
        spread["deciles"] = np.percentile(known, DECILES).tolist()
    return spread


def _lines(before: Numbers, days: Numbers, totals: Numbers) -> list[Any]:
    """By their totals, so that the order says nothing of who is who."""
    lines = [
        [int(start), [[int(day), int(total)] for day, total in zip(when, what, strict=True) if not np.isnan(total)]]
        for start, when, what in zip(before, days, totals, strict=True)
    ]
    return sorted(lines, key=lambda line: (-line[0], line[1]))


def _floats(column: "pd.Series[Any]") -> Numbers:
    return column.to_numpy(dtype=np.float64, na_value=np.nan)
