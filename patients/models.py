"""Patients and what is known of them before treatment. What was observed is stored; everything else is derived."""

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from clinic.public_id import PublicIdField
from patients.search import search_key

#: Who entered or voided a record: set by services; null when it came from an import.
_STAFF: dict[str, Any] = {
    "on_delete": models.PROTECT,
    "null": True,
    "blank": True,
    "editable": False,
    "related_name": "+",
}


class YesNo(models.TextChoices):
    """An answer that may be missing; "not recorded" is never the same as "no"."""

    YES = "yes", "Yes"
    NO = "no", "No"
    NOT_RECORDED = "not_recorded", "Not recorded"


class Gender(models.TextChoices):
    FEMALE = "female", "Female"
    MALE = "male", "Male"
    NONBINARY = "nonbinary", "Non-binary"
    OTHER = "other", "Other"
    NOT_RECORDED = "not_recorded", "Not recorded"


class RaceEthnicity(models.TextChoices):
    AMERICAN_INDIAN = "american_indian", "American Indian or Alaska Native"
    ASIAN = "asian", "Asian"
    BLACK = "black", "Black or African American"
    HISPANIC = "hispanic", "Hispanic or Latino"
    MIDDLE_EASTERN = "middle_eastern", "Middle Eastern or North African"
    PACIFIC_ISLANDER = "pacific_islander", "Native Hawaiian or Pacific Islander"
    WHITE = "white", "White"
    MULTIPLE = "multiple", "More than one"
    OTHER = "other", "Other"
    DECLINED = "declined", "Declined to say"
    NOT_RECORDED = "not_recorded", "Not recorded"


class CriterionA(models.TextChoices):
    """Whether a clinician judged the index event to meet DSM-5 criterion A (rule 12b)."""

    MET = "met", "Met"
    NOT_MET = "not_met", "Not met"
    UNCLEAR = "unclear", "Unclear"
    NOT_RECORDED = "not_recorded", "Not recorded"


def one_of(field: str, choices: type[models.TextChoices], name: str) -> models.CheckConstraint:
    """The choices of a field kept by the database too, because bulk writes skip validation."""
    return models.CheckConstraint(condition=Q(**{f"{field}__in": choices.values}), name=name)


class Patient(models.Model):
    """A person treated in the clinic.

    `record_version` grows by one with each change to an input of the outcomes (`services.announce_change`);
    `version` with each edit of the demographics, so that a stale form is noticed.
    """

    public_id = PublicIdField()
    mrn = models.CharField("MRN", max_length=64, unique=True)
    given_name = models.CharField(max_length=200)
    family_name = models.CharField(max_length=200)
    mrn_key = models.CharField(max_length=200, editable=False)
    given_name_key = models.CharField(max_length=800, editable=False)
    family_name_key = models.CharField(max_length=800, editable=False)
    date_of_birth = models.DateField()
    gender = models.CharField(max_length=20, choices=Gender, default=Gender.NOT_RECORDED)
    race_ethnicity = models.CharField(max_length=20, choices=RaceEthnicity, default=RaceEthnicity.NOT_RECORDED)
    phone = models.CharField(max_length=40, blank=True)
    email = models.EmailField(blank=True)
    address = models.TextField(blank=True)
    allergies = models.TextField(
        blank=True, help_text="Blank means not recorded; write “none known” when that was asked."
    )
    criterion_a = models.CharField(max_length=20, choices=CriterionA, default=CriterionA.NOT_RECORDED)
    psychotherapy_at_intake = models.CharField(max_length=20, choices=YesNo, default=YesNo.NOT_RECORDED)
    psychiatric_medications_at_intake = models.PositiveSmallIntegerField(null=True, blank=True)
    died_on = models.DateField(null=True, blank=True)
    active = models.BooleanField(default=True)
    #: The MRN under which an import brought the patient in: a later import knows her by it, whatever was corrected since.
    import_key = models.CharField(max_length=64, blank=True, editable=False)
    record_version = models.PositiveBigIntegerField(default=0, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    entered_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            one_of("gender", Gender, "patient_gender_known"),
            one_of("race_ethnicity", RaceEthnicity, "patient_race_ethnicity_known"),
            one_of("criterion_a", CriterionA, "patient_criterion_a_known"),
            one_of("psychotherapy_at_intake", YesNo, "patient_psychotherapy_known"),
            models.CheckConstraint(condition=~Q(mrn=""), name="patient_mrn_not_blank"),
            models.UniqueConstraint(fields=["import_key"], condition=~Q(import_key=""), name="patient_imported_once"),
            models.CheckConstraint(
                condition=Q(died_on__isnull=True) | Q(died_on__gte=models.F("date_of_birth")),
                name="patient_died_after_birth",
            ),
        ]
        indexes = [
            models.Index(fields=["family_name_key", "given_name_key", "id"], name="patient_by_name"),
            models.Index(fields=["given_name_key", "id"], name="patient_by_given_name"),
            models.Index(fields=["mrn_key", "id"], name="patient_by_mrn"),
            models.Index(fields=["date_of_birth", "id"], name="patient_by_birth"),
            # PostgreSQL finds a prefix by these alone, unless its collation is C; SQLite by those above.
            models.Index(
                fields=["family_name_key", "given_name_key"],
                opclasses=["varchar_pattern_ops"] * 2,
                name="patient_family_begins",
            ),
            models.Index(fields=["given_name_key"], opclasses=["varchar_pattern_ops"], name="patient_given_begins"),
            models.Index(fields=["mrn_key"], opclasses=["varchar_pattern_ops"], name="patient_mrn_begins"),
        ]

    def __str__(self) -> str:
        return f"{self.family_name}, {self.given_name}"

    def set_search_keys(self) -> None:
        """Derive the keys that search looks in; call before saving, `save` does so itself."""
        self.mrn_key = search_key(self.mrn)
        self.given_name_key = search_key(self.given_name)
        self.family_name_key = search_key(self.family_name)

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.set_search_keys()
        super().save(*args, **kwargs)


