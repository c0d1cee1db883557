"""This clinic beside the published study: rates with intervals, totals before and after."""

from typing import Any

from clinic.outcomes.drawings.panel import Entry
from clinic.outcomes.report_pdf.legends import hollow
from clinic.outcomes.small_numbers import limits
from clinic.pdf.axes import Frame, Scale, columns_axis, number
from clinic.pdf.document import WIDTH
from clinic.pdf.pen import Drawing, Pen

_ROW, _LEFT, _RIGHT = 32.0, 66.0, 178.0
_RATES = Frame(_LEFT, 4, WIDTH - _RIGHT, 4 + 2 * _ROW)
_TOTALS = Frame(_LEFT, _RATES.bottom + 26, WIDTH - _RIGHT, _RATES.bottom + 26 + _ROW)
_SHARES = Scale(0, 1, _RATES.left, _RATES.right)
_POINTS = Scale(0, 80, _TOTALS.left, _TOTALS.right)


def study(chart: dict[str, Any]) -> Drawing:
    """Above each line this clinic as a disc, below it the study as an open diamond."""
    data = chart["data"]

    def paint(pen: Pen) -> None:
        columns_axis(pen, _RATES, _SHARES, [(share / 100, f"{share} %") for share in range(0, 101, 25)])
        columns_axis(pen, _TOTALS, _POINTS, [(total, number(total)) for total in range(0, 81, 20)])
        cut = _POINTS(data["cut"])
        pen.line((cut, _TOTALS.top), (cut, _TOTALS.bottom), "cut", 1, dash=(4, 3))
        pen.write(f"Cut {data['cut']}", (cut, _TOTALS.top - 6), role="ink", bold=True, align="center")
        for at, (name, words) in enumerate({"response": "Response", "remission": "Remission"}.items()):
            middle = _RATES.top + (at + 0.5) * _ROW
            pen.write(words, (0, middle), size=7.25, role="ink", bold=True)
            for clinic in (True, False):
                _rate(pen, data["clinic" if clinic else "study"], name, middle, clinic=clinic)
        middle = (_TOTALS.top + _TOTALS.bottom) / 2
        pen.write("PCL-5 total", (0, middle), size=7.25, role="ink", bold=True)
        for clinic in (True, False):
            _total(pen, data["clinic" if clinic else "study"], middle, clinic=clinic)

    return Drawing(WIDTH, _TOTALS.bottom + 14, paint)


def study_legend(chart: dict[str, Any]) -> list[Entry]:
    """Both sides with their n."""
    ours, theirs = chart["clinic"]["evaluated"], chart["published"].N
    return [Entry("clinic", f"This clinic, n = {ours}"), Entry("study", f"Published study, 2024, n = {theirs}")]


def _mark(pen: Pen, x: float, y: float, *, clinic: bool) -> None:
    if clinic:
        pen.mark("disc", (x, y), 44, "chart-1")
    else:
        hollow(pen, (x, y), 44, "ink-2")


def _said(pen: Pen, words: str, y: float, *, clinic: bool) -> None:
    pen.write(words, (WIDTH - _RIGHT + 12, y), role="ink" if clinic else "chart-text", bold=clinic)


def _rate(pen: Pen, side: dict[str, Any], name: str, middle: float, *, clinic: bool) -> None:
    y, role = middle + (-7 if clinic else 7), "chart-1" if clinic else "ink-2"
    _said(pen, side["words"][name], y, clinic=clinic)
    rate = side[name]
    if rate is None or rate["rate"] is None:
        return
    if rate["ci95"]:
        low, high = (_SHARES(end) for end in rate["ci95"])
        pen.line((low, y), (high, y), role, 1.75 if clinic else 1.1)
    _mark(pen, _SHARES(rate["rate"]), y, clinic=clinic)


def _total(pen: Pen, side: dict[str, Any], middle: float, *, clinic: bool) -> None:
    y, role = middle + (-7 if clinic else 7), "chart-1" if clinic else "ink-2"
    _said(pen, side["words"]["total"], y, clinic=clinic)
    if side["before"] is None:
        return
    before, after = _POINTS(side["before"]), _POINTS(side["after"])
    pen.line((before, y), (after, y), role, 1.75 if clinic else 1.1)
    pen.mark("ring", (before, y), 36, role, width=1.25)
    _mark(pen, after, y, clinic=clinic)


def study_notes(chart: dict[str, Any]) -> list[str]:
    """What has to be read beside the comparison; the caveats of any comparison follow it in the report."""
    published = chart["published"]
    notes = [f"The clinic’s last PCL-5 was {chart['median_day']} days after the last infusion (median)."]
    if not chart["enough"]:
        notes = [
            f"The clinic has {chart['data']['n']:,} evaluated: nothing is drawn from fewer than {limits().fewest} patients."
        ]
    if not chart["same_readings"]:
        notes.append("Forms with missing items are used as this clinic’s settings say, not as VA-10/33 does.")
    return [*notes, f"Study: {published.CITATION}."]
