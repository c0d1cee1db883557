"""Courses: open, close, withdraw."""

from typing import Any

from crispy_forms.layout import Column, Layout, Row

from clinic.web.forms import CreatingForm, DayField, EditingForm, ReasonForm, WholeNumberField
from clinic.web.templatetags.tidemark import day as day_words
from infusions.models import DEFAULT_PLANNED_INFUSIONS, Course, Phase
from patients.forms.of_patient import MedicationCountField, OfPatientForm, OneOfField
from patients.models import YesNo

#: A course of more infusions than this is a slip of the finger.
MOST_PLANNED = 100


class OpenCourseForm(OfPatientForm, CreatingForm):
    """Open the patient's next course."""

    phase = OneOfField(
        label="Phase",
        choices=Phase.choices,
        initial=Phase.INDUCTION,
        help_text="Outcomes are counted for inductions. Maintenance and booster infusions follow one.",
    )
    planned_infusions = WholeNumberField(
        label="Planned infusions",
        min_value=1,
        max_value=MOST_PLANNED,
        initial=DEFAULT_PLANNED_INFUSIONS,
        error_messages={
            "required": "Enter how many infusions are planned.",
            "min_value": "Plan at least 1 infusion.",
            "max_value": f"Plan {MOST_PLANNED} infusions at most.",
        },
    )
    opened_on = DayField(label="Opened on", error_messages={"required": "Enter the day the course was opened."})
    psychotherapy_at_start = OneOfField(
        label="In psychotherapy at start", choices=YesNo.choices, unsaid=YesNo.NOT_RECORDED
    )
    psychiatric_medications_at_start = MedicationCountField(label="Psychiatric medications at start")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["opened_on"].initial = self.today
        self.helper.layout = Layout(
            "phase",
            Row(Column("planned_infusions"), Column("opened_on")),
            Row(Column("psychotherapy_at_start"), Column("psychiatric_medications_at_start")),
        )

    def course_fields(self) -> dict[str, Any]:
        """What was entered of the course, by field."""
        return {name: value for name, value in self.cleaned_data.items() if name != "idempotency_key"}


class OfCourseForm(OfPatientForm, EditingForm):
    """A form about one course: none of its days lies before the course was opened."""

    def __init__(self, *args: Any, course: Course, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.course = course

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        for name in self._days():
            if cleaned.get(name) and cleaned[name] < self.course.opened_on:
                opened = day_words(self.course.opened_on)
                self.add_error(name, f"This is before the course was opened ({opened}). Check the day.")
        return cleaned


class CloseCourseForm(OfCourseForm):
    """Say when a course was over."""

    closed_on = DayField(label="Closed on", error_messages={"required": "Enter the day the course was over."})


class WithdrawCourseForm(ReasonForm, OfCourseForm):
    """Note that the patient withdrew from a course, when and why."""

    withdrawn_on = DayField(label="Withdrawn on", error_messages={"required": "Enter the day of the withdrawal."})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].help_text = "Why the patient withdrew. It stays with the course."
        self.helper.layout = Layout("withdrawn_on", "reason")
