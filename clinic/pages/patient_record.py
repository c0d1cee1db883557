"""The tabs of a patient's record: courses, sessions and questionnaires, each a page of rows at a time."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models.functions import Coalesce

from assessments import instruments
from assessments.instruments.base import prorated_total
from assessments.models import Assessment
from clinic.lookups import among
from clinic.outcomes.criteria import Criteria
from clinic.outcomes.models import CourseOutcome
from clinic.pages.given_infusions import GivenInfusion, Observed, given_infusions, observed_during, received_mg_per_kg
from clinic.pages.patient_header import PatientHeader
from clinic.pages.room_links import leads_to_room
from clinic.policy import Action
from infusions.models import ENDED, Course, Infusion

ROWS_A_PAGE = 25


def page_of(rows: Any, number: str) -> Page[Any]:
    """One page of ordered rows; a number that does not exist gives the nearest page."""
    return Paginator(rows, ROWS_A_PAGE).get_page(number)


@dataclass(frozen=True)
class CourseLine:
    """A course with what was given; `outcome` is None for a course that has no outcome of its own (rule 12)."""

    course: Course
    given: list[GivenInfusion]
    outcome: CourseOutcome | None

    @property
    def is_open(self) -> bool:
        """Neither closed, nor withdrawn from, nor voided."""
        course = self.course
        return course.closed_on is None and course.withdrawn_on is None and course.voided_at is None

    @property
    def last_on(self) -> date | None:
        """Day of the last given infusion."""
        return self.given[-1].on if self.given else None

    @property
    def change(self) -> int | None:
        """Points from the baseline to the latest follow-up."""
        outcome = self.outcome
        if outcome is None or outcome.baseline_total is None or outcome.latest_total is None:
            return None
        return outcome.latest_total - outcome.baseline_total


@dataclass(frozen=True)
class SessionLine:
    """An infusion, planned or given or not; `given` and `observed` where there is something."""

    infusion: Infusion
    given: GivenInfusion | None
    observed: Observed
    mg_per_kg: Any
    to_room: bool


@dataclass(frozen=True)
class FormLine:
    """One version of a form. `total` is prorated where items are missing and that is allowed; None where it is not.

    `successor` is the version that replaced it, as long as that belongs to the same patient; `replace_reason` says why.
    """

    form: Assessment
    label: str
    clusters: list[int | None]
    total: int | None
    successor: str
    moved: bool
    replace_reason: str


def course_lines(header: PatientHeader, number: str) -> Page[Any]:
    """Courses, the latest first, voided ones included. Three queries beside the header's."""
    courses = Course.objects.select_related("voided_by").filter(patient=header.patient)
    page = page_of(courses.order_by("-number", "-id"), number)
    given = given_infusions(header.patient.pk, doses=False)
    outcomes = {outcome.pk: outcome for outcome in header.standing.outcomes}
    page.object_list = [
        CourseLine(course, [row for row in given if row.course_id == course.pk], outcomes.get(course.pk))
        for course in page.object_list
    ]
    return page


def session_lines(header: PatientHeader, number: str, today: date) -> Page[Any]:
    """Infusions, the latest first, voided ones included. Five queries beside the header's."""
    infusions = Infusion.objects.of_patient(header.patient.pk).select_related("course", "prescriber", "voided_by")
    latest = Coalesce("started_at", "planned_for", "entered_at")
    page = page_of(infusions.order_by(latest.desc(), "-id"), number)
    given = {row.id: row for row in given_infusions(header.patient.pk, doses=True)}
    rows = list(page.object_list)
    observed = observed_during([row.pk for row in rows])
    page.object_list = [
        SessionLine(
            row, given.get(row.pk), observed.get(row.pk, Observed()), _mg_per_kg(row), _to_room(header, row, today)
        )
        for row in rows
    ]
    return page


def _to_room(header: PatientHeader, infusion: Infusion, today: date) -> bool:
    """Whether a line leads whoever looks to the infusion room."""
    return header.allows(Action.INFUSION_RECORD) and infusion.voided_at is None and leads_to_room(infusion, today)


def _mg_per_kg(infusion: Infusion) -> Any:
    if infusion.status not in ENDED:
        return infusion.dose_mg_per_kg
    return received_mg_per_kg(infusion.dose_mg_given, infusion.weight_kg, infusion.dose_mg_per_kg)


def form_lines(header: PatientHeader, number: str) -> Page[Any]:
    """Every version of every form, the latest day first, each beside its corrections. Three queries."""
    forms = Assessment.objects.filter(patient=header.patient).select_related("entered_by", "voided_by")
    first = Coalesce("first_version_id", "id")
    page = page_of(forms.order_by("-completed_on", "-day_rank", first.desc(), "-id"), number)
    rows = list(page.object_list)
    versions = Assessment.objects.filter(among("replaces_id", [row.pk for row in rows]))
    successors = {version.replaces_id: version for version in versions.order_by("id")}
    criteria = header.standing.criteria.criteria()
    page.object_list = [_form_line(row, successors.get(row.pk), criteria) for row in rows]
    return page


def _form_line(form: Assessment, successor: Assessment | None, criteria: Criteria) -> FormLine:
    instrument = instruments.get(form.instrument)
    here = successor is not None and successor.patient_id == form.patient_id
    return FormLine(
        form=form,
        label=f"{instrument.id.upper().replace('PCL5', 'PCL-5')}, {instrument.form(form.form).label.lower()}",
        clusters=[form.subscales.get(subscale.id) for subscale in instrument.subscales],
        total=_total(form, len(instrument.items), criteria),
        successor=successor.public_id if successor and here else "",
        moved=successor is not None and not here,
        replace_reason=successor.replace_reason if successor else "",
    )


def _total(form: Assessment, items: int, criteria: Criteria) -> int | None:
    """Rule 7."""
    few = form.missing_items <= criteria.max_missing_items
    if not (few and form.most_missing_in_subscale <= criteria.max_missing_per_cluster):
        return None
    return prorated_total(form.answered_sum, form.missing_items, items)
