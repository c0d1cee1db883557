"""Mean points per item before (open) and after (filled) treatment: each cluster in bold, then its items."""

from typing import Any

from clinic.pdf.axes import Frame, Scale, columns_axis, number
from clinic.pdf.document import WIDTH
from clinic.pdf.pen import Drawing, Pen

_ROW, _HEAD, _LEFT, _RIGHT, _HIGHEST = 10.25, 14.0, 118.0, 96.0, 4


def symptoms(data: dict[str, Any]) -> Drawing:
    """A line from before to after in each row."""
    rows = data["rows"]
    frame = Frame(_LEFT, _HEAD, WIDTH - _RIGHT, _HEAD + _ROW * len(rows))
    across = Scale(0, _HIGHEST, frame.left, frame.right)

    def paint(pen: Pen) -> None:
        columns_axis(pen, frame, across, [(float(at), number(at)) for at in range(_HIGHEST + 1)])
        pen.write("Reduction (95 % CI)", (WIDTH, 6), align="right")
        for at, row in enumerate(rows):
            _row(pen, row, frame.top + (at + 0.5) * _ROW, across)

    return Drawing(WIDTH, frame.bottom + 14, paint)


def _row(pen: Pen, row: dict[str, Any], y: float, across: Scale) -> None:
    cluster = row["cluster"]
    pen.write(row["name"], (0 if cluster else 8, y), role="ink" if cluster else "chart-text", bold=cluster)
    pen.write(row["words"][1], (WIDTH, y), role="ink" if cluster else "chart-text", bold=cluster, align="right")
    if row["before"] is None:
        return
    before, after, area = across(row["before"]), across(row["after"]), 36 if cluster else 19
    pen.line((before, y), (after, y), "chart-1", 2 if cluster else 1, alpha=1 if cluster else 0.65)
    pen.mark("ring", (before, y), area, "chart-1", width=1.5 if cluster else 1)
    pen.mark("disc", (after, y), area, "chart-1")
