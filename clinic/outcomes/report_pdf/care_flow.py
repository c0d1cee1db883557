"""Where patients leave: a bar for each step, under it who is not in the next and why; below, what stands beside the way."""

from typing import Any

from clinic.outcomes.small_numbers import bar
from clinic.pdf.document import WIDTH
from clinic.pdf.pen import Drawing, Pen
from clinic.pdf.type import width_of

_LEFT, _RIGHT = 112.0, 104.0
_BAR, _LINE, _GAP, _HEADING, _SIZE = 11.0, 9.5, 7.0, 20.0, 6.75


def care_flow(data: dict[str, Any]) -> Drawing:
    """The flow of the STROBE statement, with the number of each step and the reasons of each loss."""
    places, y = [], 2.0
    for at, row in enumerate(data["rows"]):
        heading = row["beside"] and not data["rows"][at - 1]["beside"]
        y += _HEADING if heading else 0
        why = _joined(row["why"])
        places.append((row, y, heading, why))
        y += _BAR + _LINE * len(why) + _GAP

    def paint(pen: Pen) -> None:
        for row, top, heading, why in places:
            if heading:
                pen.write("Of those eligible", (0, top - _HEADING / 2), role="ink-3", bold=True)
            _row(pen, row, top, data["most"])
            for at, line in enumerate(why):
                pen.write(line, (_LEFT, top + _BAR + (at + 0.65) * _LINE), size=_SIZE)

    return Drawing(WIDTH, y, paint)


def _joined(parts: list[str]) -> list[str]:
    """Parts joined by commas, in lines that fit."""
    lines: list[str] = []
    for at, part in enumerate(parts):
        text = f"{part}," if at < len(parts) - 1 else part
        if lines and width_of(f"{lines[-1]} {text}", _SIZE) <= WIDTH - _LEFT:
            lines[-1] += f" {text}"
        else:
            lines.append(text)
    return lines


def _row(pen: Pen, row: dict[str, Any], top: float, most: int) -> None:
    """On the way a bar on a rail; beside it an outline for all who are asked, and in it those who have it."""
    room = WIDTH - _LEFT - _RIGHT
    middle, wide = top + _BAR / 2, room * bar(row["n"]) / most
    pen.write(row["words"], (0, middle), size=7.25, role="ink")
    pen.write(row.get("of_words", f"{row['n']:,}"), (WIDTH - _RIGHT + 8, middle), size=7.25, role="ink", bold=True)
    if row["beside"]:
        of = max(room * bar(row["of"]) / most, 1)
        pen.box((_LEFT, top), (of, _BAR), stroke="chart-6", dash=(2.5, 1.5), radius=1.5)
        pen.box((_LEFT, top + _BAR / 4), (wide, _BAR / 2), fill="chart-6")
    else:
        pen.box((_LEFT, top), (room, _BAR), fill="sunken", radius=1.5)
        pen.box((_LEFT, top), (wide, _BAR), fill="chart-1", radius=1.5)
