"""Every number of table 4.3, tried just below, at and just above it, with what must be found written out by hand.

The steps are the precision of the field: 0.01 kg, 0.0001 mg/kg, 0.01 mg, 0.1 min, whole mmHg. Nothing here is computed
from `Limits`, so that a default that is changed by mistake fails its row.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from limits_table import TABLE

from infusions import dosing, safety
from infusions.dosing import check_dose, check_interval
from infusions.limits import Finding, Limits
from infusions.safety import (
    Phase,
    VitalSigns,
    check_discharge,
    check_preparation,
    check_vital_signs,
    check_vitals_schedule,
)

LIMITS = Limits()
NOW = datetime(2026, 5, 20, 9, 30, tzinfo=UTC)


def dosed(**order: Any) -> list[Finding]:
    return check_dose(LIMITS, **order)


def rate(mg_per_kg: Decimal, minutes: int) -> list[Finding]:
    """The findings on the rate alone: a dose and minutes with such a rate are at their own limits too."""
    found = dosed(mg_per_kg=mg_per_kg, minutes=minutes)
    return [finding for finding in found if finding.field == "rate_mg_per_kg_per_min"]


def after_days(days_ago: Sequence[int]) -> list[Finding]:
    return check_interval(LIMITS, start_at=NOW, previous_starts=[NOW - timedelta(days=days) for days in days_ago])


def vitals(
    phase: Phase = Phase.DURING,
    *,
    baseline: dict[str, Any] | None = None,
    earlier: dict[str, Any] | None = None,
    minutes: int = 5,
    **values: Any,
) -> list[Finding]:
    """What a set crosses, `minutes` after one with the values of `earlier`."""
    past = [VitalSigns(NOW - timedelta(minutes=minutes), **earlier)] if earlier else []
    before = VitalSigns(NOW - timedelta(minutes=60), **baseline) if baseline else None
    return check_vital_signs(LIMITS, VitalSigns(NOW, **values), phase=phase, baseline=before, earlier=past)


def overdue(phase: Phase, minutes: int, limits: Limits | None = None) -> list[Finding]:
    return check_vitals_schedule(limits or LIMITS, phase=phase, last_at=NOW - timedelta(minutes=minutes), now=NOW)


def ready(**values: Any) -> list[Finding]:
    return check_preparation(LIMITS, **{"consent_valid": True, "escort_confirmed": True, **values})


def leaves(**values: Any) -> list[Finding]:
    going_home = {
        "observation_minutes": 60,
        "aldrete_total": 9,
        "escort_confirmed": True,
        "suicide_rescreened": True,
    }
    return check_discharge(LIMITS, **{**going_home, **values})


def leaves_with(field: str, now: int, was: int) -> list[Finding]:
    return leaves(reading=VitalSigns(NOW, **{field: now}), baseline=VitalSigns(NOW, **{field: was}))


NO_GRACE = replace(LIMITS, warn_vitals_overdue_above_minutes=0)
#: Days before of infusions that are more than 48 hours apart and within 14 and 30 days.
FORTNIGHT = (2, 4, 6, 8, 10, 12)
MONTH = (3, 6, 9, 12, 15, 18, 21, 24, 26, 28)

ASKED: dict[str, Callable[[Any], list[Finding]]] = {
    "weight_kg": lambda value: dosed(weight_kg=value),
    "weight, was 100": lambda value: dosed(weight_kg=value, last_weight_kg=100),
    "weight_age_days": lambda value: dosed(weight_age_days=value),
    "mg_per_kg": lambda value: dosed(mg_per_kg=value),
    "dose, was 0.8": lambda value: dosed(mg_per_kg=value, previous_mg_per_kg=Decimal("0.8")),
    "dose, was 0.4": lambda value: dosed(mg_per_kg=value, previous_mg_per_kg=Decimal("0.4")),
    "mg": lambda value: dosed(mg=value),
    "minutes": lambda value: dosed(minutes=value),
    "rate in 20 min": lambda value: rate(value, 20),
    "rate in 40 min": lambda value: rate(value, 40),
    "vial_mg_per_ml": lambda value: dosed(vial_mg_per_ml=value),
    "mg, not 100": lambda value: dosed(mg=value, mg_per_kg=1, weight_kg=100),
    "minutes since": lambda value: check_interval(
        LIMITS, start_at=NOW, previous_starts=[NOW - timedelta(minutes=int(value))]
    ),
    "in 14 days": lambda value: after_days(FORTNIGHT[: int(value) - 1]),
    "in 30 days": lambda value: after_days(MONTH[: int(value) - 1]),
    "7th, days ago": lambda value: after_days((*FORTNIGHT[:5], int(value))),
    "11th, days ago": lambda value: after_days((*MONTH[:9], int(value))),
    "over diastolic 80": lambda value: [
        finding
        for finding in vitals(Phase.BEFORE, systolic_mmhg=int(value), diastolic_mmhg=80)
        if finding.limit != "warn_before_systolic_below_mmhg"
    ],
    "minutes at 180": lambda value: vitals(minutes=int(value), earlier={"systolic_mmhg": 180}, systolic_mmhg=180),
    "minutes at 121/min": lambda value: vitals(
        minutes=int(value), earlier={"heart_rate_per_min": 121}, heart_rate_per_min=121
    ),
    "2nd systolic_mmhg": lambda value: vitals(earlier={"systolic_mmhg": 180}, systolic_mmhg=int(value)),
    "2nd diastolic_mmhg": lambda value: vitals(earlier={"diastolic_mmhg": 110}, diastolic_mmhg=int(value)),
    "2nd heart_rate_per_min": lambda value: vitals(earlier={"heart_rate_per_min": 121}, heart_rate_per_min=int(value)),
    "systolic, was 100": lambda value: vitals(baseline={"systolic_mmhg": 100}, systolic_mmhg=int(value)),
    "diastolic, was 60": lambda value: vitals(baseline={"diastolic_mmhg": 60}, diastolic_mmhg=int(value)),
    "before systolic_mmhg": lambda value: vitals(Phase.BEFORE, systolic_mmhg=int(value)),
    "before diastolic_mmhg": lambda value: vitals(Phase.BEFORE, diastolic_mmhg=int(value)),
    "systolic_mmhg": lambda value: vitals(systolic_mmhg=int(value)),
    "diastolic_mmhg": lambda value: vitals(diastolic_mmhg=int(value)),
    "heart_rate_per_min": lambda value: vitals(heart_rate_per_min=int(value)),
    "spo2_percent": lambda value: vitals(spo2_percent=int(value), on_room_air=True),
    "SpO2 on oxygen": lambda value: vitals(spo2_percent=int(value), on_room_air=False),
    "respirations_per_min": lambda value: vitals(respirations_per_min=int(value)),
    "temperature_celsius": lambda value: vitals(temperature_celsius=value),
    "moaa_s": lambda value: vitals(moaa_s=int(value)),
    "rass": lambda value: vitals(rass=int(value)),
    "since baseline": lambda value: overdue(Phase.BEFORE, int(value)),
    "during, no grace": lambda value: overdue(Phase.DURING, int(value), NO_GRACE),
    "recovery, no grace": lambda value: overdue(Phase.RECOVERY, int(value), NO_GRACE),
    "during": lambda value: overdue(Phase.DURING, int(value)),
    "recovery": lambda value: overdue(Phase.RECOVERY, int(value)),
    "clear_fluid_hours": lambda value: ready(clear_fluid_hours=value),
    "light_meal_hours": lambda value: ready(light_meal_hours=value),
    "fatty_meal_hours": lambda value: ready(fatty_meal_hours=value),
    "pregnancy_test_age_hours": lambda value: ready(
        pregnancy_test_applies=True, pregnancy_test_positive=False, pregnancy_test_age_hours=value
    ),
    "consent_age_days": lambda value: ready(consent_age_days=value),
    "observation_minutes": lambda value: leaves(observation_minutes=value),
    "aldrete_total": lambda value: leaves(aldrete_total=int(value)),
    "Aldrete domain": lambda value: leaves(aldrete_domains={"activity": int(value)}),
    "leaves, systolic was 100": lambda value: leaves_with("systolic_mmhg", int(value), 100),
    "leaves, diastolic was 80": lambda value: leaves_with("diastolic_mmhg", int(value), 80),
}

Found = tuple[str, str, int]


@dataclass(frozen=True)
class Case:
    """One value of a row, and the level, limit and sign-offs that must be found for it; None for nothing."""

    number: str
    asked: str
    value: Decimal
    expected: Found | None


def cases_of(line: str) -> list[Case]:
    number, asked, *cells = (cell.strip() for cell in line.split("|"))
    found = []
    for value, level, *more in (cell.split() for cell in cells):
        expected = (level, (more[1:] or [number])[0], int(more[0])) if more else None
        found.append(Case(number, asked, Decimal(value), expected))
    return found


def found_for(case: Case) -> list[Found]:
    findings = ASKED[case.asked](case.value)
    return [(str(finding.level), finding.limit, finding.sign_offs) for finding in findings]


def expected_of(case: Case) -> list[Found]:
    return [case.expected] if case.expected else []


#: A step of what is entered as a step of the limit, where their units differ: 0.0001 of 0.4 mg/kg is 0.025 %, and so on.
_STEPS = {
    "warn_dose_step_above_percent": 250,
    "override_rate_above_mg_per_kg_per_min": Decimal(1) / 20,
    "warn_rate_above_mg_per_kg_per_min": Decimal(1) / 40,
    "override_interval_below_hours": Decimal("0.0167"),
    "warn_interval_below_hours": Decimal("0.0167"),
}
ROWS = [cases_of(line) for line in TABLE.replace("\n    |", " |").splitlines() if line and not line.startswith("#")]
CASES = [case for row in ROWS for case in row]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.number}, {case.asked}: {case.value}")
def test_number(case: Case) -> None:
    assert found_for(case) == expected_of(case)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row[0].number}, {row[0].asked}")
def test_a_row_steps_evenly_over_its_number(row: list[Case]) -> None:
    below, at, above = (case.value for case in row)
    assert at - below == above - at > 0
    assert len({case.expected for case in row}) > 1, "all judged alike: this proves nothing"


@pytest.mark.parametrize("name", [field.name for field in fields(Limits)])
def test_a_limit_moved_by_one_step_fails_its_rows(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """The table is sharp: no limit can be off by the precision of its field in either direction unnoticed."""
    rows = [row for row in ROWS if row[0].number == name]
    step = min(row[1].value - row[0].value for row in rows) * _STEPS.get(name, 1)
    for moved in (step, -step):
        limits = replace(Limits(), **{name: Decimal(getattr(Limits(), name)) + moved})
        monkeypatch.setitem(globals(), "LIMITS", limits)
        monkeypatch.setitem(globals(), "NO_GRACE", replace(limits, warn_vitals_overdue_above_minutes=0))
        assert any(found_for(case) != expected_of(case) for row in rows for case in row), moved


def test_every_limit_and_every_accepted_bound_has_a_row() -> None:
    tried = {case.number for case in CASES}
    assert {field.name for field in fields(Limits)} <= tried
    bounds = {**dosing.ACCEPTED, **safety.ACCEPTED, "aldrete_total": (0, 10), "aldrete_domains": (0, 2)}
    assert {f"{name} {side}" for name in bounds for side in ("smallest", "largest")} <= tried


def test_every_limit_that_is_its_own_finding_is_found_in_its_rows() -> None:
    """The schedule is found under the interval that was missed, and the repeat under the line that was crossed."""
    others = {"two_readings_apart_minutes", "warn_vitals_overdue_above_minutes"}
    found = {case.number for case in CASES if case.expected and case.expected[1] == case.number}
    assert {field.name for field in fields(Limits)} - others <= found
    assert set(ASKED) == {case.asked for case in CASES}
