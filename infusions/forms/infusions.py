"""Infusions: recorded as a whole session, planned, taken to the next status, corrected, moved."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from clinic.web.forms import DayField, EditingForm, LineField, MomentField, NoteField, PageForm
from infusions.forms.dose_fields import CHOOSE, DoseFields, OutcomeFields, SettingFields, SignOffFields
from infusions.models import ENDED, NEXT_STATUSES, Course, Infusion, Status
from infusions.selectors import courses_to_move_to, prescribers
from infusions.services import WITH_REASON
from patients.models import Patient

#: A plan farther ahead or back than this is a mistyped year.
PLANNED_WITHIN = timedelta(days=730)
REASON = {"required": "Say why: the reason stays with the record."}


def refuse_plan(planned: datetime | None, patient: Patient, now: datetime) -> datetime | None:
    """A moment to plan for, or none; ValidationError for a day that is over, after a death or beyond two years."""
    if planned is None:
        return None
    if planned - now > PLANNED_WITHIN:
        raise ValidationError("This is more than two years from today. Check the year.")
    if timezone.localdate(planned) < timezone.localdate(now):
        raise ValidationError("This day is over. Record the infusion instead of planning it.")
    if patient.died_on and timezone.localdate(planned) > patient.died_on:
        raise ValidationError("This is after the patient died. Check the day and the patient.")
    return planned


class Prescriber(forms.ModelChoiceField):
    """One of the people who may order an infusion."""

    def __init__(self, **kwargs: Any) -> None:
        usual = {"required": False, "label": "Ordered by", "empty_label": "Not recorded", "error_messages": CHOOSE}
        super().__init__(queryset=None, to_field_name="public_id", **{**usual, **kwargs})


class InfusionForm(PageForm):
    """A form about one infusion: it knows the patient, who acts and what time it is."""

    def __init__(self, *args: Any, patient: Patient, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.patient, self.now = patient, now
        for name, field in self.fields.items():
            if isinstance(field, Prescriber):
                # An edit does not take away who ordered it and left the clinic since.
                field.queryset = prescribers(self.initial.get(name) if isinstance(self, EditingForm) else None)

    def clean(self) -> dict[str, Any] | None:
        """What is over did not end in the future: mostly a start that was left at its default."""
        cleaned = super().clean()
        typed = self.cleaned_data
        started, minutes = typed.get("started_at"), typed.get("minutes")
        if typed.get("status") in ENDED and started is not None and minutes is not None:
            stop = started + timedelta(minutes=float(minutes))
            if stop > self.now:
                told = f"{timezone.localtime(stop):%H:%M}"
                self.add_error(None, f"It would end at {told}, in the future. Mend the start or the minutes.")
        return cleaned

    def clean_started_at(self) -> datetime | None:
        """A start lies between the patient's birth and now."""
        started: datetime | None = self.cleaned_data.get("started_at")
        if started is not None and started > self.now:
            raise ValidationError("This start is in the future. Enter when the infusion started.")
        if started is not None and started.date() < self.patient.date_of_birth:
            raise ValidationError("This is before the patient was born. Check the day and the patient.")
        if started is not None and self.patient.died_on and started.date() > self.patient.died_on:
            raise ValidationError("This is after the patient died. Check the day and the patient.")
        return started

    def clean_planned_for(self) -> datetime | None:
        """A plan lies within two years."""
        planned: datetime | None = self.cleaned_data.get("planned_for")
        if planned is not None and abs(planned - self.now) > PLANNED_WITHIN:
            raise ValidationError("This is more than two years from today. Check the year.")
        return planned


class StatusForm(InfusionForm, DoseFields, EditingForm):
    """The next status of an infusion, with what becomes known by it."""

    status = forms.ChoiceField(widget=forms.RadioSelect, label="What happened", error_messages=CHOOSE)
    reason = NoteField(label="Why", help_text="For stopping early, cancelling and a no-show.")
    started_at = MomentField(label="Started at", required=False)

    field_order = ["status", "reason", "started_at"]

    def __init__(self, *args: Any, infusion: Infusion, **kwargs: Any) -> None:
        super().__init__(*args, patient=infusion.course.patient, **kwargs)
        steps = NEXT_STATUSES[infusion.status]
        status: Any = self.fields["status"]
        status.choices = [(step, step.label) for step in Status if step in steps]
        if infusion.status == Status.PLANNED:  # minutes and mg given are known at the end
            del self.fields["minutes"], self.fields["dose_mg_given"]

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        status = self.cleaned_data.get("status")
        if status in WITH_REASON:
            self._require("reason", REASON["required"])
        if status in {Status.IN_PROGRESS, *ENDED}:
            self._require("started_at", "Enter when the infusion started.")
        if status in ENDED:
            self._require("dose_mg_given", "Enter how many mg were given; 0 if none.")
        return cleaned

    def _require(self, name: str, message: str) -> None:
        if self.cleaned_data.get(name) in (None, "") and name not in self.errors:
            self.add_error(name, ValidationError(message, code="required"))

    def known(self) -> dict[str, Any]:
        """What becomes known; nothing is given where an infusion does not begin."""
        if self.cleaned_data["status"] in {Status.CANCELLED, Status.NO_SHOW}:
            return {}
        return {name: self.cleaned_data[name] for name in ("started_at", *self.DOSE) if name in self.fields}


