"""The limits of the clinic as a form: every limit in words, with its level, unit and default."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from django import forms

from clinic.web.forms import AmountField, EditingForm, NoteField
from clinic.web.templatetags.tidemark import plain
from infusions import dosing, safety
from infusions.limits import Limits
from infusions.models import LimitsVersion

NAMES = tuple(field.name for field in fields(Limits))
DEFAULTS = Limits()
#: Heading -> the first limit under it; the rest follow in the order of `Limits`.
_GROUPS = {
    "Weight, vial and agreement of mg with mg/kg": "warn_weight_below_kg",
    "Dose": "cap_dose_above_mg_per_kg",
    "Duration and rate": "override_minutes_below",
    "Interval": "override_interval_below_hours",
    "Blood pressure before": "override_before_systolic_from_mmhg",
    "Blood pressure during and after": "notify_systolic_from_mmhg",
    "Pulse, oxygen and breathing": "warn_heart_rate_below_per_min",
    "Sedation": "warn_moaa_s_at_most",
    "Schedule of vital signs": "vitals_baseline_within_minutes",
    "Preparation": "override_clear_fluid_below_hours",
    "Discharge": "override_observation_below_minutes",
}
#: First word of a limit -> what crossing it does.
LEVELS = {
    "cap": "Override, two sign",
    "override": "Override",
    "warn": "Warn",
    "act": "Act",
    "notify": "Notify",
}
#: Endings of names, the longest first, and the unit they stand for.
_UNITS = {
    "mg_per_kg_per_min": "mg/kg/min",
    "mg_per_ml": "mg/mL",
    "mg_per_kg": "mg/kg",
    "per_min": "/min",
    "percent": "%",
    "minutes": "min",
    "mmhg": "mmHg",
    "hours": "h",
    "days": "days",
    "kg": "kg",
    "mg": "mg",
}
#: What the words of a name leave unclear.
_WORDS = {
    "two_readings_apart": "time between two readings at least",
    "minutes_below": "duration below",
    "minutes_above": "duration above",
    "total_above": "total dose above",
    "undiluted_from": "vial undiluted from",
    "mg_mismatch_above": "ordered mg against mg/kg × kg differ by more than",
    "dose_step_above": "step on the previous dose above",
    "infusions_in_14_days_above": "infusions in 14 days above",
    "infusions_in_30_days_above": "infusions in 30 days above",
    "interval_below": "time since the previous infusion below",
    "weight_change_above": "change of weight above",
    "weight_age_above": "weight older than",
    "vitals_baseline_within": "set before the start within",
    "vitals_during_every": "sets during, every",
    "vitals_recovery_every": "sets after, every",
    "vitals_overdue_above": "a set overdue by more than",
    "consent_age_above": "consent older than",
    "pregnancy_test_above": "pregnancy test older than",
    "observation_below": "observation after the end below",
    "aldrete_below": "Aldrete score below",
    "discharge_pressure_above": "pressure above baseline by more than",
    "moaa_s": "MOAA/S",
    "rass": "RASS",
    "spo2": "SpO₂",
    "heart_rate": "pulse",
    "respirations": "breaths",
    "before_systolic": "systolic",
    "before_diastolic": "diastolic",
    "once_systolic_from": "systolic, one reading, from",
    "once_diastolic_from": "diastolic, one reading, from",
    "repeated_systolic_from": "systolic, two readings, from",
    "repeated_diastolic_from": "diastolic, two readings, from",
    "repeated_pulse_above": "pulse, two readings, above",
    "discharge_systolic_from": "systolic, when above baseline, from",
    "discharge_diastolic_from": "diastolic, when above baseline, from",
}
_UNIT_OF_MINUTES = ("override_minutes", "warn_minutes")


@dataclass(frozen=True)
class Named:
    """A limit in words."""

    name: str
    words: str
    level: str
    unit: str
    default: str


def named(name: str) -> Named:
    """A limit in words: for `warn_dose_above_mg_per_kg` "Dose above", "Warn", "mg/kg"."""
    first, _, rest = name.partition("_")
    level = LEVELS.get(first, "")
    rest = rest if level else name
    unit = "min" if name.startswith(_UNIT_OF_MINUTES) else ""
    for ending, sign in _UNITS.items():
        if rest.endswith(f"_{ending}") and not unit:
            rest, unit = rest.removesuffix(f"_{ending}"), sign
    for part, words in _WORDS.items():
        rest = re.sub(rf"(?<![a-z0-9]){part}(?![a-z0-9])", words, rest)
    text = rest.replace("_", " ")
    return Named(name, text[0].upper() + text[1:], level, unit, plain(getattr(DEFAULTS, name)))


class LimitsForm(EditingForm):
    """All limits that the medical director edits, with the reason for the change."""

    reason = NoteField(
        required=True,
        label="Reason for the change",
        help_text="It stands in the history below, with your name and the time.",
        error_messages={"required": "Say why the limits change: the reason stays in the history."},
    )

    def __init__(self, *args: Any, in_force: LimitsVersion, **kwargs: Any) -> None:
        limits = in_force.limits()
        values = {name: plain(getattr(limits, name)).replace("−", "-") for name in NAMES}
        super().__init__(*args, initial={**values, "version": in_force.number}, **kwargs)
        for name in NAMES:
            about = named(name)
            self.fields[name] = AmountField(
                label=f"{about.words} ({about.level.lower()})" if about.level else about.words,
                max_digits=9,
                decimal_places=5,
                widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "maxlength": 20}),
                error_messages={
                    "required": "Enter a number: a limit cannot be left out.",
                    "max_digits": "This is far too much.",
                    "max_whole_digits": "This is far too much.",
                    "max_decimal_places": "Enter a number with at most 5 decimals.",
                },
            )

    def limits(self) -> Limits:
        """What was typed, with whole numbers where the rules have them."""
        return Limits(**{name: self._exact(name) for name in NAMES})

    def _exact(self, name: str) -> Decimal | int:
        value: Decimal = self.cleaned_data[name]
        whole = isinstance(getattr(DEFAULTS, name), int) and value == value.to_integral_value()
        return int(value) if whole else value

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if all(name in self.cleaned_data for name in NAMES):
            for problem in self.limits().problems():
                self._say(problem)
        return cleaned

    def _say(self, problem: str) -> None:
        """Put a problem beside each limit that it names, in words."""
        culprits = [name for name in NAMES if re.search(rf"\b{name}\b", problem)]
        for name in culprits:
            problem = re.sub(rf"\b{name}\b", str(self.fields[name].label), problem)
        for name in culprits:
            self.add_error(name, problem)

    def groups(self) -> Iterator[tuple[str, list[tuple[Named, Any, bool]]]]:
        """Headings, each with its limits, their fields, and whether another value than the default stands in them."""
        starts = [NAMES.index(first) for first in _GROUPS.values()]
        ends = [*starts[1:], len(NAMES)]
        for heading, start, end in zip(_GROUPS, starts, ends, strict=True):
            yield heading, [(named(name), self[name], self._differs(name)) for name in NAMES[start:end]]

    def _differs(self, name: str) -> bool:
        return str(self[name].value()) != plain(getattr(DEFAULTS, name)).replace("−", "-")

    def show_conflict(self, current: Any) -> None:
        super().show_conflict(SimpleNamespace(version=current.number, **vars(current.limits())))


def in_code() -> list[tuple[str, str]]:
    """What is accepted at all: fixed in code (rule 47)."""
    labels = {
        "weight_kg": ("Weight", "kg"),
        "mg_per_kg": ("Dose, intravenous", "mg/kg"),
        "mg": ("Total dose", "mg"),
        "minutes": ("Duration", "min"),
        "systolic_mmhg": ("Systolic pressure", "mmHg"),
        "diastolic_mmhg": ("Diastolic pressure", "mmHg"),
        "heart_rate_per_min": ("Pulse", "/min"),
        "respirations_per_min": ("Breaths", "/min"),
        "temperature_celsius": ("Temperature", "°C"),
        "moaa_s": ("MOAA/S", ""),
        "rass": ("RASS", ""),
        "spo2_percent": ("SpO₂", "%"),
    }
    shown = []
    for name, (low, high) in {**dosing.ACCEPTED, **safety.ACCEPTED}.items():
        label, unit = labels[name]
        above = "above " if name == "mg_per_kg" else ""
        shown.append((label, f"{above}{plain(low)} to {plain(high)} {unit}".rstrip()))
    return shown


def history_of(version: LimitsVersion) -> list[tuple[Named, str, str]]:
    """What a version changed: the limit, before and after."""
    return [
        (named(name), str(before), str(after)) for name, (before, after) in version.changed.items() if name in NAMES
    ]
