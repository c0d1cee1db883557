"""The infusion room: a field that saves itself against a view that updates one row, and what an open page asks."""

import statistics
from collections.abc import Callable

from bench.figures import say, say_aim
from bench.rig import SMALL, Rig, SteadyPerson
from bench.saves import TABLE
from processes.bedside import Tablet
from processes.chairs import chairs_in
from processes.open_room import asked_while_idle, chromium, open_room
from processes.person import Answer
from processes.running import Clinic

PAIRS, WARM_UP, TURNS, IDLE_SECONDS = 300, 30, 200, 60
MOST_TIMES, MOST_IDLE = 3.0, 11
Ask = Callable[[], Answer]


def measure(rig: Rig) -> None:
    """With PostgreSQL and a broker; then embedded: SQLite, and no broker."""
    for name, clinic in (("PostgreSQL", rig.clinic("room", SMALL)), ("embedded", _embedded(rig))):
        tablet = _running(clinic)
        _field_and_update(clinic, tablet, name)
        _answers(tablet, name)
        with chromium() as browser:
            asked = asked_while_idle(open_room(browser, clinic, tablet.seat), IDLE_SECONDS)
        say_aim(f"requests of an idle page in {IDLE_SECONDS} s, {name}", len(asked), MOST_IDLE, "requests")


def _embedded(rig: Rig) -> Clinic:
    return rig.clinic("room embedded", SMALL, embedded=True)


def _running(clinic: Clinic) -> Tablet:
    """A session whose pump runs, over a connection that stays open."""
    (seat,) = chairs_in(clinic, 1)
    tablet = Tablet(SteadyPerson.with_cookie(clinic.base_url, seat.session), seat)
    tablet.prepare()
    tablet.must("started")
    return tablet


def _field_and_update(clinic: Clinic, tablet: Tablet, name: str) -> None:
    """Milliseconds of a field and of the bare update beside it; which of them comes first alternates."""
    clinic.rows(TABLE[clinic.on_postgres])
    csrf = {"csrfmiddlewaretoken": tablet.person.cookies["csrftoken"]}
    assert tablet.person.post("/bench/bare/", csrf).status == 303
    [(row,)] = clinic.rows("SELECT id FROM bench_bare_row")
    text = {"row": str(row), "value": "Stay with the breath. " * 10, **csrf}
    asks: dict[str, Callable[[int], Ask]] = {
        "update": lambda turn: lambda: tablet.person.post("/bench/bare-update/", {**text, "turn": str(turn)}),
        "field": lambda turn: lambda: tablet.type("intention", f"{text['value']} {turn}"),
    }
    times: dict[str, list[float]] = {kind: [] for kind in asks}
    for turn in range(PAIRS + WARM_UP):
        for kind in asks if turn % 2 else reversed(asks):
            times[kind].append(_milliseconds(asks[kind](turn)))
    field, update = times["field"][WARM_UP:], times["update"][WARM_UP:]
    say(f"save of one field, {name}", field)
    say(f"bare update of one row, {name}", update)
    ratios = [one / other for one, other in zip(field, update, strict=True)]
    say(f"save of one field / bare update, {name}", ratios, "×")
    say_aim("median ratio", statistics.median(ratios), MOST_TIMES, "×")


def _answers(tablet: Tablet, name: str) -> None:
    """What an open page asks, with as many entries in the log as a session has."""
    kinds: dict[str, Ask] = {
        "since/, nothing new (204)": lambda: tablet.since(10**12, whole=False),
        "since/, a whole answer": tablet.since,
        "an entry of vital signs with its whole answer": lambda: tablet.enter("vitals", systolic_mmhg="128"),
    }
    for kind, ask in kinds.items():
        turns = TURNS if kind.startswith("since") else TURNS // 10  # a session has twenty sets, not two hundred
        say(f"{kind}, {name}", [_milliseconds(ask) for _ in range(turns)], p95=True)


def _milliseconds(ask: Ask) -> float:
    answer = ask()
    assert answer.status in {200, 204}, (answer.status, answer.text[:2000])
    return 1000 * answer.seconds
