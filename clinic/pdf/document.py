"""A document on A4: what it says of itself, its head and foot on every page, and its outline."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate

from clinic.pdf.colours import colour
from clinic.pdf.type import PLAIN, use_typeface, width_of, writable

_SIDE, _TOP, _BOTTOM = 18 * mm, 20 * mm, 20 * mm
#: The width of what stands on a page, in points.
WIDTH = A4[0] - 2 * _SIDE
_SIZE = 6.5


@dataclass(frozen=True)
class Paper:
    """What a document says of itself. `head` stands on every page but the first, `foot` behind the number of every page."""

    title: str
    author: str
    subject: str
    head: tuple[str, str]
    foot: str


class Heading(Flowable):
    """A place of no size that the outline of the document leads to."""

    def __init__(self, text: str, level: int = 0) -> None:
        super().__init__()
        self.text, self.level, self.width, self.height = text, level, 0, 0
        self.keepWithNext = 1

    def wrap(self, *_room: float) -> tuple[float, float]:
        """Needs no room."""
        return 0, 0

    def draw(self) -> None:
        """Called by reportlab where the heading came to stand."""
        key = f"{self.canv.getPageNumber()} {self.text}"
        self.canv.bookmarkHorizontal(key, 0, 16)
        self.canv.addOutlineEntry(writable(self.text), key, self.level)


def _edges(canvas: Any, _document: Any, *, paper: Paper, pages: int) -> None:
    """The head and the foot of one page."""
    number = canvas.getPageNumber()
    canvas.setViewerPreference("DisplayDocTitle", "true")
    canvas.saveState()
    canvas.setFont(PLAIN, _SIZE)
    canvas.setStrokeColor(colour("line"))
    canvas.setFillColor(colour("ink-3"))
    canvas.line(_SIDE, _BOTTOM - 12, A4[0] - _SIDE, _BOTTOM - 12)
    canvas.drawString(_SIDE, _BOTTOM - 22, fitting(f"page {number} of {pages} · {paper.foot}", WIDTH))
    if number > 1:
        left, right = (writable(words) for words in paper.head)
        room = WIDTH - width_of(right, _SIZE) - 12
        canvas.drawString(_SIDE, A4[1] - _TOP + 14, fitting(left, room))
        canvas.drawRightString(A4[0] - _SIDE, A4[1] - _TOP + 14, right)
    canvas.restoreState()


def fitting(text: str, width: float, size: float = _SIZE) -> str:
    """The line, shortened with an ellipsis where it is too long."""
    text = writable(text)
    if width_of(text, size) <= width:
        return text
    while text and width_of(f"{text}…", size) > width:
        text = text[:-1]
    return f"{text.rstrip()}…"


def made(paper: Paper, story: Callable[[], Sequence[Flowable]]) -> bytes:
    """The PDF. The same paper and story give the same bytes: it holds no clock and no random id.

    It is laid out twice, first to count its pages, so `story` makes its parts anew each time.
    """
    use_typeface()
    _, pages = _laid_out(paper, story(), 0)
    file, _ = _laid_out(paper, story(), pages)
    return file


def _laid_out(paper: Paper, story: Sequence[Flowable], pages: int) -> tuple[bytes, int]:
    """The PDF and how many pages it has."""
    file = io.BytesIO()
    document = BaseDocTemplate(
        file,
        pagesize=A4,
        title=writable(paper.title),
        author=writable(paper.author),
        subject=writable(paper.subject),
        creator="Tidemark",
        lang="en",
        invariant=1,
        pageCompression=1,
        initialFontName=PLAIN,
    )
    frame = Frame(_SIDE, _BOTTOM, WIDTH, A4[1] - _TOP - _BOTTOM, 0, 0, 0, 0)
    document.addPageTemplates(PageTemplate("page", [frame], onPage=partial(_edges, paper=paper, pages=pages)))
    document.build(list(story))
    return file.getvalue(), int(document.page)
