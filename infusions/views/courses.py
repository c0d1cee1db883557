"""Courses: open, close, withdraw, void."""

from django.http import HttpRequest, HttpResponse

from clinic.policy import Action
from clinic.web.gate import FORM
from patients.gate import patient_page
from patients.models import Patient


@patient_page(Action.COURSE_MANAGE, FORM)
def open_course(request: HttpRequest, patient: Patient) -> HttpResponse:
    raise NotImplementedError


@patient_page(Action.COURSE_MANAGE, FORM)
def close(request: HttpRequest, patient: Patient, course_id: str) -> HttpResponse:
    raise NotImplementedError


@patient_page(Action.COURSE_MANAGE, FORM)
def withdraw(request: HttpRequest, patient: Patient, course_id: str) -> HttpResponse:
    raise NotImplementedError


@patient_page(Action.COURSE_MANAGE, FORM)
def void(request: HttpRequest, patient: Patient, course_id: str) -> HttpResponse:
    raise NotImplementedError
