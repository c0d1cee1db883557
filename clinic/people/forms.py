"""Forms of accounts."""

from typing import Any

from django import forms

from clinic.policy import ROLE_LABELS, Role
from clinic.web.forms import CreatingForm, Difference, EditingForm, LineField

#: What each role opens, beside its name.
_WHAT = {
    Role.INTAKE: "arrivals, questionnaires, patient records; no doses, no notes",
    Role.CLINICIAN: "all of that, with history, infusions and notes",
    Role.MEDICAL_DIRECTOR: "all of that, with outcomes, limits and the audit trail",
    Role.ADMINISTRATOR: "accounts and settings; no clinical record",
}
_ROLE_CHOICES = [(role.value, f"{ROLE_LABELS[role]}: {_WHAT[role]}") for role in Role]


class _AccountFields(forms.Form):
    full_name = LineField(label="Name", max_length=200, error_messages={"required": "Enter the name."})
    email = forms.EmailField(
        label="Work e-mail",
        max_length=254,
        help_text="The person signs in with it. Nothing is sent to it.",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": "Enter the e-mail.",
            "invalid": "This is no e-mail address. Enter it as name@clinic.example.",
        },
    )
    roles = forms.MultipleChoiceField(
        label="Roles",
        choices=_ROLE_CHOICES,
        widget=forms.CheckboxSelectMultiple,
        help_text="A person may hold several, and may do what any of them may.",
        error_messages={
            "required": "Choose at least one role.",
            "invalid_choice": "Choose roles of the list.",
            "invalid_list": "Choose roles of the list.",
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _speak_plainly(self.fields["email"])

    def clean_email(self) -> str:
        """In lower case, so that one address is one however it is typed."""
        return str(self.cleaned_data["email"]).lower()


class NewPersonForm(_AccountFields, CreatingForm):
    """A new account."""

    field_order = ["full_name", "email", "roles"]


class PersonForm(_AccountFields, EditingForm):
    """An account that is changed. Roles are kept when it is closed, for the day it is opened again."""

    is_active = forms.BooleanField(
        required=False,
        label="The account is open",
        help_text="Take the tick away to close it: the person is out at once, what they recorded stays.",
    )
    field_order = ["full_name", "email", "roles", "is_active"]

    def show_conflict(self, current: Any) -> None:
        """Both texts, with the roles in words."""
        held = {grant.role for grant in current.grants.all()}
        super().show_conflict(_Saved(current))
        if held != set(self.cleaned_data["roles"]):
            roles = Difference("Roles", _in_words(self.cleaned_data["roles"]), _in_words(held))
            self.differences = (*self.differences, roles)


def _speak_plainly(field: forms.Field) -> None:
    validators: list[Any] = field.validators
    for validator in validators:
        if getattr(validator, "code", "") == "max_length":
            validator.message = "This is too long. Shorten it to %(limit_value)d characters."
        if getattr(validator, "code", "") == "null_characters_not_allowed":
            validator.message = "This holds a character that cannot be stored. Delete what you pasted and type it."


class NewPasswordForm(CreatingForm):
    """Nothing to fill in: the key alone, so that a repeated click does not make a second password."""


class _Saved:
    """The plain fields of an account as they are saved."""

    def __init__(self, user: Any) -> None:
        self.full_name, self.email = user.full_name, user.email
        self.is_active, self.version = user.is_active, user.version


def _in_words(roles: Any) -> str:
    return ", ".join(ROLE_LABELS[role] for role in Role if role in roles) or "(none)"
