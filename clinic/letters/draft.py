"""A letter before it is made: what it would say of the record as it is now."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from clinic.letters.content import LetterContent, Section, as_written, lines_of
from clinic.letters.course_record import CourseRecord, course_record
from clinic.letters.parts import PARTS, Asked
from clinic.letters.sections import (
    adverse_events_section,
    course_section,
    infusions_section,
    pcl5_section,
    status_section,
)
from clinic.outcomes.models import PatientOutcomeState
from clinic.pages.patient_header import permissions_of
from clinic.pages.patient_standing import Standing, patient_standing
from clinic.pdf.lacking import not_writable
from clinic.policy import ROLE_LABELS, Action, may
from clinic.profile.selectors import current_profile
from clinic.web.templatetags.tidemark import day
from patients.models import Patient

TITLE = "Progress letter"


@dataclass(frozen=True)
class Draft:
    """The letter as asked for. `seen` names all that it says and rests on; who confirms it sends that back."""

    asked: Asked
    content: LetterContent
    standing: Standing
    record_version: int
    patient_version: int
    lacks: str

    @property
    def not_ready(self) -> str:
        """Why it cannot be made: its outcomes do not count every record."""
        return self.standing.as_of.failed or self.standing.as_of.pending

    @property
    def typed(self) -> str:
        """Names what was asked for alone."""
        asked = self.asked
        said = [asked.recipient, asked.text, asked.course.public_id if asked.course else "", *asked.parts]
        return hashlib.sha256(json.dumps(said).encode()).hexdigest()

    @property
    def seen(self) -> str:
        """What was typed, and the letter with the versions of the record, the outcomes and the criteria behind it."""
        return f"{self.typed}.{self.content.digest(self.standing.as_of.shown, str(self.patient_version))}"


def draft_of(patient: Patient, asked: Asked, *, author: Any, now: datetime) -> Draft:
    """The letter of `author` about the record as it is. Outcomes older than the records are computed first."""
    standing = patient_standing(patient, permissions_of(author), now)
    record = course_record(patient, asked.course, standing)
    content = LetterContent(
        clinic=current_profile().name,
        title=TITLE,
        day=day(timezone.localdate(now)),
        recipient=lines_of(asked.recipient),
        subject=f"Re: {_named(patient)}",
        sections=_sections(patient, asked, record, standing),
        signature=(str(author), _roles(author)),
        head=(f"{TITLE} · {_named(patient)}", day(timezone.localdate(now))),
    )
    return Draft(
        asked=asked,
        content=as_written(content),
        standing=standing,
        record_version=patient.record_version,
        patient_version=patient.version,
        lacks=not_writable(asked.recipient, asked.text),
    )


def _named(patient: Patient) -> str:
    born = f"born {day(patient.date_of_birth)}"
    return f"{patient.given_name} {patient.family_name}, {born}, MRN {patient.mrn}"


def _roles(author: Any) -> str:
    """Of the author's roles those that write letters."""
    return ", ".join(
        label for role, label in ROLE_LABELS.items() if role in author.roles() and may([role], Action.LETTER_WRITE)
    )


def _sections(patient: Patient, asked: Asked, record: CourseRecord, standing: Standing) -> tuple[Section, ...]:
    """The course, the parts that were asked for in their order, and what the clinician wrote."""
    state = PatientOutcomeState.objects.filter(patient=patient).first()
    parts = {
        "status": lambda: status_section(record, standing, state.computed_at if state else None),
        "pcl5": lambda: pcl5_section(record, standing.criteria),
        "infusions": lambda: infusions_section(record),
        "adverse_events": lambda: adverse_events_section(record),
    }
    return (
        course_section(patient, record),
        *(parts[name]() for name in PARTS if name in asked.parts),
        Section("Findings and recommendation", lines=lines_of(asked.text)),
    )
