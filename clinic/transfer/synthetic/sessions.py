"""Courses and infusions of one invented patient as rows, with all that was observed and written at each."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from clinic.transfer.synthetic.batches import Batch
from clinic.transfer.synthetic.clinic_days import moment
from clinic.transfer.synthetic.courses import CoursePlan, Session
from clinic.transfer.synthetic.doses import Amounts, Dosing, amounts_of, stopped_early, why_not
from clinic.transfer.synthetic.draws import Draw
from clinic.transfer.synthetic.history import AtIntake, entered, person
from clinic.transfer.synthetic.notes import integration_note, intention, preparation_note
from clinic.transfer.synthetic.staff import Staff
from clinic.transfer.synthetic.vitals import add_adverse_events, add_vitals
from infusions.models import Course, Infusion, IntegrationNote, Status
from patients.models import YesNo

_YES_OR_NO = {YesNo.YES: 84, YesNo.NO: 11, YesNo.NOT_RECORDED: 5}
_MISSED = (Status.CANCELLED, Status.NO_SHOW)


@dataclass(frozen=True, slots=True)
class Place:
    """What all sessions of a clinic share: where its rows go, its staff, its clock and how much is written down.

    `opens_at` is the midnight that begins the last day. `now`, if given, is a moment of that day at which a session runs.
    """

    batch: Batch
    staff: Staff
    zone: ZoneInfo
    opens_at: datetime
    now: datetime | None
    full: bool


def add_course(
    place: Place, draw: Draw, patient_id: int, course: CoursePlan, counted: AtIntake, dosing: Dosing
) -> None:
    """Add a course with its infusions, in time order."""
    course_id = place.batch.add(
        Course,
        **entered(place.staff.clinician, moment(course.opened_on, 16 * 60, place.zone)),
        patient_id=patient_id,
        number=course.number,
        phase=course.phase,
        planned_infusions=course.planned,
        opened_on=course.opened_on,
        closed_on=course.closed_on,
        withdrawn_on=course.withdrawn_on,
        withdrawn_reason=course.withdrawn_reason,
        psychotherapy_at_start=counted.psychotherapy,
        psychiatric_medications_at_start=counted.medications,
    )
    sitter = person(draw) if place.full and draw.chance(0.55) else ""
    number = 1
    for session in course.sessions:
        _add_session(place, draw, course_id, session, dosing, number, sitter, course.opened_on)
        number += session.given


def _add_session(
    place: Place,
    draw: Draw,
    course_id: int,
    session: Session,
    dosing: Dosing,
    number: int,
    sitter: str,
    opened_on: date,
) -> None:
    planned_for = moment(session.day, session.minute, place.zone)
    values: dict[str, Any] = {
        **entered(place.staff.clinician, moment(opened_on, 16 * 60 + 5, place.zone)),
        "course_id": course_id,
        "status": session.status,
        "planned_for": planned_for,
        "prescriber_id": place.staff.director if number == 1 else place.staff.clinician,
    }
    if session.given:
        _add_given(place, draw, session, values, amounts_of(dosing, draw), number, sitter)
    elif session.status == Status.IN_PROGRESS:
        _add_running(place, draw, values, amounts_of(dosing, draw), number, sitter)
    else:
        missed = session.status in _MISSED
        reason = why_not(draw, session.status == Status.CANCELLED) if missed else ""
        place.batch.add(Infusion, **values, status_reason=reason)


def _ordered(amounts: Amounts) -> dict[str, Any]:
    return {
        "weight_kg": amounts.weight_kg,
        "dose_mg_per_kg": amounts.dose_mg_per_kg,
        "dose_mg_ordered": amounts.dose_mg_ordered,
        "limits_overridden_reason": amounts.limits_overridden_reason,
    }


def _setting(place: Place, draw: Draw, number: int, sitter: str) -> dict[str, Any]:
    """Set and setting (rule 56)."""
    found: dict[str, Any] = {"eye_mask": draw.of(_YES_OR_NO), "music": draw.of(_YES_OR_NO), "sitter": sitter}
    if place.full:
        found["preparation_note"] = preparation_note(draw, number) if draw.chance(0.9) else ""
        found["intention"] = intention(draw) if draw.chance(0.8) else ""
    return found


def _add_given(
    place: Place, draw: Draw, session: Session, values: dict[str, Any], amounts: Amounts, number: int, sitter: str
) -> None:
    start = values["planned_for"] + timedelta(minutes=draw.randint(3, 24))
    minutes, given_mg, reason = amounts.minutes, amounts.dose_mg_ordered, ""
    if session.status == Status.STOPPED_EARLY:
        minutes, given_mg, reason = stopped_early(amounts, draw)
    values |= {"started_at": start, "minutes": minutes, "dose_mg_given": given_mg, "status_reason": reason}
    infusion_id = place.batch.add(Infusion, **values, **_ordered(amounts), **_setting(place, draw, number, sitter))
    if not place.full:
        return
    record = {"infusion_id": infusion_id, **entered(place.staff.clinician, start + timedelta(minutes=minutes + 65))}
    over_line = add_adverse_events(place.batch, draw, record, start, minutes)
    add_vitals(place.batch, draw, record, start, minutes, over_line=over_line, now=place.opens_at)
    if draw.chance(0.78):
        _add_integration_note(place, draw, infusion_id, start)


def _add_integration_note(place: Place, draw: Draw, infusion_id: int, start: datetime) -> None:
    written_at = start + timedelta(minutes=draw.choice((105, 120, 150, 24 * 60, 24 * 60 + 90, 48 * 60)))
    if written_at < place.opens_at:
        author = draw.choice((place.staff.clinician, place.staff.clinician, place.staff.director))
        place.batch.add(
            IntegrationNote, **entered(author, written_at), infusion_id=infusion_id, text=integration_note(draw)
        )


def _add_running(place: Place, draw: Draw, values: dict[str, Any], amounts: Amounts, number: int, sitter: str) -> None:
    """The session that runs at `now`: it began some minutes ago and has its first vital signs."""
    assert place.now is not None  # noqa: S101 - nothing is in progress without a now
    start = place.now - timedelta(minutes=23)
    values |= {"planned_for": start - timedelta(minutes=5), "started_at": start, "minutes": amounts.minutes}
    infusion_id = place.batch.add(Infusion, **values, **_ordered(amounts), **_setting(place, draw, number, sitter))
    if place.full:
        record = {"infusion_id": infusion_id, **entered(place.staff.clinician, place.now)}
        add_vitals(place.batch, draw, record, start, amounts.minutes, over_line=False, now=place.now)
