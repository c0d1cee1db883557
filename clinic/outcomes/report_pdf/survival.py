"""Time until something was seen, as Kaplan-Meier curves with bands and, under the axis, the numbers at risk."""

from dataclasses import dataclass
from itertools import pairwise
from math import sqrt
from typing import Any

from clinic.outcomes.report_pdf.legends import sign
from clinic.pdf.axes import Frame, Scale, columns_axis, rows_axis
from clinic.pdf.document import WIDTH
from clinic.pdf.pen import Drawing, Pen, Point

_LEFT, _TOP, _RIGHT, _FIELD, _LINE, _APART = 46.0, 8.0, 112.0, 165.0, 11.0, 24.0
#: How far the numbers of two days stand apart at least.
_ROOM = 19.0


@dataclass(frozen=True)
class _Style:
    """How a curve looks: a group is a dash pattern beside its colour, an outcome a shape at the end of its curve."""

    role: str
    width: float = 1.75
    dash: tuple[float, ...] = ()
    band: bool = True
    counted: bool = True
    shape: str = ""


_STYLES = {
    "all": _Style("chart-1"),
    "psychotherapy": _Style("chart-1"),
    "none_recorded": _Style("chart-2", dash=(5, 3)),
    "re_induction": _Style("ink-3", 1, (5, 2, 1, 2), band=False, counted=False),
    "top_up": _Style("ink-3", 1, (1, 2), band=False, counted=False),
    "response": _Style("response", dash=(5, 3), shape="response"),
    "remission": _Style("remission", shape="remission"),
}
_ALL_OF_GROUPS = _Style("ink-2", 1.25, (7, 2, 1, 2), band=False)


def survival(data: dict[str, Any]) -> Drawing:
    """The curves of one panel."""
    curves = [(curve, _style(curve["key"], data)) for curve in data["curves"]]
    counted = [(curve, style) for curve, style in curves if style.counted]
    until = max(30, *(curve["points"][-1][0] for curve, _ in curves))
    frame = Frame(_LEFT, _TOP, WIDTH - _RIGHT, _TOP + _FIELD)
    across = Scale(0, until, frame.left, frame.right, sqrt if data["root_scale"] else float)
    up = Scale(0, 1, frame.bottom, frame.top)
    days = _apart([(at, day) for at, day in enumerate(data["days"]) if day <= until], across)

    def paint(pen: Pen) -> None:
        rows_axis(pen, frame, up, [(share / 100, f"{share} %") for share in range(0, 101, 25)])
        columns_axis(pen, frame, across, [(day, str(day)) for _, day in days], grid=False)
        pen.write("days", (frame.right + 8, frame.bottom + 8))
        pen.line((frame.left, up(0.5)), (frame.right, up(0.5)), "ink-3", 0.75, dash=(1.5, 2))
        for curve, style in curves:
            _band(pen, curve, style, across, up)
        for curve, style in curves:
            _line(pen, curve, style, across, up, rises=data["rises"])
        _names(pen, curves, frame, up)
        _at_risk(pen, counted, days, frame, across)

    return Drawing(WIDTH, frame.bottom + 14 + _LINE * (len(counted) + 1) + 4, paint)


def _apart(days: list[tuple[int, int]], across: Scale) -> list[tuple[int, int]]:
    """Those whose numbers have room beside each other: the first, then from the last backwards."""
    kept = days[:1]
    for at, day in reversed(days[1:]):
        if all(abs(across(day) - across(other)) >= _ROOM for _, other in kept):
            kept.append((at, day))
    return sorted(kept)


def _style(key: str, data: dict[str, Any]) -> _Style:
    grouped = any(curve["key"] == "psychotherapy" for curve in data["curves"])
    return _ALL_OF_GROUPS if key == "all" and grouped else _STYLES[key]


def _band(pen: Pen, curve: dict[str, Any], style: _Style, across: Scale, up: Scale) -> None:
    """The interval of each step until the next one, of no height where there is none."""
    points = curve["points"]
    if not style.band or len(points) < 2:
        return
    lower: list[Point] = []
    upper: list[Point] = []
    for (day, share, low, high, *_), (until, *_) in pairwise(points):
        for when in (day, until):
            lower.append((across(when), up(share if low is None else low)))
            upper.append((across(when), up(share if high is None else high)))
    pen.path([*lower, *reversed(upper)], fill=style.role, alpha=0.13)


def _line(pen: Pen, curve: dict[str, Any], style: _Style, across: Scale, up: Scale, *, rises: bool) -> None:
    """The steps, a tick for each who was censored, and the shape at the end."""
    last = steps_from = 0.0 if rises else 1.0
    steps: list[Point] = [(across(0), up(last))]
    for day, share, *_ in curve["points"]:
        steps += [(across(day), up(last)), (across(day), up(share))]
        last = share
    pen.path(steps, stroke=style.role, width=style.width, dash=style.dash)
    for day in curve["ticks"] if style.band else []:
        share = [steps_from, *(point[1] for point in curve["points"] if point[0] <= day)][-1]
        pen.line((across(day), up(share) - 3), (across(day), up(share) + 3), "ink-2", 0.75)
    if style.shape:
        sign(pen, style.shape, steps[-1], 34)


def _names(pen: Pen, curves: list[Any], frame: Frame, up: Scale) -> None:
    """Beside the ends of the curves, moved apart where they would touch, up again where they would leave the field."""
    placed = sorted(([up(curve["points"][-1][1]), curve, style] for curve, style in curves), key=lambda one: one[0])
    for before, one in pairwise(placed):
        one[0] = max(one[0], before[0] + _APART)
    lowest = frame.bottom - 8
    for one in reversed(placed):
        one[0] = min(one[0], lowest)
        lowest = one[0] - _APART
    left = frame.right + 8
    for y, curve, style in placed:
        _sample(pen, style, (left, y - 4.5))
        pen.write(curve["label"], (left + 18, y - 4.5), role="ink", bold=True)
        pen.write(curve["median"] if style.counted else "censored then", (left + 18, y + 4.5))


def _sample(pen: Pen, style: _Style, at: Point) -> None:
    pen.line(at, (at[0] + 14, at[1]), style.role, style.width, dash=style.dash)
    if style.shape:
        sign(pen, style.shape, (at[0] + 7, at[1]), 26)


def _at_risk(pen: Pen, counted: list[Any], days: list[tuple[int, int]], frame: Frame, across: Scale) -> None:
    y = frame.bottom + 14 + _LINE / 2
    pen.write("At risk", (0, y))
    for curve, style in counted:
        y += _LINE
        for at, day in days:
            pen.write(f"{curve['at_risk'][at]:,}", (across(day), y), role="ink", align="center")
        _sample(pen, style, (frame.right + 8, y))
        pen.write(curve["label"], (frame.right + 26, y))
