"""What the clinic says of itself. Every change is a new row: the highest number is in force, none is ever changed."""

from django.conf import settings
from django.db import models

DEFAULT_CRISIS_TEXT = (
    "If you are in crisis, call or text 988 (Suicide & Crisis Lifeline), or call 911. In the US, at any hour, for free."
)


class ClinicProfile(models.Model):
    """One version of the clinic's name, time zone and crisis text, by whom and when."""

    number = models.PositiveIntegerField(unique=True)
    name = models.CharField(max_length=100, blank=True)
    time_zone = models.CharField(max_length=64)
    crisis_text = models.TextField(blank=True)
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )

    def __str__(self) -> str:
        return f"Clinic profile, version {self.number}"

    @property
    def version(self) -> int:
        """What an editor saw: the number, by the name that every editing form uses."""
        return self.number
