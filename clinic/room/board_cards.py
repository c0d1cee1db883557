"""The cards of the chair board: every session in the room, what it needs next, and in which order they are looked at."""

import hashlib
import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils import timezone

from clinic.lookups import among
from clinic.pages.room_links import SIGNED_WITHIN, in_room
from clinic.room.shown import during
from clinic.room.state import Room
from infusions.limits import Limits
from infusions.models import Infusion, SessionEvent
from infusions.selectors import latest_limits
from infusions.session import vitals
from infusions.session.log import Entry, Kind, Session, Stage
from infusions.session.words import vitals_words
from patients.models import Patient

#: Stage -> icon; its word stands beside it.
_ICONS = {
    Stage.CHECKS: "list",
    Stage.RUNNING: "play",
    Stage.PAUSED: "pause",
    Stage.RECOVERY: "square",
    Stage.DISCHARGED: "arrow-right",
}
#: What a card says of the latest vital signs, each with what belongs to it.
_READINGS = (("systolic_mmhg", "diastolic_mmhg"), ("heart_rate_per_min",), ("spo2_percent", "on_room_air"))
#: A session makes only this of its fields: the rest of them may be long, and changes with every key.
_FIELDS = ("", "chair")


@dataclass(frozen=True)
class Card:
    """One session as the board shows it. `left_seconds` is what the pump has still to run; None while it does not matter."""

    infusion: Infusion
    patient: Patient
    chair: str
    place: str
    stage: Stage
    icon: str
    since: str
    left_seconds: int | None
    planned_seconds: int
    due: vitals.Due | None
    overdue: bool
    alerts: list[during.ShownAlert]
    readings: list[str]
    newest: int

    @property
    def runs(self) -> bool:
        """Whether the time left becomes less."""
        return self.stage is Stage.RUNNING

    @property
    def left(self) -> bool:
        """Whether the patient has gone: all there is to do is to sign."""
        return self.stage is Stage.DISCHARGED

    @property
    def left_words(self) -> str:
        """The time left in minutes and seconds, as of the server's answer."""
        minutes, seconds = divmod(self.left_seconds or 0, 60)
        return f"{minutes}:{seconds:02}"

    @property
    def done_width(self) -> str:
        """How much of the bar, 400 wide, has run."""
        done = 1 - min((self.left_seconds or 0) / max(self.planned_seconds, 1), 1)
        return f"{400 * done:.1f}"

    @property
    def rank(self) -> tuple[Any, ...]:
        """Open alerts first, the gravest before others, then overdue vital signs; then by chair, and who has left last."""
        urgent = 0 if any(alert.acts for alert in self.alerts) else 1 if self.alerts else 2 if self.overdue else 3
        digits = [(int(part), "") if part.isdecimal() else (0, part) for part in _PARTS.findall(self.chair.casefold())]
        return (self.left, 3 if self.left else urgent, not self.chair, digits, self.infusion.pk)


_PARTS = re.compile(r"\d{1,9}|\D+", re.ASCII)


@dataclass(frozen=True)
class Board:
    """Every card, and a name for what they show: as long as it is the same an open board needs nothing new."""

    cards: list[Card]
    key: str
    now: datetime

    @property
    def present(self) -> list[Card]:
        """Sessions with a patient in the chair."""
        return [card for card in self.cards if not card.left]

    @property
    def gone(self) -> list[Card]:
        """Sessions of the last day that only wait for a signature."""
        return [card for card in self.cards if card.left]

    @property
    def patient_ids(self) -> set[int]:
        """Whose names the board shows."""
        return {card.patient.pk for card in self.cards}


def board(user: Any, now: datetime) -> Board:
    """The board as of now. Four queries, however many sessions there are."""
    late = now - SIGNED_WITHIN  # from then on `unsigned_sessions` has those who left
    rows = in_room().exclude(stage=Stage.PLANNED).filter(~Q(stage=Stage.DISCHARGED) | Q(started_at__gte=late))
    infusions = list(rows.select_related("course__patient"))
    version = latest_limits()
    sessions, given = _sessions(infusions), _given(infusions)
    limits = version.limits()
    cards = [
        _card(Room(infusion, sessions[infusion.pk], limits, user, now), _number(infusion, given, now))
        for infusion in infusions
    ]
    cards.sort(key=lambda card: card.rank)
    return Board(cards, _key(cards, version.number, now), now)


