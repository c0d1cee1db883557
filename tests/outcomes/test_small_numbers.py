"""What is too small to be shown stays hidden from subtraction, too (rule 31)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.outcomes.small_numbers import hidden


@pytest.mark.parametrize(
    ("sizes", "total", "expected"),
    [
        ([20, 30], 50, set()),
        ([20, 4, 30], 54, {1, 0}),
        ([20, 4, 3, 30], 57, {1, 2}),  # seven together: neither can be had from the others
        ([20, 4, 30], 59, {1}),  # five more are in no part
        ([20, 30], 53, {0}),  # three are in no part: a row "not recorded" would say as much
        ([4, 9, 9], 22, {0, 2}),
        ([4, 0, 0], 4, {0}),
        ([0, 0], 0, set()),
        ([], 3, set()),
        ([3, 2], 5, {0, 1}),
    ],
)
def test_the_small_and_what_gives_them_away(sizes: list[int], total: int, expected: set[int]) -> None:
    assert hidden(sizes, total, 5) == expected


@given(st.lists(st.integers(0, 40), max_size=8), st.integers(0, 20), st.sampled_from([5, 11]))
def test_no_subtraction_undoes_it(sizes: list[int], outside: int, fewest: int) -> None:
    total = sum(sizes) + outside
    away = hidden(sizes, total, fewest)
    shown = [size for at, size in enumerate(sizes) if at not in away]
    assert all(size == 0 or size >= fewest for size in shown)
    rest = total - sum(shown)
    assert rest == 0 or rest >= fewest or not any(shown)
    assert all(sizes[at] for at in away)
