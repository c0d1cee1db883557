"""Past records that are right come in as they are, once."""

import hashlib
import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO, TextIOWrapper

import pytest
from django.core.management import call_command
from django.db import DatabaseError

from assessments.models import Assessment, Mode
from assessments.services import correct_assessment
from clinic.audit.models import AuditEvent
from clinic.transfer import past_records, writing
from infusions.models import Course, Infusion, IntegrationNote, Phase, Status
from patients.models import Patient, YesNo

COURSE = ("2025-03-03T10:00", "2025-03-06T10:00", "2025-03-10T10:00", "2025-03-13T10:00")


def a_course(records):
    records.patient(concurrent_psychotherapy="yes", psychiatric_medications="3")
    for start in COURSE:
        records.infusion(started_at=start)
    return records.pcl5().pcl5(completed_on="2025-04-03", q1="0")


# --- what is stored ---


def test_every_value_is_stored_as_it_was_observed(records, run_import):
    records.patient(gender="nonbinary", race_ethnicity="asian", concurrent_psychotherapy="no")
    records.infusion(
        minutes="52.5",
        weight_kg="80.25",
        dose_mg_per_kg="0.4985",
        dose_mg="40.01",
        eye_mask="yes",
        music="no",
        preparation_note="Breathed.",
        intention="Rest",
        integration_note="Wrote.",
    ).pcl5(q3="", q16="4")

    run_import(records.write())

    patient = Patient.objects.get()
    assert (patient.mrn, patient.given_name, patient.date_of_birth) == ("A1", "Ada", date(1980, 5, 6))
    assert (patient.gender, patient.race_ethnicity) == ("nonbinary", "asian")
    assert (patient.psychotherapy_at_intake, patient.psychiatric_medications_at_intake) == (YesNo.NO, None)
    assert (patient.mrn_key, patient.family_name_key) == ("a1", "young")
    infusion = Infusion.objects.select_related("course").get()
    assert infusion.status == Status.COMPLETED
    assert infusion.started_at == datetime(2025, 3, 3, 15, tzinfo=UTC)
    assert (infusion.minutes, infusion.weight_kg) == (Decimal("52.5"), Decimal("80.25"))
    assert (infusion.dose_mg_per_kg, infusion.dose_mg_given) == (Decimal("0.4985"), Decimal("40.01"))
    assert infusion.dose_mg_ordered is None
    assert (infusion.eye_mask, infusion.music, infusion.intention) == (YesNo.YES, YesNo.NO, "Rest")
    assert infusion.preparation_note == "Breathed."
    note = IntegrationNote.objects.get()
    assert (note.infusion_id, note.text, note.entered_by_id) == (infusion.pk, "Wrote.", None)
    form = Assessment.objects.get()
    assert (form.form, form.completed_on, form.completed_at) == ("month", date(2025, 2, 20), None)
    assert (form.mode, form.total, form.answered_sum, form.missing_items) == (Mode.NOT_RECORDED, None, 40, 1)
    assert form.answers[2] is None
    assert form.review_flags == ["item_16"]


def test_the_first_course_copies_what_was_recorded_at_intake_and_no_other_does(records, run_import):
    a_course(records).infusion(course="2", started_at="2025-05-01T09:00", phase="booster")

    run_import(records.write())

    first, second = Course.objects.order_by("number")
    assert (first.opened_on, first.phase, first.planned_infusions) == (date(2025, 3, 3), Phase.INDUCTION, 6)
    assert (first.psychotherapy_at_start, first.psychiatric_medications_at_start) == (YesNo.YES, 3)
    assert (second.opened_on, second.phase) == (date(2025, 5, 1), Phase.BOOSTER)
    assert (second.psychotherapy_at_start, second.psychiatric_medications_at_start) == (YesNo.NOT_RECORDED, None)


