"""A panel of the dashboard: what it says, what it draws, and the same numbers as one table, shown, printed and sent as CSV."""

from dataclasses import dataclass, field
from typing import Any

from clinic.outcomes.printed import Printed
from clinic.outcomes.small_numbers import Count, Withheld


@dataclass(frozen=True)
class Cell:
    """One place of a table. `exact` is the number as it stands in the CSV; `of` the group of patients behind it, if
    any, with a filter that is not in the page's address: "evaluated&age=35-49"."""

    text: str
    exact: str = ""
    of: str = ""


@dataclass(frozen=True)
class Table:
    """The first cell of each row names it; the other columns are numbers."""

    caption: str
    head: list[str]
    rows: list[list[Cell]]


@dataclass(frozen=True)
class Entry:
    """One entry of a legend: a shape of templates/outcomes/shape.html or a class of chart.css, and its words."""

    shape: str
    words: str


@dataclass(frozen=True)
class Panel:
    """What a panel shows.

    `title` says what is to be seen, `subtitle` who is counted and how; `label` is the chart in words. `data` goes to the
    script of this id; None where the table alone is shown. `notes` stand below.
    """

    id: str
    title: str
    subtitle: str
    label: str
    table: Table
    data: dict[str, Any] | None = None
    legend: list[Entry] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def drawn(self) -> bool:
        """Whether there is a chart beside the table."""
        return self.data is not None


def cell(value: Printed | Count | str, of: str = "") -> Cell:
    """A figure, a count of patients or words as a cell. A number that counts no patients is for `number`."""
    if isinstance(value, Withheld):
        return Cell(str(value), "", of)
    if isinstance(value, Printed):
        return Cell(value.text, value.exact, of)
    if isinstance(value, int):
        return Cell(f"{value:,}", str(value), of)
    return Cell(value, value, of)


def number(value: float) -> Cell:
    """A rank, a day, a total or a grade as a cell: no count of patients, so it is never hidden."""
    return Cell(f"{value:,}", str(value))
