"""`check_sweep`: what the health check of a container is told."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from io import StringIO

import pytest
import time_machine
from builders import NOW
from django.conf import LazySettings
from django.core.management import CommandError, call_command

from clinic.outcomes.models import SweepState

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture(autouse=True)
def _broker(settings: LazySettings) -> None:
    settings.CELERY_BROKER_URL = "redis://nowhere"


def check_sweep() -> str:
    out = StringIO()
    call_command("check_sweep", stdout=out)
    return out.getvalue()


@pytest.mark.parametrize(("seconds", "at"), [(0, "11:00"), (60, "10:59"), (180, "10:57")])
def test_a_sweep_of_late_is_well(seconds: int, at: str) -> None:
    SweepState.objects.create(ended_at=NOW - timedelta(seconds=seconds))
    assert check_sweep() == f"The last sweep ended 1 Jun 2026, {at}.\n"


@pytest.mark.parametrize(
    ("ended_at", "said"),
    [
        (NOW - timedelta(seconds=181), "since 1 Jun 2026, 10:56"),
        (NOW - timedelta(days=40), "since 22 Apr 2026, 11:00"),
        (None, "yet"),
    ],
)
def test_one_of_long_ago_is_not(ended_at: datetime | None, said: str) -> None:
    SweepState.objects.create(ended_at=ended_at)
    with pytest.raises(CommandError) as raised:
        check_sweep()
    assert str(raised.value) == (
        f"No sweep has ended {said}. See that worker and beat run, and that both reach broker and database."
    )
    assert raised.value.returncode == 1


def test_nobody_has_ever_swept() -> None:
    with pytest.raises(CommandError, match=r"No sweep has ended yet\."):
        check_sweep()


def test_three_sweeps_are_as_long_as_they_are_set(settings: LazySettings) -> None:
    SweepState.objects.create(ended_at=NOW - timedelta(seconds=7))
    assert check_sweep()
    settings.SWEEP_SECONDS = 2
    with pytest.raises(CommandError):
        check_sweep()


def test_one_that_is_at_work_but_never_ends_is_not_well() -> None:
    SweepState.objects.create(ended_at=NOW - timedelta(hours=1), claimed_until=NOW + timedelta(seconds=30))
    with pytest.raises(CommandError):
        check_sweep()


def test_without_a_broker_there_is_nothing_to_sweep(settings: LazySettings) -> None:
    settings.CELERY_BROKER_URL = ""
    assert check_sweep() == "No broker: nothing to sweep.\n"
