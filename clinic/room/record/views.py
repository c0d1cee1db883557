"""The record of one session on the page and as PDF: as it stands, and as it was signed.

It holds what was written in the session too, so it is for whoever may see infusions and read notes.
"""

from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from clinic.audit.services import record_event
from clinic.policy import Action
from clinic.room.record.content import RecordContent
from clinic.room.record.making import record_as_signed, record_now
from clinic.web.gate import redirect
from infusions.gate import address_of, infusion_of
from infusions.models import Infusion
from infusions.services.room import session_of
from infusions.session.log import Session
from patients.gate import patient_page
from patients.models import Patient

#: Says nothing of the patient.
_FILE, _SIGNED_FILE = "session-record.pdf", "session-record-as-signed.pdf"


@patient_page(Action.INFUSION_VIEW)
def record(request: HttpRequest, patient: Patient, infusion_id: str) -> HttpResponse:
    """The record as it stands. An infusion that was not kept in the room has none but its own page."""
    infusion, session = _kept(request, patient, infusion_id)
    if not session.entries:
        return redirect(address_of(infusion))
    content = record_now(infusion, session, timezone.now())
    return _page(request, infusion, session, content, as_signed=False)


@patient_page(Action.INFUSION_VIEW)
def as_signed(request: HttpRequest, patient: Patient, infusion_id: str) -> HttpResponse:
    """What the latest signature covers, whatever was added or corrected since."""
    infusion, session, now = *_kept(request, patient, infusion_id), timezone.now()
    return _page(request, infusion, session, _signed_content(infusion, session, now), as_signed=True)


@patient_page(Action.INFUSION_VIEW, noted=False)  # each download is an event of its own
def record_file(request: HttpRequest, patient: Patient, infusion_id: str) -> HttpResponse:
    """The PDF of the record as it stands."""
    infusion, session = _kept(request, patient, infusion_id)
    if not session.entries:
        return redirect(address_of(infusion))
    return _file(request, infusion, record_now(infusion, session, timezone.now()), _FILE)


@patient_page(Action.INFUSION_VIEW, noted=False)  # each download is an event of its own
def as_signed_file(request: HttpRequest, patient: Patient, infusion_id: str) -> HttpResponse:
    """The PDF of what the latest signature covers."""
    infusion, session, now = *_kept(request, patient, infusion_id), timezone.now()
    return _file(request, infusion, _signed_content(infusion, session, now), _SIGNED_FILE)


def _kept(request: HttpRequest, patient: Patient, infusion_id: str) -> tuple[Infusion, Session]:
    """The infusion with its session, for whoever may read notes; else Http404. Its log may be empty."""
    if not request.user.may(Action.NOTE_VIEW):  # type: ignore[union-attr]
        raise Http404
    infusion = infusion_of(patient, infusion_id)
    return infusion, session_of(infusion)


def _signed_content(infusion: Infusion, session: Session, now: datetime) -> RecordContent:
    if session.signed is None:
        raise Http404
    return record_as_signed(infusion, session, now)


def _page(
    request: HttpRequest, infusion: Infusion, session: Session, content: RecordContent, *, as_signed: bool
) -> HttpResponse:
    context = {
        "section": "patients",
        "patient": infusion.course.patient,
        "infusion": infusion,
        "content": content,
        "as_signed": as_signed,
        "is_signed": session.signed is not None,
    }
    return render(request, "room/record.html", context)


def _file(request: HttpRequest, infusion: Infusion, content: RecordContent, name: str) -> HttpResponse:
    """The PDF as a download, noted."""
    from clinic.room.record.pdf import record_pdf

    file = record_pdf(content)
    patient_id = infusion.course.patient_id
    record_event(request.user, "export session record", patient_id=patient_id, record=infusion, detail={"file": name})  # type: ignore[arg-type]
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(file, content_type="application/pdf", headers=headers)
