"""Scales and axes of a drawing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, floor

from clinic.pdf.pen import Pen, Point

#: Steps between ticks that are easily read.
_STEPS = (1, 2, 5, 10, 20, 25, 50, 100, 200, 500, 1000)


@dataclass(frozen=True)
class Scale:
    """Places between two values at places between two points; `bend` bends it, as a square root does."""

    low: float
    high: float
    start: float
    end: float
    bend: Callable[[float], float] = float

    def __call__(self, value: float) -> float:
        """Where the value is."""
        low, high = self.bend(self.low), self.bend(self.high)
        return self.start + (self.bend(value) - low) / ((high - low) or 1) * (self.end - self.start)


@dataclass(frozen=True)
class Frame:
    """The field of a chart inside a drawing: left, top, right, bottom."""

    left: float
    top: float
    right: float
    bottom: float


def steps(low: float, high: float, most: int = 6) -> list[float]:
    """Ticks that hold both values, at most about `most` of them."""
    step = next((one for one in _STEPS if (high - low) / one <= most), _STEPS[-1])
    first, last = floor(low / step), ceil(high / step)
    return [float(at * step) for at in range(first, max(last, first + 1) + 1)]


def rows_axis(pen: Pen, frame: Frame, scale: Scale, ticks: Sequence[tuple[float, str]]) -> None:
    """Horizontal grid lines with their words at the left."""
    for value, text in ticks:
        y = scale(value)
        pen.line((frame.left, y), (frame.right, y), "chart-grid", 0.6)
        pen.write(text, (frame.left - 4, y), align="right")


def columns_axis(
    pen: Pen, frame: Frame, scale: Scale, ticks: Sequence[tuple[float, str]], *, grid: bool = True
) -> None:
    """Vertical grid lines with their words below."""
    for value, text in ticks:
        x = scale(value)
        if grid:
            pen.line((x, frame.top), (x, frame.bottom), "chart-grid", 0.6)
        else:
            pen.line((x, frame.bottom), (x, frame.bottom + 2.5), "chart-axis")
        pen.write(text, (x, frame.bottom + 8), align="center")


def number(value: float) -> str:
    """A tick in words, with a true minus."""
    return f"{value:g}".replace("-", "−")


def interval(pen: Pen, low: Point, high: Point, role: str, width: float = 1.75) -> None:
    """The line of an interval."""
    pen.line(low, high, role, width)
