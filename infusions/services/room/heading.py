"""Whose session it is, as its record is headed."""

from typing import Any

from infusions.models import Infusion
from infusions.selectors import given_before
from infusions.session.log import Session


def heading_of(infusion: Infusion, session: Session) -> dict[str, Any]:
    """Patient, course and prescriber as they are now, in plain values: a signature keeps them. Two queries at most."""
    course = infusion.course
    patient, started = course.patient, session.started
    return {
        "patient": patient.public_id,
        "name": f"{patient.given_name} {patient.family_name}",
        "born": patient.date_of_birth.isoformat(),
        "mrn": patient.mrn,
        "course": course.number,
        "phase": course.phase,
        "planned": course.planned_infusions,
        "nth": given_before(course, started.at) + 1 if started else None,
        "prescriber": str(infusion.prescriber or ""),
    }
