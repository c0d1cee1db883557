"""A research export, opened: its files as text, and its tables as the data dictionary says they are typed."""

import csv
import io
import json
import zipfile
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from clinic.profile.zone import in_clinic_time
from clinic.transfer.research.export import ResearchExport, research_export

UNTIL = date(2026, 6, 30)
NOW = datetime(2026, 6, 30, 14, tzinfo=ZoneInfo("America/New_York"))
_DTYPES = {"integer": "Int64", "number": "Float64", "boolean": "Int64", "text": "str"}


class Opened:
    """What a researcher gets."""

    def __init__(self, zipped: bytes) -> None:
        with zipfile.ZipFile(io.BytesIO(zipped)) as opened:
            assert opened.testzip() is None
            self.files = {name: opened.read(name).decode("utf-8") for name in opened.namelist()}
        self.settings: dict[str, Any] = json.loads(self.files["settings.json"])
        self.dictionary = list(csv.DictReader(io.StringIO(self.files["data_dictionary.csv"])))

    def table(self, name: str) -> pd.DataFrame:
        columns = {row["column"]: _DTYPES[row["type"]] for row in self.dictionary if row["file"] == f"{name}.csv"}
        text = io.StringIO(self.files[f"{name}.csv"])
        frame = pd.read_csv(text, dtype=columns, keep_default_na=False, na_values=[""])
        assert list(frame.columns) == list(columns), "the dictionary names the columns, in order"
        return frame

    @property
    def study_ids(self) -> list[str]:
        return self.table("courses")["study_id"].drop_duplicates().tolist()


def export(label: str | None = "ptsd", as_of: date = UNTIL) -> ResearchExport:
    with in_clinic_time():
        return research_export(label=label, as_of=as_of, now=NOW)


def opened(label: str | None = "ptsd", as_of: date = UNTIL) -> Opened:
    return Opened(export(label, as_of).zipped())
