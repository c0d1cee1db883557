"""Fields of a questionnaire: its answers, its time of day, the event it refers to."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError

from assessments.instruments.base import Instrument, Item
from clinic.web.templatetags.tidemark import day
from patients.models import IndexEvent

#: What an item holds that was left blank on paper: keyed as ".", stored as null (rule 11).
NOT_ANSWERED = "."
NOT_ANSWERED_WORDS = "Not answered"
#: An event is shown in a list with so many characters.
_EVENT_LENGTH = 60


class AnswerRadios(forms.RadioSelect):
    """The options of an item side by side; a link to the item leads to the first."""

    def id_for_label(self, id_: str, index: Any = None) -> str:
        return str(super().id_for_label(id_, index="0" if index is None else index))


class AnswerField(forms.ChoiceField):
    """One item: an option of the instrument, or the mark "not answered". Its value is points, or None."""

    widget = AnswerRadios
    #: What the newest version says here, in words, after two people corrected one form.
    saved_now: str = ""

    def __init__(self, instrument: Instrument, item: Item) -> None:
        ask = f"Answer item {item.number}, or mark it as not answered."
        options = [(str(option.value), option.label) for option in instrument.options]
        super().__init__(
            label=f"Item {item.number}",
            choices=[*options, (NOT_ANSWERED, NOT_ANSWERED_WORDS)],
            error_messages={"required": ask, "invalid_choice": ask},
        )
        self.item = item

    def clean(self, value: Any) -> int | None:
        chosen = super().clean(value)
        return None if chosen == NOT_ANSWERED else int(chosen)


class ClockField(forms.TimeField):
    """A time of day on the clinic's clock; the day stands in a field of its own."""

    widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    default_error_messages: ClassVar[Any] = {"invalid": "This is no time. Enter it as 14:05, or leave it out."}


class IndexEventField(forms.ModelChoiceField):
    """The event that the answers refer to. Who may not read the history sees when it was recorded, not what it was."""

    default_error_messages: ClassVar[Any] = {"invalid_choice": "Choose one of the list."}

    def __init__(self, events: list[IndexEvent], *, described: bool) -> None:
        found = IndexEvent.objects.filter(pk__in=[event.pk for event in events]).order_by("id")
        super().__init__(found, label="Index event", required=False, to_field_name="public_id")
        labels = [(event.public_id, event_label(event, described=described)) for event in events]
        self.choices = [("", "Not noted on the form"), *labels]

    def to_python(self, value: Any) -> Any:
        try:
            return super().to_python(value)
        except ValidationError as error:  # also for what no database can hold, of which Django says it otherwise
            raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice") from error


def event_label(event: IndexEvent, *, described: bool) -> str:
    """An index event in a few words, without its wording for who may not read the history."""
    if not described:
        return f"Event recorded {day(event.entered_at)}"
    words = " ".join(event.description.split())
    return words if len(words) <= _EVENT_LENGTH else f"{words[: _EVENT_LENGTH - 1].rstrip()}…"
