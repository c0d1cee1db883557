"""Figures that are not published but computed when somebody asks: of chosen patients, or under another preset."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from clinic.outcomes import selectors
from clinic.outcomes.asked import Asked, clinician_id
from clinic.outcomes.criteria import Criteria, under_preset
from clinic.outcomes.models import ClinicExtract, ClinicSummary

#: What the published summary says of everybody is said beside chosen patients, too.
_OF_EVERYBODY = ("format", "failed")


def computed_summary(
    published: ClinicSummary, asked: Asked, now: datetime, *, with_details: bool, outside: bool = False
) -> ClinicSummary | None:
    """The figures asked for, not saved; None while what they would be computed from is not there yet.

    Filters choose from the extract that was published with the summary, so both rest on the same records. Under another
    preset today's records are evaluated when it is first asked for after that (rule 64). `outside`: as they may be handed on.
    """
    from clinic.outcomes.charts.all import clinic_charts, clinic_details
    from clinic.outcomes.figures import window_figures
    from clinic.outcomes.handed_on import withhold

    extract = _extract(published, asked.preset, now)
    if extract is None:
        return None
    clinic = chosen_from(extract, asked)
    charts = clinic_charts(clinic, (asked.window,))
    charts |= {name: published.drawable[name] for name in _OF_EVERYBODY if name in published.drawable}
    figures = window_figures(clinic.evaluation, asked.window)
    details = clinic_details(clinic, (asked.window,)) if with_details else None
    if outside:
        withhold(figures, charts, details or {}, asked.window)
    return ClinicSummary(
        pk=published.pk,
        criteria_version=published.criteria_version,
        as_of=clinic.as_of,
        computed_at=extract.computed_at,
        figures={asked.window: figures},
        charts=charts,
        details=details,
    )


def clinic_asked_for(published: ClinicSummary, asked: Asked, now: datetime) -> Any:
    """The `Clinic` of the chosen patients; None while there is no extract."""
    extract = _extract(published, asked.preset, now)
    return extract and chosen_from(extract, asked)


def chosen_from(extract: ClinicExtract, asked: Asked) -> Any:
    """The `Clinic` of an extract with those patients alone whom the filters choose."""
    from clinic.outcomes.chosen import chosen
    from clinic.outcomes.extract import unpack

    criteria = _criteria(asked.preset) if asked.preset else selectors.criteria_of(extract.summary.criteria_version)
    return chosen(unpack(bytes(extract.packed), criteria), asked.filters, clinician_id(asked))


def _extract(published: ClinicSummary, preset: str, now: datetime) -> ClinicExtract | None:
    """What was published with this summary or was added to it; None while there is nothing. Two queries if it is there."""
    from clinic.outcomes.extract import FORMAT

    found = ClinicExtract.objects.filter(summary_id=published.pk, preset=preset, format=FORMAT)
    extract = found.select_related("summary").first()
    return _added(published, preset, now) if extract is None and preset else extract


def _added(published: ClinicSummary, preset: str, now: datetime) -> ClinicExtract:
    """Today's records under another preset, kept for the next who asks, until the next summary."""
    from clinic.outcomes.clinic_records import clinic_of
    from clinic.outcomes.extract import FORMAT, pack
    from clinic.outcomes.response import evaluate

    criteria, today = _criteria(preset), timezone.localdate(now)
    evaluation = evaluate(selectors.readings_of(None), selectors.courses_of(None), criteria, today)
    packed = pack(clinic_of(evaluation, criteria, today))
    extract = ClinicExtract(summary=published, preset=preset, computed_at=now, format=FORMAT, packed=packed)
    ClinicExtract.objects.bulk_create([extract], ignore_conflicts=True)
    return extract


def _criteria(preset: str) -> Criteria:
    return under_preset(preset, selectors.criteria_in_force().criteria())
