"""What is observed and written for one infusion."""

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from clinic.policy import Action
from clinic.web.gate import FORM
from clinic.web.saving import create_once, status_of
from infusions import services
from infusions.forms.rows import TERMS
from infusions.forms.sessions import EventForm, NoteForm, VitalsForm
from infusions.gate import address_of, context, of_infusion, outside_room
from infusions.models import Infusion
from patients.gate import patient_page
from patients.models import Patient

#: A session is over after this long.
_GOES_ON = timedelta(hours=12)


@patient_page(Action.INFUSION_RECORD, FORM)
@of_infusion
@outside_room
def new_vitals(request: HttpRequest, patient: Patient, infusion: Infusion) -> HttpResponse:
    """Add a set of vital signs."""
    now = timezone.now()
    form = VitalsForm(_posted(request), infusion=infusion, now=now, initial={"taken_at": _minute(now, infusion)})
    return _add(request, form, infusion, "vitals", title="Vital signs", save_label="Save vital signs")


@patient_page(Action.INFUSION_RECORD, FORM)
@of_infusion
@outside_room
def new_event(request: HttpRequest, patient: Patient, infusion: Infusion) -> HttpResponse:
    """Add an adverse event."""
    now = timezone.now()
    form = EventForm(_posted(request), infusion=infusion, now=now, initial={"started_at": _minute(now, infusion)})
    return _add(request, form, infusion, "event", title="Adverse event", save_label="Save the event", terms=TERMS)


@patient_page(Action.INFUSION_RECORD, FORM)
@of_infusion
@outside_room
def new_note(request: HttpRequest, patient: Patient, infusion: Infusion) -> HttpResponse:
    """Add an integration note."""
    form = NoteForm(_posted(request), infusion=infusion)
    return _add(request, form, infusion, "note", title="Integration note", save_label="Save the note")


def _add(request: HttpRequest, form: Any, infusion: Infusion, kind: str, **words: Any) -> HttpResponse:
    """A page that adds one entry to an infusion, and goes to the place of the record where it stands."""

    def save() -> str:
        services.add_to_session(actor=request.user, entry=form.entry(), now=timezone.now())
        return f"{address_of(infusion)}#{kind}"

    if done := create_once(request, form, save):
        return done
    back = address_of(infusion)
    shown = context(infusion.course.patient, form=form, infusion=infusion, back=back, kind=kind, **words)
    return render(request, "infusions/session_entry.html", shown, status=status_of(form))


def _posted(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _minute(now: datetime, infusion: Infusion) -> datetime | None:
    """Now, while the session may still go on; of an old one the time must be typed."""
    if infusion.started_at is None or now - infusion.started_at > _GOES_ON:
        return None
    return timezone.localtime(now).replace(second=0, microsecond=0)
