"""What is observed and written for one infusion."""

from django.http import HttpRequest, HttpResponse

from clinic.policy import Action
from clinic.web.gate import FORM
from patients.gate import patient_page
from patients.models import Patient


@patient_page(Action.INFUSION_RECORD, FORM)
def new_vitals(request: HttpRequest, patient: Patient, infusion_id: str) -> HttpResponse:
    raise NotImplementedError


@patient_page(Action.INFUSION_RECORD, FORM)
def new_event(request: HttpRequest, patient: Patient, infusion_id: str) -> HttpResponse:
    raise NotImplementedError


@patient_page(Action.INFUSION_RECORD, FORM)
def new_note(request: HttpRequest, patient: Patient, infusion_id: str) -> HttpResponse:
    raise NotImplementedError
