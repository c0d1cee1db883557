"""The history of a patient before treatment."""

from django.http import HttpRequest, HttpResponse

from clinic.policy import Action
from clinic.web.gate import FORM
from patients.gate import patient_page
from patients.models import Patient


@patient_page(Action.HISTORY_VIEW)
def entries(request: HttpRequest, patient: Patient) -> HttpResponse:
    raise NotImplementedError


@patient_page(Action.HISTORY_EDIT, FORM)
def new(request: HttpRequest, patient: Patient, kind: str) -> HttpResponse:
    raise NotImplementedError


@patient_page(Action.HISTORY_EDIT, FORM)
def amend(request: HttpRequest, patient: Patient, kind: str, entry_id: str) -> HttpResponse:
    raise NotImplementedError


@patient_page(Action.HISTORY_EDIT, FORM)
def void(request: HttpRequest, patient: Patient, kind: str, entry_id: str) -> HttpResponse:
    raise NotImplementedError
