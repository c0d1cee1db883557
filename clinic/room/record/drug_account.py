"""The drug that was drawn, given and wasted, by lot and with its witnesses, and whether the three agree (rule 61)."""

from typing import Any

from clinic.room.record.content import Cell, Look, Said, Section, Table, cell, facts
from clinic.room.record.telling import Line, Telling, joined
from infusions.session.log import Kind
from infusions.session.stock import Account, account
from infusions.session.words import UNITS, short


def account_section(telling: Telling) -> Section:
    """The sum, and the lines behind it."""
    session = telling.session
    sums = account(session, session.stopped.at if session.stopped else telling.until)
    lines = telling.lines(Kind.DRAWN, Kind.WASTED)
    rows = tuple(telling.row(line, *_line(line)) for line in lines)
    head = ("Time", "What", "mg", "Lot", "How and why", "By")
    tables = (Table(head, rows, (0.13, 0.27, 0.09, 0.15, 0.29, 0.07), (2,)),) if rows else ()
    return Section(
        "drug",
        "Drug account",
        facts(
            ("Drawn", f"{short(sums.drawn_mg)} mg"),
            ("Given", f"{short(sums.given_mg)} mg"),
            ("Wasted", f"{short(sums.wasted_mg)} mg"),
            ("Left", f"{short(sums.left_mg).replace('-', '−')} mg neither given nor wasted"),
            ("Account", cell(_verdict(telling, sums))),
        ),
        tables,
    )


def _verdict(telling: Telling, sums: Account) -> Said:
    """Whether it agrees; open while the pump may still run."""
    session = telling.session
    if session.stopped is None and session.called_off is None:
        return Said("Open: the pump was not stopped yet")
    if not sums.reconciles:
        return Said("Does not reconcile", Look.WARN)
    if sums.vial_mg_per_ml is None:
        return Said("Nothing was drawn, nothing given")
    return Said(f"Reconciles within the drug in 0.01 mL of the vial ({short(sums.vial_mg_per_ml)} mg/mL)")


def _line(line: Line) -> list[Cell]:
    data = line.entry.data
    vial = f"{short(data['vial_mg_per_ml'])} mg/mL"
    if line.entry.kind is Kind.DRAWN:
        return [cell(f"Drawn: {short(data['ml'])} mL of {vial}"), cell(short(data["mg"])), cell(data["lot"]), ()]
    return [cell(_wasted(data, vial)), cell(short(data["mg"])), cell(data["lot"]), cell(*_waste_words(data))]


def _wasted(data: dict[str, Any], vial: str) -> str:
    of = f" ({vial})" if data["unit"] == "vial_ml" else ""
    return f"Wasted: {short(data['amount'])} {UNITS[data['unit']]}{of}"


def _waste_words(data: dict[str, Any]) -> tuple[str, str]:
    return joined((data["method"], data["reason"]), ": "), f"Witness: {data['witness']}"
