"""What became of each index course's follow-up in one window, for the panels that count losses (rules 12a, 29; 5.11)."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from clinic.outcomes.charts.clinic import Clinic
from clinic.outcomes.figures import counted
from clinic.outcomes.inductions import Bools


@dataclass(frozen=True)
class Followed:
    """Equally long arrays, in the order of `figures.counted`.

    **eligible**: has a baseline at or above the cut, and criterion A is not "not met" (rule 18)
    **due**: the window is over, or it has an endpoint already (rule 29)
    **over**: the window is over
    **found**: it has an endpoint, a usable PCL-5
    **left**: the patient died or withdrew before the window closed, or on its last day
    **died**: of these, who died before any withdrawal
    """

    eligible: Bools
    due: Bools
    over: Bools
    found: Bools
    left: Bools
    died: Bools

    @property
    def asked(self) -> Bools:
        """Of whom a follow-up is to be expected by now (5.11): who left is expected to have none, and counts with one."""
        return self.eligible & self.over & (self.found | ~self.left)


def followed(clinic: Clinic, window: str) -> Followed:
    """What became of the follow-up in this window, up to the clinic's day."""
    course, end = counted(clinic.evaluation, window)
    facts = index_facts(clinic)
    closes_on = end["closes_on"].to_numpy()
    left_on, died_on = facts["left_on"].to_numpy(), facts["died_on"].to_numpy()
    left = left_on <= closes_on
    return Followed(
        eligible=course["eligible"].to_numpy(dtype=bool),
        due=end["due"].to_numpy(dtype=bool),
        over=closes_on < np.datetime64(clinic.as_of),
        found=end["endpoint_id"].notna().to_numpy(dtype=bool),
        left=left,
        died=left & (died_on == left_on),
    )


def index_facts(clinic: Clinic) -> pd.DataFrame:
    """The facts of the index courses, in the order of `figures.counted`."""
    return clinic.facts[clinic.evaluation.courses["is_index"].to_numpy(dtype=bool)]
