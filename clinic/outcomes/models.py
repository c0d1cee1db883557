"""What the records mean. Everything here but CriteriaVersion is derived: it can be thrown away and recomputed.

Derived rows point at records without foreign-key constraints: checking two per row would double the cost of a recompute.
"""

from typing import Any, ClassVar

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from clinic.outcomes.criteria import Criteria
from clinic.outcomes.statuses import STATUSES
from clinic.public_id import PublicIdField
from infusions.models import Course
from patients.models import Patient


class CriteriaVersion(models.Model):
    """Criteria that were adopted, by whom and why. The highest number is in force; none is ever changed."""

    number = models.PositiveIntegerField(unique=True)
    preset = models.CharField(max_length=40)
    values = models.JSONField()
    reason = models.TextField()
    adopted_at = models.DateTimeField()
    adopted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    def __str__(self) -> str:
        return f"{self.preset}, version {self.number}"

    def criteria(self) -> Criteria:
        """The values as criteria."""
        return Criteria.from_dict(self.values)


class PatientOutcomeState(models.Model):
    """Which versions a patient's stored outcomes rest on. Stale: no row, or an older version of either kind."""

    patient = models.OneToOneField(
        Patient, primary_key=True, related_name="+", db_constraint=False, on_delete=models.DO_NOTHING
    )
    criteria_version = models.PositiveIntegerField(default=0)
    record_version = models.PositiveBigIntegerField(default=0)
    computed_at = models.DateTimeField(null=True)
    failed_reason = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"Outcomes of patient {self.patient_id} at {self.criteria_version}/{self.record_version}"


class CourseOutcome(models.Model):
    """One outcome course under one criteria version: a row of `Evaluation.courses` (clinic/outcomes/response.py)."""

    course = models.OneToOneField(
        Course, primary_key=True, related_name="+", db_constraint=False, on_delete=models.DO_NOTHING
    )
    patient = models.ForeignKey(Patient, related_name="+", db_constraint=False, on_delete=models.DO_NOTHING)
    criteria_version = models.IntegerField()
    as_of = models.DateField()
    number = models.SmallIntegerField()
    is_index = models.BooleanField()
    first_infusion_on = models.DateField()
    last_infusion_on = models.DateField()
    induction_infusions = models.SmallIntegerField()
    induction_complete = models.BooleanField()
    infusions = models.SmallIntegerField()
    criterion_a_not_met = models.BooleanField()
    eligible = models.BooleanField()
    status = models.CharField(max_length=20)
    reason = models.TextField()
    provisional = models.BooleanField(null=True)
    response_lost_on = models.DateField(null=True)
    baseline_id = models.BigIntegerField(null=True)
    baseline_on = models.DateField(null=True)
    baseline_total = models.SmallIntegerField(null=True)
    baseline_recall_days = models.SmallIntegerField(null=True)
    weekly_baseline = models.BooleanField()
    baseline_prorated = models.BooleanField()
    latest_id = models.BigIntegerField(null=True)
    latest_on = models.DateField(null=True)
    latest_total = models.SmallIntegerField(null=True)
    rise_on = models.DateField(null=True)
    first_response_on = models.DateField(null=True)
    first_remission_on = models.DateField(null=True)
    response_index_on = models.DateField(null=True)
    loss_of_response_on = models.DateField(null=True)
    loss_of_remission_on = models.DateField(null=True)
    next_induction_on = models.DateField(null=True)
    next_top_up_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                # A course that has not started has no row.
                condition=models.Q(status__in=STATUSES[1:]),
                name="course_outcome_status_known",
            )
        ]

    def __str__(self) -> str:
        return f"Course {self.number}: {self.status}"


class WindowOutcome(models.Model):
    """One window of an outcome course: a row of `Evaluation.windows`. Endpoint and outcomes are null where there is none.

    Stored are dates, never "due" or "overdue": those come from today when read (rule 27b).
    """

    pk = models.CompositePrimaryKey("outcome_id", "window")
    outcome = models.ForeignKey(
        CourseOutcome,
        db_column="course_id",
        related_name="+",
        db_index=False,
        db_constraint=False,
        on_delete=models.DO_NOTHING,
    )
    window = models.CharField(max_length=10)
    opens_on = models.DateField()
    closes_on = models.DateField()
    endpoint_id = models.BigIntegerField(null=True)
    endpoint_on = models.DateField(null=True)
    endpoint_day = models.IntegerField(null=True)
    endpoint_total = models.SmallIntegerField(null=True)
    endpoint_recall_days = models.SmallIntegerField(null=True)
    endpoint_prorated = models.BooleanField()
    reduction = models.SmallIntegerField(null=True)
    response = models.BooleanField(null=True)
    remission = models.BooleanField(null=True)
    worsened = models.BooleanField(null=True)
    reliable_change = models.BooleanField(null=True)
    reliable_and_below = models.BooleanField(null=True)
    category = models.CharField(max_length=30, null=True)  # noqa: DJ001 - null means undefined, as in its neighbours
    mixed_recall = models.BooleanField(null=True)
    covers_pretreatment = models.BooleanField(null=True)
    covers_series = models.BooleanField(null=True)
    sustained_response = models.BooleanField(null=True)

    def __str__(self) -> str:
        return f"{self.window} of course outcome {self.outcome_id}"


