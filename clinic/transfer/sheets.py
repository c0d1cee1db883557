"""A file of past records as values: every row checked by itself and against the rows before it.

A row with a refused cell stays among the rows with its other values, so that all checks can be made in one run; as
there is a problem then, nothing of it will be written.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from clinic.transfer.cells import Cell, NotAccepted, trimmed
from clinic.transfer.tables import Problem, RawRow, Table, open_table

#: What a row says beyond its single cells: (column, message) for each thing wrong.
RowCheck = Callable[[dict[str, Any]], Iterator[tuple[str, str]]]
Progress = Callable[[str, int], None]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: how its cells are read, and what holds when an optional column is absent."""

    name: str
    cell: Cell
    required: bool = True
    absent: Any = None


@dataclass(frozen=True, slots=True)
class Layout:
    """What one kind of file holds. `key` names what identifies a row, the column to point at last.

    `finish` may check and rearrange the values of a row; cells that were refused are not among them.
    """

    file: str
    what: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    finish: RowCheck


@dataclass(slots=True)
class Row:
    """The line where a row starts and its values by column, without those that were refused."""

    line: int
    values: dict[str, Any]


@dataclass(slots=True)
class Sheet:
    """What was read from one file. `mrns` are all that it names, also on refused rows; None if that is not known."""

    file: str
    columns: frozenset[str] = frozenset()
    rows: list[Row] = field(default_factory=list)
    mrns: set[str] | None = field(default_factory=set)
    read: int = 0
    repeated: int = 0
    sha256: str = ""

    @property
    def present(self) -> bool:
        """Whether there was such a file."""
        return bool(self.sha256)


def read_sheet(layout: Layout, directory: Path, problems: list[Problem], progress: Progress) -> Sheet:
    """Read `layout.file` in `directory`, adding what is wrong to `problems`. A file that is absent has no rows."""
    path = directory / layout.file
    sheet = Sheet(layout.file, mrns=None)
    names = [column.name for column in layout.columns]
    required = {column.name for column in layout.columns if column.required}
    if (path.is_symlink() and not path.exists()) or (path.exists() and not path.is_file()):
        problems.append(Problem(layout.file, 1, "header", "cannot be read: it is no file"))
        return sheet
    try:
        with path.open("rb") as stream:
            sheet.sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
        with open_table(path, names, required, problems) as table:
            if table:
                _fill(sheet, layout, table, problems, progress)
    except FileNotFoundError:
        sheet.mrns = set()
    except OSError as error:
        problems.append(Problem(layout.file, 1, "header", f"cannot be read: {error.strerror or error}"))
    return sheet


def _fill(sheet: Sheet, layout: Layout, table: Table, problems: list[Problem], progress: Progress) -> None:
    sheet.columns = table.columns
    sheet.mrns = set() if "mrn" in table.columns else None
    first: dict[tuple[Any, ...], Row] = {}
    for raw in table.rows():
        sheet.read += 1
        progress(f"Reading {sheet.file}", sheet.read)
        if sheet.mrns is not None and "mrn" in raw.cells:
            sheet.mrns.add(trimmed(raw.cells["mrn"]))
        if not raw.aligned:
            continue
        row = _parse(layout, raw, problems)
        key = tuple(row.values.get(name) for name in layout.key)
        earlier = row if None in key else first.setdefault(key, row)
        if earlier is not row and earlier.values == row.values:
            sheet.repeated += 1
            continue
        sheet.rows.append(row)
        if earlier is not row:
            message = f"line {earlier.line} has {layout.what} with other content: keep one of the two"
            problems.append(Problem(sheet.file, row.line, layout.key[-1], message))
    if any(problem.file == sheet.file and problem.column == "row" for problem in problems):
        sheet.mrns = None  # a row that could not be told apart may have named anybody


def _parse(layout: Layout, raw: RawRow, problems: list[Problem]) -> Row:
    """The row with what could be read of it: what depends on a refused cell alone is left unchecked."""
    values: dict[str, Any] = {}
    for column in layout.columns:
        text = raw.cells.get(column.name)
        if text is None:
            if not column.required:
                values[column.name] = column.absent
            continue
        try:
            values[column.name] = column.cell(text)
        except NotAccepted as refused:
            problems.append(Problem(layout.file, raw.line, column.name, str(refused)))
    problems += [Problem(layout.file, raw.line, name, message) for name, message in layout.finish(values)]
    return Row(raw.line, values)
