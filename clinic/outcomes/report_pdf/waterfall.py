"""Change of each patient, most improved first: a bar with the shape of its class at its end; of many a curve over the ranks."""

from math import ceil, floor
from typing import Any

from clinic.outcomes.report_pdf.legends import SHAPES
from clinic.pdf.axes import Frame, Scale, number, rows_axis
from clinic.pdf.document import WIDTH
from clinic.pdf.pen import Drawing, Pen

_HEIGHT, _STEP = 205.0, 20
_FRAME = Frame(30, 8, WIDTH - 66, _HEIGHT - 16)


def waterfall(data: dict[str, Any]) -> Drawing:
    """Bars or the curve, with the lines of response, reliable change and worsening."""
    changes = [bar[0] for bar in data.get("bars", [])] or [point[1] for point in data["curve"]]
    ends = [*changes, *(line["at"] for line in data["references"])]
    low, high = floor((min(ends) - 6) / _STEP) * _STEP, ceil((max(ends) + 6) / _STEP) * _STEP
    scale = Scale(low, high, _FRAME.bottom, _FRAME.top)

    def paint(pen: Pen) -> None:
        ticks = [(at, _signed(at)) for at in range(low, high + 1, _STEP)]
        rows_axis(pen, _FRAME, scale, ticks)
        if "bars" in data:
            _bars(pen, data["bars"], scale)
        else:
            _curve(pen, data, scale)
        pen.line((_FRAME.left, scale(0)), (_FRAME.right, scale(0)), "ink-2")
        _references(pen, data["references"], scale)
        pen.write("Most improved", (_FRAME.left, _HEIGHT - 6))
        pen.write("Least improved", (_FRAME.right, _HEIGHT - 6), align="right")

    return Drawing(WIDTH, _HEIGHT, paint)


def _signed(at: float) -> str:
    return f"+{number(at)}" if at > 0 else number(at)


def _bars(pen: Pen, bars: list[Any], scale: Scale) -> None:
    room = (_FRAME.right - _FRAME.left) / len(bars)
    wide = min(room * (0.78 if room > 3 else 0.95), 22.0)
    side = max(2.2, min(6.5, room * 0.9))
    for rank, (change, kind) in enumerate(bars):
        shape, role = SHAPES[kind]
        x, top, end = _FRAME.left + (rank + 0.5) * room, scale(max(change, 0)), scale(change)
        pen.box((x - wide / 2, top), (wide, max(scale(min(change, 0)) - top, 0.6)), fill=role)
        pen.mark(shape, (x, end - side if change > 0 else end + side), side * side * 0.55, role)


def _curve(pen: Pen, data: dict[str, Any], scale: Scale) -> None:
    place = Scale(1, data["n"], _FRAME.left, _FRAME.right)
    points = [(place(rank), scale(change)) for rank, change in data["curve"]]
    worse = data["references"][0]["at"]
    worsened = [(place(rank), scale(change)) for rank, change in data["curve"] if change >= worse]
    for role, part in (("chart-1", points), ("worsened", worsened)):
        if part:
            pen.path([(part[0][0], scale(0)), *part, (part[-1][0], scale(0))], fill=role, alpha=0.15)
            pen.path(part, stroke=role, width=1.5)


def _references(pen: Pen, references: list[dict[str, Any]], scale: Scale) -> None:
    """The dotted lines, their words moved apart where they would touch."""
    lowest = float("-inf")
    for line in sorted(references, key=lambda line: -line["at"]):
        y = scale(line["at"])
        pen.line((_FRAME.left, y), (_FRAME.right, y), "ink-3", 0.75, dash=(1.5, 2))
        lowest = max(y, lowest + 8)
        pen.write(line["words"], (_FRAME.right + 5, lowest))
