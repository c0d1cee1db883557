"""A clinic as it runs: web server, worker and beat as processes of their own, that tests kill and start again.

`with own_folder() as folder, OwnPostgres(folder / "pg") as postgres, OwnRedis(folder / "redis") as broker:` then
`with Clinic(folder, postgres.create("clinic"), broker.url) as clinic:` migrate, make_clinic, start_web …
"""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

import psycopg2
from processes.person import Answer, Person, fields_of
from processes.servers import ROOT, OwnPostgres, OwnRedis, Process, free_port, own_folder, running, tail, wait_until

__all__ = [
    "PASSWORD",
    "ROOT",
    "Answer",
    "Clinic",
    "OwnPostgres",
    "OwnRedis",
    "Person",
    "Process",
    "fields_of",
    "free_port",
    "own_folder",
    "running",
    "tail",
    "wait_until",
]

#: Of the four invented accounts (make_clinic --staff): intake@, clinician@, director@ and admin@tidemark.example.
PASSWORD = "kelp-lantern-wharf"
OURS = {"ALLOWED_HOSTS", "BEHIND_TLS_PROXY", "BIND", "CELERY_BROKER_URL", "CLINIC_TIME_ZONE", "DATABASE_URL", "DEBUG"}
OURS |= {"DJANGO_SETTINGS_MODULE", "PLAIN_HTTP", "PORT", "SECRET_KEY", "STATIC_ROOT", "SWEEP_SECONDS", "WEB_THREADS"}
OURS |= {"WEB_WORKERS", "WORKER_PROCESSES"}


def commands(settings: Mapping[str, str]) -> dict[str, list[str]]:
    """The processes as scripts/run.py starts them."""
    sys.path.insert(0, str(ROOT / "scripts"))
    try:
        import run
    finally:
        sys.path.remove(str(ROOT / "scripts"))
    return run.commands(settings)


class Clinic:
    """One database, one broker (None: none) and the processes on them; their logs lie in `folder`."""

    def __init__(self, folder: Path, database_url: str, broker_url: str | None, sweep_seconds: int = 3) -> None:
        self.folder, self.database_url, self.sweep_seconds = folder, database_url, sweep_seconds
        self.port, self.processes = free_port(), []  # type: ignore[var-annotated]
        folder.mkdir(exist_ok=True)
        self.environment = {name: value for name, value in os.environ.items() if name not in OURS} | {
            "ALLOWED_HOSTS": "127.0.0.1",
            "CELERY_BROKER_URL": broker_url or "",
            "CLINIC_TIME_ZONE": "America/New_York",
            "DATABASE_URL": database_url,
            "PLAIN_HTTP": "1",
            "PORT": str(self.port),
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")]),
            "PYTHONUNBUFFERED": "1",
            "SECRET_KEY": "of-a-clinic-that-lives-for-one-test-" * 2,
            "SWEEP_SECONDS": str(sweep_seconds),
            "TIDEMARK_DEMO_PASSWORD": PASSWORD,
            "WEB_THREADS": "8",
            "WEB_WORKERS": "1",
        }

    @property
    def base_url(self) -> str:
        """Where the web server is."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def logs(self) -> list[Path]:
        """What its processes wrote, in the order they were started first."""
        return list(dict.fromkeys(process.log for process in self.processes))

    def manage(self, *arguments: str, seconds: float = 120) -> str:
        """Run a management command to its end; what it printed. Raises AssertionError when it fails."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            timeout=seconds,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"manage.py {' '.join(arguments)}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
        return done.stdout

    def start_manage(self, *arguments: str) -> Process:
        """Start a management command and go on."""
        return self._start(arguments[0], [sys.executable, "manage.py", *arguments])

    def start_web(self, application: str = "clinic.wsgi") -> Process:
        """The web server, with one process of 8 threads unless the environment says otherwise; returns when it answers."""
        command = [application if part == "clinic.wsgi" else part for part in commands(self.environment)["web"]]
        process = self._start("web", command)
        wait_until(self._answers, "the web server answers", logs=[process.log])
        return process

    def start_worker(self, concurrency: int = 2, *, include: Sequence[str] = (), **settings: str) -> Process:
        """A worker with so many processes, which also imports the modules of `include`; returns when it is ready."""
        environment = self.environment | {"WORKER_PROCESSES": str(concurrency)} | settings
        command = [*commands(environment)["worker"], *(f"--include={module}" for module in include)]
        ready = self._said("worker", " ready.")
        process = self._start("worker", command, environment)
        wait_until(lambda: self._said("worker", " ready.") > ready, "the worker is ready", logs=[process.log])
        return process

    def start_beat(self) -> Process:
        """The clock of the sweeps; it asks for the first one at once."""
        return self._start("beat", commands(self.environment)["beat"])

    def person(self, name: str = "intake") -> Person:
        """One of the four accounts, signed in."""
        return Person(self.base_url, f"{name}@tidemark.example", PASSWORD)

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """What the database answers now, over a connection of its own; %s stands for a value, on SQLite too."""
        with closing(self._connect()) as connection:
            cursor = connection.cursor()
            cursor.execute(query if self.on_postgres else query.replace("%s", "?"), values)
            found = cursor.fetchall() if cursor.description else []
            connection.commit()
            return list(found)

    @property
    def on_postgres(self) -> bool:
        """Whether the database is PostgreSQL, else SQLite."""
        return self.database_url.startswith("postgres")

    def stop(self) -> None:
        """Kill everything that it started."""
        for process in reversed(self.processes):
            process.kill()

    def _start(self, name: str, command: Sequence[str], environment: Mapping[str, str] | None = None) -> Process:
        process = Process(name, command, self.folder / f"{name}.log", environment or self.environment)
        self.processes.append(process)
        return process

    def _connect(self) -> Any:
        if self.on_postgres:
            return psycopg2.connect(self.database_url, connect_timeout=5)
        return sqlite3.connect(urlsplit(self.database_url).path[1:], timeout=5)

    def _answers(self) -> bool:
        try:
            with urlopen(f"{self.base_url}/account/sign-in/", timeout=5) as page:  # noqa: S310 - http, see base_url
                return bool(page.status == 200)
        except OSError:
            return False

    def _said(self, name: str, words: str) -> int:
        log = self.folder / f"{name}.log"
        return log.read_text(errors="replace").count(words) if log.exists() else 0

    def __enter__(self) -> "Clinic":
        return self

    def __exit__(self, *_: Any) -> None:
        self.stop()
