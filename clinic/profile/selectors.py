"""The clinic's profile in force."""

from django.conf import settings
from django.db.models import QuerySet

from clinic.profile.models import DEFAULT_CRISIS_TEXT, ClinicProfile


def current_profile() -> ClinicProfile:
    """The version in force; before anybody set one, what the environment and this package say (number 0). One query."""
    return _latest_first().first() or ClinicProfile(
        number=0, name="", time_zone=settings.CLINIC_TIME_ZONE, crisis_text=DEFAULT_CRISIS_TEXT
    )


def earlier_versions(shown: int) -> list[ClinicProfile]:
    """The newest versions with the people who set them, for the settings page. One query."""
    return list(_latest_first().select_related("changed_by")[:shown])


def _latest_first() -> "QuerySet[ClinicProfile]":
    return ClinicProfile.objects.order_by("-number")
