"""How long it took until the first response and the first remission were seen (rule 27, section 5.8)."""

from typing import Any

import numpy as np

from clinic.outcomes.charts.clinic import Clinic
from clinic.outcomes.charts.curves import curves_of

#: Most of it is seen in the first month: the numbers at risk are printed there too.
AT_RISK_ON = (0, 7, 14, 30, 60, 90, 180)
#: Outcome -> the column with the day on which it was first seen.
OUTCOMES = {"response": "first_response_on", "remission": "first_remission_on"}


def time_to_first(clinic: Clinic) -> dict[str, Any]:
    """Curves of the eligible index courses from the day of the first infusion.

    eligible
    without_follow_up   of them, without a PCL-5 after that day: in no curve
    curves              {response, remission: curve (curves.py) of the share who have had it}; the others are censored at
                        their last PCL-5
    """
    courses = clinic.evaluation.courses
    courses = courses[courses["is_index"] & courses["eligible"]]
    followed = courses[courses["latest_on"].notna()]
    start, latest = (followed[name].to_numpy().astype("datetime64[D]") for name in ("first_infusion_on", "latest_on"))
    samples = {}
    for name, column in OUTCOMES.items():
        first = followed[column].to_numpy().astype("datetime64[D]")
        seen = ~np.isnat(first)
        days = (np.where(seen, first, latest) - start).astype(np.int64)
        samples[name] = (days, seen)
    curves = curves_of(samples, at_risk_on=AT_RISK_ON, rises=True, nested=("response", "remission"))
    return {"eligible": len(courses), "without_follow_up": len(courses) - len(followed), "curves": curves}
