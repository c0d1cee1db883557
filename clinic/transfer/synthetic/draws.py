"""Chance that can be repeated: the same name gives the same draws, on any machine."""

from collections.abc import Mapping
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Draw(Random):
    """A source of chance with a name of its own, so that what one patient draws never depends on another."""

    def chance(self, probability: float) -> bool:
        """True with this probability."""
        return self.random() < probability

    def of(self, weights: Mapping[T, float]) -> T:
        """One of the keys, each as often as its weight says."""
        return self.choices(list(weights), weights=list(weights.values()))[0]

    def within(self, mean: float, spread: float, low: float, high: float) -> float:
        """A normal draw, brought to `low` or `high` where it falls beyond them."""
        return min(max(self.gauss(mean, spread), low), high)


def draw_of(*names: object) -> Draw:
    """The source with this name."""
    return Draw(":".join(map(str, names)))
