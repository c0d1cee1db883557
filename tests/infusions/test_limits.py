"""The limits that a director edits, and every one on an order just inside, at and just beyond its number."""

import json
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from infusions import dosing
from infusions.limits import _SCALES, Level, Limits, Row, exact

LIMITS = Limits()
LEVELS = {"cap", "override", "warn", "act", "notify"}
START = datetime(2026, 5, 20, 9, 0, tzinfo=UTC)


def levels(findings):
    return [(finding.level, finding.limit) for finding in findings]


def crossed(limit=None, **order):
    """The findings of an order, or those for one limit."""
    findings = dosing.check_dose(LIMITS, **{name: Decimal(value) for name, value in order.items()})
    return findings if limit is None else [finding for finding in findings if finding.limit == limit]


def test_the_defaults_can_be_adopted():
    assert Limits().problems() == []


def test_json_gives_the_same_limits_back():
    limits = replace(Limits(), cap_dose_above_mg_per_kg=Decimal("1.8"), warn_consent_age_above_days=180)
    stored = json.loads(json.dumps(limits.as_dict()))
    assert stored["cap_dose_above_mg_per_kg"] == "1.8"
    assert stored["warn_consent_age_above_days"] == 180
    assert Limits.from_dict(stored) == limits


def test_what_is_left_out_keeps_its_default():
    assert Limits.from_dict({}) == Limits()
    assert Limits.from_dict({"warn_total_above_mg": "100"}).override_total_above_mg == 200


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"warn_totl": 1}, "Unknown limits: warn_totl"),
        ({"warn_total_above_mg": "much"}, "warn_total_above_mg is 'much': give a number"),
        ({"warn_total_above_mg": 120.5}, "give a number"),
        ({"warn_total_above_mg": True}, "give a number"),
        ({"warn_total_above_mg": None}, "give a number"),
        ({"warn_total_above_mg": "NaN"}, "give a number"),
        ({"warn_total_above_mg": 201}, "do not fall in this order"),
        ({"override_total_above_mg": 501}, "from 0 to 500"),
        ({"cap_dose_above_mg_per_kg": "4.6"}, "from 0 to 4.5"),
        ({"override_dose_above_mg_per_kg": "2.5"}, "do not fall in this order"),
        ({"warn_minutes_below": 19}, "do not fall in this order"),
        ({"act_once_systolic_from_mmhg": 170}, "do not fall in this order"),
        ({"warn_consent_age_above_days": -1}, "choose 0 or more"),
    ],
)
def test_unusable_limits_are_refused_with_the_reason(values, told):
    with pytest.raises(ValueError, match=told):
        Limits.from_dict(values)


def test_every_name_on_a_scale_is_a_limit():
    scaled = {word for scale in _SCALES.strip().splitlines() for word in scale.split()[1:-1]}
    assert scaled <= {field.name for field in fields(Limits)}


def test_every_limit_can_be_crossed_as_its_name_says():
    names = [field.name for field in fields(Limits) if field.name.split("_")[0] in LEVELS]
    for name in set(names) - {"warn_vitals_overdue_above_minutes"}:
        limit = Decimal(getattr(Limits(), name))
        row = Row("value", "Value", "", (name,))
        found = [row.check(limit + step, Limits()) for step in (Decimal("-0.01"), Decimal(0), Decimal("0.01"))]
        sides = [bool(findings) for findings in found]
        inclusive = "_from_" in name or "_at_" in name
        falls = "_below_" in name or name.endswith("_below") or "_at_most" in name
        assert sides == ([True, inclusive, False] if falls else [False, inclusive, True]), name


def test_a_limit_reached_exactly_is_told_as_such():
    row = Row("systolic_mmhg", "Systolic pressure", "mmHg", ("notify_systolic_from_mmhg",))
    (at,) = row.check(160, Limits())
    assert at.message == "Systolic pressure 160 mmHg is at the limit of 160 mmHg: tell the prescriber."
    assert (at.level, at.sign_offs, at.repeat_in_minutes) == (Level.NOTIFY, 0, None)


def test_an_edited_limit_is_the_one_that_counts():
    row = Row("mg", "Total dose", "mg", ("override_total_above_mg", "warn_total_above_mg"))
    limits = replace(Limits(), warn_total_above_mg=100)
    assert [finding.level for finding in row.check(101, limits)] == [Level.WARN]
    assert row.check(101, Limits()) == []


