"""A process in a group of its own, and a PostgreSQL and a Redis that a test may kill, freeze and restart.

Everything is signalled by the id of a process that was started here, and whatever is left is killed when Python ends.
"""

import atexit
import glob
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg2
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

ROOT = Path(__file__).resolve().parents[2]
#: A process that has not begun or ended after this long has failed.
SECONDS_TO_BEGIN, SECONDS_TO_END = 30.0, 20.0
TAIL_LINES = 40


@contextmanager
def own_folder() -> Iterator[Path]:
    """A short path that the user postgres may enter, too: sockets take no more than 107 characters."""
    with tempfile.TemporaryDirectory(prefix="tidemark-", ignore_cleanup_errors=True) as folder:
        os.chmod(folder, 0o755)  # noqa: S103
        yield Path(folder)


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def tail(log: Path) -> str:
    """The last lines of a log, under its name."""
    lines = log.read_text(errors="replace").splitlines()[-TAIL_LINES:] if log.exists() else []
    return "\n".join([f"--- {log.name}", *lines])


def wait_until(
    done: Callable[[], Any],
    what: str,
    seconds: float = SECONDS_TO_BEGIN,
    every: float = 0.05,
    logs: Sequence[Path] = (),
) -> Any:
    """The first true answer. Raises AssertionError with the tails of the logs when there is none in time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if answer := done():
            return answer
        time.sleep(every)
    raise AssertionError("\n".join([f"Not within {seconds:.1f} s: {what}", *(tail(log) for log in logs)]))


def running() -> dict[int, tuple[int, int]]:
    """Every process that runs, with its parent and its group. One that ended and is only not fetched yet does not count."""
    found = {}
    for path in glob.glob("/proc/[0-9]*/stat"):
        with suppress(OSError):
            state, parent, group = Path(path).read_text().rpartition(")")[2].split()[:3]
            if state != "Z":
                found[int(path.split("/")[2])] = (int(parent), int(group))
    return found


class Process:
    """A command in a process group of its own, that writes to a log file."""

    def __init__(
        self, name: str, command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        self.name, self.log = name, log
        with log.open("ab") as output:
            self.popen = subprocess.Popen(
                list(command),
                cwd=ROOT,
                env=dict(environment) if environment is not None else None,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.pid = self.popen.pid
        atexit.register(self.kill)

    def family(self) -> list[int]:
        """Ids of what runs of it: itself, its group, and children with groups of their own, as PostgreSQL has them."""
        everybody = running()
        return sorted(pid for pid, (parent, group) in everybody.items() if self.pid in {pid, parent, group})

    def is_running(self) -> bool:
        """Whether the process itself has not ended."""
        return self.popen.poll() is None

    def send(self, number: int) -> None:
        """A signal to the process itself."""
        if self.is_running():
            self.popen.send_signal(number)

    def kill(self) -> None:
        """kill -9 of the process and of everything in its group; returns when nothing of it runs."""
        atexit.unregister(self.kill)
        family = self.family()
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self.popen.wait(SECONDS_TO_END)
        wait_until(lambda: not set(family) & set(running()), f"{self.name} to be gone", SECONDS_TO_END)

    def terminate(self) -> None:
        """Ask it to end (SIGTERM), and return when nothing of it runs."""
        self.stop(signal.SIGTERM)

    def stop(self, number: int = signal.SIGTERM) -> None:
        """As `terminate`, with any signal; what has not ended in time is killed."""
        self.send(signal.SIGCONT)
        self.send(number)
        with suppress(subprocess.TimeoutExpired):
            self.popen.wait(SECONDS_TO_END)
        self.kill()


class OwnPostgres:
    """A PostgreSQL cluster of its own in `folder`, which survives a crash as one of a clinic does (fsync on)."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port, self.process = folder, free_port(), None
        self.data, self.log = folder / "data", folder / "postgres.log"
        folder.mkdir(exist_ok=True)
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        self._run(
            "initdb", "--pgdata", str(self.data), "--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-sync"
        )
        self.start()

    def url(self, database: str) -> str:
        """The address of a database as DATABASE_URL has it."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def create(self, database: str, template: str = "template0") -> str:
        """Make a database, or a copy of one that nobody is connected to; its address."""
        self._run("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", "-T", template, database)
        return self.url(database)

    def start(self) -> None:
        """Start the server; returns when it answers."""
        options = {"listen_addresses": "127.0.0.1", "shared_buffers": "64MB", "max_connections": "60", "fsync": "on"}
        options |= {"unix_socket_directories": str(self.folder), "log_min_messages": "warning"}
        given = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        server = self._as_postgres("postgres", "-D", str(self.data), "-p", str(self.port), *given)
        self.process = Process("postgres", server, self.log)
        wait_until(self.answers, "PostgreSQL answers", logs=[self.log])

    def answers(self) -> bool:
        """Whether it takes connections."""
        try:
            psycopg2.connect(self.url("postgres"), connect_timeout=2).close()
        except psycopg2.OperationalError:
            return False
        return True

    def stop(self) -> None:
        """Stop it in order; connections are closed (pg_ctl -m fast)."""
        self._end(signal.SIGINT)

    def restart_at_once(self) -> None:
        """Drop everything and begin again as after a crash (pg_ctl -m immediate restart)."""
        self._end(signal.SIGQUIT)
        self.start()

    def kill(self) -> None:
        """kill -9 of the server; returns when its children have noticed and are gone."""
        if self.process:
            family = self.process.family()
            self.process.send(signal.SIGKILL)
            self.process.popen.wait(SECONDS_TO_END)
            wait_until(lambda: not set(family) & set(running()), "PostgreSQL is gone", SECONDS_TO_END)

    def _end(self, number: int) -> None:
        if self.process:
            family = self.process.family()
            self.process.stop(number)
            wait_until(lambda: not set(family) & set(running()), "PostgreSQL is gone", SECONDS_TO_END)

    def _as_postgres(self, program: str, *arguments: str) -> list[str]:
        """PostgreSQL refuses to run as root."""
        found = sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{program}")) or [shutil.which(program) or program]
        user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"] if os.geteuid() == 0 else []
        return [*user, found[-1], *arguments]

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            self._as_postgres(program, *arguments),
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, f"{program}: {done.stderr}"

    def __enter__(self) -> "OwnPostgres":
        return self

    def __exit__(self, *_: Any) -> None:
        self._end(signal.SIGQUIT)  # nobody needs what is in it


class OwnRedis:
    """A Redis of its own. `keeps`: what is in it outlives a restart, as docker-compose.yml has it."""

    def __init__(self, folder: Path, *, keeps: bool = False) -> None:
        self.folder, self.port, self.keeps = folder, free_port(), keeps
        self.log = folder / "redis.log"
        folder.mkdir(exist_ok=True)
        self.start()

    @property
    def url(self) -> str:
        """Its address as CELERY_BROKER_URL has it."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it, with the same port as before; returns when it answers."""
        options = {"--port": str(self.port), "--bind": "127.0.0.1", "--dir": str(self.folder), "--save": ""}
        options |= {"--appendonly": "yes" if self.keeps else "no", "--daemonize": "no"}
        given = [part for option in options.items() for part in option]
        self.process = Process("redis", [shutil.which("redis-server") or "redis-server", *given], self.log)
        wait_until(self.answers, "Redis answers", logs=[self.log])

    def client(self) -> "redis.Redis":
        """A connection that tries once; values come as bytes."""
        return redis.Redis(port=self.port, socket_timeout=1, socket_connect_timeout=1, retry=Retry(NoBackoff(), 0))

    def answers(self) -> bool:
        """Whether it takes commands."""
        try:
            with closing(self.client()) as client:
                return bool(client.ping())
        except redis.exceptions.RedisError:
            return False

    def blocked_clients(self) -> int:
        """How many connections wait for an element of a queue."""
        with closing(self.client()) as client:
            return int(client.info("clients")["blocked_clients"])

    def terminate(self) -> None:
        """Ask it to end (SIGTERM)."""
        self.process.terminate()

    def freeze(self) -> None:
        """SIGSTOP: connections stay open and nothing answers."""
        self.process.send(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT."""
        self.process.send(signal.SIGCONT)

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()

    def __enter__(self) -> "OwnRedis":
        return self

    def __exit__(self, *_: Any) -> None:
        self.process.kill()
