"""Every figure in the order of a paper: a vector drawing with title and legend, its table where it is small, its notes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from reportlab.platypus import CondPageBreak, Flowable, KeepTogether, Spacer

from clinic.outcomes.charts.sizes import FEWEST_FOR_DECILES
from clinic.outcomes.dashboard import Dashboard
from clinic.outcomes.drawings.completeness import HeatPanel
from clinic.outcomes.drawings.panel import Entry, Panel, Table
from clinic.outcomes.report_pdf import adverse_events, bars, study
from clinic.outcomes.report_pdf.care_flow import care_flow
from clinic.outcomes.report_pdf.completeness import completeness
from clinic.outcomes.report_pdf.doses import doses
from clinic.outcomes.report_pdf.legends import legend
from clinic.outcomes.report_pdf.reliable_change import reliable_change
from clinic.outcomes.report_pdf.setting import setting
from clinic.outcomes.report_pdf.subgroups import subgroups
from clinic.outcomes.report_pdf.survival import survival
from clinic.outcomes.report_pdf.symptoms import symptoms
from clinic.outcomes.report_pdf.trajectories import trajectories
from clinic.outcomes.report_pdf.waterfall import waterfall
from clinic.outcomes.small_numbers import limits
from clinic.pdf.document import WIDTH, Heading
from clinic.pdf.pen import Drawing
from clinic.pdf.tables import plain_table
from clinic.pdf.words import note, strong_then, words

#: A longer table is not printed: it is on the dashboard and in its CSV.
MOST_ROWS = 25
_KEPT_TOGETHER = 12
#: Where nothing is drawn, this much of the page must be left, so that a title does not part from its table.
_ROOM_FOR_WORDS = 170
#: Panel of the details -> how its `data` is drawn.
DRAWN: dict[str, Callable[[dict[str, Any]], Drawing]] = {
    "care_flow": care_flow,
    "reliable_change": reliable_change,
    "symptoms": symptoms,
    "time_to_first": survival,
    "time_to_loss": survival,
    "subgroups": subgroups,
    "doses": doses,
    "setting": setting,
    "adverse_events": adverse_events.adverse_events,
    "retreatment": bars.retreatment,
}
#: Sections with what stands in them: charts of the dashboard and panels of the details.
SECTIONS = {
    "Who was counted": ("care_flow", "completeness"),
    "What changed": ("waterfall", "trajectories", "reliable_change", "symptoms", "status"),
    "When, and how long": ("time_to_first", "time_to_loss"),
    "For whom": ("subgroups",),
    "What was done": ("doses", "setting", "adverse_events", "retreatment"),
    "Beside the published study": ("study",),
}


@dataclass(frozen=True)
class Figure:
    """A figure. `drawing` is None where rule 31 allows none."""

    title: str
    subtitle: str
    table: Table
    drawing: Drawing | None = None
    legend: list[Entry] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def figures(board: Dashboard) -> Iterator[Flowable]:
    """Every section with its figures, numbered; what no section names comes first."""
    found = _found(board)
    named = {name for names in SECTIONS.values() for name in names}
    more = {"More": tuple(name for name in found if name not in named)}
    sections = more | SECTIONS if more["More"] else SECTIONS
    number = 0
    for title, names in sections.items():
        here = [found[name] for name in names if name in found]
        for at, figure in enumerate(here):
            number += 1
            yield from _parts(number, figure, "" if at else title)


def _found(board: Dashboard) -> dict[str, Figure]:
    """Every figure that the dashboard has, by its name."""
    found = {name: _of_panel(name, panel) for name, panel in board.panels.items()}
    return _of_dashboard(board) | found if board.charts else found


def _of_panel(name: str, panel: Panel) -> Figure:
    drawing = DRAWN[name](panel.data) if panel.data is not None and name in DRAWN else None
    if isinstance(panel, HeatPanel):
        drawing = completeness(panel)
    entries = adverse_events.LEGEND if name == "adverse_events" and drawing else panel.legend
    return Figure(panel.title, panel.subtitle, panel.table, drawing, list(entries), panel.notes)


def _of_dashboard(board: Dashboard) -> dict[str, Figure]:
    """The four charts of the dashboard's first page."""
    charts, tables = board.charts or {}, board.tables
    return {
        "waterfall": _waterfall(charts["waterfall"], *tables["waterfall"]),
        "trajectories": _trajectories(charts["trajectories"], *tables["trajectories"]),
        "status": _status(charts["status"], *tables["status-mix"]),
        "study": _study(charts["study"], *tables["study"]),
    }


