"""What a session begins with: the setting and the bag of the last one. Weight, vital signs, dose and lot never (4.2)."""

from typing import Any

from infusions.models import Infusion, SessionEvent
from infusions.session.fields import CARRIED
from infusions.session.log import Session
from patients.models import YesNo


def carried_values(infusion: Infusion) -> dict[str, str]:
    """Field -> text of the patient's last given infusion before this one. Two queries."""
    earlier = Infusion.objects.given().of_patient(infusion.course.patient_id).exclude(pk=infusion.pk)
    last = earlier.order_by("-started_at", "-id").first()
    if last is None:
        return {}
    rows = SessionEvent.objects.filter(infusion=last, field__in=CARRIED).order_by("id")
    session = Session.of(row.entry() for row in rows)
    kept = {name: session.text(name) for name in CARRIED} if session.entries else _recorded(last)
    return {name: text for name, text in kept.items() if text}


def _recorded(last: Infusion) -> dict[str, Any]:
    """Of an infusion that was recorded afterwards: what its own fields say."""
    told: dict[str, Any] = {"sitter": last.sitter}
    answers = {"eye_mask": last.eye_mask, "music": last.music}
    return told | {name: answer for name, answer in answers.items() if answer in {YesNo.YES, YesNo.NO}}
