"""Writes what was planned, all of it or nothing, in one transaction."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any

from django.db import transaction

from assessments.instruments import pcl5
from assessments.models import Assessment
from assessments.services import build_assessment
from clinic.audit.models import AuditEvent
from clinic.audit.services import build_event
from clinic.transfer.checks import Plan
from clinic.transfer.courses import NewCourse
from clinic.transfer.layouts import INFUSIONS, PATIENTS, PCL5
from clinic.transfer.sheets import Progress, Row
from infusions.models import Course, Infusion, IntegrationNote, Status
from patients.models import Patient, YesNo
from patients.services import announce_change

ACTION = "import records"
#: One batch of rows: so many at most, with so many characters of notes (which bounds memory and one statement's size).
ROWS_AT_ONCE = 1_000
CHARACTERS_AT_ONCE = 8_000_000

_NOTES = ("preparation_note", "intention", "integration_note")


class ChangedMeanwhile(Exception):  # noqa: N818 - read as what happened
    """Somebody changed a patient's record after it was compared with the files; nothing is written."""


@transaction.atomic
def write(plan: Plan, *, sha256: dict[str, str], progress: Progress) -> None:
    """Write the plan with its audit events: one for the import and one for each patient that it touches.

    Raises ChangedMeanwhile, or IntegrityError when somebody entered the same record at the same moment.
    """
    ids = {mrn: key.id for mrn, key in plan.stored.items()}
    ids |= _insert_patients(plan, progress)
    changed = sorted({ids[row.values["mrn"]] for row in (*plan.infusions, *plan.forms)})
    announce_change(changed)
    _refuse_if_changed(plan, frozenset(changed))
    course_ids = _insert_courses(plan, ids)
    _insert_infusions(plan, course_ids, progress)
    _insert_forms(plan, ids, progress)
    _insert_events(plan, ids, sha256)


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    batch: list[Row] = []
    characters = 0
    for row in rows:
        batch.append(row)
        characters += sum(len(row.values.get(name, "")) for name in _NOTES)
        if len(batch) >= ROWS_AT_ONCE or characters >= CHARACTERS_AT_ONCE:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


def _insert(
    model: type[Any], rows: list[Row], build: Callable[[Row], Any], progress: Progress, what: str
) -> Iterator[tuple[list[Row], list[Any]]]:
    """Insert a record for each row, in order; the rows and records of each batch once they are there."""
    done = 0
    for batch in _batches(rows):
        yield batch, model.objects.bulk_create([build(row) for row in batch])
        progress(f"Writing {what}", done := done + len(batch))


def _insert_patients(plan: Plan, progress: Progress) -> dict[str, int]:
    inserted = _insert(Patient, plan.patients, _patient, progress, "patients")
    return {patient.mrn: patient.pk for _rows, patients in inserted for patient in patients}


def _patient(row: Row) -> Patient:
    values = row.values
    patient = Patient(
        mrn=values["mrn"],
        import_key=values["mrn"],
        given_name=values["given_name"],
        family_name=values["family_name"],
        date_of_birth=values["date_of_birth"],
        gender=values["gender"],
        race_ethnicity=values["race_ethnicity"],
        psychotherapy_at_intake=values["concurrent_psychotherapy"],
        psychiatric_medications_at_intake=values["psychiatric_medications"],
    )
    patient.set_search_keys()
    return patient


def _refuse_if_changed(plan: Plan, changed: frozenset[int]) -> None:
    """The rows are locked now: what the checks saw must still stand, but for the announcement just made."""
    seen = {key.id: key.versions for key in plan.stored.values() if key.id in changed}
    now = Patient.objects.filter(pk__among=seen).order_by("pk").values_list("pk", "record_version", "version")
    for pk, record_version, version in now:
        if seen[pk] != (record_version - 1, version):
            raise ChangedMeanwhile


