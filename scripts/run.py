"""Start Tidemark's processes: `make run` starts those that are needed and shows them in one terminal.

`run.py web`, `run.py worker` and `run.py beat` become that one process, which is what a container does.
Whatever stands in the way is said in one line, and the exit code is 1.
"""

import os
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO

from local_port import CannotServeError, port

ROOT = Path(__file__).resolve().parent.parent
#: What a process has, in seconds, to finish what it is doing before it is killed.
GRACE_SECONDS = 20
DATABASE_SECONDS = 30


def commands(settings: Mapping[str, str]) -> dict[str, list[str]]:
    """The three processes, the same on a developer's machine and in a container."""

    def setting(name: str, otherwise: str) -> str:
        return settings.get(name) or otherwise

    bind = setting("BIND", f"127.0.0.1:{setting('PORT', '8000')}")
    web = {
        "--bind": bind,
        "--workers": setting("WEB_WORKERS", "1"),
        "--threads": setting("WEB_THREADS", "8"),
        "--max-requests": "5000",  # whatever leaks is given back
        "--max-requests-jitter": "500",
        "--graceful-timeout": str(GRACE_SECONDS),
        "--forwarded-allow-ips": "",  # whether a proxy is believed is decided by BEHIND_TLS_PROXY alone
    }
    if os.path.isdir("/dev/shm"):  # noqa: S108 - heartbeats, which a slow disk must not hold up
        web["--worker-tmp-dir"] = "/dev/shm"  # noqa: S108
    gunicorn = [sys.executable, "-m", "gunicorn", "clinic.wsgi", "--no-control-socket"]
    celery = [sys.executable, "-m", "celery", "--app", "clinic.celery"]
    processes = setting("WORKER_PROCESSES", "2")
    return {
        "web": [*gunicorn, *(f"{option}={value}" for option, value in web.items())],
        "worker": [
            *[*celery, "worker", "--concurrency", processes, "--loglevel", "INFO"],
            *["--without-gossip", "--without-mingle", "--hostname", "worker@%h"],
        ],
        "beat": [*celery, "beat", "--loglevel", "INFO", "--pidfile="],
    }


def developers(given: Mapping[str, str], number: int) -> dict[str, str]:
    """Settings for a developer's machine: this machine alone, and without a SECRET_KEY plain HTTP and a passing key."""
    settings = {**given, "BIND": f"127.0.0.1:{number}", "PYTHONUNBUFFERED": "1"}
    if not settings.get("SECRET_KEY") and settings.setdefault("DEBUG", "1").strip().lower() in {"1", "true"}:
        settings["SECRET_KEY"] = secrets.token_urlsafe(64)
    return settings


def look_at_database(settings: Mapping[str, str]) -> None:
    """Raises CannotServeError when a setting is wrong, the database does not answer or lacks a migration."""
    check = [sys.executable, "manage.py", "migrate", "--check", "--verbosity", "0"]
    try:
        done = subprocess.run(
            check, cwd=ROOT, env=settings, capture_output=True, text=True, check=False, timeout=DATABASE_SECONDS
        )
    except subprocess.TimeoutExpired as error:
        raise CannotServeError(
            f"The database has not answered for {DATABASE_SECONDS} s. Check DATABASE_URL, and that it runs."
        ) from error
    if done.returncode:
        lines = done.stderr.strip().splitlines()[-2:]  # manage.py says what is wrong, then what to do
        said = " ".join(f"{line.rstrip('.')}." for line in lines)
        raise CannotServeError(
            said or "The database lacks tables of this version. Run: .venv/bin/python manage.py migrate"
        )


def start(name: str, command: list[str], settings: Mapping[str, str]) -> "subprocess.Popen[str]":
    """One process in a group of its own, so that Ctrl-C reaches it through us alone; its lines go on with its name."""
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=settings,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
    )
    assert process.stdout  # noqa: S101 - a pipe was asked for
    threading.Thread(target=pass_on, args=(name, process.stdout), daemon=True).start()
    return process


def pass_on(name: str, lines: IO[str]) -> None:
    """Each line whole, with the name in front."""
    for line in lines:
        sys.stdout.write(f"{name:<6} | {line.rstrip()}\n")
        sys.stdout.flush()


def stop(processes: "dict[str, subprocess.Popen[str]]") -> None:
    """Ask all to end, wait GRACE_SECONDS for them together, then kill what is left of each with all it started."""
    for process in processes.values():
        process.terminate()
    until = time.monotonic() + GRACE_SECONDS
    for process in processes.values():
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=max(0.0, until - time.monotonic()))
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def supervise(table: Mapping[str, list[str]], settings: Mapping[str, str]) -> int:
    """Run these until Ctrl-C, SIGTERM or SIGHUP (0), or until one ends by itself (1)."""
    asked_to_stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: asked_to_stop.set())
    processes: dict[str, subprocess.Popen[str]] = {}
    try:
        for name, command in table.items():
            processes[name] = start(name, command, settings)
        while not asked_to_stop.wait(0.2):
            for name, process in processes.items():
                if process.poll() is not None:
                    print(f"{name} {how_it_ended(process.returncode)}; everything is stopped.", file=sys.stderr)
                    return 1
        return 0
    finally:
        stop(processes)


def how_it_ended(code: int) -> str:
    """A return code in words; Popen gives a signal as a negative number."""
    return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"


def run_all() -> int:
    """Look whether everything is there, then serve: with a broker all three, without one the web server alone."""
    number = port("run")
    settings = developers(os.environ, number)
    look_at_database(settings)
    table = commands(settings)
    if not settings.get("CELERY_BROKER_URL"):
        table = {"web": table["web"]}
        print("CELERY_BROKER_URL is not set: outcomes are computed within the web server, without a worker.")
    print(f"Starting {', '.join(table)} for http://127.0.0.1:{number}. Ctrl-C stops.", flush=True)
    return supervise(table, settings)


def become(name: str) -> None:
    """Go on as this process. Raises CannotServeError when there is none of that name."""
    table = commands(os.environ)
    if name not in table:
        raise CannotServeError(f"There is no process {name!r}. Choose from {', '.join(table)}.")
    os.chdir(ROOT)
    os.execvp(table[name][0], table[name])  # noqa: S606 - no shell is meant


def main() -> int:
    """All processes for a developer, or the one that is named."""
    try:
        for name in sys.argv[1:2]:
            become(name)
        return run_all()
    except (CannotServeError, OSError) as reason:
        print(reason, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 1


if __name__ == "__main__":
    sys.exit(main())
