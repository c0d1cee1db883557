"""Rates and paired changes: published examples, what holds for any numbers, a second way to the intervals."""

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from clinic.outcomes.statistics import (
    Z95,
    PairedChange,
    Rate,
    Summary,
    hedges_correction,
    noncentrality_ci95,
    paired_change,
)

# Oracle O2 of the clinical rules: twelve pairs.
BASELINE = [52, 61, 45, 38, 70, 33, 55, 48, 41, 64, 58, 36]
ENDPOINT = [28, 50, 44, 20, 35, 31, 22, 40, 46, 30, 29, 14]

TOTAL = st.integers(0, 80)
PAIRS = st.lists(st.tuples(TOTAL, TOTAL), max_size=40)
#: Pairs whose columns, or whose reductions, have no spread at all or hardly any.
FLAT_PAIRS = st.builds(
    lambda n, first, second, step: [(first + step * i, second + step * i) for i in range(n)],
    st.integers(0, 12),
    st.integers(0, 60),
    st.integers(0, 60),
    st.sampled_from([0, 0, 1]),
)


def change_of(pairs: list[tuple[int, int]]) -> PairedChange:
    return paired_change([before for before, _ in pairs], [after for _, after in pairs])


def numbers_in(value: object) -> list[float]:
    """Every number inside a result, however deep; None is left out."""
    if isinstance(value, tuple):
        return [number for part in value for number in numbers_in(part)]
    if isinstance(value, PairedChange | Summary):
        return numbers_in(dataclasses.astuple(value))
    return [] if value is None else [value]


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


# --- rates -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("x", "n", "rate", "low", "high"),
    [  # oracle O3
        (88, 117, 0.752137, 0.666722, 0.821521),
        (72, 117, 0.615385, 0.524898, 0.698536),
        (73, 117, 0.623932, 0.533536, 0.706448),
        (8, 12, 0.666667, 0.390622, 0.861880),
        (9, 12, 0.75, 0.467695, 0.911058),
        (7, 12, 0.583333, 0.319511, 0.806740),
        (1, 5, 0.2, 0.036224, 0.624465),
        (0, 10, 0.0, 0.0, 0.277533),
        (10, 10, 1.0, 0.722467, 1.0),
    ],
)
def test_rate_and_wilson_interval_of_published_examples(x: int, n: int, rate: float, low: float, high: float) -> None:
    assert Rate(x, n).rate == pytest.approx(rate, abs=1e-6)
    assert Rate(x, n).ci95 == pytest.approx((low, high), abs=1e-6)


def test_the_normal_quantile() -> None:
    assert pytest.approx(1.959964, abs=1e-6) == Z95


def test_nobody_has_no_rate() -> None:
    assert Rate(0, 0).rate is None
    assert Rate(0, 0).ci95 is None


@pytest.mark.parametrize("n", [1, 2, 7, 117, 100_000])
def test_ends_of_the_scale_are_exact(n: int) -> None:
    assert Rate(0, n).ci95[0] == 0.0
    assert Rate(n, n).ci95[1] == 1.0


@pytest.mark.parametrize(("x", "n"), [(-1, 5), (6, 5), (1, 0), (0, -1), (float("nan"), 5)])
def test_impossible_rates_are_refused(x: int, n: int) -> None:
    with pytest.raises(ValueError, match="is not a rate"):
        Rate(x, n)


def test_counts_may_come_from_numpy() -> None:
    rate = Rate(np.int64(88), np.int64(117))
    assert type(rate.rate) is float
    assert [type(limit) for limit in rate.ci95] == [float, float]


