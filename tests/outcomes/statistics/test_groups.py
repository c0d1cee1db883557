"""Two groups side by side: oracle O7, invariants, scipy and statsmodels."""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

from clinic.outcomes.statistics.effect_sizes import hedges_correction
from clinic.outcomes.statistics.groups import Contrast, contrast, standardised_difference
from clinic.outcomes.statistics.numbers import Summary

# Oracle O7: reductions of patients with and without psychotherapy.
WITH_THERAPY = [30, 22, 35, 18, 27, 41, 25, 33]
WITHOUT = [20, 12, 25, 8, 19, 30, 15, 4, 22, 17]

TOTALS = st.lists(st.integers(0, 80), max_size=25)
SIGNED = ("difference", "t", "d", "g")


def spread_of(values: list[int]) -> bool:
    return len(set(values)) > 1


def test_the_two_groups_of_the_clinical_rules() -> None:
    found = contrast(WITH_THERAPY, WITHOUT)
    assert (found.first, found.second) == (Summary.of(WITH_THERAPY), Summary.of(WITHOUT))
    assert (found.first.n, found.second.n) == (8, 10)
    assert (found.first.mean, found.first.sd) == pytest.approx((28.875, 7.434235), abs=1e-6)
    assert (found.second.mean, found.second.sd) == pytest.approx((17.2, 7.814516), abs=1e-6)
    assert found.difference == pytest.approx(11.675, abs=1e-6)
    assert (found.se, found.df) == pytest.approx((3.607651, 15.453343), abs=1e-6)
    assert (found.t, found.p) == pytest.approx((3.236177, 0.005363), abs=1e-6)
    assert found.ci95 == pytest.approx((4.005074, 19.344926), abs=1e-6)
    assert (found.d, found.g) == pytest.approx((1.526050, 1.453187), abs=1e-6)
    assert found.g_ci95[0] < found.g < found.g_ci95[1]


def test_the_interval_of_g_is_that_of_the_noncentral_t() -> None:
    """At its limits the t with 16 degrees of freedom that was found, d/h, has 2.5 % on the far side."""
    found = contrast(WITH_THERAPY, WITHOUT)
    h = math.sqrt(1 / 8 + 1 / 10)
    low, high = (limit / (h * hedges_correction(16)) for limit in found.g_ci95)
    assert stats.nct.sf(found.d / h, 16, low) == pytest.approx(0.025, abs=1e-9)
    assert stats.nct.cdf(found.d / h, 16, high) == pytest.approx(0.025, abs=1e-9)


@pytest.mark.parametrize(
    ("first", "second"), [([], []), ([1], [1, 2, 3]), ([1, 2, 3], [4]), ([5, 5, 5], [3, 3]), ([5, 5], [5, 5])]
)
def test_too_few_or_no_spread_have_no_contrast(first: list[int], second: list[int]) -> None:
    assert contrast(first, second) is None
    assert standardised_difference(first, second) is None


def test_one_group_may_be_without_spread() -> None:
    """Then the standard error and its degrees of freedom are those of the other."""
    found = contrast([5, 5, 5], [1, 2, 3])
    assert (found.difference, found.df) == pytest.approx((3.0, 2.0))
    assert found.se == pytest.approx(1 / math.sqrt(3))
    assert found.d == pytest.approx(3 / math.sqrt(0.5))
    assert standardised_difference([5, 5, 5], [1, 2, 3]) == pytest.approx(3 / math.sqrt(0.5))


def test_equal_groups_do_not_differ() -> None:
    found = contrast([1, 2, 3], [3, 2, 1])
    assert (found.difference, found.t, found.p, found.d, found.g) == (0.0, 0.0, pytest.approx(1.0), 0.0, 0.0)
    assert found.ci95 == pytest.approx((-found.ci95[1], found.ci95[1]))


def test_the_standardised_difference_weighs_both_groups_alike() -> None:
    """SDs 3 and √7, whatever the numbers of patients: unlike d, which pools by them."""
    followed, lost = [47, 50, 53] * 2, [45, 48.0, 51]
    assert standardised_difference(followed, lost) == pytest.approx(2 / math.sqrt((7.2 + 9) / 2))
    assert contrast(followed, lost).d == pytest.approx(2 / math.sqrt((5 * 7.2 + 2 * 9) / 7))


