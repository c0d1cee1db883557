"""The paired change: oracle O2, the study's figures, invariants, and other ways to the same numbers."""

import dataclasses
import itertools
import math
import sys
from subprocess import run

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.weightstats import DescrStatsW
from twelve_pairs import BASELINE, ENDPOINT

from clinic.outcomes.statistics.effect_sizes import hedges_correction
from clinic.outcomes.statistics.normal import Z95
from clinic.outcomes.statistics.numbers import Summary
from clinic.outcomes.statistics.paired import PairedChange, paired_change

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


def _with_signs(sizes: list[int]) -> st.SearchStrategy[list[int]]:
    """The same numbers with any signs."""
    signs = st.lists(st.sampled_from([-1, 1]), min_size=len(sizes), max_size=len(sizes))
    return signs.map(lambda chosen: [sign * size for sign, size in zip(chosen, sizes, strict=True)])


def numbers_in(value: object) -> list[float]:
    """Every number inside a result, however deep; None is left out."""
    if isinstance(value, tuple):
        return [number for part in value for number in numbers_in(part)]
    if isinstance(value, PairedChange | Summary):
        return numbers_in(dataclasses.astuple(value))
    return [] if value is None else [value]


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
    assert change.g_z == pytest.approx(1.171169, abs=1e-6)
    assert (change.d_av, change.d_rm, change.d_base) == pytest.approx((1.544675, 1.542867, 1.488802), abs=1e-6)
    assert change.correlation == pytest.approx(0.249560, abs=1e-6)
    assert (change.t, change.p) == pytest.approx((4.362607, 0.001131), abs=1e-6)
    assert change.reduction.sd / math.sqrt(change.n) == pytest.approx(4.049567, abs=1e-6)
    assert (change.wilcoxon_w, change.wilcoxon_p) == pytest.approx((3.0, 0.002441), abs=1e-6)


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


@pytest.mark.parametrize(
    ("r", "sd", "d_z", "t", "low", "high"),
    [  # the preprint's means and SDs with a correlation that it does not publish
        (0.2, 18.327171, 1.253330, 13.556841, 19.614131, 26.325869),
        (0.35, 16.640577, 1.380361, 14.930885, 19.922962, 26.017038),
        (0.5, 14.762534, 1.555966, 16.830345, 20.266848, 25.673152),
        (0.7, 11.802423, 1.946210, 21.051485, 20.808871, 25.131129),
    ],
)
def test_the_preprint_under_several_correlations(
    r: float, sd: float, d_z: float, t: float, low: float, high: float
) -> None:
    """Means, SDs and r alone fix all of these, so any 117 patients who have them must give the same."""
    shape = np.linalg.qr(np.random.default_rng(11).normal(size=(117, 3)) * [0, 1, 1] + [1, 0, 0])[0][:, 1:]
    one, other = shape.T * math.sqrt(116)
    change = paired_change(52.39 + 11.9 * one, 29.42 + 16.52 * (r * one + math.sqrt(1 - r * r) * other))
    assert change.correlation == pytest.approx(r, abs=1e-9)
    assert (change.d_rms, change.d_av, change.d_base) == pytest.approx((1.595523, 1.616467, 1.930252), abs=1e-6)
    assert (change.reduction.mean, change.reduction.sd, change.d_z) == pytest.approx((22.97, sd, d_z), abs=1e-6)
    assert change.t == pytest.approx(t, abs=1e-6)
    assert change.reduction_ci95 == pytest.approx((low, high), abs=1e-6)


def test_nobody_has_no_change() -> None:
    nobody = Summary(0, None, None)
    assert paired_change([], []) == PairedChange(0, nobody, nobody, nobody, *[None] * 16)


def test_one_patient_has_a_reduction_and_a_sign_and_nothing_more() -> None:
    change = paired_change([50], [30])
    assert change.reduction == Summary(1, 20.0, None)
    assert change.reduction_median == 20.0
    assert (change.wilcoxon_w, change.wilcoxon_p) == (0.0, 1.0)
    others = dataclasses.replace(change, reduction_median=None, wilcoxon_w=None, wilcoxon_p=None)
    assert dataclasses.astuple(others)[4:] == (None,) * 16


