"""Writing the audit trail. Call inside the transaction of what is recorded, so that both happen or neither."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models

from clinic.audit.models import AuditEvent

#: A person who reads the same page of the same patient again within this time makes no second event.
READ_ONCE_WITHIN = timedelta(minutes=15)

#: Who acts when no person does: a management command or a background task.
SYSTEM_NAME = "Tidemark"


def build_event(
    actor: AbstractBaseUser | None,
    action: str,
    *,
    patient_id: int | None = None,
    record: models.Model | None = None,
    allowed: bool = True,
    detail: dict[str, Any] | None = None,
) -> AuditEvent:
    """The event, not yet saved. `actor` None means the system itself; `detail` holds JSON values, dates and decimals."""
    return AuditEvent(
        actor_id=actor.pk if actor else None,
        actor_name=str(actor)[:200] if actor else SYSTEM_NAME,
        action=action,
        patient_id=patient_id,
        record_type=record._meta.label_lower if record else "",
        record_id=record.pk if record else None,
        allowed=allowed,
        detail=detail or {},
    )


def record_event(actor: AbstractBaseUser | None, action: str, **about: Any) -> AuditEvent:
    """Save one event; the arguments are those of `build_event`."""
    event = build_event(actor, action, **about)
    event.save(force_insert=True)
    return event


def record_read(actor: AbstractBaseUser, page: str, *, patient_id: int, now: datetime) -> None:
    """Note that `actor` saw `page` of a patient: one event per person, patient and page in 15 minutes."""
    action = f"read {page}"
    seen = AuditEvent.objects.filter(
        actor_id=actor.pk, patient_id=patient_id, action=action, at__gt=now - READ_ONCE_WITHIN
    )
    if not seen.exists():
        record_event(actor, action, patient_id=patient_id)


def changes(before: models.Model, values: dict[str, Any]) -> dict[str, list[Any]]:
    """Field -> [old, new] for the values that differ from those of `before`."""
    return {
        name: [_plain(getattr(before, name)), _plain(value)]
        for name, value in values.items()
        if getattr(before, name) != value
    }


def _plain(value: Any) -> Any:
    return value.pk if isinstance(value, models.Model) else value
