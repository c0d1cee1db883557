"""Changing what the clinic says of itself."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from clinic.audit.services import changes, record_event
from clinic.profile.models import ClinicProfile
from clinic.profile.selectors import current_profile
from clinic.profile.signals import time_zone_changed
from clinic.versions import StaleEditError


@transaction.atomic
def change_profile(*, actor: Any, version: int, now: datetime, **fields: Any) -> ClinicProfile:
    """Put another name, time zone or crisis text in force as the next version; nothing typed anew makes none.

    Another time zone makes every stored outcome stale in the same transaction (`time_zone_changed`). Raises StaleEditError
    unless `version` is the one in force, ValidationError on bad values.
    """
    current = current_profile()
    if current.number != version:
        raise StaleEditError(current)
    changed = changes(current, fields)
    if not changed:
        return current
    profile = ClinicProfile(number=version + 1, changed_at=now, changed_by=actor, **fields)
    profile.full_clean(validate_unique=False)
    try:
        with transaction.atomic():
            profile.save(force_insert=True)
    except IntegrityError:  # two changes at once: the number is taken
        raise StaleEditError(current_profile()) from None
    record_event(actor, "change clinic profile", record=profile, detail={"changes": changed})
    if "time_zone" in changed:
        time_zone_changed.send(sender=ClinicProfile)
    return profile