@pytest.mark.parametrize("function", [contrast, standardised_difference])
@pytest.mark.parametrize("values", [[1, None], [1, math.nan], [[1, 2]]])
def test_missing_values_of_a_group_are_refused(function: object, values: object) -> None:
    for arguments in ((values, [1, 2]), ([1, 2], values)):
        with pytest.raises(ValueError, match=r"missing|one row"):
            function(*arguments)


@settings(deadline=None)
@given(TOTALS, TOTALS)
def test_there_is_a_contrast_where_there_is_spread_and_it_is_finite(first: list[int], second: list[int]) -> None:
    found, difference = contrast(first, second), standardised_difference(first, second)
    enough = min(len(first), len(second)) >= 2 and (spread_of(first) or spread_of(second))
    assert (found is not None) == (difference is not None) == enough
    if found is not None:
        numbers = [getattr(found, field.name) for field in dataclasses.fields(Contrast)[2:]]
        flat = np.hstack(numbers)
        assert np.isfinite(flat).all()
        assert found.ci95[0] <= found.difference <= found.ci95[1]
        assert found.g_ci95[0] <= found.g <= found.g_ci95[1]
        assert min(len(first), len(second)) - 1 - 1e-9 <= found.df <= len(first) + len(second) - 2 + 1e-9


@settings(deadline=None)
@given(TOTALS, TOTALS)
def test_swapping_the_groups_mirrors_the_contrast(first: list[int], second: list[int]) -> None:
    forth, back = contrast(first, second), contrast(second, first)
    assert (forth is None) == (back is None)
    if forth is not None:
        assert (forth.first, forth.second) == (back.second, back.first)
        for name in SIGNED:
            assert getattr(forth, name) == pytest.approx(-getattr(back, name), abs=1e-9)
        for name in ("se", "df", "p"):
            assert getattr(forth, name) == pytest.approx(getattr(back, name), rel=1e-9)
        for name in ("ci95", "g_ci95"):
            low, high = getattr(back, name)
            assert getattr(forth, name) == pytest.approx((-high, -low), rel=1e-9, abs=1e-9)
        assert standardised_difference(first, second) == pytest.approx(-standardised_difference(second, first))


@settings(deadline=None)
@given(
    TOTALS.flatmap(lambda first: st.tuples(st.just(first), st.permutations(first))),
    TOTALS.flatmap(lambda second: st.tuples(st.just(second), st.permutations(second))),
)
def test_the_order_within_the_groups_changes_nothing(
    first: tuple[list[int], list[int]], second: tuple[list[int], list[int]]
) -> None:
    one, other = contrast(first[0], second[0]), contrast(first[1], second[1])
    assert (one is None) == (other is None)
    if one is not None:
        for field in dataclasses.fields(Contrast)[2:]:
            assert getattr(one, field.name) == pytest.approx(getattr(other, field.name), rel=1e-9, abs=1e-9)


@pytest.mark.filterwarnings("ignore:Precision loss")  # scipy's, where one group has no spread
@settings(deadline=None)
@given(TOTALS, TOTALS)
def test_the_contrast_is_that_of_scipy_and_statsmodels(first: list[int], second: list[int]) -> None:
    found = contrast(first, second)
    if found is None:
        return
    scipy = stats.ttest_ind(first, second, equal_var=False)
    other = CompareMeans(DescrStatsW(first), DescrStatsW(second))
    t, p, df = other.ttest_ind(usevar="unequal")
    assert (found.t, found.df) == pytest.approx((scipy.statistic, scipy.df), rel=1e-9, abs=1e-9)
    assert (found.t, found.df) == pytest.approx((t, df), rel=1e-9, abs=1e-9)
    assert found.p == pytest.approx(scipy.pvalue, rel=1e-8, abs=1e-12)
    assert found.p == pytest.approx(p, rel=1e-8, abs=1e-12)
    assert found.ci95 == pytest.approx(other.tconfint_diff(usevar="unequal"), rel=1e-9, abs=1e-9)
