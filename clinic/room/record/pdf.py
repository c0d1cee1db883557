"""A session's record on paper. Import it inside the function that makes the PDF: reportlab is slow to load."""

from collections.abc import Sequence

from reportlab.platypus import CondPageBreak, Flowable, KeepTogether, Spacer

from clinic.pdf.document import WIDTH, Heading, Paper, made
from clinic.pdf.lacking import not_writable
from clinic.pdf.tables import boxed, pairs, ruled
from clinic.pdf.words import marked, struck, words
from clinic.room.record.content import Cell, Look, RecordContent, Said, Section, State, Table, Written

_TEXT, _CELL, _SMALL = 8.5, 7.25, 6.5
#: A title does not part from what follows it: so much of the page must be left.
_ROOM = 80
#: A shorter table stays on one page with its title.
_KEPT_TOGETHER = 10
#: The share of the width that terms take.
_TERMS = 0.2
#: Look -> the mark before a line, and its colour.
_MARKS = {Look.ACT: ("■", "danger"), Look.NOTIFY: ("◆", "warn"), Look.WARN: ("▲", "warn")}
#: Look of a state -> its ground and its edge.
_GROUNDS = {"info": ("info-soft", "info"), "warn": ("warn-soft", "warn"), "danger": ("danger-soft", "danger")}


def record_pdf(content: RecordContent) -> bytes:
    """The PDF. The same content gives the same bytes."""
    paper = Paper(
        title=content.title,
        author=content.clinic or "Tidemark",
        subject=content.title,  # what a viewer shows in its window names nobody
        head=content.head,
        foot=content.foot,
    )
    return made(paper, lambda: _story(content))


def _story(content: RecordContent) -> Sequence[Flowable]:
    story = [
        *([words(content.clinic, "over")] if content.clinic else []),
        words(content.title, "title"),
        pairs(content.patient, WIDTH, _TERMS, _TEXT),
        Spacer(0, 6),
        *(part for state in content.states for part in _state(state)),
        *_lacking(content),
    ]
    for section in content.sections:
        story += _section(section)
    return story


def _state(state: State) -> list[Flowable]:
    inside = [words(state.strong, "over", size=9), *(words(line, size=_CELL) for line in state.lines)]
    return [boxed(inside, WIDTH, *_GROUNDS[state.look]), Spacer(0, 4)]


def _lacking(content: RecordContent) -> list[Flowable]:
    """How many different characters stand as a mark here, or in another order than on the page."""
    lacking = not_writable(*content.texts())
    if not lacking:
        return []
    told = f"{len(lacking)} different characters of this record cannot be printed as they were entered. The page shows them."
    return [words(told, "warn")]


def _section(section: Section) -> list[Flowable]:
    """Its title stays with what follows; a short table stays in one piece."""
    gap = [Spacer(0, 11), CondPageBreak(_ROOM), Heading(section.title)]
    body: list[Flowable] = []
    if section.is_empty:
        body.append(words(section.nothing, size=_TEXT))
    if section.facts:
        body.append(_facts(section.facts))
    for table in section.tables:
        body += [Spacer(0, 6 if body else 0), _table(table)]
    for text in section.texts:
        body += _written(text)
    body += [words(note, "caption") for note in section.notes]
    title = words(section.title, "h3", size=10)
    if not section.texts and sum(len(table.rows) for table in section.tables) <= _KEPT_TOGETHER:
        return [*gap, KeepTogether([title, Spacer(0, 2), *body])]
    return [*gap, title, Spacer(0, 2), *body]


def _facts(facts: Sequence[tuple[str, Cell]]) -> Flowable:
    rows = [[words(term, "term", _TEXT), _lines(cell, _TEXT)] for term, cell in facts]
    return ruled(rows, [WIDTH * _TERMS, WIDTH * (1 - _TERMS)], head=False, split_rows=True)


def _table(table: Table) -> Flowable:
    total = sum(table.shares)
    head = [words(name, "head" if number else "cell-small", size=_SMALL) for name, number in table.columns]
    body = [[_lines(cell, _CELL, number=number) for cell, number in line] for line in table.lines]
    return ruled([head, *body], [WIDTH * share / total for share in table.shares], split_rows=True)


def _lines(cell: Cell, size: float, *, number: bool = False) -> list[Flowable]:
    style = "number" if number else "cell"
    return [part for said in cell for part in _said(said, style, size)]


def _said(said: Said, style: str, size: float) -> list[Flowable]:
    """A line with its mark; a text of several lines is as many paragraphs."""
    if said.struck:
        return [struck(line, style, size) for line in said.text.split("\n")]
    if said.look in _MARKS:
        mark, role = _MARKS[said.look]
        first, *more = said.text.split("\n")
        return [marked(mark, first, role, style, size), *(words(line, style, size) for line in more)]
    quiet = said.look is Look.QUIET
    return [words(line, style, min(size, _SMALL) if quiet else size) for line in said.text.split("\n")]


def _written(text: Written) -> list[Flowable]:
    """What somebody wrote, one paragraph a line, with who did below it."""
    lines = [
        (struck(line, size=_TEXT) if text.struck else words(line, size=_TEXT)) if line else Spacer(0, _TEXT * 0.8)
        for line in text.text.strip().split("\n")
    ]
    after = [words(text.after, size=_TEXT)] if text.after else []
    return [Spacer(0, 3), *lines, *after, words(text.by, "caption")]