class CorrectForm(InfusionForm, DoseFields, OutcomeFields, SettingFields, EditingForm):
    """A correction of what was recorded, with a reason."""

    planned_for = MomentField(label="Planned for", required=False)
    started_at = MomentField(label="Started at")
    prescriber = Prescriber()
    reason = NoteField(required=True, label="Reason for the correction", error_messages=REASON)

    field_order = [
        *("planned_for", "started_at", "prescriber"),
        *DoseFields.DOSE,
        *("status", "status_reason"),
        *SettingFields.SETTING,
    ]

    #: Which fields there are to correct before an infusion has begun, and when it never did.
    _PLANNED = ("planned_for", "prescriber", "preparation_note", "intention")
    _NEVER = ("planned_for", "prescriber", "status_reason")

    def __init__(self, *args: Any, infusion: Infusion, **kwargs: Any) -> None:
        super().__init__(*args, patient=infusion.course.patient, **kwargs)
        kept = {Status.PLANNED: self._PLANNED, Status.CANCELLED: self._NEVER, Status.NO_SHOW: self._NEVER}
        if (names := kept.get(Status(infusion.status))) is not None:
            self._keep({*names, "reason", "version"})
        elif infusion.status == Status.IN_PROGRESS:
            self._keep(set(self.fields) - {"status", "status_reason"})
        else:
            self.fields["dose_mg_given"].required = True
        if infusion.status in {Status.CANCELLED, Status.NO_SHOW}:
            self.fields["status_reason"].label = "Why it did not take place"
            self.fields["status_reason"].required = True

    def _keep(self, names: set[str]) -> None:
        for name in set(self.fields) - names:
            del self.fields[name]

    def values(self) -> dict[str, Any]:
        """The corrected values."""
        no_values = {"reason", "version", *SignOffFields.base_fields}
        return {name: value for name, value in self.cleaned_data.items() if name not in no_values}


class MoveForm(EditingForm):
    """Another patient and course for an infusion: two identifiers first, then the course."""

    mrn = LineField(max_length=64, label="MRN of the patient it belongs to")
    date_of_birth = DayField(label="Date of birth", help_text="The second identifier: both must fit.")
    course: Any = forms.ModelChoiceField(
        queryset=None, to_field_name="public_id", required=False, label="Course", error_messages=CHOOSE
    )
    reason = NoteField(required=True, label="Reason", error_messages=REASON)

    field_order = ["mrn", "date_of_birth", "course", "reason"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.patient = self._named_patient() if self.is_bound else None
        if self.patient is None:
            del self.fields["course"]
        else:
            course: Any = self.fields["course"]
            course.queryset = courses_to_move_to(self.patient)

    @property
    def asks_for_course(self) -> bool:
        """Whether the patient was found just now: the next step is the choice of a course."""
        return self.patient is not None and "course" not in self.data

    def _named_patient(self) -> Patient | None:
        """The patient whom both typed identifiers name; the list of courses depends on it."""
        typed = {}
        for name in ("mrn", "date_of_birth"):
            try:
                typed[name] = self.fields[name].clean(self.data.get(self.add_prefix(name)))
            except ValidationError:
                return None
        return Patient.objects.filter(**typed).first()

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self.patient is None and not {"mrn", "date_of_birth"} & set(self.errors):
            self.add_error("mrn", "No patient has this MRN and this date of birth. Check both.")
        return cleaned

    def clean_course(self) -> Course | None:
        """The course, once the patient is found."""
        course: Course | None = self.cleaned_data.get("course")
        if course is None and not self.asks_for_course:
            raise ValidationError(f"Choose the course of {self.patient} that it belongs to.")
        return course
