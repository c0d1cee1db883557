"""A patient's status with its reason, and the quiet line under it: window, form, preset, version (rules 20, 27a, 27b)."""

from dataclasses import dataclass

from assessments.instruments.pcl5 import WEEK
from assessments.models import Assessment
from clinic.lookups import among
from clinic.outcomes.criteria import LAST
from clinic.outcomes.models import CourseOutcome, CriteriaVersion, WindowOutcome

Windows = dict[int, list[WindowOutcome]]


@dataclass(frozen=True)
class StatusLine:
    """The status as `code`, the change that it rests on, what follows from it, and the definitions behind it."""

    code: str
    change: str
    verdict: str
    definitions: str


def course_windows(outcomes: list[CourseOutcome]) -> Windows:
    """The windows of each outcome course by course id, in order of time. One query."""
    windows: Windows = {outcome.pk: [] for outcome in outcomes}
    rows = WindowOutcome.objects.filter(among("outcome_id", list(windows)))
    for window in rows.order_by("outcome_id", "opens_on", "closes_on", "window"):
        windows[window.outcome_id].append(window)
    return windows


def status_line(
    outcomes: list[CourseOutcome], windows: Windows, in_force: CriteriaVersion, latest_form: Assessment | None
) -> StatusLine:
    """The status of the latest outcome course (rule 27b)."""
    if not outcomes:
        reason = "No infusion of an induction course was given yet."
        return StatusLine("NOT_STARTED", reason, "", _definitions([], in_force))
    latest = outcomes[-1]
    version = in_force
    if latest.criteria_version != in_force.number:
        version = CriteriaVersion.objects.get(number=latest.criteria_version)
    change, _, verdict = latest.reason.partition(". ")
    seen = _seen_in(latest, windows[latest.pk], version, latest_form)
    return StatusLine(latest.status, f"{change.removesuffix('.')}.", verdict, _definitions(seen, version))


def _definitions(seen: list[str], version: CriteriaVersion) -> str:
    words = " · ".join([*seen, f"{version.preset}, settings v{version.number}", "provisional, not a diagnosis"])
    return words[0].upper() + words[1:]


def _seen_in(
    outcome: CourseOutcome, windows: list[WindowOutcome], version: CriteriaVersion, latest_form: Assessment | None
) -> list[str]:
    """The window and the form of the latest follow-up, and what limits the comparison."""
    if outcome.latest_id is None:
        return []
    found = {window.window: window for window in windows if window.endpoint_id == outcome.latest_id}
    said = ["during the series: it may still change"] if outcome.provisional else [_window_words(found, version)]
    recall = next((window.endpoint_recall_days for window in found.values()), None)
    if recall is None and latest_form and latest_form.pk == outcome.latest_id:
        recall = latest_form.recall_days
    if recall is not None:
        said.append("weekly form: no validated weekly cut" if recall == WEEK.recall_days else "monthly form")
    limits = {
        "weekly baseline": outcome.weekly_baseline,
        "baseline prorated": outcome.baseline_prorated,
        "total prorated": any(window.endpoint_prorated for window in found.values()),
        "looks back to before treatment": any(window.covers_pretreatment for window in found.values()),
    }
    return said + [words for words, holds in limits.items() if holds]


def _window_words(found: dict[str, WindowOutcome], version: CriteriaVersion) -> str:
    for window in version.criteria().windows:
        if window.name in found:
            return f"{window.label.lower()} window, days {window.first_day}–{window.last_day}"
    return "outside the windows" if LAST in found else "not an endpoint"
