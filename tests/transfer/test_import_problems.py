"""Past records that are wrong: every row is named with its line and column, and nothing is written."""

import os
from datetime import UTC, date, datetime

import pytest
from past_record_files import places

from infusions.models import Course

PATIENT_HEADER = "mrn,given_name,family_name,date_of_birth"
PATIENT_LINE = "A1,Ada,Young,1980-05-06"
NOW = datetime(2025, 6, 1, 16, tzinfo=UTC)


# --- one cell ---

BAD_PATIENTS = {
    "no mrn": ("mrn", " ", "is blank"),
    "mrn too long": ("mrn", "9" * 65, "at most 64 characters"),
    "mrn whose search key is too long": ("mrn", "\ufdfa" * 20, "too long"),
    "no name": ("given_name", "", "is blank: write the name"),
    "name too long": ("family_name", "n" * 201, "at most 200"),
    "control character": ("given_name", "A\x1bda", "has unprintable characters"),
    "line break in a name": ("given_name", "A\nda", "text on one line"),
    "no birth": ("date_of_birth", "", "YYYY-MM-DD"),
    "American date": ("date_of_birth", "5/6/1980", "YYYY-MM-DD"),
    "no such day": ("date_of_birth", "1981-02-29", "is no date"),
    "other digits": ("date_of_birth", "١٩٨٠-٠٥-٠٦", "is no date"),
    "short year": ("date_of_birth", "0198-05-06", "from 1900 on"),
    "birth in the future": ("date_of_birth", "2025-06-02", "in the future"),
    "unknown gender": ("gender", "F", "blank, female, male, nonbinary, other"),
    "unknown race": ("race_ethnicity", "martian", "american_indian"),
    "unknown therapy": ("concurrent_psychotherapy", "1", "yes, no"),
    "half a medicine": ("psychiatric_medications", "1.5", "whole number from 0"),
    "medicines beyond the column": ("psychiatric_medications", "40000", "to 32767"),
    "negative medicines": ("psychiatric_medications", "-1", "whole number from 0"),
}
BAD_INFUSIONS = {
    "no course": ("course", "", "whole number from 1"),
    "course 0": ("course", "0", "from 1"),
    "course beyond the column": ("course", "32768", "to 32767"),
    "course with a point": ("course", "1.0", "whole number"),
    "course in other digits": ("course", "١", "whole number"),
    "no start": ("started_at", "", "YYYY-MM-DDTHH:MM"),
    "start without time": ("started_at", "2025-03-03", "YYYY-MM-DDTHH:MM"),
    "start with offset": ("started_at", "2025-03-03T10:00-05:00", "without an offset"),
    "start in UTC": ("started_at", "2025-03-03T10:00Z", "without an offset"),
    "no such hour": ("started_at", "2025-03-03T24:00", "is no start"),
    "the clock skipped it": ("started_at", "2025-03-09T02:30", "does not exist in America/New_York"),
    "start tomorrow": ("started_at", "2025-06-02T09:00", "in the future"),
    "start later today": ("started_at", "2025-06-01T12:30", "in the future"),
    "start at the end of time": ("started_at", "9999-12-31T23:59", "in the future"),
    "before birth": ("started_at", "1980-05-05T23:59", "before the patient was born"),
    "weight too low": ("weight_kg", "24.99", "25 to 350"),
    "weight too high": ("weight_kg", "350.01", "25 to 350"),
    "decimal comma": ("weight_kg", "80,5", "has a comma"),
    "places that would be rounded": ("weight_kg", "80.123", "at most 2"),
    "not a number": ("weight_kg", "NaN", "is no number"),
    "infinity": ("dose_mg", "Infinity", "is no number"),
    "exponent": ("dose_mg", "4e1", "is no number"),
    "no dose": ("dose_mg", "", "is blank"),
    "negative dose": ("dose_mg", "-1", "0 to 500"),
    "dose too high": ("dose_mg", "500.01", "0 to 500"),
    "0 mg/kg": ("dose_mg_per_kg", "0", "more than 0 and at most 4.5"),
    "mg/kg too high": ("dose_mg_per_kg", "4.51", "at most 4.5"),
    "no minutes": ("minutes", "0", "1 to 600"),
    "minutes too many": ("minutes", "600.1", "1 to 600"),
    "tenths of minutes": ("minutes", "40.25", "at most 1"),
    "unknown route": ("route", "nasal", "IV, IM"),
    "unknown phase": ("phase", "Induction", "induction, maintenance, booster"),
    "unknown mask": ("eye_mask", "y", "yes, no"),
    "NUL in a note": ("integration_note", "a\0b", "NUL byte"),
}
BAD_FORMS = {
    "no day": ("completed_on", "", "YYYY-MM-DD"),
    "form tomorrow": ("completed_on", "2025-06-02", "in the future"),
    "form before birth": ("completed_on", "1980-05-05", "before the patient was born"),
    "no recall": ("recall", "", "week, month"),
    "unknown recall": ("recall", "30", "week, month"),
    "answer of the 1 to 5 scale": ("q7", "5", "blank, 0, 1, 2, 3, 4"),
    "negative answer": ("q7", "-1", "0, 1, 2"),
    "half an answer": ("q7", "2.0", "0, 1, 2"),
    "unknown number": ("mrn", "a1", "is the number of no patient"),
}


