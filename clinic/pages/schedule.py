"""The day list and the week list: infusions planned, running and over, by the clinician who orders them."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth import get_user_model
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from clinic.lookups import among
from clinic.pages.clinic_day import day_starts
from clinic.pages.room_links import IN_CHAIR, leads_to_room, stage_in_chair
from clinic.public_id import is_public_id
from infusions.models import ENDED, Infusion, Status
from infusions.session.log import Stage
from patients.models import Patient

#: More rows than this are no reading: the page says so and asks to choose a clinician or a day.
MOST_ROWS = 500
#: In an address: infusions that no clinician is named for.
NOBODY = "none"
NOT_ASSIGNED = "Not assigned"
#: Days beyond these are a mistyped year, and near the ends of the calendar there is no day before or after.
_YEARS = range(1990, 2100)
#: Status, or the stage of who is in the chair -> words, icon and look; in the order in which they are counted.
_STATES: dict[str, tuple[str, str, str]] = {
    Status.PLANNED: ("planned", "clock", ""),
    Stage.CHECKS: (IN_CHAIR[Stage.CHECKS], "list", "now"),
    Status.IN_PROGRESS: ("running", "play", "now"),
    Stage.PAUSED: (IN_CHAIR[Stage.PAUSED], "pause", "now"),
    Stage.RECOVERY: (IN_CHAIR[Stage.RECOVERY], "heart", "now"),
    Status.COMPLETED: ("completed", "check", ""),
    Status.STOPPED_EARLY: ("stopped early", "square", "warn"),
    Status.CANCELLED: ("cancelled", "x", ""),
    Status.NO_SHOW: ("no-show", "user", "warn"),
}


@dataclass(frozen=True)
class Asked:
    """Which days, and whose infusions: of a clinician, of nobody (`NOBODY`), or of all ("")."""

    first: date
    days: int
    clinician: str = ""
    name: str = ""

    @property
    def last(self) -> date:
        """The last of the days."""
        return self.first + timedelta(days=self.days - 1)

    def address(self, on: date, clinician: str | None = None) -> str:
        """What stands behind the question mark for another day or clinician."""
        who = self.clinician if clinician is None else clinician
        return urlencode({"on": on.isoformat(), **({"clinician": who} if who else {})})


@dataclass(frozen=True)
class ScheduleRow:
    """One infusion, without its dose. `place` is "2 of 6", blank for one that did not take place."""

    public_id: str
    patient: Patient
    at: datetime
    status: str
    words: str
    icon: str
    look: str
    place: str
    in_room: bool = False
    to_room: bool = False
    movable: bool = False
    signed: bool = False

    @property
    def open(self) -> bool:
        """Planned or running: something is still to happen."""
        return self.status in {Status.PLANNED, Status.IN_PROGRESS}

    @property
    def to_do(self) -> bool:
        """Whether whoever records infusions has something to do about it."""
        return self.open or self.to_room


@dataclass(frozen=True)
class ClinicianDays:
    """The infusions of one clinician, by day."""

    name: str
    counts: str
    days: list[tuple[date, list[ScheduleRow]]]


@dataclass(frozen=True)
class Choice:
    """A link to another choice of days or clinician. `count` is how many infusions stand there."""

    words: str
    query: str
    count: int
    current: bool


@dataclass(frozen=True)
class Schedule:
    """What a day or week list shows."""

    asked: Asked
    counts: str
    clinicians: list[ClinicianDays]
    filters: list[Choice]
    week: list[Choice]
    cut: bool

    @property
    def patient_ids(self) -> set[int]:
        """Whose names the page shows."""
        return {row.patient.pk for one in self.clinicians for _, rows in one.days for row in rows}

    @property
    def before(self) -> str:
        """The query of the day or week before."""
        return self.asked.address(self.asked.first - timedelta(days=self.asked.days))

    @property
    def after(self) -> str:
        """The query of the day or week after."""
        return self.asked.address(self.asked.first + timedelta(days=self.asked.days))


def asked_for(on: str, clinician: str, today: date, *, week: bool) -> Asked:
    """The days and the clinician of an address; today and all of them where it names none. One query at most."""
    day = _day_in(on) or today
    first = day - timedelta(days=day.weekday()) if week else day
    days = 7 if week else 1
    if clinician == NOBODY:
        return Asked(first, days, NOBODY, NOT_ASSIGNED)
    people = get_user_model()._default_manager
    person = people.filter(public_id=clinician).first() if is_public_id(clinician) else None
    return Asked(first, days, clinician, str(person)) if person else Asked(first, days)


def _day_in(text: str) -> date | None:
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year in _YEARS else None


def schedule(asked: Asked, today: date) -> Schedule:
    """The infusions of the days asked for. Four queries, however many there are."""
    everybody = _between(asked.first, asked.last)
    rows = _of_clinician(everybody, asked.clinician)
    counted = list(rows.order_by("at", "id").values_list("at", "status", "stage"))
    people = ("course__patient", "prescriber")
    found = list(rows.select_related(*people).order_by("at", "id")[: MOST_ROWS + 1])
    shown = found[:MOST_ROWS]
    return Schedule(
        asked=asked,
        counts=_counts(_state(status, stage) for _, status, stage in counted),
        clinicians=_by_clinician(shown, today),
        filters=_filters(everybody, asked),
        week=_week(asked, Counter(timezone.localdate(at) for at, *_ in counted)),
        cut=len(found) > MOST_ROWS,
    )


def _between(first: date, last: date) -> "QuerySet[Any]":
    """What began on these days, or is planned for them and has not begun; `at` is when. No voided one."""
    starts, ends = day_starts(first), day_starts(last + timedelta(days=1))
    begun = Q(started_at__gte=starts, started_at__lt=ends)
    planned = Q(started_at=None, planned_for__gte=starts, planned_for__lt=ends)
    rows = Infusion.objects.not_voided().filter(begun | planned, course__voided_at=None)
    return rows.annotate(at=Coalesce("started_at", "planned_for"))


def _of_clinician(rows: "QuerySet[Any]", clinician: str) -> "QuerySet[Any]":
    if clinician == NOBODY:
        return rows.filter(prescriber=None)
    return rows.filter(prescriber__public_id=clinician) if clinician else rows


def _state(status: str, stage: str) -> str:
    return stage_in_chair(status, stage) or status


def _counts(states: Iterable[str]) -> str:
    """As "5 infusions: 3 planned, 2 completed"; "no infusion"."""
    found = Counter(states)
    total = sum(found.values())
    if not total:
        return "no infusion"
    told = ", ".join(f"{found[state]} {words}" for state, (words, _, _) in _STATES.items() if found[state])
    return f"{total:,} infusion{'s' if total > 1 else ''}: {told}"


def _by_clinician(infusions: list[Any], today: date) -> list[ClinicianDays]:
    """By name, who is not known last; of two people of one name each by himself."""
    places = _places({infusion.course_id for infusion in infusions})
    whose: dict[tuple[bool, str, int], list[Any]] = defaultdict(list)
    for infusion in infusions:
        person = infusion.prescriber
        whose[(person is None, str(person or NOT_ASSIGNED), infusion.prescriber_id or 0)].append(infusion)
    found = []
    for (_, name, _), theirs in sorted(whose.items(), key=lambda item: item[0]):
        rows = [_row(infusion, places.get(infusion.pk, ""), today) for infusion in theirs]
        days = [(day, list(of_day)) for day, of_day in groupby(rows, key=lambda row: timezone.localdate(row.at))]
        found.append(ClinicianDays(name, _counts(_state(one.status, one.stage) for one in theirs), days))
    return found


def _places(course_ids: set[int]) -> dict[int, str]:
    """Infusion -> its place in its course, counting what was given, runs or is planned, by time. One query."""
    counts = Q(status__in=[Status.PLANNED, Status.IN_PROGRESS]) | Q(status__in=ENDED, dose_mg_given__gt=0)
    rows = Infusion.objects.not_voided().filter(among("course_id", course_ids), counts)
    rows = rows.annotate(at=Coalesce("started_at", "planned_for")).order_by("course_id", "at", "id")
    reached: Counter[int] = Counter()
    places = {}
    for pk, course_id, planned in rows.values_list("id", "course_id", "course__planned_infusions"):
        reached[course_id] += 1
        number = reached[course_id]
        places[pk] = f"{number} of {planned}" if number <= planned else f"{number}, {planned} planned"
    return places


def _row(infusion: Any, place: str, today: date) -> ScheduleRow:
    words, icon, look = _STATES[_state(infusion.status, infusion.stage)]
    return ScheduleRow(
        public_id=infusion.public_id,
        patient=infusion.course.patient,
        at=infusion.at,
        status=infusion.status,
        words=words[:1].upper() + words[1:],
        icon=icon,
        look=look,
        place=place,
        in_room=infusion.in_room,
        to_room=leads_to_room(infusion, today),
        signed=infusion.signed,
        movable=infusion.status == Status.PLANNED and not infusion.stage,
    )


def _filters(everybody: "QuerySet[Any]", asked: Asked) -> list[Choice]:
    """All, each clinician who has an infusion on these days, and nobody; the chosen one in any case."""
    fields = ("prescriber_id", "prescriber__public_id", "prescriber__full_name", "prescriber__email")
    found = everybody.order_by("prescriber_id").values_list(*fields).annotate(found=Count("id"))
    people = [(name or email or NOT_ASSIGNED, public_id or NOBODY, count) for _, public_id, name, email, count in found]
    if asked.clinician and asked.clinician not in {public_id for _, public_id, _ in people}:
        people.append((asked.name, asked.clinician, 0))
    people.sort(key=lambda person: (person[1] == NOBODY, person))
    choices = [("All clinicians", "", sum(count for _, _, count in people)), *people]
    return [
        Choice(name, asked.address(asked.first, clinician), count, clinician == asked.clinician)
        for name, clinician, count in choices
    ]


def _week(asked: Asked, found: Counter[date]) -> list[Choice]:
    """The days of a week with how many infusions each has; none for a single day."""
    if asked.days == 1:
        return []
    days = [asked.first + timedelta(days=number) for number in range(asked.days)]
    return [Choice(f"{day:%a} {day.day} {day:%b}", asked.address(day), found[day], current=False) for day in days]
