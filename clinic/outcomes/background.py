"""What is computed behind the pages: by workers where there is a broker, else in this process at once.

No page waits for a broker. When one does not take a message, this process leaves it alone for a while: what is stale
stands in the database, and the sweep works it off.
"""

import logging
import threading
import time
from collections.abc import Collection
from datetime import datetime
from functools import cache
from typing import Any

from celery import Task
from django.conf import settings

from clinic.outcomes import selectors, services, tasks

logger = logging.getLogger(__name__)

#: News of more patients than this waits for the sweep.
NEWS_AT_ONCE = 500
#: After a message that the broker did not take, this process sends none for so long.
SILENT_SECONDS = 30
#: A wish for new figures that nobody took up by then is dropped: whoever still looks will ask again.
WISH_EXPIRES_SECONDS = 10

_silent_until = 0.0


def load_what_computes() -> None:
    """Import what computes outcomes: pandas and scipy take a second, and that not in the first save or task."""
    import scipy.stats  # noqa: F401 - ranks; the slowest of all

    from clinic.outcomes import chosen, clinic_records, figures, response, stored  # noqa: F401
    from clinic.outcomes.charts import all as charts  # noqa: F401


@cache
def load_for_filters() -> None:
    """The same in a thread, once: who looks at the outcomes chooses patients next, and should not wait for an import."""
    threading.Thread(target=load_what_computes, daemon=True).start()


def has_workers() -> bool:
    """Whether outcomes are computed by workers, and not in this process."""
    return bool(settings.CELERY_BROKER_URL)


def recompute_changed(*, patient_ids: Collection[int], **_signal: Any) -> None:
    """Listener of `record_changed`: have these patients recomputed now; many are left to the sweep."""
    if len(patient_ids) <= NEWS_AT_ONCE:
        hand_over(tasks.recompute_patients, sorted(patient_ids))


def recompute_everybody() -> None:
    """Have every patient recomputed by the workers. Without workers the pages and `recompute_outcomes` do it bit by bit."""
    if has_workers():
        hand_over(tasks.recompute_all)


def bring_up_to_date(*, now: datetime) -> int:
    """Before outcomes are shown: have what is missing computed; how many changes the figures do not count yet.

    With workers nothing is computed here: the page is told what is pending and asks again.
    """
    if not has_workers():
        return max(services.bring_up_to_date(now=now), selectors.pending_changes())
    if services.figures_are_wanted(now):
        hand_over(tasks.refresh_summary, expires=WISH_EXPIRES_SECONDS)
    return selectors.pending_changes()


def hand_over(task: Task, *arguments: Any, **options: Any) -> bool:
    """Have a task done: by a worker, or here where there is none. Whether it was taken, or done; never raises."""
    global _silent_until  # noqa: PLW0603 - one for all threads of the process
    if time.monotonic() < _silent_until:
        return False
    try:
        task.apply_async(arguments, **options)
    except Exception as error:  # it is gone, frozen, full, read-only …: the record is saved all the same
        if not has_workers():
            logger.error("A task failed in this process (%s); what is stale is computed later", type(error).__name__)
            return False
        _silent_until = time.monotonic() + SILENT_SECONDS
        logger.warning("The broker took no message (%s); trying again in %s s", type(error).__name__, SILENT_SECONDS)
        return False
    return True
