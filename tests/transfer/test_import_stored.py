"""Past records against what is stored: nothing is overwritten, and nothing corrected comes back."""

from datetime import UTC, date, datetime, timedelta

import pytest
from builders import make_user
from past_record_files import places

from assessments.models import Assessment
from assessments.services import correct_assessment, void_assessment
from infusions.models import Course, Infusion, IntegrationNote
from infusions.services import amend_infusion, move_infusion
from patients.models import Patient

PATIENT_HEADER = "mrn,given_name,family_name,date_of_birth"
PATIENT_LINE = "A1,Ada,Young,1980-05-06"
NOW = datetime(2025, 6, 1, 16, tzinfo=UTC)


CONTRADICTIONS = [
    ("patients.csv:2: family_name", "patient", {"family_name": "Old"}, "another text is stored"),
    ("patients.csv:2: date_of_birth", "patient", {"date_of_birth": "1980-05-07"}, "another day is stored"),
    ("patients.csv:2: gender", "patient", {"gender": ""}, "stored is female, here it is not recorded"),
    ("infusions.csv:2: course", "infusion", {"course": "2"}, "stored is 1, here it is 2"),
    ("infusions.csv:2: dose_mg", "infusion", {"dose_mg": "41"}, "stored is 40.00, here it is 41"),
    ("infusions.csv:2: minutes", "infusion", {"minutes": ""}, "stored is 40.0, here it is not recorded"),
    ("infusions.csv:2: phase", "infusion", {"phase": "booster"}, "stored is induction, here it is booster"),
    ("infusions.csv:2: intention", "infusion", {"intention": ""}, "stored is a text, here it is not recorded"),
    ("infusions.csv:2: integration_note", "infusion", {"integration_note": "Sang."}, "another text is stored"),
    ("infusions.csv:2: integration_note", "infusion", {"integration_note": ""}, "stored is a text"),
    ("pcl5.csv:2: q20", "pcl5", {"q20": "3"}, "stored is 2, here it is 3"),
    ("pcl5.csv:2: q20", "pcl5", {"q20": ""}, "stored is 2, here it is not recorded"),
]


@pytest.mark.parametrize(("place", "file", "different", "wording"), CONTRADICTIONS)
def test_a_row_that_contradicts_the_record(records, run_import, refused, place, file, different, wording):
    right = {
        "patient": {"gender": "female"},
        "infusion": {"intention": "Rest", "integration_note": "Wrote."},
        "pcl5": {},
    }
    records.patient(**right["patient"]).infusion(**right["infusion"]).pcl5()
    run_import(records.write())
    records.rows = {"patients": [], "infusions": [], "pcl5": []}
    getattr(records, file)(**(right[file] | different))

    done = refused(records.write())

    assert places(done) == [place]
    assert wording in done.problems[0]
    assert not {"Rest", "Wrote", "Young", "Old"} & set(done.problems[0].replace(".", " ").split())


def test_a_stored_course_refuses_another_phase_an_earlier_start_and_one_after_its_end(records, run_import, refused):
    run_import(records.patient().infusion(phase="induction").write())
    Course.objects.update(closed_on=date(2025, 3, 20), entered_by=make_user())
    records.infusion(started_at="2025-03-06T10:00", phase="booster").infusion(started_at="2025-03-02T10:00")
    records.infusion(started_at="2025-03-21T10:00")

    done = refused(records.write())

    assert places(done) == ["infusions.csv:3: phase", "infusions.csv:4: started_at", "infusions.csv:5: started_at"]


def test_days_before_birth_and_after_death_of_a_stored_patient(records, run_import, refused):
    run_import(records.patient().write())
    Patient.objects.update(died_on=date(2025, 3, 5))
    (records.directory / "patients.csv").unlink()
    records.rows["patients"] = []
    records.infusion(started_at="1970-01-01T10:00").infusion(started_at="2025-03-06T10:00")
    records.pcl5(completed_on="1980-05-05").pcl5(completed_on="2025-03-06").pcl5(completed_on="2025-03-05")

    done = refused(records.write())

    assert places(done) == [
        "infusions.csv:2: started_at",
        "infusions.csv:3: started_at",
        "pcl5.csv:2: completed_on",
        "pcl5.csv:3: completed_on",
    ]
    assert "after the patient died" in done.problems[1]


def test_a_voided_record_does_not_come_back(records, run_import, refused):
    run_import(records.patient().infusion().pcl5().write())
    void_assessment(actor=None, assessment=Assessment.objects.get(), reason="wrong person", now=NOW)
    Infusion.objects.update(voided_at=NOW, void_reason="wrong person")

    done = refused(records.write())

    assert places(done) == ["infusions.csv:2: started_at", "pcl5.csv:2: completed_on"]
    assert all("was voided" in problem for problem in done.problems)


def test_a_form_whose_correction_is_of_another_day_does_not_come_back(records, run_import, refused):
    run_import(records.patient().pcl5().write())
    form = Assessment.objects.get()
    correct_assessment(actor=None, assessment=form, now=NOW, reason="day", completed_on=date(2025, 2, 21))

    done = refused(records.write())

    assert places(done) == ["pcl5.csv:2: completed_on"]
    assert "was corrected" in done.problems[0]


def test_a_note_added_in_the_app_contradicts_a_blank_one(records, run_import, refused):
    run_import(records.patient().infusion(integration_note="").write())
    IntegrationNote.objects.create(infusion=Infusion.objects.get(), text="Called back.")

    assert places(refused(records.write())) == ["infusions.csv:2: integration_note"]


def test_corrected_infusions_and_patients_do_not_come_back(records, run_import, refused):
    run_import(
        records.patient()
        .patient(mrn="B1")
        .infusion()
        .infusion(started_at="2025-03-06T10:00")
        .infusion(mrn="B1")
        .write()
    )
    first, second, _third = Infusion.objects.order_by("pk")
    now = datetime(2025, 6, 1, tzinfo=UTC)
    later = first.started_at + timedelta(hours=1)
    amend_infusion(actor=None, infusion=first, version=1, now=now, reason="Clock", started_at=later)
    move_infusion(actor=None, infusion=second, to_course=Course.objects.get(patient__mrn="B1"), now=now, reason="Chart")

    done = refused(records.directory)

    assert places(done) == ["infusions.csv:2: started_at", "infusions.csv:3: started_at"]


def test_a_patient_with_a_corrected_number_does_not_come_back(records, run_import, refused):
    run_import(records.patient().infusion().pcl5().write())
    Patient.objects.update(mrn="A1X", mrn_key="a1x")

    assert places(refused(records.directory)) == ["patients.csv:2: mrn", "infusions.csv:2: mrn", "pcl5.csv:2: mrn"]


def test_the_same_files_in_another_time_zone_are_refused(records, run_import, refused, settings):
    run_import(records.patient().infusion().write())
    settings.CLINIC_TIME_ZONE = "America/Los_Angeles"

    assert places(refused(records.directory)) == ["infusions.csv:2: started_at"]
