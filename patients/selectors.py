"""The one way to a patient."""

from typing import Any

from django.http import Http404

from clinic.audit.services import record_event
from clinic.policy import Action
from patients.models import Patient


def patient_for(user: Any, public_id: str, action: Action = Action.PATIENT_VIEW) -> Patient:
    """The patient of this address, for somebody who may do `action`.

    Raises Http404 both for an unknown address and, before anything is loaded, for a person who may not (with a denied
    audit event), so that nobody learns whether a patient exists. Queries: the roles, then the patient.
    """
    if not user.may(action):
        record_event(user, f"denied {action}", allowed=False, detail={"public_id": public_id[:22]})
        raise Http404
    patient = Patient.objects.filter(public_id=public_id).first()
    if patient is None:
        raise Http404
    return patient
