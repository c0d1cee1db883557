"""Whether what a page says of a patient is up to date, and bringing it there."""

import logging
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from clinic.outcomes.background import has_workers
from clinic.outcomes.models import PatientOutcomeState
from clinic.outcomes.selectors import stale_patients
from clinic.outcomes.services import recompute_patients
from clinic.web.templatetags.tidemark import clock, moment
from patients.models import Patient

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class AsOf:
    """When the outcomes were computed, what they do not count yet, and why they could not be computed, if so.

    `shown` names what is shown, by versions alone, so that an open page can ask whether it still holds.
    """

    at: str
    pending: str = ""
    failed: str = ""
    shown: str = "none"


def up_to_date(patient: Patient, criteria_version: int, now: datetime) -> AsOf:
    """Compute this patient's outcomes if they are older than her records or the criteria; how they stand then.

    Where there are workers they do it, and the page says what is pending. A failure never keeps her page from opening: it
    is logged, and the page says what is not counted.
    """
    if not has_workers() and stale_patients(criteria_version).filter(pk=patient.pk).exists():
        try:
            recompute_patients([patient.pk], now=now)
        except Exception as error:
            # The message may quote a record, which no log may hold.
            logger.error("Outcomes of patient id %s could not be computed: %s", patient.pk, type(error).__name__)
    state = PatientOutcomeState.objects.filter(patient_id=patient.pk).first()
    if state is None or state.computed_at is None:
        return AsOf("", pending="Not computed yet", shown=f"{patient.record_version}-none")
    today = timezone.localdate(state.computed_at) == timezone.localdate(now)
    at = clock(state.computed_at) if today else moment(state.computed_at)
    shown = f"{patient.record_version}-{state.record_version}-{state.criteria_version}-{len(state.failed_reason)}"
    return AsOf(at, _pending(patient, state, criteria_version), state.failed_reason, shown)


def _pending(patient: Patient, state: PatientOutcomeState, criteria_version: int) -> str:
    changes = patient.record_version - state.record_version
    if changes > 0:
        return f"{changes} {'change' if changes == 1 else 'changes'} not counted yet"
    return "the new criteria not applied yet" if state.criteria_version < criteria_version else ""
