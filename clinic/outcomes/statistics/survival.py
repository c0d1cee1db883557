"""Time until something is lost, where not everybody is followed until then (Kaplan & Meier).

Losses are only seen at visits: what is counted is the time to detected loss (5.8). Nothing is hidden: where too few
are still at risk to be drawn (5.8: fewer than 5) is for the page to decide, by `Survival.at_risk`.

Sources: 5.8 and rule 33; Kaplan & Meier 1958; Greenwood 1926 (variance); Kalbfleisch & Prentice 1980 (log-log
interval); Brookmeyer & Crowley 1982 (interval of the median).
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from clinic.outcomes.statistics.normal import Z95, Interval
from clinic.outcomes.statistics.numbers import numbers


@dataclass(frozen=True)
class Step:
    """One day on which somebody was last seen, in the order events, then censored.

    at_risk    n_j, those under observation just before
    survival   S = Π (1 - d_j/n_j) over all days up to this one; d_j the events
    se         S √G, G = Σ d_j/(n_j (n_j - d_j)) (Greenwood); 0 where S is 1 or 0
    ci95       S^exp(±z √G/|ln S|) (log-log); None where S is 1 or 0
    """

    day: float
    at_risk: int
    events: int
    censored: int
    survival: float
    se: float
    ci95: Interval | None


@dataclass(frozen=True)
class Survival:
    """The curve of n patients of whom `events` had the event; `steps` by ascending day, one for each distinct day.

    `median` is the first day with S <= .5; None when not reached. `median_ci95` are the first days on which the lower
    and the upper limit of S are <= .5 (Brookmeyer & Crowley 1982); an end that is not reached is None. A day on which
    S falls to 0 has no limits, so it is the end of no interval.
    """

    n: int
    events: int
    steps: tuple[Step, ...]
    median: float | None
    median_ci95: tuple[float | None, float | None]

    def at(self, day: float) -> tuple[float, Interval | None]:
        """S and its interval at the end of `day`: 1 and None before the first step, also where n = 0.

        After the last step S is that of the last step, although nobody is left under observation.
        """
        found = bisect_right(self.steps, day, key=_day)
        return (self.steps[found - 1].survival, self.steps[found - 1].ci95) if found else (1.0, None)

    def at_risk(self, day: float) -> int:
        """How many are still under observation just before `day`: those last seen on it or later."""
        found = bisect_left(self.steps, day, key=_day)
        return self.steps[found].at_risk if found < len(self.steps) else 0


def kaplan_meier(days: npt.ArrayLike, event: npt.ArrayLike) -> Survival:
    """The curve from the day, >= 0, on which each patient was last seen, and whether with the event or censored.

    Both have shape (n,), n >= 0; `event` holds False for censored. On one day events come before censorings, so that
    who is censored then was at risk. Raises ValueError when lengths or shapes differ, a value is missing, a day is
    negative or infinite, or an event is neither True nor False.
    """
    last, happened = _observed(days, event)
    distinct, place = np.unique(last, return_inverse=True)
    left = np.bincount(place, minlength=len(distinct))
    events = np.bincount(place[happened], minlength=len(distinct))
    at_risk = len(last) - np.cumsum(left) + left
    steps = tuple(_steps(zip(distinct.tolist(), at_risk.tolist(), events.tolist(), left.tolist(), strict=True)))
    limits = [(step.day, step.ci95) for step in steps if step.ci95]
    return Survival(
        n=len(last),
        events=int(happened.sum()),
        steps=steps,
        median=_first_half((step.day, step.survival) for step in steps),
        median_ci95=(
            _first_half((day, low) for day, (low, _) in limits),
            _first_half((day, high) for day, (_, high) in limits),
        ),
    )


def _steps(rows: Iterable[tuple[float, int, int, int]]) -> Iterator[Step]:
    """The steps of (day, at risk, events, events and censored). S is kept as a fraction, so that .5 is met exactly."""
    numerator = denominator = 1
    greenwood = 0.0
    for day, at_risk, events, left in rows:
        if events:
            numerator *= at_risk - events
            denominator *= at_risk
        if 0 < events < at_risk:  # where all are lost S, and with it the variance, is 0
            greenwood += events / (at_risk * (at_risk - events))
        survival = numerator / denominator
        se = survival * math.sqrt(greenwood)
        yield Step(day, at_risk, events, left - events, survival, se, _log_log_ci95(survival, greenwood))


def _log_log_ci95(survival: float, greenwood: float) -> Interval | None:
    if not 0 < survival < 1:
        return None
    factor = math.exp(Z95 * math.sqrt(greenwood) / -math.log(survival))
    return survival**factor, survival ** (1 / factor)


def _first_half(curve: Iterable[tuple[float, float]]) -> float | None:
    """The first day of a curve on which it is at .5 or below."""
    return next((day for day, value in curve if value <= 0.5), None)


def _day(step: Step) -> float:
    return step.day


def _observed(days: npt.ArrayLike, event: npt.ArrayLike) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    last, happened = numbers(days), numbers(event)
    if len(last) != len(happened):
        raise ValueError(f"{len(last)} days and {len(happened)} events are not of the same patients.")
    if (last < 0).any():
        raise ValueError("A day is negative: nobody can be lost before the start.")
    if not np.isin(happened, (0, 1)).all():
        raise ValueError("An event is neither True nor False.")
    return last, happened == 1
