"""What a clinic accepts, asks about and warns of: the numbers, and what it means to cross one.

Three kinds of limits (clinical rule 47). Reject limits are code: beyond them lies a typing error, not a patient. Override
and warn limits are the fields of `Limits`, which the medical director edits. Where the rules print a bare number, only a
value strictly beyond it crosses; where they print "at least" or "at most", the number itself crosses too.
Pure: exact numbers in (Decimal or int, never float), findings out, and no clock.
"""

import operator
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

Number = Decimal | int


class Level(StrEnum):
    """What a finding asks for."""

    REJECT = "reject"  # cannot be true: not saved
    OVERRIDE = "override"  # saved only with a prescriber's reason, which is audited
    WARN = "warn"  # shown
    ACT = "act"  # an action line: a task that somebody must acknowledge (rule 51)
    NOTIFY = "notify"  # the prescriber is told, or a reading is repeated


@dataclass(frozen=True)
class Finding:
    """One crossed limit. `field` is the value at fault; `limit` is a field of `Limits`, or names a fixed rule.

    `sign_offs` counts the prescribers who must sign an override: 0, 1, or 2 for the hard cap.
    `repeat_in_minutes` is set when the same reading must be taken again (rule 51).
    """

    level: Level
    field: str
    limit: str
    message: str
    sign_offs: int = 0
    repeat_in_minutes: int | None = None


