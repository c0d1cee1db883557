"""What was observed and done about it: vital signs with what they cross, alerts, adverse events, rescue drugs, notes."""

from typing import Any

from clinic.room.record.content import Cell, Look, Row, Said, Section, Table, Written, cell
from clinic.room.record.telling import Line, Telling, joined
from infusions.models import AdverseEvent
from infusions.safety import Phase
from infusions.session import vitals
from infusions.session.log import Kind
from infusions.session.words import GRADES

_PHASES = {Phase.BEFORE: "Before", Phase.DURING: "During", Phase.RECOVERY: "After"}
#: Level of a finding -> its mark and its words.
_LEVELS = {
    "act": (Look.ACT, "Action line"),
    "notify": (Look.NOTIFY, "Tell the prescriber"),
    "override": (Look.WARN, "Needs a reason"),
    "warn": (Look.WARN, "Check"),
}
_GRAVEST_FIRST = list(_LEVELS)
_SPO2, _OXYGEN = "spo2_percent", "on_room_air"
#: A column of numbers: its head, and the fields in it.
_Column = tuple[str, tuple[str, ...]]
#: Those that hold something are shown. On oxygen or not stands with the SpO2, also where that was not read.
_COLUMNS: tuple[_Column, ...] = (
    ("mmHg", ("systolic_mmhg", "diastolic_mmhg")),
    ("Pulse", ("heart_rate_per_min",)),
    ("SpO₂ %", (_SPO2,)),
    ("Breaths", ("respirations_per_min",)),
    ("°C", ("temperature_celsius",)),
    ("MOAA/S", ("moaa_s",)),
    ("RASS", ("rass",)),
    ("Pain", ("pain",)),
    ("Nausea", ("nausea",)),
)
#: Widths of time, pressure, another number, and who; the phase has the rest.
_TIME, _PRESSURE, _NUMBER, _BY = 0.13, 0.11, 0.075, 0.06
_YES_NO = {"yes": "Yes", "no": "No"}


def vitals_section(telling: Telling) -> Section:
    """Every set, with the values that crossed a line marked and what they crossed."""
    lines = telling.lines(Kind.VITALS)
    read = {name for line in lines for name, value in line.entry.data.items() if value is not None}
    if not lines:
        return Section("vitals", "Vital signs", nothing="No vital signs were taken.")
    read |= {_SPO2} if _OXYGEN in read else set()
    columns = (_COLUMNS[0], *(column for column in _COLUMNS[1:] if read.intersection(column[1])))
    numbers = [_PRESSURE, *[_NUMBER] * (len(columns) - 1)]
    table = Table(
        ("Time", "Phase", *(name for name, _ in columns), "By"),
        tuple(_vitals_row(telling, line, columns) for line in lines),
        (_TIME, 1 - _TIME - _BY - sum(numbers), *numbers, _BY),
        tuple(range(2, 2 + len(columns))),
    )
    note = (
        "Pulse and breaths a minute; pain and nausea 0 to 10. The baseline is the last blood pressure before the start."
    )
    return Section("vitals", "Vital signs", tables=(table, *_crossed(telling, lines)), notes=(note,))


def _vitals_row(telling: Telling, line: Line, columns: tuple[_Column, ...]) -> Row:
    first = vitals.baseline(telling.session)
    is_baseline = first is not None and first.number == line.entry.number
    phase = _PHASES[vitals.phase_at(telling.session, line.entry.at)]
    readings = (_reading(line.entry.data, names) for _, names in columns)
    return telling.row(line, cell(f"{phase}, the baseline" if is_baseline else phase), *readings, told_in=1)


def _crossed(telling: Telling, lines: list[Line]) -> tuple[Table, ...]:
    """What the standing sets crossed, the gravest first."""
    rows = tuple(
        (cell(telling.clock(line.entry.at)), tuple(map(_finding, found)))
        for line in lines
        if not line.struck and (found := _findings(line.entry.data))
    )
    return (Table(("Time", "Crossed"), rows, (_TIME, 1 - _TIME)),) if rows else ()


def _findings(data: dict[str, Any]) -> list[dict[str, Any]]:
    return sorted(data.get("findings", ()), key=lambda one: _GRAVEST_FIRST.index(one["level"]))