def test_rows_count_as_entered_in_file_order(records, run_import):
    records.patient().patient(mrn="A2")
    records.pcl5(mrn="A2", completed_on="2025-05-01").pcl5(completed_on="2025-04-03").pcl5(mrn="A2")

    run_import(records.write())

    entered = Assessment.objects.order_by("pk").values_list("patient__mrn", "completed_on")
    assert list(entered) == [("A2", date(2025, 5, 1)), ("A1", date(2025, 4, 3)), ("A2", date(2025, 2, 20))]


def test_blank_cells_are_not_recorded_and_0_mg_is_no_given_infusion(records, run_import):
    records.patient(gender="", race_ethnicity="", psychiatric_medications="")
    records.infusion(minutes="", weight_kg="", dose_mg_per_kg="", dose_mg="0", route="", phase="", music="")

    assert run_import(records.write()).exit_code == 0

    infusion = Infusion.objects.get()
    assert (infusion.minutes, infusion.weight_kg, infusion.dose_mg_per_kg) == (None, None, None)
    assert (infusion.dose_mg_given, infusion.route, infusion.music) == (0, "IV", YesNo.NOT_RECORDED)
    assert not Infusion.objects.given().exists()


def test_a_start_that_came_twice_is_the_first_of_the_two(records, run_import):
    records.patient().infusion(started_at="2024-11-03 01:30:15")

    run_import(records.write())

    assert Infusion.objects.get().started_at == datetime(2024, 11, 3, 5, 30, 15, tzinfo=UTC)


def test_outcomes_are_asked_for_and_their_failure_leaves_the_records_in(records, run_import, monkeypatch):
    def fail(**_arguments):
        raise RuntimeError("out of order")

    monkeypatch.setattr("clinic.transfer.management.commands.import_records.recompute_stale", fail)

    done = run_import(a_course(records).write())

    assert done.exit_code == 0
    assert "The records are in, but not all outcomes (RuntimeError)" in done.problems[0]
    assert Infusion.objects.count() == 4


@pytest.mark.django_db(transaction=True)
def test_patients_are_announced_before_their_rows_and_each_gets_an_event(records, run_import):
    a_course(records).patient(mrn="A2")

    run_import(records.write())

    versions = dict(Patient.objects.order_by("pk").values_list("mrn", "record_version"))
    assert versions == {"A1": 1, "A2": 0}
    total, first, second = AuditEvent.objects.filter(action="import records").order_by("pk")
    assert total.patient_id is None
    assert total.detail["added"] == {"patients.csv": 2, "infusions.csv": 4, "pcl5.csv": 2, "courses": 1}
    content = (records.directory / "pcl5.csv").read_bytes()
    assert total.detail["sha256"]["pcl5.csv"] == hashlib.sha256(content).hexdigest()
    assert first.detail["added"] == {"patients.csv": 1, "infusions.csv": 4, "pcl5.csv": 2, "courses": 1}
    assert second.detail["added"] == {"patients.csv": 1}


# --- how files may be written ---


@pytest.mark.parametrize(
    "written",
    [
        {"encoding": "utf-8-sig"},
        {"delimiter": ";"},
        {"line_end": "\r\n"},
        {"delimiter": ";", "line_end": "\r\n", "encoding": "utf-8-sig"},
    ],
)
def test_files_may_have_a_bom_semicolons_or_crlf(records, run_import, written):
    a_course(records).infusion(started_at="2025-03-20T10:00", intention="Rest, and; peace")

    done = run_import(records.write(**written))

    assert done.exit_code == 0, done.problems
    assert Infusion.objects.get(started_at__date="2025-03-20").intention == "Rest, and; peace"


@pytest.mark.parametrize(
    "text",
    ["first\r\nsecond\n\nthird", "😀 felt light 🕊️", "שלום, السلام", 'he said "no"', "n" * 1_000_000, "  kept  "],
    ids=["lines", "emoji", "right to left", "quotes", "1 MB", "blanks"],
)
def test_notes_are_kept_as_they_are(records, run_import, text):
    records.patient().infusion(preparation_note=text, integration_note=text)
    directory = records.write()

    assert run_import(directory).exit_code == 0
    assert Infusion.objects.get().preparation_note == text
    assert IntegrationNote.objects.get().text == text
    assert "Nothing new" in run_import(directory).out


