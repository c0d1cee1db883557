"""The workers as seen from outside: what waits for them, and whether they still sweep."""

from datetime import datetime, timedelta

from django.conf import settings
from kombu import Connection

from clinic.outcomes.models import SweepState

#: With none ended in the time of so many sweeps, the worker or beat is away.
SWEEPS_MISSED = 3


def waiting() -> dict[str, int] | None:
    """Queue -> messages that no worker has fetched yet; None when the broker does not answer.

    Never raises; a broker that is gone or frozen costs a third of a second, as its settings say.
    """
    options = {**settings.CELERY_BROKER_TRANSPORT_OPTIONS, "max_retries": 0}
    try:
        with Connection(settings.CELERY_BROKER_URL, transport_options=options) as broker:
            channel = broker.default_channel  # `broker.channel()` would try again, two seconds later
            return {
                queue.name: channel.queue_declare(queue.name).message_count for queue in settings.CELERY_TASK_QUEUES
            }
    except Exception:  # gone, frozen, full, another program's port …
        return None


def last_sweep() -> datetime | None:
    """When the last sweep ended; None when none has yet. One query."""
    return SweepState.objects.values_list("ended_at", flat=True).first()


def sweep_is_late(ended_at: datetime | None, now: datetime) -> bool:
    """Whether sweeps have been missed since the one that ended then."""
    return ended_at is None or now - ended_at > SWEEPS_MISSED * timedelta(seconds=settings.SWEEP_SECONDS)
