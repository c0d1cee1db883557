"""Follow-ups: the readings after a course's first infusion, judged against its baseline (rules 4, 13, 16, 18-26)."""

from dataclasses import dataclass

import numpy as np

from clinic.outcomes.criteria import Criteria, Window
from clinic.outcomes.inductions import Bools, Ints, OutcomeCourses
from clinic.outcomes.readings import NONE, Readings, first_of_each, last_of_each


@dataclass(frozen=True)
class FollowUps:
    """Follow-ups of all courses: the readings of a course stand together, in the order of rule 14a; equally long arrays.

    `course` is the position of the course among `count`, `day_after` the days since its last induction infusion. Outcomes
    are False where there is no baseline (`has_baseline`). `csc_defined`: the baseline leaves room for rule 21's end state.
    """

    count: int
    readings: Readings
    course: Ints
    day_after: Ints
    has_baseline: Bools
    reduction: Ints
    response: Bools
    remission: Bools
    worsened: Bools
    reliable_change: Bools
    reliable_and_below: Bools
    csc_defined: Bools
    category: Ints
    mixed_recall: Bools
    covers_pretreatment: Bools
    covers_series: Bools
    may_be_endpoint: Bools

    def latest(self, mask: Bools) -> Ints:
        """For each course the position of its last follow-up in the mask, or NONE."""
        position = np.flatnonzero(mask)
        return last_of_each(position, self.course[position], self.count)

    def first(self, mask: Bools) -> Ints:
        """For each course the position of its first follow-up in the mask, or NONE."""
        position = np.flatnonzero(mask)
        return first_of_each(position, self.course[position], self.count)

    def nearest(self, window: Window) -> Ints:
        """For each course the position of its endpoint in the window: nearest the target, a tie to the later one (rule 16)."""
        inside = (self.day_after >= window.first_day) & (self.day_after <= window.last_day)
        position = np.flatnonzero(inside & self.may_be_endpoint)
        distance = np.abs(self.day_after[position] - window.target_day)
        position = position[np.argsort(-distance, kind="stable")]
        return last_of_each(position, self.course[position], self.count)

    def first_after(self, start: Ints, mask: Bools) -> Ints:
        """For each course its first follow-up in the mask that stands after position `start`; NONE where start is NONE."""
        begin = start[self.course]
        return self.first(mask & (begin != NONE) & (np.arange(len(begin)) > begin))

    def sustained(self, primary: Ints, later: Ints) -> tuple[Bools, Bools]:
        """Rule 25: response at both positions and at every follow-up between; and where that is defined at all."""
        defined = np.flatnonzero((primary != NONE) & (later != NONE))
        defined = defined[self.has_baseline[primary[defined]]]
        without_until = np.concatenate([[0], np.cumsum(~self.response)])
        answer, known = np.zeros((2, len(primary)), dtype=bool)
        answer[defined] = without_until[later[defined] + 1] == without_until[primary[defined]]
        known[defined] = True
        return answer, known


def follow_ups(valid: Readings, baseline: Ints, outcome: OutcomeCourses, criteria: Criteria) -> FollowUps:
    """Judge every reading that follows a course's first infusion; `baseline` holds each course's position in `valid`."""
    base = baseline[valid.course]
    kept = (valid.course != NONE) & valid.comparable(base)
    readings, base = valid.where(kept), base[kept]
    course, has_baseline = readings.course, base != NONE
    before, recalls = valid.total[base], valid.recall_days[base]
    reduction = before - readings.total
    response = has_baseline & _responds(reduction, before, criteria)
    looks_back_to = readings.day - readings.recall_days.astype("timedelta64[D]")
    covers_pretreatment = looks_back_to < outcome.first_on[course]
    reliable = has_baseline & (reduction >= criteria.reliable_points)
    return FollowUps(
        count=len(outcome.course_id),
        readings=readings,
        course=course,
        day_after=(readings.day - outcome.last_on[course]).astype(np.int64),
        has_baseline=has_baseline,
        reduction=reduction,
        response=response,
        remission=has_baseline & _remits(readings, response, criteria),
        worsened=has_baseline & (reduction <= -criteria.worsening_points),
        reliable_change=reliable,
        reliable_and_below=reliable & (readings.total <= criteria.reliable_at_most),
        csc_defined=before > criteria.reliable_at_most,
        category=_category(readings.total, response, criteria),
        mixed_recall=has_baseline & (readings.recall_days != recalls),
        covers_pretreatment=covers_pretreatment,
        covers_series=looks_back_to < outcome.last_on[course],
        may_be_endpoint=~covers_pretreatment
        if criteria.exclude_covers_pretreatment
        else np.ones(len(course), dtype=bool),
    )


def _responds(reduction: Ints, before: Ints, criteria: Criteria) -> Bools:
    if criteria.response_percent is not None:  # integers only, so that exactly 50 % is a response (rule 24)
        return (before > 0) & (100 * reduction >= criteria.response_percent * before)
    return np.asarray(reduction >= (criteria.response_points or 0))


def _remits(readings: Readings, response: Bools, criteria: Criteria) -> Bools:
    remits = readings.total <= criteria.remission_at_most
    if criteria.remission_requires_response:
        remits &= response
    if criteria.remission_requires_dsm_rule_not_met:
        remits &= readings.dsm_rule_not_met
    return np.asarray(remits)


def _category(total: Ints, response: Bools, criteria: Criteria) -> Ints:
    """Position in clinic.outcomes.statuses.CATEGORIES."""
    above, low = total >= criteria.cut, total <= criteria.reliable_at_most
    return np.select([~response, above, ~low], [0, 1, 2], 3)
