"""The forms of the outcomes: the criteria (a preset or own values, and what holds under every preset), and a saved view."""

import re
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from django import forms

from clinic.outcomes.criteria import (
    OWN_VALUES,
    PRESET_SOURCES,
    PRESETS,
    RANGES,
    SCHEDULED_WINDOWS,
    WINDOW_DAYS,
    Criteria,
    named,
    under_preset,
)
from clinic.outcomes.definitions import (
    DAYS,
    VALUES,
    in_every_preset,
    remission_words,
    response_words,
    value_words,
    values_of,
)
from clinic.outcomes.models import CriteriaVersion
from clinic.web.forms import CreatingForm, EditingForm, LineField, NoteField, WholeNumberField

#: The values that a preset names: heading, what to know, and the values under it.
OWN_GROUPS = (
    ("Who is counted", "Patients who begin lower are followed, and counted in no rate.", ("eligibility_cut", "cut")),
    ("Response", "In points or in percent: fill in one.", ("response_points", "response_percent")),
    (
        "Remission",
        "32 means below 33. It must lie below the baseline from which a patient is counted.",
        ("remission_at_most", "remission_requires_response", "remission_requires_dsm_rule_not_met"),
    ),
    (
        "Worse, and reliable change",
        "Shown beside response and remission, whatever these are.",
        ("worsening_points", "reliable_points", "reliable_at_most"),
    ),
    (
        "Missing answers",
        "Up to so many the total is prorated; forms with more are left out.",
        ("max_missing_items", "max_missing_per_cluster"),
    ),
)
OWN = tuple(name for _heading, _words, names in OWN_GROUPS for name in names)
#: What no preset names.
SITE = ("baseline_within_days", "exclude_covers_pretreatment")
_EITHER = ("response_points", "response_percent")


class CriteriaForm(EditingForm):
    """What the medical director adopts, with the reason. Own values are read only where they are chosen."""

    preset = forms.ChoiceField(
        label="Definition",
        choices=[*((name, name) for name in PRESETS), (OWN_VALUES, "Own values")],
        widget=forms.RadioSelect(attrs={"class": "form-check-input"}),
        error_messages={
            "required": "Choose a definition, or “Own values”.",
            "invalid_choice": "Choose one of the definitions below.",
        },
    )
    reason = NoteField(
        required=True,
        label="Reason for the change",
        help_text="It stands in the history below, with your name and the time.",
        error_messages={"required": "Say why the criteria change: the reason stays in the history."},
    )

    def __init__(self, *args: Any, in_force: CriteriaVersion, **kwargs: Any) -> None:
        criteria = in_force.criteria()
        values = {**values_of(criteria), "preset": named(criteria).preset, "version": in_force.number}
        super().__init__(*args, initial=values, **kwargs)
        for name, value in values_of(Criteria()).items():
            self.fields[name] = _yes_or_no(name) if isinstance(value, bool) else _number(name)
        self.fields["reason"] = self.fields.pop("reason")  # last, as on the page

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self.cleaned_data.get("preset") != OWN_VALUES:
            for name in OWN:  # they do not stand on the page then
                self.errors.pop(name, None)
        if not set(self.errors) - {"reason", "version"}:
            for place, words in self.criteria().faults():
                self.add_error(place.lower().replace(".", "_"), _with_labels(words))
        return cleaned

    def criteria(self) -> Criteria:
        """What was chosen: a preset with the clinic's own settings, or own values (which may be those of a preset)."""
        given = self.cleaned_data
        windows = tuple(
            replace(window, **{day: given[f"{window.name}_{day}".lower()] for day in DAYS})
            for window in SCHEDULED_WINDOWS
        )
        site = Criteria(windows=windows, **{name: given[name] for name in SITE})
        if given["preset"] != OWN_VALUES:
            return under_preset(given["preset"], site)
        return named(replace(site, **{name: given[name] for name in OWN}))

    @property
    def proposed(self) -> Criteria | None:
        """What was chosen, whether a reason is given yet or not; None while something is wrong with it."""
        return None if set(self.errors) - {"reason"} else self.criteria()

    def show_conflict(self, current: Any) -> None:
        """Compare what the choice comes to with what is in force now."""
        typed, now = self.criteria(), current.criteria()
        self.cleaned_data |= {**_in_words(typed), "preset": typed.preset}
        super().show_conflict(SimpleNamespace(version=current.number, preset=now.preset, **_in_words(now)))

    def definitions(self) -> Iterator[tuple[Any, str, str, str]]:
        """The radio of each preset with its response, its remission and their source; own values have only the radio."""
        for radio in self["preset"]:
            preset = PRESETS.get(radio.data["value"])
            words = (response_words(preset), remission_words(preset), PRESET_SOURCES[preset.preset]) if preset else None
            yield (radio, *(words or ("", "", "")))

    def in_every_preset(self) -> list[tuple[str, str]]:
        """What all presets say alike: terms and their meaning."""
        return in_every_preset()

    def own_groups(self) -> Iterator[tuple[str, str, list[tuple[Any, str, str]]]]:
        """Headings of own values, what to know, and their fields, each with its unit and the range that is accepted."""
        for heading, words, names in OWN_GROUPS:
            yield heading, words, [self._row(name) for name in names]

    def site_rows(self) -> list[tuple[Any, str, str]]:
        """What no preset names, but for the windows: fields, each with its unit and the range that is accepted."""
        return [self._row(name) for name in SITE]

    def windows(self) -> list[tuple[str, list[Any]]]:
        """Each window with the fields of its days."""
        return [(window.label, [self[f"{window.name}_{day}".lower()] for day in DAYS]) for window in SCHEDULED_WINDOWS]

    def _row(self, name: str) -> tuple[Any, str, str]:
        return self[name], VALUES[name][1], " to ".join(map(str, RANGES.get(name, ())))


class SavedViewForm(CreatingForm):
    """The name of a view of the dashboard, and who sees it."""

    name = LineField(
        label="Name",
        max_length=60,
        help_text="What you will look for it by. No patient’s name: others may see it.",
        error_messages={"required": "Give the view a name."},
    )
    shared = forms.BooleanField(
        label="Share with everybody here who may see outcomes",
        required=False,
        widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
    )

    def named(self) -> dict[str, Any]:
        """The arguments of `save_view`."""
        return {"name": self.cleaned_data["name"], "shared": self.cleaned_data["shared"]}


def _yes_or_no(name: str) -> forms.BooleanField:
    widget = forms.CheckboxInput(attrs={"class": "form-check-input"})
    return forms.BooleanField(label=VALUES[name][0], required=False, widget=widget)


def _number(name: str) -> WholeNumberField:
    low, high = RANGES.get(name, WINDOW_DAYS)
    words = f"Choose a number from {low} to {high:,}."
    return WholeNumberField(
        label=VALUES[name][0],
        required=name not in _EITHER,
        min_value=low,
        max_value=high,
        error_messages={"min_value": words, "max_value": words, "required": words},
    )


def _in_words(criteria: Criteria) -> dict[str, str]:
    return {name: value_words(value) for name, value in values_of(criteria).items()}


def _with_labels(words: str) -> str:
    """What is wrong, with values and windows called as they are on the page."""
    labels = {window.name: window.label for window in SCHEDULED_WINDOWS}
    labels |= {name: f"“{label}”" for name, (label, _unit) in VALUES.items()}
    return re.sub(r"\w+", lambda word: labels.get(word[0], word[0]), words)
