"""What every form about a patient shares: choices in plain words, and days that can be true of this person."""

from datetime import date
from typing import Any, ClassVar

from django import forms

from clinic.web.forms import DayField, PageForm, WholeNumberField
from clinic.web.templatetags.tidemark import day as day_words
from patients.models import Patient

#: More psychiatric medicines than this at once is a slip of the finger.
MOST_MEDICATIONS = 50


class OneOfField(forms.ChoiceField):
    """One of a short list. `unsaid` is what leaving it blank means, where that is an answer of its own."""

    default_error_messages: ClassVar[Any] = {
        "invalid_choice": "Choose one of the list.",
        "required": "Choose one of the list.",
    }

    def __init__(self, *, unsaid: str = "", **kwargs: Any) -> None:
        self.unsaid = unsaid
        super().__init__(**{"required": not unsaid, "initial": unsaid or None, **kwargs})

    def clean(self, value: Any) -> Any:
        return super().clean(value) or self.unsaid


class MedicationCountField(WholeNumberField):
    """How many psychiatric medicines are taken; blank means not known."""

    def __init__(self, **kwargs: Any) -> None:
        given = {
            "required": False,
            "min_value": 0,
            "max_value": MOST_MEDICATIONS,
            "help_text": "How many, 0 if none. Leave blank if not known.",
            "error_messages": {
                "min_value": "Enter how many medications, 0 or more.",
                "max_value": f"Enter how many medications, {MOST_MEDICATIONS} at most.",
            },
        }
        super().__init__(**{**given, **kwargs})


class OfPatientForm(PageForm):
    """A form about one patient: none of its days lies before her birth, after her death or in the future."""

    #: Days that follow each other: the earlier field, the later field, what to say otherwise.
    in_order: ClassVar[tuple[tuple[str, str, str], ...]] = ()

    def __init__(self, *args: Any, patient: Patient, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.patient, self.today = patient, today
        self.helper.render_hidden_fields = True
        for name in self._days():
            limits = {"min": patient.date_of_birth.isoformat(), "max": today.isoformat()}
            self.fields[name].widget.attrs.update(limits)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name in self._days():
            if (day := cleaned.get(name)) and (problem := self._problem_of(day)):
                self.add_error(name, problem)
        for earlier, later, problem in self.in_order:
            first, then = cleaned.get(earlier), cleaned.get(later)
            if first and then and then < first:
                self.add_error(later, problem)
        return cleaned

    def _days(self) -> list[str]:
        return [name for name, field in self.fields.items() if isinstance(field, DayField)]

    def _problem_of(self, day: date) -> str:
        born, died = self.patient.date_of_birth, self.patient.died_on
        if day > self.today:
            return f"This day is in the future. Enter a day up to today, {day_words(self.today)}."
        if day < born:
            return f"This is before the patient was born ({day_words(born)}). Check the day and the patient."
        if died and day > died:
            return f"This is after the patient died ({day_words(died)}). Check the day and the patient."
        return ""