@dataclass(frozen=True)
class Limits:
    """The limits that a medical director may edit; the defaults are those of the clinical rules, table 4.3.

    `above` and `below` are crossed strictly; `from`, `at_least` and `at_most` include their number.
    """

    # Weight, vial and agreement of mg with mg/kg: our own choice; vial: the Ketalar label.
    warn_weight_below_kg: Number = 40
    warn_weight_above_kg: Number = 180
    override_weight_change_above_percent: Number = 10
    warn_weight_age_above_days: Number = 30
    override_undiluted_from_mg_per_ml: Number = 100
    override_mg_mismatch_above_percent: Number = 5
    warn_mg_mismatch_above_percent: Number = 1
    # Dose: trials 0.2-0.5 mg/kg (Feder 2021, Abdallah 2022); clinical range 0.1-0.75 (Andrade 2017); total mg: our own.
    cap_dose_above_mg_per_kg: Number = Decimal("2.0")
    override_dose_above_mg_per_kg: Number = Decimal("1.5")
    warn_dose_above_mg_per_kg: Number = Decimal("1.2")
    warn_dose_below_mg_per_kg: Number = Decimal("0.3")
    warn_dose_step_above_mg_per_kg: Number = Decimal("0.25")
    warn_dose_step_above_percent: Number = 50
    override_total_above_mg: Number = 200
    warn_total_above_mg: Number = 120
    # Duration: 40 minutes in Feder 2021 and Abdallah 2022. Rate: 1.2 mg/kg in 40 minutes is 0.030.
    override_minutes_below: Number = 20
    override_minutes_above: Number = 180
    warn_minutes_below: Number = 40
    warn_minutes_above: Number = 90
    override_rate_above_mg_per_kg_per_min: Number = Decimal("0.05")
    warn_rate_above_mg_per_kg_per_min: Number = Decimal("0.03")
    # Interval: three a week in Feder 2021, two in Abdallah 2022.
    override_interval_below_hours: Number = 20
    warn_interval_below_hours: Number = 48
    warn_infusions_in_14_days_above: Number = 6
    warn_infusions_in_30_days_above: Number = 10
    # Blood pressure before: CTCAE v5 grades 2 and 3; 140/90 also as for esketamine.
    override_before_systolic_from_mmhg: Number = 160
    override_before_diastolic_from_mmhg: Number = 100
    warn_before_systolic_from_mmhg: Number = 140
    warn_before_diastolic_from_mmhg: Number = 90
    warn_before_systolic_below_mmhg: Number = 90
    # Blood pressure during and after: one academic clinic's rule; above 180/110 as in Del Sant 2020.
    notify_systolic_from_mmhg: Number = 160
    notify_diastolic_from_mmhg: Number = 100
    act_repeated_systolic_from_mmhg: Number = 180
    act_repeated_diastolic_from_mmhg: Number = 110
    act_once_systolic_from_mmhg: Number = 200
    act_once_diastolic_from_mmhg: Number = 120
    two_readings_apart_minutes: Number = 5
    warn_systolic_rise_above_mmhg: Number = 30
    warn_diastolic_rise_above_mmhg: Number = 20
    # Heart rate: one academic clinic's rule (120 for 5 minutes), else our own. SpO2: modified Aldrete. Breathing: our own.
    warn_heart_rate_below_per_min: Number = 50
    warn_heart_rate_above_per_min: Number = 110
    act_heart_rate_below_per_min: Number = 40
    act_heart_rate_above_per_min: Number = 130
    act_repeated_heart_rate_above_per_min: Number = 120
    warn_spo2_below_percent: Number = 94
    act_spo2_on_room_air_below_percent: Number = 92
    act_spo2_on_oxygen_below_percent: Number = 90
    warn_respirations_below_per_min: Number = 10
    warn_respirations_above_per_min: Number = 24
    act_respirations_below_per_min: Number = 8
    # Sedation, on the MOAA/S and RASS scales: our own limits.
    warn_moaa_s_at_most: Number = 3
    act_moaa_s_at_most: Number = 2
    warn_rass_at_most: Number = -2
    warn_rass_at_least: Number = 2
    act_rass_at_most: Number = -3
    # Vital signs schedule (rule 50): every 10 minutes in the Yale and Emory series, 15 after the end.
    vitals_baseline_within_minutes: Number = 15
    vitals_during_every_minutes: Number = 10
    vitals_recovery_every_minutes: Number = 15
    warn_vitals_overdue_above_minutes: Number = 5
    # Preparation: fasting by the ASA guideline; pregnancy test and age of the consent: our own.
    override_clear_fluid_below_hours: Number = 2
    override_light_meal_below_hours: Number = 6
    warn_fatty_meal_below_hours: Number = 8
    override_pregnancy_test_above_hours: Number = 168
    warn_pregnancy_test_above_hours: Number = 72
    warn_consent_age_above_days: Number = 365
    # Discharge (rule 53): modified Aldrete of 9 and blood pressure within 20 %; minutes of observation: our own.
    override_observation_below_minutes: Number = 30
    warn_observation_below_minutes: Number = 60
    override_aldrete_below: Number = 9
    warn_discharge_pressure_above_percent: Number = 20
    override_discharge_systolic_from_mmhg: Number = 160
    override_discharge_diastolic_from_mmhg: Number = 100

    def problems(self) -> list[str]:
        """What is wrong with these values, in words; empty when they can be adopted."""
        values = self._values()
        wrong = [f"{name} is {value!r}: give a number." for name, value in values.items() if not _is_exact(value)]
        return wrong or _scale_problems(values)

    def as_dict(self) -> dict[str, int | str]:
        """Plain values for JSON, decimals as text; `from_dict` gives the same limits back."""
        return {name: str(value) if isinstance(value, Decimal) else value for name, value in self._values().items()}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Limits":
        """Limits from `as_dict`; a name left out keeps its default. Raises ValueError on an unknown name or value."""
        unknown = sorted(set(values) - {field.name for field in fields(cls)})
        if unknown:
            raise ValueError(f"Unknown limits: {', '.join(unknown)}.")
        limits = cls(**{name: _parsed(value) for name, value in values.items()})
        if problems := limits.problems():
            raise ValueError(" ".join(problems))
        return limits

    def _values(self) -> dict[str, Number]:
        return {field.name: getattr(self, field.name) for field in fields(self)}


def _is_exact(value: object) -> bool:
    return isinstance(value, Decimal | int) and not isinstance(value, bool) and Decimal(value).is_finite()


