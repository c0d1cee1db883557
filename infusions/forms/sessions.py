"""Pages that add to an infusion: vital signs, an adverse event, an integration note."""

from datetime import datetime, timedelta
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from clinic.web.forms import CreatingForm, MomentField, NoteField
from infusions.forms.dose_fields import CHOOSE
from infusions.forms.rows import EventFields, Readings, reading, temperature
from infusions.models import AdverseEvent, Infusion, IntegrationNote, VitalSigns
from patients.models import YesNo

#: A set or an event farther from the start than this has a wrong day.
_NEAR = timedelta(hours=24)


class _AboutInfusion(CreatingForm):
    """A page that adds to an infusion."""

    def __init__(self, *args: Any, infusion: Infusion, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.infusion, self.now = infusion, now

    def _near_start(self, name: str) -> datetime | None:
        moment: datetime | None = self.cleaned_data.get(name)
        start = self.infusion.started_at
        if moment is None:
            return None
        if moment > self.now:
            raise ValidationError("This moment is in the future. Check day and time.")
        if start is not None and abs(moment - start) > _NEAR:
            told = timezone.localtime(start)
            raise ValidationError(f"This is more than a day from the start on {told:%Y-%m-%d %H:%M}. Check the day.")
        return moment


class VitalsForm(Readings, _AboutInfusion):
    """One set of vital signs."""

    taken_at = MomentField(label="Taken at")
    on_room_air = forms.ChoiceField(
        choices=YesNo, widget=forms.RadioSelect, initial=YesNo.NOT_RECORDED, label="On room air", error_messages=CHOOSE
    )
    temperature_celsius = temperature()
    rass = reading("rass", "RASS", "", help_text="−5 to +4; where MOAA/S is not used.")

    VALUES: ClassVar[tuple[str, ...]] = (*Readings.VALUES, "rass", "temperature_celsius")
    field_order = ["taken_at", *VALUES, "on_room_air"]

    def clean_taken_at(self) -> datetime | None:
        """Within a day of the start."""
        return self._near_start("taken_at")

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if not self.errors and all(value is None for value in self.values().values()):
            self.add_error(None, "Nothing was read. Enter at least one value.")
        return cleaned

    def entry(self) -> VitalSigns:
        """The set, not yet saved."""
        about = {name: self.cleaned_data[name] for name in ("taken_at", "on_room_air")}
        return VitalSigns(infusion=self.infusion, **about, **self.values())


class EventForm(EventFields, _AboutInfusion):
    """One adverse event."""

    started_at = MomentField(label="Began at")
    ended_at = MomentField(label="Ended at", required=False, help_text="Blank while it goes on, or when nobody knows.")

    field_order = ["term", "started_at", "ended_at", "ctcae_grade", "serious"]

    def clean_started_at(self) -> datetime | None:
        """Not in the future; it may have begun long after the infusion."""
        began: datetime | None = self.cleaned_data.get("started_at")
        if began is not None and began > self.now:
            raise ValidationError("This moment is in the future. Check day and time.")
        start = self.infusion.started_at
        if began is not None and start is not None and began < start - _NEAR:
            raise ValidationError("This is more than a day before the infusion. Check the day.")
        return began

    def clean_ended_at(self) -> datetime | None:
        """After it began, not in the future."""
        ended: datetime | None = self.cleaned_data.get("ended_at")
        began: datetime | None = self.cleaned_data.get("started_at")
        if ended is not None and ended > self.now:
            raise ValidationError("This moment is in the future. Check day and time.")
        if ended is not None and began is not None and ended < began:
            raise ValidationError("It cannot have ended before it began. Check both.")
        return ended

    def entry(self) -> AdverseEvent:
        """The event, not yet saved."""
        about = {name: self.cleaned_data[name] for name in ("started_at", "ended_at")}
        return AdverseEvent(infusion=self.infusion, **about, **self.values())


class NoteForm(CreatingForm):
    """An integration note."""

    text = NoteField(
        required=True,
        label="Integration note",
        help_text="Signed with your name and the time.",
        widget=forms.Textarea(attrs={"rows": 8}),
        error_messages={"required": "Write the note, or leave the page."},
    )

    def __init__(self, *args: Any, infusion: Infusion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.infusion = infusion

    def entry(self) -> IntegrationNote:
        """The note, not yet saved."""
        return IntegrationNote(infusion=self.infusion, text=self.cleaned_data["text"])
