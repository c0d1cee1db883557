"""What a letter says, word for word, as plain values: the page shows them and the PDF prints them, neither adds a word."""

import hashlib
import json
from dataclasses import asdict, dataclass, fields, is_dataclass, replace
from typing import Any

from clinic.letters.chart import Chart

FOOT = "Clinical decision support, not a diagnosis; off-label use of ketamine"


@dataclass(frozen=True)
class Table:
    """Rows under a head. `numbers` are the columns that are aligned by their digits, `shares` how wide each column is."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...]
    shares: tuple[float, ...]

    @property
    def columns(self) -> list[tuple[str, bool]]:
        """Each head with whether its column is one of numbers."""
        return [(name, at in self.numbers) for at, name in enumerate(self.head)]

    @property
    def lines(self) -> list[list[tuple[str, bool]]]:
        """Each row, its cells with whether they are numbers."""
        return [[(cell, at in self.numbers) for at, cell in enumerate(row)] for row in self.rows]


@dataclass(frozen=True)
class Section:
    """A part of the letter. In this order, as far as there are: a strong line, text, facts, a chart, a table, notes."""

    title: str
    strong: str = ""
    lines: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    chart: Chart | None = None
    table: Table | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class LetterContent:
    """A letter from its head to its signature. `head` stands on its later pages, `foot` on each."""

    clinic: str
    title: str
    day: str
    recipient: tuple[str, ...]
    subject: str
    sections: tuple[Section, ...]
    signature: tuple[str, ...]
    head: tuple[str, str]
    foot: str = FOOT

    def digest(self, *also: str) -> str:
        """Names exactly this letter, and whatever else it shall stand for."""
        return hashlib.sha256(json.dumps([asdict(self), *also]).encode()).hexdigest()


def lines_of(text: str) -> tuple[str, ...]:
    """The lines of a text as it was typed; the blank ones around it are left out."""
    return tuple(line.rstrip() for line in text.strip().split("\n"))


def as_written(content: LetterContent) -> LetterContent:
    """The letter in the characters that its typeface has, so that page and PDF cannot differ in one."""
    from clinic.pdf.type import writable

    def written(value: Any) -> Any:
        if isinstance(value, str):
            return writable(value)
        if isinstance(value, tuple):
            return tuple(map(written, value))
        if is_dataclass(value) and not isinstance(value, type):
            return replace(value, **{field.name: written(getattr(value, field.name)) for field in fields(value)})
        return value

    done: LetterContent = written(content)
    return done
