"""Courses as infusions of the past imply them: which are opened, and what contradicts the order of courses."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from clinic.transfer.sheets import Row
from clinic.transfer.stored import StoredCourse, StoredPatient

#: A row, its column and what is wrong with it.
Refusal = tuple[Row, str, str]


@dataclass(slots=True)
class NewCourse:
    """A course opened on the day of its first infusion."""

    phase: str
    opened_on: date


@dataclass(frozen=True, slots=True)
class _Given:
    """An infusion of a course, stored or (with its row) to be added."""

    started_at: datetime
    course: int
    row: Row | None = None

    def described(self, zone: ZoneInfo) -> str:
        where = f"line {self.row.line}" if self.row else "already stored"
        return f"{self.started_at.astimezone(zone):%Y-%m-%dT%H:%M}, {where}"


def new_courses(rows: Iterable[Row], stored: StoredPatient | None, zone: ZoneInfo) -> dict[int, NewCourse]:
    """The courses that these added infusions of one patient open, by number, in the order of the file."""
    opened: dict[int, NewCourse] = {}
    for row in rows:
        number, day = row.values["course"], _day(row, zone)
        if stored and number in stored.courses:
            continue
        course = opened.setdefault(number, NewCourse(row.values["phase"], day))
        course.opened_on = min(course.opened_on, day)
    return opened


def opened_earlier(rows: Iterable[Row], stored: StoredPatient | None, zone: ZoneInfo) -> dict[int, date]:
    """The courses of earlier imports that these added infusions begin sooner: new day of opening by course id."""
    found: dict[int, date] = {}
    for row in rows:
        course = stored.courses.get(row.values["course"]) if stored else None
        if course and (day := _day(row, zone)) < found.get(course.id, course.opened_on):
            found[course.id] = day
    return found


def refusals(rows: list[Row], stored: StoredPatient | None, columns: frozenset[str], zone: ZoneInfo) -> list[Refusal]:
    """What contradicts the courses when these infusions of one patient are added to those stored."""
    given = [_Given(row.values["started_at"], row.values["course"], row) for row in rows]
    if stored:
        given += [_Given(at, record.values["course"]) for at, record in stored.infusions.items() if not record.void]
    given.sort(key=lambda infusion: infusion.started_at)
    kept = stored.courses if stored else {}
    return [*_interleaved(given, zone), *_two_phases(rows, kept, columns), *_outside(rows, kept, zone)]


def _interleaved(given: list[_Given], zone: ZoneInfo) -> Iterator[Refusal]:
    """A course must be over before the next number begins. Of two rows at odds the later one is refused."""
    rule = "a course must be over before the next number begins"
    highest = given[0] if given else None
    for infusion in given:
        if highest is None or infusion.course >= highest.course:
            highest = infusion
        elif infusion.row:
            began = f"course {highest.course} had begun before ({highest.described(zone)})"
            yield infusion.row, "course", f"is {infusion.course}, but {began}: {rule}"
    lowest_stored: _Given | None = None
    for infusion in reversed(given):
        if infusion.row is None:
            if lowest_stored is None or infusion.course < lowest_stored.course:
                lowest_stored = infusion
        elif lowest_stored and infusion.course > lowest_stored.course:
            goes_on = f"course {lowest_stored.course} goes on after it ({lowest_stored.described(zone)})"
            yield infusion.row, "course", f"is {infusion.course}, but {goes_on}: {rule}"


def _two_phases(rows: list[Row], kept: dict[int, StoredCourse], columns: frozenset[str]) -> Iterator[Refusal]:
    if "phase" not in columns:
        return
    first: dict[int, Row] = {}
    for row in rows:
        number, phase = row.values["course"], row.values.get("phase")
        if phase is None:
            continue
        earlier = first.setdefault(number, row)
        if number in kept:
            if kept[number].phase != phase:
                yield row, "phase", f"is {phase}, but course {number} is stored as {kept[number].phase}: keep one phase"
        elif earlier.values["phase"] != phase:
            other = f"{earlier.values['phase']} on line {earlier.line}"
            yield row, "phase", f"is {phase}, but course {number} is {other}: a course has one phase"


def _outside(rows: list[Row], kept: dict[int, StoredCourse], zone: ZoneInfo) -> Iterator[Refusal]:
    for row in rows:
        course = kept.get(row.values["course"])
        if course is None:
            continue
        day = _day(row, zone)
        if (
            day < course.opened_on and course.entered_by_id is not None
        ):  # else an import opened it on its first infusion
            yield (
                row,
                "started_at",
                f"is before its course was opened, as stored, on {course.opened_on}: check both days",
            )
        elif course.ended_on and day > course.ended_on:
            yield row, "started_at", f"is after its course ended, as stored, on {course.ended_on}: check both days"


def _day(row: Row, zone: ZoneInfo) -> date:
    started_at: datetime = row.values["started_at"]
    return started_at.astimezone(zone).date()
