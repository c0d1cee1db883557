"""Courses, infusions and what was observed during them."""

from decimal import Decimal
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from infusions import dosing, safety
from infusions.limits import Limits
from infusions.session.log import Stage
from patients.models import ClinicalRecord, EditableRecord, Patient, RecordQuerySet, YesNo, one_of

#: Infusions planned for an induction unless the clinician says otherwise (rule 12).
DEFAULT_PLANNED_INFUSIONS = 6


class Phase(models.TextChoices):
    INDUCTION = "induction", "Induction"
    MAINTENANCE = "maintenance", "Maintenance"
    BOOSTER = "booster", "Booster"


class Status(models.TextChoices):
    PLANNED = "planned", "Planned"
    IN_PROGRESS = "in_progress", "In progress"
    COMPLETED = "completed", "Completed"
    STOPPED_EARLY = "stopped_early", "Stopped early"
    CANCELLED = "cancelled", "Cancelled"
    NO_SHOW = "no_show", "No-show"


#: Where an infusion may go from each status.
NEXT_STATUSES: dict[str, frozenset[str]] = {
    Status.PLANNED: frozenset({Status.IN_PROGRESS, Status.CANCELLED, Status.NO_SHOW}),
    Status.IN_PROGRESS: frozenset({Status.COMPLETED, Status.STOPPED_EARLY}),
    Status.COMPLETED: frozenset(),
    Status.STOPPED_EARLY: frozenset(),
    Status.CANCELLED: frozenset(),
    Status.NO_SHOW: frozenset(),
}
#: An infusion in one of these states is over and has a start and an amount given.
ENDED = (Status.COMPLETED, Status.STOPPED_EARLY)


#: Stages of a session with their words (infusions/session/log.py).
STAGES = [(stage.value, stage.words) for stage in Stage]


class Route(models.TextChoices):
    IV = "IV", "Intravenous"
    IM = "IM", "Intramuscular"
    SC = "SC", "Subcutaneous"
    PO = "PO", "Oral"
    IN = "IN", "Intranasal"
    SL = "SL", "Sublingual"


def _within(field: str, accepted: tuple[Any, Any], name: str, unless: Q | None = None) -> models.CheckConstraint:
    """The reject limits of the clinical rules (table 4.3) kept by the database too; the numbers stay where they are."""
    low, high = (Decimal(bound) for bound in accepted)
    condition = Q(**{f"{field}__isnull": True}) | Q(**{f"{field}__gte": low, f"{field}__lte": high})
    return models.CheckConstraint(condition=condition | unless if unless else condition, name=name)


class Course(EditableRecord):
    """A series of infusions. Phase, number and plan are stated, never inferred (rule 12)."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField()
    phase = models.CharField(max_length=20, choices=Phase, default=Phase.INDUCTION)
    planned_infusions = models.PositiveSmallIntegerField(default=DEFAULT_PLANNED_INFUSIONS)
    opened_on = models.DateField()
    closed_on = models.DateField(null=True, blank=True)
    withdrawn_on = models.DateField(null=True, blank=True)
    withdrawn_reason = models.TextField(blank=True)
    psychotherapy_at_start = models.CharField(max_length=20, choices=YesNo, default=YesNo.NOT_RECORDED)
    psychiatric_medications_at_start = models.PositiveSmallIntegerField(null=True, blank=True)

    objects: ClassVar[Any] = RecordQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "number"],
                condition=Q(voided_at__isnull=True),
                name="course_number_once_per_patient",
                violation_error_message="The patient already has a course with this number. Choose the next one.",
            ),
            models.CheckConstraint(condition=Q(number__gte=1), name="course_number_from_1"),
            one_of("phase", Phase, "course_phase_known"),
            one_of("psychotherapy_at_start", YesNo, "course_psychotherapy_known"),
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True) | Q(closed_on__gte=F("opened_on")),
                name="course_closed_after_opened",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_on__isnull=True)
                | (Q(withdrawn_on__gte=F("opened_on")) & ~Q(withdrawn_reason="")),
                name="course_withdrawn_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"Course {self.number}"


class InfusionQuerySet(RecordQuerySet):
    """Named filters for infusions."""

    def of_patient(self, patient_id: int) -> Self:
        """Infusions of a patient's courses."""
        return self.filter(course__patient_id=patient_id)

    def given(self) -> Self:
        """Rule 12: completed or stopped early with more than 0 mg given, neither it nor its course voided."""
        return self.not_voided().filter(status__in=ENDED, dose_mg_given__gt=0, course__voided_at__isnull=True)


