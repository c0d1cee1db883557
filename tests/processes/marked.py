"""Loaded into the workers of these tests alone (`celery worker --include=processes.marked`): stops and fails on demand.

All of it is said by files in the folder that MARKS names. A file `<point>.armed` stops the first process that gets to that
point; it renames the file to `<point>.reached` and goes on once that is gone. `poison` holds the id of a patient at whom
the evaluation raises, and the words with which it does.
"""

import functools
import os
import time
from pathlib import Path
from typing import Any

from celery.signals import worker_init

MARKS = Path(os.environ["MARKS"])
#: What is still stopped after this long was forgotten.
AT_MOST_SECONDS = 60.0


def stop_at(point: str) -> None:
    """Wait here if the point is armed and nobody else waits here."""
    reached = MARKS / f"{point}.reached"
    try:
        (MARKS / f"{point}.armed").rename(reached)
    except FileNotFoundError:
        return
    until = time.monotonic() + AT_MOST_SECONDS
    while reached.exists() and time.monotonic() < until:
        time.sleep(0.02)


def stopping(owner: Any, name: str, point: str) -> None:
    """Have this function stop before it begins."""
    function = getattr(owner, name)

    @functools.wraps(function)
    def stopped(*arguments: Any, **named: Any) -> Any:
        stop_at(point)
        return function(*arguments, **named)

    setattr(owner, name, stopped)


def refusing(evaluate: Any) -> Any:
    """`response.evaluate`, which raises when it meets the patient of the file `poison`."""

    @functools.wraps(evaluate)
    def evaluated(readings: Any, courses: Any, *rest: Any) -> Any:
        poison = MARKS / "poison"
        if poison.exists():
            patient_id, words = poison.read_text().split(maxsplit=1)
            if int(patient_id) in set(courses["patient_id"]):
                raise ValueError(words)
        return evaluate(readings, courses, *rest)

    return evaluated


@worker_init.connect
def load(**_signal: Any) -> None:
    """Before the children are forked, so that all of them have it."""
    from clinic.outcomes import response, services

    stopping(services, "_replace_outcomes", "computed")  # read and evaluated, nothing locked
    stopping(
        services, "_mark_computed", "inserted"
    )  # the old rows are deleted, the new ones inserted, nothing committed
    stopping(services, "_publish", "added up")  # all is computed, the figures are not published
    response.evaluate = refusing(response.evaluate)
