"""Weight, dose and minutes as they are typed, and the signatures that a crossed limit asks for."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError

from clinic.web.forms import AmountField, LineField, NoteField, PageForm
from infusions.dosing import check_dose
from infusions.limits import Level, Limits
from infusions.models import ENDED, Route, Status
from infusions.selectors import prescribers
from infusions.services import SignOff, printed
from patients.models import YesNo

#: A Decimal beyond this is no clinical amount, and arithmetic with it could overflow.
_LARGEST = Decimal(10**6)
CHOOSE = {"required": "Choose one of the list.", "invalid_choice": "Choose one of the list."}


def _order(name: str, value: Decimal) -> dict[str, Any]:
    return {name: value}


def possible(name: str) -> Callable[[Decimal], None]:
    """Refuses what table 4.3 rejects, in the words of the check. The rejected numbers are code, so any limits will do."""

    def validate(value: Decimal) -> None:
        if abs(value) > _LARGEST:
            raise ValidationError("This is far too much. Check the number and its decimal point.", code="reject")
        for finding in printed(check_dose(Limits(), **_order(name, value))):
            if finding.level is Level.REJECT:
                raise ValidationError(finding.message, code="reject")

    return validate


def above_zero(value: Decimal) -> None:
    """Refuses 0 and less; the upper limit of mg/kg depends on the route (`findings_of`)."""
    if not 0 < value < 100:
        raise ValidationError("Enter a dose above 0 and below 100 mg/kg.", code="reject")


def amount(label: str, digits: int, places: int, check: Callable[[Decimal], None] | None, **kwargs: Any) -> AmountField:
    """An optional amount that fits its column; its messages say how to mend it."""
    decimals = f"Enter a number with at most {places} decimals."
    messages = {"max_digits": decimals, "max_decimal_places": decimals, "max_whole_digits": "This is far too much."}
    return AmountField(
        label=label,
        required=False,
        max_digits=digits,
        decimal_places=places,
        validators=[check] if check else [],
        **{"error_messages": messages, **kwargs},
    )


class SignOffFields(PageForm):
    """Why a limit is crossed and, above the hard cap, who agreed."""

    override_reason = NoteField(
        label="Reason for crossing the limit",
        help_text="Yours, and above the hard cap the second prescriber's too. It stays with the record.",
    )
    second_signer: Any = forms.ModelChoiceField(
        queryset=None,
        required=False,
        to_field_name="public_id",
        label="Second prescriber (hard cap only)",
        empty_label="Nobody",
        error_messages=CHOOSE,
    )
    second_agreed = forms.BooleanField(
        required=False, label="They agreed, and I have told them that this is recorded with their name"
    )

    def __init__(self, *args: Any, actor: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        second: Any = self.fields["second_signer"]
        second.queryset = prescribers().exclude(pk=actor.pk)

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        second, agreed = self.cleaned_data.get("second_signer"), self.cleaned_data.get("second_agreed")
        if second and not agreed:
            self.add_error("second_agreed", f"Tick this once {second} agreed, or choose nobody.")
        if agreed and not second and "second_signer" not in self.errors:
            self.add_error("second_signer", "Choose who agreed.")
        return cleaned

    def sign_off(self) -> SignOff:
        """Who answers for crossed limits."""
        return SignOff(self.cleaned_data["override_reason"], self.cleaned_data["second_signer"])


class DoseFields(SignOffFields):
    """What was ordered and given."""

    weight_kg = amount("Weight, kg", 6, 2, possible("weight_kg"))
    dose_mg_per_kg = amount("Dose, mg/kg", 6, 4, above_zero)
    dose_mg_ordered = amount("Ordered, mg", 6, 2, possible("mg"))
    minutes = amount("Duration, minutes", 5, 1, possible("minutes"))
    dose_mg_given = amount("Given, mg", 6, 2, possible("mg"), help_text="What the pump delivered; 0 if nothing.")
    route = forms.ChoiceField(choices=Route, label="Route", initial=Route.IV, error_messages=CHOOSE)

    #: The fields of an infusion that these are.
    DOSE: ClassVar[tuple[str, ...]] = (
        "weight_kg",
        "dose_mg_per_kg",
        "dose_mg_ordered",
        "minutes",
        "dose_mg_given",
        "route",
    )


class SettingFields(PageForm):
    """Set and setting: what the study says matters (rule 56)."""

    preparation_note = NoteField(label="Preparation")
    intention = NoteField(label="Intention", help_text="In the patient's words.")
    eye_mask = forms.ChoiceField(
        choices=YesNo, widget=forms.RadioSelect, initial=YesNo.NOT_RECORDED, label="Eye mask", error_messages=CHOOSE
    )
    music = forms.ChoiceField(
        choices=YesNo, widget=forms.RadioSelect, initial=YesNo.NOT_RECORDED, label="Music", error_messages=CHOOSE
    )
    sitter = LineField(required=False, label="Sitter or therapist present")

    SETTING: ClassVar[tuple[str, ...]] = ("preparation_note", "intention", "eye_mask", "music", "sitter")


class OutcomeFields(PageForm):
    """How an infusion that is over ended."""

    status = forms.ChoiceField(
        choices=[(status.value, status.label) for status in ENDED],
        widget=forms.RadioSelect,
        initial=Status.COMPLETED,
        label="How it ended",
        error_messages=CHOOSE,
    )
    status_reason = NoteField(label="Why it was stopped early", widget=forms.Textarea(attrs={"rows": 2}))

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self.cleaned_data.get("status") == Status.STOPPED_EARLY and not self.cleaned_data.get("status_reason"):
            self.add_error("status_reason", "Say why it was stopped early.")
        return cleaned
