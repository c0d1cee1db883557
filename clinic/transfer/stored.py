"""What is stored of the patients that a file names, in the columns of the files, in a few queries for many patients."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from assessments.instruments import pcl5
from assessments.models import Assessment
from infusions.models import Course, Infusion, IntegrationNote
from patients.models import Patient


def imported_before(keys: Collection[str]) -> set[str]:
    """Which of these infusions an earlier import brought in, wherever they are now. One query."""
    return set(Infusion.objects.filter(import_key__among=keys).order_by("pk").values_list("import_key", flat=True))


def renamed_since(mrns: Collection[str]) -> set[str]:
    """Which of these MRNs an earlier import brought in for a patient who has another MRN now. One query."""
    imported = Patient.objects.filter(import_key__among=mrns).order_by("pk").values_list("import_key", "mrn")
    return {key for key, mrn in imported if key != mrn}


@dataclass(slots=True)
class StoredCourse:
    """A course that is not voided."""

    id: int
    phase: str
    opened_on: date
    closed_on: date | None
    withdrawn_on: date | None
    entered_by_id: int | None

    @property
    def ended_on(self) -> date | None:
        """The day after which it takes no infusion."""
        return min((day for day in (self.closed_on, self.withdrawn_on) if day), default=None)


@dataclass(slots=True)
class StoredRecord:
    """An infusion or a form: its values by column of the file. `void` says why it no longer counts, if so."""

    values: dict[str, Any]
    id: int = 0
    void: str = ""
    notes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class StoredPatient:
    """A patient with everything that rows of the files may repeat or contradict."""

    id: int
    values: dict[str, Any]
    died_on: date | None
    versions: tuple[int, int]
    courses: dict[int, StoredCourse] = field(default_factory=dict)
    infusions: dict[datetime, StoredRecord] = field(default_factory=dict)
    forms: dict[tuple[str, date], StoredRecord] = field(default_factory=dict)


def load_stored(mrns: Collection[str], *, notes: bool) -> dict[str, StoredPatient]:
    """The stored patients among `mrns`, by MRN; integration notes only if asked for. Five queries."""
    patients = {patient.id: patient for patient in map(_patient, _patient_rows(mrns))}
    if patients:
        _add_courses(patients)
        _add_infusions(patients, notes=notes)
        _add_forms(patients)
    return {patient.values["mrn"]: patient for patient in patients.values()}


def _patient_rows(mrns: Collection[str]) -> Iterable[Patient]:
    return Patient.objects.filter(mrn__in=mrns).order_by("pk")


def _patient(patient: Patient) -> StoredPatient:
    values = {
        "mrn": patient.mrn,
        "given_name": patient.given_name,
        "family_name": patient.family_name,
        "date_of_birth": patient.date_of_birth,
        "gender": patient.gender,
        "race_ethnicity": patient.race_ethnicity,
        "concurrent_psychotherapy": patient.psychotherapy_at_intake,
        "psychiatric_medications": patient.psychiatric_medications_at_intake,
    }
    return StoredPatient(patient.pk, values, patient.died_on, (patient.record_version, patient.version))


def _add_courses(patients: dict[int, StoredPatient]) -> None:
    names = ("patient_id", "number", "id", "phase", "opened_on", "closed_on", "withdrawn_on", "entered_by_id")
    courses = Course.objects.not_voided().filter(patient_id__in=patients).order_by("pk")
    for patient_id, number, *about in courses.values_list(*names):
        patients[patient_id].courses[number] = StoredCourse(*about)


def _add_infusions(patients: dict[int, StoredPatient], *, notes: bool) -> None:
    """Every infusion that began; of several with one start the one that counts, or else the last that did."""
    began = Infusion.objects.filter(course__patient_id__in=patients, started_at__isnull=False)
    by_id = {}
    for infusion in began.select_related("course").order_by("pk"):
        record = _infusion(infusion)
        starts = patients[infusion.course.patient_id].infusions
        if infusion.started_at not in starts or not record.void:
            starts[infusion.started_at] = by_id[infusion.pk] = record
    if notes and by_id:
        texts = IntegrationNote.objects.not_voided().filter(
            infusion__course__patient_id__in=patients, infusion__started_at__isnull=False
        )
        for infusion_id, text in texts.order_by("pk").values_list("infusion_id", "text"):
            if infusion_id in by_id:
                by_id[infusion_id].notes.append(text)


def _infusion(infusion: Infusion) -> StoredRecord:
    void = "was voided" if infusion.voided_at or infusion.course.voided_at else ""
    values = {
        "course": infusion.course.number,
        "started_at": infusion.started_at,
        "minutes": infusion.minutes,
        "weight_kg": infusion.weight_kg,
        "dose_mg_per_kg": infusion.dose_mg_per_kg,
        "dose_mg": infusion.dose_mg_given,
        "route": infusion.route,
        "phase": infusion.course.phase,
        "eye_mask": infusion.eye_mask,
        "music": infusion.music,
        "preparation_note": infusion.preparation_note,
        "intention": infusion.intention,
    }
    return StoredRecord(values, infusion.pk, void)


def _add_forms(patients: dict[int, StoredPatient]) -> None:
    """Every form; of several of one kind and day the one that counts, or else why none does."""
    names = ("patient_id", "form", "completed_on", "answers", "replaced", "voided_at")
    forms = Assessment.objects.filter(instrument=pcl5.INSTRUMENT.id, patient_id__in=patients).order_by("pk")
    for patient_id, form, completed_on, answers, replaced, voided_at in forms.values_list(*names):
        void = "was voided" if voided_at else "was corrected and moved to another day, recall or patient"
        record = StoredRecord({"answers": tuple(answers)}, void=void if voided_at or replaced else "")
        kept = patients[patient_id].forms.setdefault((form, completed_on), record)
        if kept.void and (not record.void or voided_at):
            patients[patient_id].forms[form, completed_on] = record
