"""Keeping the derived side right: recompute patients, sweep what is stale, publish the summary, adopt criteria.

Why the order in `recompute_patients` is as it is: the versions are read before the records, so that rows computed from
older records can never be marked with a newer version (nor days of an earlier time zone: changing it is a change of every
patient's record); a state row is locked before it is compared, so that of two
workers the one with newer records has the last word; and rows are deleted and inserted, so that none outlives its course.
"""

import logging
import time
from collections.abc import Callable, Collection, Iterator
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from clinic.audit.services import record_event
from clinic.lookups import among
from clinic.outcomes import selectors
from clinic.outcomes.criteria import LAST, Criteria
from clinic.outcomes.models import ClinicExtract, ClinicSummary, CriteriaVersion, PatientOutcomeState, SummaryState
from clinic.profile.zone import in_clinic_time
from clinic.versions import StaleEditError
from patients.models import Patient, RecordChange
from patients.services import announce_change, require_reason

if TYPE_CHECKING:
    from clinic.outcomes.stored import OutcomeRows

logger = logging.getLogger(__name__)

#: Patients written in one transaction: short ones, so that a save never waits long.
PATIENTS_PER_TRANSACTION = 2_000
#: SQLite has a single writer. A save that waits for it only looks again now and then (every 25 ms, later every 100 ms), and
#: would meet one transaction after the other: there each is shorter, and the pause after it longer than a look takes.
PATIENTS_PER_TURN, SECONDS_BETWEEN_TURNS = 250, 0.05
#: Patients read and evaluated at once: bounds memory.
PATIENTS_PER_EVALUATION = 25_000
#: After so many failing patients in one sweep the fault is not theirs.
MOST_FAILURES = 20
#: A task for some patients looks through so many of the latest changes for others to take along.
TAKEN_ALONG = 100
#: A page that shows outcomes first works off this many stale patients.
STALE_IN_A_PAGE = 200
#: The summary of so many patients is added up in well under a second, whenever a page is opened.
PATIENTS_ADDED_UP_AT_ONCE = 5_000
#: That of more stands for at least this long.
SUMMARY_OF_MANY_STANDS_FOR = timedelta(minutes=10)
#: A refresh that has not ended after this long has died, or is of no use any more; the next sweep may begin another.
REFRESH_GIVEN_UP_AFTER = timedelta(seconds=settings.SWEEP_SECONDS * 3 / 4)


def recompute_every_day_count(**_signal: Any) -> None:
    """Listener of `time_zone_changed`: every stored outcome is stale in the transaction that changes the zone."""
    announce_change(Patient.objects.order_by("pk").values_list("pk", flat=True))


def recompute_patients(patient_ids: Collection[int], *, now: datetime) -> None:
    """Compute and store the outcomes of these patients. Safe to run twice, late, at once or in any order."""
    from clinic.outcomes import response, stored

    in_force = selectors.criteria_in_force()
    versions = selectors.record_versions(patient_ids)
    wanted = list(versions)
    with in_clinic_time():  # read after the versions, and not the zone that this request or command began in
        readings, courses = selectors.readings_of(wanted), selectors.courses_of(wanted)
        as_of = timezone.localdate(now)
    evaluation = response.evaluate(readings, courses, in_force.criteria(), as_of)
    rows = stored.OutcomeRows(evaluation, in_force.number, as_of)
    for some in _turns(wanted):
        _replace_outcomes({patient_id: versions[patient_id] for patient_id in some}, in_force.number, rows, now)


def _turns(patient_ids: list[int]) -> Iterator[list[int]]:
    """These patients in pieces of one transaction each, on SQLite with a pause between them."""
    one_writer = connection.vendor == "sqlite"
    size = min(PATIENTS_PER_TURN, PATIENTS_PER_TRANSACTION) if one_writer else PATIENTS_PER_TRANSACTION
    for start in range(0, len(patient_ids), size):
        if start and one_writer:
            time.sleep(SECONDS_BETWEEN_TURNS)
        yield patient_ids[start : start + size]


