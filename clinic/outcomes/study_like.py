"""The clinic's own figures, counted as nearly like the published study as can be (rules 36 and 64).

The study publishes no cut for inclusion, response or remission and no window. "Study-like" is VA-10/33 on LAST: an
inference of ours, never "the study's definition".
"""

from typing import Any

from clinic.outcomes.criteria import DEFAULT_PRESET, LAST, Criteria, under_preset
from clinic.outcomes.figures import counted, window_figures
from clinic.outcomes.response import Evaluation
from clinic.outcomes.statistics.rates import rate_figures
from clinic.outcomes.study import RESPONSES, N


def published_response() -> dict[str, Any]:
    """The study's clinically significant change as a rate; its interval is ours (Wilson)."""
    return rate_figures(RESPONSES, N)


def study_like(evaluation: Evaluation, site: Criteria) -> dict[str, Any]:
    """The clinic's LAST figures under VA-10/33, with the median day of the endpoints.

    Baselines and endpoints are those that `evaluation` chose under the clinic's own settings. Only its rule for missing
    items can choose others than VA-10/33 would: `same_readings` says that it does not.
    """
    preset = under_preset(DEFAULT_PRESET, site)
    restated = restate(evaluation, preset)
    course, end = counted(restated, LAST)
    days = end.loc[course["eligible"] & end["endpoint_id"].notna(), "endpoint_day"]
    prorating = ("max_missing_items", "max_missing_per_cluster")
    return {
        **window_figures(restated, LAST),
        "median_day": float(days.median()) if len(days) else None,
        "preset": preset.preset,
        "same_readings": all(getattr(preset, name) == getattr(site, name) for name in prorating),
    }


def restate(evaluation: Evaluation, preset: Criteria) -> Evaluation:
    """The LAST window of an evaluation, judged again under a preset in points on the same baselines and endpoints."""
    course, end = evaluation.courses, evaluation.windows[LAST]
    before, after = course["baseline_total"].astype("Int64"), end["endpoint_total"].astype("Int64")
    reduction = before - after
    response = reduction >= (preset.response_points or 0)
    reliable = reduction >= preset.reliable_points
    low = (after <= preset.reliable_at_most).where(before > preset.reliable_at_most)
    judged = end.assign(
        response=response,
        remission=response & (after <= preset.remission_at_most),
        worsened=reduction <= -preset.worsening_points,
        reliable_change=reliable,
        reliable_and_below=(reliable & low).where(low.notna() & reduction.notna()),
    )
    eligible = (before >= preset.eligibility_cut).fillna(False).astype(bool) & ~course["criterion_a_not_met"]
    return Evaluation(course.assign(eligible=eligible), {LAST: judged})