def _parsed(value: object) -> object:
    """Text as a Decimal where it is one; everything else as it came, for `problems` to name."""
    if isinstance(value, str):
        with suppress(InvalidOperation):
            return Decimal(value)
    return value


#: One scale a line: the smallest number allowed, limits that may not fall from left to right, the largest allowed.
_SCALES = """
    25 warn_weight_below_kg warn_weight_above_kg 350
    0 override_weight_change_above_percent 100
    0 warn_weight_age_above_days 365
    1 override_undiluted_from_mg_per_ml 100
    0 warn_mg_mismatch_above_percent override_mg_mismatch_above_percent 100
    0 warn_dose_below_mg_per_kg warn_dose_above_mg_per_kg 4.5
    0 warn_dose_above_mg_per_kg override_dose_above_mg_per_kg cap_dose_above_mg_per_kg 4.5
    0 warn_dose_step_above_mg_per_kg 4.5
    0 warn_dose_step_above_percent 1000
    0 warn_total_above_mg override_total_above_mg 500
    1 override_minutes_below warn_minutes_below warn_minutes_above override_minutes_above 600
    0 warn_rate_above_mg_per_kg_per_min override_rate_above_mg_per_kg_per_min 4.5
    0 override_interval_below_hours warn_interval_below_hours 8760
    1 warn_infusions_in_14_days_above warn_infusions_in_30_days_above 100
    40 warn_before_systolic_below_mmhg warn_before_systolic_from_mmhg override_before_systolic_from_mmhg 300
    20 warn_before_diastolic_from_mmhg override_before_diastolic_from_mmhg 200
    40 notify_systolic_from_mmhg act_repeated_systolic_from_mmhg act_once_systolic_from_mmhg 300
    20 notify_diastolic_from_mmhg act_repeated_diastolic_from_mmhg act_once_diastolic_from_mmhg 200
    1 two_readings_apart_minutes 60
    0 warn_systolic_rise_above_mmhg 260
    0 warn_diastolic_rise_above_mmhg 180
    20 act_heart_rate_below_per_min warn_heart_rate_below_per_min warn_heart_rate_above_per_min 250
    20 warn_heart_rate_above_per_min act_repeated_heart_rate_above_per_min act_heart_rate_above_per_min 250
    50 act_spo2_on_oxygen_below_percent act_spo2_on_room_air_below_percent warn_spo2_below_percent 100
    0 act_respirations_below_per_min warn_respirations_below_per_min warn_respirations_above_per_min 60
    0 act_moaa_s_at_most warn_moaa_s_at_most 5
    -5 act_rass_at_most warn_rass_at_most warn_rass_at_least 4
    1 vitals_baseline_within_minutes 1440
    1 vitals_during_every_minutes 60
    1 vitals_recovery_every_minutes 60
    0 warn_vitals_overdue_above_minutes 60
    0 override_clear_fluid_below_hours override_light_meal_below_hours warn_fatty_meal_below_hours 24
    0 warn_pregnancy_test_above_hours override_pregnancy_test_above_hours 720
    1 warn_consent_age_above_days 3660
    0 override_observation_below_minutes warn_observation_below_minutes 1440
    0 override_aldrete_below 10
    0 warn_discharge_pressure_above_percent 100
    40 override_discharge_systolic_from_mmhg 300
    20 override_discharge_diastolic_from_mmhg 200
"""


def _scale_problems(values: dict[str, Number]) -> list[str]:
    found = []
    for scale in _SCALES.strip().splitlines():
        low, *names, high = scale.split()
        numbers = [Decimal(low), *(values[name] for name in names), Decimal(high)]
        if numbers != sorted(numbers):
            given = ", ".join(f"{name} {values[name]}" for name in names)
            found.append(f"{given}: choose numbers from {low} to {high} that do not fall in this order.")
    return found


