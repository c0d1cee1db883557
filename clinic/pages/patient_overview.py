"""The overview of a patient: the timeline with its tables, what comes next, answers to watch, latest notes."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.utils import timezone

from assessments.instruments.pcl5 import INSTRUMENT
from assessments.models import Assessment
from clinic.outcomes.criteria import LAST, Criteria
from clinic.outcomes.models import CourseOutcome, WindowOutcome
from clinic.pages.given_infusions import GivenInfusion, Observed, given_infusions, observed_during
from clinic.pages.patient_header import PatientHeader
from clinic.pages.patient_notes import Note, as_notes, notes_of
from clinic.pages.timeline import Reading, Timeline, timeline
from clinic.pages.timeline_chart import chart_data, finding
from clinic.policy import Action
from clinic.web.templatetags.tidemark import day, moment
from infusions.models import Infusion, Status
from patients.models import PsychotherapyEpisode

#: Readings on one page of the table; infusions and notes beside it.
READINGS_A_PAGE = 20
INFUSIONS_SHOWN = 12
NOTES_SHOWN = 3
#: Items with the highest latest answers, beside those that always ask for review.
ITEMS_WATCHED = 3


@dataclass(frozen=True)
class Fact:
    """A line of "Next": what, when, and a word more."""

    label: str
    value: str
    detail: str = ""


@dataclass(frozen=True)
class Answer:
    """One item, at baseline and now; None where it was skipped or there is no baseline."""

    number: int
    text: str
    baseline: int | None
    now: int | None


@dataclass(frozen=True)
class InfusionLine:
    """An infusion with what was observed."""

    given: GivenInfusion
    observed: Observed


@dataclass(frozen=True)
class Overview:
    """Everything that the page shows under the header."""

    title: str
    seen: Timeline
    readings: Page[Any] | None
    chart: dict[str, Any]
    outcome: CourseOutcome | None
    infusions: list[InfusionLine]
    infusions_left_out: int
    infusions_title: str
    next: list[Fact]
    watched_on: date | None
    watched: list[Answer]
    notes: list[Note] = field(default_factory=list)

    @property
    def any_prorated(self) -> bool:
        """Whether a row of the table needs the footnote."""
        return self.readings is not None and any(row.reading.prorated for row in self.readings)


def overview_of(header: PatientHeader, page: str, now: datetime) -> Overview:
    """The overview for whom the header was made. 9 queries at most, whatever the number of records."""
    patient, criteria = header.patient, header.standing.criteria.criteria()
    doses = header.allows(Action.INFUSION_VIEW)
    given = given_infusions(patient.pk, doses=doses) if header.allows(Action.INFUSION_DATES_VIEW) else []
    seen = Timeline([], 0)
    if header.allows(Action.ASSESSMENT_VIEW):
        seen = timeline(patient.pk, header.standing.outcomes, header.standing.windows, given, criteria)
    outcome = header.standing.outcomes[-1] if header.standing.outcomes else None
    shown = [row for row in given if outcome is None or row.on >= outcome.first_infusion_on]
    latest = seen.rows[-1].reading if seen.rows else None
    return Overview(
        title=finding(outcome, criteria) if seen.rows else "No PCL-5 yet",
        seen=seen,
        readings=Paginator(seen.rows[::-1], READINGS_A_PAGE).get_page(page) if seen.rows else None,
        chart=chart_data(
            patient, seen, header.standing.outcomes, header.standing.windows, given, criteria, doses=doses
        ),
        outcome=outcome,
        infusions=_infusion_lines(shown[-INFUSIONS_SHOWN:], doses=doses),
        infusions_left_out=max(0, len(shown) - INFUSIONS_SHOWN),
        infusions_title=_infusions_title(shown),
        next=_next(header, outcome, criteria, given, now),
        watched_on=latest.on if latest else None,
        watched=_watched(latest, outcome),
        notes=as_notes(notes_of(patient.pk, voided=False)[:NOTES_SHOWN]) if header.allows(Action.NOTE_VIEW) else [],
    )


def _infusion_lines(shown: list[GivenInfusion], *, doses: bool) -> list[InfusionLine]:
    observed = observed_during([row.id for row in shown]) if doses and shown else {}
    return [InfusionLine(row, observed.get(row.id, Observed())) for row in shown]


def _infusions_title(shown: list[GivenInfusion]) -> str:
    numbers = sorted({row.course_number for row in shown})
    if len(numbers) == 1:
        return f"Infusions, course {numbers[0]}"
    return f"Infusions, courses {numbers[0]}–{numbers[-1]}" if numbers else "Infusions"


def _next(
    header: PatientHeader, outcome: CourseOutcome | None, criteria: Criteria, given: list[GivenInfusion], now: datetime
) -> list[Fact]:
    facts = []
    if outcome and header.patient.died_on is None:
        facts += _window_facts(header.standing.windows[outcome.pk], criteria, timezone.localdate(now))
    if header.allows(Action.INFUSION_DATES_VIEW):
        facts += _infusion_facts(header, given, now)
    if header.allows(Action.HISTORY_VIEW):
        facts.append(Fact("Psychotherapy", *_psychotherapy(header.patient.pk, timezone.localdate(now))))
    return facts


def _window_facts(windows: list[WindowOutcome], criteria: Criteria, today: date) -> list[Fact]:
    """The window that is open or comes next without a PCL-5, and the latest that closed without one."""
    labels = {window.name: window.label.lower() for window in criteria.windows}
    empty = [window for window in windows if window.endpoint_id is None and window.window != LAST]
    facts = []
    for window in [window for window in empty if window.closes_on >= today][:1]:
        is_open = window.opens_on <= today
        state = f"open, {(window.closes_on - today).days} days left" if is_open else "not open yet"
        facts.append(Fact(f"PCL-5, {labels[window.window]}", _span(window), state))
    for window in [window for window in empty if window.closes_on < today][-1:]:
        facts.append(Fact(f"PCL-5, {labels[window.window]}", "Missed", f"closed {day(window.closes_on)}"))
    return facts


def _span(window: WindowOutcome) -> str:
    opens, closes = day(window.opens_on), day(window.closes_on)
    return f"{opens.removesuffix(closes[-5:])} – {closes}"  # the year once, if it is one


def _infusion_facts(header: PatientHeader, given: list[GivenInfusion], now: datetime) -> list[Fact]:
    facts = []
    planned = Infusion.objects.of_patient(header.patient.pk).not_voided()
    planned = planned.filter(status=Status.PLANNED, planned_for__gte=now, course__voided_at=None)
    if coming := planned.order_by("planned_for", "id").first():
        facts.append(Fact("Next infusion", moment(coming.planned_for)))
    course = header.open_course
    if course:
        done = sum(row.course_id == course.pk for row in given)
        facts.append(
            Fact("Planned infusions", f"{done} of {course.planned_infusions} given", f"course {course.number}")
        )
    return facts


def _psychotherapy(patient_id: int, today: date) -> tuple[str, str]:
    episodes = PsychotherapyEpisode.objects.not_voided().filter(patient_id=patient_id, started_on__lte=today)
    going_on = episodes.exclude(ended_on__lt=today).order_by("-started_on", "-id")
    current = going_on.first()
    return (current.modality, f"since {day(current.started_on)}") if current else ("None recorded", "")


def _watched(latest: Reading | None, outcome: CourseOutcome | None) -> list[Answer]:
    """The highest answers of the latest form, and those items that ask for review (rule 10), at baseline and now."""
    if latest is None:
        return []
    baseline_id = outcome.baseline_id if outcome else None
    forms = dict(Assessment.objects.filter(pk__in={latest.id, baseline_id} - {None}).values_list("pk", "answers"))
    blank = [None] * len(INSTRUMENT.items)
    before = forms.get(baseline_id, blank) if baseline_id != latest.id else blank
    answers = [
        Answer(item.number, item.text, was, now)
        for item, was, now in zip(INSTRUMENT.items, before, forms[latest.id], strict=True)
    ]
    reviewed = {limit.item for limit in INSTRUMENT.review_limits}
    ranked = sorted(answers, key=lambda one: (-(one.now or 0), -(one.baseline or 0), one.number))
    highest = [one for one in ranked if one.number not in reviewed][:ITEMS_WATCHED]
    return [*highest, *(one for one in answers if one.number in reviewed)]
