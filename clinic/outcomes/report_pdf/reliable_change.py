"""PCL-5 at follow-up against baseline: four classes by shape and colour, the diagonal, reliable change, the end state."""

from math import sqrt
from typing import Any

from clinic.outcomes.drawings.reliable_change import SHAPES as CLASSES
from clinic.outcomes.report_pdf.legends import SHAPES
from clinic.pdf.axes import Frame, Scale, columns_axis, number, rows_axis
from clinic.pdf.document import WIDTH
from clinic.pdf.pen import Drawing, Pen, Point

_SIDE, _HIGHEST = 262.0, 80
_LEFT = (WIDTH - _SIDE) / 2
_FRAME = Frame(_LEFT, 6, _LEFT + _SIDE, 6 + _SIDE)
_ACROSS = Scale(0, _HIGHEST, _FRAME.left, _FRAME.right)
_UP = Scale(0, _HIGHEST, _FRAME.bottom, _FRAME.top)
#: Areas of a mark: of one patient, of the most, and the least that can be told by its shape.
_ONE, _LARGEST, _SMALLEST = 24.0, 170.0, 7.0


def reliable_change(data: dict[str, Any]) -> Drawing:
    """The Jacobson-Truax plot."""
    most = max((n for marks in data["marks"].values() for *_, n in marks), default=1)
    each = _LARGEST / most if data["cells"] else min(_ONE, _LARGEST / most)

    def paint(pen: Pen) -> None:
        ticks = [(float(at), number(at)) for at in range(0, _HIGHEST + 1, 20)]
        rows_axis(pen, _FRAME, _UP, ticks)
        columns_axis(pen, _FRAME, _ACROSS, ticks)
        _lines(pen, data["points"], data["at_most"])
        for name, shape in CLASSES.items():
            kind, role = SHAPES[shape]
            for before, after, n in data["marks"].get(name, []):
                area = max(_SMALLEST, each * n)
                pen.mark(kind, _at(before, after), area, role, width=0.5, edge="surface")
        pen.write("PCL-5 at baseline", ((_FRAME.left + _FRAME.right) / 2, _FRAME.bottom + 19), align="center")
        pen.write("PCL-5 at follow-up", (_FRAME.left - 24, (_FRAME.top + _FRAME.bottom) / 2), align="center", angle=90)

    return Drawing(WIDTH, _FRAME.bottom + 25, paint)


def _at(before: float, after: float) -> Point:
    return _ACROSS(before), _UP(after)


def _lines(pen: Pen, points: int, low: int) -> None:
    """No change, reliable change on both sides of it, the end state; each named where few patients are."""
    end, dashed, turn = _HIGHEST, (4, 3), 45.0
    pen.line(_at(0, 0), _at(end, end), "ink-2", 0.9)
    pen.line(_at(points, 0), _at(end, end - points), "ink-3", 0.9, dash=dashed)
    pen.line(_at(0, points), _at(end - points, end), "ink-3", 0.9, dash=dashed)
    pen.line(_at(0, low), _at(end, low), "cut", 0.9, dash=(1.5, 2))
    shift = 5 * sqrt(0.5)
    for words, (x, y) in (
        ("No change", _at(10, 10)),
        (f"−{points} points", _at(points + 5, 5)),
        (f"+{points} points", _at(5, points + 5)),
    ):
        pen.write(words, (x - shift, y - shift), angle=turn, clear=True)
    pen.write(f"{low} or less", (_FRAME.left + 3, _UP(low) - 6), clear=True)
