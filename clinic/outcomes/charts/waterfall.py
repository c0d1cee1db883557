"""Who changed, and by how much (section 5.6)."""

from typing import Any

import numpy as np
import numpy.typing as npt

from clinic.outcomes.figures import counted
from clinic.outcomes.response import Evaluation
from clinic.outcomes.small_numbers import limits

#: From best to worst; a bar is the first of these that it is.
CLASSES = ("remission", "response", "none", "worsened")


def waterfall(evaluation: Evaluation, window: str) -> dict[str, Any]:
    """Change of each evaluated course, most improved first, with its class; of many, a curve sampled over the ranks.

    Of the outside each point of the curve is the mean of `fewest` neighbouring ranks or more, at the middle of them.
    n, classes: {class: count}, bars: [[change, class]] or curve: [[rank, change]]; neither of fewer than limits().fewest.
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
    if n < limits().fewest:
        return drawn
    if not limits().single:
        drawn["curve"] = _means(change)
    elif n > limits().most_marks:
        at = np.unique(np.linspace(0, n - 1, limits().most_marks + 1).round().astype(np.int64))
        drawn["curve"] = [[rank + 1, points] for rank, points in zip(at.tolist(), change[at].tolist(), strict=True)]
    else:
        drawn["bars"] = [[points, CLASSES[at]] for points, at in zip(change.tolist(), kind.tolist(), strict=True)]
    return drawn


def _means(change: npt.NDArray[np.int64]) -> list[list[float]]:
    """[middle rank, mean change] of groups of neighbours, each of the fewest that may be shown or more."""
    groups = np.array_split(np.arange(len(change)), len(change) // limits().fewest)
    return [[float(ranks.mean()) + 1, round(float(change[ranks].mean()), 1)] for ranks in groups]
