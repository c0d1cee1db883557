"""The one way to a patient, and what is read of her history."""

from datetime import date
from typing import Any

from django.db.models import F, prefetch_related_objects
from django.http import Http404

from clinic.audit.services import record_event
from clinic.policy import Action
from patients.models import (
    Consent,
    HistoryEntry,
    IndexEvent,
    Patient,
    PriorTreatment,
    PsychiatricMedication,
    PsychotherapyEpisode,
    YesNo,
)
from patients.search import search_key

#: In what order the entries of each kind are read: by time, those of unknown time first.
_IN_TIME: dict[type[HistoryEntry], tuple[Any, ...]] = {
    IndexEvent: (F("confirmed_on").asc(nulls_first=True), "id"),
    PsychotherapyEpisode: ("started_on", "id"),
    PsychiatricMedication: (F("started_on").asc(nulls_first=True), "id"),
    PriorTreatment: ("id",),
    Consent: ("-signed_on", "-id"),
}
#: A warning names no more possible duplicates than this.
MOST_DUPLICATES = 5


def patient_for(user: Any, public_id: str, action: Action = Action.PATIENT_VIEW) -> Patient:
    """The patient of this address, for somebody who may do `action`.

    Raises Http404 both for an unknown address and, before anything is loaded, for a person who may not (with a denied
    audit event), so that nobody learns whether a patient exists. Queries: the roles, then the patient.
    """
    prefetch_related_objects([user], "grants")  # the page asks again: for its parts, and for the links in its head
    if not user.may(action):
        record_event(user, f"denied {action}", allowed=False, detail={"public_id": public_id[:22]})
        raise Http404
    patient = Patient.objects.filter(public_id=public_id).first()
    if patient is None:
        raise Http404
    return patient


def failed_adequate_trials(patient: Patient) -> int:
    """How many adequate trials of earlier treatments brought no or only a partial response: the count behind "resistant"."""
    tried = PriorTreatment.objects.not_voided().filter(patient=patient, adequate_trial=YesNo.YES)
    return int(tried.filter(outcome__in=PriorTreatment.FAILED).count())


def entries_of(patient: Patient, model: type[HistoryEntry]) -> tuple[list[Any], list[Any]]:
    """The entries of one kind in order of time: those that stand, and the voided ones. One query."""
    entries = list(
        model._default_manager.filter(patient=patient)
        .select_related("entered_by", "voided_by")
        .order_by(*_IN_TIME[model])
    )
    return [entry for entry in entries if not entry.voided_at], [entry for entry in entries if entry.voided_at]


def possible_duplicates(family_name: str, date_of_birth: date) -> tuple[Patient, ...]:
    """Patients with this family name, however it is written, and birth date. One query."""
    found = Patient.objects.filter(family_name_key=search_key(family_name), date_of_birth=date_of_birth)
    return tuple(found.order_by("given_name_key", "id")[:MOST_DUPLICATES])
