"""What a PDF cannot hold. Importing this loads no reportlab, asking it does."""

from unicodedata import bidirectional

#: Characters of scripts that run from right to left; a PDF is written from left to right.
_LEFTWARDS = {"R", "AL"}


def not_writable(*texts: str) -> str:
    """The characters of these texts, each once, that a PDF cannot hold: its typeface lacks them, or they run leftwards."""
    from clinic.pdf.type import UNKNOWN, writable

    return "".join(
        one
        for one in dict.fromkeys("".join(texts))
        if one != UNKNOWN and (UNKNOWN in writable(one) or bidirectional(one) in _LEFTWARDS)
    )
