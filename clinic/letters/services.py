"""Making a letter: the row, its PDF and the audit event in one transaction."""

import hashlib
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from clinic.audit.services import record_event
from clinic.letters.draft import Draft
from clinic.letters.models import Letter
from clinic.outcomes.selectors import criteria_in_force
from patients.models import Patient

CHANGED = "The record changed after the preview. Read the letter again as it is now below, then make it."


class ChangedSincePreviewError(ValidationError):
    """The letter would say something else, or rest on something else, than what was confirmed."""


@transaction.atomic
def make_letter(*, actor: Any, patient: Patient, draft: Draft, pdf: bytes, now: datetime) -> Letter:
    """Keep the PDF of a draft as a letter. Raises ChangedSincePreviewError if the record changed since it was drafted."""
    current = Patient.objects.select_for_update(no_key=True).only("record_version", "version").get(pk=patient.pk)
    versions = (current.record_version, current.version, criteria_in_force().number)
    if versions != (draft.record_version, draft.patient_version, draft.standing.criteria.number):
        raise ChangedSincePreviewError(CHANGED)
    course = draft.asked.course
    letter = Letter(
        patient=patient,
        author=actor,
        author_name=str(actor)[:200],
        created_at=now,
        recipient=draft.asked.recipient,
        course_number=course.number if course else None,
        included=list(draft.asked.parts),
        record_version=draft.record_version,
        criteria_version=draft.standing.criteria.number,
        sha256=hashlib.sha256(pdf).hexdigest(),
        pdf=pdf,
    )
    letter.save(force_insert=True)
    detail = {"course": letter.course_number, "included": letter.included, "sha256": letter.sha256}
    record_event(actor, "make letter", patient_id=patient.pk, record=letter, detail=detail)
    return letter


def note_download(*, actor: Any, letter: Letter) -> None:
    """Note that somebody took the PDF of a letter."""
    record_event(actor, "download letter", patient_id=letter.patient_id, record=letter)
