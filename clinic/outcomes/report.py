"""The outcomes report: figures computed now from today's records, under the criteria in force or another preset."""

from datetime import date
from typing import Any

from clinic.outcomes import selectors
from clinic.outcomes.criteria import PRESETS
from clinic.outcomes.figures import course_rows, window_figures
from clinic.outcomes.response import evaluate
from patients.models import Patient


def report(
    *, window: str, preset: str | None, as_of: date, courses_in: str = "first", with_rows: bool = False
) -> dict[str, Any]:
    """The figures of one window by event date up to `as_of`, as plain values for JSON; stores nothing.

    Another `preset` than the one in force has no version. `with_rows` adds a row for every counted course.
    """
    in_force = selectors.criteria_in_force()
    other = preset is not None and preset != in_force.preset
    criteria = PRESETS[preset] if preset is not None and other else in_force.criteria()
    evaluation = evaluate(selectors.readings_of(None), selectors.courses_of(None), criteria, as_of)
    result = {
        "as_of": as_of.isoformat(),
        "preset": criteria.preset,
        "criteria_version": None if other else in_force.number,
        "window": window,
        **window_figures(evaluation, window.upper(), courses_in),
    }
    if with_rows:
        mrns = dict(Patient.objects.order_by("pk").values_list("pk", "mrn"))
        result["course_rows"] = course_rows(evaluation, window.upper(), courses_in, mrns)
    return result
