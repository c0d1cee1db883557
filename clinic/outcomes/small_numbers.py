"""Of how many patients at least something is shown, inside the clinic and outside, and what stands for the others (rule 31).

Pages are read inside the clinic, and so are the CSV of a panel and the report for the clinic. What is handed on (all tables
in a ZIP, the report for others) is made within `handed_on()`: there the limits are those of the outside, and of counts only
what clinic/outcomes/withholding.py leaves is in the figures.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """What is shown of how many patients (rule 31).

    fewest              of fewer no percentage, mean, interval, curve or row of a subgroup
    fewest_for_effect   of fewer no effect size
    most_marks          of more no single bars, lines or points, which could not be told apart: curves, deciles, cells
    fewest_for_term     of fewer the words of an adverse event are not quoted: they are free text
    cell                the points on each side of a cell of totals that stands for single ones
    single              whether anything may be drawn or printed of single patients
    """

    fewest: int
    fewest_for_effect: int
    most_marks: int
    fewest_for_term: int
    cell: int
    single: bool

    @property
    def said(self) -> str:
        """What stands on every file that is made under these limits."""
        few = f"roups of fewer than {OUTSIDE.fewest} patients"
        if self.single:
            return f"For use within the clinic: g{few} are shown."
        return f"G{few}, and what would give them away, are not shown."


INSIDE = Limits(fewest=5, fewest_for_effect=10, most_marks=300, fewest_for_term=2, cell=4, single=True)
#: The cell size of rule 31 (that of the US CMS), also for what inside has a limit of its own.
OUTSIDE = Limits(fewest=11, fewest_for_effect=11, most_marks=0, fewest_for_term=11, cell=20, single=False)
_limits: ContextVar[Limits] = ContextVar("limits", default=INSIDE)


def limits() -> Limits:
    """Those that hold here."""
    return _limits.get()


@contextmanager
def handed_on() -> Iterator[None]:
    """Within it the limits of the outside hold."""
    token = _limits.set(OUTSIDE)
    try:
        yield
    finally:
        _limits.reset(token)


@dataclass(frozen=True)
class Withheld:
    """What stands for a count that is not shown: words, whether it reaches the limit, and nothing to calculate with."""

    words: str
    many: bool

    def __str__(self) -> str:
        return self.words

    def __format__(self, _spec: str) -> str:
        return self.words

    def __lt__(self, _limit: int) -> bool:
        return not self.many

    def __gt__(self, _limit: int) -> bool:
        return self.many

    __ge__ = __gt__


#: Fewer than the limit; one that would give such a one away; and one of few beside which such a one stands.
FEW = Withheld(f"<{OUTSIDE.fewest}", many=False)
NOT_SHOWN = Withheld("not shown", many=True)
FEW_NOT_SHOWN = Withheld("not shown", many=False)
Count = int | Withheld


def bar(count: Count) -> int:
    """How long the bar of a count is: as that of nobody where it is withheld."""
    return 0 if isinstance(count, Withheld) else count


def hidden(sizes: Sequence[int], total: int, fewest: int) -> set[int]:
    """The places of the parts that are not shown: those of 1 to `fewest` - 1 patients, then the smallest of the others.

    `sizes` are parts of `total` that do not overlap; what of `total` is in none of them is not shown either. Others join
    until all that is not shown is nobody or `fewest` patients or more: fewer could be had by subtraction. Of parts of the
    same size the later joins first. A part of nobody is never hidden.
    """
    shown = sorted((at for at, size in enumerate(sizes) if size), key=lambda at: (sizes[at], -at))
    found = {at for at in shown if sizes[at] < fewest}
    others = [at for at in shown if at not in found]
    while others and 0 < total - sum(sizes[at] for at in others) < fewest:
        found.add(others.pop(0))
    return found