class RecordChange(models.Model):
    """A change of a patient's record that the clinic's published figures do not count yet.

    Written in the transaction of the change, so that none is missed whatever dies after it; taken away when figures that
    count it are published. Its order is the order in which outcomes are worked off; nothing clinical stands in it.
    """

    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, related_name="+")
    changed_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"Change {self.pk} of patient {self.patient_id}"


class RecordQuerySet(models.QuerySet[Any]):
    """Named filters that every clinical record shares."""

    def not_voided(self) -> Self:
        """Without what was recorded by mistake."""
        return self.filter(voided_at__isnull=True)


class ClinicalRecord(models.Model):
    """What every clinical record carries: a public name, who entered it and when, and how it was voided.

    Nothing is deleted: a mistake is voided with a reason and stays readable.
    """

    public_id = PublicIdField()
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    entered_at = models.DateTimeField(auto_now_add=True)
    voided_at = models.DateTimeField(null=True, blank=True, editable=False)
    voided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    void_reason = models.TextField(blank=True, editable=False)

    objects: ClassVar[Any] = RecordQuerySet.as_manager()

    class Meta:
        abstract = True


class EditableRecord(ClinicalRecord):
    """A record that is changed in place: `version` grows with each edit, so that a stale form is noticed."""

    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        abstract = True


class HistoryEntry(EditableRecord):
    """One entry of a patient's history."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")

    class Meta:
        abstract = True


class IndexEvent(HistoryEntry):
    """The event that the PCL-5s of a course refer to. Its wording is as private as a note."""

    description = models.TextField()
    confirmed_on = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return f"Index event {self.public_id}"


class PsychotherapyEpisode(HistoryEntry):
    """Psychotherapy over a span of time; no end means it goes on."""

    modality = models.CharField(max_length=100)
    therapist = models.CharField(max_length=200, blank=True)
    started_on = models.DateField()
    ended_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=models.F("started_on")),
                name="psychotherapy_ends_after_start",
            )
        ]

    def __str__(self) -> str:
        return f"{self.modality} from {self.started_on}"


class PsychiatricMedication(HistoryEntry):
    """A psychiatric medicine over a span of time; no end means it is still taken."""

    name = models.CharField(max_length=200)
    dose = models.CharField(max_length=100, blank=True)
    started_on = models.DateField(null=True, blank=True)
    ended_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True)
                | Q(started_on__isnull=True)
                | Q(ended_on__gte=models.F("started_on")),
                name="medication_ends_after_start",
            )
        ]

    def __str__(self) -> str:
        return self.name


class PriorTreatment(HistoryEntry):
    """A treatment tried before; the failed adequate trials are what makes PTSD treatment-resistant."""

    class Outcome(models.TextChoices):
        REMISSION = "remission", "Remission"
        RESPONSE = "response", "Response"
        PARTIAL = "partial", "Partial response"
        NONE = "none", "No response"
        NOT_TOLERATED = "not_tolerated", "Not tolerated"
        NOT_RECORDED = "not_recorded", "Not recorded"

    FAILED = (Outcome.PARTIAL, Outcome.NONE)

    treatment = models.CharField(max_length=200)
    dose = models.CharField(max_length=100, blank=True)
    weeks = models.PositiveSmallIntegerField(null=True, blank=True)
    adequate_trial = models.CharField(max_length=20, choices=YesNo, default=YesNo.NOT_RECORDED)
    outcome = models.CharField(max_length=20, choices=Outcome, default=Outcome.NOT_RECORDED)

    class Meta:
        constraints = [one_of("adequate_trial", YesNo, "prior_treatment_adequate_known")]

    def __str__(self) -> str:
        return self.treatment


class Consent(HistoryEntry):
    """A consent that was signed. Off-label ketamine is a kind of its own (rule 63)."""

    class Kind(models.TextChoices):
        TREATMENT = "treatment", "Treatment"
        OFF_LABEL_KETAMINE = "off_label_ketamine", "Off-label ketamine"
        RESEARCH = "research", "Research use of records"
        MESSAGES = "messages", "Messages by phone or e-mail"

    kind = models.CharField(max_length=30, choices=Kind)
    document_version = models.CharField(max_length=40, blank=True)
    signed_on = models.DateField()
    withdrawn_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(withdrawn_on__isnull=True) | Q(withdrawn_on__gte=models.F("signed_on")),
                name="consent_withdrawn_after_signed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.signed_on}"
