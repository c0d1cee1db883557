"""Why a course has its status, in words that a clinician reads beside it (rule 27a)."""

from datetime import date

from clinic.outcomes.criteria import Criteria


def reason(
    *,
    status: str,
    criteria: Criteria,
    first_infusion_on: date,
    last_infusion_on: date,
    baseline_on: date | None,
    baseline_total: int,
    latest_on: date | None,
    latest_total: int,
    response_lost_on: date | None,
    responded_during_series: bool,
) -> str:
    """One or two sentences: the readings the status rests on, and what the next step would need."""
    if baseline_on is None:
        return f"No PCL-5 in the {criteria.baseline_within_days} days before the first infusion on {_day(first_infusion_on)}."
    if latest_on is None:
        seen = f"Baseline {baseline_total} on {_day(baseline_on)}"
        waiting = f"no PCL-5 since the first infusion on {_day(first_infusion_on)}."
        below = f" is below {criteria.eligibility_cut};" if status == "BELOW_CUT" else ","
        return f"{seen}{below} {waiting}"
    when = f"day {(latest_on - last_infusion_on).days} after the last infusion"
    if latest_on <= last_infusion_on:
        when = "during the series"
    change = (
        f"{baseline_total} → {latest_total} on {_day(latest_on)} ({_signed(latest_total - baseline_total)}), {when}."
    )
    return f"{change} {_verdict(status, criteria, response_lost_on, responded_during_series)}"


def _verdict(status: str, criteria: Criteria, response_lost_on: date | None, responded_during_series: bool) -> str:
    points, percent = criteria.response_points, criteria.response_percent
    drop = f"a drop of {points} points" if points is not None else f"a drop of {percent} %"
    remission_below = criteria.remission_at_most + 1
    match status:
        case "BELOW_CUT":
            return f"The baseline is below {criteria.eligibility_cut}, so the course is not counted."
        case "WORSENED":
            return f"{criteria.worsening_points} or more points worse than the baseline."
        case "REMISSION" | "RESPONSE":
            return (
                "Response and remission."
                if status == "REMISSION"
                else f"Remission needs {_remission(criteria, remission_below)}."
            )
        case "RELAPSED" if response_lost_on is not None:
            return f"Response lost since {_day(response_lost_on)}."
    during = " A response during the series did not last." if responded_during_series else ""
    return f"Response needs {drop}.{during}"


def _remission(criteria: Criteria, below: int) -> str:
    rule = " and the DSM-5 rule not met" if criteria.remission_requires_dsm_rule_not_met else ""
    return f"a total below {below}{rule}"


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def _signed(points: int) -> str:
    return f"+{points}" if points > 0 else f"−{-points}" if points < 0 else "0"
