"""The checks around an infusion: preparation, vital signs and their times, and discharge.

The numbers are in `Limits`, except what is accepted at all, which is code (clinical rule 47, table 4.3). "Not recorded"
(None) crosses nothing, except where a rule asks for the record itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from math import ceil

from infusions.limits import Finding, Level, Limits, Number, Row, exact, minutes_between


class Phase(StrEnum):
    """When vital signs were taken. Recovery has the action lines of the infusion itself (our own choice)."""

    BEFORE = "before"
    DURING = "during"
    RECOVERY = "recovery"


@dataclass(frozen=True)
class VitalSigns:
    """One set; None is "not recorded". Sedation on MOAA/S (5 is alert) or RASS (0 is alert and calm)."""

    measured_at: datetime
    systolic_mmhg: int | None = None
    diastolic_mmhg: int | None = None
    heart_rate_per_min: int | None = None
    spo2_percent: int | None = None
    on_room_air: bool | None = None
    respirations_per_min: int | None = None
    temperature_celsius: Decimal | None = None
    moaa_s: int | None = None
    rass: int | None = None


def _pressure_rows(*limits: str, label: str = "{} pressure") -> tuple[Row, Row]:
    """A row for the systolic and one for the diastolic pressure; `{}` stands for either word."""
    systolic = Row("systolic_mmhg", label.format("Systolic"), "mmHg", accepted=(40, 300))
    diastolic = Row("diastolic_mmhg", label.format("Diastolic"), "mmHg", accepted=(20, 200))
    return (
        replace(systolic, limits=tuple(limit.format("systolic") for limit in limits)),
        replace(diastolic, limits=tuple(limit.format("diastolic") for limit in limits)),
    )


_SYSTOLIC_BEFORE, _DIASTOLIC_BEFORE = _pressure_rows("override_before_{}_from_mmhg", "warn_before_{}_from_mmhg")
_PRESSURE_BEFORE = (
    replace(_SYSTOLIC_BEFORE, limits=(*_SYSTOLIC_BEFORE.limits, "warn_before_systolic_below_mmhg")),
    _DIASTOLIC_BEFORE,
)
_PRESSURE_DURING = _pressure_rows("act_once_{}_from_mmhg", "act_repeated_{}_from_mmhg", "notify_{}_from_mmhg")
_RISE = (
    Row("systolic_mmhg", "Rise of systolic pressure from baseline", "mmHg", ("warn_systolic_rise_above_mmhg",)),
    Row("diastolic_mmhg", "Rise of diastolic pressure from baseline", "mmHg", ("warn_diastolic_rise_above_mmhg",)),
)
_ANY_PHASE = (
    Row(
        "heart_rate_per_min",
        "Heart rate",
        "/min",
        (
            "act_heart_rate_below_per_min",
            "act_heart_rate_above_per_min",
            "act_repeated_heart_rate_above_per_min",
            "warn_heart_rate_below_per_min",
            "warn_heart_rate_above_per_min",
        ),
        accepted=(20, 250),
    ),
    Row(
        "respirations_per_min",
        "Respirations",
        "/min",
        ("act_respirations_below_per_min", "warn_respirations_below_per_min", "warn_respirations_above_per_min"),
        accepted=(0, 60),
    ),
    # Outside it is a typing error (our own bounds); no line asks for anything.
    Row("temperature_celsius", "Temperature", "°C", accepted=(30, 43)),
    Row("moaa_s", "MOAA/S", "", ("act_moaa_s_at_most", "warn_moaa_s_at_most"), accepted=(0, 5)),
    Row("rass", "RASS", "", ("act_rass_at_most", "warn_rass_at_most", "warn_rass_at_least"), accepted=(-5, 4)),
)
_SPO2_ON_ROOM_AIR = Row(
    "spo2_percent", "SpO2", "%", ("act_spo2_on_room_air_below_percent", "warn_spo2_below_percent"), accepted=(50, 100)
)
_SPO2_ON_OXYGEN = replace(_SPO2_ON_ROOM_AIR, limits=("act_spo2_on_oxygen_below_percent", "warn_spo2_below_percent"))
#: The smallest and largest value of each field that is accepted at all.
ACCEPTED = {row.field: row.accepted for row in (*_PRESSURE_DURING, *_ANY_PHASE, _SPO2_ON_ROOM_AIR)}


def check_vital_signs(
    limits: Limits,
    reading: VitalSigns,
    *,
    phase: Phase,
    baseline: VitalSigns | None = None,
    earlier: Sequence[VitalSigns] = (),
) -> list[Finding]:
    """What one set of vital signs crosses; each value gives its gravest limit, and its rise from `baseline`.

    `earlier` are the sets before it, in any order: a two-reading line is an action line when the first reading of an
    unbroken run over it is at least 5 minutes old. Until then the finding says when to repeat the reading (rule 51).
    Unless `on_room_air` is False, SpO2 is judged as on room air.
    """
    pressures = _PRESSURE_BEFORE if phase is Phase.BEFORE else _PRESSURE_DURING
    spo2 = _SPO2_ON_OXYGEN if reading.on_room_air is False else _SPO2_ON_ROOM_AIR
    findings = _pressure_order(reading)
    for row in (*pressures, *_ANY_PHASE, spo2):
        findings += row.check(getattr(reading, row.field), limits)
    if baseline is not None and phase is not Phase.BEFORE:
        for row in _RISE:
            findings += row.check(_difference(reading, baseline, row.field), limits)
    return [_unless_first(finding, limits, reading, earlier) for finding in findings]


def _pressure_order(reading: VitalSigns) -> list[Finding]:
    systolic, diastolic = reading.systolic_mmhg, reading.diastolic_mmhg
    if systolic is None or diastolic is None or systolic > diastolic:
        return []
    message = f"Systolic pressure {systolic} mmHg must be above diastolic {diastolic} mmHg: enter the pair again."
    return [Finding(Level.REJECT, "systolic_mmhg", "above_diastolic", message)]


def _difference(reading: VitalSigns, baseline: VitalSigns, field: str) -> int | None:
    now, before = getattr(reading, field), getattr(baseline, field)
    return None if now is None or before is None else now - before


_REPEATED_PRESSURE = _pressure_rows("act_repeated_{}_from_mmhg")
_REPEATED_HEART_RATE = (Row("heart_rate_per_min", "", "", ("act_repeated_heart_rate_above_per_min",)),)
#: Every two-reading line with the rows that a reading can cross to count for it: either pressure does for both.
_TWO_READINGS = {
    name: rows for rows in (_REPEATED_PRESSURE, _REPEATED_HEART_RATE) for row in rows for name in row.limits
}


def _is_over(reading: VitalSigns, rows: tuple[Row, ...], limits: Limits) -> bool | None:
    """Whether `reading` crosses one of the rows; None if what is recorded cannot tell."""
    values = [getattr(reading, row.field) for row in rows]
    if any(row.check(value, limits) for row, value in zip(rows, values, strict=True)):
        return True
    return None if None in values else False


def _unless_first(finding: Finding, limits: Limits, reading: VitalSigns, earlier: Sequence[VitalSigns]) -> Finding:
    """The finding as it is, or, for a first reading over a two-reading line, the request to repeat it."""
    if finding.limit not in _TWO_READINGS:
        return finding
    first_at = _over_since(reading, earlier, _TWO_READINGS[finding.limit], limits)
    wait = ceil(exact(limits.two_readings_apart_minutes) - minutes_between(first_at, reading.measured_at))
    if wait <= 0:
        return finding
    message = f"{finding.message} Repeat it in {wait} {'minute' if wait == 1 else 'minutes'}."
    return replace(finding, level=Level.NOTIFY, message=message, repeat_in_minutes=wait)


def _over_since(reading: VitalSigns, earlier: Sequence[VitalSigns], rows: tuple[Row, ...], limits: Limits) -> datetime:
    """When the unbroken run over a line began that ends in `reading`; sets that cannot tell do not break it."""
    first_at = reading.measured_at
    before = [past for past in earlier if past.measured_at < reading.measured_at]
    for past in sorted(before, key=lambda past: past.measured_at, reverse=True):
        over = _is_over(past, rows, limits)
        if over is False:
            break
        first_at = past.measured_at if over else first_at
    return first_at


_EVERY = {
    Phase.BEFORE: "vitals_baseline_within_minutes",
    Phase.DURING: "vitals_during_every_minutes",
    Phase.RECOVERY: "vitals_recovery_every_minutes",
}


def check_vitals_schedule(limits: Limits, *, phase: Phase, last_at: datetime, now: datetime) -> list[Finding]:
    """Whether the next set is overdue at `now` (rule 50).

    Before the start `now` is the start and `last_at` the baseline. Later `last_at` is the last set, or the start or
    stop of the pump when there is none yet.
    """
    limit = _EVERY[phase]
    grace = 0 if phase is Phase.BEFORE else limits.warn_vitals_overdue_above_minutes
    late = minutes_between(last_at, now) - exact(getattr(limits, limit))
    if late <= grace:
        return []
    message = f"Vital signs {late:.6g} min later than the {getattr(limits, limit)} min allowed: take a set now."
    return [Finding(Level.WARN, "measured_at", limit, message)]


def unmet(field: str, what: str) -> Finding:
    """A requirement without a number that is not met: one prescriber may override it."""
    return Finding(Level.OVERRIDE, field, "required", f"{what}; a prescriber must give a reason.", sign_offs=1)


def _required(row: Row, value: Number | None, limits: Limits) -> list[Finding]:
    return [unmet(row.field, f"{row.label} is not recorded")] if value is None else row.check(value, limits)


_FASTING = (
    Row("clear_fluid_hours", "Time since clear fluid", "h", ("override_clear_fluid_below_hours",)),
    Row("light_meal_hours", "Time since a light meal", "h", ("override_light_meal_below_hours",)),
    Row("fatty_meal_hours", "Time since a fatty meal", "h", ("warn_fatty_meal_below_hours",)),
)
_TESTED = ("override_pregnancy_test_above_hours", "warn_pregnancy_test_above_hours")
_PREGNANCY_TEST = Row("pregnancy_test", "Age of the pregnancy test with a result", "h", _TESTED)
_CONSENT = Row("consent", "Age of the consent", "days", ("warn_consent_age_above_days",))


def check_preparation(
    limits: Limits,
    *,
    clear_fluid_hours: Number | None = None,
    light_meal_hours: Number | None = None,
    fatty_meal_hours: Number | None = None,
    pregnancy_test_applies: bool | None = None,
    pregnancy_test_positive: bool | None = None,
    pregnancy_test_age_hours: Number | None = None,
    consent_valid: bool | None = None,
    consent_age_days: Number | None = None,
    escort_confirmed: bool | None = None,
) -> list[Finding]:
    """What stands against a start. Consent and escort must be on record; so must the test, where it applies.

    `consent_valid` is None when there is no consent, False when it was withdrawn.
    """
    fasted = zip(_FASTING, (clear_fluid_hours, light_meal_hours, fatty_meal_hours), strict=True)
    findings = [finding for row, hours in fasted for finding in row.check(hours, limits)]
    if pregnancy_test_positive:
        findings.append(unmet("pregnancy_test", "The pregnancy test is positive"))
    elif pregnancy_test_applies:
        age = pregnancy_test_age_hours if pregnancy_test_positive is not None else None
        findings += _required(_PREGNANCY_TEST, age, limits)
    if consent_valid:
        findings += _CONSENT.check(consent_age_days, limits)
    else:
        findings.append(unmet("consent", "There is no valid consent"))
    if not escort_confirmed:
        findings.append(Finding(Level.WARN, "escort", "required", "The escort is not confirmed: confirm one."))
    return findings


_OBSERVED = ("override_observation_below_minutes", "warn_observation_below_minutes")
_OBSERVATION = Row("observation_minutes", "Observation after the end", "min", _OBSERVED)
_ALDRETE = Row("aldrete_total", "Aldrete score", "", ("override_aldrete_below",), accepted=(0, 10), whole=True)
_ALDRETE_DOMAIN = Row("aldrete_domains", "Aldrete domain", "", accepted=(0, 2), whole=True)
_ABOVE_BASELINE = Row("blood_pressure", "Above baseline by", "%", ("warn_discharge_pressure_above_percent",))
_STILL_HIGH = _pressure_rows("override_discharge_{}_from_mmhg", label="{} pressure, above baseline,")


def check_discharge(
    limits: Limits,
    *,
    observation_minutes: Number | None = None,
    aldrete_total: int | None = None,
    aldrete_domains: Mapping[str, int] | None = None,
    reading: VitalSigns | None = None,
    baseline: VitalSigns | None = None,
    escort_confirmed: bool | None = None,
    suicide_rescreened: bool | None = None,
) -> list[Finding]:
    """What stands against a discharge (rule 53). All but the blood pressure must be on record.

    The blood pressure of `reading` is judged against `baseline`; `check_vital_signs` says whether it can be true.
    """
    findings = [
        *_required(_OBSERVATION, observation_minutes, limits),
        *_required(_ALDRETE, aldrete_total, limits),
        *_check_domains(aldrete_domains or {}, limits),
    ]
    if reading is not None and baseline is not None:
        findings += _check_discharge_pressure(limits, reading, baseline)
    if not escort_confirmed:
        findings.append(unmet("escort", "There is no confirmed escort: not to leave alone or drive"))
    if not suicide_rescreened:
        findings.append(unmet("suicide_rescreened", "Suicide risk was not screened again"))
    return findings


def _check_domains(domains: Mapping[str, int], limits: Limits) -> list[Finding]:
    findings = [finding for score in domains.values() for finding in _ALDRETE_DOMAIN.check(score, limits)]
    zeros = [name for name, score in domains.items() if score == 0]
    return findings + [unmet("aldrete_domains", f"Aldrete {name} is 0, and must be 1 or 2") for name in zeros]


def _check_discharge_pressure(limits: Limits, reading: VitalSigns, baseline: VitalSigns) -> list[Finding]:
    """Above baseline by more than allowed; graver when either pressure is also high in itself."""
    rises = [_rise_percent(reading, baseline, row.field) for row in _STILL_HIGH]
    above = _ABOVE_BASELINE.check(max((rise for rise in rises if rise is not None), default=None), limits)
    high = [finding for row in _STILL_HIGH for finding in row.check(getattr(reading, row.field), limits)]
    return (high or above) if above else []


def _rise_percent(reading: VitalSigns, baseline: VitalSigns, field: str) -> Decimal | None:
    rise = _difference(reading, baseline, field)
    return Decimal(rise) * 100 / getattr(baseline, field) if rise is not None and getattr(baseline, field) else None
