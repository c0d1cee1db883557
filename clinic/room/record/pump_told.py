"""What the pump did: mg given, minutes, pauses, rates, each turn with how long it lasted."""

from dataclasses import replace
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

from clinic.room.record.content import Cell, Look, Said, Section, Table, cell, facts
from clinic.room.record.telling import Line, Telling, minutes_words, tenth
from infusions.limits import minutes_between
from infusions.session.log import PUMP, Entry, Kind
from infusions.session.pump import Pump
from infusions.session.words import short

_HUNDREDTH = Decimal("0.01")


def given_section(telling: Telling) -> Section:
    """What was given of what was ordered, and the turns of the pump behind it."""
    lines = telling.lines(*PUMP)
    pump = Pump.of(telling.session, _until(telling))
    if pump is None:
        nothing = facts(("Given", "Nothing: the pump was not started"))
        return Section("given", "Given", nothing, (_turns(telling, lines),) if lines else ())
    return Section("given", "Given", _facts(telling, pump), (_turns(telling, lines),))


def _until(telling: Telling) -> datetime:
    stopped = telling.session.stopped
    return stopped.at if stopped else telling.until


def _facts(telling: Telling, pump: Pump) -> tuple[tuple[str, Cell], ...]:
    order, given = pump.order, pump.given_mg
    share = (given * 100 / order.mg).quantize(Decimal(1), ROUND_HALF_UP)
    per_kg = (given / order.weight_kg).quantize(_HUNDREDTH, ROUND_HALF_UP)
    pauses = _pauses(telling)
    paused = f"{len(pauses)}, {tenth(sum(pauses, Decimal(0)))} min in all" if pauses else "None"
    rates = telling.session.all(Kind.RATE)
    return facts(
        ("Given", f"{short(given)} mg of {short(order.mg)} mg ordered ({share} %)"),
        ("Counted from", _basis(pump)),
        ("By weight", f"{short(given)} mg ÷ {short(order.weight_kg)} kg = {per_kg} mg/kg"),
        ("Pump ran", f"{short(pump.minutes)} min of {short(order.minutes)} min ordered"),
        ("Pauses", paused),
        ("Rate changes", str(len(rates)) if rates else "None"),
        ("End", _end(telling.session.stopped)),
    )


def _basis(pump: Pump) -> str:
    """Where the mg come from; of a reading also what rate and minutes give."""
    if pump.read_mg is None:
        return "Rate and minutes of the pump"
    counted = replace(pump, read_mg=None).given_mg
    return f"The pump's own reading; its rate and minutes give {short(counted)} mg"


def _end(stopped: Entry | None) -> Cell:
    if stopped is None:
        return cell(Said("Not stopped yet: counted up to now", Look.WARN))
    return cell(f"Stopped early: {stopped.data['reason']}" if stopped.data["early"] else "The bag was empty")


def _pauses(telling: Telling) -> list[Decimal]:
    """Minutes of each pause, the last one up to the end where it was not resumed."""
    turns = telling.session.all(*PUMP)
    ends = [*(turn.at for turn in turns[1:]), _until(telling)]
    return [minutes_between(turn.at, end) for turn, end in zip(turns, ends, strict=True) if turn.kind is Kind.PAUSED]


def _turns(telling: Telling, lines: list[Line]) -> Table:
    """Every turn of the pump, with the rate from then on and how long that lasted."""
    standing = [line.entry for line in lines if not line.struck]
    lasted = {earlier.number: minutes_words(earlier.at, later.at) for earlier, later in pairwise(standing)}
    if standing and standing[-1].kind is not Kind.STOPPED:
        lasted[standing[-1].number] = minutes_words(standing[-1].at, _until(telling))
    rates = _rates(standing)
    rows = tuple(
        telling.row(
            line, cell(rates.get(line.entry.number, "")), cell(lasted.get(line.entry.number, "")), _turn(telling, line)
        )
        for line in lines
    )
    return Table(("Time", "mL/h from then", "For, min", "What", "By"), rows, (0.14, 0.13, 0.1, 0.55, 0.08), (1, 2))


def _rates(turns: list[Entry]) -> dict[int, str]:
    """Number of each turn -> the rate from then on."""
    rates, rate = {}, ""
    for turn in turns:
        rate = short(turn.data["ml_per_h"]) if "ml_per_h" in turn.data else rate
        rates[turn.number] = "0" if turn.kind in {Kind.PAUSED, Kind.STOPPED} else rate
    return rates


def _turn(telling: Telling, line: Line) -> Cell:
    """What was done, and the limits that another rate crossed; those of the start stand with its reason."""
    entry = line.entry
    if entry.kind is Kind.STARTED:
        return cell("Started")
    crossed = [Said(f"Check: {message}", Look.WARN) for message in entry.data.get("crossed", ())]
    return cell(telling.words(entry), *crossed)
