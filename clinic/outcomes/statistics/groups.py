"""Different patients side by side: an exploratory, unadjusted contrast, never the effect of what parts the groups.

Sources: 5.9, 5.11 and rule 34; Welch 1947 (t and its degrees of freedom); Hedges 1981 (g); Austin 2009
(standardised difference).
"""

import math
from dataclasses import dataclass

import numpy.typing as npt

from clinic.outcomes.statistics.effect_sizes import hedges_correction, noncentrality_ci95
from clinic.outcomes.statistics.normal import Interval
from clinic.outcomes.statistics.numbers import Summary, ratio, root_mean_square, t_ci95, two_sided_p


@dataclass(frozen=True)
class Contrast:
    """Two groups of at least 2 patients, not both without spread; differences are first - second (5.9).

    M, s, n     mean, SD and number of each group
    difference  M1 - M2, in the unit of the values
    se          √(s1²/n1 + s2²/n2)
    df          se⁴ / ((s1²/n1)²/(n1-1) + (s2²/n2)²/(n2-1)) (Welch-Satterthwaite)
    t, p        difference/se and its two-sided probability with df degrees of freedom
    ci95        difference ± t(.975, df) · se
    d           difference / √(((n1-1) s1² + (n2-1) s2²)/(n1+n2-2)), by the pooled SD
    g           d · `hedges_correction(n1 + n2 - 2)` (Hedges 1981)
    g_ci95      h J λ for the limits λ of `noncentrality_ci95(d/h, n1 + n2 - 2)`; h = √(1/n1 + 1/n2), J the correction
    """

    first: Summary
    second: Summary
    difference: float
    se: float
    df: float
    t: float
    p: float
    ci95: Interval
    d: float
    g: float
    g_ci95: Interval


def contrast(first: npt.ArrayLike, second: npt.ArrayLike) -> Contrast | None:
    """The contrast of two groups of finite numbers, shapes (n1,) and (n2,).

    None when a group has fewer than 2 or both SDs are 0. Raises ValueError on another shape or a missing value.
    """
    one, other = Summary.of(first), Summary.of(second)
    if one.mean is None or other.mean is None or one.sd is None or other.sd is None or not (one.sd or other.sd):
        return None
    difference = one.mean - other.mean
    se, df = _welch(one.sd / math.sqrt(one.n), other.sd / math.sqrt(other.n), one.n, other.n)
    d = difference / math.sqrt(((one.n - 1) * one.sd**2 + (other.n - 1) * other.sd**2) / (one.n + other.n - 2))
    correction = hedges_correction(one.n + other.n - 2)
    per_noncentrality = math.sqrt(1 / one.n + 1 / other.n)
    low, high = noncentrality_ci95(d / per_noncentrality, one.n + other.n - 2)
    return Contrast(
        first=one,
        second=other,
        difference=difference,
        se=se,
        df=df,
        t=difference / se,
        p=two_sided_p(difference / se, df),
        ci95=t_ci95(difference, se, df),
        d=d,
        g=d * correction,
        g_ci95=(low * per_noncentrality * correction, high * per_noncentrality * correction),
    )


def standardised_difference(first: npt.ArrayLike, second: npt.ArrayLike) -> float | None:
    """(M1 - M2) / √((s1² + s2²)/2), such as of the baselines of followed and lost patients (5.11; Austin 2009).

    None when a group has fewer than 2 or both SDs are 0. Raises ValueError on another shape or a missing value.
    """
    one, other = Summary.of(first), Summary.of(second)
    difference = None if one.mean is None or other.mean is None else one.mean - other.mean
    return ratio(difference, root_mean_square(one.sd, other.sd))


def _welch(se1: float, se2: float, n1: int, n2: int) -> tuple[float, float]:
    """Standard error and degrees of freedom of a difference of means with these standard errors."""
    se = math.hypot(se1, se2)
    share1, share2 = (se1 / se) ** 2, (se2 / se) ** 2
    return se, 1 / (share1**2 / (n1 - 1) + share2**2 / (n2 - 1))
