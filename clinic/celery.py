"""The Celery app that workers and beat start from: `celery --app clinic.celery worker`. Its settings: clinic/settings.py."""

import logging
import os
import traceback
from typing import Any

from celery import Celery
from celery.signals import celeryd_init, worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
app = Celery("tidemark")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

#: What makes a publisher give up; a worker that waits for work would take its own waiting for a failure.
_IMPATIENT = {"socket_timeout", "max_retries", "interval_start", "interval_step", "interval_max"}


class WithoutWords(logging.Filter):
    """Of an exception that ends a task the log keeps the kind and the place: its words may quote a record."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Lets every line through, mended."""
        if record.exc_info and isinstance(record.args, dict):
            kind, error, _ = record.exc_info
            raised_at = traceback.extract_tb(error.__traceback__)[-1:] if error else []
            places = [f"{frame.filename}:{frame.lineno}" for frame in raised_at]
            record.args = {**record.args, "exc": " at ".join([getattr(kind, "__name__", "an exception"), *places])}
            record.exc_info = None
        return True


logging.getLogger("celery.app.trace").addFilter(WithoutWords())


@celeryd_init.connect
def wait_for_work(conf: Any, **_signal: Any) -> None:
    """A worker waits for the broker as long as it takes, and looks every few seconds whether it is still there."""
    options = {name: value for name, value in conf.broker_transport_options.items() if name not in _IMPATIENT}
    conf.broker_transport_options = {**options, "socket_connect_timeout": 5, "health_check_interval": 5}


@worker_init.connect
def import_before_the_first_task(**_signal: Any) -> None:
    """Once in the parent, whose children share it."""
    from clinic.outcomes.background import load_what_computes

    load_what_computes()
