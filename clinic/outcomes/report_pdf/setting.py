"""Parts of the setting: shares of infusions with a recorded yes (solid), a recorded no (hatched) and nothing recorded (empty)."""

from typing import Any

from clinic.outcomes.charts.sizes import ANSWERS
from clinic.outcomes.report_pdf.legends import answer_box
from clinic.pdf.axes import Frame, Scale, columns_axis
from clinic.pdf.document import WIDTH
from clinic.pdf.pen import Drawing, Pen

_ROW, _BAR, _LEFT = 22.0, 15.0, 66.0
#: A narrower bar has no room for its number.
_ROOM = 26.0


def setting(data: dict[str, Any]) -> Drawing:
    """One bar of three parts for each."""
    parts = data["parts"]
    frame = Frame(_LEFT, 2, WIDTH - 14, 2 + _ROW * len(parts))
    across = Scale(0, 100, frame.left, frame.right)

    def paint(pen: Pen) -> None:
        columns_axis(pen, frame, across, [(float(share), f"{share} %") for share in range(0, 101, 25)])
        for at, part in enumerate(parts):
            middle, share = frame.top + (at + 0.5) * _ROW, 0.0
            pen.write(part["name"], (0, middle), size=7.25, role="ink")
            for answer in ANSWERS:
                start = across(share)
                share += part["shares"][answer]
                _bar(pen, answer, start, across(share), middle, part["words"][answer])

    return Drawing(WIDTH, frame.bottom + 14, paint)


def _bar(pen: Pen, answer: str, start: float, end: float, middle: float, words: str) -> None:
    if end - start < 0.01:
        return
    answer_box(pen, answer, (start, middle - _BAR / 2), (end - start, _BAR))
    if end - start > _ROOM:
        solid = answer == "yes"
        at = ((start + end) / 2, middle)
        role = "surface" if solid else "ink"
        pen.write(words, at, role=role, bold=True, align="center", clear=answer == "no")
