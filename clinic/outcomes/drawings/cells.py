"""Cells of a panel's table and words of its title that several panels share."""

from collections.abc import Sequence

from clinic.outcomes.drawings.panel import Cell
from clinic.outcomes.printed import FEWEST, Printed, printed

#: What stands where rule 31 allows no figure.
TOO_FEW = f"n < {FEWEST}"


def figure(value: float | None, n: int, measure: str = "mean") -> Printed:
    """One figure that rests on n patients, as `printed` writes this measure; "n < 5" where they are too few for one."""
    if value is None and 0 < n < FEWEST:
        return Printed("", "", TOO_FEW, TOO_FEW)
    shown: Printed = printed({measure: value}, n=n)[measure]
    return shown


def fine(value: float | None, n: int, measure: str = "mean") -> Cell:
    """The same as a cell, with one place more: for points of 0-4 and mg/kg, where one place hides what there is to see."""
    shown = figure(value, n, measure)
    return Cell(shown.fine, shown.exact)


def ends(interval: Sequence[float] | None, n: int, fewest: int = FEWEST) -> tuple[float | None, float | None]:
    """Both ends of an interval, None where there is none or n are too few for it."""
    if interval is None or n < fewest:
        return None, None
    low, high = interval
    return low, high


def joined(words: Sequence[str]) -> str:
    """ "one", "one and two", "one, two and three"."""
    return " and ".join(part for part in (", ".join(words[:-1]), words[-1]) if part)


def counted(n: int, thing: str) -> str:
    """A count and the thing, in the plural unless it is one."""
    return f"{n:,} {thing}{'' if n == 1 else 's'}"
