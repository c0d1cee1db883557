"""What the timeline draws, as plain values for static/js/timeline.js: every number here also stands in a table beside it.

x is days since the first infusion of the latest outcome course (`origin`). Clinical numbers come from the criteria in force.
"""

from datetime import date, timedelta
from itertools import chain
from typing import Any

from django.urls import reverse

from assessments.instruments.pcl5 import INSTRUMENT
from clinic.outcomes.criteria import Criteria
from clinic.outcomes.models import CourseOutcome, WindowOutcome
from clinic.pages.given_infusions import GivenInfusion
from clinic.pages.status_line import Windows
from clinic.pages.timeline import ReadingRow, Timeline
from clinic.web.templatetags.tidemark import day
from patients.models import Patient

#: The highest total.
SCALE = len(INSTRUMENT.items) * INSTRUMENT.max_per_item
#: What a course's view shows before its first infusion, at most; a matter of the drawing alone.
_DAYS_BEFORE = 60
#: Stands for a record's id in an address that the script completes.
_ID = "RECORD" + 16 * "-"


def chart_data(
    patient: Patient,
    seen: Timeline,
    outcomes: list[CourseOutcome],
    windows: Windows,
    given: list[GivenInfusion],
    criteria: Criteria,
    *,
    doses: bool,
) -> dict[str, Any]:
    """The chart of this patient; empty lists where there is nothing to draw."""
    origin = _origin(outcomes, given, seen.rows)
    courses = [
        _course(outcome, windows.get(outcome.pk, []), seen.rows, given, criteria, origin) for outcome in outcomes
    ]
    return {
        "origin": origin.isoformat(),
        "counted": bool(outcomes),
        "scale": SCALE,
        "cut": criteria.cut,
        "remission": criteria.remission_at_most + 1,
        "readings": [_reading(row, origin) for row in seen.rows],
        "infusions": [_infusion(row, origin, doses=doses) for row in given],
        "doses": doses,
        "courses": courses,
        "form": reverse("assessments:assessment", args=[patient.public_id, _ID]),
        "session": reverse("infusions:infusion", args=[patient.public_id, _ID]) if doses else "",
    }


def _origin(outcomes: list[CourseOutcome], given: list[GivenInfusion], rows: list[ReadingRow]) -> date:
    days = chain(
        (outcome.first_infusion_on for outcome in reversed(outcomes)),
        (infusion.on for infusion in given),
        (row.reading.on for row in rows),
    )
    return next(days, date.min)


def _reading(row: ReadingRow, origin: date) -> list[Any]:
    """x, total, recall days, prorated, id, B, C, D, E, day, change, used as."""
    reading = row.reading
    return [
        (reading.on - origin).days,
        reading.total,
        reading.recall_days,
        reading.prorated,
        reading.public_id,
        *(reading.clusters.get(subscale.id) for subscale in INSTRUMENT.subscales),
        row.day,
        row.change,
        row.used_as,
    ]


def _infusion(row: GivenInfusion, origin: date, *, doses: bool) -> list[Any]:
    """x, place in its course, number of the course; then mg/kg and id for whoever may see doses."""
    known = [(row.on - origin).days, row.place, row.course_number]
    if not doses:
        return known
    return [*known, None if row.mg_per_kg is None else float(row.mg_per_kg), row.public_id]


def _course(
    outcome: CourseOutcome,
    windows: list[WindowOutcome],
    rows: list[ReadingRow],
    given: list[GivenInfusion],
    criteria: Criteria,
    origin: date,
) -> dict[str, Any]:
    """One course's view: its span, and the lines drawn against its baseline."""
    primary = next((window for window in windows if window.window == "PRIMARY"), None)
    own = [row.reading.on for row in rows if row.outcome is outcome]
    earliest = outcome.first_infusion_on - timedelta(days=_DAYS_BEFORE)
    start = min([outcome.first_infusion_on, *(on for on in own if on >= earliest)])
    until = outcome.next_induction_on or date.max
    followed_by = [infusion.on for infusion in given if outcome.first_infusion_on <= infusion.on < until]
    latest = outcome.latest_on or outcome.last_infusion_on  # may be the baseline of the next course
    end = max([outcome.last_infusion_on, latest, *own, *followed_by, *([primary.closes_on] if primary else [])])
    mine = [infusion for infusion in given if infusion.course_id == outcome.pk]
    return {
        "number": outcome.number,
        "finding": finding(outcome, criteria),
        "start": (outcome.first_infusion_on - origin).days,
        "from": (start - origin).days,
        "to": (end - origin).days,
        "series": ((primary.closes_on if primary else outcome.last_infusion_on) - origin).days,
        "infusions": mine[-1].place if mine else "",
        "primary": [(primary.opens_on - origin).days, (primary.closes_on - origin).days] if primary else None,
        **_against_baseline(outcome, criteria, origin),
    }


def _against_baseline(outcome: CourseOutcome, criteria: Criteria, origin: date) -> dict[str, Any]:
    total = outcome.baseline_total
    if total is None or outcome.baseline_on is None:
        return {"baseline": None}
    points = criteria.reliable_points
    response, rule = response_line(total, criteria)
    return {
        "baseline": [(outcome.baseline_on - origin).days, total],
        "reliable": points,
        "band": [max(0, total - points), min(SCALE, total + points)],
        "response": response,
        "response_rule": rule,
    }


def response_line(baseline: int, criteria: Criteria) -> tuple[int | None, str]:
    """The highest total that is a response against this baseline (rules 19 and 24), and the rule in short."""
    if criteria.response_percent is not None:
        drop, rule = -(-criteria.response_percent * baseline // 100), f"−{criteria.response_percent} %"
    else:
        drop, rule = criteria.response_points or 0, f"−{criteria.response_points}"
    return (baseline - drop if baseline >= drop > 0 else None), rule


def finding(outcome: CourseOutcome | None, criteria: Criteria) -> str:
    """The title of the chart: what it shows, in words."""
    if outcome is None:
        return "No infusion yet: readings before treatment"
    if outcome.latest_total is None:
        known = f"Baseline {outcome.baseline_total}" if outcome.baseline_total is not None else "No baseline"
        return f"{known}; no PCL-5 since the first infusion on {day(outcome.first_infusion_on)}"
    above = outcome.latest_total - criteria.remission_at_most
    line = f"{above} above the line for remission" if above > 0 else "below the line for remission"
    if outcome.baseline_total is None:
        return f"Latest total {outcome.latest_total}, {line}; no baseline to compare it with"
    return f"{_difference(outcome.latest_total - outcome.baseline_total)}; {line}"


def _difference(change: int) -> str:
    if change == 0:
        return "The same total as at baseline"
    points = f"{abs(change)} {'point' if abs(change) == 1 else 'points'}"
    return f"{points} {'lower' if change < 0 else 'higher'} than at baseline"
