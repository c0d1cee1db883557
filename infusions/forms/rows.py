"""The fields of vital signs and adverse events, and their rows on the page of a whole session."""

import re
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any, ClassVar, Generic, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import from_current_timezone

from clinic.web.forms import AmountField, LineField, PageForm, WholeNumberField
from infusions.forms.dose_fields import CHOOSE
from infusions.models import AdverseEvent, VitalSigns
from infusions.safety import ACCEPTED
from patients.models import YesNo

#: The pick-list of section 4.5; any other term may be typed.
TERMS = (
    *("Headache", "Dizziness", "Dissociation", "Raised blood pressure", "Blurred vision", "Anxiety", "Nausea"),
    *("Vomiting", "Sedation", "Tachycardia", "Bradycardia", "Hypotension", "Arrhythmia", "Chest pain", "Desaturation"),
    *("Apnoea or laryngospasm", "Emergence agitation", "Panic", "Psychotic symptoms", "Mania"),
    *("Suicidal ideation, new or worse", "Self-harm", "Syncope or fall", "Seizure", "Diplopia or nystagmus"),
    *("Hypersalivation", "Rash or anaphylaxis", "Infiltration or extravasation", "Urinary symptoms or cystitis"),
    *("Liver enzymes raised or biliary", "Craving or misuse"),
)
GRADES = (
    ("", "Choose"),
    ("1", "1 mild"),
    ("2", "2 moderate"),
    ("3", "3 severe"),
    ("4", "4 life-threatening"),
    ("5", "5 death"),
)
Row = TypeVar("Row", bound=PageForm)


def reading(name: str, label: str, unit: str, **kwargs: Any) -> WholeNumberField:
    """A reading with its bounds of table 4.3."""
    low, high = (int(bound) for bound in ACCEPTED[name])
    outside = f"Enter {low} to {high} {unit}".rstrip().replace("-", "−").replace("%", "%%") + "."  # Django formats it
    return WholeNumberField(
        label=f"{label}, {unit}" if unit else label,
        required=False,
        min_value=low,
        max_value=high,
        error_messages={"min_value": outside, "max_value": outside},
        **kwargs,
    )


def temperature() -> AmountField:
    """A body temperature, to 0.1 °C."""
    low, high = ACCEPTED["temperature_celsius"]
    outside = f"Enter {low} to {high} °C, for example 36.8."
    errors = dict.fromkeys(("min_value", "max_value", "max_digits", "max_whole_digits"), outside)
    return AmountField(
        label="Temperature, °C",
        required=False,
        min_value=low,
        max_value=high,
        max_digits=3,
        decimal_places=1,
        error_messages=errors,
    )


class Readings(PageForm):
    """The values of one set of vital signs."""

    systolic_mmhg = reading("systolic_mmhg", "Systolic", "mmHg")
    diastolic_mmhg = reading("diastolic_mmhg", "Diastolic", "mmHg")
    heart_rate_per_min = reading("heart_rate_per_min", "Pulse", "/min")
    spo2_percent = reading("spo2_percent", "SpO₂", "%")
    respirations_per_min = reading("respirations_per_min", "Breaths", "/min")
    moaa_s = reading("moaa_s", "MOAA/S", "")

    VALUES: ClassVar[tuple[str, ...]] = (
        "systolic_mmhg",
        "diastolic_mmhg",
        "heart_rate_per_min",
        "spo2_percent",
        "respirations_per_min",
        "moaa_s",
    )

    def values(self) -> dict[str, Any]:
        """What was read."""
        return {name: self.cleaned_data.get(name) for name in self.VALUES}

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        systolic, diastolic = self.cleaned_data.get("systolic_mmhg"), self.cleaned_data.get("diastolic_mmhg")
        if systolic is not None and diastolic is not None and systolic <= diastolic:
            self.add_error(
                "systolic_mmhg", f"Systolic {systolic} must be above diastolic {diastolic}: enter both again."
            )
        return cleaned