@pytest.mark.parametrize("name", ["Zoë-Łucja", "د. أحمد", "木村", "O’Neill 😀"])
def test_names_may_be_in_any_script(records, run_import, name):
    assert run_import(records.patient(given_name=f" {name} ").write()).exit_code == 0
    assert Patient.objects.get().given_name == name


def test_any_file_may_be_absent(records, run_import):
    a_course(records).write()
    (records.directory / "infusions.csv").unlink()
    (records.directory / "notes.txt").write_text("ignored")
    assert run_import(records.directory).exit_code == 0
    (records.directory / "patients.csv").unlink()

    assert "Nothing new" in run_import(records.directory).out


def test_empty_lines_are_skipped(records, run_import):
    header = "mrn,given_name,family_name,date_of_birth"
    records.raw("patients.csv", f"{header}\n\nA1,Ada,Young,1980-05-06\n\n\nA2,Bo,Young,1981-05-06")

    assert "patients.csv: 2 read, 2 new" in run_import(records.directory).out


# --- once only ---


def test_the_same_directory_twice_changes_nothing_and_says_so(records, run_import, stored):
    directory = a_course(records).infusion(started_at="2025-03-20T10:00", integration_note="Wrote.").write()
    run_import(directory)
    before = stored()

    again = run_import(directory)

    assert again.exit_code == 0
    assert "infusions.csv: 5 read, 0 new, 5 unchanged" in again.out
    assert again.out.rstrip().endswith("Nothing new: everything in these files is stored already.")
    assert stored() == before


def test_a_dry_run_says_the_same_and_writes_nothing(records, run_import, stored):
    directory = a_course(records).write()
    before = stored()

    dry = run_import(directory, "--dry-run").out.splitlines()

    assert stored() == before
    assert "dry run, nothing written" in dry[-1]
    assert run_import(directory).out.splitlines()[:-1] == dry[:-1]


def test_an_earlier_infusion_found_later_opens_an_imported_course_sooner(records, run_import):
    run_import(records.patient().infusion().write())
    records.rows["infusions"] = []
    run_import(records.infusion(started_at="2025-03-01T10:00").write())
    assert Course.objects.get().opened_on == date(2025, 3, 1)
    assert Infusion.objects.count() == 2


def test_another_route_has_no_limit_by_weight(records, run_import):
    run_import(records.patient().infusion(route="PO", dose_mg_per_kg="5", dose_mg="400").write())
    assert Infusion.objects.get().dose_mg_per_kg == 5


def test_later_rows_join_what_is_stored(records, run_import):
    run_import(a_course(records).write())
    records.infusion(started_at="2025-03-20T10:00").pcl5(completed_on="2025-05-01")

    done = run_import(records.write())

    assert "infusions.csv: 5 read, 1 new, 4 unchanged" in done.out
    assert "courses opened" not in done.out
    assert Course.objects.count() == 1


def test_a_repeated_row_is_counted_once_and_mentioned(records, run_import):
    done = run_import(records.patient().pcl5().pcl5().write())

    assert "pcl5.csv: 2 read, 1 new, 0 unchanged, 1 repeated in the file and counted once" in done.out
    assert Assessment.objects.count() == 1


def test_columns_that_a_file_does_not_supply_contradict_nothing(records, run_import):
    records.patient(gender="male", psychiatric_medications="2").infusion(phase="maintenance", intention="Rest").write()
    run_import(records.directory)
    records.rows = {"patients": [], "infusions": [], "pcl5": []}

    assert "Nothing new" in run_import(records.patient().infusion().write()).out


