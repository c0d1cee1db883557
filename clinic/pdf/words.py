"""Paragraphs. Whatever is written is text: reportlab's markup in it is escaped, so that nothing stored can draw or fetch."""

from xml.sax.saxutils import escape

from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import Paragraph

from clinic.pdf.colours import colour
from clinic.pdf.type import BOLD, PLAIN, use_typeface, writable

_BODY = ParagraphStyle(
    "body", fontName=PLAIN, fontSize=8.5, leading=12.75, textColor=colour("ink"), splitLongWords=1, allowWidows=0
)


def _style(name: str, **changed: object) -> ParagraphStyle:
    return ParagraphStyle(name, parent=_BODY, **changed)


STYLES = {
    "body": _BODY,
    "title": _style("title", fontName=BOLD, fontSize=18, leading=24, spaceBefore=2, spaceAfter=8),
    "over": _style("over", fontName=BOLD, fontSize=9, leading=13, textColor=colour("accent")),
    "lead": _style("lead", fontSize=10.5, leading=16, textColor=colour("ink-2")),
    "h2": _style("h2", fontName=BOLD, fontSize=13, leading=18, spaceBefore=18, spaceAfter=6, keepWithNext=1),
    "h3": _style("h3", fontName=BOLD, fontSize=9.5, leading=13.5, keepWithNext=1),
    "small": _style("small", fontSize=7.25, leading=10.5, textColor=colour("ink-2")),
    "caption": _style("caption", fontSize=7.25, leading=10.5, textColor=colour("ink-2"), spaceBefore=3, spaceAfter=3),
    "note": _style(
        "note",
        fontSize=7.25,
        leading=10.75,
        textColor=colour("ink-2"),
        leftIndent=10,
        bulletIndent=1,
        bulletFontName=PLAIN,
        bulletFontSize=7.25,
        spaceAfter=1.5,
    ),
    "term": _style("term", fontSize=7.5, leading=11.25, textColor=colour("ink-3")),
    "meaning": _style("meaning", fontSize=7.5, leading=11.25),
    "warn": _style("warn", fontName=BOLD, fontSize=8, leading=11.5, textColor=colour("warn")),
    "info": _style("info", fontName=BOLD, fontSize=8, leading=11.5, textColor=colour("info")),
    "cell": _style("cell", fontSize=7.25, leading=9.5),
    "cell-small": _style("cell-small", fontSize=6.25, leading=8.25, textColor=colour("ink-2")),
    "number": _style("number", fontSize=7.25, leading=9.75, alignment=TA_RIGHT),
    "number-doubtful": _style(
        "number-doubtful", fontSize=7.25, leading=9.75, alignment=TA_RIGHT, textColor=colour("line-strong")
    ),
    "head": _style("head", fontSize=6.25, leading=8.5, textColor=colour("ink-2"), alignment=TA_RIGHT),
}


def inert(text: str) -> str:
    """The text as it may stand inside a paragraph's markup."""
    return escape(writable(text))


def words(text: str, style: str = "body", size: float = 0) -> Paragraph:
    """One paragraph of plain text; `size` other than the style's."""
    return _paragraph(inert(text), style, size)


def strong_then(strong: str, text: str, style: str = "body") -> Paragraph:
    """One paragraph that begins in bold."""
    return _paragraph(f"<b>{inert(strong)}</b> {inert(text)}", style)


def struck(text: str, style: str = "body", size: float = 0) -> Paragraph:
    """One paragraph with a line through it; whoever uses it says in words what the line means."""
    return _paragraph(f"<strike>{inert(text)}</strike>", style, size)


def marked(mark: str, text: str, role: str, style: str = "body", size: float = 0) -> Paragraph:
    """One paragraph that begins with a mark in the colour of a role; the text says what the mark does."""
    return _paragraph(f'<font color="{colour(role)}">{inert(mark)}</font> {inert(text)}', style, size)


def with_index(before: str, index: str, after: str = "", style: str = "body") -> Paragraph:
    """One paragraph with a subscript, as in d rms."""
    below = f'<sub rise="1.5" size="5.5">{inert(index)}</sub>'
    return _paragraph(f"{inert(before)}{below}{inert(after)}", style)


def note(text: str) -> Paragraph:
    """One entry of a list."""
    use_typeface()
    return Paragraph(inert(text), STYLES["note"], bulletText="–")


def _paragraph(markup: str, style: str, size: float = 0) -> Paragraph:
    use_typeface()
    chosen = STYLES[style]
    if size:
        chosen = ParagraphStyle(f"{style}-{size}", parent=chosen, fontSize=size, leading=size * 1.3)
    return Paragraph(markup, chosen)
