"""A session of forty minutes in the infusion room, minute by minute on a clock that the test sets, while the server dies."""

import random
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from processes.bedside import Tablet
from processes.kept import problems
from processes.running import Clinic, OwnPostgres, OwnRedis
from processes.shifted import ShiftedClinic, embedded

SEED, KILLS, LOST = 46, 5, 6
ZONE = ZoneInfo("America/New_York")
#: What the order comes to: 0.8 mg/kg x 82.4 kg, and 1.32 mL of the vial in a bag of 100 mL (rule 48).
MG, MINUTES, VOLUME_ML = Fraction("65.9"), 40, Fraction("101.32")
SLOWER_ML_PER_H = 120
LAST_MINUTE = 58
#: A second more than a minute, so that what falls due in a minute is due when that begins.
STEP = timedelta(seconds=61)
Act = Callable[[Tablet], Any]


@pytest.fixture
def broker(folder: Path) -> Iterator[OwnRedis]:
    with OwnRedis(folder / "room-redis") as server:
        yield server


def entry(kind: str, **values: str) -> Act:
    return lambda tablet: tablet.must(kind, **values)


def typed(name: str, value: str) -> Act:
    def act(tablet: Tablet) -> None:
        answer = tablet.type(name, value)
        assert answer.status == 200, (name, answer.status, answer.text[:500])

    return act


def vitals(systolic: int, diastolic: int) -> Act:
    return entry("vitals", systolic_mmhg=str(systolic), diastolic_mmhg=str(diastolic), spo2_percent="97", moaa_s="5")


def acknowledged(tablet: Tablet) -> None:
    """Say what was done about the alert that stands."""
    of = re.search(r'data-of="(\d+)"', tablet.look()["parts"]["alerts"])
    assert of, "no alert stands"
    tablet.must("acknowledged", of=of[1], done="Paused, labetalol given")


#: What she does in which minute after the start.
PLAN: dict[int, list[Act]] = {
    0: [entry("started"), typed("music", "yes")],
    3: [typed("my.note.text", "Eyes closed, breathes calmly"), entry("note", text="Eyes closed, breathes calmly")],
    10: [vitals(150, 94), typed("intensity", "6")],
    12: [vitals(185, 112), typed("playlist", "Slow river")],
    18: [vitals(186, 113)],
    19: [acknowledged, entry("paused", reason="Pressure"), typed("my.drug.reason", "Pressure")],
    20: [entry("drug", name="Labetalol", dose="10 mg", route="IV", reason="Pressure")],
    24: [entry("resumed"), vitals(158, 98)],
    26: [
        entry("rate", ml_per_h=str(SLOWER_ML_PER_H), reason="Pressure"),
        typed("preparation_note", "Slower from here"),
    ],
    33: [typed("sitter", "Ines Albrecht"), typed("intention", "Stay with the breath.")],
    40: [entry("stopped", early="on", reason="The hour is over"), vitals(140, 88)],
    42: [typed("aldrete.activity", "2"), typed("intensity", "4")],
    57: [vitals(132, 82)],
}


@pytest.fixture(params=["PostgreSQL", "SQLite"])
def clinic(request: pytest.FixtureRequest, folder: Path) -> Iterator[Clinic]:
    """A clinic of its own: on PostgreSQL with a broker, or embedded."""
    if request.param == "SQLite":
        made = embedded(folder / "embedded")
    else:
        postgres: OwnPostgres = request.getfixturevalue("postgres")
        broker = request.getfixturevalue("broker")
        made = Clinic(folder / "room", postgres.create("room", request.getfixturevalue("migrated")), broker.url)
    with made as clinic:
        yield clinic


def test_reminders_fall_due_and_nothing_acknowledged_is_lost(clinic: Clinic) -> None:
    shifted, chosen = ShiftedClinic(clinic, SEED), random.Random(SEED)
    begins = datetime.combine(datetime.now(tz=ZONE).date() - timedelta(days=1), time(14), ZONE).astimezone(UTC)
    shifted.set(begins - timedelta(minutes=5))
    shifted.tablet.prepare()
    steps = [(minute, number) for minute, acts in PLAN.items() for number in range(len(acts))]
    killed = chosen.sample(steps, KILLS)
    during, lost = set(killed[:3]), set(chosen.sample([step for step in steps if step not in killed], LOST))
    for minute in range(LAST_MINUTE + 1):
        shifted.set(begins + minute * STEP)
        for number, act in enumerate(PLAN.get(minute, [])):
            step = (minute, number)
            if step in killed and step not in during:
                shifted.kill()
            if step in during:
                shifted.killed_during(lambda act=act: act(shifted.tablet), frozen=step == killed[0])  # type: ignore[misc]
            else:
                _with_lost_answer(shifted.tablet, act, when=step in lost)
        check(shifted, minute)
    assert shifted.kills == KILLS
    assert shifted.tablet.tries[0] > LOST, "answers were lost"
    assert problems(clinic, [shifted.tablet]) == []