class Infusion(EditableRecord):
    """One infusion. What is not known is null or blank, never a guess; `started_at` is exact, days are clinic-local."""

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=20, choices=Status, default=Status.PLANNED)
    status_reason = models.TextField(blank=True)
    planned_for = models.DateTimeField(null=True, blank=True)
    prescriber = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    started_at = models.DateTimeField(null=True, blank=True)
    minutes = models.DecimalField(max_digits=5, decimal_places=1, null=True, blank=True)
    weight_kg = models.DecimalField(max_digits=6, decimal_places=2, null=True, blank=True)
    dose_mg_per_kg = models.DecimalField(max_digits=6, decimal_places=4, null=True, blank=True)
    dose_mg_ordered = models.DecimalField(max_digits=6, decimal_places=2, null=True, blank=True)
    dose_mg_given = models.DecimalField(max_digits=6, decimal_places=2, null=True, blank=True)
    limits_overridden_reason = models.TextField(blank=True)
    route = models.CharField(max_length=2, choices=Route, default=Route.IV)
    preparation_note = models.TextField(blank=True)
    intention = models.TextField(blank=True)
    eye_mask = models.CharField(max_length=20, choices=YesNo, default=YesNo.NOT_RECORDED)
    music = models.CharField(max_length=20, choices=YesNo, default=YesNo.NOT_RECORDED)
    sitter = models.CharField(max_length=200, blank=True)
    #: How far a session kept in the infusion room has come; derived from its log, blank for what was recorded afterwards.
    stage = models.CharField(max_length=20, choices=STAGES, blank=True, editable=False)
    #: MRN and local start as an import wrote them: a later import knows the infusion by it, whatever was corrected since.
    import_key = models.CharField(max_length=90, blank=True, editable=False)

    objects: ClassVar[Any] = InfusionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["course", "started_at"],
                condition=Q(voided_at__isnull=True),
                name="infusion_start_once_per_course",
                violation_error_message="There is already an infusion with this start in the course. Check the time.",
            ),
            models.UniqueConstraint(fields=["import_key"], condition=~Q(import_key=""), name="infusion_imported_once"),
            one_of("status", Status, "infusion_status_known"),
            models.CheckConstraint(
                condition=Q(stage__in=["", *(stage.value for stage in Stage)]), name="infusion_stage_known"
            ),
            one_of("route", Route, "infusion_route_known"),
            one_of("eye_mask", YesNo, "infusion_eye_mask_known"),
            one_of("music", YesNo, "infusion_music_known"),
            models.CheckConstraint(
                condition=~Q(status__in=ENDED) | Q(started_at__isnull=False, dose_mg_given__isnull=False),
                name="infusion_ended_has_start_and_mg",
            ),
            _within("weight_kg", dosing.ACCEPTED["weight_kg"], "infusion_weight_possible"),
            _within("dose_mg_per_kg", dosing.ACCEPTED["mg_per_kg"], "infusion_mg_per_kg_possible", ~Q(route=Route.IV)),
            _within("dose_mg_ordered", dosing.ACCEPTED["mg"], "infusion_mg_ordered_possible"),
            _within("dose_mg_given", dosing.ACCEPTED["mg"], "infusion_mg_given_possible"),
            # What a pump ran for in the infusion room is no typing error: it may be stopped within its first minute.
            _within(
                "minutes", dosing.ACCEPTED["minutes"], "infusion_minutes_possible", ~Q(stage="") & Q(minutes__gte=0)
            ),
            models.CheckConstraint(condition=~Q(dose_mg_per_kg__lte=0), name="infusion_mg_per_kg_not_0"),
        ]
        indexes = [
            models.Index(fields=["planned_for", "id"], name="infusion_by_plan"),
            models.Index(fields=["started_at", "id"], name="infusion_by_start"),
            models.Index(
                fields=["planned_for", "id"],
                condition=Q(status__in=[Status.PLANNED, Status.IN_PROGRESS]),
                name="infusion_open",
            ),
            models.Index(
                fields=["stage", "id"], condition=~Q(stage__in=["", Stage.SIGNED.value]), name="infusion_in_room"
            ),
        ]

    @property
    def has_room(self) -> bool:
        """Whether the infusion room has a page for it: it is intravenous, and kept there already or still planned."""
        return bool(self.route == Route.IV and (self.stage or self.status == Status.PLANNED))

    @property
    def in_room(self) -> bool:
        """Whether its session goes on in the infusion room: begun, not called off, and not signed yet."""
        return bool(self.stage) and not self.signed and self.status not in {Status.CANCELLED, Status.NO_SHOW}

    @property
    def signed(self) -> bool:
        """Whether its session was kept in the infusion room and signed: its record is the one to read."""
        return bool(self.stage == Stage.SIGNED)

    def __str__(self) -> str:
        return f"{self.get_status_display()} infusion of {self.started_at or self.planned_for or 'no date'}"


