"""The infusion room: the page of a session, its entries, its fields, and what an open page asks."""

import hashlib
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone

from clinic.audit.services import record_event, record_read
from clinic.people.proof import proven
from clinic.policy import Action
from clinic.room import answering
from clinic.room.shown import after, before, during, frame
from clinic.room.state import News, Room, news_of, room_of
from clinic.web.gate import POST, redirect
from infusions.forms.room import FORMS, EntryForm
from infusions.forms.rows import TERMS
from infusions.gate import address_of, asked_of_infusion, context, of_infusion
from infusions.models import Infusion
from infusions.services import room as services
from infusions.session import scales
from infusions.session.log import Kind, draft_of
from patients.gate import patient_page
from patients.models import Patient

#: Fields of a request that are no part of what an entry says.
_NOT_SAID = {"csrfmiddlewaretoken", "key", "since", "user", "waited", "password", "second_password"}
_USED = "This was sent before with other content. Load the page again, look at the log, and enter it anew."


@patient_page(Action.INFUSION_RECORD)
@of_infusion
def room(request: HttpRequest, patient: Patient, infusion: Infusion) -> HttpResponse:
    """The page of a session. One that was recorded afterwards has its record instead."""
    if not infusion.has_room:
        return redirect(address_of(infusion))
    now = timezone.now()
    shown = room_of(infusion, request.user, now)
    answering.note_presence(infusion, request.user, "", now)
    return render(request, "room/room.html", _page(request, shown))


def _page(request: HttpRequest, shown: Room) -> dict[str, Any]:
    asked = request.GET.get("step", "")
    step = asked if asked in {"before", "during", "after", "sign"} else frame.OPEN_STEP[shown.stage]
    state = {
        "latest": shown.latest,
        "now": shown.now.isoformat(),
        "stage": shown.stage.value,
        "step": step,
        "fields": answering.fields(shown),
        "last": during.last_values(shown),
        "may": during.actions(shown),
        "lock_after_ms": settings.ROOM_LOCK_MINUTES * 60_000,
        **answering.about(request, shown.infusion, shown.user, shown.now),
    }
    return context(
        shown.patient,
        infusion=shown.infusion,
        room=shown,
        parts=answering.parts(request, shown),
        frame=frame.frame(shown),
        before=before.before(shown),
        taken=before.TAKEN,
        holds=before.HOLDS,
        pad=during.PAD,
        terms=TERMS,
        grades=FORMS[Kind.ADVERSE].base_fields["ctcae_grade"].choices,  # type: ignore[attr-defined]
        adverse=FORMS[Kind.ADVERSE].base_fields,
        rescue_drugs=scales.RESCUE_DRUGS,
        aldrete=scales.ALDRETE,
        discharge_items=scales.DISCHARGE_ITEMS,
        moaa_s=scales.MOAA_S,
        meanings=FORMS[Kind.SIGNED].base_fields["meaning"].choices,  # type: ignore[attr-defined]
        next_planned=after.next_planned(shown),
        state=state,
    )


@patient_page(Action.INFUSION_RECORD, noted=False)
@asked_of_infusion
def since(request: HttpRequest, patient: Patient, infusion: Infusion) -> HttpResponse:
    """What an open page does not know yet: 204 while there is nothing, else the fields that changed and every part.

    Drafts are the most of what is typed and change no part: they are told without the parts. The parts are the session:
    whoever is shown them has read it, also without the page.
    """
    now, asked = timezone.now(), request.GET
    others = answering.note_presence(infusion, request.user, asked.get("editing", ""), now)
    known = _number(asked.get("after", ""))
    may_rest = "after" in asked and "token" not in asked and asked.get("others", "") == answering.told(others)
    news = news_of(infusion, request.user, known) if may_rest else News.SHOWN
    if news is News.NOTHING:
        return HttpResponse(status=204)
    if news is News.SHOWN:
        record_read(request.user, "room:room", patient_id=patient.pk, now=now)  # type: ignore[arg-type]
    shown = room_of(infusion, request.user, now)
    return answering.answer(request, shown, known, others, whole=news is News.SHOWN)


