"""Plain records for tests: short ways to write them, the frames `evaluate` takes, and its answer as plain dicts."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
from plain_evaluation import evaluate_plainly
from plain_records import CourseRecord, GivenInfusion, Reading

from clinic.outcomes.criteria import Criteria
from clinic.outcomes.response import Evaluation, evaluate

CLINIC_ZONE = ZoneInfo("America/New_York")

_READING_DTYPES = {
    "reading_id": "int64",
    "patient_id": "int64",
    "completed_on": "datetime64[us]",
    "completed_at": "datetime64[us, UTC]",
    "recall_days": "int64",
    "answered_sum": "int64",
    "missing_items": "int64",
    "most_missing_in_cluster": "int64",
    "dsm_rule_not_met": "bool",
    "index_event_id": "int64",
    "entry_order": "int64",
}
_COURSE_DTYPES = {
    "course_id": "int64",
    "patient_id": "int64",
    "number": "int64",
    "phase": "str",
    "criterion_a_not_met": "bool",
    "started_at": "datetime64[us, UTC]",
    "started_on": "datetime64[us]",
}


def moment(day: date, clock: str) -> datetime:
    """A clinic-local day and clock time as a moment in UTC."""
    return datetime.combine(day, time.fromisoformat(clock), tzinfo=CLINIC_ZONE).astimezone(UTC)


def infusion(when: str) -> GivenInfusion:
    """From "2025-03-03" (at 10:00) or "2025-03-03 14:30", both clinic-local."""
    day, _, clock = when.partition(" ")
    on = date.fromisoformat(day)
    return GivenInfusion(started_at=moment(on, clock or "10:00"), started_on=on)


def course(number: int, *days: str, phase: str = "induction", **other: Any) -> CourseRecord:
    """A course; its id is 100 + its number."""
    return CourseRecord(100 + number, number, phase, tuple(infusion(day) for day in days), **other)


def month(when: str, answered_sum: int, *, missing: int = 0, **other: Any) -> Reading:
    """A month form, "2025-04-03" or with a clinic-local time "2025-04-03 09:15"; `entered` numbers it."""
    day, _, clock = when.partition(" ")
    on = date.fromisoformat(day)
    usual = Reading(
        reading_id=0,
        completed_on=on,
        completed_at=moment(on, clock) if clock else None,
        recall_days=30,
        answered_sum=answered_sum,
        missing_items=missing,
        most_missing_in_cluster=min(missing, 1),
        dsm_rule_not_met=False,
        index_event_id=0,
        entry_order=0,
    )
    return replace(usual, **other)


def week(when: str, answered_sum: int, **other: Any) -> Reading:
    """A week form."""
    return month(when, answered_sum, recall_days=7, **other)


def entered(readings: Iterable[Reading]) -> list[Reading]:
    """The readings numbered in the order in which they were entered."""
    return [replace(reading, reading_id=n, entry_order=n) for n, reading in enumerate(readings, 1)]


def readings_frame(readings: Iterable[Reading]) -> pd.DataFrame:
    rows = [tuple(getattr(reading, name) for name in _READING_DTYPES) for reading in readings]
    return _typed(rows, _READING_DTYPES)


def courses_frame(courses: Iterable[CourseRecord]) -> pd.DataFrame:
    rows = [
        (
            each.course_id,
            each.patient_id,
            each.number,
            each.phase,
            each.criterion_a_not_met,
            given.started_at,
            given.started_on,
        )
        for each in courses
        for given in each.infusions
    ]
    return _typed(rows, _COURSE_DTYPES)


def _typed(rows: Sequence[tuple[Any, ...]], dtypes: dict[str, str]) -> pd.DataFrame:
    columns = zip(*rows, strict=True) if rows else [()] * len(dtypes)
    return pd.DataFrame(
        {
            name: pd.Series(list(values), dtype="object").astype(dtype)
            for (name, dtype), values in zip(dtypes.items(), columns, strict=True)
        }
    )


def rows_of(evaluation: Evaluation, *, with_reason: bool = False) -> list[dict[str, Any]]:
    """The answer of `evaluate` in the shape of `evaluate_plainly`; rows of a window must be those of the courses."""
    rows = _plain_rows(evaluation.courses)
    for name, frame in evaluation.windows.items():
        window_rows = _plain_rows(frame)
        assert [row["course_id"] for row in window_rows] == [row["course_id"] for row in rows]
        for row, window_row in zip(rows, window_rows, strict=True):
            row.setdefault("windows", {})[name] = window_row
    if not with_reason:
        for row in rows:
            del row["reason"]
    return rows


def _plain_rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    columns = {name: [_plain(value) for value in frame[name].tolist()] for name in frame.columns}
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def _plain(value: Any) -> Any:
    if pd.isna(value):
        return None
    if isinstance(value, pd.Timestamp):
        assert value.tzinfo is None
        assert value == value.normalize()
        return value.date()
    return value


def by_production(
    readings: Sequence[Reading], courses: Sequence[CourseRecord], criteria: Criteria, as_of: date
) -> list[dict[str, Any]]:
    """The rows of all patients, from `clinic.outcomes.response`."""
    return rows_of(evaluate(readings_frame(readings), courses_frame(courses), criteria, as_of))


def by_reference(
    readings: Sequence[Reading], courses: Sequence[CourseRecord], criteria: Criteria, as_of: date
) -> list[dict[str, Any]]:
    """The rows of all patients, from the plain reference."""
    rows = []
    for patient in sorted({each.patient_id for each in courses}):
        own_readings = [reading for reading in readings if reading.patient_id == patient]
        own_courses = [each for each in courses if each.patient_id == patient]
        rows += evaluate_plainly(own_readings, own_courses, criteria, as_of)
    return rows
