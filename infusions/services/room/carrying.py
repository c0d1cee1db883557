"""What a session begins with: what its plan says, the setting and the bag of the last one.

Weight, vital signs, dose and lot never (4.2).
"""

from typing import Any

from infusions.models import Infusion, SessionEvent
from infusions.session.fields import CARRIED
from infusions.session.log import Session
from patients.models import YesNo


def first_fields(infusion: Infusion) -> dict[str, dict[str, Any]]:
    """Field -> what its first entry says. Two queries.

    To be asked before the log begins: from then on the infusion follows from it, and what only the plan said would be gone.
    """
    planned = {"preparation_note": infusion.preparation_note, "intention": infusion.intention, **_recorded(infusion)}
    carried: dict[str, dict[str, Any]] = {
        name: {"value": text, "carried": True} for name, text in _carried(infusion).items()
    }
    return carried | {name: {"value": text, "carried": True, "planned": True} for name, text in planned.items() if text}


def _carried(infusion: Infusion) -> dict[str, str]:
    """Field -> text of the patient's last given infusion before this one."""
    earlier = Infusion.objects.given().of_patient(infusion.course.patient_id).exclude(pk=infusion.pk)
    last = earlier.order_by("-started_at", "-id").first()
    if last is None:
        return {}
    rows = SessionEvent.objects.filter(infusion=last, field__in=CARRIED).order_by("id")
    session = Session.of(row.entry() for row in rows)
    kept = {name: session.text(name) for name in CARRIED} if session.entries else _recorded(last)
    return {name: text for name, text in kept.items() if text}


def _recorded(infusion: Infusion) -> dict[str, Any]:
    """Of an infusion without a log: what its own fields say of the setting."""
    told: dict[str, Any] = {"sitter": infusion.sitter}
    answers = {"eye_mask": infusion.eye_mask, "music": infusion.music}
    return told | {name: answer for name, answer in answers.items() if answer in {YesNo.YES, YesNo.NO}}
