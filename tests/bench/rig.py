"""What is measured on: real processes on this machine's loopback, each clinic with a database and a broker of its own.

DATABASE_URL names the PostgreSQL, where databases are made and dropped; without one a cluster of its own is started.
"""

import copy
import http.client
import os
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from datetime import datetime
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from zoneinfo import ZoneInfo

import psycopg2
from bench.figures import SEED
from processes.running import PASSWORD, Answer, Clinic, OwnPostgres, OwnRedis, Person, own_folder
from psycopg2 import sql

PATIENTS, SMALL = int(os.environ.get("PATIENTS", "100000")), int(os.environ.get("SMALL", "1000"))
#: A connection idle for so long may have been closed by the server (gunicorn: 2 s).
IDLE_SECONDS = 1.0


class SteadyPerson(Person):
    """A person whose browser keeps its connection, as browsers do."""

    _connection: http.client.HTTPConnection | None = None
    _used_at = 0.0

    def alike(self) -> "SteadyPerson":
        """The same session over another connection."""
        other = copy.copy(self)
        other.cookies, other._connection = dict(self.cookies), None
        return other

    def _ask(self, method: str, path: str, body: str | None, headers: Mapping[str, str] | None) -> Answer:
        sent = {"Host": self.host, "Referer": f"http://{self.host}/", **(headers or {})}
        sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        connection = self._open()
        began = time.perf_counter()
        connection.request(method, path, body, sent)
        answer = connection.getresponse()
        text = answer.read().decode(errors="replace")
        self._used_at = time.perf_counter()
        self._keep_cookies(answer.headers.get_all("Set-Cookie") or [])
        return Answer(answer.status, self._used_at - began, text, answer.headers.get("Location", ""))

    def _open(self) -> http.client.HTTPConnection:
        if self._connection is None or time.perf_counter() - self._used_at > IDLE_SECONDS:
            if self._connection:
                self._connection.close()
            self._connection = http.client.HTTPConnection(self.host, timeout=60)
            self._connection.connect()
        return self._connection


class Rig:
    """Databases, a Redis and clinics; everything is stopped and dropped at the end."""

    def __init__(self) -> None:
        self._clinics: dict[str, Clinic] = {}
        self._given = os.environ.get("DATABASE_URL", "")
        self._own: OwnPostgres | None = None

    def __enter__(self) -> "Rig":
        with ExitStack() as stack:  # what was begun ends also when the rest cannot begin
            self.folder = stack.enter_context(own_folder())
            if not self._given.startswith("postgres"):
                self._own = stack.enter_context(OwnPostgres(self.folder / "postgres"))
            self.redis = stack.enter_context(OwnRedis(self.folder / "redis"))
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, where)

    def database(self, name: str) -> str:
        """The address of a new PostgreSQL database, dropped at the end."""
        if self._own:
            return self._own.create(name)
        name = f"tidemark_bench_{os.getpid()}_{name}"
        self._on_given("CREATE DATABASE {} TEMPLATE template0", name)
        self._stack.callback(self._on_given, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
        return urlunsplit(urlsplit(self._given)._replace(scheme="postgresql", path=f"/{name}"))

    def clinic(self, name: str, patients: int, *, embedded: bool = False) -> Clinic:
        """An invented clinic with its web server running, made when it is asked for first.

        With a broker of its own on PostgreSQL, or `embedded`: on SQLite, without one.
        """
        if name not in self._clinics:
            folder = self.folder / name
            url = f"sqlite:///{folder}/clinic.sqlite3" if embedded else self.database(name)
            broker = None if embedded else f"redis://127.0.0.1:{self.redis.port}/{len(self._clinics)}"
            clinic = self._stack.enter_context(Clinic(folder, url, broker, sweep_seconds=60))
            clinic.environment["DJANGO_SETTINGS_MODULE"] = "bench.settings"
            began = time.monotonic()
            clinic.manage("migrate", "--verbosity", "0")
            made = ("make_clinic", "--patients", str(patients), "--seed", str(SEED), "--detail", "core", "--staff")
            said = clinic.manage(*made, seconds=3600).strip()
            if not embedded:
                _vacuum(clinic)
            print(f"# clinic {name!r}: {said} Made in {time.monotonic() - began:.0f} s.", flush=True)
            clinic.start_web()
            self._clinics[name] = clinic
        return self._clinics[name]

    def _on_given(self, statement: str, name: str) -> None:
        server = urlunsplit(urlsplit(self._given)._replace(scheme="postgresql", path="/postgres"))
        with closing(psycopg2.connect(server, connect_timeout=5)) as connection, connection.cursor() as cursor:
            connection.autocommit = True
            cursor.execute(sql.SQL(statement).format(sql.Identifier(name)))


def signed_in(clinic: Clinic, name: str) -> SteadyPerson:
    """One of the four accounts with a connection that stays open."""
    return SteadyPerson(clinic.base_url, f"{name}@tidemark.example", PASSWORD)


def today(clinic: Clinic) -> str:
    """The clinic's day."""
    return datetime.now(ZoneInfo(clinic.environment["CLINIC_TIME_ZONE"])).date().isoformat()


def without_form_today(clinic: Clinic) -> Sequence[str]:
    """Public ids of patients who live and filled in no PCL-5 today, in a fixed order."""
    rows: list[Any] = clinic.rows(
        "SELECT public_id FROM patients_patient p WHERE died_on IS NULL AND NOT EXISTS (SELECT 1 FROM "
        "assessments_assessment a WHERE a.patient_id = p.id AND a.completed_on = %s) ORDER BY id",
        today(clinic),
    )
    return [public_id for (public_id,) in rows]


def _vacuum(clinic: Clinic) -> None:
    """So that statistics are those of a clinic that has been there for a day."""
    with closing(psycopg2.connect(clinic.database_url)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute("VACUUM ANALYZE")
