"""Which symptoms changed: the clusters of the questionnaire and its 20 items, before and after treatment (rule 3)."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from assessments.instruments.pcl5 import CLUSTERS
from clinic.outcomes.charts.clinic import Clinic
from clinic.outcomes.figures import counted
from clinic.outcomes.small_numbers import limits
from clinic.outcomes.statistics.numbers import Summary, mean_ci95

Answers = npt.NDArray[np.float64]


def symptoms(clinic: Clinic, window: str) -> dict[str, Any]:
    """Mean points per item (0-4) at baseline and at the endpoint, of evaluated eligible index courses.

    n: evaluated. clusters: B to E, each key, items, and as every item of it: n (of whom both forms have the answers; a
    cluster needs all of its items, rule 3), before, after, reduction (mean, paired) and its t interval ci95. All four are
    None of fewer than limits().fewest.
    """
    course, end = counted(clinic.evaluation, window)
    evaluated = course["eligible"] & end["endpoint_id"].notna()
    before = _answers(clinic.answers, course.loc[evaluated, "baseline_id"])
    after = _answers(clinic.answers, end.loc[evaluated, "endpoint_id"])
    clusters = []
    for cluster in CLUSTERS:
        items = [{"item": item} | _compared(before, after, [item]) for item in cluster.items]
        clusters.append({"key": cluster.id} | _compared(before, after, list(cluster.items)) | {"items": items})
    return {"n": int(evaluated.sum()), "clusters": clusters}


def _answers(answers: pd.DataFrame, reading_ids: "pd.Series[int]") -> Answers:
    """One row of 20 answers per reading, NaN where there is none."""
    return answers.reindex(reading_ids.astype("int64")).to_numpy(dtype=np.float64)


def _compared(before: Answers, after: Answers, items: list[int]) -> dict[str, Any]:
    """The mean per item over these items. Points are added up whole and divided last, so that equal changes are equal."""
    columns = [item - 1 for item in items]
    sums = np.column_stack([before[:, columns].sum(axis=1), after[:, columns].sum(axis=1)])
    start, end = sums[~np.isnan(sums).any(axis=1)].T
    if len(start) < limits().fewest:
        return {"n": len(start), "before": None, "after": None, "reduction": None, "ci95": None}
    reduction = Summary.of(start - end)
    ends = mean_ci95(reduction) or ()
    return {
        "n": len(start),
        "before": float(start.mean()) / len(items),
        "after": float(end.mean()) / len(items),
        "reduction": float((start - end).mean()) / len(items),
        "ci95": [limit / len(items) for limit in ends],
    }
