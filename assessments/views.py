"""Questionnaires: enter, read, correct, void, move."""

from django.http import HttpRequest, HttpResponse

from clinic.policy import Action
from clinic.web.gate import FORM
from patients.gate import patient_page
from patients.models import Patient


@patient_page(Action.ASSESSMENT_RECORD, FORM)
def new(request: HttpRequest, patient: Patient) -> HttpResponse:
    raise NotImplementedError


@patient_page(Action.ASSESSMENT_VIEW)
def assessment(request: HttpRequest, patient: Patient, assessment_id: str) -> HttpResponse:
    raise NotImplementedError


@patient_page(Action.ASSESSMENT_RECORD, FORM)
def correct(request: HttpRequest, patient: Patient, assessment_id: str) -> HttpResponse:
    raise NotImplementedError


@patient_page(Action.ASSESSMENT_RECORD, FORM)
def void(request: HttpRequest, patient: Patient, assessment_id: str) -> HttpResponse:
    raise NotImplementedError


@patient_page(Action.ASSESSMENT_RECORD, FORM)
def move(request: HttpRequest, patient: Patient, assessment_id: str) -> HttpResponse:
    raise NotImplementedError