@transaction.atomic
def _replace_outcomes(versions: dict[int, int], criteria_version: int, rows: "OutcomeRows", now: datetime) -> None:
    """Replace the stored outcomes of these patients (ascending id -> record version), except where newer ones stand."""
    from clinic.outcomes import stored

    stored.need_not_survive_a_crash()
    older = _lock_older_states(versions, criteria_version)
    stored.delete_outcomes(older)
    rows.insert(older)
    _mark_computed({pk: versions[pk] for pk in older}, criteria_version, now)


def _lock_older_states(versions: dict[int, int], criteria_version: int) -> list[int]:
    """Lock the state rows of these patients, made where missing; those whose state is not newer than ours."""
    states = (
        PatientOutcomeState.objects.select_for_update().filter(among("patient_id", versions)).order_by("patient_id")
    )
    locked = list(states.values_list("patient_id", "criteria_version", "record_version"))
    if len(locked) < len(versions):
        PatientOutcomeState.objects.bulk_create(
            (PatientOutcomeState(patient_id=patient_id) for patient_id in versions), ignore_conflicts=True
        )
        locked = list(states.values_list("patient_id", "criteria_version", "record_version"))
    return [
        patient_id
        for patient_id, criteria, record in locked
        if criteria <= criteria_version and record <= versions[patient_id]
    ]


def _mark_computed(versions: dict[int, int], criteria_version: int, now: datetime, failed_reason: str = "") -> None:
    by_version: dict[int, list[int]] = {}
    for patient_id, record_version in versions.items():
        by_version.setdefault(record_version, []).append(patient_id)
    for record_version, patient_ids in by_version.items():
        PatientOutcomeState.objects.filter(among("patient_id", patient_ids)).update(
            criteria_version=criteria_version,
            record_version=record_version,
            computed_at=now,
            failed_reason=failed_reason,
        )
    # Last and unconditional: the row is locked until the commit, so a refresh begins either before (and finds itself
    # dirty again) or after it (and reads these rows).
    SummaryState.objects.update(dirty=True)


def recompute_stale(*, now: datetime, progress: Callable[[int], None] | None = None) -> int:
    """Recompute every patient whose outcomes are stale; how many there were. `progress` hears of each batch's size.

    A batch that fails is halved until the patient is found at whom it fails: the reason is stored and shown, and the
    patient is not tried again until her records or the criteria change. So many failures that no patient can be the cause
    end the sweep with the error itself.
    """
    return _sweep(selectors.stale_patients(selectors.criteria_in_force().number), now, progress)


def recompute_all(*, now: datetime, progress: Callable[[int], None] | None = None) -> int:
    """Recompute every patient, stale or not, as `recompute_stale` does; how many there were."""
    return _sweep(Patient.objects.all(), now, progress)


def _sweep(patients: "QuerySet[Patient]", now: datetime, progress: Callable[[int], None] | None) -> int:
    done, after, failed = 0, 0, 0
    while True:
        batch = list(
            patients.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:PATIENTS_PER_EVALUATION]
        )
        if not batch:
            return done
        failed += recompute_or_note_failure(batch, now, failed)
        done, after = done + len(batch), batch[-1]
        if progress:
            progress(len(batch))


def recompute_with_those_waiting(patient_ids: Collection[int], now: datetime) -> None:
    """Recompute those of these patients who are stale, and whoever else's records just changed; nobody if none is stale.

    Thirty patients take little longer than one, so many saves at once are worked off together.
    """
    criteria_version = selectors.criteria_in_force().number
    mine = selectors.stale_patients(criteria_version).filter(among("pk", patient_ids))
    if stale := set(mine.values_list("pk", flat=True)):
        recompute_or_note_failure(sorted(stale.union(selectors.just_changed(criteria_version, TAKEN_ALONG))), now)


