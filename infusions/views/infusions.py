"""Infusions: record, read, correct, move, void."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone

from clinic.policy import Action
from clinic.web.forms import ReasonForm
from clinic.web.gate import FORM, POST
from clinic.web.saving import create_once, save_edit, status_of
from clinic.web.templatetags.tidemark import plain
from infusions import services
from infusions.forms.dose_fields import SignOffFields
from infusions.forms.infusions import CorrectForm, MoveForm, StatusForm
from infusions.forms.recording import RecordForm
from infusions.forms.rows import TERMS
from infusions.gate import address_of, context, course_of, infusion_of, of_infusion, outside_room, to_room
from infusions.limits import Finding
from infusions.models import Course, Infusion, Status
from infusions.selectors import given_before, limits_in_force, planned_to_record, preparation_for
from infusions.views.dose_check import dose_check, weight_note
from infusions.views.record import record_context
from patients.gate import patient_page
from patients.models import Patient

#: Nothing is judged of an infusion that did not take place.
_NEVER_GIVEN = {Status.CANCELLED.value, Status.NO_SHOW.value}


@patient_page(Action.INFUSION_RECORD, FORM)
def new(request: HttpRequest, patient: Patient, course_id: str) -> HttpResponseBase:
    """Record a session: before, during, after."""
    course, now = course_of(patient, course_id), timezone.now()
    if request.method != "POST" and (kept := _kept_in_room(request, course)):
        return to_room(request, kept)
    form = RecordForm(
        _posted(request),
        course=course,
        now=now,
        actor=request.user,
        initial=_usual(request, course, now) if request.method == "GET" else None,
    )

    def save() -> str:
        infusion = services.record_session(
            actor=request.user,
            course=course,
            now=now,
            entries=form.entries(),
            override_reason=form.sign_off().reason,
            second_signer=form.sign_off().second,
            **form.stored(),
        )
        messages.success(request, "The infusion was recorded.")
        return address_of(infusion)

    if form.is_bound and (done := create_once(request, form, save)):
        return done
    return render(request, "infusions/infusion_new.html", _new_context(form, course, now), status=status_of(form))


def _named(request: HttpRequest) -> str:
    """The planned infusion that the address names ("?planned="), as far as it can be one."""
    return request.GET.get("planned", "").replace("\x00", "")[:22]


def _kept_in_room(request: HttpRequest, course: Course) -> Infusion | None:
    """The infusion that the address names, where its session is kept in the infusion room."""
    if not (name := _named(request)):
        return None
    rows = Infusion.objects.not_voided().exclude(stage="").select_related("course__patient")
    kept: Infusion | None = rows.filter(course=course, public_id=name).first()
    return kept


def _usual(request: HttpRequest, course: Course, now: datetime) -> dict[str, Any]:
    """What a new session begins with: now, who is signed in, and the planned one that is named, or that of today."""
    planned, name = list(planned_to_record(course)), _named(request)
    today = [one for one in planned if one.public_id == name] or [
        infusion
        for infusion in planned
        if infusion.planned_for and timezone.localdate(infusion.planned_for) == timezone.localdate(now)
    ]
    usual: dict[str, Any] = {
        "started_at": timezone.localtime(now).replace(second=0, microsecond=0),
        "prescriber": request.user,
    }
    if today:
        usual["planned"] = today[0]
        usual["prescriber"] = today[0].prescriber or request.user
    return usual


def _new_context(form: RecordForm, course: Course, now: datetime) -> dict[str, Any]:
    started_at = form.cleaned_data.get("started_at") if form.is_bound else None
    known = preparation_for(course.patient, started_at or now)
    weight_age_days = known.weight_age_days(timezone.localdate(started_at or now))
    form.fields["weight_kg"].help_text = weight_note(known.last_weight_kg, known.last_weight_at)
    return context(
        course.patient,
        form=form,
        course=course,
        number=given_before(course, started_at or now) + 1,
        known=known,
        weight_age_days=weight_age_days,
        weight_is_old=(weight_age_days or 0) > limits_in_force().warn_weight_age_above_days,
        terms=TERMS,
        check=dose_check(form, course.patient) if form.is_bound else None,
    )


@patient_page(Action.INFUSION_RECORD, POST)
def check_dose(request: HttpRequest, patient: Patient) -> HttpResponse:
    """The dose check of what is typed so far, as a part of the page."""
    form = RecordForm(request.POST, course=Course(patient=patient), now=timezone.now(), actor=request.user)
    name = request.POST.get("changes", "").replace("\x00", "")
    changed = Infusion.objects.filter(course__patient=patient, public_id=name[:22]).first()
    check = dose_check(form, patient, unless=changed)
    return render(request, "infusions/infusion_check.html", {"check": check})


@patient_page(Action.INFUSION_VIEW)
def infusion(request: HttpRequest, patient: Patient, infusion_id: str) -> HttpResponse:
    """The complete record of one infusion."""
    shown = infusion_of(patient, infusion_id)
    return render(request, "infusions/infusion.html", context(patient, **record_context(shown, timezone.now())))


@patient_page(Action.INFUSION_RECORD, FORM)
@of_infusion
@outside_room
def change_status(request: HttpRequest, patient: Patient, infusion: Infusion) -> HttpResponse:
    """Take an infusion to its next status."""
    now = timezone.now()
    initial = _as_typed(infusion, (*StatusForm.DOSE, "started_at", "version"))
    initial["started_at"] = initial["started_at"] or _minute(now)
    form = StatusForm(_posted(request), infusion=infusion, now=now, actor=request.user, initial=initial)

    def save() -> str:
        given = form.cleaned_data
        changed = services.change_infusion_status(
            actor=request.user,
            infusion=infusion,
            version=given["version"],
            status=given["status"],
            reason=given["reason"],
            sign_off=form.sign_off(),
            also=_against_start(patient, given),
            now=now,
            **form.known(),
        )
        return address_of(changed)

    if done := save_edit(form, save):
        return done
    words = {"title": "What happened to this infusion", "save_label": "Save what happened"}
    return _dose_page(request, form, infusion, offer_session=infusion.status == Status.PLANNED, **words)


def _against_start(patient: Patient, given: dict[str, Any]) -> list[Finding]:
    """What stands against starting, where this is what happens (rule 46)."""
    if given["status"] != Status.IN_PROGRESS:
        return []
    return services.findings_before(patient, given["started_at"], [], limits_in_force())


@patient_page(Action.INFUSION_RECORD, FORM)
@of_infusion
@outside_room
def correct(request: HttpRequest, patient: Patient, infusion: Infusion) -> HttpResponse:
    """Correct what was recorded, with a reason."""
    now = timezone.now()
    initial = _as_typed(infusion, CorrectForm.base_fields)
    form = CorrectForm(_posted(request), infusion=infusion, now=now, actor=request.user, initial=initial)

    def save() -> str:
        given = form.cleaned_data
        changed = services.amend_infusion(
            actor=request.user,
            infusion=infusion,
            version=given["version"],
            reason=given["reason"],
            sign_off=form.sign_off() if "override_reason" in form.fields else services.SignOff(),
            now=now,
            **form.values(),
        )
        messages.success(request, "The correction was saved with its reason.")
        return address_of(changed)

    if done := save_edit(form, save):
        return done
    return _dose_page(request, form, infusion, title="Correct this infusion", save_label="Save the correction")


@patient_page(Action.INFUSION_RECORD, FORM)
@of_infusion
def move(request: HttpRequest, patient: Patient, infusion: Infusion) -> HttpResponse:
    """Move an infusion to the course, and patient, that it belongs to."""
    form = MoveForm(_posted(request), initial={"version": infusion.version})

    def save() -> str:
        given = form.cleaned_data
        moved = services.move_infusion(
            actor=request.user,
            infusion=infusion,
            to_course=given["course"],
            now=timezone.now(),
            reason=given["reason"],
            version=given["version"],
        )
        messages.success(request, "The infusion was moved with everything recorded for it.")
        return address_of(moved)

    if not form.asks_for_course and (done := save_edit(form, save)):
        return done
    found = form.patient
    lead = (
        f"It moves with its vital signs, events and notes. Found: {found}, MRN {found.mrn}."
        if found
        else ("It moves with its vital signs, events and notes. Enter two identifiers of the patient it belongs to.")
    )
    label = "Move the infusion" if found else "Find the patient"
    return _form_page(request, patient, form, infusion, title="Move this infusion", lead=lead, save_label=label)


@patient_page(Action.INFUSION_RECORD, FORM)
@of_infusion
def void(request: HttpRequest, patient: Patient, infusion: Infusion) -> HttpResponse:
    """Void an infusion that was recorded by mistake."""
    form = ReasonForm(_posted(request))

    def save() -> str:
        reason = form.cleaned_data["reason"]
        services.void_infusion(actor=request.user, infusion=infusion, reason=reason, now=timezone.now())
        return address_of(infusion)

    if done := save_edit(form, save):
        return done
    lead = "It no longer counts anywhere and stays readable. For a wrong patient or course, move it instead."
    return _form_page(
        request,
        patient,
        form,
        infusion,
        title="Void this infusion",
        lead=lead,
        save_label="Void it",
        submit_class="btn-danger",
    )


def _as_typed(infusion: Infusion, names: Iterable[str]) -> dict[str, Any]:
    """What is on record, as somebody would type it: without trailing zeros."""
    values = {name: getattr(infusion, name, None) for name in names}
    return {name: plain(value) if isinstance(value, Decimal) else value for name, value in values.items()}


def _minute(now: datetime) -> datetime:
    return timezone.localtime(now).replace(second=0, microsecond=0)


def _posted(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _form_page(request: HttpRequest, patient: Patient, form: Any, infusion: Infusion, **words: str) -> HttpResponse:
    shown = context(patient, form=form, back=address_of(infusion), **words)
    return render(request, "components/form_page.html", shown, status=status_of(form))


def _dose_page(request: HttpRequest, form: Any, infusion: Infusion, **words: Any) -> HttpResponse:
    """A form about an infusion with the dose check beside it."""
    patient = infusion.course.patient
    judged = form.is_bound and "weight_kg" in form.fields and form.data.get("status") not in _NEVER_GIVEN
    check = dose_check(form, patient, unless=infusion) if judged else None
    shown = context(
        patient,
        form=form,
        infusion=infusion,
        back=address_of(infusion),
        check=check,
        sign_fields=SignOffFields.base_fields,
        **words,
    )
    return render(request, "infusions/infusion_change.html", shown, status=status_of(form))
