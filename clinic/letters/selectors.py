"""Reads of letters that were made."""

from django.db.models import QuerySet

from clinic.letters.models import Letter
from patients.models import Patient


def letters_of(patient: Patient) -> "QuerySet[Letter]":
    """The letters about a patient, the latest first, without their files."""
    letters: QuerySet[Letter] = Letter.objects.filter(patient=patient).defer("pdf").order_by("-created_at", "-id")
    return letters
