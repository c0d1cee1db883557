"""The Celery app that workers and beat start from: `celery --app clinic.celery worker`. Its settings: clinic/settings.py."""

import os
from typing import Any

from celery import Celery
from celery.signals import celeryd_init, worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
app = Celery("tidemark")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

#: What makes a publisher give up; a worker that waits for work would take its own waiting for a failure.
_IMPATIENT = {"socket_timeout", "max_retries", "interval_start", "interval_step", "interval_max"}


@celeryd_init.connect
def wait_for_work(conf: Any, **_signal: Any) -> None:
    """A worker waits for the broker as long as it takes, and looks every few seconds whether it is still there."""
    options = {name: value for name, value in conf.broker_transport_options.items() if name not in _IMPATIENT}
    conf.broker_transport_options = {**options, "socket_connect_timeout": 5, "health_check_interval": 5}


@worker_init.connect
def import_before_the_first_task(**_signal: Any) -> None:
    """pandas and scipy take a second to import: once in the parent, whose children share them, and not in a task."""
    from clinic.outcomes import charts, figures, response, stored  # noqa: F401
