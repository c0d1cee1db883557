"""Second and later induction courses: a panel of their own, in no rate of the dashboard (rule 12a)."""

from typing import Any

import numpy as np
import pandas as pd

from clinic.outcomes.charts.clinic import Clinic
from clinic.outcomes.charts.sizes import FIRST_OUTCOMES
from clinic.outcomes.criteria import LAST
from clinic.outcomes.small_numbers import limits
from clinic.outcomes.statistics.numbers import Summary, mean_ci95
from clinic.outcomes.statistics.rates import rate_figures

_OF_THE_ENDPOINT = ["endpoint_id", "endpoint_total", "response"]
_OF_THE_ONE_BEFORE = ["next_induction_on", "last_infusion_on", "eligible", "latest_on"]
_OF_THE_ONE_BEFORE += ["first_response_on", "first_remission_on"]


def retreatment(clinic: Clinic) -> dict[str, Any]:
    """Who came back, when, after what, and what came of it.

    patients: with an index course. second, third: patients with a second and with a third course or more.
    first_outcome: {FIRST_OUTCOMES: patients with a second course}: remission or response at any time of the first course.
    second_courses (one per patient) and later_courses (all of them, courses not patients, so without intervals), each:
    patients, courses · days: n, median, quartiles of the days from the last induction infusion of the course before to the
    first of this one · evaluated (eligible, with a LAST endpoint) · before, after, reduction: mean totals · ci95 of the
    reduction · response: a rate on LAST. Nothing but counts of fewer than limits().fewest patients.
    Of a filtered clinic, a course counts only if every earlier one of the patient is there too.
    """
    courses = _ranked(clinic)
    later = courses[courses["rank"] > 1]
    second = later[later["rank"] == 2]
    return {
        "patients": int(courses["is_index"].sum()),
        "second": len(second),
        "third": int((later["rank"] == 3).sum()),
        "first_outcome": _first_outcome(second),
        "second_courses": _group(second, intervals=True),
        "later_courses": _group(later, intervals=False),
    }


def _ranked(clinic: Clinic) -> pd.DataFrame:
    """The courses with their rank (1, 2 …), the LAST endpoint and, as before_…, what is known of the course before."""
    end = clinic.evaluation.windows[LAST]
    courses = clinic.evaluation.courses.assign(**{name: end[name] for name in _OF_THE_ENDPOINT})
    courses = courses.sort_values(["patient_id", "first_infusion_on"], kind="stable")
    patient = courses["patient_id"]
    courses = courses.join(courses.groupby("patient_id")[_OF_THE_ONE_BEFORE].shift().add_prefix("before_"))
    follows = courses["is_index"] | (courses["before_next_induction_on"] == courses["first_infusion_on"])
    unbroken = (~follows).groupby(patient).cumsum() == 0
    return courses.assign(rank=courses.groupby("patient_id").cumcount() + 1)[unbroken]


def _first_outcome(second: pd.DataFrame) -> dict[str, int]:
    judged = second["before_eligible"].eq(True) & second["before_latest_on"].notna()
    kind = np.select(
        [~judged, second["before_first_remission_on"].notna(), second["before_first_response_on"].notna()],
        ["not_judged", "remission", "response"],
        "none",
    )
    return {name: int((kind == name).sum()) for name in FIRST_OUTCOMES}


def _group(courses: pd.DataFrame, intervals: bool) -> dict[str, Any]:
    evaluated = courses[courses["eligible"] & courses["endpoint_id"].notna()]
    group: dict[str, Any] = {
        "patients": int(courses["patient_id"].nunique()),
        "courses": len(courses),
        "days": _days(courses),
        "evaluated": len(evaluated),
        "evaluated_patients": int(evaluated["patient_id"].nunique()),
    }
    if group["evaluated_patients"] < limits().fewest:
        return group | dict.fromkeys(("before", "after", "reduction", "ci95", "response"))
    before, after = (evaluated[name].to_numpy(dtype=np.int64) for name in ("baseline_total", "endpoint_total"))
    reduction = Summary.of(before - after)
    return group | {
        "before": float(before.mean()),
        "after": float(after.mean()),
        "reduction": reduction.mean,
        "ci95": list(mean_ci95(reduction) or ()) if intervals else None,
        "response": rate_figures(evaluated["response"].sum(), len(evaluated), intervals),
    }


def _days(courses: pd.DataFrame) -> dict[str, Any]:
    if courses["patient_id"].nunique() < limits().fewest:
        return {"n": len(courses), "median": None, "quartiles": None}
    days = (courses["first_infusion_on"] - courses["before_last_infusion_on"]).dt.days.to_numpy(dtype=np.float64)
    low, median, high = np.percentile(days, (25, 50, 75)).tolist()
    return {"n": len(days), "median": median, "quartiles": [low, high]}
