"""One CSV file as text: its header and its rows, each with the line of the file where it starts.

Accepted: UTF-8 with or without a byte-order mark, commas or semicolons (the header decides), any line ends, line breaks
inside quoted cells. Lines are counted as an editor counts them, the header is line 1, empty lines are skipped.
What is wrong becomes a `Problem`; nothing here raises because of a file's content.
"""

import csv
import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import TextIO

from clinic.transfer.cells import shown

#: Longer cells are refused: a note of a hundred pages is 0.3 million characters; a missing quote swallows a whole file.
LONGEST_CELL = 64 * 1024 * 1024

_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}")
_NOT_UTF8 = re.compile("[\ud800-\udfff]")  # what `surrogateescape` makes of bytes that are not UTF-8


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing wrong, at `column` of the row that starts at `line` of `file`; "row" and "header" are the whole of it."""

    file: str
    line: int
    column: str
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.column}: {self.message}"


@dataclass(slots=True)
class RawRow:
    """Cells by column name, without those that cannot be read. Not `aligned`: the row has too many cells or too few."""

    line: int
    cells: dict[str, str]
    aligned: bool = True


@dataclass(slots=True)
class Table:
    """An open file whose header was read. `columns` are the known ones it supplies."""

    file: str
    header: list[str]
    columns: frozenset[str]
    problems: list[Problem]
    _lines: Iterator[tuple[int, list[str]]] = field(repr=False)

    def rows(self) -> Iterator[RawRow]:
        """The rows in file order, each once; problems are added as they are met."""
        for line, cells in self._lines:
            if len(cells) == len(self.header):
                self._report_swallowed(line, cells)
                yield self._aligned(line, cells)
            else:
                self._report_count(line, len(cells))
                named = zip(self.header, cells, strict=False)
                yield RawRow(line, {name: cell for name, cell in named if name in self.columns}, aligned=False)

    def _aligned(self, line: int, cells: list[str]) -> RawRow:
        readable: dict[str, str] = {}
        for name, cell in zip(self.header, cells, strict=True):
            if problem := unreadable(cell):
                self.problems.append(Problem(self.file, line, shown(name), problem))
            elif name in self.columns:
                readable.setdefault(name, cell)
        return RawRow(line, readable)

    def _report_swallowed(self, line: int, cells: list[str]) -> None:
        """A quote that is not closed makes the following rows text of a note, and nothing else would tell."""
        for cell in cells:
            if "\n" in cell or "\r" in cell:
                parts = [
                    max(text.count(","), text.count(";")) for text in cell.splitlines()[1:] if _MOMENT.search(text)
                ]
                if any(2 * separators >= len(self.header) for separators in parts):
                    message = "a cell holds what looks like further rows: look for a double quote that is not closed"
                    self.problems.append(Problem(self.file, line, "row", message))
                    return

    def _report_count(self, line: int, count: int) -> None:
        expected = len(self.header)
        message = f"has {count} cells, but the header names {expected} columns: give one cell for each column"
        hint = ", and put a cell that contains a comma or semicolon in double quotes" if count > expected else ""
        self.problems.append(Problem(self.file, line, "row", message + hint))


def unreadable(cell: str) -> str:
    """Why this text cannot be taken from a file, in words; empty when it can."""
    if "\0" in cell:
        return "contains a NUL byte: only text is accepted"
    if not cell.isascii() and _NOT_UTF8.search(cell):
        return "is not UTF-8 text: save the file as UTF-8"
    return ""


@contextmanager
def open_table(
    path: Path, known: Sequence[str], required: Collection[str], problems: list[Problem]
) -> Iterator[Table | None]:
    """The table in `path`, or None if its header says nothing usable. Raises OSError if the file cannot be opened."""
    before = csv.field_size_limit(LONGEST_CELL)
    try:
        with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as stream:
            yield _read_header(path.name, stream, known, required, problems)
    finally:
        csv.field_size_limit(before)


def _read_header(
    file: str, stream: TextIO, known: Sequence[str], required: Collection[str], problems: list[Problem]
) -> Table | None:
    first = stream.readline()
    delimiter = ";" if first.count(";") > first.count(",") else ","
    lines = _numbered(file, chain([first], stream), delimiter, problems)
    line, header = next(lines, (1, []))
    header = [name.strip() for name in header]
    columns = frozenset(header) & frozenset(known)
    if line != 1 or not columns or any(map(unreadable, header)):
        start = "the first line must name the columns, in UTF-8"
        problems.append(Problem(file, 1, "header", f"is missing: {start}; accepted are {', '.join(known)}"))
        return None
    problems += [Problem(file, 1, name, message) for name, message in _header_problems(header, known, required)]
    return Table(file, header, columns, problems, lines)


def _header_problems(header: list[str], known: Sequence[str], required: Collection[str]) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for name in header:
        if name not in known:
            yield shown(name) or "header", f"unknown column: accepted are {', '.join(known)}"
        elif name in seen:
            yield name, "the column is there twice: keep one of them"
        seen.add(name)
    for name in known:
        if name in required and name not in seen:
            yield name, f"the column is missing: required are {', '.join(n for n in known if n in required)}"


def _numbered(
    file: str, stream: Iterator[str], delimiter: str, problems: list[Problem]
) -> Iterator[tuple[int, list[str]]]:
    """Rows with the line where each starts. A row with broken quotes is reported and the next one tried."""
    reader = csv.reader(stream, delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            problems.append(Problem(file, line, "row", _broken(error)))
            if "field larger" in str(error):  # the rest of the file cannot be told apart from that cell
                return
            continue
        if cells and cells != [""]:
            yield line, cells


def _broken(error: csv.Error) -> str:
    if "field larger" in str(error):
        return f"has a cell of more than {LONGEST_CELL:,} characters: look for a missing double quote"
    return (
        "has broken double quotes: a quoted cell ends with a quote before the next separator, "
        "and a quote inside it is written twice"
    )
