"""Questionnaires: enter, read, correct, void, move."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from assessments import instruments, selectors, services
from assessments.forms.fields import event_label
from assessments.forms.move import MoveForm
from assessments.forms.panel import panel_of
from assessments.forms.questionnaire import CorrectionForm, NewQuestionnaireForm, QuestionnaireForm
from assessments.instruments.base import Instrument
from assessments.models import Assessment
from clinic.audit.services import record_read
from clinic.policy import Action
from clinic.web.forms import PageForm, ReasonForm
from clinic.web.gate import FORM, redirect
from clinic.web.saving import create_once, save_edit, status_of
from patients.ages import age_on
from patients.gate import patient_page
from patients.models import Patient


@patient_page(Action.ASSESSMENT_RECORD, FORM)
def new(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Enter a completed form. `?instrument=` names the questionnaire, `?form=` the printed form that is preselected."""
    now, instrument = timezone.now(), _instrument(request.GET.get("instrument", ""))
    asked = request.GET.get("form", "")
    known = {form.id for form in instrument.forms}
    today = timezone.localdate(now)
    form = NewQuestionnaireForm(
        _posted(request),
        patient=patient,
        today=today,
        instrument=instrument,
        events=selectors.index_events(patient),
        described=_reads_history(request),
        initial={"form": asked if asked in known else instrument.forms[0].id, "completed_on": today},
    )

    def save() -> str:
        saved = services.record_assessment(
            actor=request.user, patient=patient, now=now, instrument=instrument.id, **form.answered()
        )
        return _saved(request, saved, "Saved.")

    if request.method == "POST" and (answer := create_once(request, form, save)):
        return answer
    previous = selectors.previous_reading(patient, instrument.id)
    return _entry_page(request, patient, form, previous, back=_questionnaires_of(patient))


@patient_page(Action.ASSESSMENT_VIEW)
def assessment(request: HttpRequest, patient: Patient, assessment_id: str) -> HttpResponse:
    """One completed form: every answer, what they add up to, and every version of it."""
    found = _assessment(patient, assessment_id)
    chain = selectors.versions(found)
    event = found.index_event
    context = {
        "patient": patient,
        "age": _age(patient),
        "reading": selectors.reading(found),
        "assessment": found,
        "event": event_label(event, described=_reads_history(request)) if event else "",
        "history": selectors.history(found, chain),
        "newest": chain[-1],
        "current": not found.replaced and not found.voided_at,
        "section": "questionnaires",
    }
    return render(request, "assessments/assessment.html", context)


@patient_page(Action.ASSESSMENT_RECORD, FORM)
def correct(request: HttpRequest, patient: Patient, assessment_id: str) -> HttpResponse:
    """Enter what a form should say, with a reason; what it said stays readable."""
    now, found = timezone.now(), _assessment(patient, assessment_id)
    if request.method == "GET" and (found.replaced or found.voided_at):
        return redirect(_address(found))
    form = CorrectionForm(
        _posted(request),
        patient=patient,
        today=timezone.localdate(now),
        instrument=instruments.get(found.instrument),
        events=_events_of(found),
        described=_reads_history(request),
        assessment=found,
    )

    def save() -> str:
        corrected = services.correct_assessment(
            actor=request.user, assessment=form.seen, now=now, reason=form.cleaned_data["reason"], **form.answered()
        )
        return _saved(request, corrected, "The correction is saved. The old version stays readable below.")

    if request.method == "POST" and (answer := save_edit(form, save)):
        return answer
    previous = selectors.previous_reading(patient, found.instrument, before=found)
    return _entry_page(request, patient, form, previous, back=_address(found), corrected=found)


@patient_page(Action.ASSESSMENT_RECORD, FORM)
def void(request: HttpRequest, patient: Patient, assessment_id: str) -> HttpResponse:
    """Void a form that should not count; it stays readable."""
    found = _assessment(patient, assessment_id)
    if request.method == "GET" and (found.replaced or found.voided_at):
        return redirect(_address(found))
    form = ReasonForm(_posted(request))

    def save() -> str:
        reason = form.cleaned_data["reason"]
        services.void_assessment(actor=request.user, assessment=found, reason=reason, now=timezone.now())
        return _saved(request, found, "The form is voided. It no longer counts and stays readable.")

    if request.method == "POST" and (answer := save_edit(form, save)):
        return answer
    words = {"title": "Void a questionnaire", "save_label": "Void this form", "submit_class": "btn-danger"}
    return _about_page(request, "assessments/void.html", found, form, **words)


