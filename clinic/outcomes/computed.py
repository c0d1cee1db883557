"""Figures that are not published but computed when somebody asks: of chosen patients, or under another preset."""

from datetime import date, datetime
from typing import Any

from django.utils import timezone

from clinic.outcomes import selectors
from clinic.outcomes.asked import Asked, clinician_id
from clinic.outcomes.criteria import under_preset
from clinic.outcomes.models import ClinicExtract, ClinicSummary

#: What the published summary says of everybody is said beside chosen patients, too.
_OF_EVERYBODY = ("format", "failed")


def computed_summary(
    published: ClinicSummary, asked: Asked, now: datetime, *, with_details: bool
) -> ClinicSummary | None:
    """The figures asked for, not saved; None while what they would be computed from is not there yet.

    Filters choose from the extract that was published with the summary, so both rest on the same records. Another preset
    is evaluated anew from today's records (rule 64).
    """
    from clinic.outcomes.charts.all import clinic_charts, clinic_details
    from clinic.outcomes.figures import window_figures

    clinic = clinic_asked_for(published, asked, now)
    if clinic is None:
        return None
    charts = clinic_charts(clinic, (asked.window,))
    charts |= {name: published.drawable[name] for name in _OF_EVERYBODY if name in published.drawable}
    return ClinicSummary(
        pk=published.pk,
        criteria_version=published.criteria_version,
        as_of=clinic.as_of,
        computed_at=now if asked.preset else published.computed_at,
        figures={asked.window: window_figures(clinic.evaluation, asked.window)},
        charts=charts,
        details=clinic_details(clinic, (asked.window,)) if with_details else None,
    )


def clinic_asked_for(published: ClinicSummary, asked: Asked, now: datetime) -> Any:
    """The `Clinic` of the chosen patients; None while there is no extract."""
    from clinic.outcomes.chosen import chosen

    clinic = _under_preset(asked, timezone.localdate(now)) if asked.preset else extract_of(published)
    return clinic and chosen(clinic, asked.filters, clinician_id(asked))


def extract_of(published: ClinicSummary) -> Any:
    """The `Clinic` that was published with this summary, or None. Two queries."""
    from clinic.outcomes.extract import FORMAT, unpack

    stored = ClinicExtract.objects.filter(summary_id=published.pk, format=FORMAT).first()
    return stored and unpack(bytes(stored.packed), selectors.criteria_of(published.criteria_version))


def _under_preset(asked: Asked, today: date) -> Any:
    from clinic.outcomes.clinic_records import clinic_of
    from clinic.outcomes.response import evaluate

    criteria = under_preset(asked.preset, selectors.criteria_in_force().criteria())
    evaluation = evaluate(selectors.readings_of(None), selectors.courses_of(None), criteria, today)
    return clinic_of(evaluation, criteria, today)
