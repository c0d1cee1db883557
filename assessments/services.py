"""What is done to questionnaires. Order inside each transaction: announce, score, rows, audit event."""

from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from assessments import instruments
from assessments.models import Assessment, Mode
from assessments.selectors import newest_version, same_day_form
from clinic.audit.services import record_event
from clinic.versions import StaleEditError
from patients.models import IndexEvent, Patient
from patients.services import announce_change, mark_voided, require_reason


def build_assessment(
    *,
    patient: Patient,
    instrument: str,
    form: str,
    completed_on: date,
    answers: list[int | None],
    completed_at: datetime | None = None,
    mode: str = Mode.NOT_RECORDED,
    index_event: IndexEvent | None = None,
    language: str = "en",
) -> Assessment:
    """Score the answers into a form that is not saved yet. Raises ValidationError on unusable answers or an unknown form."""
    questionnaire = instruments.get(instrument)
    try:
        printed = questionnaire.form(form)
    except ValueError as error:
        raise ValidationError({"form": str(error)}) from error
    if problems := questionnaire.problems(answers):
        raise ValidationError({"answers": problems})
    score = questionnaire.score(answers)
    return Assessment(
        patient=patient,
        instrument=questionnaire.id,
        form=form,
        language=language,
        index_event=index_event,
        completed_on=completed_on,
        completed_at=completed_at,
        mode=mode,
        answers=list(answers),
        total=score.total,
        answered_sum=score.answered_sum,
        missing_items=score.missing_items,
        most_missing_in_subscale=score.most_missing_in_subscale,
        subscales=score.subscales,
        rule_met=score.rule_met,
        review_flags=list(score.review_flags),
        recall_days=printed.recall_days,
        day_rank=printed.day_rank,
    )


@transaction.atomic
def record_assessment(*, actor: Any, patient: Patient, now: datetime, **answered: Any) -> Assessment:
    """Save a completed form; `answered` are the arguments of `build_assessment`.

    Raises ValidationError, also for a day in the future or before birth, and for a second form of this kind on the day.
    """
    announce_change({patient.pk})
    assessment = build_assessment(patient=patient, **answered)
    _save(assessment, actor=actor, now=now)
    record_event(actor, "record assessment", patient_id=patient.pk, record=assessment)
    return assessment


@transaction.atomic
def correct_assessment(
    *, actor: Any, assessment: Assessment, now: datetime, reason: str, **answered: Any
) -> Assessment:
    """Replace a form by a corrected version, which keeps its place in the order of entry (rules 11, 14a).

    `answered` are the arguments of `build_assessment` that change; another `patient` moves the form to that patient.
    `assessment` is the version its editor saw: raises StaleEditError with the newest one when it was replaced since, and
    ValidationError when it was voided or moved to another patient.
    """
    reason = require_reason(reason)
    patient = answered.pop("patient", assessment.patient)
    announce_change({assessment.patient_id, patient.pk})
    kept = ("instrument", "form", "completed_on", "completed_at", "mode", "answers", "language")
    unchanged = {name: getattr(assessment, name) for name in kept}
    if patient.pk == assessment.patient_id:
        unchanged["index_event"] = assessment.index_event
    if not Assessment.objects.current().filter(pk=assessment.pk).update(replaced=True):
        raise _not_current(assessment)
    corrected = build_assessment(patient=patient, **{**unchanged, **answered})
    corrected.replaces, corrected.replace_reason = assessment, reason
    corrected.first_version_id = assessment.first_version_id or assessment.pk
    _save(corrected, actor=actor, now=now)
    for patient_id in sorted({assessment.patient_id, patient.pk}):
        record_event(actor, "correct assessment", patient_id=patient_id, record=corrected, detail={"reason": reason})
    return corrected


def move_assessment(
    *, actor: Any, assessment: Assessment, to_patient: Patient, now: datetime, reason: str
) -> Assessment:
    """Move a form that was recorded for the wrong patient; the old version stays readable where it was.

    Raises ValidationError as `correct_assessment` does, and when the form is at that patient or was corrected already.
    """
    if to_patient.pk == assessment.patient_id:
        raise ValidationError("The form is at this patient already. Choose the other patient.")
    try:
        return correct_assessment(actor=actor, assessment=assessment, patient=to_patient, now=now, reason=reason)
    except StaleEditError as stale:
        raise ValidationError(
            "This form was corrected after you opened this page. Open its latest version and move that."
        ) from stale


@transaction.atomic
def void_assessment(*, actor: Any, assessment: Assessment, reason: str, now: datetime) -> Assessment:
    """Void a form that should not count; it stays readable."""
    announce_change({assessment.patient_id})
    if Assessment.objects.filter(pk=assessment.pk, replaced=True).exists():
        raise ValidationError("This form was corrected. Open its latest version.")
    mark_voided(assessment, actor=actor, reason=reason, now=now)
    record_event(
        actor,
        "void assessment",
        patient_id=assessment.patient_id,
        record=assessment,
        detail={"reason": assessment.void_reason},
    )
    return assessment


def _save(assessment: Assessment, *, actor: Any, now: datetime) -> None:
    if assessment.completed_on > timezone.localdate(now):
        raise ValidationError(
            {"completed_on": "This day is in the future. Enter the day on which the form was completed."}
        )
    if assessment.completed_on < assessment.patient.date_of_birth:
        raise ValidationError(
            {"completed_on": "This day is before the patient was born. Check the day and the patient."}
        )
    if assessment.completed_at and assessment.completed_at > now:
        raise ValidationError({"completed_at": "This time is in the future. Enter a time up to now, or leave it out."})
    if assessment.completed_at and timezone.localdate(assessment.completed_at) != assessment.completed_on:
        raise ValidationError({"completed_at": "The time is on another day than the form. Make both the same day."})
    if assessment.index_event and assessment.index_event.patient_id != assessment.patient_id:
        raise ValidationError({"index_event": "This event is another patient's. Choose one of this patient's."})
    if same_day := same_day_form(assessment):
        raise ValidationError({"completed_on": _taken(assessment.patient, same_day)})
    assessment.entered_by = actor
    # Foreign keys and constraints are checked by the database as the row goes in; asking it for each beforehand would
    # take as long as all the rest of a save.
    beyond_doubt = {"patient", "entered_by"}  # the one is locked, the other is signed in
    assessment.full_clean(exclude=beyond_doubt, validate_unique=False, validate_constraints=False)
    assessment.save(force_insert=True)


def _not_current(assessment: Assessment) -> Exception:
    """Why this version can be corrected no more."""
    newest = newest_version(assessment)
    if newest.voided_at:
        return ValidationError("This form was voided. Enter it again if it should count.")
    if newest.patient_id != assessment.patient_id:
        return ValidationError("This form was moved to another patient. Correct it there.")
    return StaleEditError(newest)


def _taken(patient: Patient, same_day: str) -> ValidationError:
    """The database refuses a second form of a kind on a day; this says which form stands there (`params`)."""
    return ValidationError(
        "There is already a form of this kind on this day. Correct that one, or check the day.",
        code="same_day",
        params={"patient": patient.public_id, "assessment": same_day},
    )
