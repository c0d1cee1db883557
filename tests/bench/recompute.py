"""The whole recompute against merely reading the same rows, on PostgreSQL: `make bench`.

Makes a database of its own beside the one DATABASE_URL names, fills it, measures both in turn and drops it.
"""

import os
import resource
import statistics
import subprocess
import sys
from collections.abc import Callable
from time import perf_counter
from urllib.parse import urlsplit, urlunsplit

import django

PATIENTS = int(os.environ.get("PATIENTS", "100000"))
SEED = int(os.environ.get("SEED", "1"))
ROUNDS = int(os.environ.get("ROUNDS", "5"))


def main() -> int:
    """Print one line per measurement; exit 1 when there is no PostgreSQL to measure on."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
    django.setup()
    from django.db import connection
    from django.test.utils import setup_databases, teardown_databases

    if connection.vendor != "postgresql":
        sys.stderr.write("Set DATABASE_URL to a PostgreSQL database: the bench makes one of its own beside it.\n")
        return 1
    made = setup_databases(verbosity=0, interactive=False, time_keeper=None)
    try:
        _measure()
    finally:
        teardown_databases(made, verbosity=0)
    return 0


def _measure() -> None:
    from bench.large_clinic import make_large_clinic
    from django.db import connection
    from django.utils import timezone

    from clinic.outcomes import selectors, services
    from clinic.outcomes.models import CourseOutcome, WindowOutcome

    counts = make_large_clinic(PATIENTS, SEED)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    services.recompute_all(now=timezone.now())
    read, recompute = [], []
    for _ in range(ROUNDS):
        read.append(_seconds(lambda: (selectors.readings_of(None), selectors.courses_of(None))))
        recompute.append(_seconds(lambda: services.recompute_all(now=timezone.now())))
    rows = {"course outcomes": CourseOutcome.objects.count(), "window outcomes": WindowOutcome.objects.count()}
    print(f"seed {SEED}, {counts} read; {rows} written")
    _print("read the same rows", read)
    _print("whole recompute", recompute)
    ratios = sorted(after / before for before, after in zip(read, recompute, strict=True))
    print(f"recompute / read: {ratios[0]:.2f} {statistics.median(ratios):.2f} {ratios[-1]:.2f} (min median max)")
    summary = _seconds(lambda: services.refresh_summary(1, now=timezone.now()))
    print(f"summary of all windows from stored rows: {summary:.2f} s")
    print(f"peak memory of a process that does nothing else: {_memory_mb(connection.settings_dict['NAME']):.0f} MB")


def _memory_mb(database: str) -> float:
    """Peak resident memory of the whole recompute in a process of its own."""
    address = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{database}")
    command = [sys.executable, "manage.py", "recompute_outcomes", "--all"]
    subprocess.run(
        command, env={**os.environ, "DATABASE_URL": urlunsplit(address)}, check=True, stdout=subprocess.DEVNULL
    )
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def _seconds(work: Callable[[], object]) -> float:
    begin = perf_counter()
    work()
    return perf_counter() - begin


def _print(name: str, seconds: list[float]) -> None:
    low, middle, high = min(seconds), statistics.median(seconds), max(seconds)
    print(f"{name}: n {len(seconds)}, min {low:.2f} s, median {middle:.2f} s, max {high:.2f} s")


if __name__ == "__main__":
    sys.exit(main())