def recompute_or_note_failure(patient_ids: list[int], now: datetime, failed_before: int = 0) -> int:
    """Recompute these patients, all but those at whom it fails; how many of them failed."""
    criteria_version, versions = selectors.criteria_in_force().number, selectors.record_versions(patient_ids)
    try:
        recompute_patients(patient_ids, now=now)
        return 0
    except (DatabaseError, SoftTimeLimitExceeded):
        raise  # the database is away or refuses, or the time is up: no patient's fault
    except Exception as error:
        if len(patient_ids) > 1:
            middle = len(patient_ids) // 2
            failed = recompute_or_note_failure(patient_ids[:middle], now, failed_before)
            return failed + recompute_or_note_failure(patient_ids[middle:], now, failed_before + failed)
        if failed_before >= MOST_FAILURES:
            raise
        reason = f"{type(error).__name__}: {error}"
        # The message may quote a record, which no log may hold; it stands on her page.
        logger.error("Outcomes of patient id %s could not be computed: %s", patient_ids[0], type(error).__name__)
        _note_failure(versions, criteria_version, reason, now)
        return 1


@transaction.atomic
def _note_failure(versions: dict[int, int], criteria_version: int, reason: str, now: datetime) -> None:
    from clinic.outcomes import stored

    older = _lock_older_states(versions, criteria_version)
    stored.delete_outcomes(older)
    _mark_computed({pk: versions[pk] for pk in older}, criteria_version, now, failed_reason=reason)


@transaction.atomic
def adopt_criteria(
    *, actor: Any, criteria: Criteria, reason: str, now: datetime, version_seen: int | None = None
) -> CriteriaVersion:
    """Put other criteria in force as the next version; every stored outcome is stale from then on.

    `version_seen` is the number of the version that the editor changed (None: whichever is in force). Raises
    StaleEditError when somebody adopted others meanwhile, ValidationError without a reason, when the values cannot be
    used and when they are those in force.
    """
    reason = require_reason(reason)
    if problems := criteria.problems():
        raise ValidationError({"criteria": problems})
    SummaryState.objects.select_for_update().get()  # one adoption at a time
    in_force = selectors.criteria_in_force()
    if version_seen not in (None, in_force.number):
        raise StaleEditError(in_force)
    if criteria == in_force.criteria():
        raise ValidationError("These are the criteria in force. Nothing was changed.")
    version = CriteriaVersion.objects.create(
        number=in_force.number + 1,
        preset=criteria.preset,
        values=criteria.as_dict(),
        reason=reason,
        adopted_at=now,
        adopted_by=actor,
    )
    SummaryState.objects.update(dirty=True)
    record_event(actor, "adopt criteria", record=version, detail={"number": version.number, "reason": reason})
    return version


def refresh_summary(criteria_version: int, *, now: datetime) -> bool:
    """Publish the clinic's figures for every window from the stored rows of this version; whether it did.

    Publishes only if every patient was computed under this version and none beyond it, before and after the rows are read;
    until then the last summary stays, under its own version. Whoever's records changed since is in it as she was, and her
    change stays pending: while saves go on there is always one. Single-flight, and no lock is held while reading: `dirty`
    is cleared first, so that a recompute in between makes it dirty again. One that takes so long that another begins
    publishes all the same, but never after that one.
    """
    if not _claim_refresh(now):
        return False
    with in_clinic_time():
        as_of, published = timezone.localdate(now), False
    try:
        stood, counted = selectors.latest_summary_id(), selectors.computed_changes(criteria_version)
        if selectors.is_settled(criteria_version):
            summary, extract = _summary(criteria_version, as_of, now)
            published = selectors.is_settled(criteria_version) and _publish(summary, extract, counted, stood)
    finally:
        left_dirty = {} if published else {"dirty": True}
        SummaryState.objects.filter(refreshing_since=now).update(refreshing_since=None, **left_dirty)
    return published


