"""No group of fewer than eleven patients leaves, and none can be found by subtraction (rule 31)."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.transfer.research.suppression import FEWEST_PATIENTS, OTHER, SUPPRESSED, pool, values_to_keep


def holders(**sizes: int) -> dict[str, frozenset[str]]:
    """Values held by so many patients each, nobody by two."""
    return {value: frozenset(f"{value}{n}" for n in range(size)) for value, size in sizes.items()}


@pytest.mark.parametrize(
    ("sizes", "kept"),
    [
        ({}, ""),
        ({"a": 11}, "a"),
        ({"a": 10}, ""),
        ({"a": 50, "b": 11}, "ab"),
        ({"a": 50, "b": 10}, ""),  # alone, b would be all but a
        ({"a": 50, "b": 20, "c": 1}, "a"),
        ({"a": 50, "b": 20, "c": 5, "d": 6}, "ab"),
        ({"a": 50, "b": 20, "c": 5, "d": 5}, "a"),
        ({"a": 11, "b": 11, "c": 1}, "b"),  # of two alike the first in the alphabet joins
    ],
)
def test_what_is_kept(sizes: dict[str, int], kept: str) -> None:
    assert values_to_keep(holders(**sizes)) == set(kept)


def test_who_is_in_the_pool_anyway_counts() -> None:
    assert values_to_keep(holders(a=50, b=20), frozenset("x")) == {"a"}
    assert values_to_keep(holders(a=50, b=20, c=3), frozenset(map(str, range(11)))) == {"a", "b"}


def test_a_patient_who_holds_two_small_values_is_one_patient() -> None:
    ten = frozenset(map(str, range(10)))
    assert values_to_keep({"a": ten, "b": ten, "c": frozenset(map(str, range(40)))}) == set()


@given(st.dictionaries(st.text("abcdef", min_size=1, max_size=2), st.integers(1, 40), max_size=8))
def test_every_group_shown_is_large_and_so_is_the_rest(sizes: dict[str, int]) -> None:
    held = holders(**sizes)
    kept = values_to_keep(held)
    assert all(sizes[value] >= FEWEST_PATIENTS for value in kept)
    rest = sum(sizes.values()) - sum(sizes[value] for value in kept)
    assert rest == 0 or rest >= FEWEST_PATIENTS or not kept
    pooled = set(sizes) - kept
    assert len(pooled) != 1 or not kept, "a lone pooled value is known by its absence"


@settings(max_examples=40)
@given(
    st.lists(
        st.tuples(st.integers(0, 60), st.sampled_from(["Nausea", "Headache", "Panic", "=1+1", "Mrs Ellwick fell"]))
    )
)
def test_of_a_column_nothing_small_is_left(rows: list[tuple[int, str]]) -> None:
    table = pd.DataFrame({"study_id": [f"s{patient}" for patient, _ in rows], "term": [term for _, term in rows]})
    table = table.astype("str")
    known = frozenset({"Nausea", "Headache", "Panic"})
    released, pooling = pool(table, "events.csv", "term", written_as=OTHER, known=known)
    shown = table["study_id"].groupby(released).nunique().to_dict()
    assert set(shown) <= known | {OTHER}
    rest = shown.pop(OTHER, 0)
    assert all(size >= FEWEST_PATIENTS for size in shown.values())
    assert rest == 0 or rest >= FEWEST_PATIENTS or not shown
    assert pooling.rows == (released == OTHER).sum()


def test_the_report_says_how_much_and_not_what() -> None:
    table = pd.DataFrame({"study_id": [f"s{n}" for n in range(40)], "gender": ["f"] * 20 + ["m"] * 12 + ["o"] * 8})
    released, pooling = pool(table, "courses.csv", "gender")
    assert released.tolist() == ["f"] * 20 + [SUPPRESSED] * 20
    assert (pooling.column, pooling.values, pooling.rows) == ("gender", 2, 20)
    assert pooling.words == "Gender"
