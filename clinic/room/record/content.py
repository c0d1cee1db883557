"""What a session's record says, as plain values: the page shows them and the PDF prints them, neither adds a word."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from enum import StrEnum
from typing import Any

FOOT = "Clinical decision support: verify before you act"


class Look(StrEnum):
    """How a line is marked; the words beside the mark say the same."""

    PLAIN = ""
    ACT = "act"  # an action line was crossed
    NOTIFY = "notify"  # the prescriber is told, or the reading repeated
    WARN = "warn"  # not as it should be
    QUIET = "quiet"  # an aside


@dataclass(frozen=True)
class Said:
    """One line. What was struck out stays readable with a line through it; the words "Struck out" follow it."""

    text: str
    look: Look = Look.PLAIN
    struck: bool = False


#: The lines of a cell, one below the other.
Cell = tuple[Said, ...]
#: Cells from left to right.
Row = tuple[Cell, ...]


@dataclass(frozen=True)
class Table:
    """Rows under a head. `numbers` are the columns aligned by their digits, `shares` how wide each column is on paper."""

    head: tuple[str, ...]
    rows: tuple[Row, ...]
    shares: tuple[float, ...]
    numbers: tuple[int, ...] = ()

    @property
    def columns(self) -> list[tuple[str, bool]]:
        """Each head with whether its column is one of numbers."""
        return [(name, at in self.numbers) for at, name in enumerate(self.head)]

    @property
    def lines(self) -> list[list[tuple[Cell, bool]]]:
        """Each row, its cells with whether they are numbers."""
        return [[(cell, at in self.numbers) for at, cell in enumerate(row)] for row in self.rows]


@dataclass(frozen=True)
class Written:
    """A text that somebody wrote, with who did and when; `after` says what became of it."""

    text: str
    by: str
    struck: bool = False
    after: str = ""


@dataclass(frozen=True)
class Section:
    """A part of the record, in this order as far as there is any: facts, tables, texts, notes. An empty one says so."""

    name: str
    title: str
    facts: tuple[tuple[str, Cell], ...] = ()
    tables: tuple[Table, ...] = ()
    texts: tuple[Written, ...] = ()
    notes: tuple[str, ...] = ()
    nothing: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether only `nothing` stands under its title."""
        return not (self.facts or self.tables or self.texts)


@dataclass(frozen=True)
class State:
    """Whether it is signed, in one strong line, with what belongs to that. `icon` is one of the page's."""

    look: str
    icon: str
    strong: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class RecordContent:
    """The record from its head to its last log entry. `head` stands on its later pages, `foot` on each."""

    clinic: str
    title: str
    patient: tuple[tuple[str, str], ...]
    states: tuple[State, ...]
    sections: tuple[Section, ...]
    head: tuple[str, str]
    foot: str = FOOT

    def texts(self) -> Iterator[str]:
        """Everything that it says."""
        return _texts(self)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for one in value:
            yield from _texts(one)
    elif is_dataclass(value):
        for field in fields(value):
            yield from _texts(getattr(value, field.name))


def cell(*lines: str | Said) -> Cell:
    """A cell of these lines; empty ones are left out."""
    made = (line if isinstance(line, Said) else Said(line) for line in lines)
    return tuple(line for line in made if line.text)


def facts(*pairs: tuple[str, str | Cell]) -> tuple[tuple[str, Cell], ...]:
    """Terms with what they are; a term of which nothing is known is left out."""
    made = ((term, cell(said) if isinstance(said, str) else said) for term, said in pairs)
    return tuple((term, said) for term, said in made if said)
