"""How complete the follow-up is, as a heat map that is a table."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from clinic.outcomes.criteria import COMPLETENESS_TARGET, Criteria
from clinic.outcomes.definitions import window_words
from clinic.outcomes.drawings.cells import share
from clinic.outcomes.drawings.panel import Cell, Panel, Table, cell
from clinic.outcomes.printed import percent, points, printed, signed
from clinic.outcomes.small_numbers import NOT_SHOWN, Withheld, limits

TARGET = f"{percent(COMPLETENESS_TARGET)} %"
#: Per cent from which on a cell is one shade darker; the third is the target of rule 30, so that no shade crosses it.
_SHADES = (50, 65, round(100 * COMPLETENESS_TARGET), 90, 95)
#: A standardised difference beyond this is pointed out (5.11).
_UNLIKE = 0.2


@dataclass(frozen=True)
class HeatColumn:
    """A column: its name and when it is."""

    words: str
    days: str


@dataclass(frozen=True)
class HeatCell:
    """One cell: in large and in small; its shade, 0 to 5, or None where there is no share; whether below the target."""

    text: str
    small: str = ""
    shade: int | None = None
    low: bool = False


@dataclass(frozen=True)
class HeatRow:
    """One row: whether it sums up all others; its cells."""

    words: str
    cells: list[HeatCell]
    everybody: bool = False


@dataclass(frozen=True)
class HeatPanel(Panel):
    """A panel shown by templates/outcomes/completeness.html. `table` has the same numbers with one cell per row."""

    columns: list[HeatColumn] = field(default_factory=list)
    heat: list[HeatRow] = field(default_factory=list)
    target: str = TARGET

    @property
    def shades(self) -> list[str]:
        """What each shade means, the palest first."""
        return [
            f"below {_SHADES[0]} %",
            *(f"{least} % or more{', the target' if least == _SHADES[2] else ''}" for least in _SHADES),
        ]


def completeness(drawn: dict[str, Any], criteria: Criteria) -> HeatPanel:
    """A row for each quarter and one for all patients, whose cells are those of the first row of the page."""
    rows = drawn["rows"]
    columns = {"BASELINE": HeatColumn("Baseline", "before")} | {
        window.name: HeatColumn(window.label, f"{window.first_day}–{window.last_day} d") for window in criteria.windows
    }
    heat = [
        HeatRow(_quarter_words(row), [_heat(one) for one in row["cells"]], everybody=row["kind"] == "all")
        for row in rows
    ]
    return HeatPanel(
        id="completeness",
        title=_title(rows[-1]["cells"], columns),
        subtitle="Quarter of first infusion by window: valid PCL-5s of those eligible whose window is over, "
        f"without who died or withdrew. ▾ below the {TARGET} target.",
        label="",
        table=_table(rows, columns),
        notes=_notes(drawn["primary"], criteria),
        columns=list(columns.values()),
        heat=heat,
    )


def _quarter_words(row: dict[str, Any]) -> str:
    if row["kind"] == "all":
        return "All patients"
    first = date.fromisoformat(row["quarter"])
    if row["kind"] == "before":
        return f"Before {first:%b %Y}"
    return f"{first:%b} – {first.replace(month=first.month + 2):%b %Y}"


def _heat(one: dict[str, Any]) -> HeatCell:
    x, n = one["x"], one["n"]
    if not n:
        return HeatCell("not due" if one["waiting"] else "nobody")
    count = f"{x:,} of {n:,}"
    if n >= limits().fewest and one["rate"] is None:
        return HeatCell(str(NOT_SHOWN), count)
    if n < limits().fewest:
        return HeatCell(f"n < {limits().fewest}", count)
    shade = sum(100 * x >= least * n for least in _SHADES)
    return HeatCell(printed({"rate": one["rate"]}, n=n)["rate"].text, count, shade, _is_low(one))


def _is_judged(one: dict[str, Any]) -> bool:
    return bool(one["n"] >= limits().fewest and one["rate"] is not None)


def _is_low(one: dict[str, Any]) -> bool:
    return bool(_is_judged(one) and one["rate"] < COMPLETENESS_TARGET)


def _title(everybody: list[dict[str, Any]], columns: dict[str, HeatColumn]) -> str:
    """Of the windows: a baseline is no follow-up."""
    judged = [one for one in everybody[1:] if _is_judged(one)]
    low = [columns[one["column"]].words for one in judged if _is_low(one)]
    if not judged and any(one["n"] >= limits().fewest for one in everybody[1:]):
        return "How complete the follow-up is: shares that would tell of few are not shown"
    if not judged:
        return "How complete the follow-up is: too few are due to say"
    if not low:
        return f"Follow-up reaches the {TARGET} target in every window that can be judged"
    if len(low) == len(judged) > 1:
        return f"Follow-up is below the {TARGET} target in every window"
    names = [low[0], *(name[0].lower() + name[1:] for name in low[1:])]
    return f"{', '.join(names[:-1])}{' and ' if names[1:] else ''}{names[-1]}: below the {TARGET} target"


def _table(rows: list[dict[str, Any]], columns: dict[str, HeatColumn]) -> Table:
    lines = []
    for row in rows:
        for one in row["cells"]:
            shown = printed({"rate": share(one["x"], one["n"])}, n=one["n"])["rate"]
            words = f"{_quarter_words(row)}, {columns[one['column']].words}"
            lines.append([Cell(words), cell(one["x"]), cell(one["n"]), cell(shown), cell(one["waiting"])])
    head = ["First infusion, window", "With a valid PCL-5", "Of", "Share", "Window still open"]
    return Table("How complete the follow-up is", head, lines)


def _notes(primary: dict[str, Any], criteria: Criteria) -> list[str]:
    seen, lost, difference = primary["followed"], primary["lost"], primary["difference"]
    when = window_words(criteria, "PRIMARY")
    known = f"Baseline of the {seen['n']:,} followed up {when} and of the {lost['n']:,} due and missing"
    if not lost["n"] or not seen["n"]:
        nobody = "nobody is missing" if seen["n"] else "nobody was followed up"
        return [
            f"Followed up {when}, those against the missing: {nobody if lost['n'] or seen['n'] else 'nobody is due yet'}."
        ]
    if isinstance(seen["n"], Withheld) or isinstance(lost["n"], Withheld):
        few = f"fewer than {limits().fewest} patients could be told apart"
        return [f"Baseline of those followed up {when} and of those due and missing: not compared, as {few}."]
    if min(seen["n"], lost["n"]) < limits().fewest:
        return [f"{known}: not compared, fewer than {limits().fewest} in a group."]
    means = (
        f"mean {points(seen['mean'])} (SD {points(seen['sd'])}) and {points(lost['mean'])} (SD {points(lost['sd'])})"
    )
    if difference is None:
        return [f"{known}: {means}; without a spread there is no standardised difference."]
    verdict = (
        f"beyond {_UNLIKE}: those missing were unlike those followed, and the rates may be biased"
        if abs(difference) > _UNLIKE
        else f"within {_UNLIKE}"
    )
    return [f"{known}: {means}. Standardised difference {signed(difference, 2)}, {verdict}."]
