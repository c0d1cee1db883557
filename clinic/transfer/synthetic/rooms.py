"""Who sits in the infusion room of an invented clinic, and who sat there: one session at each stage worth looking at.

Played after the records are written, only where there is staff to enter them. No infusion that was given is touched: today's
sessions are planned ones of today, those of the days before are the next planned ones of courses under way, brought forward.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import islice

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from clinic.profile.zone import zone_in_force
from clinic.transfer.synthetic.clinic_days import last_open_day, moment
from clinic.transfer.synthetic.draws import draw_of
from clinic.transfer.synthetic.making import Wanted
from clinic.transfer.synthetic.seats import CHECKS_MINUTES, PUMP_MINUTES, Reading, Seat
from infusions.models import Infusion, Phase, Status
from infusions.selectors import consent_on, preparation_for
from infusions.session.checklist import ITEMS
from infusions.session.log import Kind

_DAY = timedelta(days=1)
#: Days that an infusion keeps from the one before it: less than 48 hours would be warned of.
_APART = timedelta(days=2)
#: By so much at most an infusion is brought forward: the longest that an invented patient waits for the first.
_BROUGHT_FORWARD = timedelta(days=28)
#: So many open days are looked through for somebody whose series a session fits into.
_DAYS_BACK = 5
#: When the pump was started in the sessions of the days before, in minutes after midnight. The unsigned one was
#: early: a day after its start it is missed.
_EARLY, _LATER = 8 * 60 + 30, 10 * 60
_BEFORE: Reading = (126, 78, 72, 98, 14, 5, 0)
#: Vital signs of an infusion without trouble, by minute after the start; pressures rise as in published series.
_CALM: tuple[tuple[int, Reading], ...] = (
    (10, (134, 84, 76, 98, 15, 5, 0)),
    (20, (142, 88, 80, 97, 15, 4, 1)),
    (30, (146, 90, 82, 97, 14, 4, 0)),
    (40, (144, 88, 80, 98, 15, 4, 0)),
)
#: The same after the stop, by minute after it.
_EBBING: tuple[tuple[int, Reading], ...] = (
    (10, (138, 84, 78, 98, 15, 5, 0)),
    (25, (132, 82, 76, 98, 14, 5, 0)),
    (40, (128, 80, 74, 99, 14, 5, 0)),
    (55, (126, 78, 72, 98, 14, 5, 0)),
)

#: Play one session up to its stage.
_Play = Callable[[Seat], None]


@transaction.atomic
def play_sessions(wanted: Wanted) -> None:
    """Fill the infusion room as it is at `wanted.now`: not at all without staff, or where nothing is planned today."""
    if not wanted.plays_sessions or wanted.now is None:
        return
    now = wanted.now.replace(microsecond=0)
    today = _today(wanted.until)
    for infusion, (start, play) in zip(today, _of_today(now), strict=False):
        _play(wanted, infusion, start, play)
    for starts, play in _of_days_before(wanted.until) if today else ():
        found = ((one, start) for start in starts if (one := _next_planned(start, wanted.until)) is not None)
        for infusion, start in islice(found, 1):
            _play(wanted, infusion, start, play)


def _of_today(now: datetime) -> tuple[tuple[datetime, _Play], ...]:
    """Start of the pump, which for the one at the checks is still to come, and how far it has come."""
    return (
        (now - timedelta(minutes=PUMP_MINUTES + 12), _recovers),
        (now - timedelta(minutes=22), _runs),
        (now + timedelta(minutes=CHECKS_MINUTES - 9), _is_checked),
    )


def _of_days_before(today: date) -> tuple[tuple[list[datetime], _Play], ...]:
    """When a session of the days before may have started, the best moment first, and what became of it."""
    zone = zone_in_force()
    days = [last_open_day(today - _DAY)]
    while len(days) <= _DAYS_BACK:
        days.append(last_open_day(days[-1] - _DAY))
    early, later = ([moment(day, minutes, zone) for day in days] for minutes in (_EARLY, _LATER))
    return (later[1:], _is_signed), (early[:-1], _left)


def _planned(begin: datetime, end: datetime) -> "QuerySet[Infusion]":
    """Infusions planned from `begin` to before `end` on courses under way, of patients whose allergies are known."""
    rows = Infusion.objects.not_voided().filter(status=Status.PLANNED, stage="", course__voided_at=None)
    under_way = rows.filter(course__closed_on=None, course__withdrawn_on=None, course__patient__active=True)
    known = under_way.exclude(course__patient__allergies="").select_related("course__patient")
    return known.filter(planned_for__gte=begin, planned_for__lt=end).order_by("planned_for", "id")


def _today(today: date) -> list[Infusion]:
    begin = moment(today, 0, zone_in_force())
    return [one for one in _planned(begin, begin + _DAY) if one.planned_for and _may_start(one, one.planned_for)]


def _next_planned(start: datetime, today: date) -> Infusion | None:
    """The next planned infusion of an induction that could as well have been given at `start`; None in a clinic without one.

    Of a patient who has nothing planned meanwhile, and rather of one who was treated before than of one who waits.
    """
    tomorrow = moment(today + _DAY, 0, zone_in_force())
    others = Infusion.objects.not_voided().filter(course__patient=OuterRef("course__patient"))
    busy = others.filter(planned_for__gte=start, planned_for__lt=tomorrow)
    opened = {"course__phase": Phase.INDUCTION, "course__opened_on__lte": start.astimezone(zone_in_force()).date()}
    treated = Exists(Infusion.objects.given().filter(course=OuterRef("course")))
    found = _planned(tomorrow, start + _BROUGHT_FORWARD).filter(~Exists(busy), **opened).annotate(treated=treated)
    return next((one for one in found.order_by("-treated", "planned_for", "id") if _may_start(one, start)), None)


def _may_start(infusion: Infusion, start: datetime) -> bool:
    """Whether consent and the time since the last infusion allow it."""
    patient = infusion.course.patient
    last = preparation_for(patient, start).last
    rested = last is None or last.started_at is None or start - last.started_at >= _APART
    return rested and bool(consent_on(patient, start.astimezone(zone_in_force()).date()).valid)


def _play(wanted: Wanted, infusion: Infusion, start: datetime, play: _Play) -> None:
    """Let the appointment be that of this session, and play it."""
    infusion.planned_for = start - timedelta(minutes=start.minute % 15, seconds=start.second)
    infusion.save(update_fields=["planned_for"])
    people = get_user_model().objects.in_bulk([wanted.staff.clinician, wanted.staff.director])
    actor, colleague = people[wanted.staff.clinician], people[wanted.staff.director]
    draw = draw_of(wanted.seed, "room", play.__name__)
    play(Seat(infusion, start, actor=actor, colleague=colleague, draw=draw))


def _is_checked(seat: Seat) -> None:
    """At the checks, half of them answered."""
    seat.begin(-CHECKS_MINUTES, "Room 3")
    seat.check(2 - CHECKS_MINUTES, len(ITEMS) // 2)


def _runs(seat: Seat) -> None:
    """Running for 22 minutes, a little sick, the last pressure over the line to notify and not yet acknowledged."""
    seat.start_pump("Room 2", _BEFORE)
    seat.take([(10, (138, 86, 78, 98, 15, 5, 0))])
    seat.nausea(16, 1, "none")
    seat.enter(Kind.NOTE, 18, text="Ginger tea beside the chair. Wants to go on, breathes with the music.")
    seat.take([(20, (168, 102, 92, 97, 16, 4, 2))])


def _recovers(seat: Seat) -> None:
    """Stopped on time 12 minutes ago, one set since; what is left of the drug is not yet wasted."""
    seat.start_pump("Room 1", _BEFORE)
    seat.take(_CALM)
    seat.stop_pump(PUMP_MINUTES)
    seat.take((PUMP_MINUTES + after, reading) for after, reading in _EBBING[:1])


def _left(seat: Seat) -> None:
    """Discharged and not signed."""
    seat.start_pump("Room 1", _BEFORE)
    seat.take(_CALM)
    seat.stop_pump(PUMP_MINUTES)
    seat.waste(PUMP_MINUTES + 8)
    seat.take((PUMP_MINUTES + after, reading) for after, reading in _EBBING)
    seat.discharge(PUMP_MINUTES + 65)


def _is_signed(seat: Seat) -> None:
    """Signed: a pause for nausea with a rescue drug, an acknowledged alert, and a note of the day after."""
    seat.start_pump("Room 2", _BEFORE)
    seat.take(_CALM[:1])
    seat.nausea(16, 2, "rescue")
    seat.enter(Kind.PAUSED, 17, reason="Nausea, asks for a break")
    told = {"name": "Ondansetron", "dose": "4 mg", "route": "IV", "reason": "Nausea"}
    seat.enter(Kind.DRUG, 18, **told, response="Better within five minutes")
    seat.take(_CALM[1:2])
    seat.enter(Kind.RESUMED, 23)
    over = seat.take([(30, (164, 98, 88, 97, 16, 4, 1))])
    seat.enter(Kind.ACKNOWLEDGED, 32, of=over.pk, done="Dr. Hjelmstad told; cuff checked, taken again in five minutes")
    seat.take([(35, (152, 92, 84, 97, 15, 4, 0)), (45, (146, 90, 82, 98, 15, 4, 0))])
    seat.stop_pump(46)
    seat.waste(54)
    seat.take((46 + after, reading) for after, reading in _EBBING)
    seat.note_afterwards(100)
    seat.discharge(111)
    seat.enter(Kind.SIGNED, 118, meaning="responsible", reason="")
    seat.note_afterwards(24 * 60 + 30)
