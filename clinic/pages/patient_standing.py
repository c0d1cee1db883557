"""How a patient is and why we say so, as the header of her pages shows it and asks again while something is pending."""

from dataclasses import dataclass
from datetime import datetime

from assessments.models import Assessment
from clinic.outcomes.models import CourseOutcome, CriteriaVersion
from clinic.outcomes.selectors import criteria_in_force
from clinic.pages.freshness import AsOf, up_to_date
from clinic.pages.status_line import StatusLine, Windows, course_windows, status_line
from clinic.policy import Action
from patients.models import Patient


@dataclass(frozen=True)
class Standing:
    """Her status with its reason (None: not for these eyes), as of when, and the outcomes that it was read from."""

    criteria: CriteriaVersion
    as_of: AsOf
    status: StatusLine | None
    outcomes: list[CourseOutcome]
    windows: Windows
    latest_form: Assessment | None


def patient_standing(patient: Patient, permissions: frozenset[Action], now: datetime) -> Standing:
    """Where she stands, for somebody with these permissions. Eight queries, whatever the number of records."""
    criteria = criteria_in_force()
    as_of = up_to_date(patient, criteria.number, now)
    sees_status = Action.STATUS_VIEW in permissions
    outcomes = _outcomes(patient) if sees_status else []
    windows = course_windows(outcomes)
    latest_form = _latest_form(patient) if Action.ASSESSMENT_VIEW in permissions else None
    status = status_line(outcomes, windows, criteria, latest_form) if sees_status else None
    return Standing(criteria, as_of, status, outcomes, windows, latest_form)


def _outcomes(patient: Patient) -> list[CourseOutcome]:
    """The outcome courses, the latest last."""
    return list(CourseOutcome.objects.filter(patient=patient).order_by("first_infusion_on", "course_id"))


def _latest_form(patient: Patient) -> Assessment | None:
    latest: Assessment | None = Assessment.objects.current().filter(patient=patient).in_reading_order().last()
    return latest
