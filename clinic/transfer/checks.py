"""The rows of all files against each other and against what is stored, and what is to be written if all is well."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import chain, islice
from typing import Any
from zoneinfo import ZoneInfo

from clinic.transfer import courses as course_rules
from clinic.transfer.comparison import contradictions, form_contradictions, infusion_contradictions
from clinic.transfer.crossed_limits import crossed_limits
from clinic.transfer.layouts import INFUSIONS, PATIENTS, PCL5
from clinic.transfer.sheets import Progress, Row, Sheet
from clinic.transfer.stored import StoredPatient, imported_before, load_stored, renamed_since
from clinic.transfer.tables import Problem
from infusions.selectors import limits_in_force

#: Patients looked up at once: few queries, and only their stored records in memory.
PATIENTS_AT_ONCE = 500


@dataclass(slots=True)
class StoredKey:
    """A stored patient: the id, the versions that the checks rest on, and what a first course copies."""

    id: int
    versions: tuple[int, int]
    course_ids: dict[int, int]
    psychotherapy: str
    medications: int | None


@dataclass(slots=True)
class Plan:
    """What the files add, rows in file order. `courses` by MRN, then number; `stored` by MRN."""

    patients: list[Row] = field(default_factory=list)
    courses: dict[str, dict[int, course_rules.NewCourse]] = field(default_factory=dict)
    opened_earlier: dict[int, date] = field(default_factory=dict)
    infusions: list[Row] = field(default_factory=list)
    forms: list[Row] = field(default_factory=list)
    stored: dict[str, StoredKey] = field(default_factory=dict)
    unchanged: Counter[str] = field(default_factory=Counter)
    crossed: Counter[str] = field(default_factory=Counter)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to write."""
        return not (self.patients or self.infusions or self.forms)

    def added(self) -> dict[str, int]:
        """How many rows of each file are new."""
        return {PATIENTS: len(self.patients), INFUSIONS: len(self.infusions), PCL5: len(self.forms)}


@dataclass(slots=True)
class _PatientRows:
    """All rows of one patient, and the patient as stored."""

    mrn: str
    row: Row | None = None
    infusions: list[Row] = field(default_factory=list)
    forms: list[Row] = field(default_factory=list)
    stored: StoredPatient | None = None

    def add(self, file: str, row: Row) -> None:
        """Take a row of one of the files; of two rows for the patient herself the first."""
        if file == PATIENTS:
            self.row = self.row or row
        else:
            (self.infusions if file == INFUSIONS else self.forms).append(row)

    @property
    def born_on(self) -> date | None:
        """The stored day of birth, or else that of the file."""
        known = self.stored or self.row
        return known.values.get("date_of_birth") if known else None


def plan_import(sheets: dict[str, Sheet], *, zone: ZoneInfo, problems: list[Problem], progress: Progress) -> Plan:
    """Check every row against the others and the records; what is wrong is added to `problems`. A handful of queries
    for every 500 patients."""
    checks = _Checks(sheets, zone, problems)
    everyone = iter(_by_patient(sheets).values())
    done = 0
    while some := list(islice(everyone, PATIENTS_AT_ONCE)):
        mrns = [rows.mrn for rows in some]
        stored = load_stored(mrns, notes="integration_note" in sheets[INFUSIONS].columns)
        checks.renamed_since = renamed_since(mrns)
        keys = [row.values["import_key"] for rows in some for row in rows.infusions if "import_key" in row.values]
        checks.imported_before = imported_before(keys)
        for rows in some:
            rows.stored = stored.get(rows.mrn)
            checks.check(rows)
        progress("Checking patients", done := done + len(some))
    plan = checks.plan
    for added in (plan.patients, plan.infusions, plan.forms):
        added.sort(key=lambda row: row.line)
    return plan


def _by_patient(sheets: dict[str, Sheet]) -> dict[str, _PatientRows]:
    found: dict[str, _PatientRows] = {}

    for file in (PATIENTS, INFUSIONS, PCL5):
        for row in sheets[file].rows:
            if mrn := row.values.get("mrn"):
                found.setdefault(mrn, _PatientRows(mrn)).add(file, row)
    return found


