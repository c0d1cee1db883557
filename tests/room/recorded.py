"""A whole session as it might go, for tests of its record; and what a record says, as plain text."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import uuid4

from chairside import Chair

from clinic.room.record.content import RecordContent, Section
from infusions.models import SessionEvent
from infusions.services import room
from infusions.session.log import Kind, Session
from infusions.session.scales import ALDRETE, DISCHARGE_ITEMS


def named_chair() -> Chair:
    """Two people at a chair whose names and initials differ."""
    chair = Chair()
    chair.colleague.full_name = "Kofi Mensah"
    chair.colleague.save()
    return chair


def whole_session() -> Chair:
    """Hypertension, a pause, a rescue drug, a slower rate, an early stop, waste before a witness; not signed yet."""
    chair = named_chair()
    chair.prepare()
    chair.type(last_solid_at="2026-02-27T05:30", solid_kind="light", escort_phone="555 0199", sitter="J. Ford")
    chair.type(taken__lamotrigine="yes", seen__lamotrigine="yes", hold__cystitis="yes", seen__cystitis="yes")
    chair.enter(Kind.DRAWN, lot="K7 41/B", vial_mg_per_ml=Decimal(50), ml=Decimal("1.5"))
    chair.enter(Kind.STARTED, after=3)
    _troubled(chair)
    chair.enter(Kind.STOPPED, after=4, early=True, reason="Headache", pump_mg=Decimal("31.4"))
    waste = {"method": "sink", "reason": "Left over"}
    chair.enter(Kind.WASTED, after=3, second=chair.colleague, amount=Decimal("0.18"), unit="vial_ml", **waste)
    chair.enter(Kind.WASTED, second=chair.colleague, amount=Decimal("52.95"), unit="bag_ml", **waste)
    recover(chair)
    chair.enter(Kind.INTEGRATION, after=10, text="She saw the shore.\n\nLighter than for years.")
    return chair


def _troubled(chair: Chair) -> None:
    readings = {"heart_rate_per_min": 96, "spo2_percent": 95, "respirations_per_min": 17, "moaa_s": 4, "nausea": 3}
    high = chair.enter(Kind.VITALS, after=10, systolic_mmhg=204, diastolic_mmhg=104, on_room_air=False, **readings)
    chair.enter(Kind.PAUSED, reason="Pressure")
    chair.enter(Kind.ACKNOWLEDGED, of=high.pk, done="Paused, prescriber told")
    said = {"route": "IV", "reason": "Pressure", "response": "148/90 after 5 min"}
    chair.enter(Kind.DRUG, after=1, name="Labetalol", dose="10 mg", **said)
    chair.enter(Kind.RESUMED, after=5)
    chair.enter(Kind.RATE, after=2, ml_per_h=Decimal("120.0"), reason="Gentler")
    chair.actor, first = chair.colleague, chair.actor
    graded = {"ctcae_grade": 3, "serious": True, "serious_criterion": "Watched closely", "relatedness": "probable"}
    done = {"expected": "yes", "action_taken": "paused", "outcome": "Resolved"}
    chair.enter(Kind.ADVERSE, after=5, term="Hypertension", **graded, **done)
    chair.actor = first


def recover(chair: Chair) -> None:
    chair.enter(Kind.VITALS, after=20, systolic_mmhg=130, diastolic_mmhg=82, spo2_percent=98)
    chair.type(**{f"aldrete__{domain.name}": "2" for domain in ALDRETE})
    chair.type(**{f"discharge__{item.name}": "yes" for item in DISCHARGE_ITEMS}, intensity="7", cadss="31")
    chair.enter(Kind.DISCHARGED, after=22, override_reason="")


def sign(chair: Chair) -> SessionEvent:
    return chair.enter(Kind.SIGNED, after=2, meaning="responsible", reason="The monitor was off.")


def correct(chair: Chair, kind: Kind, of: int, reason: str, at: datetime | None = None) -> None:
    """Strike an entry, or give it another time: the row alone, as the log keeps it."""
    chair.now += timedelta(minutes=1)
    data = {"of": of, "reason": reason}
    SessionEvent.objects.create(
        infusion=chair.infusion,
        kind=kind,
        at=at or chair.now,
        recorded_at=chair.now,
        by=chair.actor,
        by_name=str(chair.actor),
        key=uuid4(),
        data=data,
    )


def session(chair: Chair) -> Session:
    return room.session_of(chair.infusion)


def part(content: RecordContent, name: str) -> Section:
    return next(section for section in content.sections if section.name == name)


def facts(content: RecordContent, name: str) -> dict[str, str]:
    return {term: " | ".join(said.text for said in cell) for term, cell in part(content, name).facts}


def rows(content: RecordContent, name: str, table: int = 0) -> list[list[str]]:
    """A table of a section, struck lines between tildes."""
    found = part(content, name).tables[table].rows
    return [[" | ".join(f"~{s.text}~" if s.struck else s.text for s in cell) for cell in row] for row in found]


def squeezed(text: str | Iterable[str]) -> str:
    return re.sub(r"\s+", "", text if isinstance(text, str) else "".join(text))
