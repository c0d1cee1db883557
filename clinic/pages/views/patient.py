"""The page of one patient."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from clinic.outcomes.selectors import criteria_in_force
from clinic.pages.freshness import up_to_date
from clinic.pages.patient_events import event_lines
from clinic.pages.patient_header import PatientHeader, patient_header, permissions_of
from clinic.pages.patient_notes import as_notes, notes_of
from clinic.pages.patient_overview import overview_of
from clinic.pages.patient_record import course_lines, form_lines, page_of, session_lines
from clinic.pages.patient_standing import patient_standing
from clinic.policy import Action
from clinic.web.fresh import part
from patients.gate import patient_page
from patients.models import Patient


def _show(request: HttpRequest, tab: str, header: PatientHeader, **context: Any) -> HttpResponse:
    return render(
        request,
        f"pages/{tab}.html",
        {"section": "patients", "tab": tab, "header": header, "patient": header.patient, **context},
    )


@patient_page(Action.PATIENT_VIEW)
def overview(request: HttpRequest, patient: Patient) -> HttpResponse:
    """How she is: the timeline and its tables."""
    now = timezone.now()
    header = patient_header(patient, request.user, now)
    return _show(request, "patient", header, overview=overview_of(header, request.GET.get("page", "1"), now))


@patient_page(Action.STATUS_VIEW, noted=False)
def status(request: HttpRequest, patient: Patient) -> HttpResponse:
    """How she is, for her open page to ask while something is pending."""
    if request.GET.get("shown") == up_to_date(patient, criteria_in_force().number, timezone.now()).shown:
        return HttpResponse(status=204)  # before anything else is read: it is asked often
    standing = patient_standing(patient, permissions_of(request.user), timezone.now())
    context = {"patient": patient, "standing": standing}
    return part(request, "components/patient_status.html", context, shown=standing.as_of.shown, rest_follows=True)


@patient_page(Action.INFUSION_DATES_VIEW)
def courses(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Her courses with what came of each."""
    header = patient_header(patient, request.user, timezone.now())
    return _show(request, "patient_courses", header, page=course_lines(header, request.GET.get("page", "1")))


@patient_page(Action.INFUSION_VIEW)
def sessions(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Her infusions, planned and given."""
    now = timezone.now()
    header = patient_header(patient, request.user, now)
    page = session_lines(header, request.GET.get("page", "1"), timezone.localdate(now))
    return _show(request, "patient_sessions", header, page=page)


@patient_page(Action.ASSESSMENT_VIEW)
def questionnaires(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Her forms, all versions."""
    header = patient_header(patient, request.user, timezone.now())
    return _show(request, "patient_questionnaires", header, page=form_lines(header, request.GET.get("page", "1")))


@patient_page(Action.NOTE_VIEW)
def notes(request: HttpRequest, patient: Patient) -> HttpResponse:
    """What was written about her sessions."""
    header = patient_header(patient, request.user, timezone.now())
    page = page_of(notes_of(patient.pk, voided=True), request.GET.get("page", "1"))
    page.object_list = as_notes(page.object_list)
    return _show(request, "patient_notes", header, page=page)


@patient_page(Action.AUDIT_VIEW)
def who_looked(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Who looked at her record and who changed it."""
    header = patient_header(patient, request.user, timezone.now())
    return _show(request, "patient_who_looked", header, page=event_lines(patient.pk, request.GET.get("page", "1")))