def _waterfall(chart: dict[str, Any], title: str, table: Table) -> Figure:
    drawn = "bars" in chart["data"] or bool(chart["curve"])
    return Figure(
        title,
        "Change in PCL-5 points, each patient’s first course. Those without a follow-up in the window are not drawn. "
        f"n = {chart['n']}.",
        table,
        waterfall(chart["data"]) if drawn else None,
        [Entry(entry["shape"], f"{entry['words']}: {entry['count']}") for entry in chart["legend"]],
        _of_the_waterfall(chart),
    )


def _trajectories(chart: dict[str, Any], title: str, table: Table) -> Figure:
    return Figure(
        title,
        "Days after the last infusion, on a square-root scale. Bold: mean of those seen, 95 % CI; later means rest on "
        f"fewer patients. n = {chart['n']}.",
        table,
        trajectories(chart) if chart["visits"] else None,
        notes=[_of_the_trajectories(chart)],
    )


def _status(chart: dict[str, Any], title: str, table: Table) -> Figure:
    return Figure(
        title,
        f"Status of each patient’s first course, whatever the window. Provisional, not a diagnosis. n = {chart['n']}.",
        table,
        bars.status_mix(chart["data"]) if chart["data"]["rows"] else None,
    )


def _study(chart: dict[str, Any], title: str, table: Table) -> Figure:
    return Figure(
        title,
        "Study-like: VA-10/33 on the latest PCL-5 at least 1 day after the last infusion. Definitions inferred.",
        table,
        study.study(chart),
        study.study_legend(chart),
        study.study_notes(chart),
    )


def _of_the_waterfall(chart: dict[str, Any]) -> list[str]:
    if chart["curve"] and not limits().single:
        return [
            f"Each point is the mean of {limits().fewest} patients or more of neighbouring ranks: single patients are not shown."
        ]
    if chart["curve"]:
        return [
            f"{chart['n']} patients are too many for bars: the curve shows their changes by rank, at {len(chart['curve'])} "
            "evenly spaced ranks."
        ]
    return [] if chart["rows"] else [f"n = {chart['n']}: nothing is drawn from fewer than {limits().fewest} patients."]


def _of_the_trajectories(chart: dict[str, Any]) -> str:
    n = chart["n"]
    if chart["visits"] and not limits().single:
        return (
            f"Single patients are not shown. Bands, where there are {FEWEST_FOR_DECILES} totals or more, hold 20, 40, 60 and "
            f"80 % of them, the thin line is the median. Windows with fewer than {limits().fewest} totals are left out."
        )
    if chart["deciles"]:
        return (
            f"{n} patients are too many for lines: the bands hold 20, 40, 60 and 80 % of the totals (deciles), the thin line is "
            "the median."
        )
    if not chart["visits"]:
        return f"n = {n}: nothing is drawn from fewer than {limits().fewest} patients."
    return (
        f"One thin line per patient ({n}). Windows with fewer than {limits().fewest} totals are left out. "
        "Means at the target day of each window."
    )


def _parts(number: int, figure: Figure, section: str) -> Iterator[Flowable]:
    """Heading, drawing and legend on one page; the table after it may go on to the next."""
    top: list[Flowable] = [Heading(section), words(section, "h2")] if section else [Spacer(0, 16)]
    top += [
        Heading(f"Figure {number}. {figure.title}", 1),
        strong_then(f"Figure {number}.", figure.title, "h3"),
        words(figure.subtitle, "caption"),
    ]
    if figure.drawing:
        top += [Spacer(0, 4), figure.drawing]
        top += [Spacer(0, 3), legend(figure.legend)] if figure.legend else []
        top.append(Spacer(0, 4))
    if figure.drawing is None:
        yield CondPageBreak(_ROOM_FOR_WORDS)
    yield KeepTogether(top)
    yield from _table(figure)
    yield from map(note, figure.notes)


def _table(figure: Figure) -> Iterator[Flowable]:
    table = figure.table
    if not table.rows:
        yield words(f"Nothing is shown of fewer than {limits().fewest} patients.", "caption")
    elif len(table.rows) <= MOST_ROWS or figure.drawing is None:
        made = plain_table(table.head, [[one.text for one in row] for row in table.rows], WIDTH)
        together = len(table.rows) <= _KEPT_TOGETHER
        parts = [words(table.caption, "caption"), made, Spacer(0, 5)]
        yield from [KeepTogether(parts)] if together else [CondPageBreak(80), *parts]
    else:
        said = f"{table.caption}: {len(table.rows):,} rows, on the dashboard and in its CSV."
        yield words(said.replace(".:", ":"), "caption")
