"""Drawings: lines, areas, marks and words on the page itself, as vectors. The origin is the upper left corner, y points down."""

from collections.abc import Callable, Sequence
from math import pi, sqrt
from typing import Any

from reportlab.platypus import Flowable

from clinic.pdf.colours import colour
from clinic.pdf.type import BOLD, PLAIN, use_typeface, width_of, writable

Point = tuple[float, float]
#: No drawing is higher, so that it fits on a page with its title.
TALLEST = 600.0
#: The width of a mark of an area of 1, so that marks of one size look alike.
_SIDES = {
    "diamond": sqrt(2),
    "disc": 2 / sqrt(pi),
    "ring": 2 / sqrt(pi),
    "bar": sqrt(3),
    "triangle": sqrt(2),
    "square": 1,
}


class Pen:
    """Draws on a canvas whose origin the caller moved to the lower left corner of the drawing."""

    def __init__(self, canvas: Any, width: float, height: float) -> None:
        self.canvas, self.width, self.height = canvas, width, height

    def line(
        self, start: Point, end: Point, role: str, width: float = 0.75, *, dash: Sequence[float] = (), alpha: float = 1
    ) -> None:
        """A straight line."""
        self.path([start, end], stroke=role, width=width, dash=dash, alpha=alpha)

    def path(
        self,
        points: Sequence[Point],
        *,
        stroke: str = "",
        fill: str = "",
        width: float = 0.75,
        dash: Sequence[float] = (),
        alpha: float = 1,
    ) -> None:
        """A line through these points; an area where it is filled."""
        path = self.canvas.beginPath()
        for at, (x, y) in enumerate(points):
            (path.lineTo if at else path.moveTo)(x, self.height - y)
        if fill:
            path.close()
        self._look(stroke, fill, width, dash, alpha)
        self.canvas.drawPath(path, stroke=int(bool(stroke)), fill=int(bool(fill)))
        self.canvas.restoreState()

    def box(
        self,
        corner: Point,
        size: Point,
        *,
        fill: str = "",
        stroke: str = "",
        width: float = 0.75,
        radius: float = 0,
        dash: Sequence[float] = (),
        alpha: float = 1,
    ) -> None:
        """A rectangle from its upper left corner."""
        self._look(stroke, fill, width, dash, alpha)
        x, y = corner[0], self.height - corner[1] - size[1]
        round_to = min(radius, abs(size[0]) / 2, abs(size[1]) / 2)
        self.canvas.roundRect(x, y, *size, round_to, stroke=int(bool(stroke)), fill=int(bool(fill)))
        self.canvas.restoreState()

    def circle(self, at: Point, radius: float, *, fill: str = "", stroke: str = "", width: float = 0.75) -> None:
        """A disc, a ring, or both."""
        self._look(stroke, fill, width, (), 1)
        self.canvas.circle(at[0], self.height - at[1], radius, stroke=int(bool(stroke)), fill=int(bool(fill)))
        self.canvas.restoreState()

    def mark(self, shape: str, at: Point, area: float, role: str, *, width: float = 1, edge: str = "") -> None:
        """A shape of this area in square points around a place: diamond, disc, ring, bar, triangle or square."""
        side = _SIDES[shape] * sqrt(area)
        x, y = at
        half = side / 2
        if shape in {"disc", "ring"}:
            ring = shape == "ring"
            self.circle(at, half, fill="surface" if ring else role, stroke=role if ring else edge, width=width)
        elif shape == "bar":
            self.box((x - half, y - side / 6), (side, side / 3), fill=role, stroke=edge, width=width, radius=0.6)
        elif shape == "square":
            self.box((x - half, y - half), (side, side), fill=role, stroke=edge, width=width)
        else:
            corners = {
                "diamond": [(x, y - half), (x + half, y), (x, y + half), (x - half, y)],
                "triangle": [(x, y - half), (x + half, y + half), (x - half, y + half)],
            }[shape]
            self.path([*corners, corners[0]], fill=role, stroke=edge, width=width)

    def write(
        self,
        text: str,
        at: Point,
        *,
        size: float = 6.75,
        role: str = "chart-text",
        bold: bool = False,
        align: str = "left",
        clear: bool = False,
        angle: float = 0,
    ) -> None:
        """One line, its middle at the height of the place; `clear` wipes what is below it."""
        use_typeface()
        text = writable(text)
        wide = width_of(text, size, bold=bold)
        x = {"left": 0.0, "center": -wide / 2, "right": -wide}[align]
        canvas = self.canvas
        canvas.saveState()
        canvas.translate(at[0], self.height - at[1])
        canvas.rotate(angle)
        if clear:
            canvas.setFillColor(colour("surface"))
            canvas.setFillAlpha(0.82)
            canvas.rect(x - 1, -size * 0.55, wide + 2, size * 1.1, stroke=0, fill=1)
            canvas.setFillAlpha(1)
        canvas.setFillColor(colour(role))
        canvas.setFont(BOLD if bold else PLAIN, size)
        canvas.drawString(x, -size * 0.36, text)
        canvas.restoreState()

    def _look(self, stroke: str, fill: str, width: float, dash: Sequence[float], alpha: float) -> None:
        canvas = self.canvas
        canvas.saveState()
        canvas.setLineJoin(1)
        canvas.setLineWidth(width)
        if dash:
            canvas.setDash(list(dash))
        if stroke:
            canvas.setStrokeColor(colour(stroke))
            canvas.setStrokeAlpha(alpha)
        if fill:
            canvas.setFillColor(colour(fill))
            canvas.setFillAlpha(alpha)


class Drawing(Flowable):
    """A drawing of this size among the paragraphs, smaller where no page could hold it; `paint` is given the pen in its turn."""

    def __init__(self, width: float, height: float, paint: Callable[[Pen], None]) -> None:
        super().__init__()
        self.scale = min(1.0, TALLEST / height)
        self.width, self.height = width * self.scale, height * self.scale
        self.inside, self.paint = (width, height), paint

    def wrap(self, *_room: float) -> tuple[float, float]:
        """What it needs, whatever room there is."""
        return self.width, self.height

    def draw(self) -> None:
        """Called by reportlab with its canvas at the lower left corner."""
        self.canv.saveState()
        self.canv.scale(self.scale, self.scale)
        self.paint(Pen(self.canv, *self.inside))
        self.canv.restoreState()
