"""The sections of a letter, each from the records or from what was stored of their outcome; nothing is computed here."""

from datetime import datetime

from assessments.instruments.pcl5 import INSTRUMENT
from clinic.letters.chart import Chart, Drawn, Point, chart
from clinic.letters.content import Section, Table
from clinic.letters.course_record import CourseRecord, InfusionTold
from clinic.outcomes.criteria import Criteria
from clinic.outcomes.definitions import remission_words, response_words, worsening_words
from clinic.outcomes.models import CriteriaVersion
from clinic.pages.given_infusions import GivenInfusion
from clinic.pages.patient_standing import Standing
from clinic.pages.status_line import StatusLine, status_line
from clinic.pages.timeline import ReadingRow
from clinic.pages.timeline_chart import response_line
from clinic.web.templatetags.tidemark import day, moment, plain, signed, status_words
from infusions.models import AdverseEvent, Course
from patients.models import Patient

_SCALE = len(INSTRUMENT.items) * INSTRUMENT.max_per_item


def course_section(patient: Patient, record: CourseRecord) -> Section:
    """Which course it is, when it was, how many infusions were planned and given."""
    died = [("Died", day(patient.died_on))] if patient.died_on else []
    course, own = record.course, record.own
    if course is None:
        return Section("Course", lines=("No course of infusions yet.",), facts=tuple(died))
    facts = [
        ("Course", _named(course)),
        ("Infusions", f"{len(own)} given, {course.planned_infusions} planned"),
        ("First infusion", day(own[0].on) if own else "None given yet"),
        *([("Last infusion", day(own[-1].on))] if own else []),
        *_around(record, course),
    ]
    ended = (("Withdrawn", course.withdrawn_on), ("Closed", course.closed_on))
    facts += [(words, day(on)) for words, on in ended if on]
    return Section("Course", facts=(*facts, *died))


def _named(course: Course) -> str:
    return f"{course.number}, {course.get_phase_display().lower()}"


def _around(record: CourseRecord, course: Course) -> list[tuple[str, str]]:
    """What it follows, or the top-ups that follow it."""
    if record.is_top_up:
        outcome = record.outcome
        if outcome is None:
            return [("Follows", "No induction course")]
        span = f"{day(outcome.first_infusion_on)} to {day(outcome.last_infusion_on)}"
        return [("Follows", f"Course {outcome.number}, induction, {outcome.induction_infusions} given, {span}")]
    others: dict[int, list[GivenInfusion]] = {}
    for told in record.infusions:
        if told.given.course_id != course.pk:
            others.setdefault(told.given.course_id, []).append(told.given)
    return [
        (
            "Afterwards",
            f"Course {_named(record.courses[pk])}: {len(rows)} given, {day(rows[0].on)} to {day(rows[-1].on)}",
        )
        for pk, rows in others.items()
    ]


def status_section(record: CourseRecord, standing: Standing, computed_at: datetime | None) -> Section:
    """The stored status with its stored reason, as of when, and what it does not count yet."""
    said, outcome = _status(record, standing), record.outcome
    lines = [outcome.reason if outcome else said.change, f"{said.definitions}."]
    if outcome and record.is_top_up:
        lines.append(f"This is the status of course {outcome.number}, the induction that this course follows.")
    if outcome and outcome.next_induction_on:
        lines.append(f"A later induction course began on {day(outcome.next_induction_on)}.")
    pending = standing.as_of.failed or standing.as_of.pending
    as_of = f"As of {moment(computed_at)}." if computed_at else ""
    lines.append(f"{as_of} {f'Not up to date: {pending}.' if pending else ''}".strip())
    return Section("Current status", strong=status_words(said.code), lines=tuple(filter(None, lines)))


def _status(record: CourseRecord, standing: Standing) -> StatusLine:
    outcomes = [record.outcome] if record.outcome else []
    said = status_line(outcomes, standing.windows, standing.criteria, standing.latest_form)
    if outcomes or not standing.outcomes:
        return said
    return StatusLine(said.code, "No infusion of this course was given yet.", "", said.definitions)


def pcl5_section(record: CourseRecord, version: CriteriaVersion) -> Section:
    """The chart, the same readings as a table, and what its lines mean."""
    criteria = version.criteria()
    left_out = _left_out(record.left_out)
    if not record.readings:
        return Section("PCL-5", lines=("No PCL-5 yet.",), notes=left_out)
    prorated = any(row.reading.prorated for row in record.readings)
    notes = [
        f"Response: {_lower(response_words(criteria))} Remission: {_lower(remission_words(criteria))} "
        f"Worse: {_lower(worsening_words(criteria).replace(', at the same follow-up', ''))} "
        f"Definition {version.preset}, settings v{version.number}.",
        f"Cut {criteria.cut}: probable PTSD from a total of {criteria.cut}; provisional, not a diagnosis."
        f"{_counted(record, criteria)}",
        *(["* Prorated: some items were left blank."] if prorated else []),
    ]
    return Section("PCL-5", chart=_chart(record, criteria), table=_readings(record), notes=(*notes, *left_out))


