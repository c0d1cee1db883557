"""`make soak MINUTES=5 SEED=1`: web, worker, beat, Redis and PostgreSQL are killed at random under load; then all is recounted.

Afterwards fifty sessions are open in the infusion room for half a minute, while the web server is killed every ten seconds.

Writers save PCL-5s as browsers do and send a form that got no answer again, with its key. What was answered with 303 was
acknowledged. At the end nothing acknowledged may be missing or twice, and nothing may be stale two sweeps later.
"""

import os
import random
import re
import statistics
import sys
import threading
import time
from collections import Counter
from datetime import UTC, datetime, timedelta

from processes.crowd import USERS, fifty
from processes.recount import Acknowledged, Before, first_look, not_counted, problems
from processes.running import Answer, Clinic, OwnPostgres, OwnRedis, Person, Process, own_folder

PATIENTS, WRITERS = 200, 4
SWEEP_SECONDS = 5
#: Seconds between two faults, and for how long what was killed stays away.
BETWEEN, AWAY = (2.0, 7.0), (0.0, 4.0)
PARTS = ("postgres", "redis", "worker", "beat", "web")
#: How often a second part dies while the first is away.
TWO_AT_ONCE = 0.25
#: How long the infusion room is open, and how often its web server dies.
ROOM_SECONDS, ROOM_KILL_SECONDS = 30.0, 10.0
#: Seconds that the last of two sweeps and the adding up may take.
TO_COMPUTE = 3


class Writer(threading.Thread):
    """Somebody who saves PCL-5s without end, each on a day of its own, and gives up on none."""

    def __init__(self, clinic: Clinic, number: int, before: Before, seed: int, over: threading.Event) -> None:
        super().__init__(name=f"writer {number}", daemon=True)
        self.patients, self.taken, self.over = before.alive[number::WRITERS], before.days, over
        self.random = random.Random(seed * 100 + number)
        self.person = clinic.person("clinician" if number % 2 else "intake")
        self.days = dict.fromkeys(self.patients, 0)
        self.acknowledged: list[Acknowledged] = []
        self.answers: Counter[int] = Counter()
        self.seconds: list[float] = []
        self.wrong: list[str] = []

    def run(self) -> None:
        try:
            while not self.over.is_set():
                self.save_one()
                time.sleep(self.random.uniform(0, 0.2))
        except Exception as error:
            self.wrong.append(f"{self.name} stopped: {error!r}")

    def save_one(self) -> None:
        patient = self.random.choice(self.patients)
        day = self.free_day(patient)
        total = self.random.randint(0, 80)
        fields = self.blank(patient, day, total)
        while fields:
            answer = self.person.post(Person.entry_path(patient), fields)
            self.note(answer)
            if answer.status == 303:
                self.seconds.append(answer.seconds)
                self.acknowledged.append(
                    Acknowledged(patient, answer.location.rstrip("/").rpartition("/")[2], day, total)
                )
                self.person.status_of(patient)
                return
            if answer.status and answer.status < 500:
                self.wrong.append(f"{self.name}: {answer.status} for a form of {day}: {said_in(answer.text)}")
                return
            time.sleep(0.2)

    def free_day(self, patient: str) -> str:
        """The latest day before those of her last form here, on which she has none."""
        while True:
            self.days[patient] += 1
            # Counted back from yesterday by UTC: no day to come, wherever the clinic is.
            day = (datetime.now(tz=UTC).date() - timedelta(days=self.days[patient])).isoformat()
            if (patient, day) not in self.taken:
                return day

    def blank(self, patient: str, day: str, total: int) -> dict[str, str]:
        """An empty form, once the server gives one; nothing when the soak is over before that."""
        while not self.over.is_set():
            page = self.person.get(Person.entry_path(patient))
            if page.status == 200:
                return self.person.filled_pcl5(page.text, day, total)
            self.note(page)
            if page.status and page.status < 500:
                self.wrong.append(f"{self.name}: {page.status} for the empty form")
                return {}
            time.sleep(0.2)
        return {}

    def note(self, answer: Answer) -> None:
        self.answers[answer.status] += 1


def said_in(page: str) -> str:
    """What a refused form says beside its fields."""
    return " ".join(re.findall(r'class="invalid-feedback[^>]*>(.*?)<', page, re.DOTALL)) or page[:300]


