"""PCL-5s to be given: after treatment, during a series, before the first infusion; and those that were missed.

Each list is one query over indexed, stored dates, in pages by a cursor that names the last row shown. What is due is said
by clinic/outcomes/due.py. Left out are patients who died or are inactive, and courses that were voided or withdrawn.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Case, DateField, DurationField, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone

from assessments.models import Assessment
from clinic.outcomes.criteria import Criteria, Window
from clinic.outcomes.due import (
    WEEKLY_DAYS,
    Period,
    State,
    before_series,
    during_series,
    in_window,
    planned_after_opening,
    series_runs_since,
)
from clinic.outcomes.models import CourseOutcome, WindowOutcome
from infusions.models import Course, Infusion, Phase, Status
from patients.models import Patient

#: Missed windows are listed so long after they closed.
MISSED_SHOWN_DAYS = 30


@dataclass(frozen=True)
class DueForm:
    """A form to give: whose, which, why, and how it stands today."""

    patient: Patient
    course_number: int
    what: str
    period: Period
    state: State
    days_late: int
    cursor: str


@dataclass(frozen=True)
class DueForms:
    """What is due in the clinic today under these criteria."""

    today: date
    criteria: Criteria

    def after_treatment(self) -> "QuerySet[Any]":
        """Open windows without an endpoint, by the day their form is planned for: the most overdue at the top."""
        open_now = self._windows().filter(opens_on__lte=self.today, closes_on__gte=self.today)
        return open_now.annotate(planned_on=self._planned_on()).order_by("planned_on", "outcome_id", "window")

    def overdue_after_treatment(self) -> "QuerySet[Any]":
        """Those of them whose planned day has passed."""
        return self.after_treatment().filter(planned_on__lt=self.today)

    def missed(self) -> "QuerySet[WindowOutcome]":
        """Windows that closed without an endpoint in the last 30 days, the latest at the top."""
        closed = self._windows().filter(
            closes_on__lt=self.today, closes_on__gte=self.today - timedelta(days=MISSED_SHOWN_DAYS)
        )
        return closed.order_by("-closes_on", "outcome_id", "window")

    def during_series(self) -> "QuerySet[CourseOutcome]":
        """Running series whose last form, or first infusion, is a week or longer ago; the longest ago at the top."""
        running = CourseOutcome.objects.filter(
            *_cared_for("course__"), self._running(""), last_infusion_on__gte=self._runs_since()
        )
        since = running.annotate(last_form_on=Coalesce("latest_on", "first_infusion_on"))
        due = since.filter(last_form_on__lte=self.today - timedelta(days=WEEKLY_DAYS))
        return due.select_related("course__patient").order_by("last_form_on", "course_id")

    def before_first_infusion(self, day_starts: Callable[[date], Any]) -> "QuerySet[Infusion]":
        """First infusions planned within the baseline's period of patients without a form in it; the next at the top.

        One row a course: its earliest planned infusion. `day_starts` gives the moment at which a day begins.
        """
        until = self.today + timedelta(days=self.criteria.baseline_within_days + 1)
        within = Q(planned_for__gte=day_starts(self.today), planned_for__lt=day_starts(until))
        planned = Infusion.objects.not_voided().filter(within, status=Status.PLANNED, course__phase=Phase.INDUCTION)
        earlier = planned.filter(course=OuterRef("course")).filter(
            Q(planned_for__lt=OuterRef("planned_for")) | Q(planned_for=OuterRef("planned_for"), id__lt=OuterRef("id"))
        )
        given = Infusion.objects.given().filter(course=OuterRef("course"))
        form = Assessment.objects.current().filter(
            patient=OuterRef("course__patient"),
            instrument="pcl5",
            completed_on__gte=OuterRef("counts_from"),
            missing_items__lte=self.criteria.max_missing_items,
            most_missing_in_subscale__lte=self.criteria.max_missing_per_cluster,
        )
        planned = planned.annotate(counts_from=self._baseline_counts_from(day_starts))
        rows = planned.filter(*_cared_for("course__"), ~Exists(earlier), ~Exists(given), ~Exists(form))
        return rows.filter(course__closed_on=None).select_related("course__patient").order_by("planned_for", "id")

    def _planned_on(self) -> Cast:
        """The day a window's form is planned for, as `in_window` says it."""
        after = (
            When(window=window.name, then=Value(timedelta(days=planned_after_opening(window))))
            for window in self.criteria.windows
        )
        return Cast(F("opens_on") + Case(*after, output_field=DurationField()), DateField())

    def _baseline_counts_from(self, day_starts: Callable[[date], Any]) -> Case:
        """The first day on which a baseline counts for the planned infusion of the row: one branch for each clinic day."""
        within = self.criteria.baseline_within_days
        days = ((day_starts(self.today + timedelta(days=ahead + 1)), ahead - within) for ahead in range(within + 1))
        branches = (When(planned_for__lt=end, then=Value(self.today + timedelta(days=ago))) for end, ago in days)
        return Case(*branches, output_field=DateField())

    def _windows(self) -> "QuerySet[WindowOutcome]":
        """Windows without an endpoint that can still concern the patient: no later induction has begun, no series runs."""
        names = [window.name for window in self.criteria.windows]
        rows = WindowOutcome.objects.filter(*_cared_for("outcome__course__"), endpoint_id=None, window__in=names)
        begun_again = Q(outcome__next_induction_on__lte=self.today)
        running = Q(window=self._end_of_series.name) & self._running("outcome__")
        running &= Q(outcome__last_infusion_on__gte=self._runs_since())
        return rows.exclude(begun_again).exclude(running).select_related("outcome__course__patient")

    def _running(self, path: str) -> Q:
        fewer = Q(**{f"{path}induction_infusions__lt": F(f"{path}course__planned_infusions")})
        return fewer & Q(**{f"{path}course__closed_on": None, f"{path}next_induction_on": None})

    def _runs_since(self) -> date:
        return series_runs_since(self.today, self._end_of_series)

    @property
    def _end_of_series(self) -> Window:
        return self.criteria.windows[0]

    def open_window_form(self, row: Any) -> DueForm:
        """A row of `after_treatment`."""
        return self._window_form(row, row.planned_on)

    def missed_window_form(self, row: WindowOutcome) -> DueForm:
        """A row of `missed`."""
        return self._window_form(row, row.closes_on)

    def _window_form(self, row: WindowOutcome, place: date) -> DueForm:
        window = next(window for window in self.criteria.windows if window.name == row.window)
        period = in_window(window, row.opens_on, row.closes_on)
        what = f"{window.label}, days {window.first_day}–{window.last_day} after the last infusion"
        return self._form(row.outcome.course, what, period, _cursor(place, row.outcome.course, row.window))

    def series_form(self, row: Any) -> DueForm:
        """A row of `during_series`."""
        period = during_series(row.last_form_on, row.last_infusion_on, self._end_of_series)
        given, planned = row.induction_infusions, row.course.planned_infusions
        what = f"Weekly during the series, {given} of {planned} infusions given"
        return self._form(row.course, what, period, _cursor(row.last_form_on, row.course))

    def baseline_form(self, row: Infusion) -> DueForm:
        """A row of `before_first_infusion`."""
        first_on = timezone.localdate(row.planned_for)
        period = before_series(first_on, self.criteria.baseline_within_days)
        what = f"Baseline, first infusion planned for {first_on.day} {first_on:%b}"
        return self._form(row.course, what, period, row.public_id)

    def _form(self, course: Course, what: str, period: Period, cursor: str) -> DueForm:
        state, late = period.state(self.today), period.days_late(self.today)
        return DueForm(course.patient, course.number, what, period, state, late, cursor)


def _cared_for(course: str) -> tuple[Q, ...]:
    """Courses of patients who are treated or followed: alive, active, and the course neither voided nor withdrawn."""
    patient = Q(**{f"{course}patient__active": True, f"{course}patient__died_on": None})
    return patient, Q(**{f"{course}voided_at": None, f"{course}withdrawn_on": None})


def _cursor(day: date, course: Course, *rest: str) -> str:
    return "~".join([day.isoformat(), course.public_id, *rest])
