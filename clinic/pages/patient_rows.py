"""What the list of patients says of each: status, latest PCL-5, infusions given. A fixed number of queries for any page."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count

from assessments.models import Assessment
from clinic.lookups import among
from clinic.outcomes.models import CourseOutcome
from clinic.outcomes.selectors import stale_patients
from clinic.web.templatetags.tidemark import day
from infusions.models import Course, Infusion, Phase
from patients.ages import age_on
from patients.models import Patient

#: The strip's rail: where a total of 0 and one of 80 stand, in the units of its drawing.
_RAIL = (4, 106)
_HIGHEST_TOTAL = 80
#: More marks than this say less than the number beside them.
MOST_PIPS = 12


def on_strip(total: float) -> float:
    """Where a PCL-5 total stands on the strip."""
    start, end = _RAIL
    return round(start + total / _HIGHEST_TOTAL * (end - start), 1)


@dataclass(frozen=True)
class Score:
    """The latest PCL-5 and the baseline it is compared with. `total` None: filled in, but not completely."""

    total: int | None
    on: date
    baseline: int | None = None
    is_baseline: bool = False

    @property
    def change(self) -> int | None:
        """Points since the baseline; fewer is better."""
        known = self.total is not None and self.baseline is not None and not self.is_baseline
        return self.total - self.baseline if known else None  # type: ignore[operator]

    @property
    def at(self) -> float | None:
        """Where the total stands on the strip."""
        return None if self.total is None else on_strip(self.total)

    @property
    def from_at(self) -> float | None:
        """Where the baseline stands on the strip."""
        return None if self.change is None or self.baseline is None else on_strip(self.baseline)


@dataclass(frozen=True)
class Progress:
    """Infusions given of those planned, in the patient's latest course."""

    given: int
    planned: int
    phase: str

    @property
    def pips(self) -> list[bool]:
        """One mark for each planned infusion, full when given; none when there would be too many to count at a glance."""
        return [number < self.given for number in range(self.planned)] if self.planned <= MOST_PIPS else []


@dataclass(frozen=True)
class PatientRow:
    """One patient in the list."""

    patient: Patient
    age: int
    status: str
    why: str
    out_of_date: bool
    score: Score | None
    progress: Progress | None

    @property
    def worsened(self) -> bool:
        """Whether the change is drawn as one for the worse."""
        return self.status == "WORSENED"


def rows_of(patients: Collection[Patient], criteria_version: int, today: date) -> list[PatientRow]:
    """The rows of these patients, in their order. Five queries, whatever their number."""
    ids = [patient.pk for patient in patients]
    outcomes = _latest_outcomes(ids)
    scores = {pk: score for pk, outcome in outcomes.items() if (score := _outcome_score(outcome))}
    scores = {**_last_forms([pk for pk in ids if pk not in scores]), **scores}
    progress = _progress(ids)
    out_of_date = set(stale_patients(criteria_version).filter(among("pk", ids)).values_list("pk", flat=True))
    return [
        PatientRow(
            patient=patient,
            age=age_on(patient.date_of_birth, patient.died_on or today),
            status=outcome.status if outcome else "NOT_STARTED",
            why=_why(outcome),
            out_of_date=patient.pk in out_of_date,
            score=scores.get(patient.pk),
            progress=progress.get(patient.pk),
        )
        for patient, outcome in ((patient, outcomes.get(patient.pk)) for patient in patients)
    ]


def _latest_outcomes(ids: list[int]) -> dict[int, CourseOutcome]:
    """The latest outcome course of each patient (rule 27b)."""
    rows = CourseOutcome.objects.filter(among("patient_id", ids)).order_by("first_infusion_on", "course_id")
    return {outcome.patient_id: outcome for outcome in rows}


def _why(outcome: CourseOutcome | None) -> str:
    """What the status rests on, beside the readings that the row shows anyway."""
    if outcome is None:
        return "No infusion of an induction course was given yet."
    if outcome.latest_on is None or outcome.baseline_on is None:
        return outcome.reason
    if outcome.status == "BELOW_CUT":
        return outcome.reason.partition(". ")[2]
    if outcome.provisional:
        return "During the series: it may still change."
    since = f"Day {(outcome.latest_on - outcome.last_infusion_on).days} after the last infusion"
    lost = f"; response lost since {day(outcome.response_lost_on)}" if outcome.response_lost_on else ""
    return f"{since}{lost}."


def _outcome_score(outcome: CourseOutcome) -> Score | None:
    if outcome.latest_on is not None:
        return Score(outcome.latest_total, outcome.latest_on, outcome.baseline_total)
    if outcome.baseline_on is not None:
        return Score(outcome.baseline_total, outcome.baseline_on, outcome.baseline_total, is_baseline=True)
    return None


def _last_forms(ids: list[int]) -> dict[int, Score]:
    """The last PCL-5 of patients whose outcomes rest on none."""
    forms: Any = Assessment.objects.current().filter(among("patient_id", ids), instrument="pcl5").in_reading_order()
    return {
        patient_id: Score(total, completed_on)
        for patient_id, total, completed_on in forms.values_list("patient_id", "total", "completed_on")
    }


def _progress(ids: list[int]) -> dict[int, Progress]:
    courses = Course.objects.not_voided().filter(among("patient_id", ids)).order_by("number", "id")
    latest: dict[int, Course] = {course.patient_id: course for course in courses}
    of_courses = Infusion.objects.given().filter(among("course_id", [course.pk for course in latest.values()]))
    given = dict(of_courses.order_by("course_id").values_list("course_id").annotate(Count("id")))
    return {
        patient_id: Progress(
            given.get(course.pk, 0),
            course.planned_infusions,
            "" if course.phase == Phase.INDUCTION else course.get_phase_display(),
        )
        for patient_id, course in latest.items()
    }
