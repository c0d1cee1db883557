"""Is everything counted, and if not, why: what is pending, the queues, sweep and runs, who failed, which versions.

Nothing here grows with the clinic but what is asked while a run is open or other criteria wait for theirs.
"""

import platform
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

import celery
import django
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from clinic import database, release
from clinic.outcomes import selectors, workers
from clinic.outcomes.background import has_workers
from clinic.outcomes.models import ClinicSummary, CriteriaVersion, PatientOutcomeState, RecomputeRun, SummaryState
from clinic.outcomes.services import REFRESH_GIVEN_UP_AFTER
from clinic.pages.clinic_day import from_now
from clinic.web.templatetags.tidemark import clock, moment
from infusions.selectors import latest_limits
from patients.models import Patient, RecordChange

#: Patients shown who could not be computed.
FAILURES_SHOWN = 50


def counted(number: int) -> str:
    """What was counted no further than one beyond MOST_PENDING: "12", or "more than 1,000"."""
    most = selectors.MOST_PENDING
    return f"more than {most:,}" if number > most else f"{number:,}"


@dataclass(frozen=True)
class Moment:
    """A moment: as the clock says it (with the day, unless today), and how long ago."""

    at: datetime
    words: str
    ago: str


@dataclass(frozen=True)
class Pending:
    """What the published figures do not count: changes of records, and patients whose outcomes are older than their records.

    Both are counted up to one more than MOST_PENDING (`more`: there may be more patients). `since` is when the record
    changed that waits longest to be computed, `patient` whose it is, for those who may see patients.
    """

    changes: int
    patients: int
    more: bool
    since: Moment | None = None
    patient: str = ""

    @property
    def changes_words(self) -> str:
        """ "12", or "more than 1,000"."""
        return counted(self.changes)

    @property
    def patients_words(self) -> str:
        """ "12", or "at least 1,001"."""
        return f"{'at least ' if self.more else ''}{self.patients:,}"


@dataclass(frozen=True)
class Run:
    """A recompute of every patient: how far it is, or how long it took. `day` is the night's, if it is the nightly one."""

    began: Moment
    patients: int
    settings: int
    day: date | None
    done: int = 0
    took: str = ""

    @property
    def words(self) -> str:
        """How far it is: "40 %, 6,000 of 15,000"; 100 % only when nobody is left."""
        percent = 100 * self.done // self.patients if self.patients else 100
        return f"{percent} %, {self.done:,} of {self.patients:,}"


@dataclass(frozen=True)
class Failure:
    """A patient whose outcomes could not be computed. The reason may quote the record."""

    patient_id: int
    public_id: str
    name: str
    reason: str
    since: Moment | None


@dataclass(frozen=True)
class Figures:
    """The figures that are shown: of which day, added up when and under which settings; since when others are added up."""

    added_up: Moment
    as_of: date
    settings: int
    being_added_up: Moment | None


@dataclass(frozen=True)
class Operations:
    """The page. `queues` is None when the broker does not answer; without a broker there are neither queues nor sweeps."""

    has_broker: bool
    queues: dict[str, int] | None
    pending: Pending
    last_sweep: Moment | None
    sweep_is_late: bool
    nightly: Run | None
    open_run: Run | None
    failed: int
    failures: tuple[Failure, ...] | None
    figures: Figures | None
    in_force: int
    versions: tuple[tuple[str, str], ...]

    @property
    def failed_words(self) -> str:
        """ "12", or "more than 1,000"."""
        return counted(self.failed)

    @property
    def changes_by_itself(self) -> bool:
        """Whether the page is about to say something else."""
        outdated = self.figures is not None and self.figures.settings != self.in_force
        return bool(self.pending.changes or self.pending.patients or self.open_run or outdated)

    @property
    def patient_ids(self) -> list[int]:
        """Whose names the page shows."""
        return [failure.patient_id for failure in self.failures or ()]

    @property
    def key(self) -> str:
        """Stands for all that is shown, so that an open page can ask whether that still holds."""
        return sha256(repr(self).encode()).hexdigest()[:16]