def _finding(found: dict[str, Any]) -> Said:
    look, level_words = _LEVELS[found["level"]]
    return Said(f"{level_words}: {found['message']}", look)


def _reading(data: dict[str, Any], names: tuple[str, ...]) -> Cell:
    """A value with the mark of the gravest line that it crossed."""
    unread = all(data.get(name) is None for name in names)
    read = ["–" if data.get(name) is None else str(data[name]).replace("-", "−") for name in names]
    text = "–" if unread else "/".join(read)
    look = next((_LEVELS[one["level"]][0] for one in _findings(data) if one["field"] in names), Look.PLAIN)
    oxygen = {False: "on oxygen", True: "room air"}.get(data.get(_OXYGEN)) if _SPO2 in names else ""  # type: ignore[arg-type]
    return cell(Said(text, look), Said(oxygen or "", Look.QUIET))


def alerts_section(telling: Telling) -> Section:
    """Readings over an action line, with what was done, by whom and when."""
    rows = []
    for alert in vitals.alerts(telling.session):
        over = map(_finding, alert.findings)
        done = alert.acknowledged
        answer = Said(done.data["done"]) if done else Said("Not acknowledged", Look.WARN)
        rows.append((cell(telling.clock(alert.entry.at)), cell(*over), cell(answer), cell(telling.short_who(done))))
    table = Table(("Time", "Crossed", "What was done", "By, at"), tuple(rows), (0.13, 0.4, 0.32, 0.15))
    return Section("alerts", "Alerts", tables=(table,) if rows else (), nothing="No line was crossed that asks for it.")


def adverse_section(telling: Telling) -> Section:
    """Adverse events, graded."""
    rows = tuple(telling.row(line, *_adverse(line.entry.data)) for line in telling.lines(Kind.ADVERSE))
    head = ("Time", "Event", "CTCAE grade", "Related", "Expected", "Done, outcome", "By")
    table = Table(head, rows, (0.13, 0.22, 0.15, 0.12, 0.1, 0.22, 0.06))
    return Section(
        "adverse-events", "Adverse events", tables=(table,) if rows else (), nothing="No adverse event was entered."
    )


def _adverse(data: dict[str, Any]) -> list[Cell]:
    serious = Said(joined(("Serious", data.get("serious_criterion", "")), ": "), Look.ACT)
    relatedness = AdverseEvent.Relatedness(data["relatedness"]).label
    return [
        cell(data["term"]),
        cell(f"{data['ctcae_grade']}, {GRADES[data['ctcae_grade']]}", *([serious] if data.get("serious") else [])),
        cell(relatedness),
        cell(_YES_NO.get(data.get("expected", ""), "Not recorded")),
        cell(AdverseEvent.ActionTaken(data["action_taken"]).label, data.get("outcome", "")),
    ]


def drugs_section(telling: Telling) -> Section:
    """Rescue drugs."""
    rows = tuple(
        telling.row(
            line, *(cell(line.entry.data.get(name, "")) for name in ("name", "dose", "route", "reason", "response"))
        )
        for line in telling.lines(Kind.DRUG)
    )
    head = ("Time", "Drug", "Dose", "Route", "Why", "Response", "By")
    table = Table(head, rows, (0.13, 0.16, 0.12, 0.09, 0.22, 0.22, 0.06))
    return Section("rescue", "Rescue drugs", tables=(table,) if rows else (), nothing="None was given.")


def notes_section(telling: Telling) -> Section:
    """What was noted while the patient was here."""
    return Section("notes", "Notes", texts=texts_of(telling, Kind.NOTE), nothing="No note was written.")


def texts_of(telling: Telling, *kinds: Kind) -> tuple[Written, ...]:
    """Texts of these kinds with author and time; struck ones stay readable."""
    return tuple(_written(telling, line) for line in telling.lines(*kinds))


def _written(telling: Telling, line: Line) -> Written:
    entry = line.entry
    before = f"first entered with {telling.clock(line.first_at)}" if line.first_at else ""
    after = telling.struck_words(line.struck) if line.struck else ""
    return Written(entry.data["text"], joined((telling.who_when(entry), before)), line.struck is not None, after)
