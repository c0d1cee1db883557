"""The courses of one patient: which, from when, with which sessions on which days."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from clinic.transfer.synthetic.clinic_days import (
    SLOTS,
    THRICE_A_WEEK,
    TWICE_A_WEEK,
    WEEKLY,
    last_open_day,
    open_day,
)
from clinic.transfer.synthetic.draws import Draw
from clinic.transfer.synthetic.levels import Effect, Symptoms
from clinic.transfer.synthetic.stories import Kind, Stage, Story
from infusions.models import DEFAULT_PLANNED_INFUSIONS, ENDED, Phase, Status

_GIVEN = {6: 62, 5: 11, 4: 11, 3: 5, 2: 3, 1: 3, 7: 2, 8: 3}
_RHYTHMS: dict[str, tuple[Mapping[int, int], int]] = {
    "twice": (TWICE_A_WEEK, 76),
    "thrice": (THRICE_A_WEEK, 14),
    "weekly": (WEEKLY, 10),
}
_OUTCOMES: dict[str, float] = {
    Status.COMPLETED: 935,
    Status.STOPPED_EARLY: 18,
    Status.CANCELLED: 27,
    Status.NO_SHOW: 20,
}
_WITHDRAWALS = (
    "Moved to another state and will continue care there.",
    "Found the sessions too intense and prefers to go on with psychotherapy alone.",
    "Could no longer arrange transport and time off work.",
    "Cost: the insurer declined the second half of the series.",
    "No benefit noticed after the first infusions; chose to stop.",
    "New pregnancy; the team advised against further infusions.",
    "Blood pressure repeatedly high before sessions; referred to primary care first.",
)


@dataclass(slots=True)
class Session:
    """One appointment: its day, its minute of the day and what became of it."""

    day: date
    minute: int
    status: str

    @property
    def given(self) -> bool:
        """Whether an infusion was given."""
        return self.status in ENDED


@dataclass(slots=True)
class CoursePlan:
    """One course with its sessions in time order."""

    number: int
    phase: str
    opened_on: date
    sessions: list[Session]
    planned: int = DEFAULT_PLANNED_INFUSIONS
    withdrawn_on: date | None = None
    withdrawn_reason: str = ""
    closed_on: date | None = None

    @property
    def given(self) -> list[Session]:
        """The sessions at which an infusion was given."""
        return [session for session in self.sessions if session.given]


@dataclass(slots=True)
class Treatment:
    """All that a patient was treated with, and what it did to the symptoms."""

    symptoms: Symptoms
    courses: list[CoursePlan] = field(default_factory=list)


def treatment_of(story: Story, draw: Draw, until: date) -> Treatment:
    """Draw the patient's courses up to `until`, with the sessions planned after it."""
    treatment = Treatment(Symptoms(story.severity))
    if story.stage is Stage.WAITING:
        if draw.chance(0.5):  # the others have not decided, or never came back
            treatment.courses.append(_planned_course(story, draw, until))
        return treatment
    first = _induction(story, draw, until, 1, story.first_on)
    treatment.courses.append(first)
    effect = _settle(treatment, draw, first, story.kind, story.relapses)
    if story.stage is Stage.FOLLOWED and first.withdrawn_on is None and not story.dies:
        _follow(story, draw, until, treatment, effect)
    for course in treatment.courses:
        _close(course, draw, until)
    return treatment


def _planned_course(story: Story, draw: Draw, until: date) -> CoursePlan:
    days = _days_from(open_day(story.first_on), TWICE_A_WEEK, draw, draw.choice((1, 1, 2, 6)))
    minute = draw.choice(SLOTS)
    opened_on = last_open_day(until - timedelta(days=draw.randint(1, 12)))
    return CoursePlan(1, Phase.INDUCTION, opened_on, [Session(day, minute, Status.PLANNED) for day in days])


def _induction(story: Story, draw: Draw, until: date, number: int, first_on: date) -> CoursePlan:
    """An induction of so many given infusions; appointments that were missed are made up for."""
    rhythm, _ = _RHYTHMS[draw.of({name: weight for name, (_, weight) in _RHYTHMS.items()})]
    settled = story.stage is Stage.FOLLOWED and (until - first_on).days > 50
    wanted = draw.of(_GIVEN) if settled else DEFAULT_PLANNED_INFUSIONS
    minute = draw.choice(SLOTS)
    if number == 1 and story.today_place is not None:
        sessions = _around_today(story.today_place, draw, until, minute)
    else:
        sessions = _sessions(first_on, rhythm, draw, until, wanted, minute)
    opened_on = max(story.registered_on, sessions[0].day - timedelta(days=draw.randint(1, 9)))
    course = CoursePlan(number, Phase.INDUCTION, opened_on, sessions, planned=max(wanted, DEFAULT_PLANNED_INFUSIONS))
    if wanted < DEFAULT_PLANNED_INFUSIONS and draw.chance(0.11):
        _withdraw(course, draw, until)
    return course