@pytest.mark.parametrize(("column", "value", "wording"), BAD_PATIENTS.values(), ids=BAD_PATIENTS)
def test_a_bad_cell_of_a_patient(records, refused, column, value, wording):
    records.patient(mrn="A0").patient(**{column: value}).patient(mrn="A2")

    done = refused(records.write())

    assert places(done) == [f"patients.csv:3: {column}"]
    assert wording in done.problems[0]


@pytest.mark.parametrize(("column", "value", "wording"), BAD_INFUSIONS.values(), ids=BAD_INFUSIONS)
def test_a_bad_cell_of_an_infusion(records, refused, column, value, wording):
    records.patient().infusion(intention="two\nlines").infusion(**{"started_at": "2025-03-06T10:00", column: value})

    done = refused(records.write())

    assert places(done) == [f"infusions.csv:4: {column}"]
    assert wording in done.problems[0]


@pytest.mark.parametrize(("column", "value", "wording"), BAD_FORMS.values(), ids=BAD_FORMS)
def test_a_bad_cell_of_a_form(records, refused, column, value, wording):
    records.patient().pcl5(completed_on="2025-02-19").pcl5(**{column: value})

    done = refused(records.write())

    assert places(done) == [f"pcl5.csv:3: {column}"]
    assert wording in done.problems[0]


def test_a_form_without_any_answer(records, refused):
    done = refused(records.patient().pcl5(**{f"q{n}": "" for n in range(1, 21)}).write())

    assert places(done) == ["pcl5.csv:2: q1"]
    assert "no question is answered" in done.problems[0]


def test_a_long_bad_value_is_shown_in_part(records, refused):
    done = refused(records.patient(gender="x" * 1_000_000).write())

    assert len(done.problems[0]) < 200


# --- one row against others ---


def test_a_patient_born_on_1_march_2025_is_refused_line_by_line(records, refused):
    records.patient(date_of_birth="2025-03-01").infusion(started_at="2025-02-27T10:00").infusion()
    records.pcl5().pcl5(completed_on="2025-02-28").pcl5(completed_on="2025-03-01")

    assert places(refused(records.write())) == [
        "infusions.csv:2: started_at",
        "pcl5.csv:2: completed_on",
        "pcl5.csv:3: completed_on",
    ]


def test_all_problems_of_all_files_come_in_one_run_in_order(records, refused):
    records.patient(gender="x", date_of_birth="x").patient(mrn="A2")
    records.infusion(mrn="A9").infusion(weight_kg="1", minutes="x").pcl5(mrn="A2", q1="9", q20="9")

    done = refused(records.write())

    assert places(done) == [
        "patients.csv:2: date_of_birth",
        "patients.csv:2: gender",
        "infusions.csv:2: mrn",
        "infusions.csv:3: minutes",
        "infusions.csv:3: weight_kg",
        "pcl5.csv:2: q1",
        "pcl5.csv:2: q20",
    ]
    assert str(done.error) == "7 problems on 4 lines. Nothing was written."


@pytest.mark.parametrize(
    ("file", "different", "column"),
    [
        ("patient", {"given_name": "Eve"}, "patients.csv:3: mrn"),
        ("infusion", {"dose_mg": "41"}, "infusions.csv:3: started_at"),
        ("infusion", {"course": "2"}, "infusions.csv:3: started_at"),
        ("pcl5", {"q20": "3"}, "pcl5.csv:3: completed_on"),
    ],
)
def test_a_key_that_comes_twice_with_other_content(records, refused, file, different, column):
    if file != "patient":
        records.patient()
    getattr(records, file)()
    getattr(records, file)(**different)

    done = refused(records.write())

    assert places(done) == [column]
    assert "line 2 has" in done.problems[0]


