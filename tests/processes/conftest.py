"""One PostgreSQL, one Redis and a clinic of 120 patients for the session; every test finds all of it running."""

import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser
from processes.open_room import chromium
from processes.running import Clinic, OwnPostgres, OwnRedis, own_folder, tail
from processes.whole import CANARY, SWEEP_SECONDS, WholeClinic


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: Any) -> Any:
    """A test that failed shows what the processes wrote."""
    report = yield
    for clinic in [one for one in getattr(item, "funcargs", {}).values() if isinstance(one, Clinic | WholeClinic)]:
        if report.failed:
            logs = clinic.logs if isinstance(clinic, Clinic) else clinic.clinic.logs
            report.sections.append(("processes", "\n".join(tail(log) for log in logs)))
    return report


@pytest.fixture(scope="session")
def folder() -> Iterator[Path]:
    if not (shutil.which("redis-server") and (shutil.which("initdb") or Path("/usr/lib/postgresql").exists())):
        pytest.fail("These tests start servers of their own: install the packages postgresql and redis-server")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # terminated, pytest stops its servers before it ends
    with own_folder() as path:
        yield path


@pytest.fixture(scope="session")
def postgres(folder: Path) -> Iterator[OwnPostgres]:
    with OwnPostgres(folder / "postgres") as server:
        yield server


@pytest.fixture(scope="session")
def migrated(folder: Path, postgres: OwnPostgres) -> str:
    """The name of a database with every table, to copy."""
    Clinic(folder / "migrated", postgres.create("migrated"), None).manage("migrate", "--verbosity=0")
    return "migrated"


@pytest.fixture(scope="session")
def standing(folder: Path, postgres: OwnPostgres, migrated: str) -> Iterator[WholeClinic]:
    with (
        OwnRedis(folder / "redis") as broker,
        Clinic(folder / "small", postgres.create("small", migrated), broker.url, SWEEP_SECONDS) as clinic,
    ):
        whole = WholeClinic(clinic, postgres, broker, folder / "marks")
        whole.begin()
        yield whole


@pytest.fixture
def whole(standing: WholeClinic) -> Iterator[WholeClinic]:
    standing.mend()
    yield standing
    for log in standing.clinic.logs:
        assert CANARY not in log.read_text(errors="replace"), f"patient data in {log.name}"


@pytest.fixture
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser
