"""verify_sessions finds whatever does not follow from the log, and each signature that is not of it."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from builders import make_infusion, make_user
from chairside import BEGIN, Chair
from django.core.management import CommandError, call_command
from django.db import connection

from clinic.policy import Role
from infusions import triggers
from infusions.models import AdverseEvent, Infusion, IntegrationNote, SessionEvent, StockEntry
from infusions.models import VitalSigns as VitalSignsRow
from infusions.services import room
from infusions.session.log import Kind

pytestmark = pytest.mark.django_db


def whole() -> Chair:
    """A session with everything: rows, stock, corrections of each, and two signatures."""
    chair = Chair()
    chair.prepare()
    draw = {"lot": "K1", "vial_mg_per_ml": Decimal(50), "ml": Decimal("1.5")}
    slip = chair.enter(Kind.DRAWN, **draw)
    chair.enter(Kind.STRUCK, of=slip.pk, reason="Slip")
    chair.enter(Kind.DRAWN, **draw)
    chair.enter(Kind.STARTED)
    vitals = chair.enter(Kind.VITALS, after=10, systolic_mmhg=150, diastolic_mmhg=90, on_room_air=True)
    struck = chair.enter(Kind.VITALS, after=10, systolic_mmhg=150, diastolic_mmhg=90)
    chair.enter(Kind.STRUCK, of=struck.pk, reason="Slip")
    chair.enter(Kind.STOPPED, after=10, early=True, reason="Headache")
    event = {"term": "Nausea", "ctcae_grade": 2, "serious": False, "serious_criterion": "", "expected": "yes"}
    chair.enter(Kind.ADVERSE, **event, relatedness="possible", action_taken="none", outcome="")
    waste = {"amount": Decimal("9.1"), "unit": "mg", "method": "sink", "reason": "Left over"}
    chair.enter(Kind.WASTED, second=chair.colleague, **waste)
    chair.enter(Kind.DISCHARGED, after=60, override_reason="Insists")
    chair.type(intention="Typed after the last step")
    chair.enter(Kind.INTEGRATION, text="Lighter")
    chair.enter(Kind.SIGNED, meaning="responsible", reason="Late")
    stamp = room.Stamp(chair.actor, uuid4(), chair.now)
    at = BEGIN + timedelta(minutes=9)
    room.enter(chair.infusion, Kind.RETIMED, stamp, at=at, values={"of": vitals.pk, "reason": "Clock"})
    chair.enter(Kind.SIGNED, meaning="responsible", reason="Corrected")
    return chair


def faults() -> list[str]:
    err = StringIO()
    with pytest.raises(CommandError):
        call_command("verify_sessions", stderr=err)
    return err.getvalue().splitlines()


def test_sound_sessions_are_counted() -> None:
    chair = whole()
    planned, called_off = Chair(), Chair()
    called_off.enter(Kind.CALLED_OFF, status="no_show", reason="No answer")
    make_infusion(planned.infusion.course, BEGIN.date())
    typed = Chair()
    typed.prepare()
    typed.type(sitter="Ann", music="no")
    out = StringIO()
    call_command("verify_sessions", stdout=out)
    assert out.getvalue() == "3 sessions agree with their log.\n"
    assert chair.row.stage == "signed"


def entry(kind: Kind) -> SessionEvent:
    found: SessionEvent | None = SessionEvent.objects.filter(kind=kind).order_by("id").first()
    assert found is not None
    return found


#: What is done behind the services, and what is told of it.
ROWS: list[tuple[Callable[[], Any], str]] = [
    (lambda: Infusion.objects.update(dose_mg_given=40), "the infusion's dose_mg_given differ from the log"),
    (lambda: Infusion.objects.update(stage="running", minutes=2), "the infusion's stage, minutes differ from the log"),
    (lambda: Infusion.objects.update(intention="Other"), "the infusion's intention differ from the log"),
    (lambda: VitalSignsRow.objects.update(systolic_mmhg=200), "systolic_mmhg differ from the log"),
    (lambda: VitalSignsRow.objects.update(taken_at=BEGIN), "taken_at differ from the log"),
    (lambda: VitalSignsRow.objects.update(entered_by=make_user(Role.CLINICIAN)), "entered_by_id differ from the log"),
    (lambda: VitalSignsRow.objects.update(voided_at=None), "voided_at differ from the log"),
    (lambda: VitalSignsRow.objects.update(event=None), "vital signs without an entry in the log: 3"),
    (lambda: AdverseEvent.objects.all().delete(), "is missing"),
    (lambda: IntegrationNote.objects.update(text="Other"), "text differ from the log"),
]


@pytest.mark.parametrize(("tamper", "told"), ROWS)
def test_a_row_that_was_changed(tamper: Callable[[], Any], told: str) -> None:
    chair = whole()
    tamper()
    said = faults()
    assert any(told in line for line in said), said
    assert all(line.startswith(f"infusion {chair.infusion.public_id}: ") for line in said)


def _say_of_last_signature(**said: Any) -> None:
    signed = SessionEvent.objects.filter(kind="signed").order_by("-id")[:1].get()
    SessionEvent.objects.filter(pk=signed.pk).update(data={**signed.data, **said})


LOG: list[tuple[Callable[[], Any], str]] = [
    (lambda: StockEntry.objects.filter(mg__gt=70).update(mg=70), "mg differ from the log"),
    (lambda: StockEntry.objects.filter(kind="wasted").delete(), "the line of stock of entry"),
    (lambda: SessionEvent.objects.filter(field="intention").update(data={"value": "Other"}), "intention differ"),
    (lambda: SessionEvent.objects.filter(kind="begun").update(by_name="Somebody"), "what was signed as entry"),
    (lambda: _say_of_last_signature(meaning="reviewed"), "what was signed as entry"),
    (lambda: _say_of_last_signature(missing=[], reason=""), "what was signed as entry"),
    (lambda: SessionEvent.objects.filter(kind="started").update(data={}), "the log cannot be read (KeyError)"),
    (lambda: SessionEvent.objects.filter(kind="struck").update(data={"of": "x"}), "cannot be read (ValueError)"),
    (lambda: SessionEvent.objects.filter(kind="drawn").update(data={"mg": "x", "lot": 1}), "cannot be read"),
]


@pytest.mark.parametrize(("tamper", "told"), LOG)
def test_a_log_that_was_changed_under_its_triggers(tamper: Callable[[], Any], told: str) -> None:
    chair = whole()
    chair.type(**{f"my__{chair.actor.pk}__draft": "x"})
    if connection.vendor == "postgresql":
        connection.check_constraints()
    triggers.drop(connection)
    try:
        tamper()
        said = faults()
    finally:
        if connection.vendor == "postgresql":
            connection.check_constraints()
        triggers.create(connection)
    assert any(told in line for line in said), said


def test_a_stage_without_a_log_and_what_belongs_to_another_session() -> None:
    chair, other = whole(), Chair()
    Infusion.objects.filter(pk=other.infusion.pk).update(stage="running")
    VitalSignsRow.objects.filter(event=entry(Kind.VITALS)).update(infusion=other.infusion)
    said = faults()
    first = entry(Kind.VITALS).pk
    assert said == [
        f"infusion {chair.infusion.public_id}: vital signs of entry {first} is missing",
        f"infusion {other.infusion.public_id}: the infusion has a stage and no log",
        f"infusion {other.infusion.public_id}: vital signs of entry {first}, which is none of this session",
    ]


def test_a_line_of_stock_of_another_session() -> None:
    whole()
    other = Chair()
    other.enter(Kind.BEGUN)
    line = StockEntry.objects.order_by("id").first()
    assert line is not None
    StockEntry.objects.create(
        event=other.enter(Kind.NOTE, text="Calm"),
        infusion=other.infusion,
        kind="drawn",
        at=BEGIN,
        lot="K1",
        lot_key="k1",
        vial_mg_per_ml=50,
        mg=1,
        by=other.actor,
    )
    assert [line.split(": ", 1)[1].split(" of entry ")[0] for line in faults()] == ["the line of stock"]


def test_it_tells_nothing_clinical() -> None:
    whole()
    IntegrationNote.objects.update(text="Zanzibarqua")
    Infusion.objects.update(intention="Zanzibarqua")
    assert "Zanzibarqua" not in "\n".join(faults())
