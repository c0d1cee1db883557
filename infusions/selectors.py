"""Reads for the pages of infusions: the limits in force, who may prescribe, and what is known before a session."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet
from django.utils import timezone

from clinic.audit.models import AuditEvent
from clinic.policy import ALLOWED, Action
from infusions.limits import Limits, minutes_between
from infusions.models import AdverseEvent, Course, Infusion, IntegrationNote, LimitsVersion, Status, VitalSigns
from patients.models import Consent, Patient, PsychiatricMedication

#: Rows of the history of limits, and of the events of one record, that a page shows.
HISTORY_ROWS = 50
#: From here on an interval is told in days.
_HOURS_SHOWN = 96


def latest_limits() -> LimitsVersion:
    """The version in force; the defaults as an unsaved version 0 where none was adopted. One query."""
    return LimitsVersion.objects.order_by("-number").first() or LimitsVersion(number=0, values=Limits().as_dict())


def limits_in_force() -> Limits:
    """The limits that checks go by. One query."""
    return latest_limits().limits()


def limits_history() -> "QuerySet[LimitsVersion]":
    """The latest adopted versions, newest first."""
    return LimitsVersion.objects.select_related("adopted_by").order_by("-number")[:HISTORY_ROWS]


def prescribers(also: Any = None) -> "QuerySet[Any]":
    """Active people who may override a limit; and `also`, a person who is named already."""
    roles = [role for role, actions in ALLOWED.items() if Action.DOSE_OVERRIDE in actions]
    able = Q(is_active=True, grants__role__in=roles)
    people = get_user_model()._default_manager.filter(able | Q(pk=also.pk) if also else able)
    return people.distinct().order_by("full_name", "id")


@dataclass(frozen=True)
class ConsentState:
    """The off-label consent as of a day (rule 63). `valid` is None when there is none, False when it was withdrawn."""

    valid: bool | None
    signed_on: date | None = None
    withdrawn_on: date | None = None
    age_days: int | None = None
    treatment_signed_on: date | None = None


def consent_on(patient: Patient, day: date) -> ConsentState:
    """The off-label consent, and whether there is one for treatment. Withdrawn on `day` counts as withdrawn. One query."""
    kinds = (Consent.Kind.OFF_LABEL_KETAMINE, Consent.Kind.TREATMENT)
    signed = list(
        Consent.objects.not_voided()
        .filter(patient=patient, kind__in=kinds, signed_on__lte=day)
        .order_by("-signed_on", "-id")
    )
    standing = [consent for consent in signed if consent.withdrawn_on is None or consent.withdrawn_on > day]
    treatment = next((one.signed_on for one in standing if one.kind == Consent.Kind.TREATMENT), None)
    for valid, consents in ((True, standing), (False, signed)):
        for one in consents:
            if one.kind == Consent.Kind.OFF_LABEL_KETAMINE:
                age = (day - one.signed_on).days
                return ConsentState(valid, one.signed_on, one.withdrawn_on, age, treatment)
    return ConsentState(None, treatment_signed_on=treatment)


@dataclass(frozen=True)
class Preparation:
    """What the records say before an infusion."""

    consent: ConsentState
    medicines: list[PsychiatricMedication]
    last: Infusion | None = None
    hours_since_last: Decimal | None = None
    last_weight_kg: Decimal | None = None
    last_weight_at: datetime | None = None
    #: Days -> (infusions, mg) of the infusions given in so many days before.
    totals: dict[int, tuple[int, Decimal]] = field(default_factory=dict)

    def weight_age_days(self, day: date) -> int | None:
        """How old the last weight is."""
        return (day - timezone.localdate(self.last_weight_at)).days if self.last_weight_at else None

    @property
    def since(self) -> str:
        """How long before the last infusion was: hours while the interval rules look at hours, then days."""
        hours = self.hours_since_last
        if hours is None:
            return ""
        return f"{hours:.0f} h" if hours < _HOURS_SHOWN else f"{hours / 24:.0f} days"


def preparation_for(patient: Patient, at: datetime) -> Preparation:
    """What is known before an infusion at `at`. Three queries, however many infusions there were."""
    earlier = list(
        Infusion.objects.given()
        .of_patient(patient.pk)
        .filter(started_at__lt=at)
        .only("started_at", "weight_kg", "dose_mg_given", "dose_mg_per_kg", "minutes", "status")
        .order_by("-started_at", "-id")
    )
    last = earlier[0] if earlier else None
    weighed = next((one for one in earlier if one.weight_kg), None)
    return Preparation(
        consent=consent_on(patient, timezone.localdate(at)),
        medicines=_medicines(patient, timezone.localdate(at)),
        last=last,
        hours_since_last=minutes_between(last.started_at, at) / 60 if last else None,
        last_weight_kg=weighed.weight_kg if weighed else None,
        last_weight_at=weighed.started_at if weighed else None,
        totals={days: _total(earlier, at - timedelta(days=days)) for days in (30, 365)},
    )


def _total(earlier: list[Infusion], since: datetime) -> tuple[int, Decimal]:
    amounts = [one.dose_mg_given or Decimal(0) for one in earlier if one.started_at and one.started_at >= since]
    return len(amounts), sum(amounts, Decimal(0))


def _medicines(patient: Patient, day: date) -> list[PsychiatricMedication]:
    taken = Q(ended_on__isnull=True) | Q(ended_on__gte=day)
    not_before = Q(started_on__isnull=True) | Q(started_on__lte=day)
    entries = PsychiatricMedication.objects.not_voided().filter(taken, not_before, patient=patient)
    return list(entries.order_by("name", "id"))


def planned_infusions(course: Course) -> "QuerySet[Infusion]":
    """What is planned on a course and has not begun, the earliest first."""
    return Infusion.objects.not_voided().filter(course=course, status=Status.PLANNED).order_by("planned_for", "id")


def planned_to_record(course: Course) -> "QuerySet[Infusion]":
    """Of what is planned, that whose session did not begin in the infusion room: it can be recorded afterwards."""
    return planned_infusions(course).filter(stage="")


def open_infusions(patient: Patient) -> "QuerySet[Infusion]":
    """What is planned or runs on any course of the patient, by its planned moment."""
    rows = Infusion.objects.not_voided().of_patient(patient.pk).filter(course__voided_at=None)
    return (
        rows.filter(status__in=[Status.PLANNED, Status.IN_PROGRESS])
        .select_related("course", "prescriber")
        .order_by("planned_for", "id")
    )


def starts_of(patient: Patient) -> "QuerySet[Any, datetime]":
    """When the patient's given infusions started, the earliest first."""
    given = Infusion.objects.given().of_patient(patient.pk).order_by("started_at", "id")
    return given.values_list("started_at", flat=True)


