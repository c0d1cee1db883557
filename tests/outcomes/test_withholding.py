"""Which counts are withheld: few, and what would give them away by one sum or by several together (rule 31)."""

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from clinic.outcomes.small_numbers import FEW, FEW_NOT_SHOWN, INSIDE, NOT_SHOWN, OUTSIDE, bar, handed_on, limits
from clinic.outcomes.withholding import Counts, Sum, withheld


def small(number: float) -> bool:
    return 0 < number < 11


class TestWithholding:
    def test_limits_hold_only_within(self) -> None:
        assert limits() is INSIDE
        with handed_on():
            assert limits() is OUTSIDE
        assert limits() is INSIDE

    def test_words_are_no_numbers(self) -> None:
        assert (f"{FEW:,}", str(NOT_SHOWN), bar(FEW), bar(12)) == ("<11", "not shown", 0, 12)
        assert FEW < 11
        assert not FEW_NOT_SHOWN >= 11
        assert NOT_SHOWN >= 11
        assert FEW < 11
        with pytest.raises(TypeError):
            FEW + 1  # type: ignore[operator]

    @for_all(st.lists(st.integers(0, 40), min_size=1, max_size=8), st.integers(0, 20))
    def test_no_subtraction_undoes_it(self, sizes: list[int], rest: int) -> None:
        names = [f"part {at}" for at in range(len(sizes))]
        values = dict(zip(names, sizes, strict=True)) | {"whole": sum(sizes) + rest}
        away = withheld(values, [Sum("whole", tuple(names), rest)], {})
        shown = [values[name] for name in names if name not in away]
        assert not any(small(value) for value in shown)
        assert "whole" in away or not small(values["whole"] - sum(shown))

    def test_two_sums_together_give_nothing_away(self) -> None:
        values = {"treated": 60, "seen": 40, "missing": 20, "women": 30, "seen women": 27, "missing women": 3}
        values |= {"seen men": 13, "missing men": 17, "men": 30}
        sums = [
            Sum("treated", ("seen", "missing"), 0),
            Sum("treated", ("women", "men"), 0),
            Sum("women", ("seen women", "missing women"), 0),
            Sum("men", ("seen men", "missing men"), 0),
            Sum("seen", ("seen women", "seen men"), 0),
            Sum("missing", ("missing women", "missing men"), 0),
        ]
        away = withheld(values, sums, {})
        assert {"missing women", "seen women", "missing men", "seen men"} <= away
        assert {"treated", "women", "men"}.isdisjoint(away) or len(away) > 4

    def test_what_is_kept_goes_last_and_the_same_patients_go_together(self) -> None:
        values = {"eligible": 100, "evaluated": 95, "missing": 5, "due": 100}
        sums = [Sum("eligible", ("evaluated", "missing"), 0), Sum("eligible", ("due",), 0)]
        assert withheld(values, sums, {"evaluated": 1}) == {"missing", "eligible", "due"}

    def test_one_name_means_one_number(self) -> None:
        counts, holder = Counts(), {"x": 4, "n": 20, "rate": 0.2, "ci95": [0.1, 0.4]}
        assert counts.rate(holder, "x", "n") == ("x", "n")
        assert counts.named("x", 5) == "x'"
        counts.add_up("x", ["n"])
        assert len(counts.sums) == 1, "more than the whole is no part of it"
        assert counts.withhold() == {"x", "x'"}
        assert holder == {"x": FEW, "n": 20, "rate": None, "ci95": None}
