"""One session of the infusion room as invented staff enter it: through the room's own services, on a clock of the past.

Minutes are counted from the start of the pump, or from when it is to start. Every text is invented.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils import timezone

from clinic.transfer.synthetic.draws import Draw
from clinic.transfer.synthetic.notes import integration_note, intention, preparation_note
from infusions import dosing
from infusions.models import Infusion, SessionEvent
from infusions.selectors import given_before, latest_limits, preparation_for
from infusions.services import room
from infusions.session.checklist import ITEMS
from infusions.session.log import Kind
from infusions.session.scales import ALDRETE, DISCHARGE_ITEMS
from infusions.session.stock import account
from infusions.session.words import checked_words
from patients.models import Gender

#: The lot of all vials, and what one holds in a mL.
LOT, VIAL_MG_PER_ML = "TK-2417-B", Decimal(50)
#: Checks begin so long before the pump is started; the pump then runs for so long.
CHECKS_MINUTES, PUMP_MINUTES = 25, 40
#: Drawn beyond the dose, in mL: what clings to needle and bag, and is wasted.
_DRAWN_BEYOND_ML = Decimal("0.20")
#: mg/kg of a first infusion, and kg where nobody was weighed before.
_FIRST_DOSE, _FIRST_WEIGHT = Decimal("0.5"), Decimal("74.6")
_LAST_MEAL, _LAST_WATER, _PREGNANCY_TEST = timedelta(hours=11), timedelta(hours=3), timedelta(hours=1)
_ESCORTS = ("Wren (sister)", "Ansel (husband)", "Odile (neighbor)", "Casimir (friend)", "Maren (mother)")
_SITTERS = ("Ilse Brandvold", "Tobias Quennell", "Marguerite Osei-Hart")
_PLAYLISTS = ("Low tide, 60 min", "Harbor at night", "Slow strings II", "Rain on canvas")
_READINGS = (
    "systolic_mmhg",
    "diastolic_mmhg",
    "heart_rate_per_min",
    "spo2_percent",
    "respirations_per_min",
    "moaa_s",
    "nausea",
)

Reading = tuple[int, int, int, int, int, int, int]


class Seat:
    """A chair with one patient in it. `actor` enters everything, `colleague` is the witness when drug is wasted."""

    def __init__(self, infusion: Infusion, start: datetime, *, actor: Any, colleague: Any, draw: Draw) -> None:
        self.infusion, self.start, self.draw = infusion, start, draw
        self.actor, self.colleague = actor, colleague

    def at(self, minute: int) -> datetime:
        """The moment so many minutes after the start."""
        return self.start + timedelta(minutes=minute)

    def enter(self, kind: Kind, minute: int, second: Any = None, **values: Any) -> SessionEvent:
        """One entry, made at the moment it tells of."""
        at = self.at(minute)
        return room.enter(self.infusion, kind, self._stamp(at), at=at, values=values, second=second)

    def type(self, minute: int, texts: Mapping[str, str]) -> None:
        """Fields as somebody leaves them; what the session took over from the last one stays."""
        fields = room.session_of(self.infusion).fields
        for name, text in texts.items():
            before = fields.get(name)
            if before is None or before.value != text:
                seen = before.version if before else 0
                room.save_field(self.infusion, self._stamp(self.at(minute)), name=name, value=text, seen=seen)

    def _stamp(self, at: datetime) -> room.Stamp:
        return room.Stamp(self.actor, UUID(int=self.draw.getrandbits(128), version=4), at)

    def begin(self, minute: int, chair: str) -> None:
        """The patient sits down; the setting and the way home are noted."""
        self.enter(Kind.BEGUN, minute)
        number = given_before(self.infusion.course) + 1
        typed = {
            "chair": chair,
            "pump": "Pump 2",
            "eye_mask": "yes",
            "music": "yes",
            "playlist": self.draw.choice(_PLAYLISTS),
            "escort_name": self.draw.choice(_ESCORTS),
            "escort_phone": f"(802) 555-01{self.draw.randint(0, 99):02}",
            "intention": intention(self.draw),
            "preparation_note": preparation_note(self.draw, number),
        }
        sitter = self.draw.choice(_SITTERS)
        if not room.session_of(self.infusion).text("sitter"):
            typed["sitter"] = sitter
        self.type(minute + 1, typed | self._fasting())

    def _fasting(self) -> dict[str, str]:
        eaten, drunk = _on_the_wall(self.start - _LAST_MEAL), _on_the_wall(self.start - _LAST_WATER)
        return {"last_solid_at": eaten, "solid_kind": "light", "last_clear_at": drunk}

    def check(self, minute: int, count: int = len(ITEMS)) -> None:
        """Answer the first `count` checks."""
        answers = {f"check.{item.name}": "yes" for item in ITEMS[:count]}
        tested = self.infusion.course.patient.gender == Gender.FEMALE
        not_needed = {"check.pcl5"} if tested else {"check.pcl5", "check.pregnancy_test"}
        answers |= dict.fromkeys(answers.keys() & not_needed, "na")
        if tested and "check.pregnancy_test" in answers:
            taken_at = _on_the_wall(self.start - _PREGNANCY_TEST)
            answers |= {"pregnancy_result": "negative", "pregnancy_tested_at": taken_at}
        self.type(minute, answers)

    def order(self, minute: int) -> None:
        """Weigh, order the dose of last time, and acknowledge what the records warn of."""
        known = preparation_for(self.infusion.course.patient, self.start)
        dose = (known.last.dose_mg_per_kg if known.last else None) or _FIRST_DOSE
        weight = (known.last_weight_kg or _FIRST_WEIGHT).quantize(Decimal("0.1"))
        texts = {
            "weight_kg": f"{weight:f}",
            "dose_mg_per_kg": f"{dose.quantize(Decimal('0.01')):f}",
            "minutes": str(PUMP_MINUTES),
            "vial_mg_per_ml": f"{VIAL_MG_PER_ML:f}",
            "bag_ml": "100",
        }
        warned = room.warnings_of(self.infusion, room.session_of(self.infusion), known, self.start)
        self.type(minute, texts | {f"seen.{warning.name}": "yes" for warning in warned})

    def draw_up(self, minute: int) -> None:
        """Draw the dose, and a little more, from the vial."""
        session = room.session_of(self.infusion)
        mg = dosing.ordered_mg(Decimal(session.text("dose_mg_per_kg")), Decimal(session.text("weight_kg")))
        ml = dosing.volume_ml(mg, VIAL_MG_PER_ML) + _DRAWN_BEYOND_ML
        self.enter(Kind.DRAWN, minute, lot=LOT, vial_mg_per_ml=VIAL_MG_PER_ML, ml=ml)

    def check_dose(self, minute: int) -> None:
        """The colleague checks the order as the page shows it."""
        session = room.session_of(self.infusion)
        order = room.against_start(self.infusion, session, latest_limits().limits(), self.at(minute)).order
        if order is not None:
            self.enter(Kind.DOSE_CHECKED, minute, second=self.colleague, seen=checked_words(order.as_told()))

    def take(self, readings: Iterable[tuple[int, Reading]], **aside: Any) -> SessionEvent:
        """Sets of vital signs at their minutes, on room air; the last one's entry."""
        for minute, values in readings:
            last = self.enter(
                Kind.VITALS, minute, on_room_air=True, **dict(zip(_READINGS, values, strict=True)), **aside
            )
        return last

    def start_pump(self, chair: str, baseline: Reading) -> None:
        """Everything up to the start at minute 0, with a first set of vital signs at the same minute."""
        self.begin(-CHECKS_MINUTES, chair)
        self.check(6 - CHECKS_MINUTES)
        self.order(10 - CHECKS_MINUTES)
        self.draw_up(-5)
        self.check_dose(-3)
        self.take([(0, baseline)], temperature_celsius=Decimal("36.7"))
        self.enter(Kind.STARTED, 0)

    def stop_pump(self, minute: int) -> None:
        """The bag is empty."""
        self.enter(Kind.STOPPED, minute, early=False)

    def nausea(self, minute: int, grade: int, action: str) -> None:
        """A nausea that ketamine brings."""
        told: dict[str, Any] = {"term": "Nausea", "ctcae_grade": grade, "relatedness": "probable", "expected": "yes"}
        told |= {"action_taken": action, "outcome": "", "serious": False, "serious_criterion": ""}
        self.enter(Kind.ADVERSE, minute, **told)

    def waste(self, minute: int) -> None:
        """Destroy what is left of the drug, before the witness."""
        session = room.session_of(self.infusion)
        left = dosing.to_thousandths(account(session, self.at(minute)).left_mg)
        how = {"amount": left, "unit": "mg", "lot": LOT, "method": "Into the drug waste container"}
        self.enter(Kind.WASTED, minute, second=self.colleague, reason="Left in vial and bag", **how)

    def note_afterwards(self, minute: int) -> None:
        """What was worked through, on the day or later."""
        self.enter(Kind.INTEGRATION, minute, text=integration_note(self.draw))

    def discharge(self, minute: int) -> None:
        """The patient rates the session, is examined, and leaves with the escort."""
        texts = {"intensity": "7", "cadss": "31", "cadss6": "9", "next_appointment": "As planned; call next morning"}
        texts |= {f"aldrete.{domain.name}": "2" for domain in ALDRETE}
        self.type(minute - 3, texts | {f"discharge.{item.name}": "yes" for item in DISCHARGE_ITEMS})
        self.enter(Kind.DISCHARGED, minute)


def _on_the_wall(moment: datetime) -> str:
    """A moment as the tablet types it, on the clinic's clock."""
    return f"{timezone.localtime(moment):%Y-%m-%dT%H:%M}"
