"""Consents of a patient."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from clinic.policy import Action
from clinic.web.forms import PageForm, ReasonForm
from clinic.web.gate import FORM, redirect
from clinic.web.saving import create_once, save_edit, status_of
from patients.forms.consents import NewConsentForm, WithdrawConsentForm
from patients.gate import patient_page
from patients.models import Consent, Patient
from patients.selectors import entries_of
from patients.services import add_to_history, void_history, withdraw_consent


@patient_page(Action.CONSENT_RECORD)
def consents(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Every consent, the latest first, the voided ones below."""
    standing, voided = entries_of(patient, Consent)
    in_force = {consent.kind for consent in standing if not consent.withdrawn_on}
    context = {
        "patient": patient,
        "consents": standing,
        "voided": voided,
        "missing": [
            kind.label for kind in (Consent.Kind.TREATMENT, Consent.Kind.OFF_LABEL_KETAMINE) if kind not in in_force
        ],
        "section": "patients",
    }
    return render(request, "patients/consents.html", context)


@patient_page(Action.CONSENT_RECORD, FORM)
def new(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Record a consent that was signed."""
    form = NewConsentForm(
        request.POST if request.method == "POST" else None, patient=patient, today=timezone.localdate()
    )

    def save() -> str:
        add_to_history(actor=request.user, entry=Consent(patient=patient, **form.consent_fields()))
        return _saved(request, patient, "The consent is recorded.")

    if request.method == "POST" and (saved := create_once(request, form, save)):
        return saved
    return _form_page(request, patient, form, title="Record a consent", save_label="Record consent")


@patient_page(Action.CONSENT_RECORD, FORM)
def withdraw(request: HttpRequest, patient: Patient, entry_id: str) -> HttpResponse:
    """Note that a consent was withdrawn, when and why."""
    consent = _consent(patient, entry_id)
    if consent.voided_at:
        return redirect(_consents_of(patient))
    initial = {"version": consent.version}
    form = WithdrawConsentForm(
        request.POST if request.method == "POST" else None,
        patient=patient,
        consent=consent,
        today=timezone.localdate(),
        initial=initial,
    )

    def save() -> str:
        said = {name: form.cleaned_data[name] for name in ("version", "withdrawn_on", "reason")}
        withdraw_consent(actor=request.user, consent=consent, **said)
        return _saved(request, patient, "The consent is withdrawn.")

    if request.method == "POST" and (saved := save_edit(form, save)):
        return saved
    return _form_page(
        request,
        patient,
        form,
        title="Withdraw a consent",
        save_label="Withdraw consent",
        submit_class="btn-danger",
        consent=consent,
    )


@patient_page(Action.CONSENT_RECORD, FORM)
def void(request: HttpRequest, patient: Patient, entry_id: str) -> HttpResponse:
    """Void a consent recorded by mistake; it stays readable."""
    consent = _consent(patient, entry_id)
    if consent.voided_at:
        return redirect(_consents_of(patient))
    form = ReasonForm(request.POST if request.method == "POST" else None)

    def save() -> str:
        void_history(actor=request.user, entry=consent, reason=form.cleaned_data["reason"], now=timezone.now())
        return _saved(request, patient, "The consent is voided.")

    if request.method == "POST" and (saved := save_edit(form, save)):
        return saved
    return _form_page(
        request,
        patient,
        form,
        title="Void a consent",
        save_label="Void consent",
        submit_class="btn-danger",
        lead="Void what was recorded by mistake. A consent that the patient took back is withdrawn instead.",
        consent=consent,
    )


def _consent(patient: Patient, entry_id: str) -> Consent:
    consent: Consent = get_object_or_404(Consent.objects.filter(patient=patient), public_id=entry_id)
    return consent


def _consents_of(patient: Patient) -> str:
    return reverse("patients:consents", args=[patient.public_id])


def _saved(request: HttpRequest, patient: Patient, said: str) -> str:
    messages.success(request, said)
    return _consents_of(patient)


def _form_page(request: HttpRequest, patient: Patient, form: PageForm, **context: Any) -> HttpResponse:
    context |= {"patient": patient, "form": form, "back": _consents_of(patient), "section": "patients"}
    return render(request, "patients/consent_form.html", context, status=status_of(form))
