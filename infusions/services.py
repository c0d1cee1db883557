"""What is done to courses and infusions. Order inside each transaction: announce, rows, audit event."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from clinic.audit.services import changes, record_event
from clinic.versions import next_version
from infusions.dosing import check_dose, check_interval
from infusions.limits import Finding, Level, Limits
from infusions.models import (
    DEFAULT_PLANNED_INFUSIONS,
    ENDED,
    NEXT_STATUSES,
    Course,
    Infusion,
    Phase,
    Route,
    SessionEntry,
    Status,
)
from patients.models import Patient, YesNo
from patients.services import announce_change, mark_voided, require_reason


@transaction.atomic
def open_course(
    *,
    actor: Any,
    patient: Patient,
    opened_on: date,
    now: datetime,
    phase: str = Phase.INDUCTION,
    planned_infusions: int = DEFAULT_PLANNED_INFUSIONS,
    psychotherapy_at_start: str = YesNo.NOT_RECORDED,
    psychiatric_medications_at_start: int | None = None,
) -> Course:
    """Open the patient's next course. Raises ValidationError on bad values or a day before birth or in the future."""
    announce_change({patient.pk})
    _check_day("opened_on", opened_on, patient, now)
    last = Course.objects.filter(patient=patient).aggregate(last=Max("number"))["last"]
    course = Course(
        patient=patient,
        number=(last or 0) + 1,
        phase=phase,
        planned_infusions=planned_infusions,
        opened_on=opened_on,
        psychotherapy_at_start=psychotherapy_at_start,
        psychiatric_medications_at_start=psychiatric_medications_at_start,
        entered_by=actor,
    )
    course.full_clean()
    course.save(force_insert=True)
    record_event(actor, "open course", patient_id=patient.pk, record=course)
    return course


def close_course(*, actor: Any, course: Course, version: int, closed_on: date, now: datetime) -> Course:
    """Close a course that is over. `version` is the one the editor saw: StaleEditError if it is no longer current."""
    return _change_course(actor, "close course", course, version, now, closed_on=closed_on)


def withdraw_course(
    *, actor: Any, course: Course, version: int, withdrawn_on: date, reason: str, now: datetime
) -> Course:
    """Note that the patient withdrew from the course, when and why. `version` as in `close_course`."""
    fields = {"withdrawn_on": withdrawn_on, "withdrawn_reason": require_reason(reason)}
    return _change_course(actor, "withdraw course", course, version, now, **fields)


@transaction.atomic
def _change_course(actor: Any, action: str, course: Course, version: int, now: datetime, **fields: Any) -> Course:
    announce_change({course.patient_id})
    current = Course.objects.not_voided().filter(pk=course.pk).first()
    if current is None:
        raise ValidationError("This course was voided. Choose another one.")
    next_version(current, version)
    for name, value in fields.items():
        if isinstance(value, date):
            _check_day(name, value, current.patient, now)
    changed = changes(current, fields)
    for name, value in fields.items():
        setattr(current, name, value)
    current.full_clean()
    current.save(update_fields=["version", *fields])
    record_event(actor, action, patient_id=current.patient_id, record=current, detail={"changes": changed})
    return current


@transaction.atomic
def void_course(*, actor: Any, course: Course, reason: str, now: datetime) -> Course:
    """Void a course recorded by mistake; its infusions no longer count and everything stays readable."""
    announce_change({course.patient_id})
    mark_voided(course, actor=actor, reason=reason, now=now)
    detail = {"reason": course.void_reason}
    record_event(actor, "void course", patient_id=course.patient_id, record=course, detail=detail)
    return course


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
    **fields: Any,
) -> Infusion:
    """Save an infusion that was given: completed, or stopped early with `status` and `status_reason`.

    Limits of the clinical rules: a rejected value raises ValidationError; one to override needs `override_reason`, beyond
    the hard cap also `second_sign_off`, else ValidationError says so. Warnings are for the page (`check_infusion`).
    """
    announce_change({course.patient_id})
    infusion = Infusion(**{"course": course, "status": Status.COMPLETED, "entered_by": actor, **fields})
    _check_given(infusion, now)
    findings = check_infusion(infusion, limits or Limits())
    refuse_unless_overridden(findings, override_reason, second_sign_off)
    if any(finding.level is Level.OVERRIDE for finding in findings):
        infusion.limits_overridden_reason = override_reason.strip()
    infusion.full_clean()
    infusion.save(force_insert=True)
    detail = {"crossed": [finding.message for finding in findings], "override": infusion.limits_overridden_reason}
    record_event(actor, "record infusion", patient_id=course.patient_id, record=infusion, detail=detail)
    return infusion


@transaction.atomic
def change_infusion_status(
    *, actor: Any, infusion: Infusion, version: int, status: str, now: datetime, reason: str = "", **fields: Any
) -> Infusion:
    """Take an infusion to its next status with what becomes known by it, such as the start or the mg given.

    Stopping early, cancelling and a no-show need a reason. `version` is the one the editor saw. Raises StaleEditError if
    it is no longer current, ValidationError on bad values and for a step that is not possible.
    """
    announce_change({infusion.course.patient_id})
    current = Infusion.objects.not_voided().select_related("course__patient").get(pk=infusion.pk)
    next_version(current, version)
    if status not in NEXT_STATUSES[current.status]:
        here, there = Status(current.status).label.lower(), Status(status).label.lower()
        raise ValidationError({"status": f"An infusion that is {here} cannot become {there}."})
    if status in {Status.STOPPED_EARLY, Status.CANCELLED, Status.NO_SHOW}:
        fields["status_reason"] = require_reason(reason)
    return _amend(actor, "change infusion status", current, now, {"status": status, **fields}, {})


