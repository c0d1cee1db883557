"""Readings: which forms count, which course each belongs to, and which is a course's baseline (rules 4, 7, 14, 14a, 16)."""

from dataclasses import dataclass, fields
from functools import cache

import numpy as np
import pandas as pd

from assessments.instruments.base import prorated_total
from assessments.instruments.pcl5 import INSTRUMENT, MONTH
from clinic.outcomes.criteria import Criteria
from clinic.outcomes.inductions import Bools, Days, Ints, OutcomeCourses, days, moments

#: "No such row" in an array of positions.
NONE = -1
#: What `moments` gives where only the day is known.
NO_TIME = np.iinfo(np.int64).min


@dataclass(frozen=True)
class Readings:
    """Valid readings of patients with an outcome course, in the order of rule 14a within a patient; equally long arrays.

    `next_course` is the position of the patient's first outcome course that starts on the reading's day or later, `course` of
    the one whose follow-up it can be; NONE where there is none.
    """

    reading_id: Ints
    day: Days
    recall_days: Ints
    total: Ints
    prorated: Bools
    dsm_rule_not_met: Bools
    index_event_id: Ints
    next_course: Ints
    course: Ints

    def where(self, mask: Bools) -> "Readings":
        """The readings of the mask, in the same order."""
        return Readings(**{field.name: getattr(self, field.name)[mask] for field in fields(self)})

    def comparable(self, base: Ints) -> Bools:
        """Which may be compared with the reading at the position `base`: not if both name an event and another one (rule 4)."""
        named, of_base = self.index_event_id, self.index_event_id[base]
        return np.asarray((base == NONE) | (named == 0) | (of_base == 0) | (named == of_base))


def valid_readings(
    readings: pd.DataFrame, outcome: OutcomeCourses, criteria: Criteria, today: np.datetime64
) -> Readings:
    """Readings up to `today` with a valid total under `criteria`, each with the outcome courses it lies between."""
    usable = (
        (days(readings["completed_on"]) <= today)
        & (readings["missing_items"] <= criteria.max_missing_items).to_numpy()
        & (readings["most_missing_in_cluster"] <= criteria.max_missing_per_cluster).to_numpy()
        & readings["patient_id"].isin(outcome.patient_id).to_numpy()
    )
    rows = readings[usable]
    day = days(rows["completed_on"])
    columns = {name: rows[name].to_numpy(dtype=np.int64) for name in ("patient_id", "recall_days", "entry_order")}
    order = np.lexsort((columns["entry_order"], columns["recall_days"], day.astype(np.int64), columns["patient_id"]))
    rows, day = rows.iloc[order], day[order]
    missing = rows["missing_items"].to_numpy(dtype=np.int64)
    next_course, course = _courses_around(
        rows["patient_id"].to_numpy(np.int64), day, moments(rows["completed_at"]), outcome
    )
    return Readings(
        reading_id=rows["reading_id"].to_numpy(dtype=np.int64),
        day=day,
        recall_days=rows["recall_days"].to_numpy(dtype=np.int64),
        total=_totals()[missing, rows["answered_sum"].to_numpy(dtype=np.int64)],
        prorated=missing > 0,
        dsm_rule_not_met=rows["dsm_rule_not_met"].to_numpy(dtype=bool),
        index_event_id=rows["index_event_id"].to_numpy(dtype=np.int64),
        next_course=next_course,
        course=course,
    )


@cache
def _totals() -> Ints:
    """Total by number of missing items and sum of the answered ones (rule 7); rule 7's setting ends at 4 missing."""
    items = len(INSTRUMENT.items)
    highest = items * INSTRUMENT.max_per_item
    return np.array([[prorated_total(points, missing, items) for points in range(highest + 1)] for missing in range(5)])


def _courses_around(patient: Ints, day: Days, at: Ints, outcome: OutcomeCourses) -> tuple[Ints, Ints]:
    """Positions of the next course on or after each reading and of the course whose follow-up it can be.

    A reading on the day of a first infusion counts as before it when it has no time or an earlier one (rule 14): it may be
    that course's baseline and a follow-up of the course before, but never a follow-up of that course.
    """
    count = len(outcome.course_id)
    next_course = _first_on_or_after(patient, day, outcome)
    inside = np.minimum(next_course, max(count - 1, 0))
    has_next = (next_course < count) & (outcome.patient_id[inside] == patient)
    same_day = has_next & (outcome.first_on[inside] == day)
    before_next = has_next & (~same_day | (at == NO_TIME) | (at < outcome.first_at[inside]))
    previous = next_course - 1
    has_previous = (previous >= 0) & (outcome.patient_id[previous] == patient)
    follows = has_previous & (before_next | ~has_next)
    return np.where(before_next, next_course, NONE), np.where(follows, previous, NONE)


def _first_on_or_after(patient: Ints, day: Days, outcome: OutcomeCourses) -> Ints:
    """Position of the first outcome course at or after (patient, day) in the order by patient, then day."""
    patients, rank = np.unique(outcome.patient_id, return_inverse=True)
    # One number per (patient, day): days since 1970 stay within 24 bits for any date that Python knows.
    shift, offset = 1 << 24, 1 << 23
    keys = rank * shift + (outcome.first_on.astype(np.int64) + offset)
    wanted = np.searchsorted(patients, patient) * shift + (day.astype(np.int64) + offset)
    return np.searchsorted(keys, wanted, side="left")


def last_of_each(positions: Ints, course: Ints, count: int) -> Ints:
    """For each of `count` courses the last of `positions` whose course it is, or NONE (numpy keeps the last one written)."""
    found = np.full(count, NONE, dtype=np.int64)
    found[course] = positions
    return found


def first_of_each(positions: Ints, course: Ints, count: int) -> Ints:
    """As `last_of_each`, the first."""
    return last_of_each(positions[::-1], course[::-1], count)


def baseline_positions(readings: Readings, outcome: OutcomeCourses, criteria: Criteria) -> Ints:
    """For each course the position of its baseline: the latest month form in the period, else the latest week form (rule 14)."""
    count = len(outcome.course_id)
    position = np.flatnonzero(readings.next_course != NONE)
    course = readings.next_course[position]
    within = outcome.first_on[course] - readings.day[position] <= np.timedelta64(criteria.baseline_within_days, "D")
    previous_last_on = outcome.previous_last_on[course]
    fresh = np.isnat(previous_last_on) | (readings.day[position] > previous_last_on)
    position, course = position[within & fresh], course[within & fresh]
    monthly = readings.recall_days[position] == MONTH.recall_days
    month = last_of_each(position[monthly], course[monthly], count)
    week = last_of_each(position[~monthly], course[~monthly], count)
    return np.where(month != NONE, month, week)
