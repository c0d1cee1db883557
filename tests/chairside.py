"""Somebody at a chair, for tests of the infusion room: she enters through the services, on a clock of her own."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from builders import make_course, make_patient, make_user

from clinic.policy import Role
from infusions import services
from infusions.limits import Limits
from infusions.models import Infusion, SessionEvent
from infusions.services import room
from infusions.session.checklist import ITEMS
from infusions.session.log import Kind
from infusions.session.words import checked_words
from patients.models import Consent

BEGIN = datetime(2026, 2, 27, 19, 0, tzinfo=UTC)


class Chair:
    """Somebody at a chair: enters with a clock of her own."""

    def __init__(self) -> None:
        self.patient = make_patient(allergies="none known")
        self.actor, self.colleague = make_user(Role.CLINICIAN), make_user(Role.CLINICIAN)
        Consent.objects.create(patient=self.patient, kind=Consent.Kind.OFF_LABEL_KETAMINE, signed_on="2026-02-01")
        course = make_course(self.patient)
        self.infusion = services.plan_infusion(actor=self.actor, course=course, planned_for=BEGIN)
        self.now = BEGIN

    def enter(self, kind: Kind, second: Any = None, after: float = 0, **values: Any) -> SessionEvent:
        self.now += timedelta(minutes=after)
        stamp = room.Stamp(self.actor, uuid4(), self.now)
        return room.enter(self.infusion, kind, stamp, at=self.now, values=values, second=second)

    def type(self, **values: str) -> None:
        for name, value in values.items():
            place = name.replace("__", ".")
            session = room.session_of(self.infusion)
            seen = session.fields[place].version if place in session.fields else 0
            room.save_field(
                self.infusion, room.Stamp(self.actor, uuid4(), self.now), name=place, value=value, seen=seen
            )

    def prepare(self) -> None:
        self.enter(Kind.BEGUN)
        self.type(**{f"check__{item.name}": "na" if item.name == "pregnancy_test" else "yes" for item in ITEMS})
        self.type(weight_kg="82.4", dose_mg_per_kg="0.8", minutes="40", vial_mg_per_ml="50", bag_ml="100")
        self.type(escort_name="Sister", intention="Stay with the breath.", eye_mask="yes", music="yes")
        self.enter(Kind.VITALS, systolic_mmhg=128, diastolic_mmhg=80, heart_rate_per_min=72, moaa_s=5)

    def check_dose(self) -> SessionEvent:
        """The colleague checks the order of `prepare` as it is now."""
        return self.enter(Kind.DOSE_CHECKED, second=self.colleague, seen=self.order_words())

    def order_words(self) -> str:
        """The order as it is now, in the words that a second check says it saw."""
        against = room.against_start(self.row, room.session_of(self.infusion), Limits(), self.now)
        assert against.order is not None
        return checked_words(against.order.as_told())

    @property
    def row(self) -> Infusion:
        return Infusion.objects.get(pk=self.infusion.pk)