def test_exact_numbers_only():
    assert exact(3) == Decimal(3)
    with pytest.raises(TypeError, match="not float"):
        exact(0.1)
    with pytest.raises(ValueError, match="finite"):
        exact(Decimal("Infinity"))


def test_an_empty_order_crosses_nothing():
    assert dosing.check_dose(LIMITS) == []


def test_the_usual_order_crosses_nothing():
    order = {"weight_kg": "82.4", "weight_age_days": 0, "last_weight_kg": 82, "mg_per_kg": "0.8", "mg": "65.9"}
    assert crossed(**order, previous_mg_per_kg="0.7", minutes=40, vial_mg_per_ml=50) == []


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("weight_kg", "24.9", "reject"),
        ("weight_kg", "25", "warn_weight_below_kg"),
        ("weight_kg", "39.9", "warn_weight_below_kg"),
        ("weight_kg", "40", None),
        ("weight_kg", "180", None),
        ("weight_kg", "180.1", "warn_weight_above_kg"),
        ("weight_kg", "350", "warn_weight_above_kg"),
        ("weight_kg", "350.1", "reject"),
        ("weight_age_days", "30", None),
        ("weight_age_days", "31", "warn_weight_age_above_days"),
        ("mg_per_kg", "-0.1", "reject"),
        ("mg_per_kg", "0", "reject"),
        ("mg_per_kg", "0.01", "warn_dose_below_mg_per_kg"),
        ("mg_per_kg", "0.299", "warn_dose_below_mg_per_kg"),
        ("mg_per_kg", "0.3", None),
        ("mg_per_kg", "1.2", None),
        ("mg_per_kg", "1.201", "warn_dose_above_mg_per_kg"),
        ("mg_per_kg", "1.5", "warn_dose_above_mg_per_kg"),
        ("mg_per_kg", "1.501", "override_dose_above_mg_per_kg"),
        ("mg_per_kg", "2.0", "override_dose_above_mg_per_kg"),
        ("mg_per_kg", "2.001", "cap_dose_above_mg_per_kg"),
        ("mg_per_kg", "4.5", "cap_dose_above_mg_per_kg"),
        ("mg_per_kg", "4.51", "reject"),
        ("mg", "-1", "reject"),
        ("mg", "0", None),
        ("mg", "120", None),
        ("mg", "120.1", "warn_total_above_mg"),
        ("mg", "200", "warn_total_above_mg"),
        ("mg", "200.1", "override_total_above_mg"),
        ("mg", "500", "override_total_above_mg"),
        ("mg", "500.1", "reject"),
        ("minutes", "0.9", "reject"),
        ("minutes", "1", "override_minutes_below"),
        ("minutes", "19", "override_minutes_below"),
        ("minutes", "20", "warn_minutes_below"),
        ("minutes", "39", "warn_minutes_below"),
        ("minutes", "40", None),
        ("minutes", "90", None),
        ("minutes", "91", "warn_minutes_above"),
        ("minutes", "180", "warn_minutes_above"),
        ("minutes", "181", "override_minutes_above"),
        ("minutes", "600", "override_minutes_above"),
        ("minutes", "601", "reject"),
        ("vial_mg_per_ml", "50", None),
        ("vial_mg_per_ml", "99.9", None),
        ("vial_mg_per_ml", "100", "override_undiluted_from_mg_per_ml"),
    ],
)
def test_entered_values(field, value, expected):
    findings = crossed(**{field: value})
    if expected is None:
        assert findings == []
    elif expected == "reject":
        assert levels(findings) == [(Level.REJECT, "accepted")]
        assert findings[0].field == field
    else:
        assert [finding.limit for finding in findings] == [expected]


@pytest.mark.parametrize(("dose", "sign_offs"), [("1.3", 0), ("1.6", 1), ("2.1", 2), ("4.6", 0)])
def test_the_hard_cap_takes_two_sign_offs(dose, sign_offs):
    assert [finding.sign_offs for finding in crossed(mg_per_kg=dose)] == [sign_offs]


@pytest.mark.parametrize(
    ("last", "now", "limit"),
    [("80", "88", None), ("80", "88.1", "above"), ("80", "72", None), ("80", "71.9", "above"), ("0", "80", None)],
)
def test_change_of_weight(last, now, limit):
    findings = crossed(weight_kg=now, last_weight_kg=last)
    assert levels(findings) == ([(Level.OVERRIDE, "override_weight_change_above_percent")] if limit else [])


