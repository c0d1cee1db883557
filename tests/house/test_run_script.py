"""`make run` and the commands of the containers: scripts/run.py, for real."""

import os
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from http.client import HTTPConnection
from importlib import import_module
from pathlib import Path
from types import ModuleType
from urllib.error import URLError
from urllib.request import urlopen

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
OURS = {"ALLOWED_HOSTS", "BEHIND_TLS_PROXY", "BIND", "CELERY_BROKER_URL", "DATABASE_URL", "DEBUG", "PLAIN_HTTP", "PORT"}
OURS |= {"SECRET_KEY", "STATIC_ROOT", "WEB_THREADS", "WEB_WORKERS", "WORKER_PROCESSES"}
#: Waits that only a hanging process reaches.
TOO_LONG = 60
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    monkeypatch.syspath_prepend(ROOT / "scripts")
    yield import_module("run")
    for name in ("run", "local_port"):
        sys.modules.pop(name)


@pytest.fixture
def start() -> Iterator[Start]:
    """Start Python with these arguments and settings alone; whatever still runs after the test is killed."""
    started = []

    def begin(*arguments: str, **settings: str) -> "subprocess.Popen[str]":
        environment = {name: value for name, value in os.environ.items() if name not in OURS} | settings
        pipe = subprocess.PIPE
        process = subprocess.Popen(
            [sys.executable, *arguments], cwd=ROOT, env=environment, stdout=pipe, stderr=pipe, text=True
        )
        started.append(process)
        return process

    yield begin
    for process in started:
        for pid in family(process.pid) if process.poll() is None else []:
            os.kill(pid, signal.SIGKILL)
        process.communicate()


