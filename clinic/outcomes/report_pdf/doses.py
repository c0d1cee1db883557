"""Dose in mg/kg by session: median, bar over the middle half, whisker over the middle four fifths where there are enough."""

from math import ceil
from typing import Any

from clinic.outcomes.report_pdf.legends import hollow
from clinic.outcomes.small_numbers import Withheld
from clinic.pdf.axes import Frame, Scale, rows_axis
from clinic.pdf.document import WIDTH
from clinic.pdf.pen import Drawing, Pen

_HEIGHT, _STEP = 200.0, 0.25
_FRAME = Frame(34, 16, WIDTH - 10, _HEIGHT - 42)
_PHASES = {"induction": ("chart-1", "●"), "top_up": ("chart-3", "◇")}


def doses(data: dict[str, Any]) -> Drawing:
    """Sessions from left to right; both phases of one session side by side."""
    sessions = data["sessions"]
    highest = max((one["deciles"] or one["quartiles"])[1] for one in sessions)
    top = ceil((highest + 0.02) / _STEP)
    up = Scale(0, top * _STEP, _FRAME.bottom, _FRAME.top)
    across = Scale(0.4, data["last"] + 0.6, _FRAME.left, _FRAME.right)

    def paint(pen: Pen) -> None:
        rows_axis(pen, _FRAME, up, [(at * _STEP, f"{at * _STEP:.2f}") for at in range(top + 1)])
        pen.write("mg/kg", (_FRAME.left - 4, 6), align="right")
        pen.write("Session", ((_FRAME.left + _FRAME.right) / 2, _HEIGHT - 5), align="center")
        for session in range(1, data["last"] + 1):
            pen.write(str(session), (across(session), _FRAME.bottom + 8), align="center")
        for one in sessions:
            both = sum(other["session"] == one["session"] for other in sessions) > 1
            side = 0 if not both else (-1 if one["phase"] == "induction" else 1)
            _session(pen, one, across(one["session"] + 0.2 * side), up, side)
            role, sign = _PHASES[one["phase"]]
            below = _FRAME.bottom + (17 if one["phase"] == "induction" else 26)
            count = sign if isinstance(one["n"], Withheld) else f"{sign} {one['n']:,}"
            pen.write(count, (across(one["session"]), below), size=6, role=role, align="center")

    return Drawing(WIDTH, _HEIGHT, paint)


def _session(pen: Pen, one: dict[str, Any], x: float, up: Scale, side: int) -> None:
    role = _PHASES[one["phase"]][0]
    low, high = (up(end) for end in one["quartiles"])
    if one["deciles"]:
        bottom, top = (up(end) for end in one["deciles"])
        pen.line((x, bottom), (x, top), role, 1)
    pen.box((x - 4, high), (8, max(low - high, 0.8)), fill="surface")
    pen.box((x - 4, high), (8, max(low - high, 0.8)), fill=role, alpha=0.3)
    y = up(one["median"])
    if one["phase"] == "induction":
        pen.mark("disc", (x, y), 26, role, edge="surface")
    else:
        hollow(pen, (x, y), 34, role)
    place, align = {
        0: ((x + 7, y), "left"),
        -1: ((x, min(high, y) - 9), "center"),
        1: ((x, max(low, y) + 9), "center"),
    }[side]
    pen.write(one["words"], place, size=6, role="ink", bold=True, align=align, clear=True)
