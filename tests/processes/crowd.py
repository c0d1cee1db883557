"""Fifty sessions open at once, each with somebody of her own beside it who types, takes vital signs and has her page ask."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from processes.bedside import Tablet
from processes.chairs import Seat, chairs_in
from processes.kept import problems
from processes.person import Answer
from processes.running import Clinic

USERS = 50
#: Seconds from one to the next of each kind, on average. An idle page asks every 5 s, as static/js/room/page.js has it.
EVERY = {"field": 3.0, "vitals": 10.0, "since": 5.0}
#: Of so many requests one is not waited for, and made again under its key while the first may still be under way.
LOST_OF = 8
#: What is typed: drafts and long texts mostly. After any other field the page asks at once what follows from it.
LONG_TEXTS, SHORT_FIELDS = ("my.note.text", "my.note.text", "intention"), ("playlist", "sitter")


class User(threading.Thread):
    """Somebody beside one chair, until it is over."""

    def __init__(self, tablet: Tablet, seed: int, over: threading.Event) -> None:
        super().__init__(name=f"user {seed}", daemon=True)
        self.tablet, self.random, self.over = tablet, random.Random(seed), over
        self.seconds: dict[str, list[float]] = {}
        self.statuses: Counter[tuple[str, int]] = Counter()
        self.wrong: list[str] = []
        self.typed = ""

    def run(self) -> None:
        now = time.monotonic()
        due = {kind: now + self.random.uniform(0, every) for kind, every in EVERY.items()}
        acts: dict[str, Callable[[], None]] = {"field": self.type, "vitals": self.take_vitals, "since": self.ask}
        try:
            while not self.over.is_set():
                kind = min(due, key=due.__getitem__)
                if self.over.wait(max(0.0, due[kind] - time.monotonic())):
                    break
                acts[kind]()
                due[kind] = time.monotonic() + EVERY[kind] * self.random.uniform(0.8, 1.2)
        except Exception as error:
            self.wrong.append(f"{self.name} stopped: {error!r:.500}")

    def type(self) -> None:
        name = self.random.choice(LONG_TEXTS if self.random.random() < 0.8 else SHORT_FIELDS)
        self.typed = f"{self.typed} word{len(self.typed)}"[-150:]
        self._lose_some()
        self.note("field", self.tablet.type(name, self.typed), 200)
        if name in SHORT_FIELDS:
            self.ask()

    def take_vitals(self) -> None:
        given = {"systolic_mmhg": (110, 150), "diastolic_mmhg": (65, 85), "heart_rate_per_min": (60, 90)}
        self._lose_some()
        values = {name: str(self.random.randint(*bounds)) for name, bounds in given.items()}
        self.note("vitals", self.tablet.enter("vitals", **values), 200)

    def ask(self) -> None:
        answer = self.tablet.ask()
        self.note("nothing new" if answer.status == 204 else "what is new", answer, 200, 204)

    def note(self, kind: str, answer: Answer, *expected: int) -> None:
        self.statuses[kind, answer.status] += 1
        if answer.status in expected:
            self.seconds.setdefault(kind, []).append(answer.seconds)
        else:
            self.wrong.append(f"{self.name}: {answer.status} for {kind}: {answer.text[:200]}")

    def _lose_some(self) -> None:
        self.tablet.lose_next = self.random.randrange(LOST_OF) == 0


@dataclass
class Told:
    """What came of it: seconds of each kind of request, how often which status came, and everything that did not hold."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    tries: Counter[int] = field(default_factory=Counter)
    kept: int = 0
    wrong: list[str] = field(default_factory=list)


def running_sessions(clinic: Clinic, number: int) -> list[Tablet]:
    """So many sessions whose pump runs, with their pages open."""
    seats = chairs_in(clinic, number)

    def begun(seat: Seat) -> Tablet:
        tablet = Tablet(seat.person(clinic), seat)
        tablet.prepare()
        tablet.must("started")
        return tablet

    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(begun, seats))


def fifty(clinic: Clinic, seconds: float, seed: int, *, meanwhile: Callable[[float], None] = time.sleep) -> Told:
    """USERS at once for so long, while `meanwhile` does what it does; then the log of every session is compared."""
    tablets, over = running_sessions(clinic, USERS), threading.Event()
    for tablet in tablets:
        tablet.tries.clear()
    users = [User(tablet, seed * 1000 + number, over) for number, tablet in enumerate(tablets)]
    for user in users:
        user.start()
    meanwhile(seconds)
    over.set()
    told = Told()
    for user in users:
        user.join(90)
        told.wrong += [*user.wrong, *([f"{user.name} hangs"] if user.is_alive() else [])]
        told.tries += user.tablet.tries
        told.kept += len(user.tablet.kept)
        for kind, values in user.seconds.items():
            told.seconds.setdefault(kind, []).extend(values)
    told.wrong += problems(clinic, tablets)
    return told
