"""The figures of some windows, as `manage.py outcomes_report` gives them; nothing here is suppressed or stored."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from clinic.outcomes import selectors
from clinic.outcomes.charts.clinic import Clinic
from clinic.outcomes.charts.subgroups import subgroups
from clinic.outcomes.charts.time_to_first import time_to_first
from clinic.outcomes.charts.time_to_loss import time_to_loss
from clinic.outcomes.chosen import chosen
from clinic.outcomes.clinic_records import clinic_of
from clinic.outcomes.criteria import under_preset
from clinic.outcomes.figures import course_rows, window_figures
from clinic.outcomes.filters import Filters
from clinic.outcomes.response import Evaluation, evaluate
from patients.models import Patient


@dataclass(frozen=True)
class Wanted:
    """What to report. `clinician_id` is the account that `filters.clinician` names; `rows` adds a row for every course."""

    windows: Sequence[str]
    preset: str | None = None
    courses_in: str = "first"
    filters: Filters = field(default_factory=Filters)
    clinician_id: int | None = None
    rows: bool = False
    subgroups: bool = False
    survival: bool = False


def report(wanted: Wanted, as_of: date) -> dict[str, Any]:
    """The figures by event date up to `as_of`, as plain values for JSON; stores nothing.

    Of one window its figures stand beside the criteria, of several under `windows` by name. A preset that is not what is
    in force has no version.
    """
    in_force = selectors.criteria_in_force()
    site = in_force.criteria()
    criteria = under_preset(wanted.preset, site) if wanted.preset else site
    evaluation = evaluate(selectors.readings_of(None), selectors.courses_of(None), criteria, as_of)
    clinic = None
    if wanted.filters.any or wanted.subgroups or wanted.survival:
        clinic = chosen(clinic_of(evaluation, criteria, as_of), wanted.filters, wanted.clinician_id)
        evaluation = clinic.evaluation
    head: dict[str, Any] = {
        "as_of": as_of.isoformat(),
        "preset": criteria.preset,
        "criteria_version": in_force.number if criteria == site else None,
    }
    if wanted.filters.any:
        head["filters"] = wanted.filters.asked()
    figures = {name: _figures(wanted, evaluation, clinic, name) for name in wanted.windows}
    if len(figures) > 1:
        return {**head, "window": "all", "windows": figures}
    [(name, only)] = figures.items()
    return {**head, "window": name, **only}


def _figures(wanted: Wanted, evaluation: Evaluation, clinic: Clinic | None, window: str) -> dict[str, Any]:
    found = window_figures(evaluation, window.upper(), wanted.courses_in)
    if clinic and wanted.subgroups:
        found["subgroups"] = subgroups(clinic, window.upper())
    if clinic and wanted.survival:
        found["survival"] = {"time_to_loss": time_to_loss(clinic), "time_to_first": time_to_first(clinic)}
    if wanted.rows:
        mrns = dict(Patient.objects.order_by("pk").values_list("pk", "mrn"))
        found["course_rows"] = course_rows(evaluation, window.upper(), mrns)
    return found