@pytest.mark.parametrize(
    ("mg", "level"),
    [
        ("100", None),
        ("101", None),
        ("99", None),
        ("101.1", Level.WARN),
        ("98.9", Level.WARN),
        ("105", Level.WARN),
        ("95", Level.WARN),
        ("105.1", Level.OVERRIDE),
        ("94.9", Level.OVERRIDE),
    ],
)
def test_total_against_dose_and_weight(mg, level):
    findings = crossed(mg=mg, mg_per_kg="1", weight_kg=100)
    assert [finding.level for finding in findings] == ([level] if level else [])
    assert all("mg_mismatch" in finding.limit for finding in findings)


@pytest.mark.parametrize(
    ("previous", "now", "limits"),
    [
        ("0.5", "0.75", []),
        ("0.6", "0.85", []),
        ("0.6", "0.851", ["warn_dose_step_above_mg_per_kg"]),
        ("0.4", "0.6", []),
        ("0.4", "0.601", ["warn_dose_step_above_percent"]),
        ("0.5", "0.76", ["warn_dose_step_above_mg_per_kg", "warn_dose_step_above_percent"]),
        ("1.0", "0.5", []),
        ("0", "0.5", []),
    ],
)
def test_step_on_the_previous_dose(previous, now, limits):
    findings = crossed(mg_per_kg=now, previous_mg_per_kg=previous)
    assert levels(findings) == [(Level.WARN, limit) for limit in limits]


@pytest.mark.parametrize(
    ("dose", "minutes", "level"),
    [("1.2", 40, None), ("1.2", "39.9", "warn"), ("1.0", 20, "warn"), ("1.01", 20, "override")],
)
def test_rate(dose, minutes, level):
    findings = [finding for finding in crossed(mg_per_kg=dose, minutes=minutes) if "rate" in finding.limit]
    assert [str(finding.level) for finding in findings] == ([level] if level else [])


def test_rounding_to_a_tenth_of_a_milligram_crosses_no_limit():
    # 1.2 x 82.4 = 98.88, ordered as 98.9: more than 1.2 mg/kg, but only by rounding
    assert crossed(weight_kg="82.4", mg_per_kg="1.2", mg="98.9", minutes=40) == []
    assert crossed(weight_kg="82.4", mg="98.9", minutes=40) == []


def test_the_total_cannot_slip_under_the_cap():
    findings = crossed(weight_kg=80, mg_per_kg="0.8", mg=176, minutes=40)
    assert ("override", "override_mg_mismatch_above_percent") in levels(findings)
    (cap,) = crossed("cap_dose_above_mg_per_kg", weight_kg=80, mg_per_kg="0.8", mg=176, minutes=40)
    assert (cap.field, cap.sign_offs) == ("mg", 2)
    assert crossed("override_rate_above_mg_per_kg_per_min", weight_kg=80, mg_per_kg="0.8", mg=176, minutes=40)


def test_the_total_and_the_weight_give_the_dose_when_none_is_entered():
    assert levels(crossed(weight_kg=80, mg=140)) == [
        (Level.WARN, "warn_total_above_mg"),
        (Level.OVERRIDE, "override_dose_above_mg_per_kg"),
    ]
    assert crossed(weight_kg=80, mg="0.05") == []


def test_a_recorded_dilution_settles_the_strong_vial():
    assert dosing.check_dose(LIMITS, vial_mg_per_ml=100, dilution_recorded=True) == []


def test_what_is_rejected_is_not_calculated_with():
    findings = crossed(weight_kg="8240", mg_per_kg="0.8", mg="65.9", minutes=0, last_weight_kg=82)
    assert [(finding.level, finding.field) for finding in findings] == [
        (Level.REJECT, "weight_kg"),
        (Level.REJECT, "minutes"),
    ]
    assert levels(crossed(mg_per_kg="1E+400", weight_kg=80, mg="1E+400")) == [(Level.REJECT, "accepted")] * 2


