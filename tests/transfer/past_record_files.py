"""Builds small directories of past records. Each row is given as what differs from a row that is right."""

import csv
from pathlib import Path
from typing import Any

PATIENT = {"mrn": "A1", "given_name": "Ada", "family_name": "Young", "date_of_birth": "1980-05-06"}
INFUSION = {
    "mrn": "A1",
    "course": "1",
    "started_at": "2025-03-03T10:00",
    "minutes": "40",
    "weight_kg": "80",
    "dose_mg_per_kg": "0.5",
    "dose_mg": "40",
    "route": "IV",
}
PCL5 = {"mrn": "A1", "completed_on": "2025-02-20", "recall": "month"} | {f"q{n}": "2" for n in range(1, 21)}


class PastRecords:
    """Three files in the making. A column named in any row is a column of the file; other rows leave it blank."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.rows: dict[str, list[dict[str, str]]] = {"patients": [], "infusions": [], "pcl5": []}

    def patient(self, **different: str) -> "PastRecords":
        return self._add("patients", PATIENT | different)

    def infusion(self, **different: str) -> "PastRecords":
        return self._add("infusions", INFUSION | different)

    def pcl5(self, **different: str) -> "PastRecords":
        return self._add("pcl5", PCL5 | different)

    def write(self, *, delimiter: str = ",", line_end: str = "\n", encoding: str = "utf-8") -> Path:
        for name, rows in self.rows.items():
            if rows:
                self._write(name, rows, {"delimiter": delimiter, "lineterminator": line_end}, encoding)
        return self.directory

    def raw(self, file: str, content: str | bytes) -> "PastRecords":
        """A file with exactly this content."""
        data = content if isinstance(content, bytes) else content.encode()
        (self.directory / file).write_bytes(data)
        return self

    def _add(self, name: str, row: dict[str, str]) -> "PastRecords":
        self.rows[name].append(row)
        return self

    def _write(self, name: str, rows: list[dict[str, str]], dialect: dict[str, Any], encoding: str) -> None:
        columns = list(dict.fromkeys(column for row in rows for column in row))
        with (self.directory / f"{name}.csv").open("w", encoding=encoding, newline="") as stream:
            writer = csv.DictWriter(stream, columns, restval="", **dialect)
            writer.writeheader()
            writer.writerows(rows)


def places(done):
    """`file:line: column` of each problem, in the order of the report."""
    return [": ".join(problem.split(": ")[:2]) for problem in done.problems]