def test_two_patients_have_intervals_but_no_corrected_effect_size() -> None:
    change = paired_change([50, 40], [30, 25])
    assert change.reduction_ci95 == pytest.approx(stats.t.interval(0.95, 1, 17.5, 2.5), abs=1e-9)
    assert change.d_z == pytest.approx(17.5 / math.sqrt(12.5))
    assert change.d_rms_ci95[0] < change.d_rms < change.d_rms_ci95[1]
    assert (change.g_rms, change.g_z) == (None, None)
    assert change.correlation == pytest.approx(1.0)
    assert change.d_rm == pytest.approx(0.0, abs=1e-12)  # by its formula: r = 1
    assert change.p == pytest.approx(stats.ttest_rel([50, 40], [30, 25]).pvalue)


def test_equal_reductions_have_a_mean_interval_of_no_width_and_no_other() -> None:
    change = paired_change([50, 40, 60], [40, 30, 50])
    assert change.reduction == Summary(3, 10.0, 0.0)
    assert change.reduction_ci95 == (10.0, 10.0)
    assert (change.d_z, change.d_z_ci95, change.d_rms_ci95, change.g_z, change.d_rm) == (None,) * 5
    assert (change.t, change.p) == (None, None)
    assert change.correlation == pytest.approx(1.0)
    assert (change.d_av, change.d_base) == pytest.approx((1.0, 1.0))
    assert change.d_rms == pytest.approx(1.0)
    assert change.g_rms == pytest.approx(hedges_correction(2))


def test_constant_columns_have_no_effect_size() -> None:
    change = paired_change([50, 50, 50], [40, 40, 40])
    assert (change.d_rms, change.d_rms_ci95, change.g_rms, change.d_z, change.d_z_ci95) == (None,) * 5
    assert (change.d_av, change.d_rm, change.d_base, change.correlation, change.t, change.g_z) == (None,) * 6


def test_one_constant_column_has_no_correlation_and_may_have_no_unit() -> None:
    change = paired_change([50, 50, 50], [20, 30, 40])
    assert (change.d_base, change.correlation, change.d_rm) == (None, None, None)
    assert (change.d_av, change.d_rms, change.d_z) == pytest.approx((4.0, 20 / math.sqrt(50), 2.0))
    assert paired_change([20, 30, 40], [50, 50, 50]).d_base == pytest.approx(-2.0)


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
    assert has_spread == (change.t is not None) == (change.p is not None)
    assert any(before != after for before, after in pairs) == (change.wilcoxon_p is not None)
    assert change.wilcoxon_p is None or 0 < change.wilcoxon_p <= 1
    assert change.correlation is None or -1 <= change.correlation <= 1
    assert (change.reduction_ci95 is None) == (change.n < 2)
    assert change.n < 3 or (change.g_rms is None, change.g_z is None) == (change.d_rms is None, change.d_z is None)


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
        (forth.g_z, back.g_z),
        (forth.d_av, back.d_av),
        (forth.d_rm, back.d_rm),
        (forth.t, back.t),
    ):
        assert (one, other) == (None, None) or one == pytest.approx(-other, abs=1e-9)
    for name in ("correlation", "p", "wilcoxon_w", "wilcoxon_p"):
        assert getattr(forth, name) == pytest.approx(getattr(back, name), rel=1e-9, abs=1e-12)
    if back.d_base is not None:  # the other column is the unit now
        assert back.d_base == pytest.approx(-forth.reduction.mean / forth.endpoint.sd, abs=1e-9)
    for name in ("reduction_ci95", "d_rms_ci95", "d_z_ci95"):
        one, other = getattr(forth, name), getattr(back, name)
        assert (one, other) == (None, None) or one == pytest.approx((-other[1], -other[0]), rel=1e-9, abs=1e-9)


@settings(deadline=None)
@given(st.lists(st.tuples(TOTAL, TOTAL), min_size=2, max_size=40))
def test_t_and_the_mean_interval_are_those_of_scipy_and_statsmodels(pairs: list[tuple[int, int]]) -> None:
    change = change_of(pairs)
    if change.reduction.sd:
        before, after = np.array(pairs).T
        scipy = stats.ttest_rel(before, after)
        interval = scipy.confidence_interval(0.95)
        other = DescrStatsW(before - after)
        assert change.reduction_ci95 == pytest.approx((interval.low, interval.high), rel=1e-9, abs=1e-9)
        assert change.reduction_ci95 == pytest.approx(other.tconfint_mean(), rel=1e-9, abs=1e-9)
        assert (change.t, change.p) == pytest.approx((scipy.statistic, scipy.pvalue), rel=1e-8, abs=1e-12)
        assert (change.t, change.p) == pytest.approx(other.ttest_mean()[:2], rel=1e-8, abs=1e-12)


