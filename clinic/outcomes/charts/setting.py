"""What is recorded of the setting of infusions: preparation, intention, eye mask, music, integration (rule 56)."""

from typing import Any

import numpy as np
import pandas as pd

from clinic.outcomes.charts.clinic import Clinic
from clinic.outcomes.charts.sizes import ANSWERS
from clinic.outcomes.small_numbers import limits
from clinic.outcomes.statistics.rates import rate_figures

#: In the order of the work.
PARTS = ("preparation", "intention", "eye_mask", "music", "integration")
#: Fields in which "no" can be recorded. Of the others a text stands for yes, and nothing can say no.
WITH_NO = ("eye_mask", "music")


def setting(clinic: Clinic) -> dict[str, Any]:
    """How often each part is recorded, of the infusions of index courses and the top-ups that follow them.

    patients, infusions; parts: name, and for each of ANSWERS x, n and rate, or None if it cannot be that. No intervals:
    infusions of one patient are not independent. The rate is None for fewer than limits().fewest patients (rule 31).
    """
    course = clinic.evaluation.courses
    given = clinic.sessions[clinic.sessions["course_id"].isin(course.loc[course["is_index"], "course_id"])]
    patients, infusions = int(given["course_id"].nunique()), len(given)
    parts = []
    for name in PARTS:
        said = _said(given[name])
        shares: dict[str, Any] = {
            answer: rate_figures((said == answer).sum(), infusions, intervals=False) for answer in ANSWERS
        }
        if patients < limits().fewest:
            shares = {answer: share | {"rate": None} for answer, share in shares.items()}
        if name not in WITH_NO:
            shares["no"] = None
        parts.append({"name": name} | shares)
    return {"patients": patients, "infusions": infusions, "parts": parts}


def _said(recorded: "pd.Series[Any]") -> "pd.Series[Any]":
    """The answers of a part that is a yes or no, also of one that is there or is not."""
    if recorded.isin(ANSWERS).all():
        return recorded
    return pd.Series(np.where(recorded.astype(bool), "yes", "not_recorded"), index=recorded.index)
