"""Opening, closing, withdrawing and voiding courses."""

from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max

from clinic.audit.services import changes, record_event
from clinic.versions import next_version
from infusions.models import DEFAULT_PLANNED_INFUSIONS, Course, Phase
from infusions.services.days import check_day
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
    check_day("opened_on", opened_on, patient, now)
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
            check_day(name, value, current.patient, now)
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