def test_a_form_is_compared_with_its_corrected_version(records, run_import):
    directory = records.patient().pcl5().write()
    run_import(directory)
    correct_assessment(
        actor=None, assessment=Assessment.objects.get(), now=datetime.now(UTC), reason="slip", answers=[1] + [2] * 19
    )

    refused = run_import(directory)
    accepted = run_import(
        records.raw("pcl5.csv", (directory / "pcl5.csv").read_text().replace(",2,", ",1,", 1)).directory
    )

    assert refused.problems == [
        "pcl5.csv:2: q1: contradicts the record: stored is 1, here it is 2; correct the file, or the record by hand"
    ]
    assert "Nothing new" in accepted.out


# --- limits that are only counted ---


def test_limits_other_than_reject_are_counted_and_shown(records, run_import):
    records.patient().infusion(dose_mg_per_kg="1.3", dose_mg="104")
    records.infusion(started_at="2025-03-04T10:00", dose_mg_per_kg="1.3", dose_mg="104")

    done = run_import(records.write())

    assert done.exit_code == 0
    assert "  2 × dose above 1.2 mg/kg (warn)\n" in done.out
    assert "  1 × interval below 48 hours (warn)\n" in done.out
    again = run_import(records.write())
    assert "×" not in again.out


def test_a_stored_infusion_is_the_previous_one(records, run_import):
    run_import(records.patient().infusion(weight_kg="80").write())

    done = run_import(records.infusion(started_at="2025-03-20T10:00", weight_kg="60", dose_mg="30").write())

    assert "  1 × weight change above 10 percent (override)\n" in done.out


# --- when it cannot be done ---


def test_a_directory_that_is_none_or_holds_nothing(records, run_import, tmp_path):
    missing = run_import(tmp_path / "nowhere")
    empty = run_import(tmp_path)

    assert (missing.exit_code, empty.exit_code) == (1, 1)
    assert "is no directory" in str(missing.error)
    assert "holds none of patients.csv, infusions.csv, pcl5.csv" in str(empty.error)


def test_a_record_that_changes_meanwhile_stops_the_import(records, run_import, stored, monkeypatch):
    run_import(a_course(records).write())
    before = stored()
    write = past_records.write

    def change_then_write(*arguments, **named):
        Patient.objects.update(record_version=7)
        write(*arguments, **named)

    monkeypatch.setattr(past_records, "write", change_then_write)
    done = run_import(records.pcl5(completed_on="2025-05-05").write())

    assert (done.exit_code, "changed one of these records meanwhile" in str(done.error)) == (1, True)
    Patient.objects.update(record_version=1)
    assert stored() == before


def test_all_or_nothing_when_the_database_fails_half_way(records, run_import, stored, monkeypatch):
    before = stored()

    def fail(*_arguments):
        raise DatabaseError("secret detail")

    monkeypatch.setattr(writing, "_insert_events", fail)
    done = run_import(a_course(records).write())

    assert done.exit_code == 1
    assert "secret" not in str(done.error)
    assert stored() == before


def test_a_database_without_tables_is_said_without_a_traceback(records, tmp_path):
    directory = records.patient().write()
    done = subprocess.run(
        [sys.executable, "manage.py", "import_records", str(directory)],
        env={"DATABASE_URL": f"sqlite:///{tmp_path}/empty.db", "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "no such table" in done.stderr


def test_help_names_the_files(capsys):
    with pytest.raises(SystemExit):
        call_command("import_records", "--help")
    assert "patients.csv" in capsys.readouterr().out


def test_the_summary_comes_through_a_terminal_without_unicode(records, db):
    records.patient().infusion(dose_mg_per_kg="1.3", dose_mg="104")
    out = TextIOWrapper(BytesIO(), encoding="ascii")

    call_command("import_records", str(records.write()), stdout=out)

    out.seek(0)
    assert "  1 ? dose above 1.2 mg/kg (warn)\n" in out.read()
