"""Where patients leave on the way from registration to follow-up (5.10 (i), rule 43), as far as the clinic records it."""

from typing import Any

import numpy as np

from clinic.outcomes.charts.clinic import Clinic
from clinic.outcomes.charts.followed import followed, index_facts
from clinic.outcomes.criteria import INDUCTION_COMPLETE_DAYS
from clinic.outcomes.figures import counted
from clinic.outcomes.inductions import Bools

#: Shown after the window chosen: they follow from no other window, but from who is eligible.
LATER = ("M3", "M6", "M12")


def care_flow(clinic: Clinic, window: str) -> dict[str, Any]:
    """Counts of patients. What a step has, less what is lost there, is what the next step has.

    steps      registered, treated, baseline, eligible: {name, n, lost: {reason: count}}; the last loses nobody
    windows    from those eligible, the window chosen first, then each of LATER: {name, not_due: {reason: count}, due,
               missing: {reason: count}, obtained}; eligible less not_due is due, due less missing is obtained
    induction  of those eligible: complete, in_series (may still be completed), incomplete. No outcome rule asks for a
               complete induction, so it is no step: whoever has fewer infusions stays in all that follows (rule 18).
    """
    course, _ = counted(clinic.evaluation, window)
    status = course["status"].to_numpy()
    baseline = status != "NO_BASELINE"
    above = baseline & (status != "BELOW_CUT")
    eligible = above & course["eligible"].to_numpy(dtype=bool)
    treated, registered = len(course), max(clinic.registered, len(course))
    return {
        "steps": [
            _step("registered", registered, not_treated=registered - treated),
            _step("treated", treated, no_baseline=treated - _count(baseline)),
            _step(
                "baseline",
                _count(baseline),
                below_cut=_count(baseline & ~above),
                criterion_a_not_met=_count(above & ~eligible),
            ),
            _step("eligible", _count(eligible)),
        ],
        "windows": [_window(clinic, name) for name in (window, *(later for later in LATER if later != window))],
        "induction": _induction(clinic, eligible),
    }


def _step(name: str, n: int, **lost: int) -> dict[str, Any]:
    return {"name": name, "n": n, "lost": lost}


def _window(clinic: Clinic, name: str) -> dict[str, Any]:
    """Withdrawal and death are the reason only where they came before the window closed and no endpoint came first."""
    of = followed(clinic, name)
    waiting, due = of.eligible & ~of.due, of.eligible & of.due
    missing = due & ~of.found
    return {
        "name": name,
        "not_due": {
            "window_open": _count(waiting & ~of.left),
            "withdrew": _count(waiting & of.left & ~of.died),
            "died": _count(waiting & of.died),
        },
        "due": _count(due),
        "missing": {
            "no_pcl5": _count(missing & ~of.left),
            "withdrew": _count(missing & of.left & ~of.died),
            "died": _count(missing & of.died),
        },
        "obtained": _count(due & of.found),
    }


def _induction(clinic: Clinic, eligible: Bools) -> dict[str, int]:
    """A series is still going on when a further infusion could complete it: nobody left, nor was treated anew."""
    index = clinic.evaluation.courses["is_index"].to_numpy(dtype=bool)
    course = clinic.evaluation.courses[index]
    complete = course["induction_complete"].to_numpy(dtype=bool)
    recent = np.datetime64(clinic.as_of) - course["last_infusion_on"].to_numpy() <= np.timedelta64(
        INDUCTION_COMPLETE_DAYS, "D"
    )
    stayed = index_facts(clinic)["left_on"].isna().to_numpy() & course["next_induction_on"].isna().to_numpy()
    in_series = ~complete & recent & stayed
    return {
        "complete": _count(eligible & complete),
        "in_series": _count(eligible & in_series),
        "incomplete": _count(eligible & ~complete & ~in_series),
    }


def _count(mask: Bools) -> int:
    return int(mask.sum())
