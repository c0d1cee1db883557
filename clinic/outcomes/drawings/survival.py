"""What the two panels of survival curves share: their table, what the script draws, and their words."""

from dataclasses import dataclass
from typing import Any

from clinic.outcomes.charts.sizes import MOST_STEPS
from clinic.outcomes.drawings.panel import Cell, Table, cell, number
from clinic.outcomes.printed import NO_VALUE, percent, printed
from clinic.outcomes.small_numbers import limits

#: What is said of curves that would show few patients.
NO_CURVE = "No curve: too few patients could be told apart"
_MEDIAN = ("median", "median, 95 % CI from", "median, 95 % CI to")


@dataclass(frozen=True)
class Line:
    """A curve (charts/curves.py) with its names: in the drawing, and in full in the table. `drawn` unless in the table alone."""

    key: str
    label: str
    name: str
    curve: dict[str, Any]
    drawn: bool = True

    @property
    def shown(self) -> bool:
        """Whether there are enough patients for a curve."""
        return self.drawn and self.curve["until"] is not None

    @property
    def last_share(self) -> float:
        """The share at the end of a curve that is shown."""
        return next(float(point[4]) for point in self.curve["points"] if point[0] == self.curve["until"])


def data(lines: list[Line], *, rises: bool, root_scale: bool) -> dict[str, Any] | None:
    """What static/js/survival.js draws; None where no curve is shown."""
    shown = [line for line in lines if line.shown]
    if not shown:
        return None
    days = shown[0].curve["at_risk_on"]
    return {"rises": rises, "root_scale": root_scale, "days": days, "curves": [_drawn(line, days) for line in shown]}


def table(caption: str, lines: list[Line], *, event: str, share: str) -> Table:
    """The median of each curve with its interval, then its points."""
    head = ["Curve", "Day", "At risk", f"{event} by then", "Censored by then", share, "95 % CI from", "95 % CI to"]
    return Table(caption, head, [row for line in lines if line.curve["points"] for row in _rows(line)])


def median_words(line: Line) -> str:
    """The median of a line that is shown, in a sentence: "median 78 days", "median not reached by day 95"."""
    median, until = line.curve["median"], line.curve["until"]
    return f"median not reached by day {until:,}" if median is None else f"median {median:,} days"


def sampled_note(lines: list[Line]) -> list[str]:
    """That steps were left out, if they were."""
    if not any(line.curve["sampled"] for line in lines):
        return []
    return [f"A curve of more than {MOST_STEPS} steps is drawn at {MOST_STEPS} of them."]


def coarse_note(lines: list[Line]) -> list[str]:
    """How the curves are drawn where no single patient may be."""
    if limits().single or not lines:
        return []
    return [f"Drawn on days between which nobody or {limits().fewest} patients or more left each curve."]


def marks_words() -> str:
    """What is drawn on the curves."""
    return "Bands: 95 % CI. Ticks: censored." if limits().single else "Bands: 95 % CI."


def defined(term: str, meaning: str) -> str:
    """A term with its meaning, a sentence."""
    return f"{term}: {meaning[0].lower()}{meaning[1:]}"


def share_words(share: float) -> str:
    """A share as a percentage."""
    return f"{percent(share)} %"


def _drawn(line: Line, days: list[int]) -> dict[str, Any]:
    at_risk = {point[0]: point[1] for point in line.curve["points"]}
    median = line.curve["median"]
    return {
        "key": line.key,
        "label": line.label,
        "median": "median not reached" if median is None else f"median {median:,} d",
        "points": [
            [point[0], *point[4:], _said(line, point)] for point in line.curve["points"] if point[4] is not None
        ],
        "ticks": line.curve["ticks"],
        "at_risk": [at_risk.get(day, 0) for day in days],
    }


def _said(line: Line, point: list[Any]) -> str:
    share, low, high = _share_cells(line, point)
    return f"{share.text} ({low.text}–{high.text})" if low.exact else share.text


def _rows(line: Line) -> list[list[Cell]]:
    points = {point[0]: point for point in line.curve["points"]}
    rows = [[cell(line.name), *_point_cells(line, point)] for point in points.values()]
    if line.curve["until"] is None:
        return rows
    medians = zip(_MEDIAN, (line.curve["median"], *line.curve["median_ci95"]), strict=True)
    return [_median_row(f"{line.name}, {name}", line, day, points.get(day)) for name, day in medians] + rows


def _median_row(name: str, line: Line, day: int | None, point: list[Any] | None) -> list[Cell]:
    """What the curve says on the day of the median or of an end of its interval."""
    if point is None:
        return [cell(name), Cell("not reached") if day is None else number(day), *[Cell(NO_VALUE)] * 6]
    return [cell(name), *_point_cells(line, point)]


def _point_cells(line: Line, point: list[Any]) -> list[Cell]:
    return [number(point[0]), *(cell(count) for count in point[1:4]), *_share_cells(line, point)]


def _share_cells(line: Line, point: list[Any]) -> list[Cell]:
    """Share and interval; of too few at risk that they are too few (rule 31)."""
    day, at_risk, _, _, share, low, high = point
    if share is None:
        return [Cell(f"n < {limits().fewest}" if at_risk else NO_VALUE), Cell(NO_VALUE), Cell(NO_VALUE)]
    figures = {"n": at_risk, "rate": share, "ci95": None if low is None else [low, high]}
    shown = printed(figures, f"{line.key}.{day}.")
    return [cell(shown["rate"]), *([cell(end) for end in shown["ci95"]] or [Cell(NO_VALUE)] * 2)]
