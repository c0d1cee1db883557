"""Rates, their differences and the limits of a funnel: published examples, invariants, scipy and statsmodels."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from clinic.outcomes.statistics.normal import Z95, Z998
from clinic.outcomes.statistics.rates import Rate, control_limits, difference_ci95

COUNTS = st.integers(1, 5_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@pytest.mark.parametrize(
    ("x", "n", "rate", "low", "high"),
    [  # oracle O3; the last three are those of O2 and O6
        (88, 117, 0.752137, 0.666722, 0.821521),
        (72, 117, 0.615385, 0.524898, 0.698536),
        (73, 117, 0.623932, 0.533536, 0.706448),
        (0, 10, 0.0, 0.0, 0.277533),
        (10, 10, 1.0, 0.722467, 1.0),
        (1, 5, 0.2, 0.036224, 0.624465),
        (9, 12, 0.75, 0.467695, 0.911058),
        (8, 12, 0.666667, 0.390622, 0.861880),
        (7, 12, 0.583333, 0.319511, 0.806740),
        (2, 3, 0.666667, 0.207660, 0.938508),
    ],
)
def test_rate_and_wilson_interval_of_published_examples(x: int, n: int, rate: float, low: float, high: float) -> None:
    assert Rate(x, n).rate == pytest.approx(rate, abs=1e-6)
    assert Rate(x, n).ci95 == pytest.approx((low, high), abs=1e-6)


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
    assert [type(limit) for limit in difference_ci95(rate, rate)] == [float, float]


@given(st.integers(1, 200_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_a_rate_lies_within_its_interval_and_agrees_with_scipy(counts: tuple[int, int]) -> None:
    x, n = counts
    low, high = Rate(x, n).ci95
    assert 0.0 <= low <= Rate(x, n).rate <= high <= 1.0
    scipy = stats.binomtest(x, n).proportion_ci(0.95, method="wilson")
    assert (low, high) == pytest.approx((scipy.low, scipy.high), abs=1e-12)
    assert (low, high) == pytest.approx(proportion_confint(x, n, method="wilson"), abs=1e-12)
    assert (1 - high, 1 - low) == pytest.approx(Rate(n - x, n).ci95, abs=1e-12)


@given(COUNTS)
def test_one_more_non_responder_never_raises_the_rate(counts: tuple[int, int]) -> None:
    x, n = counts
    before, after = Rate(x, n), Rate(x, n + 1)
    assert after.rate <= before.rate
    assert after.ci95[0] <= before.ci95[0]
    assert after.ci95[1] <= before.ci95[1]


# --- difference of two rates --------------------------------------------------------------------


def test_the_difference_of_the_clinical_rules() -> None:
    """Oracle O3: 40/50 - 45/67."""
    first, second = Rate(40, 50), Rate(45, 67)
    assert first.rate - second.rate == pytest.approx(0.128358, abs=1e-6)
    assert difference_ci95(first, second) == pytest.approx((-0.036219, 0.276150), abs=1e-6)


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [  # Newcombe 1998, table II, method 10, to the four digits printed there
        (Rate(56, 70), Rate(48, 80), 0.0524, 0.3339),
        (Rate(9, 10), Rate(3, 10), 0.1705, 0.8090),
        (Rate(6, 7), Rate(2, 7), 0.0582, 0.8062),
        (Rate(5, 56), Rate(0, 29), -0.0381, 0.1926),
        (Rate(0, 10), Rate(0, 20), -0.1611, 0.2775),
        (Rate(10, 10), Rate(0, 20), 0.6791, 1.0),
    ],
)
def test_differences_of_newcombes_table(first: Rate, second: Rate, low: float, high: float) -> None:
    assert difference_ci95(first, second) == pytest.approx((low, high), abs=5e-5)


def test_nobody_differs_from_nobody() -> None:
    assert difference_ci95(Rate(0, 0), Rate(1, 2)) is None
    assert difference_ci95(Rate(1, 2), Rate(0, 0)) is None


@settings(deadline=None)
@given(COUNTS, COUNTS)
def test_a_difference_lies_within_its_interval_and_agrees_with_statsmodels(
    one: tuple[int, int], other: tuple[int, int]
) -> None:
    first, second = Rate(*one), Rate(*other)
    low, high = difference_ci95(first, second)
    assert -1.0 <= low <= first.rate - second.rate <= high <= 1.0
    assert (low, high) == pytest.approx(
        confint_proportions_2indep(*one, *other, method="newcomb", compare="diff"), abs=1e-12
    )
    assert difference_ci95(second, first) == pytest.approx((-high, -low), abs=1e-12)


# --- limits of a funnel plot --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("n", "inner", "outer"),
    [  # oracle O8, rate .75
        (10, (0.481621, 1.0), (0.326853, 1.0)),
        (20, (0.560227, 0.939773), (0.450790, 1.0)),
        (50, (0.629977, 0.870023), (0.560763, 0.939237)),
        (100, (0.665131, 0.834869), (0.616189, 0.883811)),
    ],
)
def test_control_limits_of_the_clinical_rules(n: int, inner: tuple[float, float], outer: tuple[float, float]) -> None:
    assert control_limits(0.75, n, Z95) == pytest.approx(inner, abs=1e-6)
    assert control_limits(0.75, n, Z998) == pytest.approx(outer, abs=1e-6)


def test_the_unit_of_the_clinical_rules_lies_outside() -> None:
    """Oracle O8: 9/20 at a rate of .75 has z = -3.098387, so it touches the limits of that z and no others."""
    assert control_limits(0.75, 20, 3.0983866769659336)[0] == pytest.approx(9 / 20, abs=1e-12)
    assert control_limits(0.75, 20, Z998)[0] > 9 / 20


@pytest.mark.parametrize(("rate", "n", "z"), [(-0.1, 20, 2), (1.1, 20, 2), (0.5, 0, 2), (0.5, 20, -1)])
def test_impossible_control_limits_are_refused(rate: float, n: int, z: float) -> None:
    with pytest.raises(ValueError, match="No control limits"):
        control_limits(rate, n, z)


@given(st.floats(0, 1), st.integers(1, 10_000))
def test_limits_hold_the_rate_and_narrow_with_n(rate: float, n: int) -> None:
    low, high = control_limits(rate, n, Z95)
    assert 0.0 <= low <= rate <= high <= 1.0
    outer, more = control_limits(rate, n, Z998), control_limits(rate, n + 1, Z95)
    assert outer[0] <= low <= more[0]
    assert more[1] <= high <= outer[1]
