"""Serve an invented clinic on this machine: `make demo`. What is entered stays in demo/ until `make demo-reset`.

Plain HTTP on 127.0.0.1 alone, with one password for everybody: for a look, never for patients. PORT= changes the port.
Whatever stands in the way is said in one line, and the exit code is 1.
"""

import os
import secrets
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

from local_port import CannotServeError, port

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "demo"
DATABASE = FOLDER / "tidemark.sqlite3"
PASSWORD = "kelp-lantern-wharf"  # noqa: S105 - it opens invented data on the reader's own machine
PATIENTS, SEED = 180, 1
LOGINS = {
    "Intake": "intake",
    "Clinician": "clinician",
    "Medical director": "director",
    "Administrator": "admin",
}
#: Room for the database and its journal while it is filled.
ROOM_MB = 200


def folder() -> None:
    """Make demo/ if need be. Raises CannotServeError when nothing can be written there or there is no room."""
    try:
        FOLDER.mkdir(exist_ok=True)
        probe = FOLDER / "probe"
        probe.write_bytes(b"x" * 65536)
        probe.unlink()
    except OSError as error:
        raise CannotServeError(
            f"Nothing can be written to {FOLDER} ({error.strerror}). Make room there, or clone into a folder of your own."
        ) from error
    free_mb = shutil.disk_usage(FOLDER).free // 2**20
    if not DATABASE.exists() and free_mb < ROOM_MB:
        raise CannotServeError(
            f"The disk of {FOLDER} has {free_mb} MB left; the demo needs {ROOM_MB}. Make room there."
        )


def environment(number: int) -> dict[str, str]:
    """Settings of the demo: this machine alone, plain HTTP, a secret key that outlives a restart."""
    key = FOLDER / "secret-key"
    if not key.exists():
        key.write_text(secrets.token_urlsafe(64))
    return os.environ | {
        "DATABASE_URL": f"sqlite:///{DATABASE}",
        "SECRET_KEY": key.read_text(),
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "PLAIN_HTTP": "1",
        "DEBUG": "0",
        "BEHIND_TLS_PROXY": "0",
        "CELERY_BROKER_URL": "",
        "STATIC_ROOT": "",
        "PYTHONWARNINGS": "ignore",
        "TIDEMARK_DEMO_PASSWORD": PASSWORD,
        "PORT": str(number),
    }


def manage(settings: dict[str, str], *arguments: str) -> None:
    """Run a management command. Raises CannotServeError with the last line it said."""
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=ROOT, env=settings, capture_output=True, text=True, check=False
    )
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip() or "it said nothing").splitlines()[-1]
        raise CannotServeError(f"{arguments[0]} failed: {said} Mend it, or start over with make demo-reset.")


def is_filled() -> bool:
    """Whether the invented clinic was made to its end."""
    if not DATABASE.exists():
        return False
    try:
        with closing(sqlite3.connect(DATABASE)) as connection:
            return bool(connection.execute("SELECT 1 FROM outcomes_clinicsummary LIMIT 1").fetchone())
    except sqlite3.DatabaseError:
        return False


def fill(settings: dict[str, str]) -> None:
    """Bring the database to today's tables; make the clinic when there is none, all of it or nothing."""
    if is_filled():
        manage(settings, "migrate", "--verbosity", "0")
        return
    print(f"Making an invented clinic of {PATIENTS} patients (about 15 s)", flush=True)
    unfinished = [FOLDER / f"{DATABASE.name}{end}" for end in ("", "-wal", "-shm")]
    for path in unfinished:
        path.unlink(missing_ok=True)
    manage(settings, "migrate", "--verbosity", "0")
    manage(settings, "make_clinic", "--patients", str(PATIENTS), "--seed", str(SEED), "--staff")


def serve(settings: dict[str, str], number: int) -> int:
    """Serve until Ctrl-C; say where and for whom once it answers."""
    server = subprocess.Popen(
        [
            *[sys.executable, "-m", "gunicorn", "clinic.wsgi", "--bind", f"127.0.0.1:{number}"],
            *["--workers", "1", "--threads", "8", "--log-level", "error"],
        ],
        cwd=ROOT,
        env=settings,
    )
    try:
        wait_until_it_answers(server, number)
        logins = "\n".join(f"  {role:<17} {name}@tidemark.example" for role, name in LOGINS.items())
        print(f"\nTidemark is at http://127.0.0.1:{number}\n\n{logins}\n  Password          {PASSWORD}\n")
        print("Every patient is invented. Ctrl-C ends it; make demo-reset starts over.", flush=True)
        return server.wait()
    except KeyboardInterrupt:
        print()
        return 0
    finally:
        server.terminate()
        server.wait(timeout=10)


def wait_until_it_answers(server: "subprocess.Popen[bytes]", number: int) -> None:
    """Raises CannotServeError when the server ends or is silent for 30 s."""
    until = time.monotonic() + 30
    while time.monotonic() < until and server.poll() is None:
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", number)) == 0:
                return
        time.sleep(0.05)
    raise CannotServeError("The web server did not start. Look at what it said above.")


def main() -> int:
    """Serve the demo, or with `reset` throw it away."""
    try:
        if sys.argv[1:] == ["reset"]:
            shutil.rmtree(FOLDER, ignore_errors=False) if FOLDER.exists() else None
            print("The demo is gone; make demo makes a new one.")
            return 0
        number = port("demo")
        folder()
        settings = environment(number)
        fill(settings)
        return serve(settings, number)
    except (CannotServeError, OSError) as reason:
        print(reason, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 1


if __name__ == "__main__":
    sys.exit(main())
