"""Planning a course as a series, moving what is planned, and what the intervals between planned infusions cross."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from clinic.audit.services import changes, record_event
from clinic.versions import next_version
from infusions.limits import Finding
from infusions.models import Course, Infusion, Status
from infusions.selectors import limits_in_force, open_infusions, starts_of
from infusions.series import findings_along
from infusions.services.crossings import printed
from infusions.services.giving import plan_infusion, refuse_kept_in_room
from patients.models import Patient
from patients.services import require_reason

TAKEN = "Another infusion of the patient is planned for this time. Choose another time."


@dataclass(frozen=True)
class Intervals:
    """What planned moments cross (rule 58): those proposed, in their order, and those planned already, by time."""

    proposed: list[list[Finding]]
    standing: list[tuple[Infusion, list[Finding]]]


def intervals_of(patient: Patient, moments: Sequence[datetime], *, unless: Infusion | None = None) -> Intervals:
    """What starting at each of `moments` would cross, with what is planned already. Queries: three.

    `unless` is a planned infusion that is moved: it counts at its new moment alone.
    """
    open_now = [one for one in open_infusions(patient) if unless is None or one.pk != unless.pk]
    standing = [one for one in open_now if one.status == Status.PLANNED and one.planned_for]
    running = [one.started_at for one in open_now if one.status == Status.IN_PROGRESS and one.started_at]
    planned = [*moments, *(one.planned_for for one in standing if one.planned_for)]
    found = findings_along(
        limits_in_force(),
        given=[*starts_of(patient), *running],
        planned=planned,
        zone=timezone.get_current_timezone(),
    )
    told = [printed(findings) for findings in found]
    return Intervals(told[: len(moments)], list(zip(standing, told[len(moments) :], strict=True)))


@transaction.atomic
def plan_series(*, actor: Any, course: Course, moments: Iterable[datetime], prescriber: Any = None) -> list[Infusion]:
    """Plan an infusion of the course at each moment: all or none. Nothing is given yet, so nothing is announced.

    Raises ValidationError where the course was voided meanwhile, or another infusion is planned for one of the moments.
    """
    wanted = sorted(moments)
    _lock(course.patient_id)
    if not Course.objects.not_voided().filter(pk=course.pk).exists():
        raise ValidationError("This course was voided. Choose another one.")
    if taken := _taken(course.patient_id, wanted):
        told = ", ".join(f"{timezone.localtime(moment):%Y-%m-%d %H:%M}" for moment in taken)
        raise ValidationError(f"Another infusion of the patient is planned for {told}. Change or leave out that time.")
    return [plan_infusion(actor=actor, course=course, planned_for=moment, prescriber=prescriber) for moment in wanted]


@transaction.atomic
def replan_infusion(
    *, actor: Any, infusion: Infusion, version: int, planned_for: datetime, prescriber: Any, reason: str
) -> Infusion:
    """Move a planned infusion to another moment or clinician, with a reason; the audit event keeps old and new.

    Nothing is given yet, so nothing is announced. `version` is the one the editor saw. Raises StaleEditError if it is no
    longer current, ValidationError when it is planned no more, nothing would change, or the moment is taken.
    """
    reason = require_reason(reason)
    _lock(infusion.course.patient_id)
    current = Infusion.objects.not_voided().select_related("course__patient", "prescriber").get(pk=infusion.pk)
    next_version(current, version)
    refuse_kept_in_room(current)
    if current.status != Status.PLANNED:
        raise ValidationError("This infusion is no longer planned. Only a planned infusion can be moved.")
    fields = {"planned_for": planned_for.astimezone(UTC), "prescriber": prescriber}  # old and new alike in the trail
    changed = changes(current, fields)
    if not changed:
        raise ValidationError({"planned_for": "Nothing was changed. Choose another time or clinician, or leave."})
    if "planned_for" in changed and _taken(current.course.patient_id, [planned_for]):
        raise ValidationError({"planned_for": TAKEN})
    current.planned_for, current.prescriber = planned_for, prescriber
    current.full_clean()
    current.save(update_fields=["version", *fields])
    detail = {"reason": reason, "changes": changed}
    record_event(actor, "replan infusion", patient_id=current.course.patient_id, record=current, detail=detail)
    return current


def _lock(patient_id: int) -> None:
    """Let nobody else plan for this patient until the transaction ends; what is announced waits for the same row."""
    Patient.objects.select_for_update(no_key=True).get(pk=patient_id)


def _taken(patient_id: int, moments: Sequence[datetime]) -> list[datetime]:
    """Those of the moments, or of repeated ones, at which an infusion of the patient is planned."""
    planned = Infusion.objects.not_voided().of_patient(patient_id).filter(course__voided_at=None)
    found = planned.filter(status=Status.PLANNED, planned_for__in=moments).order_by("planned_for", "id")
    twice = {moment for moment in moments if moments.count(moment) > 1}
    return sorted({*found.values_list("planned_for", flat=True), *twice})
