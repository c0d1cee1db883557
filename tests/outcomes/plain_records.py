"""The records that the plain evaluation takes: one form, one infusion, one course at a time."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from clinic.outcomes.criteria import Criteria

MONTH_RECALL = 30
ITEMS = 20


@dataclass(frozen=True)
class Reading:
    """One current PCL-5 form."""

    reading_id: int
    completed_on: date
    completed_at: datetime | None
    recall_days: int
    answered_sum: int
    missing_items: int
    most_missing_in_cluster: int
    dsm_rule_not_met: bool
    index_event_id: int
    entry_order: int
    patient_id: int = 1

    @property
    def total(self) -> int:
        """Rules 3 and 7: the sum, or floor(sum * 20 / answered + 1/2) when items are missing."""
        if self.missing_items == 0:
            return self.answered_sum
        answered = ITEMS - self.missing_items
        return (2 * ITEMS * self.answered_sum + answered) // (2 * answered)

    @property
    def prorated(self) -> bool:
        return self.missing_items > 0

    @property
    def monthly(self) -> bool:
        return self.recall_days == MONTH_RECALL

    @property
    def position(self) -> tuple[date, int, int]:
        """Rule 14a: by day; the week form before the month form; then by first entry."""
        return (self.completed_on, 1 if self.monthly else 0, self.entry_order)

    def looks_back_before(self, day: date) -> bool:
        """Rule 13."""
        return self.completed_on - timedelta(days=self.recall_days) < day


@dataclass(frozen=True)
class GivenInfusion:
    """One given infusion: the moment it started, and the clinic's calendar day of that moment (rule 17)."""

    started_at: datetime
    started_on: date


@dataclass(frozen=True)
class CourseRecord:
    """A course as recorded, with its given infusions."""

    course_id: int
    number: int
    phase: str
    infusions: tuple[GivenInfusion, ...]
    criterion_a_not_met: bool = False
    patient_id: int = 1

    def as_of(self, day: date) -> "CourseRecord":
        """Rule 12: only infusions dated on or before the day count."""
        given = [infusion for infusion in self.infusions if infusion.started_on <= day]
        given.sort(key=lambda infusion: infusion.started_at)
        return CourseRecord(
            self.course_id, self.number, self.phase, tuple(given), self.criterion_a_not_met, self.patient_id
        )

    @property
    def first(self) -> GivenInfusion:
        return self.infusions[0]

    @property
    def last(self) -> GivenInfusion:
        return self.infusions[-1]


@dataclass(frozen=True)
class Situation:
    """One outcome course with everything its row is decided from."""

    course: CourseRecord
    following: CourseRecord | None
    baseline: Reading | None
    follow_ups: list[Reading]
    top_ups: list[GivenInfusion]
    criteria: Criteria
    as_of: date

    def day(self, reading: Reading) -> int:
        """Rules 15 and 17: calendar days after the last induction infusion."""
        return (reading.completed_on - self.course.last.started_on).days

    def reduction(self, reading: Reading) -> int:
        return self.baseline.total - reading.total

    def response(self, reading: Reading) -> bool:
        """Rules 19 and 24."""
        if self.criteria.response_points is not None:
            return self.reduction(reading) >= self.criteria.response_points
        if self.baseline.total == 0:
            return False
        return 100 * self.reduction(reading) >= self.criteria.response_percent * self.baseline.total

    def remission(self, reading: Reading) -> bool:
        """Rule 20."""
        if reading.total > self.criteria.remission_at_most:
            return False
        if self.criteria.remission_requires_response and not self.response(reading):
            return False
        return reading.dsm_rule_not_met or not self.criteria.remission_requires_dsm_rule_not_met

    def worsened(self, reading: Reading) -> bool:
        """Rule 22."""
        return -self.reduction(reading) >= self.criteria.worsening_points
