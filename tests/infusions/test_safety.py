"""Preparation, vital signs and discharge: every limit just inside, at and just beyond its number."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from infusions.limits import Level, Limits
from infusions.safety import (
    ACCEPTED,
    Phase,
    VitalSigns,
    check_discharge,
    check_preparation,
    check_vital_signs,
    check_vitals_schedule,
)

LIMITS = Limits()
NOW = datetime(2026, 5, 20, 9, 30, tzinfo=UTC)


def reading(minute=0, **values):
    return VitalSigns(NOW + timedelta(minutes=minute), **values)


def found(phase=Phase.DURING, baseline=None, earlier=(), minute=0, **values):
    findings = check_vital_signs(
        LIMITS, reading(minute, **values), phase=phase, baseline=baseline, earlier=[reading(*past) for past in earlier]
    )
    return [(str(finding.level), finding.field) for finding in findings]


def test_an_empty_set_crosses_nothing():
    for phase in Phase:
        assert found(phase, baseline=reading()) == []


@pytest.mark.parametrize(
    ("field", "value", "level"),
    [
        ("systolic_mmhg", 39, "reject"),
        ("systolic_mmhg", 40, "warn"),
        ("systolic_mmhg", 89, "warn"),
        ("systolic_mmhg", 90, None),
        ("systolic_mmhg", 139, None),
        ("systolic_mmhg", 140, "warn"),
        ("systolic_mmhg", 159, "warn"),
        ("systolic_mmhg", 160, "override"),
        ("systolic_mmhg", 300, "override"),
        ("systolic_mmhg", 301, "reject"),
        ("diastolic_mmhg", 19, "reject"),
        ("diastolic_mmhg", 20, None),
        ("diastolic_mmhg", 89, None),
        ("diastolic_mmhg", 90, "warn"),
        ("diastolic_mmhg", 99, "warn"),
        ("diastolic_mmhg", 100, "override"),
        ("diastolic_mmhg", 200, "override"),
        ("diastolic_mmhg", 201, "reject"),
    ],
)
def test_blood_pressure_before(field, value, level):
    assert found(Phase.BEFORE, **{field: value}) == ([(level, field)] if level else [])


@pytest.mark.parametrize(
    ("field", "value", "level"),
    [
        ("systolic_mmhg", 39, "reject"),
        ("systolic_mmhg", 40, None),
        ("systolic_mmhg", 159, None),
        ("systolic_mmhg", 160, "notify"),
        ("systolic_mmhg", 199, "notify"),
        ("systolic_mmhg", 200, "act"),
        ("systolic_mmhg", 300, "act"),
        ("systolic_mmhg", 301, "reject"),
        ("diastolic_mmhg", 99, None),
        ("diastolic_mmhg", 100, "notify"),
        ("diastolic_mmhg", 119, "notify"),
        ("diastolic_mmhg", 120, "act"),
        ("diastolic_mmhg", 201, "reject"),
    ],
)
@pytest.mark.parametrize("phase", [Phase.DURING, Phase.RECOVERY])
def test_one_blood_pressure_during_and_after(phase, field, value, level):
    assert found(phase, **{field: value}) == ([(level, field)] if level else [])


@pytest.mark.parametrize(
    ("field", "value", "level"),
    [
        ("heart_rate_per_min", 19, "reject"),
        ("heart_rate_per_min", 20, "act"),
        ("heart_rate_per_min", 39, "act"),
        ("heart_rate_per_min", 40, "warn"),
        ("heart_rate_per_min", 49, "warn"),
        ("heart_rate_per_min", 50, None),
        ("heart_rate_per_min", 110, None),
        ("heart_rate_per_min", 111, "warn"),
        ("heart_rate_per_min", 120, "warn"),
        ("heart_rate_per_min", 121, "notify"),
        ("heart_rate_per_min", 130, "notify"),
        ("heart_rate_per_min", 131, "act"),
        ("heart_rate_per_min", 250, "act"),
        ("heart_rate_per_min", 251, "reject"),
        ("spo2_percent", 49, "reject"),
        ("spo2_percent", 50, "act"),
        ("spo2_percent", 91, "act"),
        ("spo2_percent", 92, "warn"),
        ("spo2_percent", 93, "warn"),
        ("spo2_percent", 94, None),
        ("spo2_percent", 100, None),
        ("spo2_percent", 101, "reject"),
        ("respirations_per_min", -1, "reject"),
        ("respirations_per_min", 0, "act"),
        ("respirations_per_min", 7, "act"),
        ("respirations_per_min", 8, "warn"),
        ("respirations_per_min", 9, "warn"),
        ("respirations_per_min", 10, None),
        ("respirations_per_min", 24, None),
        ("respirations_per_min", 25, "warn"),
        ("respirations_per_min", 60, "warn"),
        ("respirations_per_min", 61, "reject"),
        ("moaa_s", -1, "reject"),
        ("moaa_s", 0, "act"),
        ("moaa_s", 2, "act"),
        ("moaa_s", 3, "warn"),
        ("moaa_s", 4, None),
        ("moaa_s", 5, None),
        ("moaa_s", 6, "reject"),
        ("rass", -6, "reject"),
        ("rass", -5, "act"),
        ("rass", -3, "act"),
        ("rass", -2, "warn"),
        ("rass", -1, None),
        ("rass", 1, None),
        ("rass", 2, "warn"),
        ("rass", 4, "warn"),
        ("rass", 5, "reject"),
    ],
)
@pytest.mark.parametrize("phase", list(Phase))
def test_the_other_vital_signs_in_every_phase(phase, field, value, level):
    assert found(phase, **{field: value}) == ([(level, field)] if level else [])


@pytest.mark.parametrize(
    ("on_room_air", "spo2", "level"),
    [(True, 91, "act"), (None, 91, "act"), (False, 91, "warn"), (False, 90, "warn"), (False, 89, "act")],
)
def test_oxygen_moves_the_action_line(on_room_air, spo2, level):
    assert found(spo2_percent=spo2, on_room_air=on_room_air) == [(level, "spo2_percent")]


@pytest.mark.parametrize(("systolic", "diastolic", "rejected"), [(80, 79, False), (80, 80, True), (80, 81, True)])
def test_systolic_is_above_diastolic(systolic, diastolic, rejected):
    findings = found(systolic_mmhg=systolic, diastolic_mmhg=diastolic)
    assert findings == ([("reject", "systolic_mmhg")] if rejected else [])


@pytest.mark.parametrize(
    ("systolic", "diastolic", "fields"),
    [(150, 90, []), (151, 90, ["systolic_mmhg"]), (150, 91, ["diastolic_mmhg"]), (None, 91, ["diastolic_mmhg"])],
)
def test_rise_from_baseline(systolic, diastolic, fields):
    baseline = reading(-20, systolic_mmhg=120, diastolic_mmhg=70)
    rises = [("warn", field) for field in fields]
    assert found(baseline=baseline, systolic_mmhg=systolic, diastolic_mmhg=diastolic) == rises
    assert found(baseline=reading(-20), systolic_mmhg=systolic, diastolic_mmhg=diastolic) == []


class TestTwoReadings:
    """180/110 and a heart rate above 120 need a second reading 5 minutes later."""

    def findings(self, minute=0, earlier=(), limits=LIMITS, **values):
        return check_vital_signs(limits, reading(minute, **values), phase=Phase.DURING, earlier=earlier)

    @pytest.mark.parametrize("over", [{"systolic_mmhg": 180}, {"diastolic_mmhg": 110}, {"heart_rate_per_min": 121}])
    def test_the_first_schedules_the_repeat(self, over):
        (first,) = self.findings(**over)
        assert (first.level, first.repeat_in_minutes) == (Level.NOTIFY, 5)
        assert first.limit.startswith("act_repeated_")
        assert first.message.endswith("Repeat it in 5 minutes.")

    @pytest.mark.parametrize("over", [{"systolic_mmhg": 180}, {"diastolic_mmhg": 110}, {"heart_rate_per_min": 121}])
    def test_the_second_is_an_action_line_from_5_minutes_on(self, over):
        for minute, level, repeat in ((4, Level.NOTIFY, 1), (5, Level.ACT, None), (12, Level.ACT, None)):
            (second,) = self.findings(minute, [reading(0, **over)], **over)
            assert (second.level, second.repeat_in_minutes) == (level, repeat)
            assert second.message.endswith("Repeat it in 1 minute.") is (minute == 4)

    def test_just_under_the_line_is_no_first_reading(self):
        (finding,) = self.findings(systolic_mmhg=179)
        assert (finding.limit, finding.repeat_in_minutes) == ("notify_systolic_from_mmhg", None)
        (finding,) = self.findings(5, [reading(0, systolic_mmhg=179, diastolic_mmhg=109)], systolic_mmhg=180)
        assert finding.level is Level.NOTIFY

    def test_the_run_may_begin_with_the_other_pressure(self):
        first = reading(0, systolic_mmhg=170, diastolic_mmhg=112)
        findings = self.findings(5, [first], systolic_mmhg=182, diastolic_mmhg=95)
        assert [(finding.level, finding.field) for finding in findings] == [(Level.ACT, "systolic_mmhg")]

    def test_frequent_readings_add_up(self):
        earlier = [reading(minute, systolic_mmhg=185, diastolic_mmhg=90) for minute in (4, 0, 2)]
        (finding,) = self.findings(6, earlier, systolic_mmhg=185, diastolic_mmhg=90)
        assert finding.level is Level.ACT

    def test_a_reading_under_the_line_ends_the_run_and_an_unknown_one_does_not(self):
        high, low = {"systolic_mmhg": 185, "diastolic_mmhg": 90}, {"systolic_mmhg": 150, "diastolic_mmhg": 90}
        (after_low,) = self.findings(6, [reading(0, **high), reading(3, **low)], **high)
        (after_unknown,) = self.findings(6, [reading(0, **high), reading(3)], **high)
        assert (after_low.level, after_unknown.level) == (Level.NOTIFY, Level.ACT)

    def test_later_readings_do_not_count(self):
        (finding,) = self.findings(0, [reading(6, systolic_mmhg=190)], systolic_mmhg=190)
        assert finding.level is Level.NOTIFY

    def test_the_gap_is_a_setting(self):
        limits = replace(LIMITS, two_readings_apart_minutes=3)
        (finding,) = self.findings(3, [reading(0, systolic_mmhg=190)], limits, systolic_mmhg=190)
        assert finding.level is Level.ACT


@pytest.mark.parametrize(
    ("phase", "minutes", "overdue"),
    [
        (Phase.BEFORE, 15, False),
        (Phase.BEFORE, 16, True),
        (Phase.DURING, 15, False),
        (Phase.DURING, 16, True),
        (Phase.RECOVERY, 20, False),
        (Phase.RECOVERY, 21, True),
    ],
)
def test_schedule(phase, minutes, overdue):
    findings = check_vitals_schedule(LIMITS, phase=phase, last_at=NOW, now=NOW + timedelta(minutes=minutes))
    assert [finding.level for finding in findings] == ([Level.WARN] if overdue else [])


READY = {"consent_valid": True, "consent_age_days": 10, "escort_confirmed": True}


def preparation(**values):
    return [(str(f.level), f.field, f.sign_offs) for f in check_preparation(LIMITS, **{**READY, **values})]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, None),
        ({"clear_fluid_hours": Decimal("1.9")}, ("override", "clear_fluid_hours", 1)),
        ({"clear_fluid_hours": 2}, None),
        ({"light_meal_hours": Decimal("5.9")}, ("override", "light_meal_hours", 1)),
        ({"light_meal_hours": 6}, None),
        ({"fatty_meal_hours": Decimal("7.9")}, ("warn", "fatty_meal_hours", 0)),
        ({"fatty_meal_hours": 8}, None),
        ({"pregnancy_test_positive": True}, ("override", "pregnancy_test", 1)),
        ({"pregnancy_test_applies": False}, None),
        ({"pregnancy_test_applies": True}, ("override", "pregnancy_test", 1)),
        ({"consent_age_days": None}, None),
        ({"consent_age_days": 365}, None),
        ({"consent_age_days": 366}, ("warn", "consent", 0)),
        ({"consent_valid": None}, ("override", "consent", 1)),
        ({"consent_valid": False}, ("override", "consent", 1)),
        ({"escort_confirmed": None}, ("warn", "escort", 0)),
        ({"escort_confirmed": False}, ("warn", "escort", 0)),
    ],
)
def test_preparation(values, expected):
    assert preparation(**values) == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("positive", "hours", "level"),
    [
        (False, 72, None),
        (False, 73, "warn"),
        (False, 168, "warn"),
        (False, 169, "override"),
        (False, None, "override"),
        (None, 10, "override"),
        (True, 10, "override"),
    ],
)
def test_pregnancy_test_where_it_applies(positive, hours, level):
    found_levels = [
        level
        for level, *_ in preparation(
            pregnancy_test_applies=True, pregnancy_test_positive=positive, pregnancy_test_age_hours=hours
        )
    ]
    assert found_levels == ([level] if level else [])


GOING_HOME = {"observation_minutes": 60, "aldrete_total": 9, "escort_confirmed": True, "suicide_rescreened": True}
BASELINE = reading(-60, systolic_mmhg=120, diastolic_mmhg=80)


def discharge(**values):
    return [(str(f.level), f.field, f.sign_offs) for f in check_discharge(LIMITS, **{**GOING_HOME, **values})]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, None),
        ({"observation_minutes": 29}, ("override", "observation_minutes", 1)),
        ({"observation_minutes": 30}, ("warn", "observation_minutes", 0)),
        ({"observation_minutes": 59}, ("warn", "observation_minutes", 0)),
        ({"observation_minutes": None}, ("override", "observation_minutes", 1)),
        ({"aldrete_total": -1}, ("reject", "aldrete_total", 0)),
        ({"aldrete_total": 0}, ("override", "aldrete_total", 1)),
        ({"aldrete_total": 8}, ("override", "aldrete_total", 1)),
        ({"aldrete_total": 10}, None),
        ({"aldrete_total": 11}, ("reject", "aldrete_total", 0)),
        ({"aldrete_total": Decimal("9.5")}, ("reject", "aldrete_total", 0)),
        ({"aldrete_total": None}, ("override", "aldrete_total", 1)),
        ({"aldrete_domains": {"activity": 2, "respiration": 1}}, None),
        ({"aldrete_domains": {"activity": 2, "respiration": 0}}, ("override", "aldrete_domains", 1)),
        ({"aldrete_domains": {"activity": 3}}, ("reject", "aldrete_domains", 0)),
        ({"aldrete_domains": {"activity": -1}}, ("reject", "aldrete_domains", 0)),
        ({"escort_confirmed": False}, ("override", "escort", 1)),
        ({"escort_confirmed": None}, ("override", "escort", 1)),
        ({"suicide_rescreened": False}, ("override", "suicide_rescreened", 1)),
        ({"suicide_rescreened": None}, ("override", "suicide_rescreened", 1)),
    ],
)
def test_discharge(values, expected):
    assert discharge(**values) == ([expected] if expected else [])


def test_a_whole_number_is_asked_for():
    (finding,) = check_discharge(LIMITS, **{**GOING_HOME, "aldrete_total": Decimal("9.5")})
    assert finding.message == "Aldrete score 9.5 is not accepted: enter a whole number, 0 to 10."


@pytest.mark.parametrize(
    ("baseline", "systolic", "diastolic", "expected"),
    [
        (BASELINE, 144, 96, None),
        (BASELINE, 145, 90, ("warn", "blood_pressure", 0)),
        (BASELINE, 130, 97, ("warn", "blood_pressure", 0)),
        (BASELINE, 159, 99, ("warn", "blood_pressure", 0)),
        (BASELINE, 160, 90, ("override", "systolic_mmhg", 1)),
        (BASELINE, 130, 100, ("override", "diastolic_mmhg", 1)),
        (BASELINE, None, 97, ("warn", "blood_pressure", 0)),
        (reading(-60, systolic_mmhg=150, diastolic_mmhg=90), 165, 102, None),
        (reading(-60), 190, 115, None),
        (None, 190, 115, None),
    ],
)
def test_blood_pressure_at_discharge(baseline, systolic, diastolic, expected):
    last = reading(systolic_mmhg=systolic, diastolic_mmhg=diastolic)
    assert discharge(reading=last, baseline=baseline) == ([expected] if expected else [])


def test_accepted_ranges_can_be_read_by_forms_and_constraints():
    assert ACCEPTED == {
        "systolic_mmhg": (40, 300),
        "diastolic_mmhg": (20, 200),
        "heart_rate_per_min": (20, 250),
        "spo2_percent": (50, 100),
        "respirations_per_min": (0, 60),
        "temperature_celsius": (30, 43),
        "moaa_s": (0, 5),
        "rass": (-5, 4),
    }
