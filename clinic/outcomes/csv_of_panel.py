"""One panel of the dashboard as CSV: what it is, under which definition and of whom; then its table with exact numbers."""

import csv
import io
import zipfile
from datetime import datetime

from clinic.csv_cells import safe_cell
from clinic.outcomes.dashboard import Dashboard
from clinic.outcomes.drawings.panel import Cell, Table
from clinic.outcomes.small_numbers import limits
from clinic.profile.zone import in_clinic_time

_TO_KNOW = "Observational, no control group. First courses, observed cases. Provisional, not a diagnosis."


def csv_of_panel(board: Dashboard, name: str, now: datetime) -> str:
    """The CSV of a panel. Raises KeyError when the dashboard has none of this name."""
    title, table = board.tables[name]
    said = [
        ("Panel", title),
        ("Table", table.caption),
        ("Definition", board.definition),
        ("Window", f"{board.window}: PCL-5 {board.words['window']}"),
        ("Patients", "; ".join(f"{label}: {words}" for label, words in board.asked.words) or "everybody treated"),
        ("Records up to", board.summary.as_of.isoformat() if board.summary else ""),
        ("Added up at", _moment(board.summary.computed_at) if board.summary else ""),
        ("Extracted at", _moment(now)),
        ("To know", f"{_TO_KNOW} {limits().said}"),
    ]
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerows([label, safe_cell(words)] for label, words in said)
    writer.writerow([])
    writer.writerow(safe_cell(name) for name in table.head)
    writer.writerows(_row(table, row) for row in table.rows)
    return text.getvalue()


def csvs_of_panels(board: Dashboard, now: datetime) -> bytes:
    """The CSVs of every panel in one ZIP."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name in board.tables:
            zipped.writestr(f"{name}.csv", csv_of_panel(board, name, now))
    return packed.getvalue()


def _row(table: Table, row: list[Cell]) -> list[str]:
    """The first cell names the row, as on the page; of the others the exact numbers."""
    return [safe_cell(row[0].text), *(safe_cell(one.exact or one.text) for one in row[1:])]


def _moment(at: datetime) -> str:
    with in_clinic_time():
        from django.utils import timezone

        return timezone.localtime(at).isoformat(timespec="minutes")