class _Timed(PageForm):
    """A row with a time of day: it gets its day from the start of the infusion.

    A session shows some sixty of these fields, so a small template of their own draws them and not crispy-forms.
    """

    time = forms.TimeField(
        required=False,
        input_formats=["%H:%M", "%H:%M:%S"],
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        label="Time",
        error_messages={"invalid": "This is no time. Enter it as 14:05."},
    )
    moment: Any = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.empty_permitted, self.use_required_attribute = True, False
        for field in self.fields.values():
            kinds: dict[type[Any], str] = {forms.Select: "form-select", forms.CheckboxInput: "form-check-input"}
            field.widget.attrs["class"] = kinds.get(type(field.widget), "form-control")

    def has_changed(self) -> bool:
        """Whether something was typed; a choice that was not sent is none."""
        sent = ((self[name].data, field.initial) for name, field in self.fields.items())
        return any(data not in (None, "", False, initial) for data, initial in sent)

    def set_moment(self, day: date, now: datetime) -> None:
        """Put the time on its day; a time that does not exist or is in the future is refused."""
        at: time | None = self.cleaned_data.get("time")
        if at is None:
            return
        try:
            self.moment = from_current_timezone(datetime.combine(day, at))
        except ValidationError:
            self.add_error("time", "The clocks changed at this time. Enter one that there was once.")
            return
        if self.moment > now:
            self.add_error("time", "This time is in the future. Check it, and the day of the start.")


class VitalsRow(Readings, _Timed):
    """One set of vital signs with a time of day."""

    field_order = ["time", *Readings.VALUES]

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        typed = any(self[name].data not in (None, "") for name in self.VALUES)
        if typed and not self.cleaned_data.get("time") and "time" not in self.errors:
            self.add_error("time", "Enter when this was taken.")
        if not typed and self.cleaned_data.get("time"):
            self.add_error("time", "Nothing was taken at this time: enter a value, or clear the time.")
        return cleaned

    def entry(self) -> VitalSigns:
        """The set, not yet saved."""
        return VitalSigns(taken_at=self.moment, **self.values())


class EventFields(PageForm):
    """One adverse event (rule 55)."""

    term = LineField(
        max_length=100,
        label="What happened",
        widget=forms.TextInput(attrs={"list": "event-terms", "autocomplete": "off"}),
        error_messages={"required": "Say what happened, for example nausea."},
    )
    ctcae_grade = forms.TypedChoiceField(
        choices=GRADES, coerce=int, empty_value=None, label="CTCAE grade", error_messages=CHOOSE
    )
    relatedness = forms.ChoiceField(
        choices=AdverseEvent.Relatedness,
        initial=AdverseEvent.Relatedness.NOT_RECORDED,
        label="Related to the infusion",
        error_messages=CHOOSE,
    )
    expected = forms.ChoiceField(choices=YesNo, initial=YesNo.NOT_RECORDED, label="Expected", error_messages=CHOOSE)
    action_taken = forms.ChoiceField(
        choices=AdverseEvent.ActionTaken,
        initial=AdverseEvent.ActionTaken.NONE,
        label="What was done",
        error_messages=CHOOSE,
    )
    outcome = LineField(required=False, label="How it ended")
    serious = forms.BooleanField(required=False, label="Serious: death, danger to life, hospital, lasting harm")

    VALUES: ClassVar[tuple[str, ...]] = (
        "term",
        "ctcae_grade",
        "relatedness",
        "expected",
        "action_taken",
        "outcome",
        "serious",
    )

    def values(self) -> dict[str, Any]:
        """What happened."""
        return {name: self.cleaned_data[name] for name in self.VALUES}


class EventRow(EventFields, _Timed):
    """One adverse event with a time of day; a row in which nothing was typed is none."""

    field_order = ["term", "time", "ctcae_grade"]

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if not self.cleaned_data.get("time") and "time" not in self.errors:
            self.add_error("time", "Enter when it began.")
        return cleaned

    def entry(self) -> AdverseEvent:
        """The event, not yet saved."""
        return AdverseEvent(started_at=self.moment, **self.values())


class Rows(Generic[Row]):
    """Rows of one kind under one prefix: as many as came, or `blank` empty ones."""

    #: No session has more.
    MOST = 60

    def __init__(self, kind: type[Row], prefix: str, data: Mapping[str, Any] | None, blank: int) -> None:
        self.prefix = prefix
        came = [int(found[1]) + 1 for name in data or () if (found := re.match(rf"{prefix}-(\d{{1,2}})-", name))]
        count = min(self.MOST, max([blank, *came]))
        self.forms = [kind(data, prefix=f"{prefix}-{number}") for number in range(count)]

    def filled(self) -> list[Row]:
        """The rows in which something was typed."""
        return [row for row in self.forms if row.has_changed()]
