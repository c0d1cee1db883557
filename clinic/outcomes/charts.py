"""What the dashboard draws of the clinic, as plain values: small, without any id, nothing of fewer than five patients.

Counted are the evaluated index courses, as in `figures.window_figures`. Up to MOST_MARKS of them are drawn one by one; of
more, a sampled curve and deciles stand for them, so that a clinic of any size fits one row (section 5.6, 5.7; rule 31).
"""

from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from assessments.instruments.pcl5 import WEEK
from clinic.outcomes.criteria import Criteria
from clinic.outcomes.figures import counted, rate_figures
from clinic.outcomes.response import Evaluation
from clinic.outcomes.statistics import Summary, mean_ci95
from clinic.outcomes.study_like import published_response, study_like

Numbers = npt.NDArray[np.float64]

#: Rule 31: nothing is drawn of fewer patients.
FEWEST_DRAWN = 5
#: Deciles of fewer are not worth the name.
FEWEST_FOR_DECILES = 20
#: More bars or lines than these cannot be told apart.
MOST_MARKS = 300
#: From best to worst; a bar is the first of these that it is.
CLASSES = ("remission", "response", "none", "worsened")
DECILES = tuple(range(10, 100, 10))


def clinic_charts(evaluation: Evaluation, criteria: Criteria, left_on: dict[int, date], as_of: date) -> dict[str, Any]:
    """Everything drawn: each window's waterfall and what is counted beside its rates, trajectories, study-like figures.

    `left_on` maps courses to the day on which the patient died or withdrew; windows that close before `as_of` are over.
    """
    return {
        "windows": {
            window: {"waterfall": waterfall(evaluation, window), "beside": beside(evaluation, window, left_on, as_of)}
            for window in evaluation.windows
        },
        "trajectories": trajectories(evaluation, criteria),
        "study_like": study_like(evaluation, criteria),
        "published_response": published_response(),
    }


def beside(evaluation: Evaluation, window: str, left_on: dict[int, date], as_of: date) -> dict[str, Any]:
    """What is printed beside the rates of a window.

    eligible_share                        eligible of the courses, a rate
    completeness                          evaluated of those whose window is over, without those who left: a rate
                                          (rule 30; 5.11)
    weekly_endpoints, weekly_remissions   evaluated endpoints and remissions that rest on a week form (rule 20)
    worsened_outside                      worsened courses that are not eligible (rule 22)
    left                                  missing whose patient died or withdrew before the window closed
    """
    course, end = counted(evaluation, window)
    found = end["endpoint_id"].notna()
    evaluated = course["eligible"] & found
    weekly = evaluated & (end["endpoint_recall_days"] == WEEK.recall_days).fillna(False).astype(bool)
    outside = found & ~course["eligible"] & course["baseline_total"].notna()
    over = course["eligible"] & (end["closes_on"] < pd.Timestamp(as_of))
    missing = over & ~found
    day = pd.to_datetime(course.loc[missing, "course_id"].map(left_on))
    left = int((day <= end.loc[missing, "closes_on"]).sum())
    return {
        "eligible_share": rate_figures(course["eligible"].sum(), len(course)),
        "completeness": rate_figures((over & found).sum(), over.sum() - left),
        "weekly_endpoints": int(weekly.sum()),
        "weekly_remissions": int(end.loc[weekly, "remission"].sum()),
        "worsened_outside": int(end.loc[outside, "worsened"].sum()),
        "left": left,
    }


def waterfall(evaluation: Evaluation, window: str) -> dict[str, Any]:
    """Change of each evaluated course, most improved first, with its class; of many, a curve sampled over the ranks.

    n, classes: {class: count}, bars: [[change, class]] or curve: [[rank, change]]; neither of fewer than FEWEST_DRAWN.
    """
    course, end = counted(evaluation, window)
    evaluated = course["eligible"] & end["endpoint_id"].notna()
    pairs = end[evaluated]
    change = (pairs["endpoint_total"] - course.loc[evaluated, "baseline_total"]).to_numpy(dtype=np.int64)
    masks = [pairs[name].to_numpy(dtype=bool, na_value=False) for name in ("remission", "response", "worsened")]
    kind = np.select(masks, [CLASSES.index(name) for name in ("remission", "response", "worsened")], 2)
    order = np.lexsort((kind, change))
    change, kind = change[order], kind[order]
    n = len(change)
    drawn: dict[str, Any] = {"n": n, "classes": {name: int((kind == at).sum()) for at, name in enumerate(CLASSES)}}
    if n > MOST_MARKS:
        at = np.unique(np.linspace(0, n - 1, MOST_MARKS + 1).round().astype(np.int64))
        drawn["curve"] = [[rank + 1, points] for rank, points in zip(at.tolist(), change[at].tolist(), strict=True)]
    elif n >= FEWEST_DRAWN:
        drawn["bars"] = [[points, CLASSES[at]] for points, at in zip(change.tolist(), kind.tolist(), strict=True)]
    return drawn


def trajectories(evaluation: Evaluation, criteria: Criteria) -> dict[str, Any]:
    """Totals at baseline and in each scheduled window of every eligible index course that was followed up in one of them.

    n; visits: one per window with FEWEST_DRAWN totals or more, baseline first: name, label, day (of the target; None at
    baseline), from, to, n, mean, ci95, and of many patients deciles (10, 20 … 90); lines: up to MOST_MARKS of
    [baseline, [[day, total], …]] in no order of patients.
    """
    course, _ = counted(evaluation, criteria.windows[0].name)
    eligible = course["eligible"].to_numpy(dtype=bool)
    ends = [counted(evaluation, window.name)[1][eligible] for window in criteria.windows]
    shown = [at for at, end in enumerate(ends) if end["endpoint_id"].notna().sum() >= FEWEST_DRAWN]
    if not shown:
        return {"n": int(np.logical_or.reduce([end["endpoint_id"].notna() for end in ends]).sum()), "visits": []}
    totals = np.column_stack([_floats(ends[at]["endpoint_total"]) for at in shown])
    days = np.column_stack([_floats(ends[at]["endpoint_day"]) for at in shown])
    before = _floats(course.loc[eligible, "baseline_total"])
    followed = ~np.isnan(totals).all(axis=1)
    totals, days, before = totals[followed], days[followed], before[followed]
    many = len(before) > MOST_MARKS
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
