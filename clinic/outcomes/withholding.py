"""Which counts of patients are withheld from what is handed on, so that no subtraction brings them back (rule 31).

Counts have names, and are tied by sums: a whole, parts of it that do not overlap, and a rest that is printed nowhere. A count
of 1 to 10 is withheld, and others with it, until from all that is shown no such count and no such rest can be had: neither
as what one sum leaves of its whole, nor by any combination of all sums. Plain complementary suppression, the smallest first.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt

from clinic.outcomes.small_numbers import FEW, FEW_NOT_SHOWN, NOT_SHOWN, OUTSIDE, Withheld

#: What is as good as 0 in a decomposition of sums whose coefficients are -1, 0 and 1.
_NOTHING = 1e-9


@dataclass(frozen=True)
class Sum:
    """The parts, by name, add up to the whole with a rest, which is 0 or in no count."""

    whole: str
    parts: tuple[str, ...]
    rest: int

    @property
    def names(self) -> tuple[str, ...]:
        """All that is in it, but the rest."""
        return (self.whole, *self.parts)


@dataclass
class Counts:
    """Counts by name, where each stands in the figures, and the sums that tie them.

    `kept`: names that are withheld only where nothing else helps, the higher the later; below 0 before all others.
    """

    kept: dict[str, int] = field(default_factory=dict)
    values: dict[str, int] = field(default_factory=dict)
    places: list[tuple[Any, Any, str]] = field(default_factory=list)
    sums: list[Sum] = field(default_factory=list)
    rates: list[dict[str, Any]] = field(default_factory=list)

    def named(self, name: str, value: int) -> str:
        """The name of a count that is printed elsewhere or nowhere; another one where this name means another number."""
        while self.values.setdefault(name, value) != value:
            name += "'"
        return name

    def at(self, holder: Any, key: Any, name: str) -> str:
        """The count that stands there takes part under its name, which is returned."""
        name = self.named(name, holder[key])
        self.places.append((holder, key, name))
        return name

    def add_up(self, whole: str, parts: Iterable[str]) -> None:
        """Tie them. Parts that are more than their whole are no parts of it and tie nothing."""
        parts = tuple(parts)
        rest = self.values[whole] - sum(self.values[name] for name in parts)
        if rest >= 0:
            self.sums.append(Sum(whole, parts, rest))

    def rate(self, rate: dict[str, Any], x: str, n: str) -> tuple[str, str]:
        """A rate: x of n, whose value and interval are withheld with either."""
        names = self.at(rate, "x", x), self.at(rate, "n", n)
        self.add_up(names[1], names[:1])
        self.rates.append(rate)
        return names

    def withhold(self) -> set[str]:
        """Put words in the place of every count that must not be shown; the names of these."""
        away = withheld(self.values, self.sums, self.kept)
        for holder, key, name in self.places:
            if name in away:
                holder[key] = self._words(name, away)
        for rate in self.rates:
            if not (isinstance(rate["x"], int) and isinstance(rate["n"], int)):
                rate.update(dict.fromkeys(rate.keys() & {"rate", "ci95"}))
        return away

    def _words(self, name: str, away: set[str]) -> Withheld:
        """Few are called so, unless that would tell them from the many that are withheld beside them for their sake."""
        if not _is_few(self.values[name]):
            return NOT_SHOWN
        beside = {part for one in self.sums if name in one.parts for part in one.parts} & away
        return FEW if all(_is_few(self.values[one]) for one in beside) else FEW_NOT_SHOWN


def withheld(values: dict[str, int], sums: Sequence[Sum], kept: dict[str, int]) -> set[str]:
    """The names of the counts that are not shown."""
    same = _same(values, sums)
    ranks: dict[str, int] = {}
    for name, rank in kept.items():
        root = same.get(name, name)
        ranks[root] = max(rank, ranks.get(root, rank))
    ties = _ties(values, sums, same)
    away = {same[name] for name, value in values.items() if _is_few(value)}
    while True:
        more = (_next(one, values, ties, away, ranks) for one in _telling(values, ties, away))
        found = next((name for name in more if name), None)
        if found is None:
            return {name for name in values if same[name] in away}
        away.add(found)


def _same(values: dict[str, int], sums: Sequence[Sum]) -> dict[str, str]:
    """One name for all that count the same patients: a whole of which all is in one part."""
    same = {name: name for name in values}
    for one in sums:
        parts = [name for name in one.parts if values[name]]
        if not one.rest and len(parts) == 1:
            gone, stays = same[parts[0]], same[one.whole]
            same = {name: stays if root == gone else root for name, root in same.items()}
    return same


def _ties(values: dict[str, int], sums: Sequence[Sum], same: dict[str, str]) -> list[Sum]:
    """The sums by these names, each once, of parts in which there is somebody."""
    ties = dict.fromkeys(
        Sum(same[one.whole], tuple(sorted(same[name] for name in one.parts if values[name])), one.rest) for one in sums
    )
    return [one for one in ties if one.parts != (one.whole,)]


def _is_few(count: int) -> bool:
    return 0 < count < OUTSIDE.fewest


def _next(of: Sum, values: dict[str, int], sums: Sequence[Sum], away: set[str], kept: dict[str, int]) -> str | None:
    """What is withheld next in this sum or, where all of it is, in one that ties a count of it; parts before wholes.

    Where a count of it is withheld in vain, because another sum tells it, that sum may give another one.
    """
    unknown = _unknown(sums, away)
    known = [one.names for one in sums if not one.rest and not unknown & set(one.names)]
    near = [one.names for one in sums if not one.rest and away & set(of.names) & set(one.names)]
    for names in (_told(set(of.names), known, away), set(chain(*near))):
        shown = [name for name in names if values[name] and name not in away]
        if shown:
            return min(shown, key=lambda name: (kept.get(name, 0), name == of.whole, values[name], name))
    return None


def _told(names: set[str], known: list[tuple[str, ...]], away: set[str]) -> set[str]:
    """These with all that tells what of them is withheld, by the sums of which everything is known."""
    while True:
        more = names.union(*(others for others in known if names & away & set(others)))
        if more == names:
            return names
        names = more


def _telling(values: dict[str, int], sums: Sequence[Sum], away: set[str]) -> Iterator[Sum]:
    """The sums that give few away: by what is unknown of their whole, then by all sums together."""
    unknown = _unknown(sums, away)
    told = {name for name in away - unknown if _is_few(values[name])}
    for one in sums:
        if told & set(one.names) and not one.rest and not unknown & set(one.names):
            yield one
        left = one.rest + sum(values[part] for part in one.parts if part in unknown)
        if one.whole not in unknown and _is_few(left):
            yield one
    yield from _combined(sums, unknown, values)


def _unknown(sums: Sequence[Sum], away: set[str]) -> set[str]:
    """What is withheld less what one sum after the other gives back."""
    unknown = set(away)
    while True:
        left = [[name for name in one.names if name in unknown] for one in sums if not one.rest]
        back = {names[0] for names in left if len(names) == 1}
        if not back:
            return unknown
        unknown -= back


def _combined(sums: Sequence[Sum], unknown: set[str], values: dict[str, int]) -> list[Sum]:
    """The sums with a count or a rest of few that those without a rest determine together.

    What has no part in their null space is the same in all solutions. A sum with a rest says nothing of the others.
    """
    places = {name: at for at, name in enumerate(sorted(unknown))}
    tied = [one for one in sums if not one.rest and unknown & set(one.names)]
    matrix = np.array([_row(one, places) for one in tied]).reshape(len(tied), len(places))
    _, sizes, rows = np.linalg.svd(matrix)
    free = rows[int((sizes > _NOTHING).sum()) :]
    found = [one for one in sums if _is_few(one.rest) and (np.abs(free @ _row(one, places)) < _NOTHING).all()]
    fixed = (np.abs(free) < _NOTHING).all(axis=0)
    few = {name for name, at in places.items() if _is_few(values[name]) and fixed[at]}
    return found + [one for one in tied if few & set(one.names)]


def _row(one: Sum, places: dict[str, int]) -> npt.NDArray[np.float64]:
    row = np.zeros(len(places))
    for name in one.names:
        if name in places:
            row[places[name]] += 1 if name == one.whole else -1
    return row
