"""Cells of a CSV that somebody may open in a spreadsheet."""

#: A cell that begins so runs as a formula in a spreadsheet.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def safe_cell(text: str) -> str:
    """The text, or a number as it is; what a spreadsheet would run is marked as text."""
    try:
        float(text)
    except ValueError:
        return f"'{text}" if text.startswith(_FORMULA) else text
    return text
