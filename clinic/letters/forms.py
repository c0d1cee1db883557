"""The form of a letter: to whom, about which course, what goes in, and what the clinician writes."""

from typing import Any

from crispy_forms.layout import Column, Layout, Row
from django import forms
from django.core.exceptions import ValidationError

from clinic.letters.draft import Draft
from clinic.letters.parts import PARTS, Asked
from clinic.web.forms import CreatingForm, LineField, NoteField
from infusions.models import Course
from patients.forms.of_patient import OneOfField

#: Lines of an address, and characters of what the clinician writes: a letter, not a report.
MOST_LINES = 8
LONGEST_TEXT = 10_000


class LetterForm(CreatingForm):
    """Asks for a letter. `seen` comes back from its preview: only what was read there is made."""

    recipient = NoteField(
        required=True,
        max_length=600,
        label="To",
        help_text=f"Name and address of who referred the patient, as they stand in the letter; {MOST_LINES} lines at most.",
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": "Say to whom the letter goes."},
    )
    course = OneOfField(label="Course")
    parts = forms.MultipleChoiceField(
        label="What goes in",
        choices=list(PARTS.items()),
        initial=list(PARTS),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Choose parts of the list.", "invalid_list": "Choose parts of the list."},
    )
    text = NoteField(
        required=True,
        max_length=LONGEST_TEXT,
        label="Findings and recommendation",
        help_text="In your words; it stands in the letter as you type it, line by line. Nothing is proposed.",
        widget=forms.Textarea(attrs={"rows": 8}),
        error_messages={"required": "Write what you found and what you recommend."},
    )
    seen = LineField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, courses: list[Course], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.courses = {course.public_id: course for course in courses}
        self.helper.render_hidden_fields = True
        beside: list[Any] = ["course", "parts"]
        if self.courses:
            field: Any = self.fields["course"]
            field.choices = [(name, _described(course)) for name, course in self.courses.items()]
            field.initial = courses[0].public_id
        else:
            del self.fields["course"]
            beside.remove("course")
        self.helper.layout = Layout(Row(Column("recipient"), Column(*beside)), "text")

    def clean_recipient(self) -> str:
        """The lines without blanks at their ends. Raises ValidationError for more than an address has."""
        lines = [line.strip() for line in self.cleaned_data["recipient"].split("\n")]
        if len(lines) > MOST_LINES:
            raise ValidationError(f"These are {len(lines)} lines. Shorten them to {MOST_LINES}.")
        return "\n".join(lines)

    def asked(self) -> Asked:
        """What a valid form asks for."""
        said = self.cleaned_data
        course = self.courses[said["course"]] if self.courses else None
        return Asked(said["recipient"], course, said["text"], tuple(part for part in PARTS if part in said["parts"]))

    def show_preview(self, draft: Draft) -> None:
        """Send back what the preview shows; a letter made of it has a key of its own."""
        self._send_back("seen", draft.seen)
        self._take_new_key()


def _described(course: Course) -> str:
    ended = ", withdrawn" if course.withdrawn_on else ", closed" if course.closed_on else ""
    return f"Course {course.number}, {course.get_phase_display().lower()}{ended}"