class SummaryState(models.Model):
    """The one row that says whether stored outcomes changed since the summary was read, and whether somebody reads them now."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    dirty = models.BooleanField(default=True)
    refreshing_since = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_summary_state")]

    def __str__(self) -> str:
        return "dirty" if self.dirty else "clean"


class SweepState(models.Model):
    """The one row that says whether somebody sweeps now, and when the last sweep ended.

    `claimed_until` is a short lease that each batch extends: a sweep that was killed keeps nobody waiting.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    claimed_until = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_sweep_state")]

    def __str__(self) -> str:
        return f"last sweep ended {self.ended_at}"


class RecomputeRun(models.Model):
    """A recompute of every patient. Whom it still has to reach is seen from their states, so it can be taken up again."""

    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    criteria_version = models.PositiveIntegerField()
    patients = models.PositiveIntegerField()
    #: The clinic's day on which the run is the nightly one; null for a run that somebody asked for.
    nightly_on = models.DateField(null=True, unique=True)

    def __str__(self) -> str:
        return f"Run of {self.started_at:%Y-%m-%d %H:%M}, version {self.criteria_version}"


class ClinicSummary(models.Model):
    """The clinic's figures for every window under one criteria version, as they were published; the last row is shown.

    `charts` is what the dashboard draws and `details` what the page of details draws besides (clinic/outcomes/charts); only
    the last row keeps them. Where their shape changes, CHARTS_FORMAT grows and a migration marks the summary dirty; until
    the next refresh the page shows figures alone.
    """

    CHARTS_FORMAT = 2

    criteria_version = models.PositiveIntegerField()
    as_of = models.DateField()
    computed_at = models.DateTimeField()
    figures = models.JSONField(encoder=DjangoJSONEncoder)
    charts = models.JSONField(encoder=DjangoJSONEncoder, null=True)
    details = models.JSONField(encoder=DjangoJSONEncoder, null=True)

    objects: ClassVar[Any] = models.Manager()

    @property
    def drawable(self) -> dict[str, Any]:
        """`charts` if this release wrote it, else nothing; so also of `details`."""
        charts: dict[str, Any] = self.charts or {}
        return charts if charts.get("format") == self.CHARTS_FORMAT else {}

    def __str__(self) -> str:
        return f"Summary of {self.computed_at:%Y-%m-%d %H:%M}, version {self.criteria_version}"


class DashboardVisit(models.Model):
    """Which summary a user saw last, and which at the end of the visit before: what changed in between is shown to her."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    before = models.ForeignKey(ClinicSummary, on_delete=models.CASCADE, null=True, related_name="+")
    before_at = models.DateTimeField(null=True)
    latest = models.ForeignKey(ClinicSummary, on_delete=models.CASCADE, related_name="+")
    latest_at = models.DateTimeField()

    objects: ClassVar[Any] = models.Manager()

    def __str__(self) -> str:
        return f"Visit of user {self.user_id} at {self.latest_at:%Y-%m-%d %H:%M}"


class SavedView(models.Model):
    """An address of the dashboard that somebody named; `shared` with all who may see outcomes."""

    public_id = PublicIdField()
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=500)
    shared = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[Any] = models.Manager()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["owner", "name"], name="one_view_of_a_name"),)

    def __str__(self) -> str:
        return f"View {self.pk} of user {self.owner_id}"


class ClinicExtract(models.Model):
    """The records behind the summary that is shown, packed (clinic/outcomes/extract.py), for whoever filters them.

    One is published with the summary; for another `preset` one is added when somebody first asks for it.
    """

    summary = models.ForeignKey(ClinicSummary, on_delete=models.CASCADE, related_name="+")
    preset = models.CharField(max_length=40, blank=True)
    computed_at = models.DateTimeField()
    format = models.PositiveIntegerField()
    packed = models.BinaryField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["summary", "preset"], name="one_extract_a_preset"),)

    def __str__(self) -> str:
        return f"Extract of summary {self.summary_id}"
