"""What a clinic accepts, asks about and warns of: the numbers, and what it means to cross one.

Reject limits are code (clinical rule 47): beyond them lies a typing error, not a patient. All others are fields of
`Limits`, which the medical director edits. A bare number in the rules is crossed only by a value strictly beyond
it; where they print "at least" or "at most", the number itself crosses too.
Numbers are Decimal or int, never float; there is no clock here.
"""

import operator
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

    A name says what crossing does (its first word is a `Level`; `cap` is an override with two sign-offs), of what,
    on which side (`above`, `below` strictly; `from`, `at_least`, `at_most` with the number itself), and the unit.
    """

    # Weight, vial and agreement of mg with mg/kg: our own choice; vial: the Ketalar label.
    warn_weight_below_kg: Number = 40
    warn_weight_above_kg: Number = 180
    override_weight_change_above_percent: Number = 10
    warn_weight_age_above_days: Number = 30
    override_undiluted_from_mg_per_ml: Number = 100
    override_mg_mismatch_above_percent: Number = 5
    warn_mg_mismatch_above_percent: Number = 1
    # Dose: 0.2-0.5 mg/kg in Feder 2021, Abdallah 2022; 0.1-0.75 in Andrade 2017. Total mg: our own.
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
    # Heart rate: one clinic's rule (120 for 5 minutes), else our own. SpO2: modified Aldrete. Breathing: our own.
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
        wrong = [f"{name} is {value!r}: give a number." for name, value in vars(self).items() if not _usable(value)]
        return wrong or _scale_problems(vars(self))

    def as_dict(self) -> dict[str, int | str]:
        """Plain values for JSON, decimals as text; `from_dict` gives the same limits back."""
        return {name: str(v) if isinstance(v, Decimal) else v for name, v in vars(self).items()}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Limits":
        """Limits from `as_dict`, with defaults for what is left out. Raises ValueError on unknown or unusable ones."""
        unknown = sorted(set(values) - {field.name for field in fields(cls)})
        if unknown:
            raise ValueError(f"Unknown limits: {', '.join(unknown)}.")
        limits = cls(**{name: _parsed(value) for name, value in values.items()})
        if problems := limits.problems():
            raise ValueError(" ".join(problems))
        return limits


def _usable(value: object) -> bool:
    return isinstance(value, Decimal | int) and not isinstance(value, bool) and Decimal(value).is_finite()


def _parsed(value: Any) -> Any:
    """Text as a Decimal where it is one; everything else as it came, for `problems` to name."""
    if isinstance(value, str):
        with suppress(InvalidOperation):
            return Decimal(value)
    return value


#: One scale a line: the smallest number allowed, limits that may not fall in this order, the largest allowed. A limit
#: that stands alone need only be 0 or more.
_SCALES = """
    25 warn_weight_below_kg warn_weight_above_kg 350
    0 warn_mg_mismatch_above_percent override_mg_mismatch_above_percent 100
    0 warn_dose_below_mg_per_kg warn_dose_above_mg_per_kg 4.5
    0 warn_dose_above_mg_per_kg override_dose_above_mg_per_kg cap_dose_above_mg_per_kg 4.5
    0 warn_total_above_mg override_total_above_mg 500
    1 override_minutes_below warn_minutes_below warn_minutes_above override_minutes_above 600
    0 warn_rate_above_mg_per_kg_per_min override_rate_above_mg_per_kg_per_min 4.5
    0 override_interval_below_hours warn_interval_below_hours 8760
    1 warn_infusions_in_14_days_above warn_infusions_in_30_days_above 100
    40 warn_before_systolic_below_mmhg warn_before_systolic_from_mmhg override_before_systolic_from_mmhg 300
    20 warn_before_diastolic_from_mmhg override_before_diastolic_from_mmhg 200
    40 notify_systolic_from_mmhg act_repeated_systolic_from_mmhg act_once_systolic_from_mmhg 300
    20 notify_diastolic_from_mmhg act_repeated_diastolic_from_mmhg act_once_diastolic_from_mmhg 200
    20 act_heart_rate_below_per_min warn_heart_rate_below_per_min warn_heart_rate_above_per_min 250
    20 warn_heart_rate_above_per_min act_repeated_heart_rate_above_per_min act_heart_rate_above_per_min 250
    50 act_spo2_on_oxygen_below_percent act_spo2_on_room_air_below_percent warn_spo2_below_percent 100
    0 act_respirations_below_per_min warn_respirations_below_per_min warn_respirations_above_per_min 60
    0 act_moaa_s_at_most warn_moaa_s_at_most 5
    -5 act_rass_at_most warn_rass_at_most warn_rass_at_least 4
    0 override_clear_fluid_below_hours override_light_meal_below_hours warn_fatty_meal_below_hours 24
    0 warn_pregnancy_test_above_hours override_pregnancy_test_above_hours 720
    0 override_observation_below_minutes warn_observation_below_minutes 1440
    0 override_aldrete_below 10
