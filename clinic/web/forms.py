"""Forms of every page: crispy-forms draws them; messages say how to mend what was typed."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import uuid4

from crispy_forms.helper import FormHelper
from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

#: Characters of a note. Long enough for any session, short enough for a page.
NOTE_LENGTH = 20_000


def _speak_plainly(field: forms.CharField) -> None:
    validators: list[Any] = field.validators
    for validator in validators:
        if getattr(validator, "code", "") == "null_characters_not_allowed":
            validator.message = "This holds a character that cannot be stored. Delete what you pasted and type it."
        if getattr(validator, "code", "") == "max_length":
            validator.message = "This is too long: %(show_value)d characters. Shorten it to %(limit_value)d."


class LineField(forms.CharField):
    """One line of text."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": 200, **kwargs})
        _speak_plainly(self)


class NoteField(forms.CharField):
    """Text of several lines."""

    widget = forms.Textarea(attrs={"rows": 3})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": NOTE_LENGTH, "required": False, **kwargs})
        _speak_plainly(self)

    def to_python(self, value: Any) -> str:
        """The text with plain line ends: a browser sends others, and a note saved unchanged is no change."""
        return str(super().to_python(value)).replace("\r\n", "\n")


class DayField(forms.DateField):
    """A calendar day of the clinic."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    default_error_messages: ClassVar[Any] = {
        "invalid": "This is no day. Enter it as year-month-day, for example 2026-02-27.",
        "required": "Enter the day.",
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"input_formats": ["%Y-%m-%d", "%m/%d/%Y"], **kwargs})


class MomentField(forms.DateTimeField):
    """A day and a time on the clinic's clock."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    default_error_messages: ClassVar[Any] = {
        "invalid": "This is no day and time. Enter them as 2026-02-27 14:05.",
        "required": "Enter day and time.",
    }

    def __init__(self, **kwargs: Any) -> None:
        formats = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S"]
        super().__init__(**{"input_formats": formats, **kwargs})

    def to_python(self, value: Any) -> datetime | None:
        """The moment; a time that the clocks leap over, or that comes twice, is refused in plain words."""
        try:
            moment: datetime | None = super().to_python(value)
        except ValidationError as error:
            if error.code != "ambiguous_timezone":
                raise
            raise ValidationError("The clocks change at this time of this day. Enter another time.") from None
        return moment


class WholeNumberField(forms.IntegerField):
    """A whole number, keyed on a numeric pad."""

    default_error_messages: ClassVar[Any] = {
        "invalid": "Enter a whole number in digits.",
        "required": "Enter a number.",
    }

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}))
        super().__init__(**kwargs)


class AmountField(forms.DecimalField):
    """An exact decimal amount, with a point."""

    default_error_messages: ClassVar[Any] = {
        "invalid": "Enter a number with a decimal point, for example 82.4.",
        "required": "Enter a number.",
    }

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}))
        super().__init__(**kwargs)


@dataclass(frozen=True)
class Difference:
    """A field that somebody else changed meanwhile: what was typed here, and what is saved now."""

    label: str
    typed: str
    saved: str


class PageForm(forms.Form):
    """A form of a page. `refuse` brings the messages of a service to the fields they speak of."""

    required_css_class = "tm-required"
    #: Set when the form met something saved before it: the page answers 409.
    conflict: bool = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        self.helper = FormHelper(self)
        self.helper.form_tag = False
        self.helper.disable_csrf = True

    def refuse(self, error: ValidationError) -> None:
        """Put each message beside its field, or above the form where it has none here."""
        if not hasattr(error, "error_dict"):
            self.add_error(None, error)
            return
        for name, messages in error.error_dict.items():
            self.add_error(name if name in self.fields else None, messages)

    def _send_back(self, name: str, value: str) -> None:
        """Show a hidden field with another value than it came with."""
        data: Any = self.data.copy()  # type: ignore[attr-defined]
        data[self.add_prefix(name)] = value
        self.data = data


class CreatingForm(PageForm):
    """A form that makes a record: its key tells a repeated one (`saving.create_once`)."""

    idempotency_key = forms.UUIDField(
        widget=forms.HiddenInput,
        initial=uuid4,
        error_messages={
            "required": "This page lost its key. Check what you typed and save again.",
            "invalid": "This page lost its key. Check what you typed and save again.",
        },
    )
    #: Where the record is that was saved under this form's key with other content.
    saved_before: str = ""

    def clean(self) -> dict[str, Any] | None:
        if "idempotency_key" in self.errors:
            self._take_new_key()
        return super().clean()

    def refuse_used_key(self, location: str) -> None:
        """Say that this form was saved before with other content; a new key lets it be saved as another record."""
        self.conflict, self.saved_before = True, location
        self._take_new_key()
        self.add_error(
            None,
            "This page was saved before with other content. Look at what was saved, or save this as another record.",
        )

    def _take_new_key(self) -> None:
        self._send_back("idempotency_key", str(uuid4()))


class EditingForm(PageForm):
    """A form that changes a record: it carries the version its editor saw (`saving.save_edit`)."""

    version = forms.IntegerField(
        widget=forms.HiddenInput,
        min_value=0,
        error_messages={
            "required": "This page lost its version. Open it again before you save.",
            "invalid": "This page lost its version. Open it again before you save.",
            "min_value": "This page lost its version. Open it again before you save.",
        },
    )
    #: What differs between the typed text and what is saved now, after `show_conflict`.
    differences: tuple[Difference, ...] = ()

    def show_conflict(self, current: Any) -> None:
        """Keep what was typed, show what is saved now beside it, and let the next save go on from there."""
        self.conflict = True
        typed = {
            name: self.cleaned_data.get(name) for name in self.fields if hasattr(current, name) and name != "version"
        }
        self.differences = tuple(
            Difference(str(self[name].label), _shown(self, name, value), _shown(self, name, getattr(current, name)))
            for name, value in typed.items()
            if value != getattr(current, name)
        )
        self._send_back("version", str(current.version))
        self.add_error(
            None, "Somebody else saved this after you opened it. Compare both texts below, then save again or leave."
        )


class ReasonForm(PageForm):
    """Why something recorded is voided, moved or withdrawn."""

    reason = NoteField(
        required=True,
        label="Reason",
        help_text="It stays with the record.",
        error_messages={"required": "Say why: the reason stays with the record."},
    )


def _shown(form: forms.Form, name: str, value: Any) -> str:
    if value is None or value == "":
        return "(empty)"
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
    choices = dict(getattr(form.fields[name], "choices", ()))
    return str(choices.get(value, value))
