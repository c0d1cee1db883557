"""The history of a patient before treatment: four kinds of entries, each added, amended and voided alike."""

from dataclasses import dataclass
from typing import Any

from crispy_forms.layout import Column, Layout, Row
from django import forms

from clinic.web.forms import CreatingForm, DayField, EditingForm, LineField, NoteField, ReasonForm, WholeNumberField
from patients.forms.of_patient import OfPatientForm, OneOfField
from patients.models import (
    HistoryEntry,
    IndexEvent,
    PriorTreatment,
    PsychiatricMedication,
    PsychotherapyEpisode,
    YesNo,
)

#: Longest trial that is believed: ten years.
MOST_WEEKS = 520
_ENDS_LATER = (("started_on", "ended_on", "This end is before the start. Check both days."),)
_OF_THE_FORM = {"idempotency_key", "version", "reason"}


class EntryFields(OfPatientForm):
    """The fields of an entry; `entry_fields` is what was entered of it."""

    def entry_fields(self) -> dict[str, Any]:
        """What was entered of the record, by field."""
        return {name: value for name, value in self.cleaned_data.items() if name not in _OF_THE_FORM}

    def lay_out(self, *parts: Any) -> None:
        """Draw these fields, then the reason if the form asks for one."""
        self.helper.layout = Layout(*parts, *(["reason"] if "reason" in self.fields else []))


class IndexEventFields(EntryFields):
    """The event that the PCL-5s refer to."""

    description = NoteField(
        label="Index event",
        required=True,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="In the patient's words, as briefly as the PCL-5 needs. Only those who may see the history read it.",
        error_messages={"required": "Describe the event."},
    )
    confirmed_on = DayField(
        label="Confirmed on", required=False, help_text="When it was last confirmed with the patient."
    )


class PsychotherapyFields(EntryFields):
    """Psychotherapy over a span of time."""

    modality = LineField(
        label="Psychotherapy",
        max_length=100,
        help_text="For example EMDR, prolonged exposure, CPT.",
        error_messages={"required": "Name the psychotherapy."},
    )
    therapist = LineField(label="Therapist", required=False)
    started_on = DayField(label="Started on")
    ended_on = DayField(label="Ended on", required=False, help_text="Leave blank while it goes on.")
    in_order = _ENDS_LATER

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lay_out(Row(Column("modality"), Column("therapist")), Row(Column("started_on"), Column("ended_on")))


class MedicationFields(EntryFields):
    """A psychiatric medicine over a span of time."""

    name = LineField(label="Medication", error_messages={"required": "Name the medication."})
    dose = LineField(label="Dose", max_length=100, required=False, help_text="For example 100 mg twice a day.")
    started_on = DayField(label="Started on", required=False, help_text="Leave blank if not known.")
    ended_on = DayField(label="Ended on", required=False, help_text="Leave blank while it is taken.")
    in_order = _ENDS_LATER

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lay_out(Row(Column("name"), Column("dose")), Row(Column("started_on"), Column("ended_on")))


class PriorTreatmentFields(EntryFields):
    """A treatment tried before."""

    treatment = LineField(label="Treatment", error_messages={"required": "Name the treatment."})
    dose = LineField(label="Dose", max_length=100, required=False)
    weeks = WholeNumberField(
        label="Weeks",
        required=False,
        min_value=0,
        max_value=MOST_WEEKS,
        help_text="How long it was tried. Leave blank if not known.",
        error_messages={
            "min_value": "Enter the number of weeks, 0 or more.",
            "max_value": f"Enter the number of weeks, {MOST_WEEKS} at most.",
        },
    )
    adequate_trial = OneOfField(
        label="Adequate trial",
        choices=YesNo.choices,
        unsaid=YesNo.NOT_RECORDED,
        help_text="Dose and duration were enough to judge it.",
    )
    outcome = OneOfField(
        label="Outcome",
        choices=PriorTreatment.Outcome.choices,
        unsaid=PriorTreatment.Outcome.NOT_RECORDED,
        help_text="An adequate trial failed when it ended in no or a partial response.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lay_out(
            "treatment", Row(Column("dose"), Column("weeks")), Row(Column("adequate_trial"), Column("outcome"))
        )


class NewIndexEvent(IndexEventFields, CreatingForm):
    """Add an index event."""


class NewPsychotherapy(PsychotherapyFields, CreatingForm):
    """Add psychotherapy."""


class NewMedication(MedicationFields, CreatingForm):
    """Add a medication."""


class NewPriorTreatment(PriorTreatmentFields, CreatingForm):
    """Add a prior treatment."""


class AmendIndexEvent(ReasonForm, IndexEventFields, EditingForm):
    """Amend an index event, with the reason."""


class AmendPsychotherapy(ReasonForm, PsychotherapyFields, EditingForm):
    """Amend psychotherapy, with the reason."""


class AmendMedication(ReasonForm, MedicationFields, EditingForm):
    """Amend a medication, with the reason."""


class AmendPriorTreatment(ReasonForm, PriorTreatmentFields, EditingForm):
    """Amend a prior treatment, with the reason."""


@dataclass(frozen=True)
class Kind:
    """A kind of history entry: its name in addresses, its words and its forms."""

    slug: str
    model: type[HistoryEntry]
    title: str
    one: str
    none: str
    new: Any
    amend: Any

    @property
    def template(self) -> str:
        """What draws one entry of this kind."""
        return f"patients/entry/{self.slug}.html"


KINDS = {
    kind.slug: kind
    for kind in (
        Kind(
            "index-event",
            IndexEvent,
            "Index event",
            "index event",
            "No index event recorded. A PCL-5 asks about one worst event: record which one it is.",
            NewIndexEvent,
            AmendIndexEvent,
        ),
        Kind(
            "psychotherapy",
            PsychotherapyEpisode,
            "Psychotherapy",
            "psychotherapy",
            "No psychotherapy recorded. That is not the same as none: ask, and add what there was.",
            NewPsychotherapy,
            AmendPsychotherapy,
        ),
        Kind(
            "medication",
            PsychiatricMedication,
            "Psychiatric medication",
            "medication",
            "No psychiatric medication recorded. That is not the same as none: ask, and add what is taken.",
            NewMedication,
            AmendMedication,
        ),
        Kind(
            "prior-treatment",
            PriorTreatment,
            "Prior treatments",
            "prior treatment",
            "No prior treatment recorded. Add what was tried before, how long, and how it ended.",
            NewPriorTreatment,
            AmendPriorTreatment,
        ),
    )
}
