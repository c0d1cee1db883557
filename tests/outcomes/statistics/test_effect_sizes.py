"""Limits of the noncentrality and Hedges' correction, each by a second way."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from clinic.outcomes.statistics.effect_sizes import hedges_correction, noncentrality_ci95
from clinic.outcomes.statistics.normal import Z95


def integrated_tail(t: float, df: int, noncentrality: float) -> float:
    """P(T >= t), t > 0, without a noncentral t: the mean of P(χ² <= df ((Z + λ)/t)²) over the normal Z."""
    quantiles = np.sqrt(stats.chi2.ppf(np.concatenate([[0, 1e-15], np.linspace(0.005, 0.995, 100)]), df) / df)
    ends = np.sqrt(stats.chi2.isf([1e-4, 1e-6, 1e-9, 1e-12, 1e-15], df) / df)
    edges = np.concatenate([t * quantiles - noncentrality, t * ends - noncentrality, np.linspace(-9, 9, 37)])
    edges = np.unique(np.clip(edges, -9, 9))[:, None]
    points, weights = np.polynomial.legendre.leggauss(40)
    half = np.diff(edges, axis=0) / 2
    z = edges[:-1] + half * (1 + points)
    reached = stats.chi2.cdf(df * (np.maximum(z + noncentrality, 0) / t) ** 2, df)
    return float((reached * stats.norm.pdf(z) * weights * half).sum())


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 500), st.floats(-60, 60))
def test_limits_of_the_noncentrality_are_those_of_scipy(df: int, t: float) -> None:
    low, high = noncentrality_ci95(t, df)
    assert low < high
    if abs(t) < 1e-9:  # scipy may give NaN
        t = 0.0
    assert stats.nct.sf(t, df, low) == pytest.approx(0.025, abs=1e-10)
    assert stats.nct.cdf(t, df, high) == pytest.approx(0.025, abs=1e-10)


@pytest.mark.parametrize("df", [1, 2, 5, 11, 116, 1_000, 30_000, 99_999])
@pytest.mark.parametrize("t", [0.001, 0.5, 4.362607, 4.948379, 30, 450, 2e4, 1e7])
def test_limits_of_the_noncentrality_by_direct_integration(df: int, t: float) -> None:
    """Among them t = 4.948379 with df = 30,000, where scipy's noncentral t gives NaN at the start of the search."""
    low, high = noncentrality_ci95(t, df)
    assert integrated_tail(t, df, low) == pytest.approx(0.025, abs=1e-10)
    assert integrated_tail(t, df, high) == pytest.approx(0.975, abs=1e-10)
    assert noncentrality_ci95(-t, df) == (-high, -low)


@pytest.mark.parametrize("t", [0.0, -0.0, 1e-300, -1e-12, 1e-9, 1e-8])
def test_no_effect_has_the_limits_of_the_normal_distribution(t: float) -> None:
    assert noncentrality_ci95(t, 30) == pytest.approx((-Z95, Z95), abs=2e-8)


@pytest.mark.parametrize("df", [1, 11, 116, 99_999])
def test_the_limits_grow_with_t_and_are_there_for_every_t(df: int) -> None:
    limits = np.array([noncentrality_ci95(t, df) for t in np.geomspace(1e-8, 1e8, 321)])
    assert (np.diff(limits, axis=0) > 0).all()


@pytest.mark.parametrize(("t", "df"), [(math.nan, 5), (math.inf, 5), (1.0, 0)])
def test_impossible_noncentralities_are_refused(t: float, df: int) -> None:
    with pytest.raises(ValueError, match="No noncentrality"):
        noncentrality_ci95(t, df)


def test_the_correction_of_the_clinical_rules() -> None:
    """Oracle O2: 12 pairs."""
    assert hedges_correction(11) == pytest.approx(0.929960, abs=1e-6)


@pytest.mark.parametrize("df", [2, 3, 11, 116, 9_999, 99_999])
def test_hedges_correction_makes_the_mean_of_t_right(df: int) -> None:
    """J is defined by E(T) = λ/J for a noncentral t; here 1/J = E(1/V) by integration."""
    low, high = (float(stats.chi.ppf(p, df)) for p in (1e-16, 1 - 1e-15))
    mean, _ = integrate.quad(lambda v: stats.chi.pdf(v, df) / v, low, high, points=[stats.chi.median(df)])
    assert hedges_correction(df) == pytest.approx(1 / (math.sqrt(df) * mean), rel=1e-6)
    assert hedges_correction(df) == pytest.approx(1 - 3 / (4 * df - 1), abs=1 / df**2)


def test_one_degree_of_freedom_has_no_correction() -> None:
    with pytest.raises(ValueError, match="2 or more"):
        hedges_correction(1)
