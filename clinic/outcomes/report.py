"""The outcomes report: figures computed now from today's records, under the criteria in force or another preset."""

from datetime import date
from typing import Any

from clinic.outcomes import selectors
from clinic.outcomes.criteria import under_preset
from clinic.outcomes.figures import course_rows, window_figures
from clinic.outcomes.response import evaluate
from patients.models import Patient


def report(
    *, window: str, preset: str | None, as_of: date, courses_in: str = "first", with_rows: bool = False
) -> dict[str, Any]:
    """The figures of one window by event date up to `as_of`, as plain values for JSON; stores nothing.

    A `preset` that is not what is in force has no version. `with_rows` adds a row for every outcome course.
    """
    in_force = selectors.criteria_in_force()
    site = in_force.criteria()
    criteria = under_preset(preset, site) if preset else site
    evaluation = evaluate(selectors.readings_of(None), selectors.courses_of(None), criteria, as_of)
    result = {
        "as_of": as_of.isoformat(),
        "preset": criteria.preset,
        "criteria_version": in_force.number if criteria == site else None,
        "window": window,
        **window_figures(evaluation, window.upper(), courses_in),
    }
    if with_rows:
        mrns = dict(Patient.objects.order_by("pk").values_list("pk", "mrn"))
        result["course_rows"] = course_rows(evaluation, window.upper(), mrns)
    return result
