"""Counts as bars with the shape of each status at the foot: the mix of statuses, and the courses of those who came back."""

from typing import Any

from clinic.outcomes.report_pdf.legends import SHAPES, sign
from clinic.outcomes.small_numbers import bar
from clinic.pdf.axes import Frame, Scale, columns_axis, number
from clinic.pdf.document import WIDTH
from clinic.pdf.pen import Drawing, Pen

_ROW, _BAR, _LEFT, _RIGHT = 15.0, 9.5, 128.0, 60.0
_TOTAL, _SAID = 30.0, 150.0


def status_mix(data: dict[str, Any]) -> Drawing:
    """One bar for each status."""
    rows = data["rows"]
    return Drawing(WIDTH, _ROW * len(rows) + 2, lambda pen: _bars(pen, rows, 1))


def retreatment(data: dict[str, Any]) -> Drawing:
    """What the first course had been, and totals before (open) and at the latest PCL-5 (filled) of the courses since."""
    outcomes, totals = data["outcomes"], data["totals"]
    below = 14 + _ROW * len(outcomes)
    frame = Frame(_LEFT, below + 30, WIDTH - _SAID, below + 30 + _TOTAL * len(totals))
    across = Scale(0, 80, frame.left, frame.right)

    def paint(pen: Pen) -> None:
        pen.write("What the first course had been, patients", (0, 6), role="ink", bold=True)
        _bars(pen, outcomes, 14)
        if not totals:
            return
        pen.write("PCL-5 total: baseline (open), latest (filled)", (0, below + 12), role="ink", bold=True)
        columns_axis(pen, frame, across, [(float(total), number(total)) for total in range(0, 81, 20)])
        cut = across(data["cut"])
        pen.line((cut, frame.top), (cut, frame.bottom), "cut", 1, dash=(4, 3))
        pen.write(f"Cut {data['cut']}", (cut, frame.top - 6), role="ink", bold=True, align="center")
        for at, row in enumerate(totals):
            _total(pen, row, frame.top + (at + 0.5) * _TOTAL, across)

    return Drawing(WIDTH, frame.bottom + 14 if totals else below, paint)


def _bars(pen: Pen, rows: list[dict[str, Any]], top: float) -> None:
    across = Scale(0, max((bar(row["count"]) for row in rows), default=0) or 1, _LEFT, WIDTH - _RIGHT)
    pen.line((_LEFT, top), (_LEFT, top + _ROW * len(rows)), "chart-axis")
    for at, row in enumerate(rows):
        middle = top + (at + 0.5) * _ROW
        pen.write(row["words"], (0, middle), size=7.25, role="ink")
        sign(pen, row["shape"], (_LEFT - 11, middle), 36)
        if row["count"]:
            size = (across(bar(row["count"])) - _LEFT, _BAR)
            pen.box((_LEFT, middle - _BAR / 2), size, fill=SHAPES[row["shape"]][1])
        pen.write(f"{row['count']:,}", (across(bar(row["count"])) + 5, middle), size=7.25, role="ink", bold=True)


def _total(pen: Pen, row: dict[str, Any], y: float, across: Scale) -> None:
    before, after = across(row["before"]), across(row["after"])
    pen.write(row["name"], (0, y), size=7.25, role="ink")
    pen.line((before, y), (after, y), "chart-1", 1.75)
    pen.mark("ring", (before, y), 36, "chart-1", width=1.25)
    pen.mark("disc", (after, y), 44, "chart-1")
    for at, words in enumerate(row["words"]):
        pen.write(words, (WIDTH - _SAID + 12, y + (-5 if at == 0 else 5)), role="ink")
