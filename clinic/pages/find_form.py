"""The box and the choices above the list of patients."""

from typing import Any, ClassVar

from django import forms

from clinic.outcomes.statuses import STATUSES
from clinic.pages.finding import ACTIVE, INACTIVE, ORDERS, Search
from clinic.web.forms import LineField, PageForm
from clinic.web.templatetags.tidemark import status_words

#: What an address may say: nothing of it tells of a person.
IN_ADDRESS = ("status", "state", "order")
_CHOOSE = {"invalid_choice": "Choose one of the list."}


class FindForm(PageForm):
    """Which patients to list, and in what order."""

    STATES: ClassVar[Any] = [("", "Active and inactive"), (ACTIVE, "Active"), (INACTIVE, "Inactive")]

    q = LineField(
        label="Name, MRN or birth date",
        max_length=100,
        required=False,
        widget=forms.TextInput(
            attrs={"type": "search", "class": "form-control", "autocomplete": "off", "spellcheck": "false"}
        ),
    )
    status = forms.ChoiceField(
        label="Status",
        choices=[("", "Any status"), *((code, status_words(code)) for code in STATUSES)],
        required=False,
        error_messages=_CHOOSE,
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    state = forms.ChoiceField(
        label="Record",
        choices=STATES,
        required=False,
        error_messages=_CHOOSE,
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    order = forms.ChoiceField(
        label="Sorted by",
        choices=[(name, order.words) for name, order in ORDERS.items()],
        required=False,
        error_messages=_CHOOSE,
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    after = LineField(max_length=22, required=False)
    before = LineField(max_length=22, required=False)

    def choices_shown(self) -> list[forms.BoundField]:
        """The filters and the order, as the page draws them."""
        return [self[name] for name in IN_ADDRESS]

    def search(self) -> Search:
        """What is looked for, once the form is valid."""
        said = self.cleaned_data
        return Search(
            text=said["q"],
            status=said["status"],
            state=said["state"],
            order=said["order"] or "name",
            after=said["after"],
            before=said["before"],
        )
