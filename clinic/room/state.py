"""One session as the room's parts read it: loaded once for a page or an answer."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from functools import cached_property
from typing import Any

from django.utils import timezone

from infusions.limits import Limits
from infusions.models import Infusion, SessionEvent
from infusions.selectors import Preparation, given_before, latest_limits, preparation_for
from infusions.services import room
from infusions.session import vitals
from infusions.session.log import Kind, Session, Stage, draft_of, is_draft
from infusions.session.pump import Order, Pump
from patients.models import Patient


@dataclass(frozen=True)
class Room:
    """A session at a moment, for one person."""

    infusion: Infusion
    session: Session
    limits: Limits
    user: Any
    now: datetime

    @property
    def patient(self) -> Patient:
        patient: Patient = self.infusion.course.patient
        return patient

    @property
    def stage(self) -> Stage:
        return self.session.stage

    @property
    def latest(self) -> int:
        """The number of the newest entry: an open page asks for what came after it."""
        return self.session.entries[-1].number if self.session.entries else 0

    @cached_property
    def number(self) -> int:
        """Which infusion of the course this is."""
        return given_before(self.infusion.course, self.infusion.started_at or self.now) + 1

    @cached_property
    def known(self) -> Preparation:
        """What the records say before this infusion."""
        return preparation_for(self.patient, self.session.started.at if self.session.started else self.now)

    @cached_property
    def against(self) -> room.Against | None:
        """What stands against a start; None once it was started, or before the checks."""
        if self.stage is not Stage.CHECKS or self.session.called_off:
            return None
        return room.against_start(self.infusion, self.session, self.limits, self.now)

    @cached_property
    def order(self) -> Order | None:
        """What was ordered; before the start as far as it is typed."""
        if self.session.started:
            return Order.from_data(self.session.started.data)
        return self.against.order if self.against else None

    @cached_property
    def pump(self) -> Pump | None:
        """What the pump did so far."""
        return Pump.of(self.session, self.session.stopped.at if self.session.stopped else self.now)

    @cached_property
    def due(self) -> vitals.Due | None:
        """When the next vital signs are due."""
        return vitals.next_due(self.session, self.limits)

    def allows(self, kind: Kind) -> bool:
        """Whether such an entry may be made now."""
        return self.session.allows(kind)

    def day_of(self, moment: datetime) -> str:
        """A moment as the log shows it: the time of day, with the day where it is another than the session's."""
        local = timezone.localtime(moment)
        first = self.session.events[0].at if self.session.events else self.now
        other = "" if local.date() == timezone.localdate(first) else f"{local.day} {local:%b} "
        return f"{other}{local:%H:%M}"


def room_of(infusion: Infusion, user: Any, now: datetime) -> Room:
    """The room of an infusion. Two queries; the parts make up to six more when they are asked."""
    return Room(infusion, room.session_of(infusion), latest_limits().limits(), user, now)


class News(Enum):
    """What an open page does not know yet."""

    NOTHING = "nothing"
    OWN_DRAFTS = "own drafts"  # of this person, typed here or on another tablet: no part shows them
    SHOWN = "shown"


def news_of(infusion: Infusion, user: Any, known: int) -> News:
    """What came after the entry `known`, for this person; drafts of others are none. One query."""
    later = SessionEvent.objects.filter(infusion=infusion, id__gt=known).order_by("id")
    names = set(later.values_list("field", flat=True))
    if not all(is_draft(name) for name in names):
        return News.SHOWN
    own = draft_of(user.pk, "")
    return News.OWN_DRAFTS if any(name.startswith(own) for name in names) else News.NOTHING