class SessionEntry(ClinicalRecord):
    """Something observed or written for one infusion."""

    infusion = models.ForeignKey(Infusion, on_delete=models.PROTECT, related_name="+")
    #: The entry of the session's log that it came from, if the session was kept in the infusion room.
    event = models.OneToOneField(
        "infusions.SessionEvent", on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )

    class Meta:
        abstract = True


class IntegrationNote(SessionEntry):
    """What was worked through afterwards. Author and time are `entered_by` and `entered_at`."""

    text = models.TextField()

    def __str__(self) -> str:
        return f"Integration note of {self.entered_at:%Y-%m-%d}"


class VitalSigns(SessionEntry):
    """One set of vital signs. Sedation by MOAA/S (5 alert to 0 unresponsive) or RASS (−5 to +4)."""

    taken_at = models.DateTimeField()
    systolic_mmhg = models.PositiveSmallIntegerField(null=True, blank=True)
    diastolic_mmhg = models.PositiveSmallIntegerField(null=True, blank=True)
    heart_rate_per_min = models.PositiveSmallIntegerField(null=True, blank=True)
    spo2_percent = models.PositiveSmallIntegerField(null=True, blank=True)
    on_room_air = models.CharField(max_length=20, choices=YesNo, default=YesNo.NOT_RECORDED)
    respirations_per_min = models.PositiveSmallIntegerField(null=True, blank=True)
    temperature_celsius = models.DecimalField("temperature, °C", max_digits=3, decimal_places=1, null=True, blank=True)
    moaa_s = models.PositiveSmallIntegerField("MOAA/S", null=True, blank=True)
    rass = models.SmallIntegerField("RASS", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "vital signs"
        constraints = [
            *(_within(field, accepted, f"vitals_{field}_possible") for field, accepted in safety.ACCEPTED.items()),
            models.CheckConstraint(
                condition=Q(systolic_mmhg__isnull=True)
                | Q(diastolic_mmhg__isnull=True)
                | Q(systolic_mmhg__gt=F("diastolic_mmhg")),
                name="vitals_systolic_above_diastolic",
            ),
        ]

    def __str__(self) -> str:
        return f"Vital signs of {self.taken_at:%Y-%m-%d %H:%M}"

    def reading(self) -> safety.VitalSigns:
        """The set as the checks of `safety` take it."""
        values = {field: getattr(self, field) for field in safety.ACCEPTED}
        on_room_air = {YesNo.YES: True, YesNo.NO: False}.get(YesNo(self.on_room_air))
        return safety.VitalSigns(measured_at=self.taken_at, on_room_air=on_room_air, **values)


class AdverseEvent(SessionEntry):
    """One adverse event, graded by CTCAE v5 (rule 55)."""

    class Relatedness(models.TextChoices):
        UNRELATED = "unrelated", "Unrelated"
        UNLIKELY = "unlikely", "Unlikely"
        POSSIBLE = "possible", "Possible"
        PROBABLE = "probable", "Probable"
        DEFINITE = "definite", "Definite"
        NOT_RECORDED = "not_recorded", "Not recorded"

    class ActionTaken(models.TextChoices):
        NONE = "none", "None"
        SLOWED = "slowed", "Infusion slowed"
        PAUSED = "paused", "Infusion paused"
        STOPPED = "stopped", "Infusion stopped"
        RESCUE = "rescue", "Rescue medication"
        TRANSFERRED = "transferred", "Transferred"

    term = models.CharField(max_length=100)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ctcae_grade = models.PositiveSmallIntegerField()
    serious = models.BooleanField(default=False)
    relatedness = models.CharField(max_length=20, choices=Relatedness, default=Relatedness.NOT_RECORDED)
    expected = models.CharField(max_length=20, choices=YesNo, default=YesNo.NOT_RECORDED)
    action_taken = models.CharField(max_length=20, choices=ActionTaken, default=ActionTaken.NONE)
    outcome = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ctcae_grade__gte=1, ctcae_grade__lte=5), name="adverse_event_grade_1_to_5"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at")),
                name="adverse_event_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.term}, grade {self.ctcae_grade}"


class LimitsVersion(models.Model):
    """Limits that were adopted, by whom and why. The highest number is in force; none is ever changed."""

    number = models.PositiveIntegerField(unique=True)
    values = models.JSONField()
    #: Limit -> [before, after], for the history.
    changed = models.JSONField()
    reason = models.TextField()
    adopted_at = models.DateTimeField()
    adopted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    def __str__(self) -> str:
        return f"Limits, version {self.number}"

    @property
    def version(self) -> int:
        """What an editor of the limits saw."""
        return self.number

    def limits(self) -> Limits:
        """The values as limits."""
        return Limits.from_dict(self.values)
