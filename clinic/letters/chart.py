"""The PCL-5 chart of a letter as plain shapes in points, so that page and PDF draw the same marks and the same words.

The origin is the upper left corner, y points down. A role is a colour of the design tokens.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor

#: As wide as what stands on a page of a PDF (clinic/pdf/document.py), rounded down.
WIDTH, HEIGHT = 493.0, 196.0
_LEFT, _TOP, _RIGHT, _BOTTOM, _LANE = 26.0, 26.0, 106.0, 164.0, 12.0
_SMALL, _TOTAL = 6.75, 7.25
#: Days between ticks that are easily read.
_STEPS = (1, 2, 5, 7, 14, 28, 50, 100, 200, 500, 1000, 2000, 5000)
_MOST_TICKS = 9
_TICK_OF_TOTALS = 20
#: Totals nearer to each other than this are not written, labels at the side stand at least so far apart.
_APART, _LABEL_APART = 15.0, 9.0


@dataclass(frozen=True)
class Line:
    """A line through these points; `dash` as in an SVG."""

    points: tuple[tuple[float, float], ...]
    role: str
    width: float = 0.75
    dash: tuple[float, ...] = ()

    @property
    def path(self) -> str:
        """The points as an SVG takes them."""
        return " ".join(f"{x},{y}" for x, y in self.points)

    @property
    def dashes(self) -> str:
        """The dash as an SVG takes it."""
        return " ".join(map(str, self.dash))


@dataclass(frozen=True)
class Mark:
    """A disc, a ring or a diamond around a place."""

    shape: str
    x: float
    y: float
    radius: float
    role: str

    @property
    def corners(self) -> str:
        """Those of a diamond as an SVG takes them."""
        x, y, half = self.x, self.y, self.radius
        return " ".join(
            f"{round(a, 1)},{round(b, 1)}" for a, b in ((x, y - half), (x + half, y), (x, y + half), (x - half, y))
        )


@dataclass(frozen=True)
class Words:
    """One line of text, its middle at the height of the place."""

    text: str
    x: float
    y: float
    size: float = _SMALL
    role: str = "chart-text"
    align: str = "left"
    bold: bool = False
    #: Wipes what is below it.
    clear: bool = False

    @property
    def baseline(self) -> float:
        """Where its letters stand."""
        return round(self.y + self.size * 0.36, 1)


@dataclass(frozen=True)
class Chart:
    """The shapes in the order in which they are drawn."""

    label: str
    lines: tuple[Line, ...]
    marks: tuple[Mark, ...]
    words: tuple[Words, ...]
    width: float = WIDTH
    height: float = HEIGHT


@dataclass(frozen=True)
class Point:
    """A reading: days since the day that counts as 0, its total, whether it is the week form, and the baseline."""

    day: int
    total: int
    weekly: bool
    baseline: bool = False


@dataclass(frozen=True)
class Drawn:
    """What is drawn. `references` are totals with the words beside them; `axis` says from when days count."""

    points: tuple[Point, ...]
    infusion_days: tuple[int, ...]
    cut: tuple[int, str]
    references: tuple[tuple[int, str], ...]
    scale: int
    axis: str


class _Place:
    """Knows where a day and a total are."""

    def __init__(self, drawn: Drawn) -> None:
        days = [*(point.day for point in drawn.points), *drawn.infusion_days]
        room = max(1.0, (max(days) - min(days)) * 0.03)
        self.first, self.last, self.scale = min(days) - room, max(days) + room, drawn.scale

    def x(self, day: float) -> float:
        return round(_LEFT + (day - self.first) / (self.last - self.first) * (WIDTH - _RIGHT - _LEFT), 1)

    def y(self, total: float) -> float:
        return round(_BOTTOM - total / self.scale * (_BOTTOM - _TOP), 1)


def chart(drawn: Drawn, label: str) -> Chart:
    """The chart of at least one reading."""
    place = _Place(drawn)
    lines, words = _ground(drawn, place)
    for day in drawn.infusion_days:
        lines.append(Line(((place.x(day), _TOP), (place.x(day), _BOTTOM + _LANE / 2)), "chart-grid"))
    lines += [_across(place.y(total), "ink-3", 0.75, (1.5, 2)) for total, _ in drawn.references]
    lines.append(_across(place.y(drawn.cut[0]), "cut", 1, (4, 3)))
    words += _side_labels(drawn, place)
    marks = [Mark("diamond", place.x(day), _BOTTOM + _LANE / 2, 3.2, "chart-3") for day in drawn.infusion_days]
    spots = tuple((place.x(point.day), place.y(point.total)) for point in drawn.points)
    if len(spots) > 1:
        lines.append(Line(spots, "chart-1", 1.5))
    for point, (x, y) in zip(drawn.points, spots, strict=True):
        marks.append(Mark("ring" if point.weekly else "disc", x, y, 3.0, "chart-1"))
    words += _totals(drawn.points, spots)
    more_marks, more_words = _legend(drawn)
    return Chart(label, tuple(lines), (*marks, *more_marks), (*words, *more_words))


def _across(y: float, role: str, width: float, dash: tuple[float, ...] = ()) -> Line:
    return Line(((_LEFT, y), (WIDTH - _RIGHT, y)), role, width, dash)


def _ground(drawn: Drawn, place: _Place) -> tuple[list[Line], list[Words]]:
    """The grid of totals and the days below."""
    totals = range(0, drawn.scale + 1, _TICK_OF_TOTALS)
    lines = [_across(place.y(total), "chart-grid", 0.6) for total in totals]
    words = [Words(str(total), _LEFT - 5, place.y(total), align="right") for total in totals]
    for day in _ticks(place):
        lines.append(Line(((place.x(day), _BOTTOM + _LANE), (place.x(day), _BOTTOM + _LANE + 2.5)), "chart-axis"))
        words.append(Words(f"{day}".replace("-", "−"), place.x(day), _BOTTOM + _LANE + 9, align="center"))
    lines.append(_across(_BOTTOM + _LANE, "chart-axis", 0.75))
    words.append(Words(drawn.axis, WIDTH - _RIGHT + 6, _BOTTOM + _LANE + 9))
    return lines, words


def _ticks(place: _Place) -> list[int]:
    step = next((step for step in _STEPS if (place.last - place.first) / step <= _MOST_TICKS), _STEPS[-1])
    first, last = ceil(place.first / step), floor(place.last / step)
    return [at * step for at in range(first, last + 1)]


def _totals(points: Sequence[Point], spots: Sequence[tuple[float, float]]) -> list[Words]:
    """The numbers above the marks where there is room: the last and the baseline first, then from the last backwards."""
    written: list[Words] = []
    marks = list(zip(points, spots, strict=True))[::-1]
    for point, (x, y) in sorted(marks, key=lambda mark: not (mark is marks[0] or mark[0].baseline)):
        if all(abs(other.x - x) >= _APART for other in written):
            written.append(Words(str(point.total), x, y - 8, _TOTAL, "ink", "center", bold=True, clear=True))
    return sorted(written, key=lambda words: words.x)


def _side_labels(drawn: Drawn, place: _Place) -> list[Words]:
    """What the lines across mean, at their right, moved apart where they would touch; the cut is written strongest."""
    words: list[Words] = []
    lowest = 0.0
    for total, said in sorted((drawn.cut, *drawn.references), reverse=True):
        strong = (total, said) == drawn.cut
        lowest = max(place.y(total), lowest + _LABEL_APART)
        role = "ink" if strong else "chart-text"
        words.append(Words(said, WIDTH - _RIGHT + 6, round(lowest, 1), role=role, bold=strong))
    return words


def _legend(drawn: Drawn) -> tuple[list[Mark], list[Words]]:
    """What each mark means, above the field; and of what the axis is."""
    shown = [
        ("disc", "chart-1", "Month form", any(not point.weekly for point in drawn.points)),
        ("ring", "chart-1", "Week form", any(point.weekly for point in drawn.points)),
        ("diamond", "chart-3", "Infusion", bool(drawn.infusion_days)),
    ]
    marks, words, x = [], [Words(f"PCL-5 total, 0–{drawn.scale}", 0, 7, role="ink", bold=True)], 120.0
    for shape, role, said, there in shown:
        if there:
            marks.append(Mark(shape, x, 7, 3.0, role))
            words.append(Words(said, x + 8, 7))
            x += 66
    return marks, words
