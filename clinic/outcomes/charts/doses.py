"""What dose was given in which session: a description, no judgement (rule 48: the prescriber decides)."""

from typing import Any

import numpy as np
import pandas as pd

from clinic.outcomes.charts.clinic import Clinic
from clinic.outcomes.charts.sizes import FEWEST_FOR_DECILES, LAST_SESSION
from clinic.outcomes.small_numbers import limits

#: The induction, then the maintenance and booster infusions that follow it (rule 12).
PHASES = {"induction": True, "top_up": False}


def doses(clinic: Clinic) -> dict[str, Any]:
    """Dose by session number of each patient's index course; top-ups that follow it are numbered on, and told apart.

    patients, infusions: with and of all sessions; later: infusions after LAST_SESSION; unknown: of all, without mg/kg.
    sessions: session, phase, n (given) and the spread of mg_per_kg (IV alone, of known dose and weight) and of minutes:
    n, median, quartiles [25th, 75th percentile], deciles [10th, 90th]. No spread of fewer than limits().fewest, no deciles
    of fewer than FEWEST_FOR_DECILES. Percentiles are interpolated linearly between the two nearest values.
    """
    course = clinic.evaluation.courses
    given = clinic.sessions[clinic.sessions["course_id"].isin(course.loc[course["is_index"], "course_id"])]
    rows = []
    for session in range(1, LAST_SESSION + 1):
        of_session = given[given["session"] == session]
        for phase, is_induction in PHASES.items():
            of_phase = of_session[of_session["is_induction"] == is_induction]
            if len(of_phase):
                spreads = {name: _spread(of_phase[name]) for name in ("mg_per_kg", "minutes")}
                rows.append({"session": session, "phase": phase, "n": len(of_phase)} | spreads)
    return {
        "patients": int(given["course_id"].nunique()),
        "infusions": len(given),
        "later": int((given["session"] > LAST_SESSION).sum()),
        "unknown": int(given["mg_per_kg"].isna().sum()),
        "sessions": rows,
    }


def _spread(values: "pd.Series[float]") -> dict[str, Any]:
    known = values.dropna().to_numpy(dtype=np.float64)
    n = len(known)
    if n < limits().fewest:
        return {"n": n, "median": None, "quartiles": None, "deciles": None}
    deciles = np.percentile(known, (10, 90)).tolist() if n >= FEWEST_FOR_DECILES else None
    low, median, high = np.percentile(known, (25, 50, 75)).tolist()
    return {"n": n, "median": median, "quartiles": [low, high], "deciles": deciles}
