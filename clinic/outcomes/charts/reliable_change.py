"""Who changed by more than the questionnaire's error of measurement (section 5.5; Jacobson & Truax 1991)."""

from typing import Any

import numpy as np
import numpy.typing as npt

from clinic.outcomes.charts.clinic import Clinic
from clinic.outcomes.charts.sizes import HIGHEST
from clinic.outcomes.criteria import Criteria
from clinic.outcomes.figures import counted
from clinic.outcomes.small_numbers import hidden, limits
from clinic.outcomes.statistics.reliable_change import JT_CLASSES, jacobson_truax

Totals = npt.NDArray[np.int64]


def reliable_change(clinic: Clinic, window: str) -> dict[str, Any]:
    """Baseline and follow-up total of each evaluated index course, with its class.

    n; classes: {class: n}; at_or_below: baselines that are not above the end state, so that none of them can be "recovered";
    and of limits().fewest or more either points: {class: [[baseline, follow-up, n]]}, patients with the same totals joined,
    or of many cells: {class: [[baseline from, follow-up from, n]]} of `limits().cell` points, the last also of the total of 80,
    and places: {class: [[x, y, n]]}, where each is drawn. Sorted by their totals.
    """
    course, end = counted(clinic.evaluation, window)
    evaluated = course["eligible"] & end["endpoint_id"].notna()
    before = course.loc[evaluated, "baseline_total"].to_numpy(dtype=np.int64)
    after = end.loc[evaluated, "endpoint_total"].to_numpy(dtype=np.int64)
    points, at_most = clinic.criteria.reliable_points, clinic.criteria.reliable_at_most
    kind = jacobson_truax(before, after, reliable_points=points, at_most=at_most)
    n = len(before)
    drawn: dict[str, Any] = {
        "n": n,
        "classes": {name: int((kind == name).sum()) for name in JT_CLASSES},
        "at_or_below": int((before <= at_most).sum()),
    }
    if n < limits().fewest:
        return drawn
    if n > limits().most_marks:
        drawn["cells"] = {name: _joined(cell(before[kind == name]), cell(after[kind == name])) for name in JT_CLASSES}
        if not limits().single:
            drawn["cells"] = {name: _large(cells, drawn["classes"][name]) for name, cells in drawn["cells"].items()}
        drawn["places"] = _placed(drawn["cells"], clinic.criteria)
    else:
        drawn["points"] = {name: _joined(before[kind == name], after[kind == name]) for name in JT_CLASSES}
    return drawn


def cell(totals: Totals) -> Totals:
    """The lowest total of the cell in which each total is."""
    return np.minimum(totals // limits().cell, HIGHEST // limits().cell - 1) * limits().cell


def _joined(before: Totals, after: Totals) -> list[list[int]]:
    """[baseline, follow-up, how many], by their values, so that the order says nothing of who is who."""
    places, counts = np.unique(np.column_stack([before, after]), axis=0, return_counts=True)
    joined: list[list[int]] = np.column_stack([places, counts]).tolist()
    return joined


def _large(cells: list[list[int]], of_class: int) -> list[list[int]]:
    """The cells of a class that may be handed on."""
    away = hidden([count for *_, count in cells], of_class, limits().fewest)
    return [one for at, one in enumerate(cells) if at not in away]


def _placed(cells: dict[str, Any], criteria: Criteria) -> dict[str, Any]:
    """Each count in the middle of that part of its cell where the totals are of its class; no patient's own totals."""
    totals = np.arange(HIGHEST + 1)
    before, after = (axis.ravel() for axis in np.meshgrid(totals, totals, indexing="ij"))
    kind = jacobson_truax(before, after, reliable_points=criteria.reliable_points, at_most=criteria.reliable_at_most)
    from_before, from_after = cell(before), cell(after)
    placed: dict[str, Any] = {}
    for name, counts in cells.items():
        placed[name] = []
        for start, end, count in counts:
            part = (kind == name) & (from_before == start) & (from_after == end)
            placed[name].append([float(before[part].mean()), float(after[part].mean()), count])
    return placed