@settings(deadline=None)
@given(st.lists(st.tuples(TOTAL, TOTAL), min_size=2, max_size=40))
def test_the_correlation_is_that_of_scipy_and_d_rm_follows_from_it(pairs: list[tuple[int, int]]) -> None:
    change = change_of(pairs)
    if change.correlation is not None:
        assert change.correlation == pytest.approx(stats.pearsonr(*zip(*pairs, strict=True)).statistic, abs=1e-9)
        if change.d_z is not None:
            expected = change.d_z * math.sqrt(max(0.0, 2 * (1 - change.correlation)))
            assert change.d_rm == pytest.approx(expected, abs=1e-6 * abs(change.d_z))


# --- signed ranks ------------------------------------------------------------------------------


@settings(deadline=None)
@given(st.lists(st.integers(1, 80), min_size=1, max_size=10, unique=True).flatmap(_with_signs))
def test_the_exact_probability_is_that_of_all_signs(differences: list[int]) -> None:
    """Under the null hypothesis each of the 2ⁿ ways to give signs to the ranks 1 to n is as likely."""
    change = paired_change(differences, [0] * len(differences))
    ranks = stats.rankdata(np.abs(differences))
    positive = ranks[np.array(differences) > 0].sum()
    assert change.wilcoxon_w == min(positive, ranks.sum() - positive)
    sums = [sum(chosen) for size in range(len(ranks) + 1) for chosen in itertools.combinations(ranks, size)]
    as_far = sum(one <= change.wilcoxon_w for one in sums) / len(sums)
    assert change.wilcoxon_p == pytest.approx(min(1.0, 2 * as_far), abs=1e-12)


@settings(deadline=None)
@given(st.lists(st.integers(-20, 20), min_size=2, max_size=70).filter(any))
def test_ties_zeros_and_many_pairs_take_the_normal_approximation(differences: list[int]) -> None:
    """W+ has mean n(n+1)/4 and variance n(n+1)(2n+1)/24 - Σ(t³-t)/48 over ties of t, with the n that are not 0."""
    change = paired_change(differences, [0] * len(differences))
    left = np.array([difference for difference in differences if difference])
    if len(set(np.abs(left))) == len(differences) <= 50:
        return  # neither ties nor zeros
    n, ranks = len(left), stats.rankdata(np.abs(left))
    ties = np.unique(np.abs(left), return_counts=True)[1].astype(float)
    variance = n * (n + 1) * (2 * n + 1) / 24 - (ties**3 - ties).sum() / 48
    z = (ranks[left > 0].sum() - n * (n + 1) / 4) / math.sqrt(variance)
    assert change.wilcoxon_w == min(ranks[left > 0].sum(), ranks[left < 0].sum())
    assert change.wilcoxon_p == pytest.approx(2 * stats.norm.sf(abs(z)), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(("n", "exact"), [(50, True), (51, False)])
def test_the_exact_probability_ends_at_fifty_pairs(n: int, exact: bool) -> None:
    differences = np.arange(1, n + 1) * np.where(np.arange(n) % 3, 1, -1)
    change = paired_change(differences, np.zeros(n))
    method = "exact" if exact else "asymptotic"
    assert change.wilcoxon_p == stats.wilcoxon(differences, method=method).pvalue
    other = stats.wilcoxon(differences, method="asymptotic" if exact else "exact").pvalue
    assert change.wilcoxon_p != pytest.approx(other, rel=1e-6)


def test_signed_ranks_without_a_change_are_undefined() -> None:
    change = paired_change([50, 40], [50, 40])
    assert (change.wilcoxon_w, change.wilcoxon_p) == (None, None)


def test_a_pair_without_change_is_left_out_of_the_ranks() -> None:
    with_zero, without = paired_change([5, 3, 0], [0, 4, 0]), paired_change([5, 3], [0, 4])
    assert with_zero.wilcoxon_w == without.wilcoxon_w == 1.0
    assert with_zero.wilcoxon_p != without.wilcoxon_p  # approximate and exact


def test_scipy_stats_is_imported_only_where_it_is_used() -> None:
    """It takes a second that a process which only reads numbers should not wait for."""
    script = "import sys, clinic.outcomes.statistics.paired as s\nassert 'scipy.stats' not in sys.modules\n"
    script += "s.paired_change([50, 40], [30, 35])\nassert 'scipy.stats' in sys.modules"
    assert run([sys.executable, "-c", script], check=False).returncode == 0
