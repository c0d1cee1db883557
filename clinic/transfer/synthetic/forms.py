"""Which PCL-5s a patient filled in, and on which days: as the clinic asks for them (rule 15), less what is forgotten."""

from dataclasses import dataclass
from datetime import date, timedelta

from assessments.instruments.pcl5 import INSTRUMENT, MONTH, WEEK
from clinic.transfer.synthetic.courses import CoursePlan, Treatment
from clinic.transfer.synthetic.draws import Draw
from clinic.transfer.synthetic.stories import Story
from infusions.models import Phase

#: Form, days after the last infusion, how far they scatter, and how often it comes back from those still reached.
#: Between the windows of rule 15 the clinic asks too, to see a relapse early.
_FOLLOW_UPS = (
    (WEEK, 7, 2, 0.85),
    (MONTH, 28, 2, 0.79),
    (MONTH, 52, 4, 0.76),
    (MONTH, 90, 7, 0.75),
    (MONTH, 136, 8, 0.76),
    (MONTH, 180, 9, 0.76),
    (MONTH, 230, 12, 0.76),
    (MONTH, 270, 10, 0.76),
    (MONTH, 310, 10, 0.76),
    (MONTH, 365, 10, 0.80),
    (MONTH, 430, 12, 0.72),
    (MONTH, 490, 12, 0.72),
    (MONTH, 550, 12, 0.72),
    (MONTH, 640, 15, 0.72),
    (MONTH, 730, 15, 0.72),
    (MONTH, 820, 15, 0.70),
    (MONTH, 920, 15, 0.70),
    (MONTH, 1010, 15, 0.70),
)
_ITEMS = len(INSTRUMENT.items)
_CORRECTIONS = (
    "Typed from paper; one item was read off the wrong line.",
    "Patient called: meant a different answer for one item.",
    "Second check against the paper form found one slip.",
    "Item left open by mistake on screen; patient gave the answer by phone.",
)
_VOIDS = (
    "Belongs to another patient with a similar name.",
    "Entered twice: the same paper form was typed on two screens.",
    "Test entry made while training a colleague.",
    "Filled in by a relative, not by the patient.",
)


@dataclass(slots=True)
class FormPlan:
    """One PCL-5: `skipped` are positions of items, `corrects` the position among the patient's forms that it replaces."""

    day: date
    form: str
    level: float
    skipped: tuple[int, ...] = ()
    corrects: int | None = None
    changed_item: int = 0
    reason: str = ""
    voided: bool = False


def forms_of(story: Story, treatment: Treatment, draw: Draw, until: date, last_day: date) -> list[FormPlan]:
    """The forms of a patient in the order of entry; none is dated on or after `until`, nor after `last_day`."""
    asked: dict[tuple[date, str], None] = {}
    inductions = [course for course in treatment.courses if course.phase == Phase.INDUCTION]
    starts = [course.sessions[0].day for course in inductions if course.given]
    for place, course in enumerate(inductions):
        ends = starts[place + 1] if place + 1 < len(starts) else last_day
        asked |= _of_course(story, course, draw, place, ends)
    for course in treatment.courses:
        if course.phase != Phase.INDUCTION:
            asked |= {(session.day, MONTH.id): None for session in course.given if draw.chance(0.8)}
    if not inductions:
        asked |= {(story.registered_on, MONTH.id): None} if draw.chance(0.85) else {}
    days = sorted(key for key in asked if story.registered_on <= key[0] < until and key[0] <= last_day)
    return _with_slips([_plan(treatment, draw, day, form) for day, form in days], draw, until)


def _of_course(story: Story, course: CoursePlan, draw: Draw, place: int, ends: date) -> dict[tuple[date, str], None]:
    """Forms around one induction; those of a later one are also follow-ups of the one before."""
    first = course.sessions[0].day
    found: list[tuple[date, str]] = []
    if place == 0 and draw.chance(0.85):
        found.append((max(story.registered_on, first - timedelta(days=draw.randint(32, 45))), MONTH.id))
    if story.has_baseline or place > 0:
        found.append((first - timedelta(days=draw.randint(1, 15)), MONTH.id))
        found += [(first, WEEK.id)] if draw.chance(0.75) else []
    else:
        found = [(day, form) for day, form in found if (first - day).days > 30]
    if not story.silent and course.given:
        found += _after_start(story, course, draw, ends)
    return dict.fromkeys(found)


def _after_start(story: Story, course: CoursePlan, draw: Draw, ends: date) -> list[tuple[date, str]]:
    first, last = course.given[0].day, course.given[-1].day
    weeks = range(first.toordinal() + 7, course.sessions[-1].day.toordinal() + 1, 7)
    found = [(date.fromordinal(day), WEEK.id) for day in weeks if draw.chance(0.95)]
    reached_until = last + timedelta(days=story.lost_after_days)
    if course.withdrawn_on:
        reached_until = min(reached_until, course.withdrawn_on)
    for form, after, scatter, comes_back in _FOLLOW_UPS:
        day = last + timedelta(days=after + draw.randint(-scatter, scatter))
        if draw.chance(comes_back) and day <= reached_until and day < ends:
            found.append((day, form.id))
    return found


def _plan(treatment: Treatment, draw: Draw, day: date, form: str) -> FormPlan:
    level = treatment.symptoms.level(day) + draw.gauss(0, 2.5)
    return FormPlan(day, form, level, _skipped(draw) if draw.chance(0.055) else ())


def _skipped(draw: Draw) -> tuple[int, ...]:
    count = draw.of({1: 62, 2: 20, 3: 10, 5: 5, 8: 3})
    return tuple(sorted(draw.sample(range(_ITEMS), count)))


def _with_slips(forms: list[FormPlan], draw: Draw, until: date) -> list[FormPlan]:
    """The forms with what went wrong in some: a correction that replaces one, or an entry voided beside it."""
    found: list[FormPlan] = []
    for plan in forms:
        found.append(plan)
        if (until - plan.day).days < 6:
            continue
        if draw.chance(0.008):
            place, item = len(found) - 1, plan.skipped[0] if plan.skipped else draw.randrange(_ITEMS)
            left = plan.skipped[1:]
            reason = draw.choice(_CORRECTIONS)
            found.append(FormPlan(plan.day, plan.form, plan.level, left, place, item, reason))
        elif draw.chance(0.004):
            other = draw.within(45, 14, 8, 76)
            found.append(FormPlan(plan.day, plan.form, other, reason=draw.choice(_VOIDS), voided=True))
    return found
