"""What effect sizes share: Hedges' small-sample correction and the noncentral t behind their intervals.

Sources: 5.2 and rule 32; Hedges 1981; Algina & Keselman 2003.
"""

import math

import numpy as np
from scipy.optimize import brentq
from scipy.special import chdtri, gammainccinv, gammaincinv, gammaln, ndtr, ndtri

from clinic.outcomes.statistics.normal import Z95, Interval

_LOWER, _UPPER = 0.025, 0.975
#: A |t| below this counts as 0, which moves a limit of the noncentrality by less than |t|.
_SMALL_T = 1e-9
#: Gauss-Legendre points and weights of one panel, on (-1, 1).
_POINTS, _WEIGHTS = np.polynomial.legendre.leggauss(16)


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
