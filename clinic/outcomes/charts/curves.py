"""A Kaplan-Meier curve as plain values: what is drawn of it, and what its table says (section 5.8, rules 31 and 33)."""

from typing import Any

import numpy as np
import numpy.typing as npt

from clinic.outcomes.charts.sizes import MOST_STEPS
from clinic.outcomes.small_numbers import limits
from clinic.outcomes.statistics.survival import Survival, kaplan_meier

#: The days on which the numbers at risk are printed (5.8), and every year for as long as anybody is at risk.
AT_RISK_ON = (0, 30, 60, 90, 180)
YEAR = 365
#: More ticks than these run together.
MOST_TICKS = 150
#: Complements of shares are rounded to these decimals, so that 1 - 0.9 is 0.1.
PLACES = 12
#: Shares that are handed on are rounded to these: from all digits single steps could be told.
COARSE_PLACES = 3

Flags = npt.NDArray[np.bool_]
DayCounts = npt.NDArray[np.int64]
#: Of each patient the days followed, and whether the last of them brought the event.
Sample = tuple[DayCounts, Flags]


def curves_of(
    samples: dict[str, Sample],
    *,
    at_risk_on: tuple[int, ...] = AT_RISK_ON,
    rises: bool = False,
    nested: tuple[str, ...] = (),
) -> dict[str, Any]:
    """The curves of a panel by name. `nested`: two of the same patients, where the event of the second implies the first's.

    What is handed on has points on common days alone, see `coarse`.
    """
    if limits().single:
        return {name: curve(*sample, at_risk_on=at_risk_on, rises=rises) for name, sample in samples.items()}
    return coarse({name: kaplan_meier(*sample) for name, sample in samples.items()}, rises, nested)


def coarse(found: dict[str, Survival], rises: bool, nested: tuple[str, ...]) -> dict[str, Any]:
    """Curves as `curve` gives them, without single patients: points on days between which nobody or many left each curve.

    On these days nobody was last seen. Of each curve those at risk, with the event and censored, what was added to them since
    the day before in the list, and the difference of two that are nested, are nobody or `limits().fewest` or more.
    """
    taken = {int(step.day) for of in found.values() for step in of.steps}
    days, last = [0], _counts(found, 0, nested)
    for day in sorted({day + 1 for day in taken} - taken):
        now = _counts(found, day, nested)
        enough = all(not 0 < abs(count) < limits().fewest for count in (*now, *(now - last)))
        if enough:
            days.append(day)
            last = now
    return {name: _coarse(of, days, rises) for name, of in found.items()}


def _counts(found: dict[str, Survival], day: int, nested: tuple[str, ...]) -> DayCounts:
    """At risk, with the event and censored by the day, of each curve; then the differences of the two that are nested."""
    of_each = {name: np.array(_point(of, day, False, drawn=False)[1:4]) for name, of in found.items()}
    pairs = [of_each[nested[0]] - of_each[nested[1]]] if nested else []
    return np.concatenate([*of_each.values(), *pairs]).astype(np.int64)


def _coarse(found: Survival, days: list[int], rises: bool) -> dict[str, Any]:
    until = max((day for day in days[1:] if found.at_risk(day) >= limits().fewest), default=None)
    points = [_point(found, day, rises, _up_to(until, day) is not None) for day in days] if until else []
    median, *ends = (_up_to(until, day) for day in (found.median, *found.median_ci95))
    return {
        "n": found.n,
        "events": found.events,
        "at_risk_on": days,
        "until": until,
        "median": median,
        "median_ci95": ends,
        "points": [[*point[:4], *(share and round(share, COARSE_PLACES) for share in point[4:])] for point in points],
        "ticks": [],
        "sampled": False,
    }


def curve(
    days: DayCounts, event: Flags, *, at_risk_on: tuple[int, ...] = AT_RISK_ON, rises: bool = False, steps: bool = True
) -> dict[str, Any]:
    """The curve of patients followed for `days`, the last of them with or without the event.

    n, events
    at_risk_on    the days on which the numbers at risk are printed
    until         the last day with limits().fewest at risk, where the curve stops (5.8); None if there is none
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
    until = max((int(step.day) for step in found.steps if step.at_risk >= limits().fewest), default=None)
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
