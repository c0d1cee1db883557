"""Rates and paired changes: every number a dashboard prints, with its interval.

What has no value is None (a rate of nobody, the SD of one patient), never 0, NaN or infinity. Intervals are
two-sided 95 %. Nothing is hidden here: what rests on too few patients to be printed (rule 31: n < 5, n < 10)
is for the page to decide.

Sources: sections 5.1-5.3 and rules 28, 32 and 35 of the clinical rules; Wilson 1927 (interval of a rate);
Algina & Keselman 2003 (interval of a paired effect size); Hedges 1981 (small-sample correction);
Lakens 2013 (names of the effect sizes).
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq
from scipy.special import chdtri, gammainccinv, gammaincinv, gammaln, ndtr, ndtri, stdtrit

Interval = tuple[float, float]

_LOWER, _UPPER = 0.025, 0.975
#: The normal quantile of every 95 % interval, 1.959964.
Z95 = float(ndtri(_UPPER))
#: A |t| below this counts as 0, which moves a limit of the noncentrality by less than |t|.
_SMALL_T = 1e-9
#: Gauss-Legendre points and weights of one panel, on (-1, 1).
_POINTS, _WEIGHTS = np.polynomial.legendre.leggauss(16)


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
        numbers = _numbers(values)
        n = len(numbers)
        if n and np.ptp(numbers) == 0:
            return cls(n, float(numbers[0]), 0.0 if n > 1 else None)
        return cls(n, float(numbers.mean()), float(numbers.std(ddof=1))) if n else cls(0, None, None)


@dataclass(frozen=True)
class PairedChange:
    """The change of n patients, each measured twice (5.1, 5.2). Reductions are in points, positive = better.

    D = baseline - endpoint, D̄ its mean; s_D, s_B, s_F sd of reduction, baseline, endpoint; t = D̄/(s_D/√n).
    reduction_ci95   D̄ ± t(.975, n-1) · s_D/√n (paired t)
    d_rms            D̄ / √((s_B² + s_F²)/2), the headline effect size; "d_av" in some papers
    d_z              D̄ / s_D (Lakens 2013)
    d_z_ci95         λ/√n for the two limits λ of `noncentrality_ci95(t, n - 1)`
    d_rms_ci95       λ (s_D/√n) / √((s_B² + s_F²)/2) for the same limits (Algina & Keselman 2003)
    g_rms            d_rms · `hedges_correction(n - 1)`

    None where undefined: everything when n = 0; all but the means and the median when n = 1; every interval
    and d_z when all reductions are equal (s_D = 0: no spread to judge by); d_rms and g_rms when s_B = s_F = 0
    and g_rms when n = 2.
    """

    n: int
    baseline: Summary
    endpoint: Summary
    reduction: Summary
    reduction_median: float | None
    reduction_ci95: Interval | None
    d_rms: float | None
    d_rms_ci95: Interval | None
    g_rms: float | None
    d_z: float | None
    d_z_ci95: Interval | None


def paired_change(baseline: npt.ArrayLike, endpoint: npt.ArrayLike) -> PairedChange:
    """The paired change from `baseline` to `endpoint`: totals in points, each of shape (n,), by position.

    Raises ValueError when the lengths differ, a shape is not (n,) or a value is missing or infinite.
    """
    before, after = _numbers(baseline), _numbers(endpoint)
    if len(before) != len(after):
        raise ValueError(f"{len(before)} baselines and {len(after)} endpoints are not pairs.")
    n, differences = len(before), before - after
    start, end, reduction = Summary.of(before), Summary.of(after), Summary.of(differences)
    rms = _root_mean_square(start.sd, end.sd)
    d_rms = _ratio(reduction.mean, rms)
    spread = _ratio(reduction.sd, rms)
    limits = _noncentrality_limits(reduction)
    return PairedChange(
        n=n,
        baseline=start,
        endpoint=end,
        reduction=reduction,
        reduction_median=float(np.median(differences)) if n else None,
        reduction_ci95=mean_ci95(reduction),
        d_rms=d_rms,
        d_rms_ci95=_scaled(limits, spread / math.sqrt(n)) if limits and spread else None,
        g_rms=d_rms * hedges_correction(n - 1) if d_rms is not None and n > 2 else None,
        d_z=_ratio(reduction.mean, reduction.sd),
        d_z_ci95=_scaled(limits, 1 / math.sqrt(n)) if limits else None,
    )


def mean_ci95(values: Summary) -> Interval | None:
    """mean ± t(.975, n-1) · sd/√n (one-sample t); None when n < 2."""
    if values.mean is None or values.sd is None:
        return None
    half_width = float(stdtrit(values.n - 1, _UPPER)) * values.sd / math.sqrt(values.n)
    return values.mean - half_width, values.mean + half_width


def hedges_correction(df: int) -> float:
    """J(m) = Γ(m/2) / (√(m/2) Γ((m-1)/2)), exact (Hedges 1981); about 1 - 3/(4m - 1).

    Raises ValueError when df < 2: the mean of an effect size with one degree of freedom does not exist.
    """
    if df < 2:
        raise ValueError(f"Hedges' correction needs 2 or more degrees of freedom, not {df}.")
    return float(math.exp(gammaln(df / 2) - gammaln((df - 1) / 2)) / math.sqrt(df / 2))


def noncentrality_ci95(t: float, df: int) -> Interval:
    """The noncentralities λ_L, λ_U with P(T(df, λ_L) >= t) = P(T(df, λ_U) <= t) = .025, for any finite t.

    Found by Brent's method in a bracket that always holds (`_noncentrality`), on the distribution itself, not
    a large-sample formula (`_tail`): for df from 1 to 999,999 and |t| up to 10⁹ the probability at a limit is
    within 1e-11 of .025. λ(-t) mirrors λ(t), so swapping baseline and endpoint only flips signs.
    Raises ValueError when t is not finite or df < 1.
    """
    if not math.isfinite(t) or df < 1:
        raise ValueError(f"No noncentrality for t = {t} with {df} degrees of freedom.")
    if abs(t) < _SMALL_T:
        return -Z95, Z95
    if t < 0:
        low, high = noncentrality_ci95(-t, df)
        return -high, -low
    return _noncentrality(t, df, _LOWER), _noncentrality(t, df, _UPPER)


def _noncentrality(t: float, df: int, probability: float) -> float:
    """λ with P(T >= t) = probability, t > 0; T = (Z + λ)/V, Z normal, V = √(χ²/df), and P grows with λ.

    Bracket: at λ = z(p), P(T >= t) <= P(T >= 0) = Φ(λ) = p. At λ = t·v + z(q), with q = √p and P(V <= v) = q,
    Z >= -z(q) and V <= v together give T >= t; Z and V are independent, so P(T >= t) >= q·q = p. Both ends
    are moved out by 1, for rounding.
    """
    q = math.sqrt(probability)
    low = float(ndtri(probability)) - 1
    high = t * math.sqrt(chdtri(df, 1 - q) / df) + float(ndtri(q)) + 1
    return float(brentq(lambda noncentrality: _tail(t, df, noncentrality) - probability, low, high))


def _tail(t: float, df: int, noncentrality: float) -> float:
    """P(T >= t) = E Φ(λ - tV) for t > 0, by Gauss-Legendre panels over all but 2e-16 of V = √(χ²/df).

    Φ falls from 1 to 0 around V = λ/t over a width of 1/t, and there the panels are that narrow. Not scipy's
    noncentral t: its series now and then does not converge (1.17: NaN at ordinary t from df = 300 on, far from
    the limits but where the search starts; wrong at t = 10⁶).
    """
    low, high = (
        math.sqrt(2 * gammaincinv(df / 2, 1e-16) / df),
        math.sqrt(2 * gammainccinv(df / 2, 1e-16) / df),
    )
    edges = np.concatenate([np.linspace(low, high, 41), (noncentrality + np.linspace(-9, 9, 19)) / t])
    edges = np.sort(np.clip(edges, low, high))[:, None]
    half_widths = np.diff(edges, axis=0) / 2
    v = edges[:-1] + half_widths * (1 + _POINTS)
    log_density = (df - 1) * np.log(v) - df * (v * v - 1) / 2  # up to a constant, 0 at v = 1
    density = np.exp(log_density) * _WEIGHTS * half_widths
    return float((density * ndtr(noncentrality - t * v)).sum() / density.sum())


def _noncentrality_limits(change: Summary) -> Interval | None:
    if change.mean is None or not change.sd:
        return None
    return noncentrality_ci95(change.mean / (change.sd / math.sqrt(change.n)), change.n - 1)


def _root_mean_square(first: float | None, second: float | None) -> float | None:
    return None if first is None or second is None else math.hypot(first, second) / math.sqrt(2)


def _ratio(numerator: float | None, denominator: float | None) -> float | None:
    return None if numerator is None or not denominator else numerator / denominator


def _scaled(limits: Interval, factor: float) -> Interval:
    return limits[0] * factor, limits[1] * factor


def _numbers(values: npt.ArrayLike) -> npt.NDArray[np.float64]:
    try:
        numbers = np.asarray(values, dtype=np.float64)
    except TypeError as error:  # a missing value of pandas
        raise ValueError("A value is not a number: leave out the patients who lack it.") from error
    if numbers.ndim != 1:
        raise ValueError(f"Give one row of numbers, not an array of shape {numbers.shape}.")
    if not np.isfinite(numbers).all():
        raise ValueError("A value is missing or infinite: leave out the patients who lack it.")
    return numbers