@patient_page(Action.INFUSION_RECORD, POST)
@asked_of_infusion
def entry(request: HttpRequest, patient: Patient, infusion: Infusion, what: str) -> HttpResponse:
    """One entry of the log. The answer is the session as it is now; 422 says what to mend, 409 that it was sent before."""
    if what not in FORMS:
        raise Http404
    if _is_another_persons(request):
        return JsonResponse({}, status=401)
    now, kind = timezone.now(), Kind(what)
    form = FORMS[kind](request.POST, now=now)
    try:
        if not form.is_valid():
            return _refused(form)
        second = _proof(request, form, patient)
        known = _number(request.POST.get("since", ""))
        stamp = services.Stamp(request.user, form.entry_key, now, _content_hash(request), known)
        services.enter(infusion, kind, stamp, at=form.cleaned_data["at"], values=form.values(), second=second)
    except ValidationError as error:
        return JsonResponse({"errors": _messages(error)}, status=422)
    except services.UsedKeyError:
        return JsonResponse({"errors": {"": [_USED]}}, status=409)
    current = Infusion.objects.select_related("course__patient", "prescriber").get(pk=infusion.pk)
    return answering.answer(request, room_of(current, request.user, timezone.now()), known)


def _is_another_persons(request: HttpRequest) -> bool:
    """Whether the page was made for somebody else, who typed this: another person signed in at the tablet since.

    It must not be kept under the wrong name, nor as a draft that the other one reads.
    """
    own: str = request.user.public_id  # type: ignore[union-attr]
    return request.POST.get("user", own) != own


def _proof(request: HttpRequest, form: EntryForm, patient: Patient) -> Any:
    """Who else proved who she is; a signature is proved by the person herself. Raises ValidationError beside its field."""
    typed = form.cleaned_data
    email, place = typed.get("second_email", ""), "second_password"
    password = typed.get("second_password", "")
    if "password" in form.fields:
        email, place, password = request.user.email, "password", typed["password"]  # type: ignore[union-attr]
    if not email and not password:
        return None
    try:
        return proven(request, email, password)
    except ValidationError as error:
        person = get_user_model().objects.filter(email=email.strip().lower()).first()
        detail = {"person": person.pk if person else None}  # not the text: a password is soon typed in the wrong box
        record_event(request.user, "denied proof", allowed=False, patient_id=patient.pk, detail=detail)  # type: ignore[arg-type]
        raise ValidationError({place: error.messages}) from None


def _refused(form: EntryForm) -> HttpResponse:
    errors = {("" if name == "__all__" else name): list(found) for name, found in form.errors.items()}
    return JsonResponse({"errors": errors}, status=422)


def _messages(error: ValidationError) -> dict[str, list[str]]:
    if hasattr(error, "error_dict"):
        return {("" if name == "__all__" else name): found for name, found in error.message_dict.items()}
    return {"": error.messages}


@patient_page(Action.INFUSION_RECORD, POST)
@asked_of_infusion
def field(request: HttpRequest, patient: Patient, infusion: Infusion) -> HttpResponse:
    """Keep one field as it was typed. 409 carries what it says now, when somebody else changed it meanwhile."""
    del patient
    if _is_another_persons(request):
        return JsonResponse({}, status=401)
    now, sent = timezone.now(), request.POST
    name, user = sent.get("name", ""), request.user
    stored = draft_of(user.pk, name.removeprefix("my.")) if name.startswith("my.") else name  # type: ignore[arg-type]
    try:
        stamp = services.Stamp(user, UUID(sent.get("key", "")), now)
        value = sent.get("value", "").replace("\r\n", "\n").replace("\x00", "")
        saved = services.save_field(infusion, stamp, name=stored, value=value, seen=_number(sent.get("seen", "")))
    except ValidationError as error:
        return JsonResponse({"errors": error.messages}, status=422)
    except services.FieldConflictError as conflict:
        return JsonResponse(_conflict(conflict), status=409)
    except (ValueError, services.UsedKeyError):
        return JsonResponse({"errors": [_USED]}, status=422)
    at = f"{timezone.localtime(saved.recorded_at):%H:%M:%S}"
    return JsonResponse({"version": saved.version, "at": at, "note": scales.score_note(name, value.strip())})


def _conflict(conflict: services.FieldConflictError) -> dict[str, Any]:
    current = conflict.current
    if current is None:
        return {"value": "", "version": 0, "by": "", "at": ""}
    return {
        "value": current.data["value"],
        "version": current.version,
        "by": current.by_name,
        "at": f"{timezone.localtime(current.recorded_at):%H:%M}",
    }


def _number(text: str) -> int:
    """A number that a page sends back; 0 for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else 0


def _content_hash(request: HttpRequest) -> str:
    """Of what an entry says, so that a repeated request is told from another one under the same key."""
    digest = hashlib.sha256(request.path.encode())
    for name in sorted(set(request.POST) - _NOT_SAID):
        digest.update(repr((name, request.POST.getlist(name))).encode())
    return digest.hexdigest()
