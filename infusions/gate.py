"""Pages below one infusion: it is the patient's of the address, and a voided one can only be read."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse

from clinic.web.gate import redirect
from infusions.models import Course, Infusion
from patients.models import Patient

View = Callable[..., HttpResponseBase]
#: Whom the page of an infusion names.
_PEOPLE = ("prescriber", "entered_by", "voided_by")


def course_of(patient: Patient, public_id: str) -> Course:
    """The patient's course of this name, unless it was voided; else Http404."""
    courses = Course.objects.not_voided().select_related("patient").filter(patient=patient)
    course: Course = get_object_or_404(courses, public_id=public_id)
    return course


def infusion_of(patient: Patient, public_id: str, people: tuple[str, ...] = _PEOPLE) -> Infusion:
    """The patient's infusion of this name with its course and these people, voided or not; else Http404."""
    infusions = Infusion.objects.select_related("course", *people).filter(course__patient=patient)
    infusion: Infusion = get_object_or_404(infusions, public_id=public_id)
    infusion.course.patient = patient  # loaded already: a page that saves every few seconds need not load it twice
    return infusion


def address_of(infusion: Infusion) -> str:
    """Where an infusion is shown."""
    return reverse("infusions:infusion", args=[infusion.course.patient.public_id, infusion.public_id])


def of_infusion(view: View) -> View:
    """Give a page the infusion instead of its id. One that is voided, also meanwhile, leads to its record."""
    return _loading(view, _to_record, _PEOPLE)


def asked_of_infusion(view: View) -> View:
    """The same for what an open page asks by itself: one that is voided is not found, for there is nobody to lead."""
    return _loading(view, _not_found, ("prescriber",))


def _to_record(request: HttpRequest, infusion: Infusion) -> HttpResponseBase:
    messages.info(request, "This infusion was voided: it can be read, not changed.")
    return redirect(address_of(infusion))


def _not_found(request: HttpRequest, infusion: Infusion) -> HttpResponseBase:
    raise Http404


def _loading(view: View, voided: Callable[[HttpRequest, Infusion], HttpResponseBase], people: tuple[str, ...]) -> View:
    @wraps(view)
    def loaded(request: HttpRequest, patient: Patient, infusion_id: str, **more: Any) -> HttpResponseBase:
        infusion = infusion_of(patient, infusion_id, people)
        if infusion.voided_at:
            return voided(request, infusion)
        try:
            return view(request, patient, infusion, **more)
        except Infusion.DoesNotExist:  # voided or moved since it was loaded
            raise Http404 from None

    return loaded


def room_address_of(infusion: Infusion) -> str:
    """Where a session is kept while it goes on, and signed."""
    return reverse("room:room", args=[infusion.course.patient.public_id, infusion.public_id])


def outside_room(view: View) -> View:
    """A page that changes an infusion past the log of its session: one that is kept in the room is shown there instead.

    What was typed before the session began is not thrown away: it is sent to the service, which refuses it, and shown again.
    """

    @wraps(view)
    def led(request: HttpRequest, patient: Patient, infusion: Infusion, **more: Any) -> HttpResponseBase:
        if infusion.stage and request.method != "POST":
            return to_room(request, infusion)
        return view(request, patient, infusion, **more)

    return led


def to_room(request: HttpRequest, infusion: Infusion) -> HttpResponseBase:
    """The answer of a page that is not for an infusion kept in the room."""
    messages.info(request, "This infusion is kept in the infusion room: enter and correct it there.")
    return redirect(room_address_of(infusion))


def context(patient: Patient, **more: Any) -> dict[str, Any]:
    """What every page of this app shows."""
    return {"patient": patient, "section": "patients", **more}
