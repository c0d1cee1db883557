"""A session that was kept in the infusion room and signed, written straight to the tables: cheap, for tests of many pages."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from builders import local, make_infusion

from clinic.models import User
from infusions.models import Course, Infusion, SessionEvent, StockEntry
from infusions.services.room.heading import heading_of
from infusions.session.log import Kind, Session, Stage

LOT = "K7 41/B"
_ORDER: dict[str, Any] = {
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
    "crossed": [],
    "override": "",
    "limits_version": 0,
}
_SIGNATURE = {"name": "Lena Marchetti", "meaning": "responsible", "missing": [], "reason": "", "sha256": "0" * 64}


def make_kept_session(course: Course, day: date, author: User) -> Infusion:
    """66 mg drawn and 65.9 given in 40 minutes, one set of vital signs, signed. Its fingerprint is none."""
    values = {"weight_kg": Decimal("82.4"), "dose_mg_ordered": "65.9", "dose_mg_given": Decimal("65.9")}
    infusion = make_infusion(course, day, stage=Stage.SIGNED, minutes=Decimal(40), **values)
    events = [
        SessionEvent(
            infusion=infusion, kind=kind, at=at, recorded_at=at, by=author, by_name=str(author), key=uuid4(), data=data
        )
        for kind, at, data in _log(local(day), heading_of(infusion, Session(())))
    ]
    SessionEvent.objects.bulk_create(events)
    drawn = SessionEvent.objects.get(infusion=infusion, kind=Kind.DRAWN)
    StockEntry.objects.create(
        event=drawn, infusion=infusion, kind="drawn", at=drawn.at, lot=LOT, lot_key=LOT.casefold(),
        vial_mg_per_ml=50, mg=Decimal(66), by=author,
    )  # fmt: skip
    return infusion


def _log(begin: datetime, about: dict[str, Any]) -> Iterator[tuple[Kind, datetime, dict[str, Any]]]:
    drawn = {"lot": LOT, "vial_mg_per_ml": "50", "ml": "1.32", "mg": "66.000"}
    for kind, minutes, data in (
        (Kind.BEGUN, -20, {}),
        (Kind.DRAWN, -5, drawn),
        (Kind.VITALS, -4, {"systolic_mmhg": 128, "diastolic_mmhg": 80, "findings": []}),
        (Kind.STARTED, 0, _ORDER),
        (Kind.STOPPED, 40, {"early": False, "reason": ""}),
        (Kind.DISCHARGED, 105, {"aldrete": 10, "observed_minutes": 65, "crossed": [], "override": ""}),
        (Kind.SIGNED, 110, _SIGNATURE | {"about": about}),
    ):
        yield kind, begin + timedelta(minutes=minutes), data