@transaction.atomic
def amend_infusion(
    *, actor: Any, infusion: Infusion, version: int, now: datetime, reason: str, **fields: Any
) -> Infusion:
    """Correct what was recorded of an infusion, with a reason; the audit event keeps old and new values.

    `version` is the one the editor saw. Raises StaleEditError if it is no longer current, ValidationError on bad values.
    """
    reason = require_reason(reason)
    announce_change({infusion.course.patient_id})
    current = Infusion.objects.not_voided().select_related("course__patient").get(pk=infusion.pk)
    next_version(current, version)
    return _amend(actor, "amend infusion", current, now, fields, {"reason": reason})


@transaction.atomic
def move_infusion(*, actor: Any, infusion: Infusion, to_course: Course, now: datetime, reason: str) -> Infusion:
    """Move an infusion that was recorded on the wrong course or patient, with a reason."""
    reason = require_reason(reason)
    patient_ids = {infusion.course.patient_id, to_course.patient_id}
    announce_change(patient_ids)
    current = Infusion.objects.not_voided().select_related("course__patient").get(pk=infusion.pk)
    if to_course.voided_at:
        raise ValidationError({"course": "This course was voided. Choose another one."})
    detail = {"from_course": current.course_id, "to_course": to_course.pk, "reason": reason}
    current.course = to_course
    current.version += 1
    _check_given(current, now)
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


@transaction.atomic
def add_to_session(*, actor: Any, entry: SessionEntry, now: datetime) -> SessionEntry:
    """Save a new, unsaved entry of a session: vital signs, an adverse event or an integration note.

    Raises ValidationError on bad values and on a moment in the future (rule 52).
    """
    for name in ("taken_at", "started_at", "ended_at"):
        if (moment := getattr(entry, name, None)) and moment > now:
            raise ValidationError({name: "This moment is in the future. Check day and time."})
    entry.entered_by = actor
    entry.full_clean()
    entry.save(force_insert=True)
    patient_id = entry.infusion.course.patient_id
    record_event(actor, f"add {entry._meta.verbose_name}", patient_id=patient_id, record=entry)
    return entry


def check_infusion(infusion: Infusion, limits: Limits) -> list[Finding]:
    """Every limit that an infusion with a start crosses, given the patient's earlier ones. Queries: one."""
    earlier = list(
        Infusion.objects.given()
        .of_patient(infusion.course.patient_id)
        .filter(started_at__lt=infusion.started_at)
        .exclude(pk=infusion.pk)
        .order_by("started_at", "id")
    )
    return findings_of(infusion, earlier, limits)


def findings_of(infusion: Infusion, earlier: Iterable[Infusion], limits: Limits) -> list[Finding]:
    """Every limit that an infusion crosses after the patient's `earlier` given ones, oldest first (rule 47)."""
    before = list(earlier)
    start_at = infusion.started_at.astimezone(ZoneInfo(settings.CLINIC_TIME_ZONE))  # type: ignore[union-attr]
    starts = [other.started_at for other in before if other.started_at]
    findings = check_interval(limits, start_at=start_at, previous_starts=starts)
    if infusion.route != Route.IV:
        return findings  # the rules print dose limits for the intravenous route only
    weights = [other.weight_kg for other in before if other.weight_kg]
    doses = [other.dose_mg_per_kg for other in before if other.dose_mg_per_kg]
    return findings + check_dose(
        limits,
        weight_kg=infusion.weight_kg,
        last_weight_kg=weights[-1] if weights else None,
        mg_per_kg=infusion.dose_mg_per_kg,
        previous_mg_per_kg=doses[-1] if doses else None,
        mg=infusion.dose_mg_ordered if infusion.dose_mg_ordered is not None else infusion.dose_mg_given,
        minutes=infusion.minutes,
    )


def refuse_unless_overridden(findings: list[Finding], override_reason: str, second_sign_off: bool) -> None:
    """Raise ValidationError, a message per field, for what is rejected or lacks the reason or sign-off it asks for."""
    refused: dict[str, list[str]] = {}
    for finding in findings:
        missing_reason = finding.level is Level.OVERRIDE and not override_reason.strip()
        if finding.level is Level.REJECT or missing_reason or (finding.sign_offs > 1 and not second_sign_off):
            refused.setdefault(finding.field, []).append(finding.message)
    if refused:
        raise ValidationError({"__all__": [message for messages in refused.values() for message in messages]})


def _amend(
    actor: Any, action: str, current: Infusion, now: datetime, fields: dict[str, Any], detail: dict[str, Any]
) -> Infusion:
    changed = changes(current, fields)
    for name, value in fields.items():
        setattr(current, name, value)
    _check_given(current, now)
    current.full_clean()
    current.save(update_fields=["version", *fields])
    detail = {**detail, "changes": changed}
    record_event(actor, action, patient_id=current.course.patient_id, record=current, detail=detail)
    return current


def _check_given(infusion: Infusion, now: datetime) -> None:
    if infusion.status not in ENDED:
        return
    if infusion.started_at is None:
        raise ValidationError({"started_at": "Enter when the infusion started."})
    if infusion.dose_mg_given is None:
        raise ValidationError({"dose_mg_given": "Enter how many mg were given; 0 if none."})
    if infusion.started_at > now:
        raise ValidationError({"started_at": "This start is in the future. Enter when the infusion started."})
    _check_day("started_at", timezone.localdate(infusion.started_at), infusion.course.patient, now)


def _check_day(field: str, day: date, patient: Patient, now: datetime) -> None:
    if day > timezone.localdate(now):
        raise ValidationError({field: "This day is in the future. Check the day."})
    if day < patient.date_of_birth:
        raise ValidationError({field: "This day is before the patient was born. Check the day and the patient."})
