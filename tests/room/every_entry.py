"""Sessions in which every kind of entry, every field of its form and every field of the page was entered, each once at least."""

from collections import defaultdict
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from chairside import Chair
from recorded import named_chair

from infusions.models import SessionEvent
from infusions.services import room
from infusions.session.checklist import ITEMS
from infusions.session.fields import FIELDS
from infusions.session.log import Kind
from infusions.session.scales import ALDRETE, DISCHARGE_ITEMS
from infusions.session.screening import CONTRAINDICATIONS, INTERACTIONS

#: What is typed into each field; of two fields no two say the same, except a choice.
TYPED = {
    "chair": "Room Alder",
    "intention": "Toward the sea.",
    "preparation_note": "Breathing was practised.",
    "last_solid_at": "2026-02-27T04:41",
    "solid_kind": "fatty",
    "last_clear_at": "2026-02-27T10:42",
    "pregnancy_result": "negative",
    "pregnancy_tested_at": "2026-02-27T12:43",
    "escort_name": "Wren Tallis",
    "escort_phone": "555 0144",
    "weight_kg": "81.3",
    "dose_mg_per_kg": "2.05",
    "dose_mg": "168",
    "minutes": "43",
    "vial_mg_per_ml": "50",
    "bag_ml": "250",
    "drug_replaces": "yes",
    "dose_change_reason": "The last one was too light.",
    "pump": "Pump Cedar",
    "eye_mask": "yes",
    "music": "no",
    "playlist": "Low tide",
    "sitter": "Jory Ford",
    "intensity": "6",
    "cadss": "37",
    "cadss6": "11",
    "meq30_mystical": "53",
    "meq30_positive_mood": "23",
    "meq30_transcendence": "19",
    "meq30_ineffability": "14",
    "next_appointment": "2026-03-05T09:34",
}
_BEFORE = FIELDS[: 1 + [field.name for field in FIELDS].index("sitter")]
_OVER = {"serious": True, "serious_criterion": "Kept for the night", "relatedness": "probable", "expected": "yes"}


class Typist:
    """Enters, and keeps which values each kind of entry was given."""

    def __init__(self, chair: Chair) -> None:
        self.chair = chair
        self.given: dict[Kind, set[str]] = defaultdict(set)

    def enter(
        self, kind: Kind, second: Any = None, after: float = 3, at: datetime | None = None, **values: Any
    ) -> SessionEvent:
        """An entry so many minutes later; `at` is another time that it tells of."""
        self.given[kind] |= values.keys()
        self.chair.now += timedelta(minutes=after)
        stamp = room.Stamp(self.chair.actor, uuid4(), self.chair.now)
        return room.enter(self.chair.infusion, kind, stamp, at=at or self.chair.now, values=values, second=second)

    def type(self, texts: dict[str, str]) -> None:
        self.chair.type(**{name.replace(".", "__"): text for name, text in texts.items()})


def called_off() -> Typist:
    """A session that was called off."""
    typist = Typist(named_chair())
    typist.enter(Kind.BEGUN)
    typist.enter(Kind.CALLED_OFF, status="no_show", reason="The bus was late")
    return typist


def taken_back() -> Typist:
    """A start above the hard cap and a leaving against the list, both struck out again."""
    typist = Typist(named_chair())
    _before(typist)
    _strike(typist, Kind.STARTED, "The wrong bag hung there")
    typist.enter(Kind.STARTED, second=typist.chair.colleague, override_reason="As agreed, the right bag")
    typist.enter(Kind.STOPPED, after=43, early=False)
    typist.enter(Kind.DISCHARGED, after=10, override_reason="He will not wait")
    _strike(typist, Kind.DISCHARGED, "He came back")
    return typist


def _strike(typist: Typist, kind: Kind, reason: str) -> None:
    found = SessionEvent.objects.filter(infusion=typist.chair.infusion, kind=kind).latest("id")
    typist.enter(Kind.STRUCK, of=found.pk, reason=reason)