@given(st.integers(1, 200_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_a_rate_lies_within_its_interval_and_agrees_with_scipy(counts: tuple[int, int]) -> None:
    x, n = counts
    low, high = Rate(x, n).ci95
    assert 0.0 <= low <= Rate(x, n).rate <= high <= 1.0
    scipy = stats.binomtest(x, n).proportion_ci(0.95, method="wilson")
    assert (low, high) == pytest.approx((scipy.low, scipy.high), abs=1e-12)
    assert (1 - high, 1 - low) == pytest.approx(Rate(n - x, n).ci95, abs=1e-12)


@given(st.integers(1, 5_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_one_more_non_responder_never_raises_the_rate(counts: tuple[int, int]) -> None:
    x, n = counts
    before, after = Rate(x, n), Rate(x, n + 1)
    assert after.rate <= before.rate
    assert after.ci95[0] <= before.ci95[0]
    assert after.ci95[1] <= before.ci95[1]


# --- summaries ---------------------------------------------------------------------------------


def test_summaries_of_none_one_and_many() -> None:
    assert Summary.of([]) == Summary(0, None, None)
    assert Summary.of([41]) == Summary(1, 41.0, None)
    assert Summary.of([41, 41, 41]) == Summary(3, 41.0, 0.0)
    assert Summary.of([0.1] * 10) == Summary(10, 0.1, 0.0)
    assert Summary.of(BASELINE).mean == pytest.approx(50.083333, abs=1e-6)
    assert Summary.of(BASELINE).sd == pytest.approx(11.866364, abs=1e-6)


@pytest.mark.parametrize(
    "values",
    [[1, None], [1, math.nan], [1, math.inf], pd.Series([1, None], dtype="Int64"), [1, pd.NA], [[1, 2]], 5],
)
def test_missing_values_and_other_shapes_are_refused(values: object) -> None:
    with pytest.raises(ValueError, match=r"missing or infinite|not a number|one row of numbers"):
        Summary.of(values)


# --- paired change -----------------------------------------------------------------------------


def test_twelve_pairs_of_the_clinical_rules() -> None:
    change = paired_change(BASELINE, ENDPOINT)
    assert change.n == change.baseline.n == change.endpoint.n == change.reduction.n == 12
    assert (change.baseline.mean, change.baseline.sd) == pytest.approx((50.083333, 11.866364), abs=1e-6)
    assert (change.endpoint.mean, change.endpoint.sd) == pytest.approx((32.416667, 11.007917), abs=1e-6)
    assert (change.reduction.mean, change.reduction.sd) == pytest.approx((17.666667, 14.02811), abs=1e-6)
    assert change.reduction_median == 20.0
    assert change.reduction_ci95 == pytest.approx((8.753631, 26.579703), abs=1e-6)
    assert change.d_z == pytest.approx(1.259376, abs=1e-6)
    assert change.d_z_ci95 == pytest.approx((0.475962, 2.012337), abs=1e-6)
    assert change.d_rms == pytest.approx(1.543588, abs=1e-6)
    assert change.d_rms_ci95 == pytest.approx((0.583376, 2.466475), abs=1e-6)
    assert change.g_rms == pytest.approx(1.435475, abs=1e-6)
    assert hedges_correction(11) == pytest.approx(0.92996, abs=1e-6)
    assert change.d_z * hedges_correction(11) == pytest.approx(1.171169, abs=1e-6)


def test_frames_of_pandas_give_the_same_change() -> None:
    frame = pd.DataFrame({"baseline": BASELINE, "endpoint": ENDPOINT}, dtype="Int64", index=range(5, 17))
    shifted = frame.endpoint.set_axis(range(12))  # paired by position, not by index
    assert paired_change(frame.baseline, shifted) == paired_change(BASELINE, ENDPOINT)


def test_the_study_whose_patients_are_not_published() -> None:
    """Means and SDs alone fix d_rms, so any 117 patients who have them must give the study's 1.639338."""
    random = np.random.default_rng(20250303)
    shape = stats.zscore(random.normal(size=(2, 117)), axis=1, ddof=1)
    change = paired_change(52.54 + 12.01 * shape[0], 28.78 + 16.61 * shape[1])
    assert (change.reduction.mean, change.d_rms) == pytest.approx((23.76, 1.639338), abs=1e-6)
    assert change.d_rms_ci95[0] < 1.639338 < change.d_rms_ci95[1]


def test_nobody_has_no_change() -> None:
    nobody = Summary(0, None, None)
    assert paired_change([], []) == PairedChange(0, nobody, nobody, nobody, *[None] * 7)


def test_one_patient_has_a_reduction_and_nothing_more() -> None:
    change = paired_change([50], [30])
    assert change.reduction == Summary(1, 20.0, None)
    assert change.reduction_median == 20.0
    assert dataclasses.astuple(change)[5:] == (None,) * 6


def test_two_patients_have_intervals_but_no_corrected_effect_size() -> None:
    change = paired_change([50, 40], [30, 25])
    assert change.reduction_ci95 == pytest.approx(stats.t.interval(0.95, 1, 17.5, 2.5), abs=1e-9)
    assert change.d_z == pytest.approx(17.5 / math.sqrt(12.5))
    assert change.d_rms_ci95[0] < change.d_rms < change.d_rms_ci95[1]
    assert change.g_rms is None


def test_equal_reductions_have_a_mean_interval_of_no_width_and_no_other() -> None:
    change = paired_change([50, 40, 60], [40, 30, 50])
    assert change.reduction == Summary(3, 10.0, 0.0)
    assert change.reduction_ci95 == (10.0, 10.0)
    assert (change.d_z, change.d_z_ci95, change.d_rms_ci95) == (None,) * 3
    assert change.d_rms == pytest.approx(1.0)
    assert change.g_rms == pytest.approx(hedges_correction(2))


def test_constant_columns_have_no_effect_size() -> None:
    change = paired_change([50, 50, 50], [40, 40, 40])
    assert (change.d_rms, change.d_rms_ci95, change.g_rms, change.d_z, change.d_z_ci95) == (None,) * 5


@pytest.mark.parametrize(("baseline", "endpoint"), [([1, 2], [1]), ([[1, 2]], [[1, 2]]), ([1, None], [1, 2])])
def test_what_is_not_paired_is_refused(baseline: list[object], endpoint: list[object]) -> None:
    with pytest.raises(ValueError, match=r"not pairs|one row|missing"):
        paired_change(baseline, endpoint)


def test_a_hundred_thousand_pairs() -> None:
    """At this size the interval is the large-sample one, D̄ ± z s_D/√n with the variance of s_D added."""
    random = np.random.default_rng(7)
    baseline = random.integers(33, 81, 100_000)
    endpoint = np.clip(baseline - random.integers(-10, 50, 100_000), 0, 80)
    change = paired_change(baseline, endpoint)
    t = change.d_z * math.sqrt(100_000)
    half_width = Z95 * math.sqrt(1 + t * t / (2 * 99_999)) / math.sqrt(100_000)
    assert change.d_z_ci95 == pytest.approx((change.d_z - half_width, change.d_z + half_width), abs=1e-5)
    assert change.g_rms == pytest.approx(change.d_rms * (1 - 3 / (4 * 99_999 - 1)), abs=1e-9)


def test_the_most_extreme_totals() -> None:
    """Everybody goes from 80 to 0 but one, who reaches 1: t is 8 million, and there is still an interval."""
    endpoint = np.zeros(100_000)
    endpoint[0] = 1
    change = paired_change(np.full(100_000, 80), endpoint)
    assert change.d_z_ci95[0] < change.d_z < change.d_z_ci95[1]
    assert change.d_z_ci95 == pytest.approx((change.d_z * 0.995617, change.d_z * 1.004383), rel=1e-5)


@settings(max_examples=300, deadline=None)
@given(PAIRS | FLAT_PAIRS)
def test_no_totals_give_nan_or_infinity_and_an_effect_lies_within_its_interval(
    pairs: list[tuple[int, int]],
) -> None:
    change = change_of(pairs)
    assert all(math.isfinite(number) for number in numbers_in(change))
    assert {type(number) for number in numbers_in(change)} <= {int, float}
    for value, ci95 in (
        (change.reduction.mean, change.reduction_ci95),
        (change.d_rms, change.d_rms_ci95),
        (change.d_z, change.d_z_ci95),
    ):
        assert ci95 is None or ci95[0] <= value <= ci95[1]
    has_spread = len({before - after for before, after in pairs}) > 1
    assert has_spread == all((change.d_rms_ci95, change.d_z_ci95, change.d_z is not None))
    assert (change.reduction_ci95 is None) == (change.n < 2)
    assert change.n < 3 or (change.g_rms is None) == (change.d_rms is None)


@settings(deadline=None)
@given(PAIRS.flatmap(lambda pairs: st.tuples(st.just(pairs), st.permutations(pairs))))
def test_the_order_of_patients_changes_nothing(
    orders: tuple[list[tuple[int, int]], list[tuple[int, int]]],
) -> None:
    one, other = (numbers_in(change_of(pairs)) for pairs in orders)
    assert one == pytest.approx(other, rel=1e-9, abs=1e-9)


@settings(deadline=None)
@given(PAIRS | FLAT_PAIRS)
def test_swapping_baseline_and_endpoint_flips_the_signs(pairs: list[tuple[int, int]]) -> None:
    forth, back = change_of(pairs), change_of([(after, before) for before, after in pairs])
    for one, other in (
        (forth.reduction.mean, back.reduction.mean),
        (forth.reduction_median, back.reduction_median),
        (forth.d_rms, back.d_rms),
        (forth.g_rms, back.g_rms),
        (forth.d_z, back.d_z),
    ):
        assert (one, other) == (None, None) or one == pytest.approx(-other, abs=1e-9)
    for name in ("reduction_ci95", "d_rms_ci95", "d_z_ci95"):
        one, other = getattr(forth, name), getattr(back, name)
        assert (one, other) == (None, None) or one == pytest.approx((-other[1], -other[0]), rel=1e-9, abs=1e-9)


@settings(deadline=None)
@given(st.lists(st.tuples(TOTAL, TOTAL), min_size=2, max_size=40))
def test_mean_interval_agrees_with_the_paired_t_test_of_scipy(pairs: list[tuple[int, int]]) -> None:
    change = change_of(pairs)
    if change.reduction.sd:
        before, after = np.array(pairs).T
        scipy = stats.ttest_rel(before, after).confidence_interval(0.95)
        assert change.reduction_ci95 == pytest.approx((scipy.low, scipy.high), rel=1e-9, abs=1e-9)


# --- noncentrality and correction --------------------------------------------------------------


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
