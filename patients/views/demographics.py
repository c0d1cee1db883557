"""Registering and editing a patient."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.forms.models import model_to_dict
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from clinic.audit.services import record_event
from clinic.policy import Action
from clinic.web.gate import FORM, page
from clinic.web.saving import create_once, save_edit, status_of
from patients.forms.demographics import MRN_TAKEN, EditPatientForm, NewPatientForm
from patients.gate import patient_page
from patients.models import Patient
from patients.services import register_patient, update_patient


@page(Action.PATIENT_EDIT, FORM)
def new(request: HttpRequest) -> HttpResponse:
    """Register a patient, and go to her page."""
    form = NewPatientForm(
        request.POST if request.method == "POST" else None,
        today=timezone.localdate(),
        may_edit_history=_may_edit_history(request),
    )

    def save() -> str:
        form.compare_with_others()
        with _mrn_in_use():
            patient = register_patient(actor=request.user, **form.patient_fields())
        messages.success(request, "The patient is registered. Next: enter the PCL-5.")
        return _page_of(patient)

    if request.method == "POST" and (saved := create_once(request, form, save)):
        return saved
    if form.duplicates:
        shown = [patient.pk for patient in form.duplicates]
        record_event(request.user, "list possible duplicates", detail={"patient_ids": shown})  # type: ignore[arg-type]
    context = {
        "form": form,
        "title": "Register a patient",
        "save_label": "Register patient",
        "back": reverse("pages:patients"),
        "section": "patients",
    }
    return render(request, "patients/new.html", context, status=status_of(form))


@patient_page(Action.PATIENT_EDIT, FORM)
def edit(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Change what is known of the patient."""
    form = EditPatientForm(
        request.POST if request.method == "POST" else None,
        patient=patient,
        initial={**model_to_dict(patient), "version": patient.version},
        today=timezone.localdate(),
        may_edit_history=_may_edit_history(request),
    )

    def save() -> str:
        if changed := form.changed_fields():
            form.compare_with_others()
            with _mrn_in_use():
                version = form.cleaned_data["version"]
                update_patient(actor=request.user, patient=patient, version=version, **changed)
        messages.success(request, "The changes are saved.")
        return _page_of(patient)

    if request.method == "POST" and (saved := save_edit(form, save)):
        return saved
    context = {
        "form": form,
        "patient": patient,
        "title": "Edit patient",
        "save_label": "Save changes",
        "back": _page_of(patient),
        "section": "patients",
    }
    return render(request, "patients/edit.html", context, status=status_of(form))


def _may_edit_history(request: HttpRequest) -> bool:
    return request.user.may(Action.HISTORY_EDIT)  # type: ignore[union-attr]


def _page_of(patient: Patient) -> str:
    return reverse("pages:patient", args=[patient.public_id])


@contextmanager
def _mrn_in_use() -> Iterator[None]:
    """Two people may register one number in the same second: the database lets the first one have it."""
    try:
        yield
    except IntegrityError:
        raise ValidationError({"mrn": MRN_TAKEN}) from None