def whole() -> Typist:
    """A signed session with every other kind of entry, corrected and signed again."""
    typist = Typist(named_chair())
    _before(typist)
    _during(typist)
    _after(typist)
    return typist


def _before(typist: Typist) -> None:
    enter, colleague = typist.enter, typist.chair.colleague
    enter(Kind.BEGUN)
    typist.type({field.name: TYPED[field.name] for field in _BEFORE})
    typist.type({f"check.{item.name}": "no" if item.name == "allergies" else "yes" for item in ITEMS})
    warned = {group: [one.name for one in ones] for group, ones in _WARNED.items()}
    typist.type({f"{group}.{name}": "yes" for group, names in warned.items() for name in names})
    typist.type({f"seen.{name}": "yes" for names in warned.values() for name in names} | {"seen.age": "yes"})
    rest = {"spo2_percent": 99, "respirations_per_min": 13, "moaa_s": 5, "rass": -1, "pain": 2, "nausea": 1}
    pressure = {"systolic_mmhg": 127, "diastolic_mmhg": 79, "heart_rate_per_min": 71}
    enter(Kind.VITALS, temperature_celsius=Decimal("36.8"), on_room_air=True, **pressure, **rest)
    enter(Kind.DRAWN, lot="K7 41/B", vial_mg_per_ml=Decimal(50), ml=Decimal("3.55"))
    enter(Kind.DOSE_CHECKED, second=colleague, seen=typist.chair.order_words())
    enter(Kind.STARTED, second=colleague, override_reason="Twice the dose, as agreed")


_WARNED = {"hold": CONTRAINDICATIONS, "taken": INTERACTIONS}


def _during(typist: Typist) -> None:
    enter, colleague = typist.enter, typist.chair.colleague
    high = enter(Kind.VITALS, after=8, systolic_mmhg=203, diastolic_mmhg=105)
    enter(Kind.ACKNOWLEDGED, of=high.pk, done="Held the cuff again")
    enter(Kind.PAUSED, reason="Pressure")
    enter(Kind.RESUMED)
    enter(Kind.RATE, ml_per_h=Decimal("333.3"), reason="Gentler")
    enter(Kind.VITALS, heart_rate_per_min=83, on_room_air=False)
    said = {"route": "by mouth", "reason": "Blood pressure", "response": "Fell by half"}
    enter(Kind.DRUG, name="Clonidine", dose="0.1 mg", **said)
    typist.chair.actor, first = colleague, typist.chair.actor
    enter(Kind.ADVERSE, term="Headache", ctcae_grade=2, action_taken="slowed", outcome="Gone by noon", **_OVER)
    typist.chair.actor = first
    enter(Kind.NOTE, text="Hums a tune.")
    enter(Kind.STOPPED, after=9, early=True, reason="Had enough", pump_mg=Decimal("88.4"))
    waste = {"lot": "K7 41/B", "method": "Into the sink", "reason": "Left in the bag"}
    enter(Kind.WASTED, second=colleague, amount=Decimal("118.446"), unit="bag_ml", **waste)


def _after(typist: Typist) -> None:
    enter = typist.enter
    typist.type({field.name: TYPED[field.name] for field in FIELDS[len(_BEFORE) :]})
    typist.type({f"aldrete.{domain.name}": "1" for domain in ALDRETE})
    typist.type({f"discharge.{item.name}": "no" for item in DISCHARGE_ITEMS})
    enter(Kind.DISCHARGED, after=31, override_reason="Her sister is a nurse")
    enter(Kind.INTEGRATION, text="The shore was near.")
    signed = {"meaning": "responsible", "reason": "The monitor was off"}
    enter(Kind.SIGNED, **signed)
    enter(Kind.ADDENDUM, text="Slept until ten.")
    _strike(typist, Kind.DRUG, "Was not swallowed")
    note = SessionEvent.objects.get(infusion=typist.chair.infusion, kind=Kind.NOTE)
    earlier = note.at - timedelta(minutes=2)
    enter(Kind.RETIMED, at=earlier, of=note.pk, reason="The wall clock")
    enter(Kind.SIGNED, **signed | {"meaning": "reviewed"})
