"""The steps of a session through the services: what each stage allows, who may, and what each entry asks for."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from builders import make_user
from chairside import Chair
from django.core.exceptions import ValidationError
from django.db import transaction

from clinic.audit.models import AuditEvent
from clinic.policy import Role
from infusions import services
from infusions.models import Infusion, SessionEvent
from infusions.services import room
from infusions.session.log import ALLOWED, Kind, Stage

pytestmark = pytest.mark.django_db

#: The order of `Chair.prepare` as the page shows it to whoever checks it.
CHECKED = "65.9 mg (0.8 mg/kg × 82.4 kg), 1.32 mL of 50 mg/mL in 101.32 mL at 152.0 mL/h for 40 min"
VALUES: dict[Kind, dict[str, Any]] = {
    Kind.CALLED_OFF: {"status": "cancelled", "reason": "Ill"},
    Kind.VITALS: {"systolic_mmhg": 130, "diastolic_mmhg": 80},
    Kind.PAUSED: {"reason": "Pressure"},
    Kind.RATE: {"ml_per_h": Decimal("100.0"), "reason": "Restless"},
    Kind.STOPPED: {"early": True, "reason": "Headache"},
    Kind.DRUG: {"name": "Ondansetron", "dose": "4 mg", "route": "IV", "reason": "Nausea", "response": ""},
    Kind.ADVERSE: {
        "term": "Nausea",
        "ctcae_grade": 2,
        "serious": False,
        "serious_criterion": "",
        "relatedness": "possible",
        "expected": "yes",
        "action_taken": "none",
        "outcome": "",
    },
    Kind.NOTE: {"text": "Calm"},
    Kind.DOSE_CHECKED: {"seen": CHECKED},
    Kind.DRAWN: {"lot": "K1", "vial_mg_per_ml": Decimal(50), "ml": Decimal("1.5")},
    Kind.WASTED: {"amount": Decimal(1), "unit": "mg", "lot": "", "method": "sink", "reason": "Left over"},
    Kind.DISCHARGED: {"override_reason": "Escort is a nurse"},
    Kind.STARTED: {"override_reason": ""},
    Kind.INTEGRATION: {"text": "Lighter"},
    Kind.SIGNED: {"meaning": "responsible", "reason": "The monitor was off"},
    Kind.ADDENDUM: {"text": "Rang the next day"},
}


def come_to(stage: Stage) -> Chair:
    """A session at a stage, with a vial drawn, a note, and an alert that waits."""
    chair = Chair()
    way = list(Stage)[: list(Stage).index(stage) + 1]
    if Stage.CHECKS in way:
        chair.prepare()
        chair.enter(Kind.DRAWN, **VALUES[Kind.DRAWN])
    if Stage.RUNNING in way:
        chair.enter(Kind.STARTED)
        chair.enter(Kind.VITALS, after=1, systolic_mmhg=205, diastolic_mmhg=100)
    if stage is Stage.PAUSED:
        chair.enter(Kind.PAUSED, after=1, **VALUES[Kind.PAUSED])
    if Stage.RECOVERY in way:
        chair.enter(Kind.STOPPED, after=10, **VALUES[Kind.STOPPED])
    if Stage.DISCHARGED in way:
        chair.enter(Kind.DISCHARGED, after=60, **VALUES[Kind.DISCHARGED])
    if Stage.SIGNED in way:
        chair.enter(Kind.SIGNED, **VALUES[Kind.SIGNED])
    assert chair.row.stage == ("" if stage is Stage.PLANNED else stage)
    return chair


def try_to_enter(chair: Chair, kind: Kind) -> SessionEvent:
    """What belongs to an entry of this kind, about the latest entry that it can be about."""
    values = dict(VALUES.get(kind, {}))
    session = room.session_of(chair.infusion)
    if kind in {Kind.STRUCK, Kind.RETIMED}:
        about = [entry for entry in session.events if entry.kind is Kind.DRAWN]
        values = {"of": about[0].number if about else 1, "reason": "Wrong chair"}
    if kind is Kind.ACKNOWLEDGED:
        if session.stage is Stage.CHECKS:
            chair.enter(Kind.VITALS, heart_rate_per_min=135)
        vitals = room.session_of(chair.infusion).all(Kind.VITALS)
        values = {"of": vitals[-1].number if vitals else 1, "done": "Paused"}
    if kind is Kind.STARTED and session.stage is Stage.CHECKS:
        values = {"override_reason": ""}
    return chair.enter(kind, second=chair.colleague, **values)


@pytest.mark.parametrize("stage", Stage)
def test_every_kind_at_every_stage(stage: Stage) -> None:
    """What the table of the log allows can be entered, everything else is refused and writes nothing."""
    chair = come_to(stage)
    before, row = SessionEvent.objects.count(), chair.row
    version = row.course.patient.record_version
    for kind in set(Kind) - {Kind.FIELD} - ALLOWED[stage]:
        with pytest.raises(ValidationError, match="cannot be entered now"):
            try_to_enter(chair, kind)
    assert SessionEvent.objects.count() == before
    assert (chair.row.version, chair.row.course.patient.record_version) == (row.version, version)
    for kind in ALLOWED[stage]:
        if kind is Kind.SIGNED and stage is Stage.SIGNED:
            continue  # only once something was corrected
        with transaction.atomic():
            assert try_to_enter(chair, kind).kind == kind
            transaction.set_rollback(True)


def test_a_field_is_no_entry() -> None:
    with pytest.raises(ValidationError, match="cannot be entered now"):
        Chair().enter(Kind.FIELD, value="x")


class TestWhatIsNoSession:
    @pytest.mark.parametrize("status", ["completed", "cancelled", "in_progress", "no_show"])
    def test_an_infusion_recorded_without_the_room_is_left_alone(self, status: str) -> None:
        chair = Chair()
        Infusion.objects.filter(pk=chair.infusion.pk).update(
            status=status, started_at=chair.now, dose_mg_given=40, weight_kg=80
        )
        with pytest.raises(ValidationError, match="without the infusion room"):
            chair.enter(Kind.BEGUN)
        row = chair.row
        assert (row.status, row.dose_mg_given, row.weight_kg, row.stage) == (status, 40, 80, "")
        assert not SessionEvent.objects.exists()

    def test_one_kept_in_the_room_is_not_written_past_its_log(self) -> None:
        chair = come_to(Stage.CHECKS)
        row, told = chair.row, "kept in the infusion room"
        common: dict[str, Any] = {"actor": chair.actor, "now": chair.now}
        with pytest.raises(ValidationError, match=told):
            services.change_infusion_status(
                infusion=row, version=row.version, status="cancelled", reason="Ill", **common
            )
        with pytest.raises(ValidationError, match=told):
            services.amend_infusion(infusion=row, version=row.version, reason="Slip", weight_kg=Decimal(80), **common)
        with pytest.raises(ValidationError, match=told):
            services.record_infusion(
                course=row.course, planned=row, started_at=chair.now, dose_mg_given=Decimal(40), **common
            )
        assert chair.row.version == row.version

    def test_a_voided_one_takes_nothing(self) -> None:
        chair = come_to(Stage.CHECKS)
        services.void_infusion(actor=chair.actor, infusion=chair.row, reason="Twice", now=chair.now)
        with pytest.raises(Infusion.DoesNotExist):
            chair.enter(Kind.NOTE, text="Calm")
        with pytest.raises(Infusion.DoesNotExist):
            chair.type(sitter="Ann")


class TestCallingOff:
    @pytest.mark.parametrize("stage", [Stage.PLANNED, Stage.CHECKS])
    @pytest.mark.parametrize("status", ["cancelled", "no_show"])
    def test_with_a_reason_and_taken_back(self, stage: Stage, status: str) -> None:
        chair = come_to(stage)
        with pytest.raises(ValidationError, match="Say why"):
            chair.enter(Kind.CALLED_OFF, status=status, reason=" ")
        with pytest.raises(ValidationError, match="Choose one"):
            chair.enter(Kind.CALLED_OFF, status="completed", reason="Ill")
        off = chair.enter(Kind.CALLED_OFF, status=status, reason="Ill")
        assert (chair.row.status, chair.row.status_reason) == (status, "Ill")
        with pytest.raises(ValidationError, match="called off"):
            chair.enter(Kind.BEGUN)
        with pytest.raises(ValidationError, match="called off"):
            chair.type(sitter="Ann")
        chair.type(**{f"my__{chair.actor.pk}__note": "Rang her"})
        chair.enter(Kind.STRUCK, of=off.pk, reason="She came")
        assert (chair.row.status, chair.row.status_reason) == ("planned", "")

    def test_drug_that_was_drawn_is_accounted_for(self) -> None:
        chair = come_to(Stage.CHECKS)
        chair.enter(Kind.CALLED_OFF, **VALUES[Kind.CALLED_OFF])
        chair.enter(Kind.WASTED, second=chair.colleague, **VALUES[Kind.WASTED] | {"amount": Decimal(75)})


class TestWhoMay:
    def test_only_a_prescriber_starts_against_a_finding(self) -> None:
        chair = come_to(Stage.CHECKS)
        chair.type(check__consent="no")
        with pytest.raises(ValidationError, match="Consent"):
            chair.enter(Kind.STARTED)
        chair.actor = make_user(Role.INTAKE)
        with pytest.raises(ValidationError, match="Only a prescriber"):
            chair.enter(Kind.STARTED, override_reason="Signed on paper")
        chair.actor = make_user(Role.CLINICIAN)
        started = chair.enter(Kind.STARTED, override_reason="Signed on paper")
        assert started.data["override"] == "Signed on paper"
        assert chair.row.limits_overridden_reason == "Signed on paper"
        assert chair.row.prescriber_id == chair.actor.pk

    @pytest.mark.parametrize(("dose", "signers"), [("1.5", 0), ("1.51", 1), ("2.0", 1), ("2.0001", 2), ("2.1", 2)])
    def test_above_the_hard_cap_two_prescribers_sign(self, dose: str, signers: int) -> None:
        chair = come_to(Stage.CHECKS)
        chair.type(dose_mg_per_kg=dose, minutes="60")
        reason = "" if signers == 0 else "Agreed"
        if signers:
            with pytest.raises(ValidationError):
                chair.enter(Kind.STARTED)
        if signers == 2:
            for second in (None, chair.actor, make_user(Role.INTAKE)):
                with pytest.raises(ValidationError):
                    chair.enter(Kind.STARTED, second=second, override_reason=reason)
        data = chair.enter(Kind.STARTED, second=chair.colleague, override_reason=reason).data
        told = {"user": chair.colleague.pk, "name": str(chair.colleague)}
        assert data.get("second_sign_off") == (told if signers == 2 else None)

    def test_a_rate_over_the_limit_is_a_prescribers(self) -> None:
        chair = come_to(Stage.RUNNING)
        chair.actor = make_user(Role.INTAKE)
        fast = {"ml_per_h": Decimal("400.0"), "reason": "Late"}
        with pytest.raises(ValidationError, match="Only a prescriber"):
            chair.enter(Kind.RATE, **fast)
        with pytest.raises(ValidationError, match="already"):
            chair.enter(Kind.RATE, ml_per_h=Decimal("152.0"), reason="Same")
        chair.actor = chair.colleague
        assert chair.enter(Kind.RATE, **fast).data["crossed"]

    def test_the_witness_of_waste_is_another_person(self) -> None:
        chair = come_to(Stage.CHECKS)
        for second in (None, chair.actor):
            with pytest.raises(ValidationError, match="another person"):
                chair.enter(Kind.WASTED, second=second, **VALUES[Kind.WASTED])
        waste = chair.enter(Kind.WASTED, second=chair.colleague, **VALUES[Kind.WASTED])
        assert (waste.data["witness_id"], waste.data["witness"]) == (chair.colleague.pk, str(chair.colleague))


class TestSecondCheck:
    """A colleague checks the order before the start; nothing asks for it."""

    @pytest.fixture
    def chair(self) -> Chair:
        return come_to(Stage.CHECKS)

    def test_it_keeps_who_checked_and_what(self, chair: Chair) -> None:
        data = chair.enter(Kind.DOSE_CHECKED, second=chair.colleague, seen=CHECKED).data
        assert (data.pop("witness_id"), data.pop("witness")) == (chair.colleague.pk, str(chair.colleague))
        assert data == {
            "weight_kg": "82.4",
            "mg_per_kg": "0.8",
            "mg": "65.9",
            "minutes": "40",
            "vial_mg_per_ml": "50",
            "bag_ml": "100",
            "drug_replaces": False,
            "ml_per_h": "152.0",
            "drug_ml": "1.32",
            "volume_ml": "101.32",
        }

    def test_by_another_person_who_may_enter_infusions(self, chair: Chair) -> None:
        for second in (None, chair.actor):
            with pytest.raises(ValidationError, match="another person"):
                chair.enter(Kind.DOSE_CHECKED, second=second, seen=CHECKED)
        with pytest.raises(ValidationError, match="may not enter infusions"):
            chair.enter(Kind.DOSE_CHECKED, second=make_user(Role.ADMINISTRATOR), seen=CHECKED)

    def test_of_what_she_saw(self, chair: Chair) -> None:
        chair.type(weight_kg="82.5")
        with pytest.raises(ValidationError, match=r"The order changed meanwhile\. It is 66 mg"):
            chair.enter(Kind.DOSE_CHECKED, second=chair.colleague, seen=CHECKED)

    def test_not_of_an_order_that_lacks_something(self, chair: Chair) -> None:
        chair.type(minutes="")
        with pytest.raises(ValidationError, match="Duration, min: enter it"):
            chair.enter(Kind.DOSE_CHECKED, second=chair.colleague, seen=CHECKED)


class TestStopping:
    def test_early_needs_a_reason(self) -> None:
        chair = come_to(Stage.RUNNING)
        with pytest.raises(ValidationError, match="Say why"):
            chair.enter(Kind.STOPPED, early=True, reason="")

    def test_within_the_first_minute(self) -> None:
        chair = come_to(Stage.CHECKS)
        chair.enter(Kind.STARTED)
        chair.enter(Kind.STOPPED, after=0.3, early=True, reason="Rash")
        assert (chair.row.minutes, chair.row.dose_mg_given) == (Decimal("0.3"), Decimal("0.5"))
        assert chair.row.status == "stopped_early"

    def test_the_pump_shows_no_more_than_the_bag_held(self) -> None:
        chair = come_to(Stage.RUNNING)
        with pytest.raises(ValidationError, match=r"The bag held 65\.9 mg"):
            chair.enter(Kind.STOPPED, early=False, pump_mg=Decimal("66.0"))
        chair.enter(Kind.STOPPED, early=False, pump_mg=Decimal("65.9"))
        assert chair.row.dose_mg_given == Decimal("65.9")


class TestDiscrepancies:
    def test_an_alert_is_acknowledged_once(self) -> None:
        chair = come_to(Stage.RUNNING)
        number = room.session_of(chair.infusion).all(Kind.VITALS)[-1].number
        with pytest.raises(ValidationError, match="Say why"):
            chair.enter(Kind.ACKNOWLEDGED, of=number, done="")
        chair.enter(Kind.ACKNOWLEDGED, of=number, done="Paused")
        with pytest.raises(ValidationError, match="already"):
            chair.enter(Kind.ACKNOWLEDGED, of=number, done="Paused")

    def test_a_reading_that_cannot_be_true(self) -> None:
        chair = come_to(Stage.RUNNING)
        with pytest.raises(ValidationError) as refused:
            chair.enter(Kind.VITALS, systolic_mmhg=80, diastolic_mmhg=120, heart_rate_per_min=900)
        assert set(refused.value.error_dict) == {"systolic_mmhg", "heart_rate_per_min"}

    @pytest.mark.parametrize("kind", [Kind.STRUCK, Kind.RETIMED])
    def test_nothing_of_another_session_is_corrected(self, kind: Kind) -> None:
        other, chair = come_to(Stage.CHECKS), come_to(Stage.CHECKS)
        for number in (room.session_of(other.infusion).entries[-1].number, 10**12, -1):
            with pytest.raises(ValidationError, match="cannot be"):
                chair.enter(kind, of=number, reason="Slip")

    @pytest.mark.parametrize("kind", [Kind.STRUCK, Kind.RETIMED])
    def test_a_correction_says_why(self, kind: Kind) -> None:
        chair = come_to(Stage.CHECKS)
        with pytest.raises(ValidationError, match="Say why"):
            chair.enter(kind, of=chair.enter(Kind.NOTE, text="Calm").pk, reason=" ")

    def test_a_start_under_another_rate_is_not_struck(self) -> None:
        chair = come_to(Stage.CHECKS)
        started = chair.enter(Kind.STARTED)
        rate = chair.enter(Kind.RATE, after=5, ml_per_h=Decimal("100.0"), reason="Restless")
        with pytest.raises(ValidationError, match="cannot be struck"):
            chair.enter(Kind.STRUCK, of=started.pk, reason="Wrong chair")
        chair.enter(Kind.STRUCK, of=rate.pk, reason="Wrong chair")
        chair.enter(Kind.STRUCK, of=started.pk, reason="Wrong chair")
        assert (chair.row.stage, chair.row.status, chair.row.started_at) == ("checks", "planned", None)
        chair.enter(Kind.STARTED)


def test_the_entry_keeps_who_and_the_audit_trail_which() -> None:
    chair = Chair()
    chair.enter(Kind.BEGUN)
    stamp = room.Stamp(chair.actor, uuid4(), chair.now)
    event = room.enter(chair.infusion, Kind.NOTE, stamp, at=chair.now, values={"text": "Zanzibarqua"})
    assert (event.by_id, event.by_name, event.recorded_at) == (chair.actor.pk, str(chair.actor), chair.now)
    audit = AuditEvent.objects.order_by("id").last()
    assert audit is not None
    assert (audit.action, audit.detail, audit.patient_id) == ("session note", {"entry": event.pk}, chair.patient.pk)
