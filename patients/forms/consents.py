"""Consents: record and withdraw."""

from typing import Any

from crispy_forms.layout import Column, Layout, Row

from clinic.web.forms import CreatingForm, DayField, EditingForm, LineField, ReasonForm
from clinic.web.templatetags.tidemark import day as day_words
from patients.forms.of_patient import OfPatientForm, OneOfField
from patients.models import Consent


class NewConsentForm(OfPatientForm, CreatingForm):
    """Record a consent that was signed."""

    kind = OneOfField(label="Consent to", choices=[("", "Choose…"), *Consent.Kind.choices])
    document_version = LineField(
        label="Version of the document",
        max_length=40,
        required=False,
        help_text="As printed on the form that was signed.",
    )
    signed_on = DayField(label="Signed on", error_messages={"required": "Enter the day it was signed."})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["signed_on"].initial = self.today
        self.helper.layout = Layout("kind", Row(Column("signed_on"), Column("document_version")))

    def consent_fields(self) -> dict[str, Any]:
        """What was entered of the consent, by field."""
        return {name: self.cleaned_data[name] for name in ("kind", "document_version", "signed_on")}


class WithdrawConsentForm(ReasonForm, OfPatientForm, EditingForm):
    """Note that a consent was withdrawn."""

    withdrawn_on = DayField(label="Withdrawn on", error_messages={"required": "Enter the day it was withdrawn."})
    field_order = ("withdrawn_on", "reason", "version")

    def __init__(self, *args: Any, consent: Consent, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.consent = consent
        self.fields["withdrawn_on"].initial = self.today
        self.helper.layout = Layout("withdrawn_on", "reason")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        withdrawn_on = cleaned.get("withdrawn_on")
        if withdrawn_on and withdrawn_on < self.consent.signed_on:
            signed = day_words(self.consent.signed_on)
            self.add_error("withdrawn_on", f"This is before the consent was signed ({signed}). Check the day.")
        return cleaned
