"""The form of the clinic's own settings."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from clinic.profile.zone import zone_names
from clinic.web.forms import EditingForm, LineField, NoteField

#: Zones of the United States, first in the list.
_USUAL = (
    ("America/New_York", "Eastern · America/New_York"),
    ("America/Chicago", "Central · America/Chicago"),
    ("America/Denver", "Mountain · America/Denver"),
    ("America/Phoenix", "Mountain without summer time · America/Phoenix"),
    ("America/Los_Angeles", "Pacific · America/Los_Angeles"),
    ("America/Anchorage", "Alaska · America/Anchorage"),
    ("Pacific/Honolulu", "Hawaii · Pacific/Honolulu"),
)


class ProfileForm(EditingForm):
    """Name, time zone and crisis text of the clinic."""

    name = LineField(
        max_length=100,
        required=False,
        label="Name of the clinic",
        help_text="Stands on the sign-in page and on printed reports. Leave it empty to show none.",
    )
    time_zone = forms.ChoiceField(
        label="Time zone",
        help_text="Where the clinic is. Days begin and end there for every date, day count and window.",
        error_messages={"required": "Choose a time zone.", "invalid_choice": "Choose one of the list."},
    )
    crisis_text = NoteField(
        max_length=500,
        label="Crisis line",
        help_text="Shown wherever a patient answers a questionnaire. One or two sentences; 500 characters at most.",
    )
    field_order = ["name", "time_zone", "crisis_text", "version"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        usual = {name for name, _ in _USUAL}
        others = [(name, name.replace("_", " ")) for name in sorted(zone_names() - usual)]
        self.fields["time_zone"].choices = [("United States", _USUAL), ("Elsewhere", others)]  # type: ignore[attr-defined]

    def clean_time_zone(self) -> str:
        """The name, if this machine knows the zone. Raises ValidationError where its zone files lack it."""
        name: str = self.cleaned_data["time_zone"]
        if name not in zone_names():
            raise ValidationError("This machine does not know the zone. Choose another one of the list.")
        return name
