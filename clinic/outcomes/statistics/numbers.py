"""Rows of numbers, their mean and spread, and the t distribution behind both."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import stdtr, stdtrit

from clinic.outcomes.statistics.normal import Interval

_UPPER = 0.975


@dataclass(frozen=True)
class Summary:
    """Number, mean and sample standard deviation (ddof = 1) of some values, in their own unit.

    `mean` is None when n = 0, `sd` when n < 2; the sd of equal values is exactly 0.
    """

    n: int
    mean: float | None
    sd: float | None

    @classmethod
    def of(cls, values: npt.ArrayLike) -> "Summary":
        """The summary of finite numbers, shape (n,). ValueError on another shape or a missing value."""
        row = numbers(values)
        n = len(row)
        if n and np.ptp(row) == 0:
            return cls(n, float(row[0]), 0.0 if n > 1 else None)
        return cls(n, float(row.mean()), float(row.std(ddof=1))) if n else cls(0, None, None)


def mean_ci95(values: Summary) -> Interval | None:
    """mean ± t(.975, n-1) · sd/√n (one-sample t); None when n < 2."""
    if values.mean is None or values.sd is None:
        return None
    return t_ci95(values.mean, values.sd / math.sqrt(values.n), values.n - 1)


def t_ci95(estimate: float, se: float, df: float) -> Interval:
    """estimate ± t(.975, df) · se; df > 0 need not be whole."""
    half_width = float(stdtrit(df, _UPPER)) * se
    return estimate - half_width, estimate + half_width


def two_sided_p(t: float, df: float) -> float:
    """P(|T| >= |t|) for T of Student's t distribution; df > 0 need not be whole."""
    return float(2 * stdtr(df, -abs(t)))


def root_mean_square(first: float | None, second: float | None) -> float | None:
    """√((first² + second²)/2); None when either is None."""
    return None if first is None or second is None else math.hypot(first, second) / math.sqrt(2)


def ratio(numerator: float | None, denominator: float | None) -> float | None:
    """numerator/denominator; None when either is None or the denominator is 0."""
    return None if numerator is None or not denominator else numerator / denominator


def numbers(values: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Finite numbers of shape (n,), n >= 0. ValueError on another shape, a missing value or infinity."""
    try:
        row = np.asarray(values, dtype=np.float64)
    except TypeError as error:  # a missing value of pandas
        raise ValueError("A value is not a number: leave out the patients who lack it.") from error
    if row.ndim != 1:
        raise ValueError(f"Give one row of numbers, not an array of shape {row.shape}.")
    if not np.isfinite(row).all():
        raise ValueError("A value is missing or infinite: leave out the patients who lack it.")
    return row


def pairs(baseline: npt.ArrayLike, endpoint: npt.ArrayLike) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Two rows of numbers that belong together by position. ValueError when their lengths differ."""
    before, after = numbers(baseline), numbers(endpoint)
    if len(before) != len(after):
        raise ValueError(f"{len(before)} baselines and {len(after)} endpoints are not pairs.")
    return before, after
