"""A Kaplan-Meier curve as plain values: what is drawn of it, and what its table says (section 5.8, rules 31 and 33)."""

from typing import Any

import numpy as np
import numpy.typing as npt

from clinic.outcomes.charts.sizes import FEWEST_DRAWN, MOST_STEPS
from clinic.outcomes.statistics.survival import Survival, kaplan_meier

#: The days on which the numbers at risk are printed (5.8), and every year for as long as anybody is at risk.
AT_RISK_ON = (0, 30, 60, 90, 180)
YEAR = 365
#: More ticks than these run together.
MOST_TICKS = 150
#: Complements of shares are rounded to these decimals, so that 1 - 0.9 is 0.1.
PLACES = 12

Flags = npt.NDArray[np.bool_]
DayCounts = npt.NDArray[np.int64]


def curve(
    days: DayCounts, event: Flags, *, at_risk_on: tuple[int, ...] = AT_RISK_ON, rises: bool = False, steps: bool = True
) -> dict[str, Any]:
    """The curve of patients followed for `days`, the last of them with or without the event.

    n, events
    at_risk_on    the days on which the numbers at risk are printed
    until         the last day with FEWEST_DRAWN at risk, where the curve stops (5.8); None if there is none
    median        first day on which half have had the event, up to `until`; None when not reached by then
    median_ci95   its interval, each end None when not reached by `until`
    points        [day, at risk just before it, events and censored up to and on it, share, low, high] on the days above and,
                  if `steps`, on each day with an event (of more than MOST_STEPS, on so many evenly spaced ones). The share
                  is without the event or, if it `rises`, with it; None after `until`. The 95 % interval is log-log; None
                  where nobody or everybody has had the event.
    ticks         days up to `until` on which somebody was censored; none of more than MOST_TICKS days
    sampled       whether steps were left out
    """
    found = kaplan_meier(days, event)
    until = max((int(step.day) for step in found.steps if step.at_risk >= FEWEST_DRAWN), default=None)
    median, *ends = (_up_to(until, day) for day in (found.median, *found.median_ci95))
    ticks = [int(step.day) for step in found.steps if step.censored and _up_to(until, step.day) is not None]
    on_events = [int(step.day) for step in found.steps if step.events and _up_to(until, step.day) is not None]
    printed = [*at_risk_on, *range(YEAR, int(days.max(initial=0)) + 1, YEAR)]
    told = {*printed, until, median, *ends, *(_spread(on_events) if steps else [])} - {None}
    return {
        "n": found.n,
        "events": found.events,
        "at_risk_on": printed,
        "until": until,
        "median": median,
        "median_ci95": ends,
        "points": [_point(found, day, rises, _up_to(until, day) is not None) for day in sorted(told) if found.n],
        "ticks": ticks if steps and len(ticks) <= MOST_TICKS else [],
        "sampled": steps and len(on_events) > MOST_STEPS,
    }


def _up_to(until: int | None, day: float | None) -> int | None:
    """The day, if the curve still is drawn then."""
    return None if until is None or day is None or day > until else int(day)


def _spread(days: list[int]) -> list[int]:
    """All of them or, of more than MOST_STEPS, so many from the first to the last."""
    if len(days) <= MOST_STEPS:
        return days
    return [days[at] for at in np.linspace(0, len(days) - 1, MOST_STEPS).round().astype(np.int64).tolist()]


def _point(found: Survival, day: int, rises: bool, drawn: bool) -> list[Any]:
    past = [step for step in found.steps if step.day <= day]
    counts = [found.at_risk(day), sum(step.events for step in past), sum(step.censored for step in past)]
    share, ci95 = found.at(day)
    if not drawn:
        return [day, *counts, None, None, None]
    low, high = ci95 or (None, None)
    if rises:
        share, low, high = _complement(share), _complement(high), _complement(low)
    return [day, *counts, share, low, high]


def _complement(share: Any) -> Any:
    return None if share is None else round(1 - share, PLACES)
