"""Legends: each entry a shape and its words, in rows that fit."""

from collections.abc import Sequence

from clinic.outcomes.drawings.panel import Entry
from clinic.pdf.document import WIDTH
from clinic.pdf.pen import Drawing, Pen, Point
from clinic.pdf.type import width_of

#: Shape of templates/outcomes/shape.html -> shape and colour on paper.
SHAPES = {
    "remission": ("diamond", "remission"),
    "response": ("disc", "response"),
    "none": ("bar", "none"),
    "relapsed": ("square", "relapsed"),
    "worsened": ("triangle", "worsened"),
    "pending": ("ring", "pending"),
    "before": ("ring", "chart-1"),
    "after": ("disc", "chart-1"),
    "given": ("disc", "chart-1"),
    "infusions": ("disc", "chart-1"),
}
#: Shapes that stand for an outline: drawn hollow.
_HOLLOW = {"top-up": "chart-3", "patients": "chart-1", "study": "ink-2"}
_FILLS = {"said-yes": "yes", "said-no": "no", "not-said": "not_recorded"}
_SIZE, _LINE, _GAP, _INDENT = 7.0, 12.5, 16.0, 13.0


def legend(entries: Sequence[Entry]) -> Drawing:
    """The entries in as many rows as they need."""
    places, x, y = [], 0.0, _LINE / 2
    for entry in entries:
        wide = _INDENT + width_of(entry.words, _SIZE)
        if x and x + wide > WIDTH:
            x, y = 0.0, y + _LINE
        places.append((entry, (x, y)))
        x += wide + _GAP

    def paint(pen: Pen) -> None:
        for entry, (left, middle) in places:
            sign(pen, entry.shape, (left + 5, middle))
            pen.write(entry.words, (left + _INDENT, middle), size=_SIZE, role="ink-2")

    return Drawing(WIDTH, y + _LINE / 2, paint)


def sign(pen: Pen, shape: str, at: Point, area: float = 40) -> None:
    """One shape of a legend or of a status."""
    if shape in _FILLS:
        answer_box(pen, _FILLS[shape], (at[0] - 4, at[1] - 4), (8, 8))
    elif shape in _HOLLOW:
        hollow(pen, at, area, _HOLLOW[shape])
    elif shape == "clinic":
        pen.line((at[0] - 6, at[1]), (at[0] + 6, at[1]), "chart-1", 1.75)
        pen.mark("disc", at, area * 0.8, "chart-1")
    else:
        kind, role = SHAPES[shape]
        pen.mark(kind, at, area, role, width=1.25)


def hollow(pen: Pen, at: Point, area: float, role: str) -> None:
    """A diamond as an outline."""
    half = (area / 2) ** 0.5
    x, y = at
    pen.path([(x, y - half), (x + half, y), (x, y + half), (x - half, y)], fill="surface", stroke=role, width=1.25)


def answer_box(pen: Pen, answer: str, corner: Point, size: Point) -> None:
    """A recorded yes is solid, a recorded no hatched, what is not recorded an empty dashed frame."""
    if answer == "yes":
        pen.box(corner, size, fill="chart-1")
        return
    if answer == "not_recorded":
        pen.box(corner, size, fill="surface", stroke="line-strong", dash=(2, 2))
        return
    (x, y), (wide, high) = corner, size
    pen.box(corner, size, fill="surface", stroke="chart-1")
    step, at = 4.0, -high
    while at < wide:
        start, end = max(at, 0.0), min(at + high, wide)
        pen.line((x + start, y + high - (start - at)), (x + end, y + high - (end - at)), "chart-1", 0.6)
        at += step
