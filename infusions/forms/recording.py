"""One session on one page: before, during, after."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django import forms
from django.utils import timezone

from clinic.web.forms import CreatingForm, MomentField, NoteField
from infusions.forms.dose_fields import CHOOSE, DoseFields, OutcomeFields, SettingFields, amount
from infusions.forms.infusions import InfusionForm, Prescriber
from infusions.forms.rows import EventRow, Rows, VitalsRow
from infusions.models import Course, Infusion, IntegrationNote, SessionEntry, VitalSigns
from infusions.selectors import planned_to_record


class RecordForm(InfusionForm, DoseFields, OutcomeFields, SettingFields, CreatingForm):
    """An infusion that was given, with everything observed and written for it.

    The dose check, which is the same for every course, takes it with a course that is not saved.
    """

    planned: Any = forms.ModelChoiceField(
        queryset=None,
        required=False,
        to_field_name="public_id",
        label="Which planned infusion this was",
        empty_label="None: it was not planned",
        error_messages=CHOOSE
        | {
            "invalid_choice": "This infusion is no longer planned, or kept in the infusion room. Choose another, or none."
        },
    )
    prescriber = Prescriber()
    started_at = MomentField(label="Started at")
    vial_mg_per_ml = amount("Vial, mg/mL", 6, 2, None, help_text="For the arithmetic; not stored.")
    bag_ml = amount("Bag or diluent, mL", 6, 1, None, help_text="For the arithmetic; not stored.")
    drug_replaces = forms.BooleanField(required=False, label="The drug replaces as much diluent")
    integration_note = NoteField(label="Integration note", help_text="Signed with your name.")

    #: What `record_session` takes by the same name.
    STORED: ClassVar[tuple[str, ...]] = (
        *("planned", "prescriber", "started_at", "status", "status_reason", "vial_mg_per_ml", "bag_ml"),
        *(*DoseFields.DOSE, *SettingFields.SETTING),
    )

    def __init__(self, *args: Any, course: Course, **kwargs: Any) -> None:
        super().__init__(*args, patient=course.patient, **kwargs)
        self.course = course
        self.fields["dose_mg_given"].required = True
        self.fields["dose_mg_given"].error_messages["required"] = "Enter how many mg were given; 0 if none."
        planned: Any = self.fields["planned"]
        planned.queryset = planned_to_record(course) if course.pk else Infusion.objects.none()
        planned.label_from_instance = lambda infusion: f"{timezone.localtime(infusion.planned_for):%-d %b %Y, %H:%M}"
        data = self.data if self.is_bound else None
        self.before = Rows(VitalsRow, "before", data, blank=1)
        self.during = Rows(VitalsRow, "during", data, blank=4)
        self.after = Rows(VitalsRow, "after", data, blank=1)
        self.events = Rows(EventRow, "events", data, blank=1)

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        for name in ("vial_mg_per_ml", "bag_ml"):
            value = self.cleaned_data.get(name)
            if value is not None and value <= 0:
                self.add_error(name, "Enter a number above 0, or leave it blank.")
        self._clean_rows()
        return cleaned

    def _clean_rows(self) -> None:
        """Put each row on the day of the start, check the order of rule 52, and say above the form what is wrong."""
        started: datetime | None = self.cleaned_data.get("started_at")
        for row in self._rows():
            if row.is_valid() and started is not None:
                row.set_moment(timezone.localdate(started), self.now)
        if started is not None:
            self._check_order(started)
        for words, rows in self._named_rows():
            for number, row in enumerate(rows, start=1):
                for name, messages in row.errors.items():
                    label = f"{row[name].label}: " if name in row.fields else ""
                    self.add_error(None, [f"{words} {number}: {label}{message}" for message in messages])

    def _rows(self) -> list[Any]:
        return [*self.before.filled(), *self.during.filled(), *self.after.filled(), *self.events.filled()]

    def _named_rows(self) -> list[tuple[str, list[Any]]]:
        return [
            ("Vital signs before", self.before.filled()),
            ("Vital signs during, set", self.during.filled()),
            ("Vital signs after, set", self.after.filled()),
            ("Adverse event", self.events.filled()),
        ]

    def _check_order(self, started: datetime) -> None:
        """Before ≤ start ≤ during ≤ stop ≤ after."""
        minutes = self.cleaned_data.get("minutes")
        stop = started + timedelta(minutes=float(minutes)) if minutes is not None else None
        before, during, after = (rows.filled() for rows in (self.before, self.during, self.after))
        mend_start = f"This is after the start at {_clock(started)}. Put it under During, or mend the time."
        _refuse(before, lambda at: at > started, mend_start)
        too_early = f"This is before the start at {_clock(started)}. Mend the time, or the start."
        _refuse([*during, *after], lambda at: at < started, too_early)
        if stop is not None:
            too_late = f"This is after the end at {_clock(stop)}. Put it under After, or mend the minutes."
            _refuse(during, lambda at: at > stop, too_late)
            not_over = f"This is before the end at {_clock(stop)}. Put it under During, or mend the minutes."
            _refuse(after, lambda at: started <= at < stop, not_over)

    def stored(self) -> dict[str, Any]:
        """The fields of the infusion, as far as they are right."""
        return {name: self.cleaned_data[name] for name in self.STORED if name in self.cleaned_data}

    def entries(self) -> list[SessionEntry]:
        """Vital signs, events and the note, not yet saved."""
        entries: list[SessionEntry] = [row.entry() for row in self._rows()]
        if self.cleaned_data["integration_note"].strip():
            entries.append(IntegrationNote(text=self.cleaned_data["integration_note"]))
        return entries

    def sets_before(self) -> list[VitalSigns]:
        """The vital signs before the start, as far as they are right."""
        return [row.entry() for row in self.before.filled() if row.is_valid() and row.moment]


def _refuse(rows: Iterable[VitalsRow], is_wrong: Callable[[datetime], bool], message: str) -> None:
    for row in rows:
        if row.moment and is_wrong(row.moment):
            row.add_error("time", message)


def _clock(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%H:%M}"
