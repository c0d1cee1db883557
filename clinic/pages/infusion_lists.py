"""Infusions of the whole clinic: today's, planned, to be closed, recent."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from clinic.lookups import among
from clinic.pages.clinic_day import day_after, day_starts
from clinic.pages.given_infusions import received_mg_per_kg
from clinic.pages.room_links import IN_CHAIR, leads_to_room, stage_in_chair
from infusions.models import ENDED, Infusion, Status
from infusions.session.log import Stage
from patients.models import Patient

#: Not over yet.
_OPEN = (Status.PLANNED, Status.IN_PROGRESS)
#: Recent infusions are those of so many days before today.
RECENT_DAYS = 30


@dataclass(frozen=True)
class InfusionRow:
    """One infusion of a list. Dose is None for whoever may not see it."""

    public_id: str
    patient: Patient
    on: date | None
    at: Any
    status: str
    status_words: str
    given: int
    planned: int
    mg_per_kg: Decimal | None
    mg_given: Decimal | None
    in_room: bool
    to_room: bool
    signed: bool


class InfusionLists:
    """The lists on a day, as queries: not voided, of courses that are not, in an order with a unique tie-break."""

    def __init__(self, today: date) -> None:
        self._day = today
        self.starts, self.ends = day_starts(today), day_after(today)
        self.recent_from = day_starts(today - timedelta(days=RECENT_DAYS))
        self._rows = Infusion.objects.not_voided().filter(course__voided_at=None).select_related("course__patient")

    def today(self) -> "QuerySet[Infusion]":
        """What is planned for today or began today, whatever became of it."""
        planned = Q(planned_for__gte=self.starts, planned_for__lt=self.ends)
        begun = Q(started_at__gte=self.starts, started_at__lt=self.ends)
        return self._by_moment(self._rows.filter(planned | begun))

    def planned(self) -> "QuerySet[Infusion]":
        """What is planned from tomorrow on."""
        return self._rows.filter(status=Status.PLANNED, planned_for__gte=self.ends).order_by("planned_for", "id")

    def to_close(self) -> "QuerySet[Infusion]":
        """Planned for an earlier day and neither given nor cancelled; or begun on an earlier day and still open."""
        forgotten = Q(status=Status.PLANNED, planned_for__lt=self.starts)
        still_open = Q(status=Status.IN_PROGRESS) & (Q(started_at__lt=self.starts) | Q(started_at=None))
        return self._by_moment(self._rows.filter(forgotten | still_open, status__in=_OPEN))

    def recent(self) -> "QuerySet[Infusion]":
        """What ended before today, the latest first."""
        ended = self._rows.filter(status__in=ENDED, started_at__lt=self.starts, started_at__gte=self.recent_from)
        return ended.order_by("-started_at", "-id")

    def _by_moment(self, rows: "QuerySet[Infusion]") -> "QuerySet[Infusion]":
        return rows.annotate(at=Coalesce("planned_for", "started_at")).order_by("at", "id")

    def rows(self, infusions: Iterable[Infusion], *, doses: bool) -> list[InfusionRow]:
        """Rows with how many of the course were given so far. One query."""
        found = list(infusions)
        given = _given_by_course({infusion.course_id for infusion in found})
        return [_row(infusion, given.get(infusion.course_id, 0), self._day, doses=doses) for infusion in found]


def _given_by_course(course_ids: set[int]) -> dict[int, int]:
    counted = Infusion.objects.given().filter(among("course_id", course_ids)).values("course_id").order_by("course_id")
    return {row["course_id"]: row["given"] for row in counted.annotate(given=Count("id"))}


def _status_words(infusion: Infusion) -> str:
    stage = stage_in_chair(infusion.status, infusion.stage)
    return IN_CHAIR[Stage(stage)].capitalize() if stage else str(infusion.get_status_display())


def _row(infusion: Infusion, given: int, today: date, *, doses: bool) -> InfusionRow:
    at = infusion.started_at or infusion.planned_for
    per_kg = received_mg_per_kg(infusion.dose_mg_given, infusion.weight_kg, infusion.dose_mg_per_kg)
    return InfusionRow(
        public_id=infusion.public_id,
        patient=infusion.course.patient,
        on=timezone.localdate(at) if at else None,
        at=at,
        status=infusion.status,
        status_words=_status_words(infusion),
        given=given,
        planned=infusion.course.planned_infusions,
        mg_per_kg=per_kg if doses else None,
        mg_given=infusion.dose_mg_given if doses else None,
        in_room=infusion.in_room,
        to_room=leads_to_room(infusion, today),
        signed=infusion.signed,
    )
