"""`evaluate` against the plain reference on patients nobody thought of, and what must hold for any records."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any

import pandas as pd
import pytest
from evaluation_frames import CLINIC_ZONE, by_production, by_reference, courses_frame, readings_frame, rows_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plain_records import CourseRecord, GivenInfusion, Reading

from clinic.outcomes.criteria import PRESETS, Criteria
from clinic.outcomes.response import evaluate

#: Offsets in days from an infusion at which some rule changes its answer, and one to either side.
EDGES = sorted(
    {
        edge + step
        for edge in (-30, 0, 1, 7, 13, 14, 21, 28, 30, 31, 60, 90, 120, 150, 180, 210, 330, 365, 400)
        for step in (-1, 0, 1)
    }
)
CLOCKS = [time(0, 0), time(9, 0), time(10, 0), time(10, 30), time(14, 0), time(23, 30)]
TOTALS = [0, 18, 20, 27, 28, 29, 30, 32, 33, 34, 38, 40, 42, 43, 44, 45, 48, 54, 58, 64, 70, 80]
ANY_TOTALS = st.sampled_from(TOTALS) | st.integers(0, 80)
HIGH_TOTALS = st.sampled_from([33, 44, 54, 58, 70]) | st.integers(28, 80)
VARIANTS = [
    *PRESETS.values(),
    Criteria(exclude_covers_pretreatment=True),
    Criteria(remission_requires_response=False),
    Criteria(remission_requires_dsm_rule_not_met=True),
    Criteria(eligibility_cut=40, cut=34, max_missing_items=4, max_missing_per_cluster=2, baseline_within_days=60),
    Criteria(max_missing_items=0, max_missing_per_cluster=0, worsening_points=5),
]

bounded = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@dataclass(frozen=True)
class Records:
    """Some patients, the criteria and the day to see them from."""

    readings: tuple[Reading, ...]
    courses: tuple[CourseRecord, ...]
    criteria: Criteria
    as_of: date


def at(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, tzinfo=CLINIC_ZONE).astimezone(UTC)


@st.composite
def infusion_times(draw: st.DrawFn, start: date) -> list[list[GivenInfusion]]:
    """Up to four courses of up to six infusions, in order of time, now and then two on one day."""
    day, clock = start, 1
    courses = []
    for _ in range(draw(st.integers(0, 4))):
        infusions = []
        for _ in range(draw(st.integers(0, 6))):
            infusions.append(GivenInfusion(at(day, CLOCKS[clock]), day))
            gap = draw(st.sampled_from([0, 1, 3, 3, 4, 7, 9, 10, 28]))
            day, clock = _later(day, clock, gap)
        courses.append(infusions)
        day, clock = _later(day, clock, draw(st.sampled_from([0, 0, 1, 20, 30, 31, 60, 200, 365])))
    return courses


def _later(day: date, clock: int, gap: int) -> tuple[date, int]:
    """`gap` days on, or the next clock time of the same day while there is one."""
    if gap == 0 and clock + 1 < len(CLOCKS):
        return day, clock + 1
    return day + timedelta(days=max(gap, 1)), 2


@st.composite
def patient_courses(draw: st.DrawFn, patient_id: int, start: date) -> list[CourseRecord]:
    times = draw(infusion_times(start))
    numbers = draw(st.permutations(range(1, len(times) + 1)))
    phases = st.sampled_from(["induction", "induction", "induction", "maintenance", "booster"])
    return [
        CourseRecord(
            course_id=patient_id * 10 + number,
            number=number,
            phase=draw(phases),
            infusions=tuple(infusions),
            criterion_a_not_met=draw(st.sampled_from([False, False, True])),
            patient_id=patient_id,
        )
        for infusions, number in zip(times, numbers, strict=True)
    ]


@st.composite
def reading_on(draw: st.DrawFn, patient_id: int, day: date, totals: st.SearchStrategy[int]) -> Reading:
    """A form of the day, of any kind: week or month, complete or not, with or without a time."""
    clock = draw(st.none() | st.sampled_from(CLOCKS))
    missing = draw(st.sampled_from([0, 0, 0, 0, 0, 0, 1, 2, 3, 4]))
    return Reading(
        reading_id=0,
        completed_on=day,
        completed_at=None if clock is None else at(day, clock),
        recall_days=draw(st.sampled_from([7, 30])),
        answered_sum=min(draw(totals), 4 * (20 - missing)),
        missing_items=missing,
        most_missing_in_cluster=min(missing, draw(st.integers(1, 2))),
        dsm_rule_not_met=draw(st.booleans()),
        index_event_id=draw(st.sampled_from([0, 0, 0, 0, 0, 1, 1, 2])),
        entry_order=0,
        patient_id=patient_id,
    )


@st.composite
def likely_readings(draw: st.DrawFn, patient_id: int, course: CourseRecord) -> list[Reading]:
    """What a clinic records for an induction: mostly a baseline, and readings in some of the windows."""
    first, last = course.infusions[0].started_on, course.infusions[-1].started_on
    readings = []
    if draw(st.sampled_from([True, True, True, False])):
        day = first - timedelta(days=draw(st.sampled_from([0, 1, 2, 5, 10, 30])))
        readings.append(draw(reading_on(patient_id, day, HIGH_TOTALS)))
    in_windows = st.integers(-5, 31) | st.integers(60, 120) | st.integers(150, 210) | st.integers(330, 400)
    for offset in draw(st.lists(in_windows, max_size=8)):
        readings.append(draw(reading_on(patient_id, last + timedelta(days=offset), ANY_TOTALS)))
    return readings


@st.composite
def patient_readings(draw: st.DrawFn, patient_id: int, courses: list[CourseRecord], start: date) -> list[Reading]:
    """Up to fourteen readings: likely ones, ones at the edges of rules, pairs on one day, in any order of entry."""
    given_courses = [course for course in courses if course.infusions]
    readings = []
    for course in given_courses:
        if course.phase == "induction":
            readings += draw(likely_readings(patient_id, course))
    days = [infusion.started_on for course in given_courses for infusion in course.infusions] or [start]
    for _ in range(draw(st.integers(0, 5))):
        offset = draw(st.sampled_from(EDGES) | st.integers(-40, 420))
        day = draw(st.sampled_from(days)) + timedelta(days=offset)
        readings.append(draw(reading_on(patient_id, day, ANY_TOTALS)))
    for reading in readings[: draw(st.integers(0, 3))]:
        readings.append(draw(reading_on(patient_id, reading.completed_on, ANY_TOTALS)))
    order = draw(st.permutations(range(len(readings))))[:14]
    return [
        replace(readings[place], reading_id=patient_id * 100 + n, entry_order=place) for n, place in enumerate(order)
    ]


@st.composite
def records(draw: st.DrawFn, most_patients: int = 6) -> Records:
    """A few patients; seen from a random day, or from a day on which something happens or a window closes."""
    start = draw(st.dates(date(2024, 2, 1), date(2025, 11, 10)))
    courses: list[CourseRecord] = []
    readings: list[Reading] = []
    days = [start]
    for patient_id in range(1, draw(st.integers(1, most_patients)) + 1):
        own = draw(patient_courses(patient_id, start))
        courses += own
        readings += draw(patient_readings(patient_id, own, start))
        days += [infusion.started_on for each in own for infusion in each.infusions]
    late = st.just(date(2030, 1, 1))
    eventful = st.builds(
        lambda day, offset: day + timedelta(days=offset), st.sampled_from(days), st.sampled_from(EDGES)
    )
    as_of = draw(late | late | eventful | st.dates(start - timedelta(days=5), start + timedelta(days=900)))
    return Records(tuple(readings), tuple(courses), draw(st.sampled_from(VARIANTS)), as_of)


def differences(one: Sequence[dict[str, Any]], other: Sequence[dict[str, Any]]) -> list[str]:
    """Every value in which the rows differ, in words; empty when they are the same."""
    if [row["course_id"] for row in one] != [row["course_id"] for row in other]:
        return [f"courses {[row['course_id'] for row in one]} and {[row['course_id'] for row in other]}"]
    found = []
    for row, other_row in zip(one, other, strict=True):
        mine, theirs = flat(row), flat(other_row)
        found += [
            f"course {row['course_id']} {name}: {mine.get(name, 'no column')} and {theirs.get(name, 'no column')}"
            for name in sorted(mine.keys() | theirs.keys())
            if name not in mine or name not in theirs or not same(mine[name], theirs[name])
        ]
    return found


def flat(row: dict[str, Any]) -> dict[str, Any]:
    columns = {name: value for name, value in row.items() if name != "windows"}
    for window, values in row["windows"].items():
        columns |= {f"{window}.{name}": value for name, value in values.items()}
    return columns


def same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and one == other


@bounded
@given(records())
def test_every_column_equals_the_plain_reference(made: Records) -> None:
    produced = by_production(made.readings, made.courses, made.criteria, made.as_of)
    expected = by_reference(made.readings, made.courses, made.criteria, made.as_of)
    assert differences(produced, expected) == []


@bounded
@given(records(most_patients=4))
def test_patients_together_are_as_each_alone(made: Records) -> None:
    together = rows_of(
        evaluate(readings_frame(made.readings), courses_frame(made.courses), made.criteria, made.as_of),
        with_reason=True,
    )
    alone = []
    for patient_id in sorted({each.patient_id for each in made.courses}):
        readings = [reading for reading in made.readings if reading.patient_id == patient_id]
        courses = [each for each in made.courses if each.patient_id == patient_id]
        frames = readings_frame(readings), courses_frame(courses)
        alone += rows_of(evaluate(*frames, made.criteria, made.as_of), with_reason=True)
    assert differences(together, alone) == []


@bounded
@given(records(), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(made: Records, random: Random) -> None:
    readings, courses = readings_frame(made.readings), courses_frame(made.courses)
    usual = rows_of(evaluate(readings, courses, made.criteria, made.as_of), with_reason=True)
    shuffled = evaluate(shuffle(readings, random), shuffle(courses, random), made.criteria, made.as_of)
    assert differences(usual, rows_of(shuffled, with_reason=True)) == []


def shuffle(frame: pd.DataFrame, random: Random) -> pd.DataFrame:
    return frame.iloc[random.sample(range(len(frame)), len(frame))]


@bounded
@given(records(), st.integers(0, 500))
def test_later_no_outcome_course_is_lost(made: Records, days: int) -> None:
    now = by_production(made.readings, made.courses, made.criteria, made.as_of)
    later = by_production(made.readings, made.courses, made.criteria, made.as_of + timedelta(days=days))
    assert {row["course_id"] for row in now} <= {row["course_id"] for row in later}
    firsts = {row["course_id"]: row["first_infusion_on"] for row in later}
    assert all(firsts[row["course_id"]] == row["first_infusion_on"] for row in now)


@bounded
@given(records())
def test_what_was_given_is_not_changed(made: Records) -> None:
    readings, courses = readings_frame(made.readings), courses_frame(made.courses)
    before = readings.copy(), courses.copy()
    evaluate(readings, courses, made.criteria, made.as_of)
    pd.testing.assert_frame_equal(readings, before[0])
    pd.testing.assert_frame_equal(courses, before[1])


COURSE = CourseRecord(1, 1, "induction", (GivenInfusion(at(date(2025, 3, 3), time(10)), date(2025, 3, 3)),))
READING = Reading(1, date(2025, 2, 20), None, 30, 54, 0, 0, False, 0, 1)
DAYS = (
    "first_infusion_on last_infusion_on response_lost_on baseline_on latest_on rise_on first_response_on "
    "first_remission_on response_index_on loss_of_response_on loss_of_remission_on "
    "next_induction_on next_top_up_on"
)
WINDOW_NUMBERS = "endpoint_id endpoint_day endpoint_total endpoint_recall_days reduction"
WINDOW_ANSWERS = (
    "response remission worsened reliable_change reliable_and_below mixed_recall covers_pretreatment covers_series"
)


@pytest.mark.parametrize("criteria", PRESETS.values(), ids=PRESETS)
@pytest.mark.parametrize("readings", [[], [READING]])
@pytest.mark.parametrize("courses", [[], [COURSE]])
def test_empty_frames(readings: list[Reading], courses: list[CourseRecord], criteria: Criteria) -> None:
    evaluation = evaluate(readings_frame(readings), courses_frame(courses), criteria, date(2026, 1, 1))
    assert len(evaluation.courses) == len(courses)
    assert list(evaluation.windows) == ["EOS", "PRIMARY", "M3", "M6", "M12", "LAST"]
    assert differences(rows_of(evaluation), by_reference(readings, courses, criteria, date(2026, 1, 1))) == []


@pytest.mark.parametrize("courses", [[], [COURSE]])
@pytest.mark.parametrize("readings", [[], [READING]])
def test_the_columns_and_their_types(readings: list[Reading], courses: list[CourseRecord]) -> None:
    evaluation = evaluate(readings_frame(readings), courses_frame(courses), Criteria(), date(2026, 1, 1))
    [row] = by_reference([READING], [COURSE], Criteria(), date(2026, 1, 1))
    assert set(evaluation.courses) == (set(row) | {"reason"}) - {"windows"}
    assert {str(evaluation.courses[name].dtype)[:10] for name in DAYS.split()} == {"datetime64"}
    numbers = "baseline_id baseline_total baseline_recall_days latest_id latest_total"
    assert {str(evaluation.courses[name].dtype) for name in numbers.split()} == {"Int64"}
    assert str(evaluation.courses["provisional"].dtype) == "boolean"
    for name, window in evaluation.windows.items():
        assert set(window) == set(row["windows"][name])
        assert {str(window[each].dtype)[:10] for each in ("opens_on", "closes_on", "endpoint_on")} == {"datetime64"}
        assert {str(window[each].dtype) for each in WINDOW_NUMBERS.split()} == {"Int64"}
        answers = WINDOW_ANSWERS.split() + (["sustained_response"] if "sustained_response" in window else [])
        assert {str(window[each].dtype) for each in answers} == {"boolean"}
