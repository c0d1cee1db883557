"""What stands against a start, as far as it is typed: amounts, bag and pump, and times of the preparation."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from chairside import Chair
from django.core.exceptions import ValidationError
from django.utils import timezone

from infusions.limits import Limits
from infusions.services import room
from infusions.session.log import Kind

pytestmark = pytest.mark.django_db


def refused(**typed: str) -> dict[str, list[str]]:
    chair = Chair()
    chair.prepare()
    chair.type(**typed)
    with pytest.raises(ValidationError) as error:
        chair.enter(Kind.STARTED, override_reason="All the same")
    told: dict[str, list[str]] = error.value.message_dict
    return told


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("weight_kg", "", "Weight, kg: enter it."),
        ("weight_kg", "82,4", "Enter a number above 0"),
        ("weight_kg", "NaN", "Enter a number above 0"),
        ("weight_kg", "1" * 190, "Enter a number above 0"),
        ("weight_kg", "82.455", "Enter at most 2 decimals."),
        ("weight_kg", "24.9", "outside what is accepted"),
        ("dose_mg_per_kg", "5", "outside what is accepted"),
        ("dose_mg_per_kg", "0.0001", "less than 0.01 mL of the vial"),
        ("dose_mg", "65.955", "Enter at most 2 decimals."),
        ("minutes", "40.25", "Enter at most 1 decimal."),
        ("minutes", "601", "outside what is accepted"),
        ("vial_mg_per_ml", "", "Vial, mg/mL: enter it."),
        ("last_solid_at", "yesterday", "no day and time before the start"),
        ("last_clear_at", "2026-02-27T23:00", "no day and time before the start"),
        ("pregnancy_tested_at", "2026-02-27T10:00+02:00", "no day and time before the start"),
    ],
)
def test_what_must_be_mended_is_told_beside_its_field(name: str, value: str, told: str) -> None:
    messages = refused(**{name: value})
    assert told in messages[name][0]
    assert list(messages) == [name]


def test_a_bag_that_is_too_small_and_a_pump_that_is_too_slow() -> None:
    assert "more than the bag holds" in refused(bag_ml="1", drug_replaces="yes")["bag_ml"][0]
    assert "below 0.1 mL/h" in refused(bag_ml="", dose_mg_per_kg="0.02", minutes="100")["minutes"][0]


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kolkata"])
@pytest.mark.parametrize("text", ["0001-01-01T00:00", "9999-12-31T23:59", "\ufeff", "2026-02-30T10:00"])
def test_times_at_the_ends_of_the_calendar(zone: str, text: str) -> None:
    chair = Chair()
    chair.prepare()
    chair.type(last_solid_at=text)
    with timezone.override(zone):
        room.against_start(chair.row, room.session_of(chair.infusion), Limits(), chair.now)


@pytest.mark.parametrize(
    ("typed", "mg", "rate"),
    [
        ({}, "65.9", "152.0"),
        ({"drug_replaces": "yes"}, "65.9", "150.0"),
        ({"bag_ml": ""}, "65.9", "2.0"),
        ({"dose_mg": "65.95"}, "65.95", "152.0"),
    ],
)
def test_the_order_of_a_start(typed: dict[str, Any], mg: str, rate: str) -> None:
    chair = Chair()
    chair.prepare()
    chair.type(**typed)
    started = chair.enter(Kind.STARTED)
    assert (started.data["mg"], started.data["ml_per_h"]) == (mg, rate)
    row = chair.row
    assert (row.weight_kg, row.dose_mg_per_kg, row.dose_mg_ordered) == (Decimal("82.4"), Decimal("0.8"), Decimal(mg))
    assert row.started_at == chair.now
    chair.enter(Kind.STOPPED, after=40, early=False)
    assert chair.row.dose_mg_given == Decimal(mg)


def test_every_finding_at_once_and_none_when_all_is_in_order() -> None:
    chair = Chair()
    chair.prepare()
    against = room.against_start(chair.row, room.session_of(chair.infusion), Limits(), chair.now)
    assert (against.problems, against.findings, against.needs_second) == ({}, [], False)
    empty = Chair()
    empty.enter(Kind.BEGUN)
    against = room.against_start(empty.row, room.session_of(empty.infusion), Limits(), empty.now)
    assert set(against.problems) == {"weight_kg", "dose_mg_per_kg", "minutes", "vial_mg_per_ml"}
    assert against.order is None
    assert {"vitals", "check.consent", "escort"} <= {finding.field for finding in against.findings}


@pytest.mark.parametrize(
    ("before", "limits"),
    [
        ([{"systolic_mmhg": 128, "diastolic_mmhg": 80}, {"spo2_percent": 98}], []),
        (
            [{"systolic_mmhg": 165, "diastolic_mmhg": 80}, {"spo2_percent": 91}],
            ["override_before_systolic_from_mmhg", "act_spo2_on_room_air_below_percent"],
        ),
        ([{"spo2_percent": 98}], ["required"]),
    ],
)
def test_the_last_pressure_is_judged_whatever_was_read_after_it(
    before: list[dict[str, int]], limits: list[str]
) -> None:
    chair = Chair()
    chair.prepare()
    chair.enter(Kind.STRUCK, of=room.session_of(chair.infusion).all(Kind.VITALS)[0].number, reason="Slip")
    for values in before:
        chair.enter(Kind.VITALS, after=5, **values)
    against = room.against_start(chair.row, room.session_of(chair.infusion), Limits(), chair.now)
    assert [finding.limit for finding in against.findings] == limits
    late = room.against_start(chair.row, room.session_of(chair.infusion), Limits(), chair.now + timedelta(minutes=11))
    assert ("vitals_baseline_within_minutes" in {finding.limit for finding in late.findings}) is (len(before) > 1)
