"""Fills an empty clinic with invented patients, a chunk at a time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
from django.db import models

from clinic.profile.zone import zone_in_force
from clinic.transfer.synthetic.answered import Filler, add_forms
from clinic.transfer.synthetic.batches import Batch
from clinic.transfer.synthetic.clinic_days import moment
from clinic.transfer.synthetic.courses import Treatment, treatment_of
from clinic.transfer.synthetic.doses import dosing_of
from clinic.transfer.synthetic.draws import Draw, draw_of
from clinic.transfer.synthetic.forms import forms_of
from clinic.transfer.synthetic.history import add_consents, add_history, at_intake, entered
from clinic.transfer.synthetic.people import patient_values
from clinic.transfer.synthetic.sessions import Place, add_course
from clinic.transfer.synthetic.staff import Staff
from clinic.transfer.synthetic.stories import Story, places_today, story_of
from infusions.models import Status
from patients.models import Patient

#: Patients written in one transaction.
PATIENTS_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Wanted:
    """The clinic to make. The same values give the same records, but for sessions that run at `now`."""

    patients: int
    seed: int
    until: date
    full: bool
    staff: Staff
    now: datetime | None = None

    @property
    def plays_sessions(self) -> bool:
        """Whether the infusion room is filled too: it needs staff, consents, and a moment at which it is looked at."""
        return self.full and self.now is not None and self.staff != Staff()


def make_records(wanted: Wanted, progress: Callable[[int], None]) -> dict[type[models.Model], int]:
    """Write the records, a chunk of patients in each transaction; how many of each kind."""
    counts: dict[type[models.Model], int] = {}
    for first in range(0, wanted.patients, PATIENTS_AT_ONCE):
        indexes = range(first, min(first + PATIENTS_AT_ONCE, wanted.patients))
        for model, count in _fill(wanted, indexes).write().items():
            counts[model] = counts.get(model, 0) + count
        progress(len(indexes))
    return counts


def _fill(wanted: Wanted, indexes: range) -> Batch:
    zone = zone_in_force()
    batch = Batch()
    place = Place(batch, wanted.staff, zone, moment(wanted.until, 0, zone), wanted.now, wanted.full)
    places = places_today(wanted.patients)
    fillers = [_add_patient(place, wanted, index, places.get(index)) for index in indexes]
    add_forms(place, np.random.default_rng([wanted.seed, indexes.start]), fillers)
    return batch


def _add_patient(place: Place, wanted: Wanted, index: int, today_place: int | None) -> Filler:
    """Two sources of chance, so that writing more down changes nothing of what happened."""
    draw = draw_of(wanted.seed, index, "story")
    story = story_of(index, draw, wanted.until, today_place)
    treatment = treatment_of(story, draw, wanted.until)
    if wanted.now and not wanted.plays_sessions and story.today_place == 0:
        _begin_session(treatment, wanted.until)
    last_day = _last_day(treatment, draw, wanted.until) if story.dies else wanted.until
    forms = forms_of(story, treatment, draw, wanted.until, last_day)
    person = draw_of(wanted.seed, index, "person")
    patient_id, event_id = _add_person(place, person, story, treatment, wanted.until, last_day)
    sessions = {session.day: session.minute for course in treatment.courses for session in course.given}
    return Filler(patient_id, event_id, sessions, forms, person)


def _add_person(
    place: Place, draw: Draw, story: Story, treatment: Treatment, until: date, last_day: date
) -> tuple[int, int | None]:
    """Add one patient with history and courses; her id and that of the index event."""
    values, counted = patient_values(story, draw), at_intake(draw)
    record = entered(place.staff.intake, moment(story.registered_on, draw.randint(9 * 60, 16 * 60), place.zone))
    patient_id = place.batch.add(
        Patient,
        **record,
        **values,
        psychotherapy_at_intake=counted.psychotherapy,
        psychiatric_medications_at_intake=counted.medications,
        died_on=last_day + timedelta(days=1) if story.dies else None,
    )
    event_id = None
    if place.full:
        by_clinician = {"patient_id": patient_id, **record, "entered_by_id": place.staff.clinician}
        born_on = values["date_of_birth"]
        event_id = add_history(place.batch, draw, by_clinician, counted, born_on, story.registered_on)
        signed = {"patient_id": patient_id, **record}
        treated = any(course.given for course in treatment.courses)
        add_consents(place.batch, draw, signed, story.registered_on, treated, until)
    dosing = dosing_of(draw, values["gender"])
    for course in treatment.courses:
        add_course(place, draw, patient_id, course, counted, dosing)
    return patient_id, event_id


def _begin_session(treatment: Treatment, today: date) -> None:
    """Let the session of today run."""
    for course in treatment.courses:
        for session in course.sessions:
            if session.day == today:
                session.status = Status.IN_PROGRESS


def _last_day(treatment: Treatment, draw: Draw, until: date) -> date:
    """The day before the patient's death."""
    last_session = treatment.courses[-1].sessions[-1].day
    return min(last_session + timedelta(days=draw.randint(20, 200)), until - timedelta(days=3))
