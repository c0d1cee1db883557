"""Cells of a panel's table and words of its title that several panels share."""

from collections.abc import Sequence
from typing import Any

from clinic.outcomes.drawings.panel import Cell, cell
from clinic.outcomes.printed import Printed, printed
from clinic.outcomes.small_numbers import Count, Withheld, limits
from clinic.outcomes.statistics.rates import rate_figures


def too_few() -> str:
    """What stands where rule 31 allows no figure."""
    return f"n < {limits().fewest}"


def figure(value: float | None, n: Count, measure: str = "mean") -> Printed:
    """One figure that rests on n patients, as `printed` writes this measure; "n < 5" where they are too few for one."""
    if value is None and 0 < n < limits().fewest:
        return Printed("", "", too_few(), too_few())
    shown: Printed = printed({measure: value}, n=n)[measure]
    return shown


def fine(value: float | None, n: Count, measure: str = "mean") -> Cell:
    """The same as a cell, with one place more: for points of 0-4 and mg/kg, where one place hides what there is to see."""
    shown = figure(value, n, measure)
    return Cell(shown.fine, shown.exact)


def ends(interval: Sequence[float] | None, n: Count, fewest: int | None = None) -> tuple[float | None, float | None]:
    """Both ends of an interval, None where there is none or n are too few for it."""
    few = not isinstance(n, Withheld) and n < (fewest or limits().fewest)
    if interval is None or few:
        return None, None
    low, high = interval
    return low, high


def joined(words: Sequence[str]) -> str:
    """ "one", "one and two", "one, two and three"."""
    return " and ".join(part for part in (", ".join(words[:-1]), words[-1]) if part)


def counted(n: Count, thing: str) -> str:
    """A count and the thing, in the plural unless it is one."""
    return f"{n:,} {thing}{'' if n == 1 else 's'}"


def rate_of(x: Count, n: Count) -> dict[str, Any]:
    """A rate with its interval (Wilson); without both where a count of it is withheld."""
    if isinstance(x, Withheld) or isinstance(n, Withheld):
        return {"x": x, "n": n, "rate": None, "ci95": None}
    return rate_figures(x, n)


def share(x: Count, n: Count) -> float | None:
    """x of n; None of nobody, and where one of them is withheld."""
    return None if isinstance(x, Withheld) or isinstance(n, Withheld) or not n else x / n


def ends_cells(interval: Sequence[Printed]) -> list[Cell]:
    """Both ends of an interval as cells; empty ones where it is not shown."""
    return [cell(end) for end in interval] or [Cell(""), Cell("")]
