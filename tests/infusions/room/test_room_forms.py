"""What is typed into the room: bad input of every kind is a message beside its field and never an exception."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from bad_input import bad_values
from django import forms
from django.utils import timezone

from infusions.forms.room import FORMS
from infusions.services.room.starting import as_amount
from infusions.session.log import Kind

NOW = datetime(2026, 2, 27, 19, 0, tzinfo=UTC)  # 14:00 in New York

#: What each kind takes.
GOOD: dict[Kind, dict[str, str]] = {
    Kind.BEGUN: {},
    Kind.CALLED_OFF: {"status": "cancelled", "reason": "Ill"},
    Kind.VITALS: {
        "systolic_mmhg": "128",
        "diastolic_mmhg": "80",
        "heart_rate_per_min": "72",
        "spo2_percent": "98",
        "respirations_per_min": "14",
        "temperature_celsius": "36.8",
        "moaa_s": "5",
        "rass": "-1",
        "pain": "0",
        "nausea": "3",
        "on_room_air": "no",
    },
    Kind.DOSE_CHECKED: {"seen": "65.9 mg", "second_email": "a@clinic.example", "second_password": "x"},
    Kind.STARTED: {"override_reason": "Agreed", "second_email": "a@clinic.example", "second_password": " x "},
    Kind.PAUSED: {"reason": "Pressure"},
    Kind.RESUMED: {},
    Kind.RATE: {"ml_per_h": "100.5", "reason": "Restless"},
    Kind.STOPPED: {"early": "on", "reason": "Headache", "pump_mg": "40.5"},
    Kind.DRUG: {"name": "Ondansetron", "dose": "4 mg", "route": "IV", "reason": "Nausea", "response": "Better"},
    Kind.ADVERSE: {
        "term": "Nausea",
        "ctcae_grade": "3",
        "relatedness": "possible",
        "expected": "no",
        "action_taken": "stopped",
        "outcome": "Recovered",
        "serious": "on",
        "serious_criterion": "Hospital",
    },
    Kind.NOTE: {"text": "Calm"},
    Kind.ACKNOWLEDGED: {"of": "7", "done": "Paused"},
    Kind.DRAWN: {"lot": "K1", "vial_mg_per_ml": "50", "ml": "1.5"},
    Kind.WASTED: {
        "amount": "0.18",
        "unit": "vial_ml",
        "lot": "K1",
        "method": "Sink",
        "reason": "Left over",
        "second_email": "a@clinic.example",
        "second_password": "x",
    },
    Kind.DISCHARGED: {"override_reason": "Insists"},
    Kind.INTEGRATION: {"text": "Lighter"},
    Kind.SIGNED: {"password": "x", "meaning": "responsible", "reason": "Late"},
    Kind.ADDENDUM: {"text": "Rang her"},
    Kind.STRUCK: {"of": "7", "reason": "Slip"},
    Kind.RETIMED: {"of": "7", "reason": "Slip"},
}


def form_of(kind: Kind, now: datetime = NOW, **changed: str) -> Any:
    return FORMS[kind]({"key": str(uuid4()), **GOOD[kind], **changed}, now=now)


def kind_of(field: forms.Field) -> str:
    """The kind of bad input that a field must refuse."""
    if isinstance(field, forms.ChoiceField):
        return "choice"
    if isinstance(field, forms.DecimalField):
        return "amount"
    return "whole number" if isinstance(field, forms.IntegerField) else "text"


FIELDS = [
    (kind, name, kind_of(field))
    for kind, form in FORMS.items()
    for name, field in form.base_fields.items()
    if name not in {"key", "at"} and not isinstance(field, forms.BooleanField)
]


def test_every_kind_but_a_field_has_a_form() -> None:
    assert set(FORMS) == set(GOOD) == set(Kind) - {Kind.FIELD}


@pytest.mark.parametrize("kind", FORMS)
def test_everything_that_was_typed_comes_out(kind: Kind) -> None:
    form = form_of(kind)
    assert form.is_valid(), form.errors
    values = form.values()
    assert set(values) == set(GOOD[kind]) - set(form.PROOF)
    assert all(value not in (None, "") for value in values.values())
    assert form.cleaned_data["at"] == NOW
    assert str(form.entry_key) == form.data["key"]


def test_vital_signs_and_events_keep_what_only_the_room_asks() -> None:
    vitals, event = form_of(Kind.VITALS), form_of(Kind.ADVERSE)
    assert vitals.is_valid()
    assert event.is_valid()
    assert {name: vitals.values()[name] for name in ("rass", "pain", "nausea", "on_room_air")} == {
        "rass": -1,
        "pain": 0,
        "nausea": 3,
        "on_room_air": False,
    }
    assert event.values()["serious_criterion"] == "Hospital"


@pytest.mark.parametrize(("kind", "name", "of"), FIELDS, ids=lambda value: str(value))
def test_what_no_field_takes_is_a_message(kind: Kind, name: str, of: str) -> None:
    for what, raw in bad_values(of):
        if name == "of" and "above" in what:
            continue  # the service finds no such entry
        form = form_of(kind, **{name: raw})
        assert not form.is_valid(), what
        assert form.errors[name], what
        assert all(message.endswith(".") for message in form.errors[name]), form.errors[name]


@pytest.mark.parametrize("raw", ["", "7", "x" * 1000, "\0", "emoji 😀"])
def test_without_a_key_nothing_is_entered(raw: str) -> None:
    assert form_of(Kind.NOTE, key=raw).errors["key"] == ["This page lost its key. Load it again."]


class TestTime:
    @pytest.mark.parametrize(
        ("raw", "hours", "minutes"),
        [
            ("", 0, 0),
            ("14:00", 0, 0),
            ("13:30", 0, -30),
            ("14:05", 0, 5),
            ("2026-02-27T13:00", -1, 0),
            ("2026-02-26T23:30", -15, 30),
            (" 13:30:15 ", 0, -29.75),
        ],
    )
    def test_a_time_or_a_day_and_a_time(self, raw: str, hours: float, minutes: float) -> None:
        form = form_of(Kind.NOTE, at=raw)
        assert form.is_valid(), form.errors
        assert form.cleaned_data["at"] == NOW + timedelta(hours=hours, minutes=minutes)

    def test_just_after_midnight_late_evening_was_yesterday(self) -> None:
        midnight = datetime(2026, 2, 28, 5, 10, tzinfo=UTC)  # ten past midnight in New York
        form = form_of(Kind.NOTE, now=midnight, at="23:50")
        assert form.is_valid()
        assert form.cleaned_data["at"] == midnight - timedelta(minutes=20)

    @pytest.mark.parametrize(
        "raw",
        [
            *(raw for what, raw in bad_values("moment") if "there is" not in what and "birth" not in what),
            *("25:00", "14:60", "14h05", "-1:00", "2026-02-27T10:00+02:00", "2026-02-27T10:00Z", "14:05+02:00"),
            *("2026-02-27", "T14:05", "14", "1405", "14:05:00.5"),
        ],
        ids=lambda raw: raw[:20],
    )
    def test_what_is_no_time(self, raw: str) -> None:
        if raw == "2999-01-01T10:00":
            return  # a moment, which the service refuses as one to come
        assert form_of(Kind.NOTE, at=raw).errors["at"][0].endswith("14:05.")

    @pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kolkata", "Pacific/Auckland"])
    @pytest.mark.parametrize("raw", ["0001-01-01T00:00", "9999-12-31T23:59", "1802-01-01T10:00"])
    def test_the_ends_of_the_calendar(self, zone: str, raw: str) -> None:
        with timezone.override(zone):
            assert form_of(Kind.NOTE, at=raw).errors["at"]

    @pytest.mark.parametrize("raw", ["2026-03-08T02:30", "2025-11-02T01:30"])
    def test_when_the_clocks_change(self, raw: str) -> None:
        assert form_of(Kind.NOTE, now=NOW + timedelta(days=30), at=raw).errors["at"] == [
            "The clocks changed at this time. Enter one that there was once."
        ]


class TestMessages:
    def test_a_set_without_a_value(self) -> None:
        empty = dict.fromkeys(GOOD[Kind.VITALS], "")
        assert form_of(Kind.VITALS, **empty).non_field_errors() == ["Nothing was read. Enter at least one value."]
        assert form_of(Kind.VITALS, **empty | {"pain": "0"}).is_valid()

    def test_a_pressure_the_wrong_way_round(self) -> None:
        assert "above diastolic" in form_of(Kind.VITALS, systolic_mmhg="80").errors["systolic_mmhg"][0]

    def test_a_serious_event_says_why(self) -> None:
        assert "serious_criterion" in form_of(Kind.ADVERSE, serious_criterion="").errors
        assert form_of(Kind.ADVERSE, serious="", serious_criterion="").is_valid()

    @pytest.mark.parametrize("raw", ["0", "0.0", "-1"])
    def test_a_rate_of_nothing_is_a_pause(self, raw: str) -> None:
        assert form_of(Kind.RATE, ml_per_h=raw).errors["ml_per_h"] == [
            "Enter a rate above 0. To stop for a while, pause."
        ]


class TestAmount:
    @pytest.mark.parametrize("text", ["82.4", "0.0001", "99999.9999", "82.", ".8", "007", "82.4000"])
    def test_an_exact_amount(self, text: str) -> None:
        assert as_amount(text) == Decimal(text)

    @pytest.mark.parametrize(
        "text",
        [
            *(raw for _, raw in bad_values("amount") if raw != "99999999"),
            *(
                "",
                " ",
                "0",
                "0.0",
                "-0",
                "100000",
                "0.00001",
                "1e3",
                "1_0",
                "+5",
                "٣",
                "Infinity",
                "sNaN",
                "1 0",
                "82.4\n",
            ),
            *("9" * 200, "0." + "0" * 190 + "1", "1" + "0" * 999_999, "."),
        ],
        ids=lambda text: text[:12],
    )
    def test_anything_else_is_none(self, text: str) -> None:
        assert as_amount(text) is None

    def test_as_many_decimals_as_are_kept(self) -> None:
        assert as_amount("82.45", 2) == Decimal("82.45")
        assert as_amount("82.450", 2) == Decimal("82.45")
        assert as_amount("82.455", 2) is None