@transaction.atomic
def _publish(summary: ClinicSummary, extract: ClinicExtract, counted: list[int], stood: int) -> bool:
    """Save the summary with its extract and take away the changes it counts; whether it did.

    Not if meanwhile, since the one with id `stood`, one was published that was begun later.
    """
    SummaryState.objects.select_for_update().get()  # one at a time
    if ClinicSummary.objects.filter(pk__gt=stood, computed_at__gt=summary.computed_at).exists():
        return False
    summary.save()
    ClinicExtract.objects.all().delete()
    extract.summary = summary
    extract.save()
    ClinicSummary.objects.filter(pk__lt=summary.pk, charts__isnull=False).update(charts=None, details=None)
    RecordChange.objects.filter(among("pk", counted)).delete()
    return True


def _summary(criteria_version: int, as_of: date, now: datetime) -> tuple[ClinicSummary, ClinicExtract]:
    """The clinic as the stored rows of this version show it, and what that rests on; not yet saved."""
    from clinic.outcomes import extract
    from clinic.outcomes.charts.all import clinic_charts, clinic_details
    from clinic.outcomes.clinic_records import clinic_of
    from clinic.outcomes.figures import window_figures

    evaluation = selectors.stored_evaluation(criteria_version, as_of)
    figures = {window: window_figures(evaluation, window) for window in evaluation.windows}
    criteria = selectors.criteria_of(criteria_version)
    clinic = clinic_of(evaluation, criteria, as_of)
    charts, details = (draw(clinic, tuple(evaluation.windows)) for draw in (clinic_charts, clinic_details))
    charts["format"] = ClinicSummary.CHARTS_FORMAT
    charts["failed"] = selectors.failed_patients()
    summary = ClinicSummary(
        criteria_version=criteria_version,
        as_of=as_of,
        computed_at=now,
        figures=figures,
        charts=charts,
        details=details,
    )
    return summary, ClinicExtract(computed_at=now, format=extract.FORMAT, packed=extract.pack(clinic))


def bring_up_to_date(*, now: datetime) -> int:
    """Before outcomes are shown: work off a few stale patients, and publish the summary if it no longer holds.

    Returns how many are stale still (see `selectors.some_stale`). A large clinic takes seconds to add up, so there its
    summary stands for a while. Whatever fails is logged: the page then shows what was published last.
    """
    criteria_version = selectors.criteria_in_force().number
    stale = selectors.some_stale(criteria_version)
    try:
        if stale:
            recompute_or_note_failure(stale[:STALE_IN_A_PAGE], now, 0)
            stale = selectors.some_stale(criteria_version)
        if figures_are_wanted(now):
            refresh_summary(criteria_version, now=now)
    except Exception as error:  # whose message may quote a record
        logger.error(
            "The outcomes could not be brought up to date (%s); the last summary is shown", type(error).__name__
        )
    return len(stale)


def figures_are_wanted(now: datetime) -> bool:
    """Whether what is published no longer holds, nobody is about to replace it, and it has stood for long enough."""
    shown = ClinicSummary.objects.order_by("-pk").only("as_of", "computed_at", "criteria_version", "figures").first()
    if shown is not None and shown.as_of < timezone.localdate(now):
        SummaryState.objects.update(dirty=True)  # which follow-ups are due changes with the day
    settled = SummaryState.objects.filter(dirty=False, refreshing_since__isnull=True).exists()
    return not settled and selectors.open_run() is None and not _stands_for_now(shown, now)


def _stands_for_now(shown: ClinicSummary | None, now: datetime) -> bool:
    if shown is None or now - shown.computed_at >= SUMMARY_OF_MANY_STANDS_FOR:
        return False
    if shown.criteria_version != selectors.criteria_in_force().number:
        return False
    return bool(shown.figures[LAST]["patients"] > PATIENTS_ADDED_UP_AT_ONCE)


def _claim_refresh(now: datetime) -> bool:
    free = Q(refreshing_since__isnull=True, dirty=True) | Q(refreshing_since__lt=now - REFRESH_GIVEN_UP_AFTER)
    return bool(SummaryState.objects.filter(free).update(dirty=False, refreshing_since=now))
