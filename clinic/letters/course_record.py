"""What the record holds of one course, as a letter tells it: its readings, infusions, adverse events and outcome.

A maintenance or booster course has no outcome of its own: the letter tells that of the induction course it follows (rule 12).
"""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from django.db.models import Q

from clinic.lookups import among
from clinic.outcomes.models import CourseOutcome
from clinic.pages.given_infusions import GivenInfusion, given_infusions
from clinic.pages.patient_standing import Standing
from clinic.pages.timeline import ReadingRow, timeline
from infusions.models import AdverseEvent, Course, Infusion, Phase, Route
from patients.models import Patient


@dataclass(frozen=True)
class InfusionTold:
    """An infusion with what only a letter says of it."""

    given: GivenInfusion
    minutes: Decimal | None
    route: str


@dataclass(frozen=True)
class CourseRecord:
    """One course, or a patient without any (`course` None). `infusions` are those told, `drawn` those of the chart."""

    course: Course | None
    courses: dict[int, Course]
    outcome: CourseOutcome | None
    readings: list[ReadingRow]
    left_out: int
    infusions: list[InfusionTold]
    drawn: list[GivenInfusion]
    events: list[AdverseEvent]

    @property
    def own(self) -> list[GivenInfusion]:
        """The infusions of this course alone."""
        return [told.given for told in self.infusions if self.course and told.given.course_id == self.course.pk]

    @property
    def is_top_up(self) -> bool:
        """Whether it is a maintenance or booster course."""
        return self.course is not None and self.course.phase != Phase.INDUCTION


def courses_of(patient: Patient) -> list[Course]:
    """The courses that a letter may be about, the latest first. One query."""
    return list(Course.objects.not_voided().filter(patient=patient).order_by("-number", "-id"))


def course_record(patient: Patient, course: Course | None, standing: Standing) -> CourseRecord:
    """What is told of this course. Seven queries, whatever the number of records."""
    courses = {one.pk: one for one in courses_of(patient)}
    given = given_infusions(patient.pk, doses=True)
    outcome = _outcome(course, given, standing)
    told, drawn = _infusions(course, courses, outcome, given)
    readings, left_out = _readings(patient, course, outcome, standing, given)
    return CourseRecord(course, courses, outcome, readings, left_out, _with_details(told), drawn, _events(course, told))


def _outcome(course: Course | None, given: list[GivenInfusion], standing: Standing) -> CourseOutcome | None:
    """That of the course; of a course that has none by its phase, that of the induction course which it follows."""
    if course is None:
        return None
    if course.phase == Phase.INDUCTION:
        return next((one for one in standing.outcomes if one.pk == course.pk), None)
    own = [row.on for row in given if row.course_id == course.pk]
    begun = [one for one in standing.outcomes if not own or one.first_infusion_on <= own[0]]
    return begun[-1] if begun else None


def _infusions(
    course: Course | None, courses: dict[int, Course], outcome: CourseOutcome | None, given: list[GivenInfusion]
) -> tuple[list[GivenInfusion], list[GivenInfusion]]:
    """Those that are listed and those that are drawn. Top-ups are told with the induction course that they follow."""
    own = [row for row in given if course and row.course_id == course.pk]
    if course is None or outcome is None:
        return own, own
    until = outcome.next_induction_on or date.max
    span = [
        row
        for row in given
        if row.course_id == outcome.pk
        or (courses[row.course_id].phase != Phase.INDUCTION and outcome.first_infusion_on <= row.on < until)
    ]
    return (own if course.pk != outcome.pk else span), span


def _with_details(given: list[GivenInfusion]) -> list[InfusionTold]:
    rows = Infusion.objects.filter(among("pk", [row.id for row in given])).order_by("pk")
    details = {pk: (minutes, route) for pk, minutes, route in rows.values_list("pk", "minutes", "route")}
    return [InfusionTold(row, details[row.id][0], _route(details[row.id][1])) for row in given]


def _route(route: str) -> str:
    """Any but the usual one."""
    return "" if route == Route.IV else Route(route).label.lower()


def _events(course: Course | None, told: list[GivenInfusion]) -> list[AdverseEvent]:
    """Those of the infusions told, and of what was begun on the course and not counted as given."""
    if course is None:
        return []
    of_these = among("infusion_id", [row.id for row in told]) | Q(infusion__course_id=course.pk)
    standing = AdverseEvent.objects.not_voided().filter(
        of_these, infusion__voided_at__isnull=True, infusion__course__voided_at__isnull=True
    )
    return list(standing.order_by("started_at", "id"))


def _readings(
    patient: Patient,
    course: Course | None,
    outcome: CourseOutcome | None,
    standing: Standing,
    given: list[GivenInfusion],
) -> tuple[list[ReadingRow], int]:
    """The readings of the course, each with its day and its change from the baseline of this course (rules 14 and 16)."""
    criteria = standing.criteria.criteria()
    whole = timeline(patient.pk, standing.outcomes, standing.windows, given, criteria)
    if outcome is None:
        return [_without_outcome(row, course, given) for row in whole.rows], whole.left_out
    alone = timeline(patient.pk, [outcome], standing.windows, given, criteria)
    following = next((one for one in standing.outcomes if one.first_infusion_on == outcome.next_induction_on), None)
    of_all = {row.reading.id: row.outcome for row in whole.rows}
    own = [row for row in alone.rows if _belongs(row, of_all[row.reading.id], outcome, following)]
    return own, whole.left_out


def _belongs(
    row: ReadingRow, home: CourseOutcome | None, outcome: CourseOutcome, following: CourseOutcome | None
) -> bool:
    """Whether a reading is of this course: as baseline of the next one it is still a follow-up of this one."""
    if home is outcome:
        return True
    if following is None or row.reading.on <= outcome.first_infusion_on:
        return False
    return row.reading.on < following.first_infusion_on or row.reading.id == following.baseline_id


def _without_outcome(row: ReadingRow, course: Course | None, given: list[GivenInfusion]) -> ReadingRow:
    """A reading beside a course that has no outcome: nothing is compared."""
    own = [infusion.on for infusion in given if course and infusion.course_id == course.pk]
    if not given or row.reading.on <= given[0].on:
        used = "Before any infusion"
    elif not own or row.reading.on <= own[0]:
        used = "Before this course"
    else:
        used = "Not compared"
    return replace(row, outcome=None, day=None, change=None, used_as=used)
