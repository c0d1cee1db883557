"""The history of a patient before treatment."""

from typing import Any

from django.contrib import messages
from django.forms.models import model_to_dict
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from clinic.policy import Action
from clinic.web.forms import PageForm, ReasonForm
from clinic.web.gate import FORM, redirect
from clinic.web.saving import create_once, save_edit, status_of
from patients.forms.history import KINDS, Kind
from patients.gate import patient_page
from patients.models import HistoryEntry, Patient
from patients.selectors import entries_of, failed_adequate_trials
from patients.services import add_to_history, amend_history, void_history


@patient_page(Action.HISTORY_VIEW)
def entries(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Every kind of entry, in order of time, the voided ones below."""
    sections = []
    for kind in KINDS.values():
        standing, voided = entries_of(patient, kind.model)
        sections.append({"kind": kind, "entries": standing, "voided": voided})
    context = {
        "patient": patient,
        "sections": sections,
        "failed_trials": failed_adequate_trials(patient),
        "section": "patients",
    }
    return render(request, "patients/history.html", context)


@patient_page(Action.HISTORY_EDIT, FORM)
def new(request: HttpRequest, patient: Patient, kind: str) -> HttpResponse:
    """Add an entry."""
    of_kind = _kind(kind)
    form = of_kind.new(request.POST if request.method == "POST" else None, patient=patient, today=timezone.localdate())

    def save() -> str:
        add_to_history(actor=request.user, entry=of_kind.model(patient=patient, **form.entry_fields()))
        return _saved(request, patient, of_kind, "added")

    if request.method == "POST" and (saved := create_once(request, form, save)):
        return saved
    return _form_page(request, patient, form, title=f"Add {of_kind.one}", save_label=f"Add {of_kind.one}")


@patient_page(Action.HISTORY_EDIT, FORM)
def amend(request: HttpRequest, patient: Patient, kind: str, entry_id: str) -> HttpResponse:
    """Change an entry that stands, with the reason."""
    of_kind = _kind(kind)
    entry = _entry(patient, of_kind, entry_id)
    if entry.voided_at:
        return redirect(_history_of(patient, of_kind))
    initial = {**model_to_dict(entry), "version": entry.version}
    form = of_kind.amend(
        request.POST if request.method == "POST" else None, patient=patient, today=timezone.localdate(), initial=initial
    )

    def save() -> str:
        said = {name: form.cleaned_data[name] for name in ("version", "reason")}
        amend_history(actor=request.user, entry=entry, **said, **form.entry_fields())
        return _saved(request, patient, of_kind, "amended")

    if request.method == "POST" and (saved := save_edit(form, save)):
        return saved
    lead = "What it said before, and the reason, stay in the audit trail."
    return _form_page(
        request, patient, form, title=f"Amend {of_kind.one}", save_label=f"Amend {of_kind.one}", lead=lead
    )


@patient_page(Action.HISTORY_EDIT, FORM)
def void(request: HttpRequest, patient: Patient, kind: str, entry_id: str) -> HttpResponse:
    """Void an entry recorded by mistake; it stays readable."""
    of_kind = _kind(kind)
    entry = _entry(patient, of_kind, entry_id)
    if entry.voided_at:
        return redirect(_history_of(patient, of_kind))
    form = ReasonForm(request.POST if request.method == "POST" else None)

    def save() -> str:
        void_history(actor=request.user, entry=entry, reason=form.cleaned_data["reason"], now=timezone.now())
        return _saved(request, patient, of_kind, "voided")

    if request.method == "POST" and (saved := save_edit(form, save)):
        return saved
    return _form_page(
        request,
        patient,
        form,
        title=f"Void {of_kind.one}",
        save_label=f"Void {of_kind.one}",
        submit_class="btn-danger",
        lead="Void what was recorded by mistake. It no longer counts and stays readable, struck through.",
        kind=of_kind,
        entry=entry,
    )


def _kind(slug: str) -> Kind:
    if slug not in KINDS:
        raise Http404
    return KINDS[slug]


def _entry(patient: Patient, kind: Kind, entry_id: str) -> HistoryEntry:
    entry: HistoryEntry = get_object_or_404(kind.model._default_manager.filter(patient=patient), public_id=entry_id)
    return entry


def _history_of(patient: Patient, kind: Kind) -> str:
    return f"{reverse('patients:history', args=[patient.public_id])}#{kind.slug}"


def _saved(request: HttpRequest, patient: Patient, kind: Kind, done: str) -> str:
    messages.success(request, f"{kind.one.capitalize()} {done}.")
    return _history_of(patient, kind)


def _form_page(request: HttpRequest, patient: Patient, form: PageForm, **context: Any) -> HttpResponse:
    back = reverse("patients:history", args=[patient.public_id])
    context |= {"patient": patient, "form": form, "back": back, "section": "patients"}
    return render(request, "patients/history_form.html", context, status=status_of(form))
