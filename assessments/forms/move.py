"""Moving a questionnaire to the patient it belongs to."""

from typing import Any

from crispy_forms.layout import Layout
from django import forms

from assessments.selectors import patient_by_two_identifiers
from clinic.web.forms import DayField, LineField, ReasonForm
from patients.models import Patient


class MoveForm(ReasonForm):
    """Where a form belongs that was entered at the wrong patient: two identifiers, never a list to slip in."""

    mrn = LineField(
        label="MRN of the right patient",
        max_length=64,
        error_messages={"required": "Enter the MRN of the right patient, exactly as it is."},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    born_on = DayField(
        label="Birth date of the right patient",
        error_messages={"required": "Enter the birth date of the right patient: it is the second check."},
    )
    confirmed = LineField(required=False, widget=forms.HiddenInput)
    field_order = ("mrn", "born_on", "reason", "confirmed")
    #: Who was found, once both identifiers agree.
    target: Patient | None = None

    def __init__(self, *args: Any, user: Any, patient: Patient, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.patient = user, patient
        self.helper.layout = Layout("mrn", "born_on", "reason", "confirmed")
        self.helper.template = "assessments/components/form_part.html"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not {"mrn", "born_on"} <= set(cleaned):
            return cleaned
        found = patient_by_two_identifiers(self.user, cleaned["mrn"], cleaned["born_on"])
        if found is None:
            self.add_error("mrn", "No patient has this MRN with this birth date. Check both, digit by digit.")
        elif found.pk == self.patient.pk:
            self.add_error("mrn", "The form is at this patient already. Enter the MRN of the other patient.")
        else:
            self.target = found
        return cleaned

    def right_patient(self) -> Patient:
        """Who was found, of a valid form."""
        if self.target is None:
            raise LookupError("Only a valid form names a patient.")
        return self.target

    def asks_to_confirm(self) -> bool:
        """Whether the person has yet to see who was found. If so, the next save of the same patient confirms it."""
        if self.target is None or self.cleaned_data.get("confirmed") == self.target.public_id:
            return False
        self._send_back("confirmed", self.target.public_id)
        return True