@patient_page(Action.ASSESSMENT_RECORD, FORM)
def move(request: HttpRequest, patient: Patient, assessment_id: str) -> HttpResponse:
    """Move a form to the patient it belongs to: name her by two identifiers, see who was found, confirm."""
    now, found = timezone.now(), _assessment(patient, assessment_id)
    if request.method == "GET" and (found.replaced or found.voided_at):
        return redirect(_address(found))
    form = MoveForm(_posted(request), user=request.user, patient=patient)
    if request.method == "POST" and form.is_valid() and form.asks_to_confirm():
        record_read(request.user, "assessments:move", patient_id=form.right_patient().pk, now=now)  # type: ignore[arg-type]
        return _move_page(request, found, form, target=form.right_patient(), save_label="Move it to this patient")

    def save() -> str:
        said = {"to_patient": form.right_patient(), "reason": form.cleaned_data["reason"]}
        moved = services.move_assessment(actor=request.user, assessment=found, now=now, **said)
        return _saved(request, moved, "Moved. This is the record of the patient it belongs to.")

    if request.method == "POST" and (answer := save_edit(form, save)):
        return answer
    return _move_page(request, found, form, save_label="Find the patient")


def _instrument(instrument_id: str) -> Instrument:
    """The questionnaire of this id; the first there is when none is named."""
    if not instrument_id:
        return instruments.all_instruments()[0]
    try:
        return instruments.get(instrument_id)
    except instruments.UnknownInstrument as error:
        raise Http404 from error


def _assessment(patient: Patient, assessment_id: str) -> Assessment:
    mine = Assessment.objects.filter(patient=patient).select_related("entered_by", "voided_by", "index_event")
    found: Assessment = get_object_or_404(mine, public_id=assessment_id)
    return found


def _events_of(found: Assessment) -> list[Any]:
    """The events to choose from; the one that the form names stays, also when it was voided since."""
    events = selectors.index_events(found.patient)
    named = found.index_event
    return [*events, named] if named and named not in events else events


def _posted(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _reads_history(request: HttpRequest) -> bool:
    return bool(request.user.may(Action.HISTORY_VIEW))  # type: ignore[union-attr]


def _age(patient: Patient) -> int:
    return age_on(patient.date_of_birth, patient.died_on or timezone.localdate())


def _address(found: Assessment) -> str:
    return reverse("assessments:assessment", args=[found.patient.public_id, found.public_id])


def _questionnaires_of(patient: Patient) -> str:
    return reverse("pages:patient_questionnaires", args=[patient.public_id])


def _saved(request: HttpRequest, saved: Assessment, said: str) -> str:
    messages.success(request, said)
    return _address(saved)


def _entry_page(
    request: HttpRequest, patient: Patient, form: QuestionnaireForm, previous: Assessment | None, **context: Any
) -> HttpResponse:
    context |= {
        "patient": patient,
        "age": _age(patient),
        "form": form,
        "instrument": form.instrument,
        "previous": previous,
        "panel": panel_of(form.instrument, previous),
        "section": "questionnaires",
    }
    return render(request, "assessments/entry.html", context, status=status_of(form))


def _move_page(request: HttpRequest, found: Assessment, form: MoveForm, **context: Any) -> HttpResponse:
    return _about_page(request, "assessments/move.html", found, form, title="Move to another patient", **context)


def _about_page(request: HttpRequest, template: str, found: Assessment, form: PageForm, **context: Any) -> HttpResponse:
    context |= {
        "patient": found.patient,
        "form": form,
        "reading": selectors.reading(found),
        "back": _address(found),
        "section": "questionnaires",
    }
    return render(request, template, context, status=status_of(form))
