"""Planning ahead: one infusion, a course filled by a rule, its proposed moments, a planned infusion moved to another one."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone

from clinic.web.forms import CreatingForm, EditingForm, MomentField, NoteField, PageForm, WholeNumberField
from infusions.forms.dose_fields import CHOOSE
from infusions.forms.infusions import PLANNED_WITHIN, REASON, InfusionForm, Prescriber, refuse_plan
from infusions.forms.rows import Rows
from infusions.limits import Finding
from infusions.selectors import prescribers
from infusions.series import A_WEEK, Rule, local_moments, spread_over_week

#: More in one go than this is a slip of the finger: more than three a week for a quarter of a year.
MOST_AT_ONCE = 40
#: The longest pause between two infusions of a series: a quarter of a year.
MOST_DAYS_APART = 90
_EVERY = "every"
_TIMES = {1: "Once a week", 2: "Twice a week", 3: "Three times a week"}
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


class WarnedForm(PageForm):
    """A form that is saved with warnings only once they were shown: it carries a mark of those that its editor saw."""

    seen = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def shows(self, findings: Iterable[Finding]) -> bool:
        """Note that the page shows these; whether its editor had seen just these before."""
        mark = _mark(findings)
        seen = self.is_bound and self.data.get(self.add_prefix("seen"), "") == mark
        if self.is_bound:
            self._send_back("seen", mark)
        else:
            self.initial["seen"] = mark
        return seen


def _mark(findings: Iterable[Finding]) -> str:
    told = "\n".join(finding.message for finding in findings)
    return hashlib.sha256(told.encode()).hexdigest()[:16] if told else ""


class PlanForm(WarnedForm, InfusionForm, CreatingForm):
    """One planned infusion."""

    planned_for = MomentField(label="Planned for", help_text="Day and time on the clinic's clock.")
    prescriber = Prescriber()

    def clean_planned_for(self) -> datetime | None:
        """From today on, within two years."""
        return refuse_plan(super().clean_planned_for(), self.patient, self.now)


class SeriesRuleForm(InfusionForm):
    """How many infusions, from when on and how often: the first step of planning a series."""

    count = WholeNumberField(
        label="How many infusions",
        min_value=1,
        max_value=MOST_AT_ONCE,
        error_messages={
            "required": "Enter how many infusions to plan.",
            "min_value": "Plan at least 1 infusion.",
            "max_value": f"Plan {MOST_AT_ONCE} infusions at most at once.",
        },
    )
    first = MomentField(label="First infusion", help_text="Day and time. All keep this time on the clinic’s clock.")
    prescriber = Prescriber(empty_label="Not assigned", label="Clinician")
    rhythm = forms.ChoiceField(
        label="How often",
        widget=forms.RadioSelect,
        choices=[*((str(times), _TIMES[times]) for times in A_WEEK), (_EVERY, "Every so many days")],
        initial="2",
        error_messages=CHOOSE,
    )
    weekdays = forms.MultipleChoiceField(
        label="On which days",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[(str(number), name) for number, name in enumerate(_WEEKDAYS)],
        help_text="For so many a week. Leave blank to spread them over the week from the first day on.",
        error_messages={"invalid_choice": CHOOSE["invalid_choice"], "invalid_list": CHOOSE["invalid_choice"]},
    )
    every_days = WholeNumberField(
        label="Days from one to the next",
        required=False,
        min_value=1,
        max_value=MOST_DAYS_APART,
        help_text="For every so many days.",
        error_messages={
            "min_value": "Enter 1 day or more.",
            "max_value": f"Enter {MOST_DAYS_APART} days at most.",
        },
    )

    field_order = ["count", "first", "prescriber", "rhythm", "weekdays", "every_days"]
    #: The local moments that the rule gives, once the form is valid.
    moments: list[datetime]

    def clean_first(self) -> datetime | None:
        """From today on, within two years."""
        return refuse_plan(self.cleaned_data.get("first"), self.patient, self.now)

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self.errors:
            return cleaned
        rule = self._rule()
        if rule is not None:
            first = timezone.make_naive(self.cleaned_data["first"])
            self.moments = local_moments(first, self.cleaned_data["count"], rule)
            if self.moments[-1] > timezone.make_naive(self.now) + PLANNED_WITHIN:
                self.add_error("count", "The last one would be more than two years from today. Plan fewer.")
        return cleaned

    def _rule(self) -> Rule | None:
        typed = self.cleaned_data
        if typed["rhythm"] == _EVERY:
            if typed["every_days"] is None:
                self.add_error("every_days", "Enter how many days lie between two infusions.")
                return None
            return Rule(every_days=typed["every_days"])
        times, chosen = int(typed["rhythm"]), frozenset(int(day) for day in typed["weekdays"])
        if chosen and len(chosen) != times:
            self.add_error("weekdays", f"Choose {times} day{'s' if times > 1 else ''}, or none.")
            return None
        first = timezone.localdate(typed["first"])
        return Rule(weekdays=chosen or spread_over_week(first, times))


class MomentRow(PageForm):
    """One proposed moment of a series; a small template of its own draws it."""

    planned_for = MomentField(label="Day and time")
    leave_out = forms.BooleanField(required=False, label="Leave out")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False
        self.fields["planned_for"].widget.attrs["class"] = "form-control"
        self.fields["leave_out"].widget.attrs["class"] = "form-check-input"

    def full_clean(self) -> None:
        """What is left out may read as it likes."""
        super().full_clean()
        if self.left_out:
            self.errors.clear()

    @property
    def left_out(self) -> bool:
        """Whether this moment is not to be planned, however it reads."""
        return bool(self.data.get(self.add_prefix("leave_out")))

    @property
    def moment(self) -> datetime | None:
        """The moment to plan; None where it is left out or wrong."""
        wrong = self.left_out or not self.is_valid()
        return None if wrong else self.cleaned_data["planned_for"]


class SeriesForm(WarnedForm, CreatingForm):
    """The proposed moments, each of which may be changed or left out: the second step of planning a series."""

    PREFIX = "row"

    prescriber = Prescriber(empty_label="Not assigned", label="Clinician for all of them")

    def __init__(
        self, *args: Any, patient: Any, now: datetime, moments: Iterable[datetime] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.patient, self.now = patient, now
        self.fields["prescriber"].queryset = prescribers()  # type: ignore[attr-defined]
        proposed = {
            f"{self.PREFIX}-{number}-planned_for": f"{moment:%Y-%m-%dT%H:%M}" for number, moment in enumerate(moments)
        }
        self.rows = Rows(MomentRow, self.PREFIX, self.data if self.is_bound else proposed, blank=0).forms
        self._check_rows()

    @property
    def moments(self) -> list[datetime]:
        """The moments to plan, as far as they are right, in the order of the rows."""
        return [row.moment for row in self.rows if row.moment]

    def _check_rows(self) -> None:
        """Refuse, beside its row, a moment that is over, beyond two years, or there twice."""
        before: set[datetime] = set()
        for row in self.rows:
            moment = row.moment
            if moment is None:
                continue
            try:
                refuse_plan(moment, self.patient, self.now)
            except forms.ValidationError as error:
                row.add_error("planned_for", error)
            if moment in before:
                row.add_error("planned_for", "This time stands above already. Change it or leave it out.")
            before.add(moment)

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        for number, row in enumerate(self.rows, start=1):
            if told := [f"Time {number}: {message}" for message in row.errors.get("planned_for", [])]:
                self.add_error(None, told)
        if all(row.left_out for row in self.rows):
            self.add_error(None, "No time is left to plan. Keep at least one.")
        return cleaned


class ReplanForm(WarnedForm, InfusionForm, EditingForm):
    """Another moment, or clinician, for a planned infusion, with a reason."""

    planned_for = MomentField(label="Move to", help_text="Day and time on the clinic’s clock.")
    prescriber = Prescriber(empty_label="Not assigned", label="Clinician")
    reason = NoteField(required=True, label="Reason", error_messages=REASON)

    field_order = ["planned_for", "prescriber", "reason"]

    def clean_planned_for(self) -> datetime | None:
        """From today on, within two years."""
        return refuse_plan(super().clean_planned_for(), self.patient, self.now)
