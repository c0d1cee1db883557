"""Planning infusions, and recording those that were given."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from clinic.audit.services import record_event
from infusions.limits import Finding, Limits
from infusions.models import ENDED, Course, Infusion, Status
from infusions.selectors import limits_in_force
from infusions.services.crossings import SignOff, check_infusion
from infusions.services.days import check_day
from patients.services import announce_change


@transaction.atomic
def plan_infusion(*, actor: Any, course: Course, planned_for: datetime, **fields: Any) -> Infusion:
    """Plan an infusion. Nothing is given yet, so nothing is announced."""
    infusion = Infusion(course=course, status=Status.PLANNED, planned_for=planned_for, entered_by=actor, **fields)
    infusion.full_clean()
    infusion.save(force_insert=True)
    record_event(actor, "plan infusion", patient_id=course.patient_id, record=infusion)
    return infusion


@transaction.atomic
def record_infusion(
    *,
    actor: Any,
    course: Course,
    now: datetime,
    limits: Limits | None = None,
    override_reason: str = "",
    second_sign_off: bool = False,
    second_signer: Any = None,
    planned: Infusion | None = None,
    also: Collection[Finding] = (),
    **fields: Any,
) -> Infusion:
    """Save an infusion that was given: completed, or stopped early with `status` and `status_reason`.

    `planned` is the planned infusion that it was. `also` are findings that the caller knows of. Raises ValidationError for
    what the limits (default: in force) reject, or ask to override without `override_reason` or, at the cap, `second_signer`.
    """
    announce_change({course.patient_id})
    infusion = _planned(planned, course) if planned else Infusion(course=course, entered_by=actor)
    for name, value in {"status": Status.COMPLETED, **fields}.items():
        setattr(infusion, name, value)
    check_given(infusion, now)
    findings = [*check_infusion(infusion, limits or limits_in_force()), *also]
    told = SignOff(override_reason, second_signer, second_sign_off).answer_for(findings, actor)
    infusion.limits_overridden_reason = told["override"]
    infusion.full_clean()
    infusion.save(force_insert=planned is None)
    record_event(actor, "record infusion", patient_id=course.patient_id, record=infusion, detail=told)
    return infusion


def _planned(planned: Infusion, course: Course) -> Infusion:
    current: Infusion | None = (
        Infusion.objects.not_voided().filter(pk=planned.pk, course=course, status=Status.PLANNED).first()
    )
    if current is None:
        raise ValidationError({"planned": "This infusion is no longer planned: somebody changed it. Choose again."})
    refuse_kept_in_room(current)
    current.version += 1
    return current


def refuse_kept_in_room(infusion: Infusion) -> None:
    """Raise ValidationError for an infusion that follows from the log of its session: the next entry would undo this.

    Until the transaction ends nobody begins its session either. One query.
    """
    locked = Infusion.objects.select_for_update().filter(pk=infusion.pk).order_by("pk")
    if any(locked.values_list("stage", flat=True)):
        raise ValidationError("This infusion is kept in the infusion room. Enter or correct it there.")


def check_given(infusion: Infusion, now: datetime) -> None:
    """Raise ValidationError unless an infusion that is over says when it started and how many mg were given."""
    if infusion.status not in ENDED:
        return
    if infusion.started_at is None:
        raise ValidationError({"started_at": "Enter when the infusion started."})
    if infusion.dose_mg_given is None:
        raise ValidationError({"dose_mg_given": "Enter how many mg were given; 0 if none."})
    if infusion.started_at > now:
        raise ValidationError({"started_at": "This start is in the future. Enter when the infusion started."})
    check_day("started_at", timezone.localdate(infusion.started_at), infusion.course.patient, now)
