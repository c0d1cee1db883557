"""What is done to a patient's record: rows, audit event and announcement in one transaction."""

from collections.abc import Iterable
from datetime import date, datetime
from functools import partial
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F

from clinic.audit.services import changes, record_event
from clinic.versions import next_version
from patients.models import ClinicalRecord, Consent, HistoryEntry, Patient, RecordChange
from patients.signals import record_changed

Entry = TypeVar("Entry", bound=HistoryEntry)

#: Changes of these fields of a patient change what outcomes are computed from.
OUTCOME_FIELDS = frozenset({"criterion_a", "died_on"})
#: Set by the record itself, never by an edit.
_NOT_EDITABLE = frozenset(
    {"id", "public_id", "mrn_key", "given_name_key", "family_name_key", "record_version", "version"}
)


def announce_change(patient_ids: Iterable[int]) -> None:
    """First step of every action that changes an input of the outcomes. Call inside the action's transaction.

    Locks the patient rows, ids ascending (so that two actions never wait for each other in a circle), adds 1 to each
    `record_version`, notes the change as not yet counted, and sends `record_changed` after the commit. The listeners
    cannot fail the action.
    """
    ids = frozenset(patient_ids)
    if len(ids) > 1:  # one row alone is locked by its update
        list(Patient.objects.select_for_update(no_key=True).filter(pk__among=ids).order_by("pk").values_list("pk"))
    Patient.objects.filter(pk__among=ids).update(record_version=F("record_version") + 1)
    RecordChange.objects.bulk_create(RecordChange(patient_id=patient_id) for patient_id in sorted(ids))
    transaction.on_commit(partial(record_changed.send_robust, sender=Patient, patient_ids=ids))


def require_reason(reason: str) -> str:
    """The reason without surrounding blanks. Raises ValidationError when nothing is left."""
    if not reason.strip():
        raise ValidationError({"reason": "Say why: the reason stays with the record."})
    return reason.strip()


@transaction.atomic
def register_patient(*, actor: Any, **fields: Any) -> Patient:
    """Save a new patient. Raises ValidationError (a message per field), also for a record number already in use."""
    patient = Patient(entered_by=actor, **fields)
    patient.set_search_keys()
    patient.full_clean()
    patient.save(force_insert=True)
    announce_change({patient.pk})
    patient.refresh_from_db(fields=["record_version"])
    record_event(actor, "register patient", patient_id=patient.pk, record=patient)
    return patient


@transaction.atomic
def update_patient(*, actor: Any, patient: Patient, version: int, **fields: Any) -> Patient:
    """Change fields of a patient; the audit event keeps old and new values.

    `version` is the one the editor saw. Raises StaleEditError if it is no longer current, ValidationError on bad values.
    """
    if unknown := sorted(_NOT_EDITABLE & set(fields)):
        raise ValueError(f"Not editable: {', '.join(unknown)}.")
    if OUTCOME_FIELDS & set(fields):
        announce_change({patient.pk})
    current = Patient.objects.select_for_update().get(pk=patient.pk)
    next_version(current, version)
    changed = changes(current, fields)
    for name, value in fields.items():
        setattr(current, name, value)
    current.set_search_keys()
    current.full_clean()
    current.save()
    record_event(actor, "update patient", patient_id=current.pk, record=current, detail={"changes": changed})
    return current


@transaction.atomic
def add_to_history(*, actor: Any, entry: Entry) -> Entry:
    """Save a new, unsaved entry of the history: psychotherapy, medication, prior treatment, consent or index event.

    Raises ValidationError on bad values. None of these is an input of the outcomes, so nothing is announced.
    """
    entry.entered_by = actor
    entry.full_clean()
    entry.save(force_insert=True)
    record_event(actor, f"add {entry._meta.verbose_name}", patient_id=entry.patient_id, record=entry)
    return entry


@transaction.atomic
def amend_history(*, actor: Any, entry: Entry, version: int, reason: str, **fields: Any) -> Entry:
    """Change fields of an entry of the history with a reason; the audit event keeps old and new values.

    `version` is the one the editor saw. Raises StaleEditError if it is no longer current, ValidationError on bad values.
    """
    reason = require_reason(reason)
    current = type(entry)._default_manager.select_for_update().get(pk=entry.pk)
    if current.voided_at:
        raise ValidationError("This entry was voided meanwhile. Leave this page; what was voided stays readable.")
    next_version(current, version)
    changed = changes(current, fields)
    for name, value in fields.items():
        setattr(current, name, value)
    current.full_clean()
    current.save(update_fields=["version", *fields])
    record_event(
        actor,
        f"amend {current._meta.verbose_name}",
        patient_id=current.patient_id,
        record=current,
        detail={"changes": changed, "reason": reason},
    )
    return current


@transaction.atomic
def void_history(*, actor: Any, entry: Entry, reason: str, now: datetime) -> Entry:
    """Void an entry of the history that was recorded by mistake; it stays readable."""
    mark_voided(entry, actor=actor, reason=reason, now=now)
    record_event(
        actor,
        f"void {entry._meta.verbose_name}",
        patient_id=entry.patient_id,
        record=entry,
        detail={"reason": entry.void_reason},
    )
    return entry


def withdraw_consent(*, actor: Any, consent: Consent, version: int, withdrawn_on: date, reason: str) -> Consent:
    """Note that a consent was withdrawn, with the reason given."""
    return amend_history(actor=actor, entry=consent, version=version, reason=reason, withdrawn_on=withdrawn_on)


def mark_voided(record: ClinicalRecord, *, actor: Any, reason: str, now: datetime) -> None:
    """Void a record in the caller's transaction, once. Raises ValidationError without a reason or when voided already."""
    reason = require_reason(reason)
    marked = (
        type(record)
        ._default_manager.filter(pk=record.pk, voided_at__isnull=True)
        .update(voided_at=now, voided_by=actor, void_reason=reason)
    )
    if not marked:
        raise ValidationError("This record was voided already.")
    record.voided_at, record.voided_by, record.void_reason = now, actor, reason