def _sessions(infusions: list[Infusion]) -> dict[int, Session]:
    """The sessions, made of all that happened and of the chair."""
    entries: dict[int, list[Entry]] = defaultdict(list)
    found = SessionEvent.objects.filter(among("infusion_id", [one.pk for one in infusions]), field__in=_FIELDS)
    for row in found.order_by("id"):
        entries[row.infusion_id].append(row.entry())
    return {infusion.pk: Session.of(entries[infusion.pk]) for infusion in infusions}


def _given(infusions: list[Infusion]) -> dict[int, list[datetime]]:
    """Course -> when its given infusions started."""
    starts: dict[int, list[datetime]] = defaultdict(list)
    rows = Infusion.objects.given().filter(among("course_id", [one.course_id for one in infusions]))
    for course_id, started_at in rows.order_by("started_at", "id").values_list("course_id", "started_at"):
        starts[course_id].append(started_at)
    return starts


def _number(infusion: Infusion, given: dict[int, list[datetime]], now: datetime) -> int:
    """Which infusion of its course this is."""
    at = infusion.started_at or now
    return sum(started_at < at for started_at in given[infusion.course_id]) + 1


def _card(room: Room, number: int) -> Card:
    infusion, session, pump = room.infusion, room.session, room.pump
    ticks = pump is not None and room.stage in {Stage.RUNNING, Stage.PAUSED}
    return Card(
        infusion=infusion,
        patient=room.patient,
        chair=session.text("chair"),
        place=f"{number} of {infusion.course.planned_infusions}",
        stage=room.stage,
        icon=_ICONS.get(room.stage, "list"),
        since=_since(session, room.limits, room.now),
        left_seconds=int(pump.planned_minutes_left * 60) if pump and ticks else None,
        planned_seconds=int((pump.planned_minutes_left + pump.minutes) * 60) if pump else 0,
        due=room.due,
        overdue=room.due is not None and room.now > room.due.overdue_at,
        alerts=during.alerts(room),
        readings=_readings(session, room.now),
        newest=room.latest,
    )


def _since(session: Session, limits: Limits, now: datetime) -> str:
    """What the stage began with, and what it waits for."""
    stage, stopped = session.stage, session.stopped
    if stage is Stage.RECOVERY and stopped:
        earliest = stopped.at + timedelta(minutes=float(limits.override_observation_below_minutes))
        return f"pump stopped {_when(stopped.at, now)}, earliest discharge {_when(earliest, now)}"
    kinds = {Stage.CHECKS: Kind.BEGUN, Stage.PAUSED: Kind.PAUSED, Stage.DISCHARGED: Kind.DISCHARGED}
    began = session.last(kinds.get(stage, Kind.STARTED))
    words = {Stage.DISCHARGED: "left", Stage.CHECKS: "begun", Stage.PAUSED: "since"}
    return f"{words.get(stage, 'started')} {_when(began.at, now)}" if began else ""


def _readings(session: Session, now: datetime) -> list[str]:
    """The latest pressure, pulse and SpO2, each with its time: "168/102, pulse 94 at 14:02"."""
    taken = vitals.sets(session)
    told: dict[datetime, list[str]] = defaultdict(list)
    for names in _READINGS:
        latest = next((entry for entry in reversed(taken) if entry.data.get(names[0]) is not None), None)
        if latest is not None:
            told[latest.at].append(vitals_words({name: latest.data.get(name) for name in names}))
    return [f"{', '.join(words)} at {_when(at, now)}" for at, words in told.items()]


def _when(moment: datetime, now: datetime) -> str:
    """The time of day; of another day with the day."""
    local = timezone.localtime(moment)
    other = "" if local.date() == timezone.localdate(now) else f"{local.day} {local:%b} "
    return f"{other}{local:%H:%M}"


def _key(cards: list[Card], limits_version: int, now: datetime) -> str:
    """A name for what is shown, that says nothing of it."""
    shown = [
        (card.infusion.pk, card.newest, card.infusion.version, card.overdue, str(card.patient), card.place)
        for card in cards
    ]
    return hashlib.sha256(repr((timezone.localdate(now), limits_version, shown)).encode()).hexdigest()[:16]
