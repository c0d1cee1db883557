"""A made clinic from which everything is exported."""

from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.db import transaction
from django.test import override_settings
from opened import NOW, UNTIL

#: More than the eleven below which nothing leaves, with groups on both sides of that.
PATIENTS = 60
LASTING: dict[str, Any] = {
    "CLINIC_TIME_ZONE": "America/New_York",
    "TIME_ZONE": "America/New_York",
    "SECRET_KEY": "k" * 60,
    "SECRET_KEY_IS_SET": True,
}


@pytest.fixture(autouse=True)
def _new_york_in_2025(settings: Any) -> Iterator[None]:
    """Instead of the one that the other tests of transfer have: the day on which the clinic ends, and a lasting key."""
    for name, value in LASTING.items():
        setattr(settings, name, value)
    with time_machine.travel(NOW, tick=True):
        yield


@pytest.fixture(scope="class")
def clinic(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Made once for all tests of a class; undone after them."""
    with django_db_blocker.unblock(), override_settings(**LASTING), transaction.atomic():
        with time_machine.travel(NOW, tick=True):
            wanted = ("--patients", str(PATIENTS), "--seed", "5", "--until", str(UNTIL))
            call_command("make_clinic", *wanted, stdout=StringIO(), stderr=StringIO())
        yield
        transaction.set_rollback(True)
