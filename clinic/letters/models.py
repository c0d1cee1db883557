"""Letters as they were made. Rows are written once: database triggers refuse UPDATE and DELETE (migration 0002)."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from clinic.public_id import PublicIdField
from patients.models import Patient


class Letter(models.Model):
    """A letter that was made: the very file that was sent, so that a colleague opens the same.

    `record_version` and `criteria_version` say on which records and under which criteria it rests, `sha256` names the file.
    """

    public_id = PublicIdField()
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, editable=False, related_name="+")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, editable=False, related_name="+")
    #: As it stands in the letter, whatever the account is called later.
    author_name = models.CharField(max_length=200, editable=False)
    created_at = models.DateTimeField(editable=False)
    recipient = models.TextField(editable=False)
    course_number = models.PositiveSmallIntegerField(null=True, editable=False)
    #: Names of the parts that were included (clinic/letters/parts.py).
    included = models.JSONField(default=list, editable=False)
    record_version = models.PositiveBigIntegerField(editable=False)
    criteria_version = models.PositiveIntegerField(editable=False)
    sha256 = models.CharField("SHA-256", max_length=64, editable=False)
    pdf = models.BinaryField("PDF", editable=False)

    objects: ClassVar[Any] = models.Manager()

    class Meta:
        indexes = [models.Index(fields=["patient", "created_at", "id"], name="letter_of_patient")]
        constraints = [models.CheckConstraint(condition=~models.Q(recipient=""), name="letter_to_somebody")]

    def __str__(self) -> str:
        return f"Letter {self.public_id}"

    @property
    def file_name(self) -> str:
        """The name under which it is downloaded; it says nothing of the patient."""
        return f"tidemark-letter-{self.public_id}.pdf"