def _counted(record: CourseRecord, criteria: Criteria) -> str:
    """How days and changes are counted, where there is a course to count them from."""
    if record.outcome is None:
        return ""
    return (
        " Day counts from the first infusion of the induction course. Change is from its baseline, the latest PCL-5 of the "
        f"{criteria.baseline_within_days} days before that infusion, a month form if there is one."
    )


def _lower(words: str) -> str:
    return words[0].lower() + words[1:]


def _left_out(count: int) -> tuple[str, ...]:
    if not count:
        return ()
    forms = "incomplete form has no total and is" if count == 1 else "incomplete forms have no total and are"
    return (f"{count} {forms} not in the table.",)


def _readings(record: CourseRecord) -> Table:
    return Table(
        head=("Date", "Day", "Form", "Total", "Change", "Used as"),
        rows=tuple(_reading(row) for row in record.readings),
        numbers=(1, 3, 4),
        shares=(0.17, 0.09, 0.13, 0.11, 0.13, 0.37),
    )


def _reading(row: ReadingRow) -> tuple[str, ...]:
    reading = row.reading
    form = "Week" if reading.weekly else "Month"
    total = f"{reading.total}*" if reading.prorated else str(reading.total)
    return (day(reading.on), plain(row.day), form, total, signed(row.change), row.used_as)


def _chart(record: CourseRecord, criteria: Criteria) -> Chart:
    outcome, readings = record.outcome, record.readings
    origin = outcome.first_infusion_on if outcome else readings[0].reading.on
    references = []
    if outcome and outcome.baseline_total is not None:
        at, rule = response_line(outcome.baseline_total, criteria)
        references += [(at, f"{at}: response ({rule})")] if at is not None else []
    if criteria.remission_at_most + 1 != criteria.cut:
        below = criteria.remission_at_most + 1
        references.append((below, f"{below}: remission is below"))
    drawn = Drawn(
        points=tuple(
            Point(
                day=(row.reading.on - origin).days,
                total=row.reading.total,
                weekly=row.reading.weekly,
                baseline=outcome is not None and row.reading.id == outcome.baseline_id,
            )
            for row in readings
        ),
        infusion_days=tuple(sorted({(row.on - origin).days for row in record.drawn})),
        cut=(criteria.cut, f"{criteria.cut} (provisional cut)"),
        references=tuple(references),
        scale=_SCALE,
        axis="days since first infusion" if outcome else "days since first PCL-5",
    )
    return chart(drawn, "PCL-5 totals over days. The table below holds the same readings.")


def infusions_section(record: CourseRecord) -> Section:
    """When, how much and how long."""
    if not record.infusions:
        return Section("Infusions", lines=("No infusion given yet.",))
    table = Table(
        head=("Infusion", "Date", "mg/kg", "mg", "Minutes"),
        rows=tuple(_infusion(told, record) for told in record.infusions),
        numbers=(2, 3, 4),
        shares=(0.36, 0.22, 0.14, 0.14, 0.14),
    )
    return Section("Infusions", table=table, notes=("mg/kg received: mg given over weight.",))


def _infusion(told: InfusionTold, record: CourseRecord) -> tuple[str, ...]:
    given = told.given
    other = f"course {given.course_number}" if record.course and given.course_id != record.course.pk else ""
    early = "stopped early" if given.stopped_early else ""
    which = ", ".join(filter(None, (given.place, other, told.route, early)))
    return (which, day(given.on), plain(given.mg_per_kg), plain(given.mg_given), plain(told.minutes))


def adverse_events_section(record: CourseRecord) -> Section:
    """Term, grade and day of each."""
    if not record.events:
        return Section("Adverse events", lines=("No adverse event is recorded for these infusions.",))
    table = Table(
        head=("Event", "CTCAE grade", "Date"),
        rows=tuple((event.term, _grade(event), day(event.started_at)) for event in record.events),
        numbers=(),
        shares=(0.58, 0.2, 0.22),
    )
    return Section("Adverse events", table=table)


def _grade(event: AdverseEvent) -> str:
    return f"{event.ctcae_grade}, serious" if event.serious else str(event.ctcae_grade)