def test_courses_that_interleave(records, refused):
    records.patient().infusion().infusion(course="2", started_at="2025-03-10T10:00")
    records.infusion(started_at="2025-03-13T10:00").infusion(course="2", started_at="2025-03-20T10:00")

    done = refused(records.write())

    assert places(done) == ["infusions.csv:4: course"]
    assert "course 2 had begun before (2025-03-10T10:00, line 3)" in done.problems[0]


@pytest.mark.parametrize(
    ("course", "start", "wording"),
    [
        ("1", "2025-04-02T10:00", "course 2 had begun before (2025-04-01T10:00, already stored)"),
        ("2", "2025-03-01T10:00", "course 1 goes on after it (2025-03-03T10:00, already stored)"),
    ],
)
def test_courses_that_interleave_with_stored_ones(records, run_import, refused, course, start, wording):
    run_import(records.patient().infusion().infusion(course="2", started_at="2025-04-01T10:00").write())
    Course.objects.update(opened_on=date(2025, 1, 1))

    done = refused(records.infusion(course=course, started_at=start).write())

    assert places(done) == ["infusions.csv:4: course"]
    assert wording in done.problems[0]


def test_a_course_with_two_phases(records, refused):
    done = refused(records.patient().infusion().infusion(started_at="2025-03-06T10:00", phase="booster").write())

    assert places(done) == ["infusions.csv:3: phase"]
    assert "course 1 is induction on line 2" in done.problems[0]


# --- the file itself ---

FILES = {
    "empty": ("", ["1: header"], "is missing"),
    "no header": (PATIENT_LINE, ["1: header"], "is missing"),
    "an empty first line": (f"\n{PATIENT_HEADER}\n{PATIENT_LINE}", ["1: header"], "is missing"),
    "UTF-16": (PATIENT_HEADER.encode("utf-16"), ["1: header"], "UTF-8"),
    "unknown column": (f"{PATIENT_HEADER},phone\n{PATIENT_LINE},1", ["1: phone"], "accepted are mrn, given_name"),
    "column without a name": (f"{PATIENT_HEADER},\n{PATIENT_LINE},", ["1: header"], "unknown column"),
    "missing column": ("mrn,given_name,family_name\nA1,Ada,Young", ["1: date_of_birth"], "is missing"),
    "column twice": (f"{PATIENT_HEADER},mrn\n{PATIENT_LINE},A1", ["1: mrn"], "twice"),
    "too few cells": (f"{PATIENT_HEADER}\nA1,Ada\nA2,Bo,Young,x", ["2: row", "3: date_of_birth"], "has 2 cells"),
    "too many cells": (f"{PATIENT_HEADER}\n{PATIENT_LINE},1", ["2: row"], "has 5 cells"),
    "only separators": (
        f"{PATIENT_HEADER}\n,,,",
        ["2: mrn", "2: given_name", "2: family_name", "2: date_of_birth"],
        "",
    ),
    "Latin-1": (f"{PATIENT_HEADER}\nA1,Zoë,Young,1980-05-06".encode("latin-1"), ["2: given_name"], "UTF-8"),
    "NUL": (f"{PATIENT_HEADER}\n{PATIENT_LINE}\nA2,A\0,Young,1", ["3: given_name", "3: date_of_birth"], "NUL byte"),
    "quote left open": (f'{PATIENT_HEADER}\nA1,"Ada,Young,1980-05-06\nA2,Bo', ["2: row"], "double quotes"),
    "quote in the middle": (f'{PATIENT_HEADER}\nA1,"A"da,Y,1980-05-06\nA2,B,Y,x', ["2: row", "3: date_of_birth"], ""),
    "lines inside quotes count": (
        f'{PATIENT_HEADER}\r\n"A1","Ada","Yo\r\nu\r\nng",x\r\n\r\nA2,Bo,Young,x',
        ["2: family_name", "2: date_of_birth", "6: date_of_birth"],
        "",
    ),
}


@pytest.mark.parametrize(("content", "expected", "wording"), FILES.values(), ids=FILES)
def test_a_file_that_is_wrong(records, refused, content, expected, wording):
    done = refused(records.raw("patients.csv", content).directory)

    assert places(done) == [f"patients.csv:{place}" for place in expected]
    assert wording in done.problems[0]


def test_a_cell_without_end_stops_the_file(records, refused, monkeypatch):
    monkeypatch.setattr("clinic.transfer.tables.LONGEST_CELL", 1000)
    done = refused(records.raw("patients.csv", f'{PATIENT_HEADER}\nA1,"{"x" * 2000}\nA2,B').directory)

    assert places(done) == ["patients.csv:2: row"]
    assert "look for a missing double quote" in done.problems[0]