def operations_now(now: datetime, *, with_patients: bool) -> Operations:
    """How things stand. Names and reasons only `with_patients`; without, no patient is loaded. Fourteen queries at most."""
    in_force, run, has_broker = selectors.criteria_in_force(), selectors.open_run(), has_workers()
    figures = _figures(now)
    swept = workers.last_sweep() if has_broker else None
    # Published figures were complete under their settings; whatever grew stale since has a change of its own.
    all_may_wait = run is not None or figures is None or figures.settings != in_force.number
    return Operations(
        has_broker=has_broker,
        queues=workers.waiting() if has_broker else {},
        pending=_pending(in_force.number, now, all_may_wait=all_may_wait, with_patients=with_patients),
        last_sweep=_moment(swept, now) if swept else None,
        sweep_is_late=has_broker and workers.sweep_is_late(swept, now),
        nightly=_nightly(now),
        open_run=_open_run(run, now) if run else None,
        failed=_failed().order_by()[: selectors.MOST_PENDING + 1].count(),
        failures=_failures(now) if with_patients else None,
        figures=figures,
        in_force=in_force.number,
        versions=_versions(in_force),
    )


def _moment(at: datetime, now: datetime) -> Moment:
    today = timezone.localdate(at) == timezone.localdate(now)
    return Moment(at, clock(at) if today else moment(at), from_now(at, now))


def _pending(criteria_version: int, now: datetime, *, all_may_wait: bool, with_patients: bool) -> Pending:
    most = selectors.MOST_PENDING + 1
    stale = selectors.stale_patients(criteria_version).filter(pk=OuterRef("patient_id"))
    changes = RecordChange.objects.filter(Exists(stale)).order_by("pk").values_list("patient_id", "changed_at")
    waiting = list(changes[:most])
    stale_ids = selectors.some_stale(criteria_version) if all_may_wait else {patient_id for patient_id, _ in waiting}
    oldest = waiting[0] if waiting else None
    shown = Patient.objects.filter(pk=oldest[0]).values_list("public_id", flat=True) if oldest else None
    return Pending(
        changes=selectors.pending_changes(),
        patients=len(stale_ids),
        more=max(len(waiting), len(stale_ids)) == most,
        since=_moment(oldest[1], now) if oldest else None,
        patient=shown.get() if with_patients and shown is not None else "",
    )


def _nightly(now: datetime) -> Run | None:
    run = RecomputeRun.objects.filter(nightly_on__isnull=False).order_by("-nightly_on").first()
    return _run(run, now, took=_took(run)) if run else None


def _open_run(run: RecomputeRun, now: datetime) -> Run:
    return _run(run, now, done=max(run.patients - selectors.not_reached(run).count(), 0))


def _run(run: RecomputeRun, now: datetime, *, done: int = 0, took: str = "") -> Run:
    return Run(_moment(run.started_at, now), run.patients, run.criteria_version, run.nightly_on, done, took)


def _took(run: RecomputeRun) -> str:
    """How long it took and for whom: "40 s for 1 patient", "3 min for 10,000 patients"; empty while it has not ended."""
    if run.ended_at is None:
        return ""
    seconds = round((run.ended_at - run.started_at).total_seconds())
    length = f"{seconds} s" if seconds < 120 else f"{round(seconds / 60)} min"
    return f"{length} for {run.patients:,} patient{'' if run.patients == 1 else 's'}"


def _failed() -> "QuerySet[PatientOutcomeState]":
    return PatientOutcomeState.objects.exclude(failed_reason="")


def _failures(now: datetime) -> tuple[Failure, ...]:
    states = _failed().select_related("patient").order_by("-computed_at", "patient_id")[:FAILURES_SHOWN]
    return tuple(
        Failure(
            patient_id=state.patient_id,
            public_id=state.patient.public_id,
            name=f"{state.patient.given_name} {state.patient.family_name}",
            reason=state.failed_reason,
            since=_moment(state.computed_at, now) if state.computed_at else None,
        )
        for state in states
    )


def _figures(now: datetime) -> Figures | None:
    summary = ClinicSummary.objects.order_by("-pk").only("as_of", "computed_at", "criteria_version").first()
    since = SummaryState.objects.values_list("refreshing_since", flat=True).first()
    running = since is not None and now - since < REFRESH_GIVEN_UP_AFTER
    if summary is None:
        return None
    return Figures(
        added_up=_moment(summary.computed_at, now),
        as_of=summary.as_of,
        settings=summary.criteria_version,
        being_added_up=_moment(since, now) if since is not None and running else None,
    )


def _versions(in_force: CriteriaVersion) -> tuple[tuple[str, str], ...]:
    limits = latest_limits().number
    return (
        ("Tidemark", release.VERSION),
        ("Python", platform.python_version()),
        ("Django", django.__version__),
        ("Celery", celery.__version__),
        ("Database", database.name_and_version()),
        (
            "Tables",
            "all migrations applied" if database.has_tables() else "migrations are missing: run manage.py migrate",
        ),
        ("Outcome criteria", f"{in_force.preset}, settings v{in_force.number}"),
        ("Clinical limits", f"version {limits}" if limits else "the defaults"),
    )
