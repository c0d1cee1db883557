"""The bar with who lies in the chair, and the four steps of the session."""

from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from clinic.pages.day_flags import Chip, allergy_chip
from clinic.room.shown.before import answered
from clinic.room.state import Room
from infusions.session import ending
from infusions.session.checklist import ITEMS
from infusions.session.log import Kind, Stage
from patients.ages import age_on

#: Which step is open in which stage, unless somebody chose another.
OPEN_STEP = {
    Stage.PLANNED: "before",
    Stage.CHECKS: "before",
    Stage.RUNNING: "during",
    Stage.PAUSED: "during",
    Stage.RECOVERY: "after",
    Stage.DISCHARGED: "sign",
    Stage.SIGNED: "sign",
}
_NO_ALLERGY = Chip("No known allergies", "check", "")


@dataclass(frozen=True)
class Step:
    """One of the four steps."""

    name: str
    number: int
    words: str
    small: str
    done: bool


def frame(room: Room) -> dict[str, Any]:
    """Who it is, where, which infusion, and the steps."""
    patient = room.patient
    return {
        "name": f"{patient.given_name} {patient.family_name}",
        "age": age_on(patient.date_of_birth, timezone.localdate(room.now)),
        "mrn": patient.mrn,
        "chair": room.session.text("chair"),
        "number": room.number,
        "planned": room.infusion.course.planned_infusions,
        "allergy": allergy_chip(patient) or _NO_ALLERGY,
        "steps": _steps(room),
    }


def _steps(room: Room) -> list[Step]:
    session, stage = room.session, room.stage
    reached = list(Stage).index(stage)
    started, stopped, discharged = session.started, session.stopped, session.last(Kind.DISCHARGED)
    still_open = len(ending.things_open(session, room.limits))
    during = (
        f"ended {room.day_of(stopped.at)}"
        if stopped
        else f"started {room.day_of(started.at)}"
        if started
        else "opens at start"
    )
    after = f"left {room.day_of(discharged.at)}" if discharged else "observing" if stopped else "opens at stop"
    sign = "signed" if session.signed else f"{still_open} {'thing' if still_open == 1 else 'things'} open"
    return [
        Step("before", 1, "Before", f"{answered(session)} of {len(ITEMS)} checks", started is not None),
        Step("during", 2, "During", during, reached >= list(Stage).index(Stage.RECOVERY)),
        Step("after", 3, "After", after, discharged is not None),
        Step("sign", 4, "Sign", sign, session.signed is not None),
    ]
