"""The tabs of a patient's record, each with how much it holds."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse

from assessments.models import Assessment
from clinic.policy import Action
from infusions.models import Course, Infusion, IntegrationNote
from patients.models import Patient


@dataclass(frozen=True)
class Tab:
    """One tab; `count` is None where a number would say nothing."""

    name: str
    label: str
    url: str
    count: int | None


def patient_tabs(patient: Patient, permissions: frozenset[Action]) -> list[Tab]:
    """The tabs that somebody with these permissions may open. One query each that has a number, two for the notes."""
    return [
        Tab(name, label, reverse(_page(name), args=[patient.public_id]), count(patient.pk) if count else None)
        for name, label, action, count in _TABS
        if action in permissions
    ]


def _page(name: str) -> str:
    """The page of a tab; a tab of another app names its own."""
    return name if ":" in name else f"pages:{name}"


def _courses(patient_id: int) -> int:
    return int(Course.objects.not_voided().filter(patient_id=patient_id).count())


def _sessions(patient_id: int) -> int:
    return int(Infusion.objects.of_patient(patient_id).not_voided().count())


def _questionnaires(patient_id: int) -> int:
    return int(Assessment.objects.current().filter(patient_id=patient_id).count())


def _notes(patient_id: int) -> int:
    """Integration notes, intentions and preparations, as the tab lists them."""
    infusions = Infusion.objects.of_patient(patient_id).not_voided()
    written = IntegrationNote.objects.not_voided().filter(infusion__course__patient_id=patient_id).count()
    return int(written + infusions.filter(~Q(intention="")).count() + infusions.filter(~Q(preparation_note="")).count())


#: Name of the page, its label, who may open it, and what is counted.
_TABS: tuple[tuple[str, str, Action, Callable[[int], int] | None], ...] = (
    ("patient", "Overview", Action.PATIENT_VIEW, None),
    ("patient_courses", "Courses", Action.INFUSION_DATES_VIEW, _courses),
    ("patient_sessions", "Sessions", Action.INFUSION_VIEW, _sessions),
    ("patient_questionnaires", "Questionnaires", Action.ASSESSMENT_VIEW, _questionnaires),
    ("patient_notes", "Notes", Action.NOTE_VIEW, _notes),
    ("letters:letters", "Letters", Action.LETTER_WRITE, None),
    ("patient_who_looked", "Who looked", Action.AUDIT_VIEW, None),
)
