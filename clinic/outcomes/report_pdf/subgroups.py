"""Mean reduction by subgroup: a square sized by n with its interval in each row, beside the mean of all."""

from math import sqrt
from typing import Any

from clinic.pdf.axes import Frame, Scale, columns_axis, number, steps
from clinic.pdf.document import WIDTH
from clinic.pdf.pen import Drawing, Pen

_ROW, _HEAD, _FOOT = 12.5, 16.0, 30.0
_N, _LEFT, _RIGHT = 132.0, 146.0, 104.0
#: Sides of the squares: the area is the number of patients.
_SMALLEST, _LARGEST = 3.0, 10.0


def subgroups(data: dict[str, Any]) -> Drawing:
    """The forest plot."""
    lines = [line for group in data["groups"] for line in [{"title": group["label"]}, *group["rows"]]]
    rows = [row for group in data["groups"] for row in group["rows"]]
    ends = [end for row in [data["all"], *rows] for end in row["ci95"]]
    ticks = steps(min(0, *ends), max(1, *ends))
    frame = Frame(_LEFT, _HEAD, WIDTH - _RIGHT, _HEAD + _ROW * len(lines))
    across = Scale(ticks[0], ticks[-1], frame.left, frame.right)
    most = max(row["n"] for row in rows)

    def paint(pen: Pen) -> None:
        columns_axis(pen, frame, across, [(at, number(at)) for at in ticks])
        pen.write("mean reduction, points", ((frame.left + frame.right) / 2, frame.bottom + 18), align="center")
        pen.write("n", (_N, 7), align="right")
        pen.write("Mean reduction (95 % CI)", (WIDTH, 7), align="right")
        mean = across(data["all"]["mean"])
        pen.line((mean, frame.top), (mean, frame.bottom), "cut", 1, dash=(4, 3))
        pen.write(
            f"All {data['all']['short']}", (mean, frame.top - 7), role="ink", bold=True, align="center", clear=True
        )
        for at, line in enumerate(lines):
            _row(pen, line, frame.top + (at + 0.5) * _ROW, across, most)

    return Drawing(WIDTH, frame.bottom + _FOOT - 6, paint)


def _row(pen: Pen, line: dict[str, Any], y: float, across: Scale, most: int) -> None:
    if "title" in line:
        pen.write(line["title"], (0, y), role="ink", bold=True)
        return
    low, high = (across(end) for end in line["ci95"])
    side = max(_SMALLEST, _LARGEST * sqrt(line["n"] / most))
    pen.write(line["label"], (8, y))
    pen.write(f"{line['n']:,}", (_N, y), align="right")
    pen.line((low, y), (high, y), "chart-1", 1.5)
    pen.mark("square", (across(line["mean"]), y), side * side, "chart-1")
    pen.write(line["words"], (WIDTH, y), role="ink", align="right")
