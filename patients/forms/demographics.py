"""Who a patient is: registering and editing."""

from datetime import date
from typing import Any, ClassVar

from crispy_forms.layout import Column, Div, Fieldset, Layout, Row
from django import forms
from django.core.validators import EmailValidator

from clinic.web.forms import CreatingForm, DayField, EditingForm, LineField, NoteField, PageForm
from clinic.web.templatetags.tidemark import day as day_words
from patients.forms.of_patient import MedicationCountField, OneOfField
from patients.models import CriterionA, Gender, Patient, RaceEthnicity, YesNo
from patients.search import search_key
from patients.selectors import possible_duplicates

#: Nobody treated is older than this: an earlier birth year is mistyped.
OLDEST_YEARS = 120
MRN_TAKEN = "This MRN belongs to another patient. Check the number, and search for it before you register anybody new."
#: Fields that say nothing of the patient.
_OF_THE_FORM = {"idempotency_key", "version", "somebody_else"}


class PatientFields(PageForm):
    """What is known of a person before treatment. Criterion A is shown only to those who may edit the history."""

    given_name = LineField(label="Given name", error_messages={"required": "Enter the given name."})
    family_name = LineField(label="Family name", error_messages={"required": "Enter the family name."})
    mrn = LineField(
        label="MRN",
        max_length=64,
        help_text="The medical record number, as on the chart.",
        error_messages={"required": "Enter the medical record number."},
    )
    date_of_birth = DayField(label="Birth date", error_messages={"required": "Enter the birth date."})
    phone = LineField(label="Phone", max_length=40, required=False, widget=forms.TextInput(attrs={"inputmode": "tel"}))
    email = LineField(
        label="E-mail",
        max_length=254,
        required=False,
        widget=forms.EmailInput(),
        validators=[EmailValidator("This is no e-mail address. Enter one like name@example.org.")],
    )
    address = NoteField(label="Address", max_length=1_000, widget=forms.Textarea(attrs={"rows": 2}))
    gender = OneOfField(label="Gender", choices=Gender.choices, unsaid=Gender.NOT_RECORDED)
    race_ethnicity = OneOfField(
        label="Race or ethnicity", choices=RaceEthnicity.choices, unsaid=RaceEthnicity.NOT_RECORDED
    )
    allergies = NoteField(
        label="Allergies",
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Write “none known” when you asked and there are none. Blank means not recorded.",
    )
    criterion_a = OneOfField(
        label="DSM-5 criterion A",
        choices=CriterionA.choices,
        unsaid=CriterionA.NOT_RECORDED,
        help_text="Whether a clinician judged the index event to meet it.",
    )
    psychotherapy_at_intake = OneOfField(
        label="In psychotherapy at intake", choices=YesNo.choices, unsaid=YesNo.NOT_RECORDED
    )
    psychiatric_medications_at_intake = MedicationCountField(label="Psychiatric medications at intake")

    def __init__(self, *args: Any, today: date, may_edit_history: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        if not may_edit_history:
            del self.fields["criterion_a"]
        for name in ("given_name", "family_name", "mrn", "phone", "email", "date_of_birth"):
            self.fields[name].widget.attrs["autocomplete"] = "off"  # the browser would offer the last patient's
        self.fields["date_of_birth"].widget.attrs["max"] = today.isoformat()
        self.helper.render_hidden_fields = True
        self.helper.layout = Layout(Div(*self._columns(), css_class="tm-groups"))

    def clean_date_of_birth(self) -> date:
        born: date = self.cleaned_data["date_of_birth"]
        if born > self.today:
            raise forms.ValidationError("This birth date is in the future. Check the year.")
        if self.today.year - born.year > OLDEST_YEARS:
            raise forms.ValidationError(f"This birth date is more than {OLDEST_YEARS} years ago. Check the year.")
        return born

    def compare_with_others(self) -> None:
        """Raises ValidationError when another patient has the MRN, however it is written.

        Part of saving, not of `clean`: the second click of one form would else meet the patient whom the first one made.
        """
        key = search_key(self.cleaned_data["mrn"])
        if key != self._own_mrn_key() and Patient.objects.filter(mrn_key=key).exists():
            raise forms.ValidationError({"mrn": MRN_TAKEN})

    def patient_fields(self) -> dict[str, Any]:
        """What was entered of the patient, by field."""
        return {name: value for name, value in self.cleaned_data.items() if name not in _OF_THE_FORM}

    def _own_mrn_key(self) -> str:
        return ""

    def _columns(self) -> list[Div]:
        """The groups of fields in the two columns of a wide screen."""
        criterion_a = [Column("criterion_a")] if "criterion_a" in self.fields else []
        identity = Fieldset(
            "Identity",
            Row(Column("given_name"), Column("family_name")),
            Row(Column("mrn"), Column("date_of_birth")),
        )
        clinical = Fieldset(
            "Clinical",
            "allergies",
            Row(Column("psychotherapy_at_intake"), Column("psychiatric_medications_at_intake")),
            Row(*criterion_a),
        )
        contact = Fieldset("Contact", Row(Column("phone"), Column("email")), "address")
        background = Fieldset("Background", Row(Column("gender"), Column("race_ethnicity")))
        return [Div(identity, contact), Div(background, clinical, *self._record())]

    def _record(self) -> list[Fieldset]:
        """What only a patient who is registered already can have."""
        return []


class NewPatientForm(PatientFields, CreatingForm):
    """Register a patient. One with the birth date and family name of another is asked about first."""

    somebody_else = forms.BooleanField(label="It is somebody else: register this patient", required=False)

    #: Patients with this birth date and family name.
    duplicates: tuple[Patient, ...] = ()

    def compare_with_others(self) -> None:
        super().compare_with_others()
        cleaned = self.cleaned_data
        self.duplicates = possible_duplicates(cleaned["family_name"], cleaned["date_of_birth"])
        if self.duplicates and not cleaned["somebody_else"]:
            said = "Open the patient named here, or say that it is somebody else, then register again."
            raise forms.ValidationError({"somebody_else": said})


class EditPatientForm(PatientFields, EditingForm):
    """Change what is known of a patient."""

    ACTIVE: ClassVar[Any] = [(True, "Active"), (False, "Inactive")]

    active = forms.TypedChoiceField(
        label="Record",
        choices=ACTIVE,
        coerce=lambda value: value == "True",
        help_text="Inactive patients stay readable and keep counting in the outcomes.",
        error_messages={"invalid_choice": "Choose one of the list.", "required": "Choose one of the list."},
    )
    died_on = DayField(label="Died on", required=False, help_text="Leave blank if alive or not known.")

    def __init__(self, *args: Any, patient: Patient, **kwargs: Any) -> None:
        self.patient = patient
        super().__init__(*args, **kwargs)
        self.fields["died_on"].widget.attrs["max"] = self.today.isoformat()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        died, born = cleaned.get("died_on"), cleaned.get("date_of_birth")
        if died and died > self.today:
            self.add_error("died_on", f"This day is in the future. Enter a day up to today, {day_words(self.today)}.")
        if died and born and died < born:
            self.add_error("died_on", f"This is before the birth date ({day_words(born)}). Check both days.")
        return cleaned

    def changed_fields(self) -> dict[str, Any]:
        """What was entered and differs from what is saved now."""
        return {name: value for name, value in self.patient_fields().items() if getattr(self.patient, name) != value}

    def _own_mrn_key(self) -> str:
        return self.patient.mrn_key

    def _record(self) -> list[Fieldset]:
        return [Fieldset("Record", Row(Column("active"), Column("died_on")))]