def running() -> dict[int, int]:
    """Every process that runs, with the one that started it. One that has ended and is only not yet fetched does not count."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid=,stat="], capture_output=True, text=True, check=True).stdout
    rows = [line.split() for line in listed.splitlines()]
    return {int(pid): int(parent) for pid, parent, state in rows if not state.startswith("Z")}


def family(pid: int) -> list[int]:
    """This process and everything it started, however deep."""
    parents = running()
    found = [pid]
    for member in found:
        found += [child for child, parent in parents.items() if parent == member]
    return found


def left(pids: list[int]) -> set[int]:
    """Those that still run, at the latest a few seconds after they were killed."""
    until = time.monotonic() + 5
    while (still := running().keys() & pids) and time.monotonic() < until:
        time.sleep(0.1)
    return still


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def migrated(folder: Path) -> str:
    """The address of a database with every table."""
    url = f"sqlite:///{folder}/tidemark.db"
    environment = os.environ | {"DATABASE_URL": url}
    subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity", "0"], cwd=ROOT, env=environment, check=True)
    return url


def answer(address: str, process: "subprocess.Popen[str]") -> int:
    """The status of this page, as soon as anybody listens."""
    until = time.monotonic() + TOO_LONG
    while time.monotonic() < until and process.poll() is None:
        try:
            with urlopen(address, timeout=TOO_LONG) as page:  # noqa: S310 - our own address
                return int(page.status)
        except URLError:
            time.sleep(0.1)
    raise AssertionError(f"nobody answers: {process.communicate()}")


def test_the_three_processes_and_their_settings(run: ModuleType) -> None:
    plain = run.commands({"PORT": "8765"})
    assert list(plain) == ["web", "worker", "beat"]
    assert {"clinic.wsgi", "--bind=127.0.0.1:8765", "--workers=1", "--threads=8"} <= set(plain["web"])
    assert shlex.join(plain["worker"][1:]).startswith("-m celery --app clinic.celery worker --concurrency 2 ")
    assert shlex.join(plain["beat"][1:]) == "-m celery --app clinic.celery beat --loglevel INFO --pidfile="
    given = run.commands(
        {"BIND": "0.0.0.0:8000", "PORT": "1", "WEB_WORKERS": "4", "WEB_THREADS": "2", "WORKER_PROCESSES": "6"}
    )
    assert {"--bind=0.0.0.0:8000", "--workers=4", "--threads=2"} <= set(given["web"])
    assert given["worker"][given["worker"].index("--concurrency") + 1] == "6"
    assert run.commands({"BIND": "", "PORT": "", "WEB_WORKERS": "", "WORKER_PROCESSES": ""}) == run.commands({})


@pytest.mark.parametrize(
    ("given", "debug", "key"),
    [
        ({}, "1", "made"),
        ({"SECRET_KEY": ""}, "1", "made"),
        ({"DEBUG": "1"}, "1", "made"),
        ({"DEBUG": "0"}, "0", None),
        ({"SECRET_KEY": "theirs"}, None, "theirs"),
        ({"SECRET_KEY": "theirs", "DEBUG": "1"}, "1", "theirs"),
    ],
)
def test_debugging_is_on_only_where_nothing_says_otherwise(
    run: ModuleType, given: dict[str, str], debug: str | None, key: str | None
) -> None:
    settings = run.developers({**given, "BIND": "0.0.0.0:80"}, 8765)
    assert settings.get("DEBUG") == debug
    made = settings.get("SECRET_KEY")
    assert len(made) > 50 if key == "made" else made == key
    assert settings["BIND"] == "127.0.0.1:8765", "never for another machine"


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "DATABASE_URL is not set. Set it to sqlite:////"),
        ({"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}, "The database failed: "),
        (
            {"DATABASE_URL": "sqlite://:memory:"},
            "The database lacks tables of this version. Run: .venv/bin/python manage.py",
        ),
        (
            {"DATABASE_URL": "sqlite://:memory:", "PORT": "80"},
            "PORT is '80': choose a number from 1024 to 65535, such as make run",
        ),
    ],
)
def test_what_stands_in_the_way_is_one_line(start: Start, settings: dict[str, str], said: str) -> None:
    process = start("scripts/run.py", **{"PORT": str(free_port())} | settings)
    out, error = process.communicate(timeout=TOO_LONG)
    assert (process.returncode, out, len(error.splitlines())) == (1, "", 1)
    assert error.startswith(said)


def test_a_process_that_does_not_exist_is_one_line(start: Start) -> None:
    process = start("scripts/run.py", "flower")
    assert process.communicate(timeout=TOO_LONG)[1] == "There is no process 'flower'. Choose from web, worker, beat.\n"
    assert process.returncode == 1


def test_it_serves_without_a_broker_and_stops_when_asked(start: Start, tmp_path: Path) -> None:
    port = free_port()
    process = start("scripts/run.py", DATABASE_URL=migrated(tmp_path), PORT=str(port))
    assert answer(f"http://127.0.0.1:{port}/account/sign-in/", process) == 200
    everyone = family(process.pid)
    assert len(everyone) >= 3, "itself, the web server and its worker"
    process.send_signal(signal.SIGTERM)
    out, error = process.communicate(timeout=20)
    assert (process.returncode, error) == (0, "")
    assert out.startswith("CELERY_BROKER_URL is not set: outcomes are computed within the web server")
    assert {line.partition("|")[0] for line in out.splitlines()[2:]} == {"web    "}
    assert not left(everyone)


def test_it_becomes_the_web_server(start: Start, tmp_path: Path) -> None:
    """A container's signals reach the server itself, and its exit code is the server's."""
    port = free_port()
    settings = {"DATABASE_URL": migrated(tmp_path), "SECRET_KEY": "k" * 60, "ALLOWED_HOSTS": "127.0.0.1"}
    process = start("scripts/run.py", "web", BIND=f"127.0.0.1:{port}", **settings)
    assert answer(f"http://127.0.0.1:{port}/readyz", process) == 200
    told = subprocess.run(["ps", "-o", "args=", "-p", str(process.pid)], capture_output=True, text=True, check=True)
    assert "-m gunicorn clinic.wsgi" in told.stdout
    with closing(HTTPConnection("127.0.0.1", port, timeout=TOO_LONG)) as client:
        client.request("GET", "/account/sign-in/", headers={"X-Forwarded-Proto": "https"})
        assert client.getresponse().status == 301, "no proxy was spoken of, so nobody is believed to come over TLS"
    process.terminate()
    assert process.wait(timeout=20) == 0


def supervised(**scripts: str) -> str:
    """A program that runs these Python scripts together, with a second's grace."""
    table = {name: [sys.executable, "-c", script] for name, script in scripts.items()}
    program = "import os, sys; sys.path.insert(0, 'scripts'); import run; run.GRACE_SECONDS = 1;"
    return f"{program} sys.exit(run.supervise({table!r}, os.environ))"


@pytest.mark.parametrize(
    ("last_words", "how"),
    [("sys.exit(3)", "ended with exit code 3"), ("os.kill(os.getpid(), 9)", "was ended by SIGKILL")],
)
def test_when_one_ends_the_others_are_stopped_and_it_is_named(start: Start, last_words: str, how: str) -> None:
    process = start(
        "-c",
        supervised(
            web="import time; print('here', flush=True); time.sleep(600)",
            worker=f"import os, sys, time; time.sleep(1); {last_words}",
        ),
    )
    out, error = process.communicate(timeout=TOO_LONG)
    assert (process.returncode, out) == (1, "web    | here\n")
    assert error == f"worker {how}; everything is stopped.\n"


def test_one_that_does_not_listen_is_killed_with_what_it_started(start: Start) -> None:
    deaf = "import signal, subprocess, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    deaf += "subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']);"
    deaf += "print('ready', flush=True); time.sleep(600)"
    process = start("-c", supervised(web=deaf))
    assert process.stdout
    assert process.stdout.readline() == "web    | ready\n"
    everyone = family(process.pid)
    assert len(everyone) == 3
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=20) == 0
    assert not left(everyone)