class _Checks:
    """Checks one patient after the other into one plan."""

    def __init__(self, sheets: dict[str, Sheet], zone: ZoneInfo, problems: list[Problem]) -> None:
        self.sheets, self.zone, self.problems = sheets, zone, problems
        self.limits = limits_in_force()
        self.imported_before: set[str] = set()
        self.renamed_since: set[str] = set()
        self.plan = Plan()

    def check(self, rows: _PatientRows) -> None:
        self._check_patient(rows)
        if self._is_unknown(rows):
            return
        self._check_days(rows)
        self._check_infusions(rows)
        self._check_forms(rows)

    def _report(self, file: str, row: Row, found: Iterable[tuple[str, str]]) -> bool:
        """Add what was found to the problems; whether there was anything."""
        before = len(self.problems)
        self.problems += [Problem(file, row.line, column, message) for column, message in found]
        return len(self.problems) > before

    def _check_patient(self, rows: _PatientRows) -> None:
        if stored := rows.stored:
            ids = {number: course.id for number, course in stored.courses.items()}
            at_intake = stored.values["concurrent_psychotherapy"], stored.values["psychiatric_medications"]
            self.plan.stored[rows.mrn] = StoredKey(stored.id, stored.versions, ids, *at_intake)
        if rows.row is None:
            return
        if stored is None:
            self.plan.patients.append(rows.row)
        elif not self._report(
            PATIENTS, rows.row, contradictions(rows.row, stored.values, self.sheets[PATIENTS].columns)
        ):
            self.plan.unchanged[PATIENTS] += 1

    def _is_unknown(self, rows: _PatientRows) -> bool:
        if not rows.stored and rows.mrn in self.renamed_since:
            message = "was imported before and the patient has another record number now: use that one"
            for file, row in [*((PATIENTS, row) for row in [rows.row] if row), *_dated(rows)]:
                self._report(file, row, [("mrn", message)])
            return True
        named = self.sheets[PATIENTS].mrns
        if rows.stored or rows.row or named is None or rows.mrn in named:
            return False
        message = f"is the number of no patient: add the patient to {PATIENTS}, or check the number"
        for file, row in _dated(rows):
            self._report(file, row, [("mrn", message)])
        return True

    def _check_days(self, rows: _PatientRows) -> None:
        born_on, died_on = rows.born_on, rows.stored.died_on if rows.stored else None
        for file, row in _dated(rows):
            column, day = self._day(file, row)
            if born_on and day and day < born_on:
                self._report(file, row, [(column, "is before the patient was born: check both days")])
            elif died_on and day and day > died_on:
                self._report(file, row, [(column, "is after the patient died: check both days")])

    def _day(self, file: str, row: Row) -> tuple[str, date | None]:
        if file == PCL5:
            return "completed_on", row.values.get("completed_on")
        started_at: datetime | None = row.values.get("started_at")
        return "started_at", started_at.astimezone(self.zone).date() if started_at else None

    def _check_infusions(self, rows: _PatientRows) -> None:
        columns = self.sheets[INFUSIONS].columns
        stored = rows.stored.infusions if rows.stored else {}
        added = []
        for row in rows.infusions:
            started_at = row.values.get("started_at")
            record = stored.get(started_at) if started_at else None
            if record is None:
                added.append(row)
                self._report(INFUSIONS, row, self._moved(row))
            elif not self._report(INFUSIONS, row, infusion_contradictions(row, record, columns)):
                self.plan.unchanged[INFUSIONS] += 1
        placed = [row for row in added if "started_at" in row.values and "course" in row.values]
        for row, column, message in course_rules.refusals(placed, rows.stored, columns, self.zone):
            self._report(INFUSIONS, row, [(column, message)])
        self.plan.infusions += added
        if self.problems:
            return
        if opened := course_rules.new_courses(added, rows.stored, self.zone):
            self.plan.courses[rows.mrn] = opened
        self.plan.opened_earlier |= course_rules.opened_earlier(added, rows.stored, self.zone)
        if added:
            self.plan.crossed += crossed_limits(added, rows.stored, self.limits, self.zone)

    def _moved(self, row: Row) -> Iterator[tuple[str, str]]:
        if row.values.get("import_key") in self.imported_before:
            what = "was imported before and its patient, course or start was corrected since: leave it out"
            yield "started_at", f"{what} (or the clinic's time zone is not what it was then)"

    def _check_forms(self, rows: _PatientRows) -> None:
        stored: dict[Any, Any] = rows.stored.forms if rows.stored else {}
        for row in rows.forms:
            record = stored.get((row.values.get("recall"), row.values.get("completed_on")))
            if record is None:
                self.plan.forms.append(row)
            elif not self._report(PCL5, row, form_contradictions(row, record)):
                self.plan.unchanged[PCL5] += 1


def _dated(rows: _PatientRows) -> Iterator[tuple[str, Row]]:
    return chain(((INFUSIONS, row) for row in rows.infusions), ((PCL5, row) for row in rows.forms))
