"""What happens to an infusion on record: its status, corrections, moves and voiding."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from clinic.audit.services import changes, record_event
from clinic.versions import next_version
from infusions.limits import Finding
from infusions.models import ENDED, NEXT_STATUSES, Course, Infusion, Status
from infusions.selectors import limits_in_force
from infusions.services.crossings import SignOff, check_infusion
from infusions.services.giving import check_given, refuse_kept_in_room
from patients.services import announce_change, mark_voided, require_reason

_NOBODY = SignOff()
#: Statuses that say why.
WITH_REASON = frozenset({Status.STOPPED_EARLY, Status.CANCELLED, Status.NO_SHOW})


@transaction.atomic
def change_infusion_status(
    *,
    actor: Any,
    infusion: Infusion,
    version: int,
    status: str,
    now: datetime,
    reason: str = "",
    sign_off: SignOff = _NOBODY,
    also: Collection[Finding] = (),
    **fields: Any,
) -> Infusion:
    """Take an infusion to its next status with what becomes known by it, such as the start or the mg given.

    Stopping early, cancelling and a no-show need a reason; a limit that what is new crosses needs `sign_off`, and so does
    what the caller knows of (`also`). `version` is the one the editor saw. Raises StaleEditError if it is no longer
    current, ValidationError on bad values and for a step that is not possible.
    """
    announce_change({infusion.course.patient_id})
    current = Infusion.objects.not_voided().select_related("course__patient").get(pk=infusion.pk)
    next_version(current, version)
    refuse_kept_in_room(current)
    if status not in NEXT_STATUSES[current.status]:
        here, there = Status(current.status).label.lower(), Status(status).label.lower()
        raise ValidationError({"status": f"An infusion that is {here} cannot become {there}."})
    if status in WITH_REASON:
        fields["status_reason"] = require_reason(reason)
    fields = {"status": status, **fields}
    return _amend(actor, "change infusion status", current, now, fields, {}, sign_off, also)


@transaction.atomic
def amend_infusion(
    *,
    actor: Any,
    infusion: Infusion,
    version: int,
    now: datetime,
    reason: str,
    sign_off: SignOff = _NOBODY,
    **fields: Any,
) -> Infusion:
    """Correct what was recorded of an infusion, with a reason; the audit event keeps old and new values.

    A limit that only the corrected record crosses needs `sign_off`. `version` is the one the editor saw. Raises
    StaleEditError if it is no longer current, ValidationError on bad values.
    """
    reason = require_reason(reason)
    announce_change({infusion.course.patient_id})
    current = Infusion.objects.not_voided().select_related("course__patient").get(pk=infusion.pk)
    next_version(current, version)
    refuse_kept_in_room(current)
    return _amend(actor, "amend infusion", current, now, fields, {"reason": reason}, sign_off)


@transaction.atomic
def move_infusion(
    *, actor: Any, infusion: Infusion, to_course: Course, now: datetime, reason: str, version: int | None = None
) -> Infusion:
    """Move an infusion that was recorded on the wrong course or patient, with a reason.

    `version` is the one the editor saw, if any: StaleEditError if it is no longer current.
    """
    reason = require_reason(reason)
    patient_ids = {infusion.course.patient_id, to_course.patient_id}
    announce_change(patient_ids)
    current = Infusion.objects.not_voided().select_related("course__patient").get(pk=infusion.pk)
    next_version(current, current.version if version is None else version)
    if to_course.voided_at:
        raise ValidationError({"course": "This course was voided. Choose another one."})
    if to_course.pk == current.course_id:
        raise ValidationError({"course": "The infusion is on this course already. Choose another one."})
    detail = {"from_course": current.course_id, "to_course": to_course.pk, "reason": reason}
    current.course = to_course
    check_given(current, now)
    current.full_clean()
    current.save(update_fields=["course", "version"])
    for patient_id in sorted(patient_ids):
        record_event(actor, "move infusion", patient_id=patient_id, record=current, detail=detail)
    return current


@transaction.atomic
def void_infusion(*, actor: Any, infusion: Infusion, reason: str, now: datetime) -> Infusion:
    """Void an infusion recorded by mistake; it stays readable."""
    patient_id = infusion.course.patient_id
    announce_change({patient_id})
    mark_voided(infusion, actor=actor, reason=reason, now=now)
    detail = {"reason": infusion.void_reason}
    record_event(actor, "void infusion", patient_id=patient_id, record=infusion, detail=detail)
    return infusion


def _amend(
    actor: Any,
    action: str,
    current: Infusion,
    now: datetime,
    fields: dict[str, Any],
    detail: dict[str, Any],
    sign_off: SignOff,
    also: Collection[Finding] = (),
) -> Infusion:
    crossed_before = crossed_limits(current)
    changed = changes(current, fields)
    for name, value in fields.items():
        setattr(current, name, value)
    check_given(current, now)
    new = [finding for key, finding in crossed_limits(current).items() if key not in crossed_before]
    told = sign_off.answer_for([*new, *also], actor)
    if told["override"]:
        reasons = [current.limits_overridden_reason, told["override"]]
        current.limits_overridden_reason = "\n".join(filter(None, reasons))
        detail = {**detail, **told}
    current.full_clean()
    current.save(update_fields=["version", "limits_overridden_reason", *fields])
    detail = {**detail, "changes": changed}
    record_event(actor, action, patient_id=current.course.patient_id, record=current, detail=detail)
    return current


def crossed_limits(infusion: Infusion) -> dict[tuple[str, str], Finding]:
    """The limits that an infusion crosses as it is on record, once it has started, by field and limit."""
    if infusion.started_at is None or infusion.status not in {Status.IN_PROGRESS, *ENDED}:
        return {}
    return {(found.field, found.limit): found for found in check_infusion(infusion, limits_in_force())}
