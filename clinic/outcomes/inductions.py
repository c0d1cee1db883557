"""Outcome courses: which courses count, when they began and ended, and what followed them (rules 12, 12a, 16)."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clinic.outcomes.criteria import INDUCTION_COMPLETE_DAYS, INDUCTION_COMPLETE_INFUSIONS

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Days = NDArray[np.datetime64]

NO_DAY = np.datetime64("NaT", "D")


@dataclass(frozen=True)
class OutcomeCourses:
    """Induction courses with a given infusion, by patient, then first infusion; equally long arrays.

    `first_at` is a moment in microseconds since 1970 UTC. Days of the neighbours are NaT where there is none.
    """

    course_id: Ints
    patient_id: Ints
    number: Ints
    criterion_a_not_met: Bools
    first_at: Ints
    first_on: Days
    last_on: Days
    induction_infusions: Ints
    induction_complete: Bools
    infusions: Ints
    next_top_up_on: Days

    @property
    def has_previous(self) -> Bools:
        """Whether the row before is an earlier outcome course of the same patient."""
        return np.concatenate([[False], self.patient_id[1:] == self.patient_id[:-1]]).astype(bool)[
            : len(self.patient_id)
        ]

    @property
    def previous_last_on(self) -> Days:
        """Last infusion of the patient's previous outcome course."""
        return np.where(self.has_previous, np.roll(self.last_on, 1), NO_DAY)

    @property
    def next_first_on(self) -> Days:
        """First infusion of the patient's next outcome course."""
        return np.where(np.roll(self.has_previous, -1), np.roll(self.first_on, -1), NO_DAY)


def outcome_courses(courses: pd.DataFrame, today: np.datetime64) -> OutcomeCourses:
    """Gather given infusions (see clinic.outcomes.response: courses) up to `today` into outcome courses."""
    given = courses[days(courses["started_on"]) <= today].sort_values(
        ["patient_id", "started_at", "number"], kind="stable"
    )
    is_induction = (given["phase"] == "induction").to_numpy(dtype=bool)
    induction = given[is_induction]
    groups = induction.groupby("course_id", sort=False)
    first = induction[~induction["course_id"].duplicated()]
    first_at = moments(first["started_at"])
    infusions: Ints = groups.size().to_numpy().astype(np.int64)
    following = given[~is_induction]
    followed = _followed_course(following, first["patient_id"].to_numpy(), first_at)
    follows = followed >= 0
    return OutcomeCourses(
        course_id=first["course_id"].to_numpy(dtype=np.int64),
        patient_id=first["patient_id"].to_numpy(dtype=np.int64),
        number=first["number"].to_numpy(dtype=np.int64),
        criterion_a_not_met=first["criterion_a_not_met"].to_numpy(dtype=bool),
        first_at=first_at,
        first_on=days(groups["started_on"].min()),
        last_on=days(groups["started_on"].max()),
        induction_infusions=infusions,
        induction_complete=_complete(induction, first["course_id"]),
        infusions=infusions + np.bincount(followed[follows], minlength=len(first)),
        next_top_up_on=_first_top_up(following, followed, moments(groups["started_at"].max())),
    )


def days(values: "pd.Series[pd.Timestamp]") -> Days:
    """A datetime column as days."""
    return values.to_numpy().astype("datetime64[D]")


def moments(values: "pd.Series[pd.Timestamp]") -> Ints:
    """A UTC datetime column as microseconds since 1970; NaT is the smallest integer."""
    return values.to_numpy(dtype="datetime64[us]").astype(np.int64)


def _followed_course(following: pd.DataFrame, patient_id: Ints, first_at: Ints) -> Ints:
    """For each maintenance or booster infusion, the position of the outcome course it follows, or -1."""
    earlier_patients = np.searchsorted(patient_id, following["patient_id"].to_numpy(), side="left")
    both = np.concatenate([patient_id, following["patient_id"].to_numpy()])
    at = np.concatenate([first_at, moments(following["started_at"])])
    is_following = np.concatenate([np.zeros(len(first_at), dtype=np.int64), np.ones(len(following), dtype=np.int64)])
    order = np.lexsort((is_following, at, both))
    starts_before = np.cumsum(is_following[order] == 0)
    position = np.empty(len(both), dtype=np.int64)
    position[order] = starts_before - 1
    followed = position[len(first_at) :]
    return np.where(followed >= earlier_patients, followed, -1).astype(np.int64)


def _first_top_up(following: pd.DataFrame, followed: Ints, last_at: Ints) -> Days:
    """For each outcome course, the day of the first infusion that follows it after its own last one."""
    first_on = np.full(len(last_at), NO_DAY)
    position = np.flatnonzero(followed >= 0)
    position = position[moments(following["started_at"])[position] > last_at[followed[position]]][::-1]
    first_on[followed[position]] = days(following["started_on"])[position]  # reversed: the first is written last
    return first_on


def _complete(induction: pd.DataFrame, course_id: "pd.Series[int]") -> Bools:
    """Whether some four infusions of the course lie within 28 days (rule 12)."""
    by_course = induction.sort_values(["course_id", "started_on"], kind="stable")
    course, day = by_course["course_id"].to_numpy(), days(by_course["started_on"])
    ahead = INDUCTION_COMPLETE_INFUSIONS - 1
    same = course[ahead:] == course[: len(course) - ahead] if len(course) > ahead else np.zeros(0, dtype=bool)
    span = day[ahead:] - day[: len(day) - ahead] if len(day) > ahead else np.zeros(0, dtype="timedelta64[D]")
    within = same & (span <= np.timedelta64(INDUCTION_COMPLETE_DAYS, "D"))
    return course_id.isin(course[ahead:][within]).to_numpy(dtype=bool)
