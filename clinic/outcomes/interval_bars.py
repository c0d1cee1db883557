"""The small bars under the first-row numbers: a value and its interval on a rail 200 units long."""

from dataclasses import dataclass
from typing import Any

from clinic.outcomes.small_numbers import limits

#: Ends of the rail; half the width of the mark.
_LEFT, _RIGHT, _HALF_MARK = 2.0, 198.0, 1.6
#: The rail of a change, in points; it grows where an interval is longer.
_CHANGE_FROM, _CHANGE_TO = -40.0, 10.0


@dataclass(frozen=True)
class IntervalBar:
    """Places on the rail: of the mark, of the interval's ends, and of a reference line if there is one."""

    mark: str
    low: str
    high: str
    reference: str = ""


def rate_bar(rate: dict[str, Any], reference: float | None = None) -> IntervalBar | None:
    """The bar of a rate, 0 to 100 %; None where rule 31 allows no interval."""
    if rate["n"] < limits().fewest or rate["ci95"] is None:
        return None
    return _bar(rate["rate"], rate["ci95"], (0.0, 1.0), reference)


def change_bar(reduction: dict[str, Any]) -> IntervalBar | None:
    """The bar of the mean change (the negative of the reduction) with a line at 0; None where there is no interval."""
    if reduction["n"] < limits().fewest or reduction["ci95"] is None:
        return None
    low, high = -reduction["ci95"][1], -reduction["ci95"][0]
    return _bar(-reduction["mean"], (low, high), (min(_CHANGE_FROM, low), max(_CHANGE_TO, high)), 0.0)


def _bar(value: float, ends: Any, rail: tuple[float, float], reference: float | None) -> IntervalBar:
    def place(at: float) -> float:
        return _LEFT + (at - rail[0]) / (rail[1] - rail[0]) * (_RIGHT - _LEFT)

    low, high = (f"{place(end):.1f}" for end in ends)
    return IntervalBar(
        f"{place(value) - _HALF_MARK:.1f}", low, high, "" if reference is None else f"{place(reference):.1f}"
    )
