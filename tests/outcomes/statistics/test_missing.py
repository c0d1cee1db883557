"""What the missing could do to a rate."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.outcomes.statistics.missing import Bounds, bounds
from clinic.outcomes.statistics.rates import Rate

RESPONDED = st.integers(0, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def test_bounds_of_the_clinical_rules() -> None:
    """Oracle O6: six due, three of them seen, two of those responded."""
    found = bounds(responded=2, evaluated=3, missing=3)
    assert found == Bounds(observed=Rate(2, 3), non_responder=Rate(2, 6), best_case=Rate(5, 6))
    rates = [rate.rate for rate in (found.observed, found.non_responder, found.best_case)]
    assert rates == pytest.approx([0.666667, 0.333333, 0.833333], abs=1e-6)
    assert found.observed.ci95 == pytest.approx((0.207660, 0.938508), abs=1e-6)


def test_nobody_due_and_nobody_seen() -> None:
    nobody = bounds(0, 0, 0)
    assert (nobody.observed.rate, nobody.non_responder.rate, nobody.best_case.rate) == (None,) * 3
    unseen = bounds(0, 0, 4)
    assert (unseen.observed.rate, unseen.non_responder.rate, unseen.best_case.rate) == (None, 0.0, 1.0)


@pytest.mark.parametrize("counts", [(3, 2, 0), (-1, 2, 0), (1, 2, -1)])
def test_impossible_counts_are_refused(counts: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match=r"not a rate|cannot be missing"):
        bounds(*counts)


@given(RESPONDED, st.integers(0, 500))
def test_the_observed_rate_lies_within_its_bounds_which_widen_with_the_missing(
    counts: tuple[int, int], missing: int
) -> None:
    found, more = bounds(*counts, missing), bounds(*counts, missing + 1)
    if counts[1]:
        assert found.non_responder.rate <= found.observed.rate <= found.best_case.rate
        assert more.non_responder.rate <= found.non_responder.rate
        assert found.best_case.rate <= more.best_case.rate
        assert (found.non_responder == found.best_case == found.observed) == (missing == 0)
    assert found.best_case.x - found.non_responder.x == missing
