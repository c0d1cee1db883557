"""Adverse events by grade and by term: of infusions a disc, of patients an open diamond, each with its interval."""

from typing import Any

from clinic.outcomes.drawings.panel import Entry
from clinic.outcomes.report_pdf.legends import hollow
from clinic.pdf.axes import Frame, Scale, columns_axis, number
from clinic.pdf.document import WIDTH, fitting
from clinic.pdf.pen import Drawing, Pen

_ROW, _LEFT, _RIGHT = 23.0, 124.0, 118.0
#: The axis ends at one of these shares, so that rare events can be told apart.
_ENDS = (0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0)
LEGEND = [Entry("infusions", "Of infusions, 95 % CI"), Entry("patients", "Of patients, 95 % CI")]


def adverse_events(data: dict[str, Any]) -> Drawing:
    """Two marks a row, a line between the grades and the terms."""
    rows = data["rows"]
    ends = [row[of]["ci95"][1] for row in rows for of in ("infusions", "patients") if row[of]["ci95"]]
    highest = next(end for end in _ENDS if end >= max(ends, default=0) or end == 1)
    frame = Frame(_LEFT, 4, WIDTH - _RIGHT, 4 + _ROW * len(rows))
    across = Scale(0, highest, frame.left, frame.right)

    def paint(pen: Pen) -> None:
        columns_axis(pen, frame, across, [(highest * at / 4, f"{number(25 * highest * at)} %") for at in range(5)])
        for at, row in enumerate(rows):
            middle = frame.top + (at + 0.5) * _ROW
            if at == data["grades"]:
                pen.line((0, middle - _ROW / 2), (WIDTH, middle - _ROW / 2), "line")
            pen.write(fitting(row["words"], _LEFT - 8, 7.25), (0, middle), size=7.25, role="ink")
            for of, shift in (("infusions", -5.5), ("patients", 5.5)):
                _mark(pen, row, of, middle + shift, across)

    return Drawing(WIDTH, frame.bottom + 14, paint)


def _mark(pen: Pen, row: dict[str, Any], of: str, y: float, across: Scale) -> None:
    first, rate = of == "infusions", row[of]
    pen.write(row["said"][of], (WIDTH - _RIGHT + 10, y), size=6.5, role="ink" if first else "chart-text")
    if rate["rate"] is None:
        return
    if rate["ci95"]:
        low, high = (across(end) for end in rate["ci95"])
        pen.line((low, y), (high, y), "chart-1", 1.75 if first else 1.1)
    if first:
        pen.mark("disc", (across(rate["rate"]), y), 26, "chart-1")
    else:
        hollow(pen, (across(rate["rate"]), y), 30, "chart-1")
