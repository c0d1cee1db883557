"""A letter on paper. Import it inside the function that makes the PDF: reportlab is slow to load."""

from collections.abc import Sequence

from reportlab.platypus import CondPageBreak, Flowable, KeepTogether, Spacer

from clinic.letters.chart import Chart
from clinic.letters.content import LetterContent, Section, Table
from clinic.pdf.document import WIDTH, Heading, Paper, made
from clinic.pdf.pen import Drawing, Pen
from clinic.pdf.tables import pairs, ruled
from clinic.pdf.words import words

_TEXT, _FACT, _CELL = 9.25, 8.5, 7.75
#: A title does not part from what follows it: so much of the page must be left.
_ROOM = 90
#: A shorter table stays on one page with its title.
_KEPT_TOGETHER = 14


def letter_pdf(content: LetterContent) -> bytes:
    """The PDF. The same content gives the same bytes."""
    paper = Paper(
        title=content.title,
        author=content.clinic or "Tidemark",
        subject=content.title,  # what a viewer shows in its window names nobody
        head=content.head,
        foot=content.foot,
    )
    return made(paper, lambda: _story(content))


def _story(content: LetterContent) -> Sequence[Flowable]:
    story = [
        *([words(content.clinic, "over")] if content.clinic else []),
        words(content.title, "title"),
        words(content.day, size=_TEXT),
        Spacer(0, 10),
        *_text(content.recipient),
        Spacer(0, 12),
        words(content.subject, "over", size=10.5),
    ]
    for section in content.sections:
        story += _section(section)
    return [*story, Spacer(0, 16), KeepTogether(_text(content.signature))]


def _text(lines: Sequence[str]) -> list[Flowable]:
    """One paragraph a line; a blank line is a gap."""
    return [words(line, size=_TEXT) if line else Spacer(0, _TEXT * 0.8) for line in lines]


def _section(section: Section) -> list[Flowable]:
    """Its title stays with what follows; a short table stays in one piece."""
    head: list[Flowable] = [words(section.title, "h3", size=10), Spacer(0, 3)]
    if section.strong:
        head.append(words(section.strong, "over", size=_TEXT))
    head += _text(section.lines)
    if section.facts:
        head.append(pairs(section.facts, WIDTH, 0.22, _FACT))
    if section.chart:
        head.append(_drawing(section.chart))
    notes: list[Flowable] = [words(note, "caption") for note in section.notes]
    if section.table and (section.chart or len(section.table.rows) > _KEPT_TOGETHER):
        return [*_gap(section), KeepTogether(head), Spacer(0, 4), _table(section.table), *notes]
    if section.table:
        return [*_gap(section), KeepTogether([*head, _table(section.table), *notes])]
    return [*_gap(section), *head, *notes]


def _gap(section: Section) -> list[Flowable]:
    return [Spacer(0, 14), CondPageBreak(_ROOM), Heading(section.title)]


def _table(table: Table) -> Flowable:
    total = sum(table.shares)
    head = [words(name, "head" if number else "cell-small", size=6.75) for name, number in table.columns]
    body = [[words(cell, "number" if number else "cell", _CELL) for cell, number in line] for line in table.lines]
    return ruled([head, *body], [WIDTH * share / total for share in table.shares])


def _drawing(chart: Chart) -> Drawing:
    def paint(pen: Pen) -> None:
        for line in chart.lines:
            pen.path(line.points, stroke=line.role, width=line.width, dash=line.dash)
        for mark in chart.marks:
            if mark.shape == "diamond":
                pen.mark("diamond", (mark.x, mark.y), 2 * mark.radius * mark.radius, mark.role)
            elif mark.shape == "ring":
                pen.circle((mark.x, mark.y), mark.radius, fill="surface", stroke=mark.role, width=1.4)
            else:
                pen.circle((mark.x, mark.y), mark.radius, fill=mark.role)
        for one in chart.words:
            pen.write(
                one.text, (one.x, one.y), size=one.size, role=one.role, bold=one.bold, align=one.align, clear=one.clear
            )

    return Drawing(chart.width, chart.height, paint)