def test_a_refused_patient_is_not_reported_as_unknown_too(records, refused):
    records.patient(gender="x").infusion().pcl5()

    assert places(refused(records.write())) == ["patients.csv:2: gender"]


def test_no_patient_is_called_unknown_when_the_numbers_could_not_be_read(records, refused):
    records.raw("patients.csv", "given_name,family_name,date_of_birth\nAda,Young,1980-05-06")

    assert places(refused(records.infusion().pcl5().write())) == ["patients.csv:1: mrn"]


def test_a_file_that_is_a_directory(records, refused):
    (records.directory / "pcl5.csv").mkdir()

    assert places(refused(records.patient().write())) == ["pcl5.csv:1: header"]


def test_all_that_is_wrong_is_said_in_one_run_also_of_rows_with_a_refused_cell(records, refused):
    records.patient(gender="F", date_of_birth="2025-03-05")
    records.infusion(weight_kg="9").infusion(started_at="2025-03-06T10:00", course="2", minutes="0")
    records.infusion(started_at="2025-03-07T10:00", course="1").infusion(mrn="B9", dose_mg="x")
    records.pcl5(q3="5").pcl5(mrn="B9", q1="9")
    records.pcl5(completed_on="2025-03-09", q1="5").pcl5(completed_on="2025-03-09", q1="1", q2="4")

    done = refused(records.write())

    assert places(done) == [
        "patients.csv:2: gender",
        "infusions.csv:2: weight_kg",
        "infusions.csv:2: started_at",
        "infusions.csv:3: minutes",
        "infusions.csv:4: course",
        "infusions.csv:5: dose_mg",
        "infusions.csv:5: mrn",
        "pcl5.csv:2: q3",
        "pcl5.csv:2: completed_on",
        "pcl5.csv:3: q1",
        "pcl5.csv:3: mrn",
        "pcl5.csv:4: q1",
        "pcl5.csv:5: completed_on",
    ]


@pytest.mark.parametrize("cell", ["gender", "eye_mask", "phase", "recall", "given_name"])
def test_what_may_be_a_name_or_a_note_is_not_repeated(records, refused, cell):
    secret = "Zebediah Quux wept\x07"
    file = {"gender": records.patient, "given_name": records.patient, "recall": records.pcl5}.get(
        cell, records.infusion
    )
    records.patient(mrn="A0")
    file(**{cell: secret})

    done = refused(records.write())

    assert "Zebediah" not in "".join(done.problems)


def test_a_quote_that_is_not_closed_does_not_swallow_infusions(records, refused):
    header = "mrn,course,started_at,minutes,weight_kg,dose_mg_per_kg,dose_mg,route,integration_note"
    row = "A1,1,2025-03-{:02}T10:00,40,80,0.5,40,IV,{}"
    rows = [row.format(3, '"felt ok'), row.format(6, "calm"), row.format(10, 'slept 5"'), row.format(13, "")]
    records.patient().raw("infusions.csv", "\n".join([header, *rows]))

    assert places(refused(records.write())) == ["infusions.csv:2: row"]


def test_after_a_broken_row_nobody_is_called_unknown(records, refused):
    records.infusion().pcl5().write()
    records.raw("patients.csv", 'mrn,given_name,family_name,date_of_birth\nA0,"x"y,Y,1980-01-01\nA1,A,Y,1980-05-06\n')

    assert places(refused(records.directory)) == ["patients.csv:2: row"]


@pytest.mark.parametrize("mrn", ["A\u200b1", "\u200b", "\u2003"])
def test_a_record_number_has_only_what_can_be_seen(records, refused, mrn):
    assert places(refused(records.patient(mrn=mrn).write())) == ["patients.csv:2: mrn"]


def test_names_in_quotes_after_a_blank_are_refused(records, refused):
    records.raw("patients.csv", 'mrn,given_name,family_name,date_of_birth\nA1, "Ada",Young,1980-05-06\n')

    assert places(refused(records.directory)) == ["patients.csv:2: given_name"]


def test_a_file_named_with_capitals_is_not_left_out_silently(records, refused):
    records.patient().write()
    (records.directory / "PCL5.csv").write_text("mrn")

    assert places(refused(records.directory)) == ["pcl5.csv:1: header"]


def test_only_files_are_read(records, refused, tmp_path):
    records.patient().write()
    (records.directory / "pcl5.csv").symlink_to(tmp_path / "nowhere")
    os.mkfifo(records.directory / "infusions.csv")

    assert places(refused(records.directory)) == ["infusions.csv:1: header", "pcl5.csv:1: header"]
