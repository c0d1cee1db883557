"""Entering and correcting a questionnaire. The items are those of the instrument, so that form and scoring cannot disagree."""

from datetime import date, datetime, time
from typing import Any, ClassVar

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Field, Layout
from django.core.exceptions import ValidationError
from django.forms.utils import from_current_timezone
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from assessments.forms.fields import NOT_ANSWERED, NOT_ANSWERED_WORDS, AnswerField, ClockField, IndexEventField
from assessments.instruments.base import Form as PrintedForm
from assessments.instruments.base import Instrument, Item
from assessments.models import Assessment, Mode
from assessments.selectors import versions
from clinic.web.forms import CreatingForm, DayField, Difference, EditingForm, ReasonForm
from clinic.web.templatetags.tidemark import clock, day
from patients.forms.of_patient import OfPatientForm, OneOfField
from patients.models import IndexEvent

_ITEM = "assessments/components/item.html"
_PART = "assessments/components/form_part.html"


class QuestionnaireForm(OfPatientForm):
    """The head of a completed form and its items. `{% crispy form form.head %}` draws the one, `form.sheet` the others."""

    form = OneOfField(label="Form")
    completed_on = DayField(label="Completed on", error_messages={"required": "Enter the day it was completed."})
    completed_at = ClockField(label="Time, if noted", required=False)
    mode = OneOfField(label="Given as", choices=Mode.choices, initial=Mode.PAPER)

    #: What the head shows, in this order; the index event only where the patient has one.
    HEAD: ClassVar[tuple[str, ...]] = ("form", "completed_on", "completed_at", "mode", "index_event")

    def __init__(
        self, *args: Any, instrument: Instrument, events: list[IndexEvent], described: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.instrument = instrument
        choosable: Any = self.fields["form"]
        choosable.choices = [(printed.id, printed.label) for printed in instrument.forms]
        if events:
            self.fields["index_event"] = IndexEventField(events, described=described)
        for item in instrument.items:
            self.fields[_name(item)] = AnswerField(instrument, item)
        self.head, self.sheet = _part(), _part()
        self.head.render_hidden_fields = True
        self.head.layout = Layout(*(name for name in self.HEAD if name in self.fields))
        self.sheet.layout = Layout(*(Field(_name(item), template=_ITEM) for item in instrument.items))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        on, at = cleaned.get("completed_on"), cleaned.get("completed_at")
        cleaned["completed_at"] = self._moment(on, at) if on and at else None
        names = [_name(item) for item in self.instrument.items]
        if all(name in cleaned and cleaned[name] is None for name in names):
            problem = "No item was answered, so there is nothing to save. Enter the answers, or leave the page."
            self.add_error(None, problem)
        return cleaned

    def _moment(self, on: date, at: time) -> datetime | None:
        try:
            moment: datetime = from_current_timezone(datetime.combine(on, at))
        except (ValidationError, OverflowError):
            self.add_error("completed_at", "The clocks were changed at this hour. Enter another time, or leave it out.")
            return None
        return moment

    def answered(self) -> dict[str, Any]:
        """What was entered, as the arguments of `build_assessment`."""
        kept = {name: self.cleaned_data[name] for name in ("form", "completed_on", "completed_at", "mode")}
        kept["answers"] = [self.cleaned_data[_name(item)] for item in self.instrument.items]
        return kept | {"index_event": self.cleaned_data.get("index_event")}

    def refuse(self, error: ValidationError) -> None:
        """As everywhere; a second form of a kind on a day comes with a link to the first."""
        super().refuse(_with_link(error))

    def open_items(self) -> list[Any]:
        """The items, as fields, that were neither answered nor marked in a form that was refused."""
        return [self[_name(item)] for item in self.instrument.items if _name(item) in self.errors]

    def wrong_fields(self) -> list[Any]:
        """The other fields that were refused, in the order in which they are shown."""
        return [self[name] for name in self.HEAD if name in self.errors]

    def printed(self) -> PrintedForm:
        """The printed form that the page shows: the one chosen, else the first."""
        chosen = self["form"].value()
        return next((form for form in self.instrument.forms if form.id == chosen), self.instrument.forms[0])


class NewQuestionnaireForm(QuestionnaireForm, CreatingForm):
    """Enter a completed form."""


class CorrectionForm(ReasonForm, QuestionnaireForm, EditingForm):
    """Enter what a form should say, and why. `version` is the id of the version that its editor saw."""

    HEAD: ClassVar[tuple[str, ...]] = (*QuestionnaireForm.HEAD, "reason")

    def __init__(self, *args: Any, assessment: Assessment, **kwargs: Any) -> None:
        at = assessment.completed_at
        said = _said_by(assessment) | {"completed_at": timezone.localtime(at).time() if at else None}
        super().__init__(*args, initial={"version": assessment.pk, **said}, **kwargs)
        self.seen = assessment
        self.fields["reason"].label = "Reason for the correction"
        self.fields["reason"].widget.attrs["rows"] = 2

    def clean_version(self) -> int:
        """Only a version of this very form, at this patient."""
        number: int = self.cleaned_data["version"]
        chain = {version.pk: version for version in versions(self.seen) if version.patient_id == self.patient.pk}
        if number not in chain:
            raise ValidationError("This page lost its version. Open it again before you save.")
        self.seen = chain[number]
        return number

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if _plain(cleaned["completed_at"]) == _plain(self.seen.completed_at):
            cleaned["completed_at"] = self.seen.completed_at  # to the second, which the field does not show
        if not self.errors and not self._changed(self.seen):
            problem = "Nothing differs from what is saved. Change what was wrong, or leave the page."
            self.add_error(None, problem)
        return cleaned

    def show_conflict(self, current: Any) -> None:
        """Keep what was typed beside what the newest version says; the next save corrects that one."""
        self.conflict = True
        changed = self._changed(current)
        self.differences = tuple(
            Difference(str(self[name].label), self._words(name, typed), self._words(name, saved))
            for name, typed, saved in changed
        )
        for name, _typed, saved in changed:
            vars(self.fields[name])["saved_now"] = self._words(name, saved)
        self._send_back("version", str(current.pk))
        same = "It says now what you typed, so there is nothing to save: leave the page."
        compare = "Compare both below, then save again to correct the newest version, or leave."
        self.add_error(None, f"This form was corrected after you opened it. {compare if changed else same}")

    def _changed(self, saved: Assessment) -> list[tuple[str, Any, Any]]:
        """(field, typed, saved) of everything that differs from this version."""
        pairs = [(name, self.cleaned_data.get(name), value) for name, value in _said_by(saved).items()]
        return [pair for pair in pairs if pair[0] in self.fields and _plain(pair[1]) != _plain(pair[2])]

    def _words(self, name: str, value: Any) -> str:
        if isinstance(self.fields[name], AnswerField):
            return NOT_ANSWERED_WORDS if value in {None, NOT_ANSWERED} else str(value)
        if name in {"completed_on", "completed_at"}:
            written = day(value) if name == "completed_on" else clock(value)
            return written if value else "(empty)"
        choices: dict[Any, Any] = dict(getattr(self.fields[name], "choices", ()))
        return str(choices.get(_plain(value) or "", value))


def _part() -> FormHelper:
    """Draws some fields of a form; what is wrong with it as a whole is said once, above it."""
    helper = FormHelper()
    helper.form_tag = False
    helper.disable_csrf = True
    helper.template = _PART
    return helper


def _name(item: Item) -> str:
    return f"item_{item.number}"


def _said_by(assessment: Assessment) -> dict[str, Any]:
    """What a version says, by field of the form."""
    head = {name: getattr(assessment, name) for name in ("form", "completed_on", "completed_at", "mode")}
    event = assessment.index_event.public_id if assessment.index_event else None
    answers = enumerate(assessment.answers, start=1)
    items = {f"item_{number}": NOT_ANSWERED if points is None else points for number, points in answers}
    return {**head, "index_event": event, **items}


def _plain(value: Any) -> Any:
    """The same value however it comes: typed, chosen or saved."""
    if isinstance(value, IndexEvent):
        return value.public_id
    if isinstance(value, datetime):
        return value.replace(second=0, microsecond=0)
    return None if value == NOT_ANSWERED else value


def _with_link(error: ValidationError) -> ValidationError:
    """The same error; that of a taken day leads to the form which stands there."""
    errors: dict[str, list[ValidationError]] = getattr(error, "error_dict", {})
    for one in errors.get("completed_on", []):
        if one.code == "same_day" and one.params:
            address = reverse("assessments:assessment", args=[one.params["patient"], one.params["assessment"]])
            one.message = format_html('{} <a href="{}">Open the form of that day.</a>', one.message, address)
            one.params = None
    return error
