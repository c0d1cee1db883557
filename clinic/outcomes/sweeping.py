"""Work that reaches the whole clinic: the sweep of each minute, and runs that recompute every patient.

Nothing here rests on a message having arrived: who is stale, and whom a run still has to reach, is read from the database.
So a worker may be killed anywhere and a queue may come back empty; the next sweep goes on from there.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from clinic.outcomes import selectors, services
from clinic.outcomes.models import RecomputeRun, SummaryState, SweepState
from clinic.profile.zone import in_clinic_time
from patients.models import Patient

#: One sweep recomputes no more than this many patients; the rest waits for the next.
PATIENTS_PER_SWEEP = 10_000
#: Patients recomputed between two looks at the clock: about a second.
PATIENTS_PER_BATCH = 2_000
#: A sweep that has not said for so long that it goes on has died.
LEASE = timedelta(seconds=settings.SWEEP_SECONDS / 2)
#: When the night's run is due, by the clinic's clock.
NIGHTLY_AT = time(0, 5)


def sweep(*, now: datetime) -> int | None:
    """Recompute what is stale, the oldest change first, then go on with an open run, then publish; how many patients.

    None when another sweep is at work. Patients at whom it fails are noted with the reason, and the others are done.
    """
    if not _claim(now):
        return None
    done = failed = 0
    for batch in _batches():
        failed += services.recompute_or_note_failure(batch, timezone.now(), failed)
        done += len(batch)
        SweepState.objects.update(claimed_until=timezone.now() + LEASE)
    end_run_if_complete(timezone.now())
    services.refresh_summary(selectors.criteria_in_force().number, now=timezone.now())
    SweepState.objects.update(claimed_until=None, ended_at=timezone.now())
    return done


def _claim(now: datetime) -> bool:
    SweepState.objects.get_or_create(id=1)
    free = Q(claimed_until=None) | Q(claimed_until__lt=now)
    return bool(SweepState.objects.filter(free).update(claimed_until=now + LEASE))


def _batches() -> Iterator[list[int]]:
    wanted = selectors.oldest_stale(selectors.criteria_in_force().number, PATIENTS_PER_SWEEP)
    if run := selectors.open_run():
        # From the far end: the messages of the run go through the patients from the near one.
        rest = selectors.not_reached(run).order_by("-pk").values_list("pk", flat=True)[:PATIENTS_PER_SWEEP]
        wanted = list(dict.fromkeys([*wanted, *rest]))[:PATIENTS_PER_SWEEP]
    for start in range(0, len(wanted), PATIENTS_PER_BATCH):
        yield wanted[start : start + PATIENTS_PER_BATCH]


@transaction.atomic
def begin_run(*, now: datetime, nightly: bool = False) -> RecomputeRun:
    """The run that recomputes every patient: the one that was begun and not ended, or a new one.

    One that was begun under earlier criteria is ended where it stands. `nightly` makes it the run of the clinic's day.
    """
    SummaryState.objects.select_for_update().get()  # one beginning or adoption at a time
    criteria_version, run = selectors.criteria_in_force().number, selectors.open_run()
    if run and run.criteria_version != criteria_version:
        RecomputeRun.objects.filter(pk=run.pk).update(ended_at=now)
        run = None
    if run is None:
        run = RecomputeRun.objects.create(
            started_at=now, criteria_version=criteria_version, patients=Patient.objects.count()
        )
    if nightly and run.nightly_on is None:
        run.nightly_on = _clinic_day(now)
        run.save(update_fields=["nightly_on"])
    return run


def chunks(run: RecomputeRun) -> list[list[int]]:
    """The patients whom the run still has to reach, ids ascending, in pieces of one task each."""
    left = list(selectors.not_reached(run).order_by("pk").values_list("pk", flat=True))
    return [left[start : start + PATIENTS_PER_BATCH] for start in range(0, len(left), PATIENTS_PER_BATCH)]


def recompute_chunk(patient_ids: list[int], *, now: datetime) -> None:
    """Recompute those of these patients whom the open run has not reached; nothing when there is none any more."""
    if run := selectors.open_run():
        left = selectors.not_reached(run).filter(pk__among=patient_ids).order_by("pk").values_list("pk", flat=True)
        services.recompute_or_note_failure(list(left), now)
        end_run_if_complete(timezone.now())


def end_run_if_complete(now: datetime) -> None:
    """End the open run once it has reached every patient, and publish what came of it."""
    run = selectors.open_run()
    if run and not selectors.not_reached(run).exists():
        RecomputeRun.objects.filter(pk=run.pk, ended_at=None).update(ended_at=now)
        services.refresh_summary(run.criteria_version, now=now)


def nightly_is_due(now: datetime) -> bool:
    """Whether the clinic's clock has passed 00:05 on a day that has no nightly run yet.

    Asked each minute instead of at one moment, so that a night without a worker, a day that begins twice and another
    time zone need nothing of their own.
    """
    with in_clinic_time():
        after = timezone.localtime(now).time() >= NIGHTLY_AT
    return after and not RecomputeRun.objects.filter(nightly_on__gte=_clinic_day(now)).exists()


def _clinic_day(now: datetime) -> date:
    with in_clinic_time():
        return timezone.localdate(now)