def _insert_courses(plan: Plan, ids: dict[str, int]) -> dict[tuple[str, int], int]:
    """Open the new courses; the ids of all courses by MRN and number."""
    found = {(mrn, number): pk for mrn, key in plan.stored.items() for number, pk in key.course_ids.items()}
    at_intake = {mrn: (key.psychotherapy, key.medications) for mrn, key in plan.stored.items()}
    for row in plan.patients:
        values = row.values
        at_intake[values["mrn"]] = values["concurrent_psychotherapy"], values["psychiatric_medications"]
    opened = [(mrn, number, course) for mrn, some in plan.courses.items() for number, course in some.items()]
    courses = [_course(ids[mrn], number, course, *at_intake[mrn]) for mrn, number, course in opened]
    Course.objects.bulk_create(courses, batch_size=ROWS_AT_ONCE)
    for course_id, opened_on in sorted(plan.opened_earlier.items()):
        Course.objects.filter(pk=course_id).update(opened_on=opened_on)
    inserted = zip(opened, courses, strict=True)
    return found | {(mrn, number): course.pk for (mrn, number, _new), course in inserted}


def _course(patient_id: int, number: int, new: NewCourse, psychotherapy: str, medications: int | None) -> Course:
    """What was recorded at intake holds at the start of the first course, and of no other."""
    first = number == 1
    return Course(
        patient_id=patient_id,
        number=number,
        phase=new.phase,
        opened_on=new.opened_on,
        psychotherapy_at_start=psychotherapy if first else YesNo.NOT_RECORDED,
        psychiatric_medications_at_start=medications if first else None,
    )


def _insert_infusions(plan: Plan, course_ids: dict[tuple[str, int], int], progress: Progress) -> None:
    def build(row: Row) -> Infusion:
        return _infusion(row.values, course_ids[row.values["mrn"], row.values["course"]])

    for rows, infusions in _insert(Infusion, plan.infusions, build, progress, "infusions"):
        noted = zip(rows, infusions, strict=True)
        IntegrationNote.objects.bulk_create(
            IntegrationNote(infusion_id=infusion.pk, text=row.values["integration_note"])
            for row, infusion in noted
            if row.values["integration_note"]
        )


def _infusion(values: dict[str, Any], course_id: int) -> Infusion:
    return Infusion(
        import_key=values["import_key"],
        course_id=course_id,
        status=Status.COMPLETED,
        started_at=values["started_at"],
        minutes=values["minutes"],
        weight_kg=values["weight_kg"],
        dose_mg_per_kg=values["dose_mg_per_kg"],
        dose_mg_given=values["dose_mg"],
        route=values["route"],
        preparation_note=values["preparation_note"],
        intention=values["intention"],
        eye_mask=values["eye_mask"],
        music=values["music"],
    )


def _insert_forms(plan: Plan, ids: dict[str, int], progress: Progress) -> None:
    """In file order, so that the ids ascend in it: that is the order of first entry (rule 14a)."""

    def build(row: Row) -> Assessment:
        completed_on: date = row.values["completed_on"]
        return build_assessment(
            patient=Patient(pk=ids[row.values["mrn"]]),
            instrument=pcl5.INSTRUMENT.id,
            form=row.values["recall"],
            completed_on=completed_on,
            answers=list(row.values["answers"]),
        )

    for _inserted in _insert(Assessment, plan.forms, build, progress, "forms"):
        pass


def _insert_events(plan: Plan, ids: dict[str, int], sha256: dict[str, str]) -> None:
    of_patient: dict[str, Counter[str]] = {}
    for file, rows in ((PATIENTS, plan.patients), (INFUSIONS, plan.infusions), (PCL5, plan.forms)):
        for row in rows:
            of_patient.setdefault(row.values["mrn"], Counter())[file] += 1
    for mrn, opened in plan.courses.items():
        of_patient[mrn]["courses"] = len(opened)
    total = sum(of_patient.values(), Counter[str]())
    events = [build_event(None, ACTION, detail={"added": dict(total), "sha256": sha256})]
    events += [
        build_event(None, ACTION, patient_id=ids[mrn], detail={"added": dict(added)})
        for mrn, added in of_patient.items()
    ]
    AuditEvent.objects.bulk_create(events, batch_size=ROWS_AT_ONCE)
