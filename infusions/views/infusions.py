"""Infusions: plan, record, read, correct, move, void."""

from django.http import HttpRequest, HttpResponse

from clinic.policy import Action
from clinic.web.gate import FORM, POST
from patients.gate import patient_page
from patients.models import Patient


@patient_page(Action.INFUSION_RECORD, FORM)
def plan(request: HttpRequest, patient: Patient, course_id: str) -> HttpResponse:
    raise NotImplementedError


@patient_page(Action.INFUSION_RECORD, FORM)
def new(request: HttpRequest, patient: Patient, course_id: str) -> HttpResponse:
    raise NotImplementedError


@patient_page(Action.INFUSION_RECORD, POST)
def check_dose(request: HttpRequest, patient: Patient) -> HttpResponse:
    raise NotImplementedError


@patient_page(Action.INFUSION_VIEW)
def infusion(request: HttpRequest, patient: Patient, infusion_id: str) -> HttpResponse:
    raise NotImplementedError


@patient_page(Action.INFUSION_RECORD, FORM)
def change_status(request: HttpRequest, patient: Patient, infusion_id: str) -> HttpResponse:
    raise NotImplementedError


@patient_page(Action.INFUSION_RECORD, FORM)
def correct(request: HttpRequest, patient: Patient, infusion_id: str) -> HttpResponse:
    raise NotImplementedError


@patient_page(Action.INFUSION_RECORD, FORM)
def move(request: HttpRequest, patient: Patient, infusion_id: str) -> HttpResponse:
    raise NotImplementedError


@patient_page(Action.INFUSION_RECORD, FORM)
def void(request: HttpRequest, patient: Patient, infusion_id: str) -> HttpResponse:
    raise NotImplementedError
