"""A clinic whose clock a test sets, with one chair in it; its web server is killed with -9 and started again."""

import os
import random
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from processes.bedside import Tablet
from processes.chairs import chairs_in
from processes.running import Clinic, Process

#: A kill that is to come during a request comes within so many seconds of its being sent: before most are answered.
WITHIN = 0.012
Sent = TypeVar("Sent")


class ShiftedClinic:
    """A migrated clinic, its web server on the shifted clock, and the page of one session."""

    def __init__(self, clinic: Clinic, seed: int) -> None:
        self.clinic, self.random, self.kills = clinic, random.Random(seed), 0
        self.clock = clinic.folder / "clock"
        clinic.environment["CLOCK"] = str(self.clock)
        self.set(datetime.now(tz=UTC))
        (self.seat,) = chairs_in(clinic, 1)
        self.web = self.start()
        self.tablet = Tablet(self.seat.person(clinic), self.seat)

    def set(self, moment: datetime) -> None:
        """From here on the server's clock goes on from this moment."""
        new = self.clock.with_suffix(".new")
        new.write_text(str((moment - datetime.now(tz=UTC)) / timedelta(seconds=1)))
        os.replace(new, self.clock)  # nobody reads half of it

    def start(self) -> Process:
        """The web server, on the same port as before."""
        return self.clinic.start_web("processes.shifted_clock")

    def kill(self) -> None:
        """kill -9 of the web server with all its threads, and start it again."""
        self.kills += 1
        self.web.kill()
        self.web = self.start()

    def killed_during(self, send: Callable[[], Sent], *, frozen: bool) -> Sent:
        """Send something that is sent again until it is answered, and kill the server meanwhile.

        A fast server may have answered by then; one that is `frozen` before has the request and never does.
        """
        if frozen:
            os.killpg(self.web.pid, signal.SIGSTOP)
        with ThreadPoolExecutor(1) as pool:
            sent = pool.submit(send)
            time.sleep(self.random.uniform(0, WITHIN))
            self.kill()
            return sent.result(120)

    def moments(self, *kinds: str) -> list[datetime]:
        """When the entries of these kinds happened, as the database has it, in the order of the log."""
        marks = ", ".join(["%s"] * len(kinds))
        query = f"SELECT at FROM infusions_sessionevent WHERE infusion_id = %s AND kind IN ({marks}) ORDER BY id"
        return [_aware(at) for (at,) in self.clinic.rows(query, self.seat.infusion, *kinds)]


def embedded(folder: Path) -> Clinic:
    """A clinic on SQLite, without broker and workers, with every table."""
    folder.mkdir()
    clinic = Clinic(folder, f"sqlite:///{folder}/clinic.sqlite3", None)
    clinic.manage("migrate", "--verbosity=0")
    return clinic


def _aware(at: str | datetime) -> datetime:
    """SQLite keeps moments as text, in UTC."""
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
