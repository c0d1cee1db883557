"""How complete the follow-up is: a cell for each quarter and window, darker the more complete, its share written in it."""

from clinic.outcomes.drawings.completeness import HeatCell, HeatPanel
from clinic.pdf.document import WIDTH
from clinic.pdf.pen import Drawing, Pen, Point
from clinic.pdf.type import width_of

_ROW, _HEAD, _KEY, _NAMES, _GAP = 22.0, 24.0, 20.0, 92.0, 1.5
#: The shade from which on words are white.
_DARK = 4


def completeness(panel: HeatPanel) -> Drawing:
    """The heat map with its key."""
    wide = (WIDTH - _NAMES) / len(panel.columns)
    height = _HEAD + _ROW * len(panel.heat) + _KEY

    def paint(pen: Pen) -> None:
        for at, column in enumerate(panel.columns):
            middle = _NAMES + (at + 0.5) * wide
            pen.write(column.words, (middle, 7), align="center", role="ink", bold=True)
            pen.write(column.days, (middle, 16), size=6, align="center")
        for down, row in enumerate(panel.heat):
            top = _HEAD + down * _ROW
            pen.write(row.words, (0, top + _ROW / 2), role="ink", bold=row.everybody)
            for at, cell in enumerate(row.cells):
                _cell(pen, cell, (_NAMES + at * wide, top), wide)
        _key(pen, panel.shades, height - _KEY / 2 + 3)

    return Drawing(WIDTH, height, paint)


def _cell(pen: Pen, cell: HeatCell, corner: Point, wide: float) -> None:
    size = (wide - _GAP, _ROW - _GAP)
    fill = "surface" if cell.shade is None else f"heat-{cell.shade}"
    pen.box(corner, size, fill=fill, stroke="line", width=0.5)
    role = "surface" if cell.shade is not None and cell.shade >= _DARK else "ink"
    middle, x = corner[1] + _ROW / 2 - 1, corner[0] + size[0] / 2
    words = f"{cell.text} ▾" if cell.low else cell.text
    pen.write(words, (x, middle - (4 if cell.small else 0)), role=role, bold=cell.shade is not None, align="center")
    if cell.small:
        pen.write(cell.small, (x, middle + 4.5), size=5.75, role=role, align="center")


def _key(pen: Pen, shades: list[str], y: float) -> None:
    x = 0.0
    for shade, words in enumerate(shades):
        pen.box((x, y - 4), (8, 8), fill=f"heat-{shade}", stroke="line-strong", width=0.4)
        pen.write(words, (x + 11, y), size=6)
        x += 11 + width_of(words, 6) + 12
