"""What a spreadsheet would run is marked as text; numbers stay numbers."""

import pytest

from clinic.csv_cells import safe_cell


@pytest.mark.parametrize(
    "text", ["=1+1", "+1-555-0100", "@SUM(A1)", "-cmd|' /C calc'!A0", "\t=1", "\r=1", "-", "=CMD()"]
)
def test_a_formula_is_marked(text: str) -> None:
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "-3", "+4.5", "1e-3", "0", "35-49", "Nausea", "'quoted", "a=b"])
def test_everything_else_is_left_alone(text: str) -> None:
    assert safe_cell(text) == text
