"""PCL-5 before and after treatment: one thin line per patient (of many, deciles) and the mean with its interval."""

from math import sqrt
from typing import Any

from clinic.pdf.axes import Frame, Scale, number, rows_axis
from clinic.pdf.document import WIDTH
from clinic.pdf.pen import Drawing, Pen, Point

_HEIGHT, _HIGHEST = 240.0, 80
#: Where the baseline stands on the axis of square roots of days.
_BASELINE = -3.0
_FRAME = Frame(26, 8, WIDTH - 14, _HEIGHT - 30)
_TOTALS = Scale(0, _HIGHEST, _FRAME.bottom, _FRAME.top)


def trajectories(chart: dict[str, Any]) -> Drawing:
    """Means with their intervals and n under each window, the windows shaded, the cut as a line."""
    data, visits = chart["data"], chart["visits"]
    end = sqrt(visits[-1]["to"] or 1)
    across = Scale(_BASELINE - 1, end, _FRAME.left, _FRAME.right)

    def place(day: int | None) -> float:
        return across(_BASELINE if day is None else sqrt(day))

    def paint(pen: Pen) -> None:
        rows_axis(pen, _FRAME, _TOTALS, [(at, number(at)) for at in range(0, _HIGHEST + 1, 20)])
        for visit in visits[1:]:
            left, right = place(visit["from"]), place(visit["to"])
            pen.box((left, _FRAME.top), (right - left, _FRAME.bottom - _FRAME.top), fill="accent", alpha=0.07)
        if "lines" in data:
            _lines(pen, data["lines"], place)
        else:
            _deciles(pen, [visit for visit in visits if visit.get("deciles")], place)
        _cut(pen, data["cut"])
        _means(pen, visits, place)

    return Drawing(WIDTH, _HEIGHT, paint)


def _lines(pen: Pen, lines: list[Any], place: Any) -> None:
    faint = 0.22 if len(lines) > 60 else 0.4
    for baseline, seen in lines:
        points = [(place(None), _TOTALS(baseline)), *((place(day), _TOTALS(total)) for day, total in seen)]
        if len(points) > 1:
            pen.path(points, stroke="chart-6", width=0.6, alpha=faint)


def _deciles(pen: Pen, visits: list[dict[str, Any]], place: Any) -> None:
    def edge(at: int) -> list[Point]:
        return [(place(visit["day"]), _TOTALS(visit["deciles"][at])) for visit in visits]

    if len(visits) < 2:
        return
    for low in range(4):
        pen.path([*edge(low), *reversed(edge(8 - low))], fill="chart-6", alpha=0.14)
    pen.path(edge(4), stroke="chart-6", width=1)


def _cut(pen: Pen, cut: int) -> None:
    y = _TOTALS(cut)
    pen.line((_FRAME.left, y), (_FRAME.right, y), "cut", 1, dash=(4, 3))
    pen.write(f"Cut {cut}", (_FRAME.left + 3, y + 6), role="ink", bold=True, clear=True)


def _means(pen: Pen, visits: list[dict[str, Any]], place: Any) -> None:
    points = [(place(visit["day"]), _TOTALS(visit["mean"])) for visit in visits]
    for visit, (x, _) in zip(visits, points, strict=True):
        if visit["ci95"]:
            low, high = (_TOTALS(end) for end in visit["ci95"])
            pen.line((x, low), (x, high), "chart-1", 2.25)
    pen.path(points, stroke="chart-1", width=2)
    for visit, (x, y) in zip(visits, points, strict=True):
        shown = visit["shown"]
        pen.mark("disc", (x, y), 38, "chart-1", edge="surface")
        pen.write(shown["mean"].text, (x + 6, y - 8), size=7.25, role="ink", bold=True, clear=True)
        pen.write("Baseline" if visit["day"] is None else str(visit["day"]), (x, _FRAME.bottom + 9), align="center")
        pen.write(f"n {shown['n']}", (x, _FRAME.bottom + 18), align="center", role="ink")
        pen.line((x, _FRAME.bottom), (x, _FRAME.bottom + 2.5), "chart-axis")