class Faults:
    """Kills one part or two with -9, leaves them away for a while and starts them again."""

    def __init__(self, clinic: Clinic, postgres: OwnPostgres, broker: OwnRedis, seed: int) -> None:
        self.clinic, self.postgres, self.broker, self.random = clinic, postgres, broker, random.Random(seed)
        self.processes: dict[str, Process] = {}
        self.kills: Counter[str] = Counter()

    def start(self, part: str) -> None:
        if part == "postgres":
            self.postgres.start()
        elif part == "redis":
            self.broker.start()
        else:
            self.processes[part] = getattr(self.clinic, f"start_{part}")()

    def kill(self, part: str) -> None:
        self.kills[part] += 1
        {"postgres": self.postgres, "redis": self.broker}.get(part, self.processes.get(part)).kill()

    def strike(self) -> None:
        count = 2 if self.random.random() < TWO_AT_ONCE else 1
        parts = self.random.sample(PARTS, count)
        for part in parts:
            self.kill(part)
            time.sleep(self.random.uniform(*AWAY) / count)
        for part in sorted(parts, key=PARTS.index):
            self.start(part)


def soak(minutes: float, seed: int) -> list[str]:
    """Everything that did not hold, in words."""
    with (
        own_folder() as folder,
        OwnPostgres(folder / "pg") as postgres,
        OwnRedis(folder / "redis", keeps=True) as broker,
        Clinic(folder / "clinic", postgres.create("soak"), broker.url, SWEEP_SECONDS) as clinic,
    ):
        clinic.manage("migrate", "--verbosity", "0")
        clinic.manage("make_clinic", "--patients", str(PATIENTS), "--seed", str(seed), "--detail", "core", "--staff")
        before, faults, over = first_look(clinic), Faults(clinic, postgres, broker, seed), threading.Event()
        for part in ("web", "worker", "beat"):
            faults.start(part)
        writers = [Writer(clinic, number, before, seed, over) for number in range(WRITERS)]
        for writer in writers:
            writer.start()
        until = time.monotonic() + 60 * minutes
        while (left := until - time.monotonic()) > 0:
            time.sleep(min(left, faults.random.uniform(*BETWEEN)))
            faults.strike()
        over.set()
        for writer in writers:
            writer.join(120)
        settled = settle(clinic)
        tell(writers, faults)
        print(f"everything was counted {settled:.1f} s after the last save")
        acknowledged = [one for writer in writers for one in writer.acknowledged]
        return [wrong for writer in writers for wrong in writer.wrong] + problems(clinic, before, acknowledged)


def room(seed: int) -> list[str]:
    """Fifty sessions of the infusion room while the web server dies; everything that did not hold, in words."""
    with (
        own_folder() as folder,
        OwnPostgres(folder / "pg") as postgres,
        OwnRedis(folder / "redis") as broker,
        Clinic(folder / "clinic", postgres.create("room"), broker.url) as clinic,
    ):
        clinic.manage("migrate", "--verbosity", "0")
        web = clinic.start_web()

        def kill_every_ten_seconds(seconds: float) -> None:
            nonlocal web
            for _ in range(int(seconds // ROOM_KILL_SECONDS)):
                time.sleep(ROOM_KILL_SECONDS)
                web.kill()
                web = clinic.start_web()

        told = fifty(clinic, ROOM_SECONDS, seed, meanwhile=kill_every_ten_seconds)
    print(f"infusion room: {USERS} sessions, {told.kept} entries and fields acknowledged, tries {dict(told.tries)}")
    return told.wrong


def settle(clinic: Clinic) -> float:
    """Wait until everything is counted, two sweeps and the time to compute at most; the seconds it took."""
    began = time.monotonic()
    while not_counted(clinic) and time.monotonic() < began + 2 * SWEEP_SECONDS + TO_COMPUTE:
        time.sleep(0.2)
    return time.monotonic() - began


def tell(writers: list[Writer], faults: Faults) -> None:
    """What was done and suffered."""
    answers = sum((writer.answers for writer in writers), Counter())
    seconds = sorted(second for writer in writers for second in writer.seconds)
    print(f"killed: {', '.join(f'{part} {faults.kills[part]}' for part in PARTS)}")
    print(
        f"saves: {answers.pop(303, 0)} acknowledged; other answers (0 is a broken connection): {dict(sorted(answers.items()))}"
    )
    if seconds:
        middle, late = statistics.median(seconds), seconds[int(0.99 * (len(seconds) - 1))]
        print(
            f"seconds of an acknowledged save: n {len(seconds)}, median {middle:.3f}, p99 {late:.3f}, max {seconds[-1]:.3f}"
        )


def main() -> int:
    """Exit 0 when everything held."""
    minutes = float(os.environ.get("MINUTES", "5"))
    seed = int(os.environ.get("SEED") or random.SystemRandom().randint(1, 999_999))
    print(f"soak: {minutes:g} minutes, seed {seed}, {PATIENTS} patients, sweep each {SWEEP_SECONDS} s", flush=True)
    wrong = soak(minutes, seed) + room(seed)
    print("\n".join(wrong) or "Every acknowledged save is there once, nothing is stale, the figures are right.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