def _sessions(
    first_on: date, rhythm: Mapping[int, int], draw: Draw, until: date, wanted: int, minute: int
) -> list[Session]:
    """Sessions until so many were given or planned; the first is always given, none is on `until` itself."""
    sessions: list[Session] = []
    day, counted = first_on, 0
    while counted < wanted:
        if day == until:
            day = open_day(until + timedelta(days=1))
        status = Status.PLANNED if day > until else draw.of(_OUTCOMES) if sessions else Status.COMPLETED
        sessions.append(Session(day, minute, status))
        counted += status not in {Status.CANCELLED, Status.NO_SHOW}
        day = _next_day(day, rhythm, draw)
    return sessions


def _days_from(day: date, rhythm: Mapping[int, int], draw: Draw, count: int) -> list[date]:
    days = [day]
    while len(days) < count:
        days.append(_next_day(days[-1], rhythm, draw))
    return days


def _next_day(day: date, rhythm: Mapping[int, int], draw: Draw) -> date:
    postponed = draw.choice((1, 2, 7)) if draw.chance(0.06) else 0
    return open_day(day + timedelta(days=rhythm[day.weekday()] + postponed))


def _around_today(place: int, draw: Draw, until: date, minute: int) -> list[Session]:
    """A series of which one session is on `until`: some before it, the rest after."""
    before: list[date] = []
    day = until
    for _ in range(place % DEFAULT_PLANNED_INFUSIONS):
        day = last_open_day(day - timedelta(days=draw.choice((3, 4))))
        before.append(day)
    after = _days_from(until, TWICE_A_WEEK, draw, DEFAULT_PLANNED_INFUSIONS - len(before))
    sessions = [Session(day, minute, Status.COMPLETED) for day in reversed(before)]
    sessions += [Session(day, minute, Status.PLANNED) for day in after]
    sessions[len(before)].minute = SLOTS[0] + 45 * place  # so that the day's sessions follow each other
    return sessions


def _settle(treatment: Treatment, draw: Draw, course: CoursePlan, kind: Kind, relapses: bool) -> Effect:
    days = [session.day for session in (course.given or course.sessions)]
    last_on = max(days[-1], days[0] + timedelta(days=7))
    return treatment.symptoms.respond(draw, kind, days[0], last_on, relapses)


def _follow(story: Story, draw: Draw, until: date, treatment: Treatment, effect: Effect) -> None:
    """What comes after the first induction: a second one, mostly after a relapse, or top-ups of a response."""
    again = 0.47 if effect.returns_on else 0.15 if story.kind is not Kind.RESPONDER else 0.0
    since = effect.returns_on or effect.last_on + timedelta(days=60)
    if draw.chance(again):
        first_on = open_day(since + timedelta(days=draw.randint(35, 110)))
        if first_on < until:
            course = _induction(story, draw, until, 2, first_on)
            treatment.courses.append(course)
            _settle(treatment, draw, course, draw.of({Kind.RESPONDER: 7, Kind.NON_RESPONDER: 3}), draw.chance(0.3))
    elif story.kind is Kind.RESPONDER and not effect.returns_on and draw.chance(0.11):
        _top_up(story, draw, until, treatment, effect.last_on)


def _top_up(story: Story, draw: Draw, until: date, treatment: Treatment, last_on: date) -> None:
    phase = draw.of({Phase.MAINTENANCE: 2, Phase.BOOSTER: 1})
    wanted = draw.randint(3, 8) if phase == Phase.MAINTENANCE else draw.randint(1, 2)
    weeks = draw.choice((4, 5, 6)) if phase == Phase.MAINTENANCE else 1
    first_on = open_day(last_on + timedelta(days=draw.randint(32, 75)))
    if first_on >= until:
        return
    rhythm = dict.fromkeys(range(7), 7 * weeks)
    sessions = _sessions(first_on, rhythm, draw, until, wanted, draw.choice(SLOTS))
    opened_on = first_on - timedelta(days=draw.randint(1, 7))
    treatment.courses.append(CoursePlan(2, phase, opened_on, sessions, planned=wanted))


def _withdraw(course: CoursePlan, draw: Draw, until: date) -> None:
    day = course.sessions[-1].day + timedelta(days=draw.randint(1, 6))
    if day < until:
        course.withdrawn_on, course.withdrawn_reason = day, draw.choice(_WITHDRAWALS)


def _close(course: CoursePlan, draw: Draw, until: date) -> None:
    day = course.sessions[-1].day + timedelta(days=draw.randint(3, 14))
    if day < until and not course.withdrawn_on:
        course.closed_on = day
