"""Celery's doors to the services: ids in, nothing out. Each may run twice, late and in any order."""

from celery import group, shared_task
from django.utils import timezone

from clinic.outcomes import selectors, services, sweeping


@shared_task
def recompute_patients(patient_ids: list[int]) -> None:
    """Recompute these patients, whose records have just changed, unless another message's task took them along."""
    services.recompute_with_those_waiting(patient_ids, timezone.now())


@shared_task
def recompute_stale() -> None:
    """The sweep of each minute."""
    sweeping.sweep(now=timezone.now())


@shared_task
def recompute_all() -> None:
    """Recompute every patient, or go on with a run that was begun: one message for each 2,000 patients."""
    _hand_out(nightly=False)


@shared_task
def recompute_chunk(patient_ids: list[int]) -> None:
    """One piece of `recompute_all`."""
    sweeping.recompute_chunk(patient_ids, now=timezone.now())


@shared_task
def nightly() -> None:
    """Asked each minute; recomputes every patient once a day, from 00:05 by the clinic's clock."""
    if sweeping.nightly_is_due(timezone.now()):
        _hand_out(nightly=True)


@shared_task
def refresh_summary() -> None:
    """Publish the clinic's figures, if they changed."""
    services.refresh_summary(selectors.criteria_in_force().number, now=timezone.now())


def _hand_out(*, nightly: bool) -> None:
    run = sweeping.begin_run(now=timezone.now(), nightly=nightly)
    group(recompute_chunk.s(chunk) for chunk in sweeping.chunks(run)).apply_async()
    sweeping.end_run_if_complete(timezone.now())
