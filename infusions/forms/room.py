"""What is typed for each entry of a session's log."""

import re
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import from_current_timezone
from django.utils import timezone

from clinic.web.forms import AmountField, LineField, NoteField, PageForm, WholeNumberField
from infusions.forms.dose_fields import CHOOSE
from infusions.forms.rows import EventFields, Readings, reading, temperature
from infusions.models import Status
from infusions.session.log import Kind
from infusions.session.stock import UNITS

#: A time of day that lies this far ahead was yesterday: sessions go on past midnight.
_YESTERDAY = timedelta(hours=12)
#: What a browser sends for either, and what is typed; Python reads more ("14", "1405", "14:05+02:00") than anybody means.
_TIME, _MOMENT = re.compile(r"\d{1,2}:\d\d(:\d\d)?"), re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?")
#: At the ends of the calendar a moment has no UTC.
_YEARS = range(1900, 9999)
#: Seconds; whoever was without a connection for longer types the time.
_LONGEST_WAIT = 86_400
_TEXT_NEEDED = {"required": "Write something, or leave it."}


class MomentOrTime(forms.Field):
    """A time of day ("14:05", today or last night) or a day and a time, on the clinic's clock."""

    default_error_messages: ClassVar[Any] = {
        "invalid": "This is no time. Enter it as 14:05.",
        "required": "Enter the time.",
    }

    def to_python(self, value: Any) -> datetime | time | None:
        """The text as a time or a moment."""
        text = str(value or "").strip()
        if not text:
            return None
        try:
            if text.isascii() and _TIME.fullmatch(text):
                return time.fromisoformat(text.zfill(5) if text.count(":") == 1 else text.zfill(8))
            if text.isascii() and _MOMENT.fullmatch(text) and (moment := datetime.fromisoformat(text)).year in _YEARS:
                return moment
        except ValueError:
            pass  # 25:00, or 30 February
        raise ValidationError(self.error_messages["invalid"], code="invalid")


