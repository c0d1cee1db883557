"""A whole session through the services: what follows from the log is on the infusion."""

from decimal import Decimal

import pytest
from chairside import Chair
from django.core.exceptions import ValidationError

from infusions.models import StockEntry
from infusions.models import VitalSigns as VitalSignsRow
from infusions.session.log import Kind, Stage

pytestmark = pytest.mark.django_db


def test_a_session_with_a_pause_and_an_early_stop():
    chair = Chair()
    chair.prepare()
    assert chair.row.stage == Stage.CHECKS
    started = chair.enter(Kind.STARTED)
    assert (started.data["mg"], started.data["ml_per_h"], started.data["drug_ml"]) == ("65.9", "152.0", "1.32")
    assert chair.row.status == "in_progress"
    chair.enter(Kind.VITALS, after=10, systolic_mmhg=168, diastolic_mmhg=102)
    chair.enter(Kind.PAUSED, reason="Pressure")
    chair.enter(Kind.RESUMED, after=5)
    chair.enter(Kind.STOPPED, after=15, early=True, reason="Headache")
    row = chair.row
    assert (row.status, row.stage) == ("stopped_early", "recovery")
    assert row.minutes == Decimal("25.0")
    assert row.dose_mg_given == Decimal("41.2")  # O9
    assert VitalSignsRow.objects.filter(infusion=row).count() == 2


def test_the_whole_way_to_a_signature():
    chair = Chair()
    chair.prepare()
    chair.enter(Kind.DRAWN, lot="K1", vial_mg_per_ml=Decimal(50), ml=Decimal("1.5"))
    chair.enter(Kind.STARTED)
    chair.enter(Kind.STOPPED, after=40, early=False)
    chair.enter(
        Kind.WASTED,
        second=chair.colleague,
        amount=Decimal("0.18"),
        unit="vial_ml",
        method="sink",
        reason="Left over",
    )
    with pytest.raises(ValidationError):
        chair.enter(Kind.DISCHARGED, override_reason="")
    chair.enter(Kind.VITALS, after=61, systolic_mmhg=130, diastolic_mmhg=80)
    chair.type(
        **{f"aldrete__{name}": "2" for name in ("activity", "respiration", "circulation", "consciousness", "spo2")}
    )
    names = (
        "oriented",
        "steady_gait",
        "no_dissociation",
        "nausea_controlled",
        "no_new_si",
        "escort_present",
        "instructions",
    )
    chair.type(**{f"discharge__{name}": "yes" for name in names}, intensity="7")
    chair.enter(Kind.DISCHARGED)
    chair.enter(Kind.INTEGRATION, text="Lighter.")
    with pytest.raises(ValidationError, match="Say why"):  # vital signs were late
        chair.enter(Kind.SIGNED, meaning="responsible", reason="")
    signed = chair.enter(Kind.SIGNED, meaning="responsible", reason="The monitor was off for a while.")
    assert len(signed.data["sha256"]) == 64
    assert chair.row.stage == Stage.SIGNED
    assert sorted(StockEntry.objects.values_list("kind", "mg")) == [("drawn", Decimal(75)), ("wasted", Decimal(9))]
    with pytest.raises(ValidationError):
        chair.type(intensity="8")


def test_no_more_can_be_wasted_than_the_pump_left():
    chair = Chair()
    chair.prepare()
    chair.enter(Kind.DRAWN, lot="K1", vial_mg_per_ml=Decimal(50), ml=Decimal("1.5"))
    chair.enter(Kind.STARTED)
    chair.enter(Kind.STOPPED, after=25, early=True, reason="Headache")  # 41.2 of 75 mg given: 33.8 mg are left
    waste = {"unit": "mg", "method": "sink", "reason": "Left over"}
    with pytest.raises(ValidationError, match=r"75 mg drawn, 41\.2 mg given, 0 mg wasted: 34\.301 mg more cannot be"):
        chair.enter(Kind.WASTED, second=chair.colleague, amount=Decimal("34.301"), **waste)
    chair.enter(Kind.WASTED, second=chair.colleague, amount=Decimal("34.3"), **waste)  # within 0.01 mL of the vial
