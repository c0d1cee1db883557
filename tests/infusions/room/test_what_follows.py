"""What follows from the log: the infusion, its rows, the stock, the outcomes; and that the log stays as it was written."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from chairside import BEGIN, Chair
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction

from infusions import services
from infusions.models import AdverseEvent, Infusion, IntegrationNote, SessionEvent, StockEntry
from infusions.models import VitalSigns as VitalSignsRow
from infusions.services import room
from infusions.session.log import Kind
from infusions.session.signing import fingerprint
from infusions.session.words import origin_words

pytestmark = pytest.mark.django_db

EVENT: dict[str, Any] = {
    "term": "Nausea",
    "ctcae_grade": 3,
    "serious": True,
    "serious_criterion": "hospital",
    "relatedness": "possible",
    "expected": "no",
    "action_taken": "stopped",
    "outcome": "recovered",
}


def running() -> Chair:
    chair = Chair()
    chair.prepare()
    chair.enter(Kind.DRAWN, lot="K1a", vial_mg_per_ml=Decimal(50), ml=Decimal("1.5"))
    chair.enter(Kind.STARTED)
    return chair


def discharged() -> Chair:
    chair = running()
    chair.enter(Kind.STOPPED, after=40, early=False)
    chair.enter(Kind.VITALS, after=1, systolic_mmhg=130, diastolic_mmhg=80)
    chair.enter(Kind.DISCHARGED, after=60, override_reason="Escort is a nurse")
    return chair


def signed() -> Chair:
    chair = discharged()
    chair.enter(Kind.SIGNED, after=1, meaning="responsible", reason="The monitor was off")
    return chair


class TestRows:
    def test_vital_signs(self) -> None:
        chair = running()
        taken = chair.enter(
            Kind.VITALS, after=10, systolic_mmhg=168, diastolic_mmhg=102, spo2_percent=96, on_room_air=False, rass=-1
        )
        row = VitalSignsRow.objects.get(event=taken)
        assert (row.systolic_mmhg, row.spo2_percent, row.rass, row.moaa_s) == (168, 96, -1, None)
        assert (row.on_room_air, row.taken_at, row.entered_by) == ("no", chair.now, chair.actor)
        earlier = chair.now - timedelta(minutes=2)
        self.correct(chair, Kind.RETIMED, taken, earlier)
        row.refresh_from_db()
        assert (row.taken_at, row.voided_at) == (earlier, None)
        self.correct(chair, Kind.STRUCK, taken, chair.now)
        row.refresh_from_db()
        assert (row.voided_at, row.voided_by, row.void_reason) == (chair.now, chair.actor, "Slip")

    @pytest.mark.parametrize(("typed", "kept"), [("36.8", "36.8"), ("37", "37.0")])
    def test_a_temperature_is_exact_in_the_log_and_in_the_row(self, typed: str, kept: str) -> None:
        taken = running().enter(Kind.VITALS, after=10, temperature_celsius=Decimal(typed))
        taken.refresh_from_db()
        assert (taken.data["temperature_celsius"], taken.data["findings"]) == (kept, [])
        assert VitalSignsRow.objects.get(event=taken).temperature_celsius == Decimal(typed)

    @pytest.mark.parametrize("typed", ["29.9", "43.1"])
    def test_a_temperature_that_nobody_has_is_refused(self, typed: str) -> None:
        with pytest.raises(ValidationError, match="enter 30 to 43 °C"):
            running().enter(Kind.VITALS, after=10, temperature_celsius=Decimal(typed))

    def test_adverse_events_and_notes(self) -> None:
        chair = discharged()
        event, note = chair.enter(Kind.ADVERSE, **EVENT), chair.enter(Kind.INTEGRATION, text="Lighter")
        row = AdverseEvent.objects.get(event=event)
        assert (row.term, row.ctcae_grade, row.serious, row.action_taken) == ("Nausea", 3, True, "stopped")
        assert (row.started_at, row.relatedness, row.outcome) == (chair.now, "possible", "recovered")
        assert event.data["serious_criterion"] == "hospital"
        text = IntegrationNote.objects.get(event=note)
        assert text.text == "Lighter"
        self.correct(chair, Kind.RETIMED, note, chair.now - timedelta(minutes=1))
        for entry in (event, note):
            self.correct(chair, Kind.STRUCK, entry, chair.now)
        row.refresh_from_db()
        text.refresh_from_db()
        assert row.void_reason == text.void_reason == "Slip"

    def test_nothing_else_has_a_row(self) -> None:
        chair = running()
        chair.enter(Kind.NOTE, text="Calm")
        chair.enter(Kind.STRUCK, of=chair.enter(Kind.NOTE, text="Slip").pk, reason="Slip")
        assert VitalSignsRow.objects.count() == 1
        assert not AdverseEvent.objects.exists()
        assert not IntegrationNote.objects.exists()

    def correct(self, chair: Chair, kind: Kind, event: SessionEvent, at: Any) -> None:
        stamp = room.Stamp(chair.actor, uuid4(), chair.now)
        room.enter(chair.infusion, kind, stamp, at=at, values={"of": event.pk, "reason": "Slip"})


class TestStock:
    def test_a_struck_line_is_taken_back_by_another(self) -> None:
        chair = running()
        chair.enter(Kind.STOPPED, after=40, early=False)
        waste = chair.enter(
            Kind.WASTED, second=chair.colleague, amount=Decimal("9.1"), unit="mg", method="sink", reason="Left over"
        )
        drawn = SessionEvent.objects.get(kind="drawn")
        for event in (waste, drawn):
            chair.enter(Kind.STRUCK, of=event.pk, reason="Slip")
        lines = StockEntry.objects.order_by("id").values_list("kind", "mg", "lot", "lot_key", "witness")
        assert list(lines) == [
            ("drawn", Decimal(75), "K1a", "k1a", None),
            ("wasted", Decimal("9.1"), "K1a", "k1a", chair.colleague.pk),
            ("wasted", Decimal("-9.1"), "K1a", "k1a", None),
            ("drawn", Decimal(-75), "K1a", "k1a", None),
        ]

    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({"ml": Decimal("9999.99")}, "ml"),
            ({"ml": Decimal("0.01"), "vial_mg_per_ml": Decimal("0.01")}, "ml"),
            ({"lot": "ΐ" * 60}, "lot"),
        ],
    )
    def test_what_cannot_be_drawn(self, values: dict[str, Any], field: str) -> None:
        chair = Chair()
        chair.prepare()
        with pytest.raises(ValidationError) as refused:
            chair.enter(Kind.DRAWN, **{"lot": "K1", "vial_mg_per_ml": Decimal(50), "ml": Decimal(1), **values})
        assert list(refused.value.error_dict) == [field]

    def test_another_vial_than_the_order_counts_with(self) -> None:
        chair = running()
        with pytest.raises(ValidationError, match="The order counts with 50 mg/mL"):
            chair.enter(Kind.DRAWN, lot="K2", vial_mg_per_ml=Decimal(10), ml=Decimal(1))

    def test_also_when_it_was_drawn_before_the_start(self) -> None:
        chair = Chair()
        chair.prepare()
        drawn = chair.enter(Kind.DRAWN, lot="K2", vial_mg_per_ml=Decimal(10), ml=Decimal(1))
        with pytest.raises(ValidationError, match="Drawn was from a vial of 10 mg/mL"):
            chair.enter(Kind.STARTED)
        chair.enter(Kind.STRUCK, of=drawn.pk, reason="Other vial")
        chair.enter(Kind.STARTED)

    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({"lot": "K9"}, "lot"),
            ({"amount": Decimal("75.501")}, "amount"),
            ({"amount": Decimal("0.001"), "unit": "bag_ml"}, None),
            ({"amount": Decimal("0.0004")}, "amount"),
            ({"reason": ""}, "reason"),
        ],
    )
    def test_what_cannot_be_wasted(self, values: dict[str, Any], field: str | None) -> None:
        chair = running()
        waste = {"amount": Decimal(1), "unit": "mg", "lot": "", "method": "sink", "reason": "Left over", **values}
        if field is None:
            assert chair.enter(Kind.WASTED, second=chair.colleague, **waste).data["mg"] == "0.001"
            return
        with pytest.raises(ValidationError) as refused:
            chair.enter(Kind.WASTED, second=chair.colleague, **waste)
        assert list(refused.value.error_dict) == [field]

    def test_without_a_vial_or_a_bag(self) -> None:
        chair = Chair()
        chair.prepare()
        waste = {"amount": Decimal(1), "unit": "bag_ml", "method": "sink", "reason": "Left over"}
        with pytest.raises(ValidationError, match="Nothing was drawn"):
            chair.enter(Kind.WASTED, second=chair.colleague, **waste)
        chair.enter(Kind.DRAWN, lot="K1", vial_mg_per_ml=Decimal(50), ml=Decimal(1))
        with pytest.raises(ValidationError, match="there is no bag"):
            chair.enter(Kind.WASTED, second=chair.colleague, **waste)


class TestTheInfusion:
    def test_minutes_and_mg_follow_a_correction(self) -> None:
        chair = running()
        stop = chair.enter(Kind.STOPPED, after=30, early=True, reason="Headache")
        stamp = room.Stamp(chair.actor, uuid4(), chair.now)
        at = chair.now - timedelta(minutes=5)
        room.enter(chair.infusion, Kind.RETIMED, stamp, at=at, values={"of": stop.pk, "reason": "Clock"})
        assert (chair.row.minutes, chair.row.dose_mg_given) == (Decimal("25.0"), Decimal("41.2"))
        chair.enter(Kind.STRUCK, of=stop.pk, reason="Still running")
        row = chair.row
        assert (row.status, row.stage, row.minutes, row.dose_mg_given) == ("in_progress", "running", None, None)
        assert row.status_reason == ""
        assert not Infusion.objects.given().exists()

    @pytest.mark.parametrize(("early", "status"), [(False, "completed"), (True, "stopped_early")])
    def test_what_was_given_counts_for_the_outcomes(self, early: bool, status: str) -> None:
        chair = running()
        assert not Infusion.objects.given().exists()
        chair.enter(Kind.STOPPED, after=20, early=early, reason="Headache")
        assert [row.status for row in Infusion.objects.given()] == [status]

    def test_only_what_the_outcomes_rest_on_is_announced(self) -> None:
        chair = Chair()
        announced = []

        def version() -> int:
            chair.patient.refresh_from_db()
            return int(chair.patient.record_version)

        def enter(kind: Kind, **values: Any) -> None:
            before = version()
            chair.enter(kind, **values)
            announced.extend([kind] * (version() - before))

        before = version()
        chair.prepare()
        chair.enter(Kind.DRAWN, lot="K1", vial_mg_per_ml=Decimal(50), ml=Decimal("1.5"))
        assert version() == before
        enter(Kind.STARTED)
        enter(Kind.PAUSED, reason="Pressure")
        enter(Kind.RESUMED)
        enter(Kind.RATE, ml_per_h=Decimal(100), reason="Restless")
        enter(Kind.NOTE, text="Calm")
        enter(Kind.STOPPED, early=True, reason="Headache")
        enter(Kind.ADVERSE, **EVENT)
        enter(Kind.DISCHARGED, override_reason="Insists")
        enter(Kind.SIGNED, meaning="responsible", reason="Late")
        assert announced == [Kind.STARTED, Kind.STOPPED]
        note = room.session_of(chair.infusion).all(Kind.NOTE)[-1]
        enter(Kind.STRUCK, of=note.number, reason="Slip")
        assert announced[-1] is Kind.STRUCK


class TestCarriedOver:
    def test_the_setting_and_the_bag_never_the_patient_nor_the_drug(self) -> None:
        chair = Chair()
        chair.prepare()
        chair.type(playlist="Mendel", chair="3", pump="Infusomat", drug_replaces="yes", sitter="Ann")
        chair.enter(Kind.DRAWN, lot="K1", vial_mg_per_ml=Decimal(50), ml=Decimal("1.5"))
        chair.enter(Kind.STARTED)
        chair.enter(Kind.STOPPED, after=40, early=False)
        chair.now += timedelta(days=3)
        chair.infusion = services.plan_infusion(actor=chair.actor, course=chair.infusion.course, planned_for=chair.now)
        stamp = room.Stamp(chair.actor, uuid4(), chair.now)
        for _ in range(2):
            room.enter(chair.infusion, Kind.BEGUN, stamp, at=chair.now, values={})
        session = room.session_of(chair.infusion)
        assert {name: entry.value for name, entry in session.fields.items()} == {
            "bag_ml": "100",
            "chair": "3",
            "drug_replaces": "yes",
            "escort_name": "Sister",
            "eye_mask": "yes",
            "minutes": "40",
            "music": "yes",
            "playlist": "Mendel",
            "pump": "Infusomat",
            "sitter": "Ann",
        }
        assert all(entry.data["carried"] for entry in session.fields.values())
        assert (chair.row.eye_mask, chair.row.sitter) == ("yes", "Ann")
        assert not session.all(Kind.DRAWN, Kind.VITALS)

    def test_first_of_all_what_the_plan_says(self) -> None:
        chair = Chair()
        common: dict[str, Any] = {"actor": chair.actor, "course": chair.infusion.course}
        services.record_infusion(
            **common, now=BEGIN, started_at=BEGIN - timedelta(days=3), dose_mg_given=Decimal(40), sitter="Ann"
        )
        told = {"intention": "Stay with the breath.", "preparation_note": "Wrote a letter.", "sitter": "Ben"}
        chair.infusion = services.plan_infusion(**common, planned_for=BEGIN, **told)
        off = chair.enter(Kind.CALLED_OFF, status="cancelled", reason="Ill")
        assert chair.row.intention == told["intention"]
        chair.enter(Kind.STRUCK, of=off.pk, reason="She came")
        chair.enter(Kind.BEGUN)
        session = room.session_of(chair.infusion)
        assert {name: session.text(name) for name in session.fields} == told
        assert {origin_words(entry) for entry in session.fields.values()} == {"from the plan"}
        assert {name: getattr(chair.row, name) for name in told} == told

    def test_of_an_infusion_recorded_afterwards_what_it_says(self) -> None:
        chair = Chair()
        services.record_infusion(
            actor=chair.actor,
            course=chair.infusion.course,
            now=chair.now,
            started_at=chair.now - timedelta(days=3),
            dose_mg_given=Decimal(40),
            sitter="Ann",
            eye_mask="yes",
        )
        chair.enter(Kind.BEGUN)
        fields = room.session_of(chair.infusion).fields
        assert {name: entry.value for name, entry in fields.items()} == {"sitter": "Ann", "eye_mask": "yes"}

    def test_a_repeated_begin_carries_nothing_later(self) -> None:
        chair = Chair()
        stamp = room.Stamp(chair.actor, uuid4(), chair.now)
        room.enter(chair.infusion, Kind.BEGUN, stamp, at=chair.now, values={})
        services.record_infusion(
            actor=chair.actor,
            course=chair.infusion.course,
            now=chair.now,
            started_at=chair.now - timedelta(days=3),
            dose_mg_given=Decimal(40),
            sitter="Ann",
        )
        room.enter(chair.infusion, Kind.BEGUN, stamp, at=chair.now, values={})
        assert room.session_of(chair.infusion).fields == {}


class TestSigned:
    def test_the_hash_is_of_what_was_signed_whatever_comes_later(self) -> None:
        chair = discharged()
        chair.type(**{f"my__{chair.actor.pk}__note": "A draft"})
        chair.enter(Kind.SIGNED, meaning="responsible", reason="The monitor was off")
        session = room.session_of(chair.infusion)
        was, signature = session.as_signed(), session.signed
        assert signature is not None
        assert fingerprint(chair.infusion.public_id, was.entries, signature) == signature.data["sha256"]
        chair.enter(Kind.ADDENDUM, after=5, text="Rang her")
        chair.enter(Kind.INTEGRATION, text="Lighter")
        chair.enter(Kind.ADVERSE, **EVENT)
        stop = was.stopped
        assert stop is not None
        stamp = room.Stamp(chair.actor, uuid4(), chair.now)
        earlier = stop.at - timedelta(minutes=15)
        room.enter(chair.infusion, Kind.RETIMED, stamp, at=earlier, values={"of": stop.number, "reason": "Clock"})
        session = room.session_of(chair.infusion)
        assert session.as_signed() == was
        assert fingerprint(chair.infusion.public_id, session.as_signed().entries, signature) == signature.data["sha256"]
        assert chair.row.dose_mg_given == Decimal("41.2")
        again = chair.enter(Kind.SIGNED, meaning="responsible", reason="Corrected")
        session = room.session_of(chair.infusion)
        signed = session.as_signed().entries
        assert fingerprint(chair.infusion.public_id, signed, again.entry()) == again.data["sha256"]

    def test_not_twice_without_a_correction(self) -> None:
        chair = signed()
        with pytest.raises(ValidationError, match="cannot be entered now"):
            chair.enter(Kind.SIGNED, meaning="reviewed", reason="Again")

    def test_its_fields_are_locked_and_drafts_are_not(self) -> None:
        chair = signed()
        with pytest.raises(ValidationError, match="Add an addendum"):
            chair.type(intention="Other")
        chair.type(**{f"my__{chair.actor.pk}__addendum": "Rang her"})

    def test_a_wrong_lot_is_mended(self) -> None:
        chair = signed()
        session = room.session_of(chair.infusion)
        chair.enter(Kind.STRUCK, of=session.all(Kind.DRAWN)[0].number, reason="Other lot")
        chair.enter(Kind.DRAWN, lot="K2", vial_mg_per_ml=Decimal(50), ml=Decimal("1.5"))
        amounts = StockEntry.objects.order_by("id").values_list("lot", "mg")
        assert list(amounts) == [("K1a", Decimal(75)), ("K1a", Decimal(-75)), ("K2", Decimal(75))]
        chair.enter(Kind.SIGNED, meaning="responsible", reason="Other lot")

    def test_no_step_is_struck(self) -> None:
        chair = signed()
        for entry in room.session_of(chair.infusion).all(Kind.STARTED, Kind.STOPPED, Kind.DISCHARGED, Kind.SIGNED):
            with pytest.raises(ValidationError, match="cannot be struck"):
                chair.enter(Kind.STRUCK, of=entry.number, reason="Slip")


@pytest.mark.parametrize("table", ["infusions_sessionevent", "infusions_stockentry"])
def test_what_was_written_stays(table: str) -> None:
    running()
    statements = [f"UPDATE {table} SET at = at", f"DELETE FROM {table}"]
    if connection.vendor == "postgresql":
        connection.check_constraints()  # nothing may wait for the commit where a table is emptied
        statements.append(f"TRUNCATE {table} CASCADE")
    else:
        statements.append(f"REPLACE INTO {table} SELECT * FROM {table}")
    for statement in statements:
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
