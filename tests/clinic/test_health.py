"""What machines ask without signing in: that the process lives, and whether it can serve, in time also while things are away."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
import tomllib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from builders import make_user
from django.conf import LazySettings
from django.db import OperationalError, connection, connections
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.test.utils import CaptureQueriesContext
from processes.servers import free_port, wait_until

from clinic import database, release
from clinic.outcomes import workers
from clinic.policy import Role

ROOT = Path(__file__).resolve().parent.parent.parent
#: Asks both of a process whose database is away; prints status, answer and seconds of each.
ASKED = """
import json, time
import django; django.setup()
from django.test import Client
for where in ("/healthz", "/readyz", "/readyz"):
    began = time.perf_counter()
    answer = Client(raise_request_exception=False).get(where, headers={"host": "localhost"})
    print(json.dumps([answer.status_code, answer.content.decode(), time.perf_counter() - began]))
"""


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A port that takes connections and says nothing, as a frozen server does."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        yield server.getsockname()[1]


@pytest.fixture(autouse=True)
def _tables_are_looked_up_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_has_tables", False)
    monkeypatch.setattr(database, "ANSWER_SECONDS", 10)  # a busy machine is no database that is away


def without_database(url: str) -> list[tuple[int, str, float]]:
    environment = {**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "clinic.settings", "DEBUG": "1"}
    environment.pop("CELERY_BROKER_URL", None)
    done = subprocess.run(
        [sys.executable, "-c", ASKED],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert "password-word" not in done.stdout + done.stderr
    return [tuple(json.loads(line)) for line in done.stdout.splitlines()]  # type: ignore[misc]


class TestAlive:
    def test_it_says_ok_to_anybody_and_asks_nothing(self, client: Client) -> None:
        """No fixture opens the database here: a query would fail the test."""
        answer = client.get("/healthz")
        assert (answer.status_code, answer.content, answer["Content-Type"]) == (200, b"ok", "text/plain")
        assert answer["Cache-Control"] == "no-store"
        assert not answer.cookies

    def test_head_is_answered_too(self, client: Client) -> None:
        answer = client.head("/healthz")
        assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.django_db
class TestReady:
    def test_it_is_ready(self, client: Client) -> None:
        answer = client.get("/readyz")
        assert (answer.status_code, answer.json()) == (200, {"ready": True})
        assert answer["Cache-Control"] == "no-store"
        assert not answer.cookies

    def test_no_query_is_made_on_the_connection_of_the_pages(self, client: Client) -> None:
        with CaptureQueriesContext(connection) as made:
            client.get("/readyz")
            client.get("/healthz")
        assert len(made) == 0

    def test_a_migration_that_is_missing(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        applied = MigrationRecorder.applied_migrations
        found: list[int] = []

        def all_but_one(recorder: MigrationRecorder) -> dict[Any, Any]:
            known = applied(recorder)
            found.append(len(known))
            return {name: row for name, row in known.items() if name != ("clinic", "0002_user_version")}

        monkeypatch.setattr(MigrationRecorder, "applied_migrations", all_but_one)
        answer = client.get("/readyz")
        said = "The database lacks tables of this release: run manage.py migrate."
        assert (answer.status_code, answer.json()) == (503, {"ready": False, "why": said})
        monkeypatch.setattr(MigrationRecorder, "applied_migrations", applied)
        assert client.get("/readyz").status_code == 200, "it is looked up again until it is true"

    def test_migrations_are_looked_up_until_they_are_there(
        self, client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert client.get("/readyz").status_code == 200
        monkeypatch.setattr(MigrationRecorder, "applied_migrations", lambda _: pytest.fail("looked up again"))
        assert client.get("/readyz").status_code == 200

    def test_a_database_that_went_away_and_came_back(self, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(*_arguments: Any) -> None:
            raise OperationalError("connection to server at db.example failed: no password-word")

        with monkeypatch.context() as away:
            away.setattr(type(connections["default"]), "get_new_connection", refuse)
            answer = client.get("/readyz")
        assert (answer.status_code, answer.json()) == (503, {"ready": False, "why": "The database does not answer."})
        assert client.get("/readyz").status_code == 200

    def test_questions_at_once_are_all_answered(self) -> None:
        said: list[str] = []
        asking = [threading.Thread(target=lambda: said.append(database.trouble())) for _ in range(8)]
        for thread in asking:
            thread.start()
        for thread in asking:
            thread.join()
        assert said == [""] * 8

    def test_while_one_question_hangs_others_get_an_answer_and_no_thread_of_their_own(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        thawed = threading.Event()
        connect = type(connections["default"]).get_new_connection

        def frozen(*arguments: Any) -> Any:
            thawed.wait(20)
            return connect(*arguments)

        def asking() -> int:
            return sum(thread.name == "asks the database" for thread in threading.enumerate())

        wait_until(lambda: not asking(), "earlier questions to end")
        monkeypatch.setattr(database, "ANSWER_SECONDS", 0.1)
        monkeypatch.setattr(type(connections["default"]), "get_new_connection", frozen)
        try:
            assert [database.trouble() for _ in range(3)] == [database.NO_ANSWER] * 3
            assert asking() == 1
        finally:
            thawed.set()
        wait_until(lambda: not asking(), "the question to end")
        monkeypatch.setattr(database, "ANSWER_SECONDS", 10)
        assert database.trouble() == ""

    def test_without_the_broker_it_is_ready_and_says_so(
        self, client: Client, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        settings.CELERY_BROKER_URL = "redis://nowhere"
        monkeypatch.setattr(workers, "waiting", lambda: None)
        answer = client.get("/readyz")
        assert (answer.status_code, answer.json()) == (200, {"ready": True, "broker": "does not answer"})
        monkeypatch.setattr(workers, "waiting", lambda: {"changes": 3})
        assert client.get("/readyz").json() == {"ready": True}

    def test_a_frozen_broker_costs_less_than_a_second(
        self, client: Client, settings: LazySettings, silent_port: int
    ) -> None:
        settings.CELERY_BROKER_URL = f"redis://127.0.0.1:{silent_port}/0"
        workers.waiting()  # loads the transport
        client.get("/readyz")
        began = time.perf_counter()
        assert client.get("/readyz").json() == {"ready": True, "broker": "does not answer"}
        assert time.perf_counter() - began < 1

    @pytest.mark.parametrize("where", ["/healthz", "/readyz"])
    def test_over_plain_http_from_inside_the_house(self, client: Client, settings: LazySettings, where: str) -> None:
        settings.SECURE_SSL_REDIRECT = True
        assert client.get(where).status_code == 200
        for other in (f"{where}/", f"/x{where}", "/"):
            assert client.get(other)["Location"].startswith("https://")

    def test_somebody_signed_in_gets_the_same(self, client: Client) -> None:
        client.force_login(make_user(Role.INTAKE))
        assert client.get("/healthz").content == b"ok"
        assert client.get("/readyz").json() == {"ready": True}


class TestDatabaseAway:
    def test_frozen(self, silent_port: int) -> None:
        self.look(without_database(f"postgresql://tidemark:password-word@127.0.0.1:{silent_port}/tidemark"))

    def test_gone(self) -> None:
        self.look(without_database(f"postgresql://tidemark:password-word@127.0.0.1:{free_port()}/tidemark"))

    def test_no_file(self, tmp_path: Path) -> None:
        self.look(without_database(f"sqlite:///{tmp_path}/none/tidemark.db"))

    def look(self, said: list[tuple[int, str, float]]) -> None:
        alive, *ready = said
        assert alive[:2] == (200, "ok")
        assert len(ready) == 2
        for status, text, _ in ready:
            assert (status, json.loads(text)) == (503, {"ready": False, "why": "The database does not answer."})
        assert max(seconds for _, _, seconds in ready) < 2.5

    def test_without_tables(self, tmp_path: Path) -> None:
        alive, *ready = without_database(f"sqlite:///{tmp_path}/empty.db")
        assert alive[:2] == (200, "ok")
        for status, text, _ in ready:
            assert (status, json.loads(text)["why"]) == (503, database.NO_TABLES)


def test_the_release_is_that_of_the_project() -> None:
    assert tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"] == release.VERSION
