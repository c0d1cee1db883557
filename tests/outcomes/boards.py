"""Made-up dashboards with their details, without a record in the database."""

import json
from datetime import UTC, datetime
from typing import Any

from clinics import AS_OF, VA, Pair, clinic, evaluation
from django.core.serializers.json import DjangoJSONEncoder

from clinic.outcomes.asked import Asked
from clinic.outcomes.charts.all import clinic_charts, clinic_details
from clinic.outcomes.charts.clinic import Clinic
from clinic.outcomes.dashboard import Dashboard, Pending
from clinic.outcomes.figures import window_figures
from clinic.outcomes.handed_on import withhold
from clinic.outcomes.models import ClinicSummary, CriteriaVersion

NOW = datetime(2026, 6, 1, 18, 2, tzinfo=UTC)


def board_of(*patients: Pair, window: str = "PRIMARY", **columns: Any) -> Dashboard:
    """The dashboard of these patients (tests/outcomes/clinics.py); `columns` replace those of their courses."""
    return board_of_clinic(clinic(evaluation(*patients, **columns)), window)


def board_of_clinic(of: Clinic, window: str = "PRIMARY", *, pending: int = 0, in_force: int = 1) -> Dashboard:
    """The dashboard of a clinic, with details."""
    charts = clinic_charts(of, (window,)) | {"format": ClinicSummary.CHARTS_FORMAT}
    summary = ClinicSummary(
        pk=1,
        criteria_version=1,
        as_of=AS_OF,
        computed_at=NOW,
        figures={window: window_figures(of.evaluation, window)},
        charts=_stored(charts),
        details=_stored(clinic_details(of, (window,))),
    )
    versions = [CriteriaVersion(number=number, preset="VA-10/33", values=VA.as_dict()) for number in (1, in_force)]
    waiting = Pending(pending, None if in_force == 1 else 40)
    return Dashboard(Asked(window), summary, summary, *versions, waiting, with_details=True)


def board_handed_on(of: Clinic, window: str = "PRIMARY", *, failed: int = 0, pending: int = 0) -> Dashboard:
    """The dashboard of a clinic as it may leave it; to be used within `handed_on()`."""
    charts, details = clinic_charts(of, (window,)), clinic_details(of, (window,))
    charts |= {"format": ClinicSummary.CHARTS_FORMAT, "failed": failed}
    figures = window_figures(of.evaluation, window)
    withhold(figures, charts, details, window)
    summary = ClinicSummary(
        pk=1,
        criteria_version=1,
        as_of=AS_OF,
        computed_at=NOW,
        figures={window: figures},
        charts=charts,
        details=details,
    )
    version = CriteriaVersion(number=1, preset="VA-10/33", values=VA.as_dict())
    return Dashboard(Asked(window), summary, summary, version, version, Pending(pending), with_details=True)


def _stored(drawn: dict[str, Any]) -> Any:
    """As the database gives it back."""
    return json.loads(json.dumps(drawn, cls=DjangoJSONEncoder))