def test_messages_say_the_limit_the_excess_and_what_is_asked():
    (cap,) = crossed(mg_per_kg="2.1")
    assert cap.message == (
        "Dose 2.1 mg/kg is 0.1 mg/kg above the limit of 2.0 mg/kg: two prescribers must sign, each with a reason."
    )
    (low,) = crossed(weight_kg="8.2")
    assert low.message == "Weight 8.2 kg is 16.8 kg outside what is accepted: enter 25 to 350 kg."
    (zero,) = crossed(mg_per_kg="0")
    assert zero.message == "Dose 0 mg/kg is not accepted: enter more than 0 and at most 4.5 mg/kg."


def test_floats_are_refused():
    with pytest.raises(TypeError, match="Decimal"):
        dosing.check_dose(LIMITS, weight_kg=82.4)
    with pytest.raises(TypeError, match="Decimal"):
        dosing.check_dose(LIMITS, weight_kg=82, last_weight_kg=-82.4)


def after(**passed):
    return dosing.check_interval(LIMITS, start_at=START, previous_starts=[START - timedelta(**passed)])


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [
        (-1, (Level.REJECT, "after_previous_start")),
        (0, (Level.OVERRIDE, "override_interval_below_hours")),
        (20 * 60 - 1, (Level.OVERRIDE, "override_interval_below_hours")),
        (20 * 60, (Level.WARN, "warn_interval_below_hours")),
        (48 * 60 - 1, (Level.WARN, "warn_interval_below_hours")),
        (48 * 60, None),
    ],
)
def test_hours_since_the_previous_infusion(minutes, expected):
    assert levels(after(minutes=minutes)) == ([expected] if expected else [])


def test_the_first_infusion_has_no_interval():
    assert dosing.check_interval(LIMITS, start_at=START, previous_starts=[]) == []


def test_the_latest_of_the_previous_infusions_counts():
    previous = [START - timedelta(hours=30), START - timedelta(days=9)]
    assert levels(dosing.check_interval(LIMITS, start_at=START, previous_starts=previous)) == [
        (Level.WARN, "warn_interval_below_hours")
    ]


@pytest.mark.parametrize(
    ("days_ago", "limits"),
    [
        ([2, 4, 6, 8, 10], []),
        ([2, 4, 6, 8, 10, 14], []),
        ([2, 4, 6, 8, 10, 13], ["warn_infusions_in_14_days_above"]),
        ([3, 6, 9, 12, 15, 18, 21, 24, 27], []),
        ([3, 6, 9, 12, 15, 18, 21, 24, 27, 30], []),
        ([3, 6, 9, 12, 15, 18, 21, 24, 27, 29], ["warn_infusions_in_30_days_above"]),
    ],
)
def test_infusions_in_14_and_30_days_count_this_one(days_ago, limits):
    previous = [START - timedelta(days=days) for days in days_ago]
    findings = dosing.check_interval(LIMITS, start_at=START, previous_starts=previous)
    assert levels(findings) == [(Level.WARN, limit) for limit in limits]


def test_hours_are_hours_that_passed_over_a_clock_change():
    berlin = ZoneInfo("Europe/Berlin")
    evening, afternoon = datetime(2026, 3, 28, 20, 0, tzinfo=berlin), datetime(2026, 3, 29, 16, 30, tzinfo=berlin)
    findings = dosing.check_interval(LIMITS, start_at=afternoon, previous_starts=[evening])
    assert levels(findings) == [(Level.OVERRIDE, "override_interval_below_hours")]


def test_days_are_those_of_the_clinic():
    # 13 days and 20 hours before, but the 14th day before on the clinic's calendar
    honolulu = ZoneInfo("Pacific/Honolulu")
    start = datetime(2026, 5, 20, 9, 0, tzinfo=honolulu)
    previous = [start - timedelta(days=days) for days in (2, 4, 6, 8, 10)]
    previous.append((start - timedelta(days=13, hours=20)).astimezone(UTC))
    assert dosing.check_interval(LIMITS, start_at=start, previous_starts=previous) == []


def test_naive_moments_are_refused():
    with pytest.raises(ValueError, match="timezone-aware"):
        dosing.check_interval(LIMITS, start_at=START, previous_starts=[START.replace(tzinfo=None)])


def test_accepted_ranges_can_be_read_by_forms_and_constraints():
    ranges = dosing.ACCEPTED
    assert ranges == {
        "weight_kg": (25, 350),
        "mg_per_kg": (0, Decimal("4.5")),
        "mg": (0, 500),
        "minutes": (1, 600),
    }
