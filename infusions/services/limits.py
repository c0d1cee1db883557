"""Putting other limits in force."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from clinic.audit.services import record_event
from clinic.versions import StaleEditError
from infusions.limits import Limits
from infusions.models import LimitsVersion
from infusions.selectors import latest_limits
from patients.services import require_reason


@transaction.atomic
def adopt_limits(*, actor: Any, limits: Limits, version_seen: int, reason: str, now: datetime) -> LimitsVersion:
    """Put `limits` in force as the next version; `version_seen` is the number of the one the editor changed (0: none).

    Raises StaleEditError when somebody adopted others meanwhile, ValidationError without a reason, when the values cannot
    be used and when they are those in force.
    """
    reason = require_reason(reason)
    if problems := limits.problems():
        raise ValidationError(problems)
    current = latest_limits()
    if current.number != version_seen:
        raise StaleEditError(current)
    if not (changed := _changed(current.limits(), limits)):
        raise ValidationError("These are the limits in force already. Change one, or leave the page.")
    version = LimitsVersion(
        number=version_seen + 1,
        values=limits.as_dict(),
        changed=changed,
        reason=reason,
        adopted_at=now,
        adopted_by=actor,
    )
    try:
        with transaction.atomic():
            version.save(force_insert=True)
    except IntegrityError:  # somebody took this number at the same moment
        raise StaleEditError(latest_limits()) from None
    detail = {"number": version.number, "reason": reason, "changes": changed}
    record_event(actor, "adopt limits", record=version, detail=detail)
    return version


def _changed(before: Limits, after: Limits) -> dict[str, list[int | str]]:
    """Limit -> [before, after], for those that are another number (1.50 is 1.5)."""
    old, new = before.as_dict(), after.as_dict()
    return {name: [old[name], new[name]] for name, value in vars(after).items() if value != getattr(before, name)}