class EntryForm(PageForm):
    """One entry: its key, and when it happened: when it was sent, unless something else is typed.

    `waited` are the seconds since it was sent first: while there is no connection it is sent again and again.
    """

    key = forms.UUIDField(
        error_messages={
            "required": "This page lost its key. Load it again.",
            "invalid": "This page lost its key. Load it again.",
        }
    )
    waited = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=_LONGEST_WAIT,
        error_messages={"max_value": "This waited for more than a day. Enter the day and time when it happened."},
    )
    at = MomentOrTime(required=False, label="Time")

    #: Fields that prove who somebody else is; they are no part of the entry.
    PROOF: ClassVar[tuple[str, ...]] = ("second_email", "second_password", "password")

    def __init__(self, *args: Any, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = now

    def clean_at(self) -> datetime:
        """The moment; a time of day is that of today, or of last night when it would lie far ahead."""
        typed = self.cleaned_data.get("at")
        sent_at: datetime = self.now - timedelta(seconds=self.cleaned_data.get("waited") or 0)
        if typed is None:
            return sent_at
        if isinstance(typed, time):
            local = timezone.localtime(sent_at)
            today = datetime.combine(local.date(), typed)
            ahead = today - local.replace(tzinfo=None) > _YESTERDAY
            return _aware(today - timedelta(days=1) if ahead else today)
        return _aware(typed)

    @property
    def entry_key(self) -> UUID:
        """The key under which the entry is made once."""
        key: UUID = self.cleaned_data["key"]
        return key

    def values(self) -> dict[str, Any]:
        """What the entry says, as it was typed."""
        left_out = {"key", "waited", "at", *self.PROOF}
        return {name: value for name, value in self.cleaned_data.items() if name not in left_out}


def _aware(moment: datetime) -> datetime:
    try:
        aware: datetime = from_current_timezone(moment)
    except ValidationError:
        raise ValidationError("The clocks changed at this time. Enter one that there was once.") from None
    return aware


class ReasonEntry(EntryForm):
    """An entry that says why."""

    reason = NoteField(label="Why")


class CallOffEntry(ReasonEntry):
    """The session does not take place."""

    status = forms.ChoiceField(
        choices=[(Status.CANCELLED, "Cancelled"), (Status.NO_SHOW, "Did not come")],
        widget=forms.RadioSelect,
        label="What happened",
        error_messages=CHOOSE,
    )
    field_order = ["status", "reason"]


def rating(label: str) -> WholeNumberField:
    """A rating from 0 to 10."""
    told = "Enter 0 to 10."
    bounds: dict[str, Any] = {"min_value": 0, "max_value": 10, "error_messages": {"min_value": told, "max_value": told}}
    return WholeNumberField(label=label, required=False, **bounds)


class VitalsEntry(EntryForm, Readings):
    """One set of vital signs; at least one value."""

    rass = reading("rass", "RASS", "")
    temperature_celsius = temperature()
    pain = rating("Pain, 0-10")
    nausea = rating("Nausea, 0-10")
    on_room_air = forms.TypedChoiceField(
        choices=[("", ""), ("yes", "On room air"), ("no", "On oxygen")],
        coerce=lambda text: text == "yes",
        empty_value=None,
        required=False,
        error_messages=CHOOSE,
    )

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        read = {name for name in self.fields if name not in {"key", "waited", "at", "on_room_air"}}
        if not self.errors and all(self.cleaned_data.get(name) is None for name in read):
            self.add_error(None, "Nothing was read. Enter at least one value.")
        return cleaned


class SecondFields(EntryForm):
    """Another person proves at this tablet who she is."""

    second_email = forms.CharField(required=False, max_length=254, label="E-mail")
    second_password = forms.CharField(required=False, max_length=256, strip=False, label="Password")


class StartEntry(SecondFields):
    """The pump is started; a reason where something stands against it, a second prescriber above the hard cap."""

    override_reason = NoteField(label="Reason for starting all the same")


class CheckEntry(SecondFields):
    """The order is checked by a colleague: `seen` is what the page showed her of it."""

    seen = LineField(error_messages={"required": "There is no complete order to check yet."})


class RateEntry(ReasonEntry):
    """Another pump rate."""

    ml_per_h = AmountField(
        max_digits=6,
        decimal_places=1,
        min_value=Decimal("0.1"),
        label="New rate, mL/h",
        error_messages={
            "min_value": "Enter a rate above 0. To stop for a while, pause.",
            "max_digits": "Enter at most 99999.9.",
        },
    )
    field_order = ["ml_per_h", "reason"]


class StopEntry(ReasonEntry):
    """The pump is stopped: the bag is empty, or earlier for a reason."""

    early = forms.BooleanField(required=False, label="Stopped early")
    pump_mg = AmountField(
        required=False, max_digits=6, decimal_places=1, min_value=0, label="Given, as the pump shows, mg"
    )
    field_order = ["early", "reason", "pump_mg"]


class DrugEntry(EntryForm):
    """A rescue drug."""

    name = LineField(label="Drug", error_messages={"required": "Enter the drug."})
    dose = LineField(label="Dose with its unit", error_messages={"required": "Enter the dose, for example 4 mg."})
    route = LineField(label="Route", error_messages={"required": "Enter the route, for example IV."})
    reason = LineField(label="Why", error_messages={"required": "Say why it was given."})
    response = LineField(label="Response", required=False)


class AdverseEntry(EntryForm, EventFields):
    """One adverse event."""

    serious_criterion = LineField(label="Why it is serious", required=False)

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self.cleaned_data.get("serious") and not self.cleaned_data.get("serious_criterion"):
            self.add_error(
                "serious_criterion", "Say what makes it serious: death, danger to life, hospital, lasting harm."
            )
        return cleaned


class TextEntry(EntryForm):
    """A note, an integration note or an addendum."""

    text = NoteField(label="Text", required=True, error_messages=_TEXT_NEEDED)


class AcknowledgeEntry(EntryForm):
    """What was done about an alert."""

    of = forms.IntegerField(min_value=1)
    done = NoteField(label="What was done")


class DrawEntry(EntryForm):
    """Drug drawn from a vial."""

    lot = LineField(label="Lot", max_length=60, error_messages={"required": "Enter the lot, as the vial says."})
    vial_mg_per_ml = AmountField(max_digits=6, decimal_places=2, min_value=Decimal("0.01"), label="Vial, mg/mL")
    ml = AmountField(max_digits=6, decimal_places=2, min_value=Decimal("0.01"), label="Drawn, mL")


class WasteEntry(ReasonEntry, SecondFields):
    """Drug that was wasted, before a witness."""

    amount = AmountField(max_digits=7, decimal_places=3, min_value=Decimal("0.001"), label="Wasted")
    unit = forms.ChoiceField(choices=[(unit, unit) for unit in UNITS], label="Unit", error_messages=CHOOSE)
    lot = LineField(required=False, max_length=60, label="Lot")
    method = LineField(label="How it was destroyed", error_messages={"required": "Say how, for example in the sink."})


class DischargeEntry(EntryForm):
    """The patient leaves."""

    override_reason = NoteField(label="Reason for leaving all the same")


class SignEntry(ReasonEntry):
    """The signature: the password once more, and what signing means."""

    password = forms.CharField(
        max_length=256, strip=False, label="Your password", error_messages={"required": "Enter your password to sign."}
    )
    meaning = forms.ChoiceField(
        choices=[
            ("responsible", "I gave or supervised this infusion and the record is complete and right"),
            ("reviewed", "I have reviewed this record"),
        ],
        error_messages=CHOOSE,
    )


class CorrectionEntry(ReasonEntry):
    """An earlier entry is taken out, or gets another time."""

    of = forms.IntegerField(min_value=1)


FORMS: dict[Kind, type[EntryForm]] = {
    Kind.BEGUN: EntryForm,
    Kind.CALLED_OFF: CallOffEntry,
    Kind.VITALS: VitalsEntry,
    Kind.DOSE_CHECKED: CheckEntry,
    Kind.STARTED: StartEntry,
    Kind.PAUSED: ReasonEntry,
    Kind.RESUMED: EntryForm,
    Kind.RATE: RateEntry,
    Kind.STOPPED: StopEntry,
    Kind.DRUG: DrugEntry,
    Kind.ADVERSE: AdverseEntry,
    Kind.NOTE: TextEntry,
    Kind.ACKNOWLEDGED: AcknowledgeEntry,
    Kind.DRAWN: DrawEntry,
    Kind.WASTED: WasteEntry,
    Kind.DISCHARGED: DischargeEntry,
    Kind.INTEGRATION: TextEntry,
    Kind.SIGNED: SignEntry,
    Kind.ADDENDUM: TextEntry,
    Kind.STRUCK: CorrectionEntry,
    Kind.RETIMED: CorrectionEntry,
}