def exact(value: Number, name: str = "the value") -> Decimal:
    """`value` as a Decimal. Raises TypeError for anything but Decimal and int, ValueError for NaN and infinity."""
    if isinstance(value, bool) or not isinstance(value, Decimal | int):
        raise TypeError(f"{name} must be a Decimal or an int, not {type(value).__name__}.")
    number = Decimal(value)
    if not number.is_finite():
        raise ValueError(f"{name} must be a finite number, not {number}.")
    return number


def minutes_between(earlier: datetime, later: datetime) -> Decimal:
    """Minutes that passed, negative if `later` came first; true across a clock change. Raises ValueError if naive."""
    if earlier.tzinfo is None or later.tzinfo is None:
        raise ValueError("Moments must be timezone-aware.")
    return Decimal((later.astimezone(UTC) - earlier.astimezone(UTC)) // timedelta(microseconds=1)) / 60_000_000


_SIGNS: dict[str, Callable[[Decimal, Decimal], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
_ASKS = {
    Level.OVERRIDE: "a prescriber must give a reason",
    Level.WARN: "check before you go on",
    Level.ACT: "act now and acknowledge",
    Level.NOTIFY: "tell the prescriber",
}


@dataclass(frozen=True)
class Line:
    """`value sign limit` crosses it; `limit` names a field of `Limits`. `asks` replaces the level's usual wording."""

    level: Level
    sign: str
    limit: str
    asks: str = ""
    sign_offs: int = 1
    repeat_in_minutes: int | None = None


@dataclass(frozen=True)
class Accepted:
    """What a value can be at all: from `low` to `high`. `above_low` leaves `low` itself out; `whole` refuses fractions."""

    low: Decimal
    high: Decimal
    above_low: bool = False
    whole: bool = False

    def problem(self, value: Decimal) -> str:
        """How `value` misses what is accepted, in words; empty when it is accepted."""
        if value > self.high:
            return f"is {value - self.high:.6g} above the accepted range"
        if value < self.low:
            return f"is {self.low - value:.6g} below the accepted range"
        if self.above_low and value == self.low:
            return "is just below the accepted range"
        return "is not a whole number" if self.whole and value % 1 else ""

    def __str__(self) -> str:
        low = f"more than {self.low} and at most" if self.above_low else f"{self.low} to"
        return f"{'a whole number, ' if self.whole else ''}{low} {self.high}"


@dataclass(frozen=True)
class Row:
    """One row of the table of limits: the value it judges and its lines, the gravest first."""

    field: str
    label: str
    unit: str
    lines: tuple[Line, ...] = ()
    accepted: Accepted | None = None

    def check(self, value: Number | None, limits: Limits) -> list[Finding]:
        """The gravest line that `value` crosses, alone in a list; empty if none is, or if the value is unknown."""
        if value is None:
            return []
        number = exact(value, self.label)
        shown = f"{self.label} {number:.6g} {self.unit}".rstrip()
        if self.accepted and (problem := self.accepted.problem(number)):
            message = f"{shown} {problem}: enter {self.accepted} {self.unit}".rstrip() + "."
            return [Finding(Level.REJECT, self.field, "accepted", message)]
        for line in self.lines:
            limit = exact(getattr(limits, line.limit), line.limit)
            if _SIGNS[line.sign](number, limit):
                return [self._finding(line, shown, number - limit, limit)]
        return []

    def _finding(self, line: Line, shown: str, excess: Decimal, limit: Decimal) -> Finding:
        side = "above" if excess > 0 else "below"
        where = f"{abs(excess):.6g} {self.unit}".rstrip() + f" {side}" if excess else "at"
        message = (
            f"{shown} is {where} the limit of {limit} {self.unit}".rstrip() + f": {line.asks or _ASKS[line.level]}."
        )
        sign_offs = line.sign_offs if line.level is Level.OVERRIDE else 0
        return Finding(line.level, self.field, line.limit, message, sign_offs, line.repeat_in_minutes)
