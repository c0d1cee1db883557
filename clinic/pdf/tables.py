"""Tables: a rule above, one below the head and one at the end; numbers to the right, their digits under each other."""

from collections.abc import Sequence

from reportlab.platypus import Flowable, Table, TableStyle

from clinic.pdf.colours import colour
from clinic.pdf.type import PLAIN, width_of, writable
from clinic.pdf.words import words

_SIZES = (7.25, 6.75, 6.25, 5.75, 5.25)
_PAD = 3.5
#: reportlab sets a font for each cell, also where a paragraph brings its own: it must be an embedded one.
_BASE = (("VALIGN", (0, 0), (-1, -1), "TOP"), ("FONTNAME", (0, 0), (-1, -1), PLAIN))
_HEAD = 6.0
#: The narrowest first column, as a share of the table.
_NAMES = 0.19
#: From how many columns on they stand closer.
_MANY = 10
#: Room that a column of numbers has more than it needs; a small table is narrower than the page.
_SPARE = 22.0


def plain_table(head: Sequence[str], rows: Sequence[Sequence[str]], width: float) -> Table:
    """The first column names the rows, the others are numbers; as large as fits the width."""
    equal = [width * _NAMES, *[width * (1 - _NAMES) / (len(head) - 1)] * (len(head) - 1)]
    found = (_fitting(head, rows, width, size) for size in _SIZES)
    size, columns = next(filter(None, found), (_SIZES[-1], equal))
    top = [words(name, "cell-small" if at == 0 else "head", min(size, _HEAD)) for at, name in enumerate(head)]
    body = [[words(row[0], "cell", size), *(words(text, "number", size) for text in row[1:])] for row in rows]
    return ruled([top, *body], columns)


def ruled(
    rows: Sequence[Sequence[Flowable | str]], columns: Sequence[float], *, head: bool = True, split_rows: bool = False
) -> Table:
    """A table of flowables between rules; the head is repeated on every page.

    `split_rows` lets a row go on on the next page; without it one that is higher than a page cannot be made.
    """
    look = [
        *_BASE,
        ("LEFTPADDING", (0, 0), (0, -1), 0),
        ("RIGHTPADDING", (-1, 0), (-1, -1), 1),
        ("TOPPADDING", (0, 0), (-1, -1), 1.5),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 2.25),
        ("LINEBELOW", (0, 0), (-1, -1), 0.35, colour("line")),
        ("LINEBELOW", (0, -1), (-1, -1), 0.75, colour("ink-2")),
        ("LINEABOVE", (0, 0), (-1, 0), 0.75, colour("ink-2")),
    ]
    if head:
        look += [("LINEBELOW", (0, 0), (-1, 0), 0.75, colour("ink-2")), ("VALIGN", (0, 0), (-1, 0), "BOTTOM")]
    pad = _PAD if len(columns) <= _MANY else _PAD / 2
    look += [("LEFTPADDING", (1, 0), (-1, -1), pad), ("RIGHTPADDING", (0, 0), (-2, -1), pad)]
    made = Table(
        list(map(list, rows)), colWidths=list(columns), repeatRows=int(head), splitInRow=int(split_rows), hAlign="LEFT"
    )
    made.setStyle(TableStyle(look))
    return made


def pairs(rows: Sequence[tuple[str, str]], width: float, first: float = 0.2, size: float = 0) -> Table:
    """Terms with their meaning, without rules; `size` other than the usual one."""
    cells = [[words(term, "term", size), words(meaning, "meaning", size)] for term, meaning in rows]
    made = Table(cells, colWidths=[width * first, width * (1 - first)], hAlign="LEFT")
    look = [*_BASE, ("LEFTPADDING", (0, 0), (-1, -1), 0)]
    look += [("TOPPADDING", (0, 0), (-1, -1), 1), ("BOTTOMPADDING", (0, 0), (-1, -1), 1.5)]
    made.setStyle(TableStyle(look))
    return made


def boxed(inside: Flowable, width: float, fill: str, edge: str) -> Table:
    """A flowable on a coloured ground with a bar at its left."""
    look = [*_BASE, ("BACKGROUND", (0, 0), (-1, -1), colour(fill)), ("LINEBEFORE", (0, 0), (0, -1), 2.5, colour(edge))]
    look += [("LEFTPADDING", (0, 0), (-1, -1), 9), ("TOPPADDING", (0, 0), (-1, -1), 4)]
    made = Table([[inside]], colWidths=[width])
    made.setStyle(TableStyle([*look, ("BOTTOMPADDING", (0, 0), (-1, -1), 6)]))
    return made


def _fitting(
    head: Sequence[str], rows: Sequence[Sequence[str]], width: float, size: float
) -> tuple[float, list[float]] | None:
    """The size and the columns where every number fits its column and the names have room; else None."""
    numbers = []
    pad = _PAD if len(head) <= _MANY else _PAD / 2
    for at, name in enumerate(head[1:], start=1):
        longest = [width_of(writable(row[at]), size) for row in rows]
        longest += [width_of(part, min(size, _HEAD)) for part in writable(name).split()]
        numbers.append(max(longest, default=0) + 2 * pad + 0.5)
    names = width - sum(numbers)
    if names < width * _NAMES:
        return None
    wished = max((width_of(writable(row[0]), size) for row in rows), default=0) + _PAD + 2
    first = min(names, max(wished, width * 0.22))
    spare = min((names - first) / max(len(numbers), 1), _SPARE)
    return size, [first, *(each + spare for each in numbers)]
