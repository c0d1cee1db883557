"""Registering and editing a patient."""

from django.http import HttpRequest, HttpResponse

from clinic.policy import Action
from clinic.web.gate import FORM, page
from patients.gate import patient_page
from patients.models import Patient


@page(Action.PATIENT_EDIT, FORM)
def new(request: HttpRequest) -> HttpResponse:
    raise NotImplementedError


@patient_page(Action.PATIENT_EDIT, FORM)
def edit(request: HttpRequest, patient: Patient) -> HttpResponse:
    raise NotImplementedError
