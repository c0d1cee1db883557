"""Consents of a patient."""

from django.http import HttpRequest, HttpResponse

from clinic.policy import Action
from clinic.web.gate import FORM
from patients.gate import patient_page
from patients.models import Patient


@patient_page(Action.CONSENT_RECORD)
def consents(request: HttpRequest, patient: Patient) -> HttpResponse:
    raise NotImplementedError


@patient_page(Action.CONSENT_RECORD, FORM)
def new(request: HttpRequest, patient: Patient) -> HttpResponse:
    raise NotImplementedError


@patient_page(Action.CONSENT_RECORD, FORM)
def withdraw(request: HttpRequest, patient: Patient, entry_id: str) -> HttpResponse:
    raise NotImplementedError


@patient_page(Action.CONSENT_RECORD, FORM)
def void(request: HttpRequest, patient: Patient, entry_id: str) -> HttpResponse:
    raise NotImplementedError
