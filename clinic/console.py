"""Words on a terminal, whatever it can show."""

from typing import Any


def printable(text: str, stream: Any) -> str:
    """The text with a question mark for each sign that the stream's encoding lacks, instead of an error."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    return text.encode(encoding, "replace").decode(encoding)
