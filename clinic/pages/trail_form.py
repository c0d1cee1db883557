"""The filters of the audit trail. Posted, so that an MRN stands in no address."""

from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError

from clinic.audit.services import SYSTEM_NAME
from clinic.pages.trail import KINDS, Wanted
from clinic.web.forms import DayField, LineField, PageForm
from patients.models import Patient

_SYSTEM = "tidemark"
_CHOOSE = "Choose one of the list."
_LARGEST_ID = 2**63 - 1


class TrailForm(PageForm):
    """Who, what, when, whose record. `wanted()` is what the selector takes."""

    person = forms.ChoiceField(required=False, label="Person", error_messages={"invalid_choice": _CHOOSE})
    kind = forms.ChoiceField(
        required=False,
        label="What",
        choices=[("", "Everything"), *((name, words) for name, (words, _) in KINDS.items())],
        error_messages={"invalid_choice": _CHOOSE},
    )
    first_day = DayField(required=False, label="From")
    last_day = DayField(required=False, label="To")
    mrn = LineField(required=False, label="Patient’s MRN", max_length=64)
    denied_only = forms.BooleanField(required=False, label="Refused only")
    before = forms.IntegerField(required=False, min_value=1, max_value=_LARGEST_ID, widget=forms.HiddenInput)

    def __init__(self, *args: Any, with_patients: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.patient: Patient | None = None
        self._actors: dict[str, int] = {}
        people = [("", "Everybody"), (_SYSTEM, f"{SYSTEM_NAME} itself")]
        for user in get_user_model().objects.order_by("full_name", "pk"):
            self._actors[user.public_id] = user.pk
            people.append((user.public_id, str(user) if user.is_active else f"{user} (closed)"))
        self.fields["person"].choices = people  # type: ignore[attr-defined]
        if not with_patients:
            del self.fields["mrn"]
        for one in self.fields.values():
            one.widget.attrs |= {"class": _look(one.widget), "autocomplete": "off"}

    def clean_mrn(self) -> str:
        """The MRN of a patient of this clinic. Raises ValidationError where nobody has it."""
        mrn: str = self.cleaned_data["mrn"]
        if mrn:
            self.patient = Patient.objects.filter(mrn=mrn).first()
            if self.patient is None:
                raise ValidationError("No patient has this MRN. Enter it exactly as it stands in the record.")
        return mrn

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        first, last = given.get("first_day"), given.get("last_day")
        for name, day in (("first_day", first), ("last_day", last)):
            if day and not _FIRST_YEAR <= day.year <= _LAST_YEAR:
                self.add_error(name, f"Enter a day between {_FIRST_YEAR} and {_LAST_YEAR}.")
        if first and last and last < first:
            self.add_error("last_day", "This day is before the first one. Make it the same day or later.")
        return given

    def wanted(self) -> Wanted:
        """The filters of a valid form; of an unbound one, all events."""
        given = self.cleaned_data if self.is_bound else {}
        person = given.get("person", "")
        return Wanted(
            actor_id=self._actors.get(person),
            by_system=person == _SYSTEM,
            kind=given.get("kind", ""),
            first_day=given.get("first_day"),
            last_day=given.get("last_day"),
            denied_only=given.get("denied_only", False),
            patient_id=self.patient.pk if self.patient else None,
            before=given.get("before"),
        )


def _look(widget: forms.Widget) -> str:
    if isinstance(widget, forms.CheckboxInput):
        return "form-check-input"
    return "form-select" if isinstance(widget, forms.Select) else "form-control"


#: Years in which events can lie.
_FIRST_YEAR, _LAST_YEAR = 1900, 2999