def _with_lost_answer(tablet: Tablet, act: Act, *, when: bool) -> None:
    """As if the line broke after a request was sent: it is made again while the first try may still be under way."""
    tablet.lose_next = when
    act(tablet)


def check(shifted: ShiftedClinic, minute: int) -> None:
    """What an open page is told in this minute, against arithmetic on the moments that the log has."""
    told = shifted.tablet.look()
    now = datetime.fromisoformat(told["now"])
    clock = told["parts"]["clock"]
    turns = {kind: shifted.moments(kind) for kind in ("started", "paused", "resumed", "rate", "stopped")}
    stretches = _stretches(turns, now)
    minutes = sum((length for length, _ in stretches), Fraction(0))
    given = sum((length * rate for length, rate in stretches), Fraction(0))
    assert int(_shown(clock, "pumped")) == int(minutes * 60), minute
    assert _given(told["parts"]["dose"]) == _tenths(min(given, MG)), minute
    _check_due(shifted, turns, now, clock, minute)
    ends = turns["stopped"][0] if turns["stopped"] else now + _minutes((MG - given) / stretches[-1][1])
    assert f"{(ends + timedelta(minutes=30)).astimezone(ZONE):%H:%M} earliest discharge" in clock, minute
    alert = 'data-open="acknowledged"' in told["parts"]["alerts"]
    assert alert == (minute >= 12), minute  # nobody acknowledges the first reading
    assert ("Act now" in told["parts"]["alerts"]) == (minute == 18), minute
    for kept in shifted.tablet.kept.values():
        if kept.kind == "field" and kept.version == shifted.tablet.versions[_page_name(kept.field)]:
            assert told["fields"][_page_name(kept.field)]["value"] == kept.value


def _check_due(
    shifted: ShiftedClinic, turns: dict[str, list[datetime]], now: datetime, clock: str, minute: int
) -> None:
    """Every 10 minutes while the pump is on or paused, 15 afterwards, 5 after a first reading over a line (rules 50, 51)."""
    begins, every = (turns["stopped"], 15) if turns["stopped"] else (turns["started"], 10)
    last = max([*begins, *(at for at in shifted.moments("vitals") if at >= begins[0])])
    repeat = 12 <= minute < 18
    due = last + timedelta(minutes=5 if repeat else every)
    assert datetime.fromisoformat(_shown(clock, "due")) == due, minute
    assert _shown(clock, "repeat") == ("yes" if repeat else "no"), minute
    overdue = now >= datetime.fromisoformat(_shown(clock, "overdue"))
    assert overdue == (now - last >= timedelta(minutes=(5 if repeat else every) + 5)), minute
    assert overdue == (minute == 39), minute  # the set of minute 24 is the last one before the stop


def _stretches(turns: dict[str, list[datetime]], now: datetime) -> list[tuple[Fraction, Fraction]]:
    """Minutes and mg a minute of each stretch of the pump in PLAN, as far as it has come."""
    ordered, slower = MG / MINUTES, Fraction(SLOWER_ML_PER_H, 60) * MG / VOLUME_ML
    parts = [("started", "paused", ordered), ("resumed", "rate", ordered), ("rate", "stopped", slower)]
    found = []
    for begin, end, rate in parts:
        if turns[begin]:
            until = turns[end][0] if turns[end] else now
            found.append((Fraction((until - turns[begin][0]) // timedelta(microseconds=1), 60_000_000), rate))
    return found


def _given(dose: str) -> Decimal:
    found = re.search(r"data-given>\s*<span>[^<]*</span><b>([\d.]+) mg</b>", dose)
    assert found, dose
    return Decimal(found[1])


def _tenths(mg: Fraction) -> Decimal:
    return (Decimal(mg.numerator) / mg.denominator).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)


def _minutes(number: Fraction) -> timedelta:
    return timedelta(microseconds=int(number * 60_000_000))


def _shown(clock: str, name: str) -> str:
    found = re.search(rf'data-{name}="([^"]*)"', clock)
    assert found, f"no {name}: {clock}"
    return found[1]


def _page_name(stored: str) -> str:
    """A field as its page calls it: a draft without the number of its writer."""
    return re.sub(r"^my\.\d+\.", "my.", stored)