"""


def _scale_problems(values: dict[str, Number]) -> list[str]:
    negative = [name for name, value in values.items() if value < 0 and "_rass_" not in name]
    found = [f"{name} is {values[name]}: choose 0 or more." for name in negative]
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
    """Minutes that passed, also over a clock change; negative if `later` was first. Raises ValueError if naive."""
    if earlier.tzinfo is None or later.tzinfo is None:
        raise ValueError("Moments must be timezone-aware.")
    passed = later.astimezone(UTC) - earlier.astimezone(UTC)
    return Decimal(passed // timedelta(microseconds=1)) / 60_000_000


_CROSSES = {"above": operator.gt, "from": operator.ge, "least": operator.ge, "below": operator.lt, "most": operator.le}
_SIGN_OFFS = {"cap": 2, "override": 1}
_ASKS = {
    "cap": "two prescribers must sign, each with a reason",
    "override": "a prescriber must give a reason",
    "warn": "check before you go on",
    "act": "act now and acknowledge",
    "notify": "tell the prescriber",
    "warn_weight_age_above_days": "weigh again",
    "override_undiluted_from_mg_per_ml": "never undiluted; record the dilution, or a prescriber must give a reason",
    "override_before_systolic_from_mmhg": "hold; to start, a prescriber must give a reason",
    "override_before_diastolic_from_mmhg": "hold; to start, a prescriber must give a reason",
    "act_repeated_systolic_from_mmhg": "act and acknowledge when a second reading is over it too",
    "act_repeated_diastolic_from_mmhg": "act and acknowledge when a second reading is over it too",
    "act_repeated_heart_rate_above_per_min": "act and acknowledge when a second reading is over it too",
}


@dataclass(frozen=True)
class Row:
    """One row of the table of limits: `limits` names fields of `Limits`, the gravest first.

    `accepted` is the smallest and largest value that can be true; `above_low` refuses the smallest itself, `whole`
    a fraction.
    """

    field: str
    label: str
    unit: str
    limits: tuple[str, ...] = ()
    accepted: tuple[Number, Number] = (Decimal("-Infinity"), Decimal("Infinity"))
    above_low: bool = False
    whole: bool = False

    def check(self, value: Number | None, limits: Limits) -> list[Finding]:
        """The gravest limit that `value` crosses, alone in a list; none if it is unknown or crosses nothing."""
        if value is None:
            return []
        number = exact(value, self.label)
        found = (self._rejected(number), *(self._crossed(number, name, limits) for name in self.limits))
        return [finding for finding in found if finding][:1]

    def _rejected(self, number: Decimal) -> Finding | None:
        low, high = self.accepted
        inside = (low < number if self.above_low else low <= number) and number <= high
        if inside and not (self.whole and number % 1):
            return None
        beyond = max(low - number, number - high)
        where = f"{self._shown(beyond)} outside what is accepted" if beyond > 0 else "not accepted"
        entry = f"more than {low} and at most {high}" if self.above_low else f"{low} to {high}"
        whole = "a whole number, " if self.whole else ""
        message = f"{self.label} {self._shown(number)} is {where}: enter {whole}{entry} {self.unit}"
        return Finding(Level.REJECT, self.field, "accepted", f"{message.rstrip()}.")

    def _crossed(self, number: Decimal, name: str, limits: Limits) -> Finding | None:
        limit = exact(getattr(limits, name), name)
        words = name.split("_")
        if not next(_CROSSES[word] for word in words if word in _CROSSES)(number, limit):
            return None
        level = Level.OVERRIDE if words[0] == "cap" else Level(words[0])
        beyond = number - limit
        where = f"{self._shown(abs(beyond))} {'above' if beyond > 0 else 'below'}" if beyond else "at"
        told = f"{self.label} {self._shown(number)} is {where} the limit of {self._shown(limit)}"
        message = f"{told}: {_ASKS.get(name) or _ASKS[words[0]]}."
        return Finding(level, self.field, name, message, _SIGN_OFFS.get(words[0], 0))

    def _shown(self, number: Number) -> str:
        return f"{Decimal(number):.6g} {self.unit}".rstrip()
