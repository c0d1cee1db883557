"""Completed questionnaires. One table for every instrument: the instrument file says what the answers mean."""

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce

from patients.models import ClinicalRecord, IndexEvent, Patient, RecordQuerySet, one_of


class Mode(models.TextChoices):
    SELF = "self", "Patient on screen"
    READ_ALOUD = "read_aloud", "Read aloud"
    PAPER = "paper", "Paper"
    NOT_RECORDED = "not_recorded", "Not recorded"


class AssessmentQuerySet(RecordQuerySet):
    """Named filters for assessments."""

    def current(self) -> Self:
        """The version that counts: not voided and not replaced by a correction (rule 4)."""
        return self.not_voided().filter(replaced=False)

    def in_reading_order(self) -> Self:
        """By day, the week form before the month form of a day, then by first entry (rule 14a)."""
        return self.order_by("completed_on", "day_rank", Coalesce("first_version_id", "id"), "id")


class Assessment(ClinicalRecord):
    """One completed form. A correction is a new row that replaces this one, with a reason; this one stays readable.

    `completed_at` is null when only the day is known. Scores are stored as the instrument computed them; the total is null
    unless every item is answered. `rule_met` is the instrument's provisional rule: null means indeterminate.
    """

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    instrument = models.CharField(max_length=20)
    form = models.CharField(max_length=20)
    language = models.CharField(max_length=10, default="en")
    index_event = models.ForeignKey(IndexEvent, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    completed_on = models.DateField()
    completed_at = models.DateTimeField(null=True, blank=True)
    mode = models.CharField(max_length=20, choices=Mode, default=Mode.NOT_RECORDED)
    answers = models.JSONField()
    total = models.PositiveSmallIntegerField(null=True, editable=False)
    answered_sum = models.PositiveSmallIntegerField(editable=False)
    missing_items = models.PositiveSmallIntegerField(editable=False)
    most_missing_in_subscale = models.PositiveSmallIntegerField(editable=False)
    subscales = models.JSONField(editable=False)
    rule_met = models.BooleanField(null=True, editable=False)
    review_flags = models.JSONField(default=list, editable=False, blank=True)
    recall_days = models.PositiveSmallIntegerField(editable=False)
    day_rank = models.PositiveSmallIntegerField(editable=False)
    replaces = models.OneToOneField("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    replace_reason = models.TextField(blank=True)
    replaced = models.BooleanField(default=False, editable=False)
    first_version = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects: ClassVar[Any] = AssessmentQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["completed_on", "id"], name="assessment_by_day")]
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "instrument", "form", "completed_on"],
                condition=Q(voided_at__isnull=True, replaced=False),
                name="assessment_once_per_patient_form_and_day",
                violation_error_message="There is already a form of this kind on this day. Correct that one, or check the day.",
            ),
            models.CheckConstraint(
                condition=Q(replaces__isnull=True) | ~Q(replace_reason=""),
                name="assessment_replaced_with_reason",
            ),
            one_of("mode", Mode, "assessment_mode_known"),
        ]

    def __str__(self) -> str:
        return f"{self.instrument} {self.form} of {self.completed_on}"
