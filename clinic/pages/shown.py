"""Lists of patients leave a trace: who saw which list, with the ids of the patients on it."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from clinic.audit.models import AuditEvent
from clinic.audit.services import READ_ONCE_WITHIN, record_event

#: A list that stays open is noted anew after this long, if it changed.
_OPEN_FOR = timedelta(days=1)


def note_list_shown(actor: Any, name: str, patient_ids: Iterable[int], *, now: datetime) -> None:
    """One event for a list that was shown, unless this person saw the same list of the same patients just before."""
    shown = sorted(set(patient_ids))
    if not shown:
        return
    action = f"list {name}"
    latest = AuditEvent.objects.filter(actor_id=actor.pk, action=action, at__gt=now - READ_ONCE_WITHIN)
    before = latest.order_by("-id").values_list("detail", flat=True).first()
    if before is None or before.get("patient_ids") != shown:
        record_event(actor, action, detail={"patient_ids": shown})


def note_who_joined(actor: Any, name: str, patient_ids: Iterable[int], *, now: datetime) -> None:
    """For an open list that changed by itself: one event where it shows a patient who was not on it when it was noted."""
    shown, action = sorted(set(patient_ids)), f"list {name}"
    latest = AuditEvent.objects.filter(actor_id=actor.pk, action=action, at__gt=now - _OPEN_FOR)
    before = latest.order_by("-id").values_list("detail", flat=True).first()
    if shown and (before is None or not set(shown) <= set(before.get("patient_ids", ()))):
        record_event(actor, action, detail={"patient_ids": shown})
