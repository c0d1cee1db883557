"""How long a response lasted until its loss was seen (rule 26, section 5.8)."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from clinic.outcomes.charts.clinic import Clinic
from clinic.outcomes.charts.curves import Flags, Sample, curve, curves_of
from clinic.outcomes.small_numbers import limits

Days = npt.NDArray[np.datetime64]


@dataclass(frozen=True)
class _Responders:
    """Days of each responder, NaT where there is none, with psychotherapy and death.

    `seen` is the last PCL-5 of the course or, if that was earlier, the day of withdrawal or death.
    """

    responded: Days
    loss: Days
    induction: Days
    top_up: Days
    seen: Days
    therapy: Flags
    died: Flags

    @property
    def event(self) -> Days:
        """Detected loss or the next induction course, whichever came first."""
        return np.fmin(self.loss, self.induction)


def time_to_loss(clinic: Clinic) -> dict[str, Any]:
    """Curves of the responders among the eligible index courses, from the day of the reading with the response.

    responders
    without_follow_up   of them, in no curve: no event, and not observed after that day
    inductions          events of those in the curve that were a new induction course
    died                in the curve, before an event was seen: censored
    curves              {name: curve (curves.py) of the share still in response}: `all`; where both have limits().fewest or
                        more, `psychotherapy` and `none_recorded`; `re_induction` (censored then) and `top_up` (censored at
                        the first maintenance or booster infusion), without their steps where the two groups are drawn;
                        these two differ from `all` by few patients and are left out of what is handed on
    """
    who = _responders(clinic)
    followed = ~np.isnat(who.event) | (who.seen > who.responded)
    groups = {"psychotherapy": who.therapy, "none_recorded": ~who.therapy}
    split = all((followed & of).sum() >= limits().fewest for of in groups.values())
    samples = {"all": _sample(who.responded, who.event, who.seen)}
    if split:
        samples |= {name: _sample(who.responded[of], who.event[of], who.seen[of]) for name, of in groups.items()}
    return {
        "responders": len(followed),
        "without_follow_up": int((~followed).sum()),
        "inductions": int((~np.isnat(who.induction) & ~(who.loss <= who.induction)).sum()),
        "died": int((followed & np.isnat(who.event) & who.died).sum()),
        "curves": curves_of(samples) | (_sensitivity(who, steps=not split) if limits().single else {}),
    }


def _sensitivity(who: _Responders, steps: bool) -> dict[str, Any]:
    """The same responders, observed only until the next induction course or the first top-up."""
    to_induction = np.where(np.isnat(who.induction), who.seen, who.induction)
    later = who.event > who.top_up
    event = np.where(later, np.datetime64("NaT", "D"), who.event)
    to_top_up = np.where(later, who.top_up, np.fmin(who.seen, who.top_up))
    return {
        "re_induction": curve(*_sample(who.responded, who.loss, to_induction), steps=steps),
        "top_up": curve(*_sample(who.responded, event, to_top_up), steps=steps),
    }


def _sample(start: Days, event: Days, seen: Days) -> Sample:
    """Days from `start` to the event, else to the day last `seen`, of those who were observed after the start."""
    happened = ~np.isnat(event)
    days = (np.where(happened, event, seen) - start).astype(np.int64)
    followed = happened | (days > 0)
    return days[followed], happened[followed]


def _responders(clinic: Clinic) -> _Responders:
    courses, facts = clinic.evaluation.courses, clinic.facts
    chosen = (courses["is_index"] & courses["eligible"] & courses["response_index_on"].notna()).to_numpy(dtype=np.bool_)
    courses, facts = courses[chosen], facts[chosen]
    return _Responders(
        responded=_days(courses["response_index_on"]),
        loss=_days(courses["loss_of_response_on"]),
        induction=_days(courses["next_induction_on"]),
        top_up=_days(courses["next_top_up_on"]),
        seen=np.fmin(_days(courses["latest_on"]), _days(facts["left_on"])),
        therapy=(facts["psychotherapy"] == "yes").to_numpy(dtype=np.bool_),
        died=facts["died_on"].notna().to_numpy(dtype=np.bool_),
    )


def _days(column: "pd.Series[Any]") -> Days:
    return column.to_numpy().astype("datetime64[D]")
