"""Rows of numbers, mean and SD, and the t distribution against scipy's own."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from twelve_pairs import BASELINE

from clinic.outcomes.statistics.normal import Z95, Z998
from clinic.outcomes.statistics.numbers import (
    Summary,
    mean_ci95,
    numbers,
    pairs,
    ratio,
    root_mean_square,
    t_ci95,
    two_sided_p,
)


def test_the_normal_quantiles() -> None:
    assert pytest.approx((1.959964, 3.090232), abs=1e-6) == (Z95, Z998)


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
    for function in (Summary.of, numbers):
        with pytest.raises(ValueError, match=r"missing or infinite|not a number|one row of numbers"):
            function(values)


def test_numbers_of_any_kind_become_floats() -> None:
    for values in ([1, 2], (1.0, 2.0), np.array([1, 2], dtype=np.int8), pd.Series([1, 2], dtype="Int64")):
        assert numbers(values).dtype == np.float64
        assert numbers(values).tolist() == [1.0, 2.0]
    assert numbers([]).shape == (0,)


def test_rows_of_different_length_are_not_pairs() -> None:
    with pytest.raises(ValueError, match=r"2 baselines and 1 endpoints are not pairs\."):
        pairs([1, 2], [1])


@pytest.mark.parametrize(
    ("values", "mean", "low", "high"),
    [  # oracle O7: with and without psychotherapy
        ([30, 22, 35, 18, 27, 41, 25, 33], 28.875, 22.659824, 35.090176),
        ([20, 12, 25, 8, 19, 30, 15, 4, 22, 17], 17.2, 11.609832, 22.790168),
    ],
)
def test_mean_and_interval_of_the_two_groups_of_the_clinical_rules(
    values: list[int], mean: float, low: float, high: float
) -> None:
    summary = Summary.of(values)
    assert summary.mean == pytest.approx(mean, abs=1e-6)
    assert mean_ci95(summary) == pytest.approx((low, high), abs=1e-6)


def test_fewer_than_two_have_no_interval() -> None:
    assert mean_ci95(Summary.of([])) is None
    assert mean_ci95(Summary.of([41])) is None
    assert mean_ci95(Summary.of([41, 41])) == (41.0, 41.0)


@given(st.lists(st.integers(0, 80), max_size=40).flatmap(lambda row: st.tuples(st.just(row), st.permutations(row))))
def test_the_order_of_values_changes_nothing(rows: tuple[list[int], list[int]]) -> None:
    one, other = (Summary.of(row) for row in rows)
    assert (one.n, one.mean, one.sd) == (
        other.n,
        pytest.approx(other.mean, abs=1e-9),
        pytest.approx(other.sd, abs=1e-9),
    )


@settings(deadline=None)
@given(st.floats(-50, 50), st.floats(1, 200_000))
def test_probability_and_interval_of_t_are_those_of_scipy(t: float, df: float) -> None:
    assert two_sided_p(t, df) == pytest.approx(2 * stats.t.sf(abs(t), df), rel=1e-9, abs=1e-300)
    assert two_sided_p(-t, df) == two_sided_p(t, df)
    assert t_ci95(t, 2.0, df) == pytest.approx(stats.t.interval(0.95, df, t, 2.0), rel=1e-9, abs=1e-9)


def test_what_has_no_ratio_is_none() -> None:
    assert (ratio(6, 3), ratio(0, 3)) == (2.0, 0.0)
    assert (ratio(6, 0), ratio(None, 3), ratio(6, None)) == (None,) * 3


def test_the_root_mean_square_of_two_spreads() -> None:
    assert root_mean_square(1, 7) == pytest.approx(5)
    assert root_mean_square(0, 0) == 0
    assert (root_mean_square(None, 1), root_mean_square(1, None)) == (None, None)
