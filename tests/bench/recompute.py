"""The whole recompute against merely reading the same rows, in turn, in a process that does nothing else."""

import os
import resource
import subprocess
import sys
from collections.abc import Callable
from time import perf_counter
from typing import Any

import django
from bench.figures import SEED, say
from bench.rig import PATIENTS, Rig
from processes.running import ROOT

ROUNDS = int(os.environ.get("ROUNDS", "5"))


def measure(rig: Rig) -> None:
    """On a PostgreSQL database of its own."""
    settings = {"DATABASE_URL": rig.database("recompute"), "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"}
    process = [sys.executable, "-m", "bench.recompute"]
    subprocess.run(process, cwd=ROOT, env={**os.environ, **settings, "CELERY_BROKER_URL": ""}, check=True)


def main() -> None:
    """Fill the database of DATABASE_URL and measure."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "clinic.settings"
    django.setup()
    from bench.large_clinic import make_large_clinic
    from django.core.management import call_command
    from django.db import connection
    from django.utils import timezone

    from clinic.outcomes import services
    from clinic.outcomes.models import CourseOutcome, WindowOutcome

    call_command("migrate", verbosity=0)
    counts = make_large_clinic(PATIENTS, SEED)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    services.recompute_all(now=timezone.now())
    _measure_in_turn()
    written = {"course outcomes": CourseOutcome.objects.count(), "window outcomes": WindowOutcome.objects.count()}
    print(f"  {counts} are there, {written} were written")
    say("summary of all windows from stored rows", [_seconds(_refresh_summary) for _ in range(ROUNDS)], "s")
    say("peak memory of a process that recomputes everybody", [_peak_mb()], "MB")


def _measure_in_turn() -> None:
    from django.utils import timezone

    from clinic.outcomes import selectors, services

    rows = _Rows()
    selectors.readings_of, selectors.courses_of = rows.of(selectors.readings_of), rows.of(selectors.courses_of)
    read, recompute, rows_read = [], [], []
    for _ in range(ROUNDS):
        read.append(_seconds(lambda: (selectors.readings_of(None), selectors.courses_of(None))))
        rows_read.append(rows.count_anew())
        recompute.append(_seconds(lambda: services.recompute_all(now=timezone.now())))
        rows_read.append(rows.count_anew())
    say("bare read", read, "s")
    say(f"recompute of {PATIENTS:,} patients", recompute, "s")
    if len(set(rows_read)) == 1:
        say("recompute / bare read", [one / other for one, other in zip(recompute, read, strict=True)], "×")
        print(f"  both read {rows_read[0]:,} rows", flush=True)
    else:
        print(f"  no ratio, as they read different numbers of rows: {sorted(set(rows_read))}", flush=True)


class _Rows:
    """How many rows were read of the records."""

    def __init__(self) -> None:
        self.count = 0

    def of(self, read: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def counted(patient_ids: Any) -> Any:
            frame = read(patient_ids)
            self.count += len(frame)
            return frame

        return counted

    def count_anew(self) -> int:
        """The rows read since this was asked last."""
        count, self.count = self.count, 0
        return count


def _refresh_summary() -> None:
    from django.utils import timezone

    from clinic.outcomes import services
    from clinic.outcomes.models import SummaryState

    SummaryState.objects.update(dirty=True)
    assert services.refresh_summary(1, now=timezone.now()), "the summary was not published"


def _peak_mb() -> float:
    """Resident memory of `recompute_outcomes --all` at its peak."""
    subprocess.run(
        [sys.executable, "manage.py", "recompute_outcomes", "--all"], cwd=ROOT, check=True, stdout=subprocess.DEVNULL
    )
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def _seconds(work: Callable[[], object]) -> float:
    begin = perf_counter()
    work()
    return perf_counter() - begin


if __name__ == "__main__":
    main()
