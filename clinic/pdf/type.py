"""The typeface: DejaVu Sans, embedded. What it cannot write is written as a mark, never as an empty box."""

from functools import lru_cache
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

FOLDER = Path(__file__).resolve().parent / "fonts"
PLAIN, BOLD = "DejaVu", "DejaVu-Bold"
FILES = {PLAIN: "DejaVuSans.ttf", BOLD: "DejaVuSans-Bold.ttf"}
#: Stands for a character that the typeface lacks.
UNKNOWN = "\N{REPLACEMENT CHARACTER}"
_SPACES = {ord(space): " " for space in "\t\n\r\v\f\N{LINE SEPARATOR}\N{PARAGRAPH SEPARATOR}"}


@lru_cache
def use_typeface() -> None:
    """Make both weights known to reportlab, once in a process."""
    for name, file in FILES.items():
        pdfmetrics.registerFont(TTFont(name, FOLDER / file))
    pdfmetrics.registerFontFamily(PLAIN, normal=PLAIN, bold=BOLD, italic=PLAIN, boldItalic=BOLD)


@lru_cache
def _glyphs() -> frozenset[int]:
    """What both weights can write."""
    use_typeface()
    both = [set(pdfmetrics.getFont(name).face.charToGlyph) for name in FILES]
    return frozenset(set.intersection(*both))


def writable(text: str) -> str:
    """The text in characters that the typeface has; control characters are left out."""
    known = _glyphs()
    plain = text.translate(_SPACES)
    return "".join(
        one if ord(one) in known else UNKNOWN for one in plain if one.isprintable() or one == "\N{NO-BREAK SPACE}"
    )


def width_of(text: str, size: float, *, bold: bool = False) -> float:
    """How wide a line is, in points."""
    use_typeface()
    return float(pdfmetrics.stringWidth(text, BOLD if bold else PLAIN, size))
