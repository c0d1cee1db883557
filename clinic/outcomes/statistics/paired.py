"""The same patients before and after: the mean change, its effect sizes under every convention, and signed ranks.

Sources: 5.1, 5.2 and rule 32; Lakens 2013 (names of the effect sizes); Algina & Keselman 2003 (their interval);
Hedges 1981 (small-sample correction); Wilcoxon 1945 (signed ranks).
"""

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from clinic.outcomes.statistics.effect_sizes import hedges_correction, noncentrality_ci95
from clinic.outcomes.statistics.normal import Interval
from clinic.outcomes.statistics.numbers import Summary, mean_ci95, pairs, ratio, root_mean_square, two_sided_p

#: With more pairs the exact distribution of the signed ranks is not worth its time (5.1).
_MOST_EXACT = 50


@dataclass(frozen=True)
class PairedChange:
    """The change of n patients, each measured twice (5.1, 5.2). Reductions are in points, positive = better.

    D = baseline - endpoint, D̄ its mean; s_D, s_B, s_F sd of reduction, baseline, endpoint; r their correlation.
    reduction_ci95   D̄ ± t(.975, n-1) · s_D/√n (paired t)
    d_rms            D̄ / √((s_B² + s_F²)/2), the headline effect size; "d_av" in some papers
    d_rms_ci95       λ (s_D/√n) / √((s_B² + s_F²)/2), λ as below (Algina & Keselman 2003)
    g_rms            d_rms · `hedges_correction(n - 1)`
    d_z              D̄ / s_D (Lakens 2013)
    d_z_ci95         λ/√n for the two limits λ of `noncentrality_ci95(t, n - 1)`
    g_z              d_z · `hedges_correction(n - 1)`
    d_av             D̄ / ((s_B + s_F)/2) (Lakens 2013)
    d_rm             d_z √(2 (1 - r)) (Lakens 2013)
    d_base           D̄ / s_B
    correlation      r of baseline and endpoint (Pearson)
    t, p             D̄/(s_D/√n) and its two-sided probability with n - 1 degrees of freedom
    wilcoxon_w, _p   the smaller sum of signed ranks and its two-sided probability, see `_signed_ranks`

    None where undefined: everything when n = 0; all but the means, the median and the signed ranks when n = 1;
    t, p, d_z, g_z, d_rm and the intervals of effect sizes when all reductions are equal (s_D = 0: no spread to
    judge by); d_rms, g_rms and d_av when s_B = s_F = 0, d_base when s_B = 0, r and d_rm when either is 0; g_rms
    and g_z when n = 2; the signed ranks when all reductions are 0.
    """

    n: int
    baseline: Summary
    endpoint: Summary
    reduction: Summary
    reduction_median: float | None
    reduction_ci95: Interval | None
    d_rms: float | None = None
    d_rms_ci95: Interval | None = None
    g_rms: float | None = None
    d_z: float | None = None
    d_z_ci95: Interval | None = None
    d_av: float | None = None
    d_rm: float | None = None
    d_base: float | None = None
    correlation: float | None = None
    t: float | None = None
    p: float | None = None
    g_z: float | None = None
    wilcoxon_w: float | None = None
    wilcoxon_p: float | None = None


def paired_change(baseline: npt.ArrayLike, endpoint: npt.ArrayLike) -> PairedChange:
    """The paired change from `baseline` to `endpoint`: totals in points, each of shape (n,), by position.

    Raises ValueError when the lengths differ, a shape is not (n,) or a value is missing or infinite.
    """
    before, after = pairs(baseline, endpoint)
    differences = before - after
    start, end, reduction = Summary.of(before), Summary.of(after), Summary.of(differences)
    correlation, gap = _correlation(before, after) if start.sd and end.sd else (None, None)
    w, wilcoxon_p = _signed_ranks(differences) if differences.any() else (None, None)
    change = PairedChange(
        n=len(before),
        baseline=start,
        endpoint=end,
        reduction=reduction,
        reduction_median=float(np.median(differences)) if len(before) else None,
        reduction_ci95=mean_ci95(reduction),
        correlation=correlation,
        wilcoxon_w=w,
        wilcoxon_p=wilcoxon_p,
    )
    return _with_spread(_standardised(change, gap))


def _standardised(change: PairedChange, gap: float | None) -> PairedChange:
    """`change` with D̄ in units of each SD; `gap` is √(2 (1 - r))."""
    n, mean, start, end = change.n, change.reduction.mean, change.baseline.sd, change.endpoint.sd
    d_rms = ratio(mean, root_mean_square(start, end))
    d_z = ratio(mean, change.reduction.sd)
    correction = hedges_correction(n - 1) if n > 2 else None
    return replace(
        change,
        d_rms=d_rms,
        g_rms=_product(d_rms, correction),
        d_z=d_z,
        g_z=_product(d_z, correction),
        d_av=ratio(mean, None if start is None or end is None else (start + end) / 2),
        d_rm=_product(d_z, gap),
        d_base=ratio(mean, start),
    )


def _with_spread(change: PairedChange) -> PairedChange:
    """`change` with what rests on the spread of the reductions: t, its probability, the intervals of effect sizes."""
    n, reduction = change.n, change.reduction
    spread = ratio(reduction.sd, root_mean_square(change.baseline.sd, change.endpoint.sd))
    if reduction.mean is None or not reduction.sd or not spread:
        return change
    t = reduction.mean / (reduction.sd / math.sqrt(n))
    low, high = (limit / math.sqrt(n) for limit in noncentrality_ci95(t, n - 1))
    return replace(
        change,
        t=t,
        p=two_sided_p(t, n - 1),
        d_z_ci95=(low, high),
        d_rms_ci95=(low * spread, high * spread),
    )


def _correlation(before: npt.NDArray[np.float64], after: npt.NDArray[np.float64]) -> tuple[float, float]:
    """Pearson's r, and √(2 (1 - r)) without the digits that 1 - r loses near r = 1.

    r is the scalar product of the two rows, each centred and of length 1; the distance of their tips is √(2 (1 - r)).
    """
    one, other = (row - row.mean() for row in (before, after))
    one, other = one / np.linalg.norm(one), other / np.linalg.norm(other)
    return float(np.clip(one @ other, -1, 1)), float(np.linalg.norm(one - other))


def _signed_ranks(differences: npt.NDArray[np.float64]) -> tuple[float, float]:
    """Wilcoxon's W = min(W+, W-) and two-sided p of differences that are not all 0 (5.1).

    Exact for up to 50 pairs without ties and zeros; else by the normal approximation without continuity correction,
    with mean ranks and the reduced variance for ties, and without the zeros (Wilcoxon 1945).
    """
    from scipy.stats import wilcoxon  # slow to import: only who computes changes needs it

    sizes = np.abs(differences)
    exact = len(sizes) <= _MOST_EXACT and bool(sizes.all()) and len(np.unique(sizes)) == len(sizes)
    method = "exact" if exact else "asymptotic"  # its types still know the latter as "approx"
    found = wilcoxon(differences, method=method)  # type: ignore[call-overload]
    return float(found.statistic), float(found.pvalue)


def _product(first: float | None, second: float | None) -> float | None:
    return None if first is None or second is None else first * second
