"""How every figure of the bench is printed, and whether an aim was reached."""

import math
import os
import statistics
from collections.abc import Sequence

SEED = int(os.environ.get("SEED", "1"))


def say(name: str, values: Sequence[float], unit: str = "ms", *, p95: bool = False) -> None:
    """One line: how many values, of which seed, the least, the middle and the greatest one."""
    middle = f"median {_figure(statistics.median(values))}{_unit(unit)}"
    tail = f", p95 {_figure(percentile(values, 95))}{_unit(unit)}" if p95 else ""
    least, greatest = (f"{_figure(value)}{_unit(unit)}" for value in (min(values), max(values)))
    print(f"{name}: n {len(values)}, seed {SEED}, min {least}, {middle}{tail}, max {greatest}", flush=True)


def say_aim(name: str, value: float, at_most: float, unit: str) -> None:
    """Whether the value, in this unit ("×" for a ratio), is within the aim."""
    reached = "reached" if value <= at_most else "missed"
    print(f"  {name} {_figure(value)} {unit}, aim ≤ {at_most:g} {unit}: {reached}", flush=True)


def percentile(values: Sequence[float], percent: float) -> float:
    """The least value that so many percent of them do not exceed."""
    return sorted(values)[max(0, math.ceil(len(values) * percent / 100) - 1)]


def _figure(value: float) -> str:
    """Three figures are more than a machine that others use, too, can tell."""
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _unit(unit: str) -> str:
    return f" {unit}" if unit else ""
