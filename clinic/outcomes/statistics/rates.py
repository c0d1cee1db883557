"""Rates: x of n patients with an interval, the difference of two, and where a unit's rate may fall by chance.

Sources: 5.3, 5.10 and rule 28; Wilson 1927 (interval of a rate); Newcombe 1998 (interval of a difference, his
method 10); Spiegelhalter 2005 (funnel plots).
"""

import math
from dataclasses import dataclass
from typing import Any

from clinic.outcomes.statistics.normal import Z95, Interval


@dataclass(frozen=True)
class Rate:
    """`x` of `n` patients. Raises ValueError unless 0 <= x <= n."""

    x: int
    n: int

    def __post_init__(self) -> None:
        if not 0 <= self.x <= self.n:
            raise ValueError(f"{self.x} of {self.n} is not a rate: give 0 <= x <= n.")

    @property
    def rate(self) -> float | None:
        """x/n between 0 and 1; None when n = 0."""
        return float(self.x / self.n) if self.n else None

    @property
    def ci95(self) -> Interval | None:
        """Wilson's interval without continuity correction, within [0, 1]; None when n = 0.

        (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n)   (Wilson 1927; 5.3)
        """
        if not self.n:
            return None
        n, p, z2 = float(self.n), float(self.x / self.n), Z95**2
        centre = p + z2 / (2 * n)
        half_width = Z95 * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n))
        low = 0.0 if self.x == 0 else (centre - half_width) / (1 + z2 / n)
        high = 1.0 if self.x == self.n else (centre + half_width) / (1 + z2 / n)
        return max(0.0, low), min(1.0, high)


def difference_ci95(first: Rate, second: Rate) -> Interval | None:
    """Newcombe's hybrid score interval of the difference first - second, within [-1, 1]; None when either n = 0.

    d - √((p1-l1)² + (u2-p2)²), d + √((u1-p1)² + (p2-l2)²), with l, u the Wilson limits of each (Newcombe 1998; 5.3)
    """
    one, other = first.ci95, second.ci95
    if one is None or other is None:
        return None
    p1, p2 = float(first.x / first.n), float(second.x / second.n)
    low = p1 - p2 - math.hypot(p1 - one[0], other[1] - p2)
    high = p1 - p2 + math.hypot(one[1] - p1, p2 - other[0])
    return low, high


def control_limits(rate: float, n: int, z: float) -> Interval:
    """Where the rate of a unit of `n` patients falls by chance alone, were `rate` true of it: clipped to [0, 1].

    rate ± z √(rate (1-rate)/n); z = Z95 for the inner, Z998 for the outer limits (5.10). Raises ValueError unless
    0 <= rate <= 1, n >= 1 and z >= 0. That a unit lies outside calls for review and is no verdict.
    """
    if not (0 <= rate <= 1 and n >= 1 and z >= 0):
        raise ValueError(f"No control limits for a rate of {rate}, n = {n}, z = {z}.")
    half_width = z * math.sqrt(rate * (1 - rate) / n)
    return max(0.0, rate - half_width), min(1.0, rate + half_width)


def rate_figures(x: float, n: float, intervals: bool = True) -> dict[str, Any]:
    """A rate as plain values: x, n, rate and its interval, if it is to have one."""
    rate = Rate(int(x), int(n))
    return {"x": rate.x, "n": rate.n, "rate": rate.rate, "ci95": list(rate.ci95) if rate.ci95 and intervals else None}