def left_to_plan(course: Course) -> int:
    """How many infusions of the course are neither given nor running nor planned yet; 0 when there are more than agreed."""
    begun = Infusion.objects.not_voided().filter(course=course, status__in=[Status.PLANNED, Status.IN_PROGRESS]).count()
    return max(0, course.planned_infusions - given_before(course) - begun)


def given_before(course: Course, at: datetime | None = None) -> int:
    """How many infusions of the course were given, before `at` if that is told."""
    given = Infusion.objects.given().filter(course=course)
    return given.filter(started_at__lt=at).count() if at else given.count()


@dataclass(frozen=True)
class SessionRecord:
    """Everything observed and written for one infusion, voided entries too, oldest first."""

    vitals: list[VitalSigns]
    events: list[AdverseEvent]
    notes: list[IntegrationNote]
    history: list[AuditEvent]


def session_record(infusion: Infusion, patient: Patient) -> SessionRecord:
    """What belongs to one infusion. Four queries."""
    vitals = VitalSigns.objects.all().filter(infusion=infusion).select_related("entered_by").order_by("taken_at", "id")
    events = (
        AdverseEvent.objects.all().filter(infusion=infusion).select_related("entered_by").order_by("started_at", "id")
    )
    notes = (
        IntegrationNote.objects.all()
        .filter(infusion=infusion)
        .select_related("entered_by")
        .order_by("entered_at", "id")
    )
    return SessionRecord(list(vitals), list(events), list(notes), record_history(infusion, patient))


def record_history(infusion: Infusion, patient: Patient) -> list[AuditEvent]:
    """Who planned, recorded, corrected, moved and voided an infusion while it was this patient's, newest first."""
    events = AuditEvent.objects.filter(
        patient_id=patient.pk, record_type=infusion._meta.label_lower, record_id=infusion.pk, allowed=True
    )
    return list(events.exclude(action__startswith="read ").order_by("-id")[:HISTORY_ROWS])


def courses_to_move_to(patient: Patient) -> "QuerySet[Course]":
    """The courses of a patient that a record may be moved to, in their order."""
    return Course.objects.not_voided().filter(patient=patient).order_by("number", "id")
