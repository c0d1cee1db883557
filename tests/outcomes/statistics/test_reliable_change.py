"""Reliable change and the three cut-offs of Jacobson & Truax."""

from collections import Counter

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from twelve_pairs import BASELINE, ENDPOINT

from clinic.outcomes.statistics.reliable_change import (
    JT_CLASSES,
    CutOffs,
    cut_offs,
    jacobson_truax,
    reliable_change_points,
)

TOTAL = st.integers(0, 80)


@pytest.mark.parametrize(
    ("sd", "reliability", "points"),
    [  # oracle O5
        (11.9, 0.84, 13.194047),
        (11.9, 0.82, 13.994400),
        (15.0, 0.84, 16.631151),
        (11.9, 0.96, 6.597023),
    ],
)
def test_reliable_points_of_the_clinical_rules(sd: float, reliability: float, points: float) -> None:
    assert reliable_change_points(sd, reliability) == pytest.approx(points, abs=1e-6)


def test_a_perfect_questionnaire_has_no_error_and_a_useless_one_that_of_the_patients() -> None:
    assert reliable_change_points(12, 1) == 0.0
    assert reliable_change_points(10, 0) == pytest.approx(1.96 * 10 * 2**0.5)


@pytest.mark.parametrize(
    ("sd", "reliability"), [(-1, 0.8), (12, -0.1), (12, 1.1), (float("nan"), 0.8), (float("inf"), 0.8)]
)
def test_impossible_reliabilities_are_refused(sd: float, reliability: float) -> None:
    with pytest.raises(ValueError, match="No error of measurement"):
        reliable_change_points(sd, reliability)


def test_cut_offs_of_the_clinical_rules() -> None:
    """Oracle O5: the preprint's patients before treatment, and 12 (SD 12) for everybody else."""
    found = cut_offs(52.39, 11.90, 12, 12)
    assert (found.a, found.b, found.c) == pytest.approx((28.59, 36.0, 32.279498), abs=1e-6)


@given(st.floats(30, 70), st.floats(1, 20), st.floats(0, 29), st.floats(1, 20))
def test_the_third_cut_is_as_many_sds_from_either_mean(
    clinical_mean: float, clinical_sd: float, norm_mean: float, norm_sd: float
) -> None:
    c = cut_offs(clinical_mean, clinical_sd, norm_mean, norm_sd).c
    assert (clinical_mean - c) / clinical_sd == pytest.approx((c - norm_mean) / norm_sd, abs=1e-9)


@pytest.mark.parametrize(
    "moments",
    [(52, 0, 12, 12), (52, 12, 12, 0), (52, -1, 12, 12), (float("nan"), 12, 12, 12), (52, 12, 12, float("inf"))],
)
def test_cut_offs_without_spread_are_refused(moments: tuple[float, float, float, float]) -> None:
    with pytest.raises(ValueError, match="No cut-offs"):
        cut_offs(*moments)


def test_cut_offs_are_compared_by_value() -> None:
    assert cut_offs(50, 10, 10, 10) == CutOffs(a=30, b=30, c=30)


def test_the_twelve_patients_of_the_clinical_rules() -> None:
    """Oracle O2 with 15 points and 28: 4 recovered, 3 improved, 5 unchanged, nobody deteriorated."""
    classes = jacobson_truax(BASELINE, ENDPOINT, reliable_points=15, at_most=28)
    assert Counter(classes.tolist()) == {"recovered": 4, "improved": 3, "unchanged": 5}
    assert [f"P{number:02}" for number in np.flatnonzero(classes == "recovered") + 1] == ["P01", "P04", "P07", "P12"]
    assert [f"P{number:02}" for number in np.flatnonzero(classes == "improved") + 1] == ["P05", "P10", "P11"]


@pytest.mark.parametrize(
    ("baseline", "endpoint", "expected"),
    [
        (43, 28, "recovered"),
        (44, 29, "improved"),  # one point above the cut
        (42, 28, "unchanged"),  # one point too few
        (29, 14, "recovered"),
        (28, 13, "improved"),  # was never above the cut
        (40, 55, "deteriorated"),
        (40, 54, "unchanged"),
        (10, 25, "deteriorated"),  # worse, although still below the cut
    ],
)
def test_each_side_of_every_border(baseline: int, endpoint: int, expected: str) -> None:
    assert jacobson_truax([baseline], [endpoint], reliable_points=15, at_most=28).tolist() == [expected]


def test_nobody_has_no_class() -> None:
    assert jacobson_truax([], [], reliable_points=15, at_most=28).tolist() == []


def test_totals_of_pandas_are_taken_by_position() -> None:
    frame = pd.DataFrame({"baseline": BASELINE, "endpoint": ENDPOINT}, dtype="Int64", index=range(5, 17))
    shifted = frame.endpoint.set_axis(range(12))
    assert (
        jacobson_truax(frame.baseline, shifted, reliable_points=15, at_most=28).tolist()
        == jacobson_truax(BASELINE, ENDPOINT, reliable_points=15, at_most=28).tolist()
    )


@pytest.mark.parametrize(
    ("baseline", "endpoint", "points", "said"),
    [
        ([50], [30], 0, "would be none"),
        ([50.5], [30], 15, "not a whole number"),
        ([50], [30.1], 15, "not a whole number"),
        ([50, 40], [30], 15, "not pairs"),
        ([50, None], [30, 30], 15, "missing"),
    ],
)
def test_what_has_no_class_is_refused(baseline: list[float], endpoint: list[float], points: int, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        jacobson_truax(baseline, endpoint, reliable_points=points, at_most=28)


def plain_class(before: int, after: int, points: int, cut: int) -> str:
    """The rule once more, one patient at a time."""
    if before - after >= points:
        return "recovered" if after <= cut < before else "improved"
    return "deteriorated" if after - before >= points else "unchanged"


@given(st.lists(st.tuples(TOTAL, TOTAL), max_size=30), st.integers(1, 30), TOTAL)
def test_classes_are_those_of_the_rule_written_again(pairs: list[tuple[int, int]], points: int, cut: int) -> None:
    before, after = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    classes = jacobson_truax(before, after, reliable_points=points, at_most=cut).tolist()
    assert classes == [plain_class(*pair, points, cut) for pair in pairs]
    assert set(classes) <= set(JT_CLASSES)


@given(TOTAL, TOTAL, st.integers(1, 30), TOTAL)
def test_swapping_baseline_and_endpoint_swaps_better_and_worse(before: int, after: int, points: int, cut: int) -> None:
    [forth] = jacobson_truax([before], [after], reliable_points=points, at_most=cut)
    [back] = jacobson_truax([after], [before], reliable_points=points, at_most=cut)
    assert (forth in ("recovered", "improved")) == (back == "deteriorated")
