"""The page of one patient."""

from django.http import HttpRequest, HttpResponse

from clinic.policy import Action
from patients.gate import patient_page
from patients.models import Patient


@patient_page(Action.PATIENT_VIEW)
def overview(request: HttpRequest, patient: Patient) -> HttpResponse:
    raise NotImplementedError


@patient_page(Action.INFUSION_DATES_VIEW)
def courses(request: HttpRequest, patient: Patient) -> HttpResponse:
    raise NotImplementedError


@patient_page(Action.INFUSION_VIEW)
def sessions(request: HttpRequest, patient: Patient) -> HttpResponse:
    raise NotImplementedError


@patient_page(Action.ASSESSMENT_VIEW)
def questionnaires(request: HttpRequest, patient: Patient) -> HttpResponse:
    raise NotImplementedError


@patient_page(Action.NOTE_VIEW)
def notes(request: HttpRequest, patient: Patient) -> HttpResponse:
    raise NotImplementedError


@patient_page(Action.AUDIT_VIEW)
def who_looked(request: HttpRequest, patient: Patient) -> HttpResponse:
    raise NotImplementedError
