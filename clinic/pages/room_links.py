"""What leads from lists and homes into the infusion room: sessions that go on, today's plan, and what nobody signed."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from clinic.pages.clinic_day import day_after, day_starts
from infusions.models import Infusion, Status
from infusions.session.log import Stage
from patients.models import Patient

#: A session is to be signed within this time of its start; later it is asked for.
SIGNED_WITHIN = timedelta(days=1)
#: More unsigned sessions than these are not read one by one; the count then says "more than".
MOST_UNSIGNED = 200
#: Stages of no session that goes on. The condition of the index `infusion_in_room`, word for word.
_NOT_IN_ROOM = ["", Stage.SIGNED.value]


def leads_to_room(infusion: Infusion, today: date) -> bool:
    """Whether a list leads to the room: the session goes on there, or it is planned for today and may begin there."""
    if infusion.stage:
        return infusion.in_room
    planned_for = infusion.planned_for
    return infusion.has_room and planned_for is not None and timezone.localdate(planned_for) == today


#: Stages of somebody in the chair that say more than the status of the infusion.
IN_CHAIR = {Stage.CHECKS: "in checks", Stage.PAUSED: "paused", Stage.RECOVERY: "in recovery"}


def stage_in_chair(status: str, stage: str) -> str:
    """One of `IN_CHAIR`; "" for everybody else."""
    return stage if stage in IN_CHAIR and status not in {Status.CANCELLED, Status.NO_SHOW} else ""


def in_room() -> "QuerySet[Infusion]":
    """Every session that was begun in the room and is neither signed nor called off; found along its own index."""
    rows = Infusion.objects.not_voided().exclude(stage__in=_NOT_IN_ROOM).filter(course__voided_at=None)
    found: QuerySet[Infusion] = rows.exclude(status__in=[Status.CANCELLED, Status.NO_SHOW]).order_by("id")
    return found


def room_of_patient(patient: Patient, today: date) -> Infusion | None:
    """The patient's infusion that leads to the room, one that goes on before one that is planned. One query."""
    planned = Q(stage="", status=Status.PLANNED, planned_for__gte=day_starts(today), planned_for__lt=day_after(today))
    rows = Infusion.objects.not_voided().of_patient(patient.pk).filter(course__voided_at=None)
    found = rows.filter(planned | ~Q(stage__in=_NOT_IN_ROOM)).order_by("planned_for", "id")
    leading = [one for one in found if leads_to_room(one, today)]
    return min(leading, key=lambda one: not one.in_room, default=None)


@dataclass(frozen=True)
class Unsigned:
    """A session that nobody signed, and since when, in words."""

    infusion: Infusion
    age: str
    state: str

    @property
    def patient(self) -> Any:
        """Whose it is."""
        return self.infusion.course.patient


_STATES = {
    Stage.RUNNING: "the pump was never stopped",
    Stage.PAUSED: "paused, the pump was never stopped",
    Stage.RECOVERY: "not discharged",
    Stage.DISCHARGED: "discharged, to be signed",
}


def unsigned_sessions(now: datetime) -> "QuerySet[Infusion]":
    """Sessions started more than a day ago and still unsigned, the oldest first. Along the index `infusion_in_room`."""
    return in_room().filter(started_at__lt=now - SIGNED_WITHIN).order_by("started_at", "id")


def unsigned(now: datetime) -> list[Unsigned]:
    """Those sessions in words, `MOST_UNSIGNED` at most. One query."""
    rows = unsigned_sessions(now).select_related("course__patient")[:MOST_UNSIGNED]
    return [Unsigned(one, _age(one.started_at, now), _STATES.get(Stage(one.stage), "")) for one in rows]


def _age(started_at: datetime | None, now: datetime) -> str:
    """Whole days since the start: "1 day", "12 days"; weeks from two weeks on."""
    days = (now - (started_at or now)).days
    number, unit = (days, "day") if days < 14 else (days // 7, "week")
    return f"{number} {unit}{'' if number == 1 else 's'}"
