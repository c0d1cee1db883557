"""How the files are written, whatever a table holds."""

import io
import zipfile

import pandas as pd

from clinic.transfer.research.archive import archive


def test_cells_are_safe_plain_and_blank_where_missing() -> None:
    table = pd.DataFrame(
        {
            "study_id": ["bcd", '=HYPERLINK("x")'],
            "day": pd.array([-3, None], dtype="Int64"),
            "eligible": [True, False],
            "response": pd.array([None, True], dtype="boolean"),
            "mg_per_kg": [0.5, None],
        }
    )
    with zipfile.ZipFile(io.BytesIO(archive({"courses.csv": table}, {"label": None}))) as opened:
        text = opened.read("courses.csv").decode()
        times = {member.date_time for member in opened.infolist()}
    assert text.split("\r\n") == [
        "study_id,day,eligible,response,mg_per_kg",
        "bcd,-3,1,,0.5",
        '"\'=HYPERLINK(""x"")",,0,1,',
        "",
    ]
    assert times == {(1980, 1, 1, 0, 0, 0)}, "a ZIP tells when it was packed"


def test_a_missing_text_is_a_blank() -> None:
    table = pd.DataFrame({"role": pd.Series(["baseline", None], dtype="str")})
    with zipfile.ZipFile(io.BytesIO(archive({"readings.csv": table}, {}))) as opened:
        assert opened.read("readings.csv").decode() == 'role\r\nbaseline\r\n""\r\n'
