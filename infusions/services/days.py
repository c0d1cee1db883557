"""On which days something can have happened to a patient."""

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.utils import timezone

from patients.models import Patient


def check_day(field: str, day: date, patient: Patient, now: datetime) -> None:
    """Raise ValidationError on `field` for a day that is in the future or before the patient was born."""
    if day > timezone.localdate(now):
        raise ValidationError({field: "This day is in the future. Check the day."})
    if day < patient.date_of_birth:
        raise ValidationError({field: "This day is before the patient was born. Check the day and the patient."})
