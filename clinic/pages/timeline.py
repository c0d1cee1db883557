"""The readings of a patient over time: one row each, with its day, its change and what it is used as.

Which reading is a baseline or an endpoint was decided by clinic.outcomes.response and is read from its rows; here only is
said to which course a reading belongs (rules 14 and 16) and how far it is from that course's baseline.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from assessments.instruments.base import prorated_total
from assessments.instruments.pcl5 import INSTRUMENT, WEEK
from assessments.models import Assessment
from clinic.outcomes.criteria import LAST, Criteria
from clinic.outcomes.models import CourseOutcome
from clinic.pages.given_infusions import GivenInfusion
from clinic.pages.status_line import Windows
from clinic.web.templatetags.tidemark import signed

_COLUMNS = (
    "id",
    "public_id",
    "completed_on",
    "completed_at",
    "recall_days",
    "answered_sum",
    "missing_items",
    "most_missing_in_subscale",
    "subscales",
    "index_event_id",
)


@dataclass(frozen=True)
class Reading:
    """A current PCL-5 with a valid total (rules 4 and 7)."""

    id: int
    public_id: str
    on: date
    at: datetime | None
    recall_days: int
    total: int
    prorated: bool
    clusters: dict[str, int | None]
    index_event_id: int | None

    @property
    def weekly(self) -> bool:
        """Whether it is the week form."""
        return self.recall_days == WEEK.recall_days


@dataclass(frozen=True)
class ReadingRow:
    """A reading beside the course it belongs to: `day` since that course's first infusion, `change` from its baseline."""

    reading: Reading
    outcome: CourseOutcome | None
    day: int | None
    change: int | None
    used_as: str


@dataclass(frozen=True)
class Timeline:
    """All rows, the oldest first, and how many current forms have too many items missing to be one of them."""

    rows: list[ReadingRow]
    left_out: int


def timeline(
    patient_id: int, outcomes: list[CourseOutcome], windows: Windows, given: list[GivenInfusion], criteria: Criteria
) -> Timeline:
    """The readings of a patient with these outcome courses. One query."""
    forms = Assessment.objects.current().filter(patient_id=patient_id, instrument=INSTRUMENT.id)
    rows = list(forms.in_reading_order().values(*_COLUMNS))
    readings = [_reading(row) for row in rows if _usable(row, criteria)]
    place = _Places(outcomes, windows, given, criteria, {reading.id: reading for reading in readings})
    return Timeline([place.row(reading) for reading in readings], len(rows) - len(readings))


def _usable(row: dict[str, Any], criteria: Criteria) -> bool:
    return bool(
        row["missing_items"] <= criteria.max_missing_items
        and row["most_missing_in_subscale"] <= criteria.max_missing_per_cluster
    )


def _reading(row: dict[str, Any]) -> Reading:
    return Reading(
        id=row["id"],
        public_id=row["public_id"],
        on=row["completed_on"],
        at=row["completed_at"],
        recall_days=row["recall_days"],
        total=prorated_total(row["answered_sum"], row["missing_items"], len(INSTRUMENT.items)),
        prorated=row["missing_items"] > 0,
        clusters=row["subscales"],
        index_event_id=row["index_event_id"],
    )


class _Places:
    """Knows the courses, and puts each reading beside one of them."""

    def __init__(
        self,
        outcomes: list[CourseOutcome],
        windows: Windows,
        given: list[GivenInfusion],
        criteria: Criteria,
        readings: dict[int, Reading],
    ) -> None:
        self.outcomes, self.readings = outcomes, readings
        self.baseline_of = {outcome.baseline_id: outcome for outcome in outcomes if outcome.baseline_id}
        self.first_at = {row.course_id: row.started_at for row in reversed(given)}
        labels = {window.name: window.label for window in criteria.windows}
        self.endpoints: dict[int, list[tuple[CourseOutcome, str]]] = {}
        for outcome in outcomes:
            for window in windows.get(outcome.pk, ()):
                if window.endpoint_id and window.window != LAST:
                    words = f"{labels[window.window]}, day {window.endpoint_day}"
                    self.endpoints.setdefault(window.endpoint_id, []).append((outcome, words))

    def row(self, reading: Reading) -> ReadingRow:
        """Its course: the one whose baseline it is, else the one it follows, else the one it comes before."""
        followed = self._followed(reading)
        home = self.baseline_of.get(reading.id) or followed or self._next(reading)
        change = self._change(reading, followed) if home is followed else None
        day = (reading.on - home.first_infusion_on).days if home else None
        return ReadingRow(reading, home, day, change, self._used_as(reading, home, followed))

    def _next(self, reading: Reading) -> CourseOutcome | None:
        later = (outcome for outcome in self.outcomes if outcome.first_infusion_on >= reading.on)
        return next(later, self.outcomes[-1] if self.outcomes else None)

    def _followed(self, reading: Reading) -> CourseOutcome | None:
        """The latest course begun before the reading's day; none for one taken after the first infusion of its day."""
        begun = [outcome for outcome in self.outcomes if outcome.first_infusion_on < reading.on]
        return None if self._after_start(reading) else begun[-1] if begun else None

    def _after_start(self, reading: Reading) -> bool:
        """Rule 14: on the day of a course's first infusion a form counts only if it has no time or an earlier one."""
        if reading.at is None:
            return False
        today = [outcome for outcome in self.outcomes if outcome.first_infusion_on == reading.on]
        return any(outcome.pk in self.first_at and reading.at >= self.first_at[outcome.pk] for outcome in today)

    def _comparable(self, reading: Reading, outcome: CourseOutcome) -> bool:
        """Rule 4: two readings that name different index events are not compared."""
        baseline = self.readings.get(outcome.baseline_id or 0)
        named = {reading.index_event_id, baseline.index_event_id if baseline else None} - {None}
        return len(named) < 2

    def _change(self, reading: Reading, outcome: CourseOutcome | None) -> int | None:
        if outcome is None or outcome.baseline_total is None or not self._comparable(reading, outcome):
            return None
        return reading.total - outcome.baseline_total

    def _used_as(self, reading: Reading, home: CourseOutcome | None, followed: CourseOutcome | None) -> str:
        """In words; with more than one course each use names its course."""
        uses = []
        if home and self.baseline_of.get(reading.id) is home:
            uses.append((home, "Baseline"))
        for outcome, words in self.endpoints.get(reading.id, ()):
            change = self._change(reading, outcome)
            uses.append((outcome, words if outcome is home else f"{words}, {signed(change)}"))
        if not uses:
            return self._unused(reading, home, followed)
        if len(self.outcomes) < 2:
            return " · ".join(words for _, words in uses)
        return " · ".join(f"Course {outcome.number}: {words}" for outcome, words in uses)

    def _unused(self, reading: Reading, home: CourseOutcome | None, followed: CourseOutcome | None) -> str:
        if home is None:
            return "Before any infusion"
        course = f"Course {home.number}: " if len(self.outcomes) > 1 else ""
        if followed is None:
            if reading.on < home.first_infusion_on:
                return f"{course}Screening"
            return f"{course}After the start, not used" if self._after_start(reading) else f"{course}Before the start"
        if not self._comparable(reading, followed):
            return f"{course}Other index event, not compared"
        days_after = (reading.on - followed.last_infusion_on).days
        return f"{course}During series" if days_after <= 0 else f"{course}Between windows, day {days_after}"
