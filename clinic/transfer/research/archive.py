"""The files of the research export, as bytes of a ZIP that says nothing of the machine it was made on."""

import csv
import io
import json
import zipfile
from typing import TYPE_CHECKING, Any

from clinic.csv_cells import safe_cell

if TYPE_CHECKING:
    import pandas as pd

DICTIONARY, SETTINGS, README = "data_dictionary.csv", "settings.json", "README.txt"
_README = """\
De-identified research export of a ketamine clinic, made by Tidemark
{line}

Files
  readings.csv          one row per current valid PCL-5 of an outcome course (long format)
  courses.csv           one row per outcome course (an induction with a given infusion)
  infusions.csv         one row per infusion that counts for such a course
  adverse_events.csv    one row per adverse event of these infusions
  data_dictionary.csv   every column: type, unit, allowed values, meaning, source, class
  settings.json         criteria, day of the extract, counts, what was suppressed

How to read them
  Files join by study_id, course and session. Day 0 is the day of the course's first infusion. There are no dates.
  A blank is missing or does not apply. Yes and no are 1 and 0.
  Rates per patient count each patient's first course (course = 1) that is eligible (eligible = 1) and has an endpoint.
  In R:      lme4::lmer(total ~ day + (day | study_id), data = subset(readings, course == 1))
  In Python: smf.mixedlm("total ~ day", readings[readings.course == 1], groups="study_id")
  The baseline of a later course may be a follow-up of the course before: see baseline_of_course.

What was done so that nobody is named
  Study ids are keyed; without the clinic's key and label nobody can make or undo one.
  Days are differences, ages are bands, doses are rounded and without weight or mg, free text is left out.
  A group that fewer than {fewest} patients share is written as "suppressed" (adverse-event terms: "other"). Where the pool would
  be smaller than that, the next smallest group joins it. Where all are pooled, the column says nothing.
  Patients who withdrew their consent to research use of their records are left out.
  Scores, days and outcomes are those of single patients. Who knows a patient's course in detail could find it: share these
  files only under an agreement that forbids looking for anybody, and never together with another export.

What it is not
  Observational records without a control group. Scores are no diagnosis.
"""


def archive(tables: "dict[str, pd.DataFrame]", described: dict[str, Any]) -> bytes:
    """A ZIP of the tables, their dictionary, the settings and a README."""
    from clinic.transfer.research.columns import dictionary
    from clinic.transfer.research.suppression import FEWEST_PATIENTS

    files = {name: _csv(table) for name, table in tables.items()}
    rows = dictionary()
    files[DICTIONARY] = _text([list(rows[0]), *(list(row.values()) for row in rows)])
    files[SETTINGS] = json.dumps(described, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    files[README] = _README.format(line="=" * 68, fewest=FEWEST_PATIENTS)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, text in files.items():
            zipped.writestr(_member(name), text.encode("utf-8"))
    return packed.getvalue()


def _member(name: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name)  # its time is the first that a ZIP knows, whatever the clock says
    member.compress_type = zipfile.ZIP_DEFLATED
    member.external_attr = 0o600 << 16
    return member


def _csv(table: "pd.DataFrame") -> str:
    """The table: yes and no as 1 and 0, missing as a blank, no cell that a spreadsheet would run."""
    plain = table.copy()
    for name in plain.columns:
        column = plain[name]
        if column.dtype.kind == "b":
            plain[name] = column.astype("Int64")
        elif column.dtype.kind not in "iuf":
            plain[name] = column.astype("str").map(safe_cell)
    return str(plain.to_csv(index=False, lineterminator="\r\n"))


def _text(rows: list[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([safe_cell(cell) for cell in row] for row in rows)
    return text.getvalue()
