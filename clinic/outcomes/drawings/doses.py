"""What dose was given in which session, in words and rows. Described; what is right is for the prescriber (rule 48)."""

from typing import Any

from clinic.outcomes.charts.sizes import FEWEST_FOR_DECILES, LAST_SESSION
from clinic.outcomes.criteria import Criteria
from clinic.outcomes.drawings.cells import counted, ends, figure, fine
from clinic.outcomes.drawings.panel import Cell, Entry, Panel, Table, cell
from clinic.outcomes.printed import points
from clinic.outcomes.small_numbers import limits

PHASES = {"induction": "induction", "top_up": "top-up"}
HEAD = ["Session", "Given", "mg/kg known", "Median mg/kg", "25 %", "75 %", "10 %", "90 %"]
HEAD += ["Minutes known", "Median minutes", "25 %", "75 %", "10 %", "90 %"]


def doses(drawn: dict[str, Any], criteria: Criteria) -> Panel:
    """Median and quartiles of mg/kg by session; minutes stand in the table alone."""
    rows = drawn["sessions"]
    marks = [_mark(row) for row in rows if row["mg_per_kg"]["median"] is not None]
    return Panel(
        id="doses",
        title=_title(marks),
        subtitle="IV ketamine by session of each patient’s first course, top-ups numbered on. "
        f"Bar: middle half; whisker: 10th to 90th percentile, from {FEWEST_FOR_DECILES} on.",
        label=_label(marks),
        table=Table("Dose and duration by session: median and percentiles", HEAD, [_cells(row) for row in rows]),
        data={"sessions": marks, "last": max(mark["session"] for mark in marks)} if marks else None,
        legend=_legend(marks),
        notes=_notes(drawn, bool(marks)),
    )


def _title(marks: list[dict[str, Any]]) -> str:
    """The medians of the first and the last induction session, of those given often enough for whiskers if there are any."""
    induction = [mark for mark in marks if mark["phase"] == "induction"]
    if not marks:
        return "Too few known doses to draw"
    if not induction:
        return "Too few known doses of the induction"
    often = [mark for mark in induction if mark["deciles"]] or induction
    first, last = often[0], often[-1]
    start, end = points(first["median"], 2), points(last["median"], 2)
    if first is last:
        return f"Median dose {start} mg/kg in session {first['session']}"
    if start == end:
        return f"Median dose {start} mg/kg in session {first['session']} and in session {last['session']}"
    return f"Median dose {start} mg/kg in session {first['session']}, {end} in session {last['session']}"


def _label(marks: list[dict[str, Any]]) -> str:
    said = "; ".join(f"{mark['session']} {mark['told'].replace(chr(10), ', ')}" for mark in marks)
    return f"Dose in mg/kg by session. {said}." if said else "Dose in mg/kg by session: nothing is drawn."


def _cells(row: dict[str, Any]) -> list[Cell]:
    dose, minutes = row["mg_per_kg"], row["minutes"]
    found = [Cell(f"{row['session']}, {PHASES[row['phase']]}"), cell(row["n"]), cell(dose["n"])]
    found += [fine(value, dose["n"], "median") for value in _five(dose)]
    return [*found, cell(minutes["n"]), *(cell(figure(value, minutes["n"], "median")) for value in _five(minutes))]


def _five(spread: dict[str, Any]) -> list[float | None]:
    n = spread["n"]
    return [spread["median"], *ends(spread["quartiles"], n), *ends(spread["deciles"], n, FEWEST_FOR_DECILES)]


def _mark(row: dict[str, Any]) -> dict[str, Any]:
    """What is drawn of a session: values exact, words as the table prints them."""
    dose = row["mg_per_kg"]
    median, low, high = (fine(value, dose["n"], "median").text for value in _five(dose)[:3])
    told = f"{PHASES[row['phase']]}, n {dose['n']:,}\nmedian {median} mg/kg (middle half {low} to {high})"
    return {name: row[name] for name in ("session", "phase")} | dose | {"words": median, "told": told}


def _legend(marks: list[dict[str, Any]]) -> list[Entry]:
    drawn = {mark["phase"] for mark in marks}
    entries = {"induction": Entry("given", "Induction"), "top_up": Entry("top-up", "Maintenance or booster after it")}
    return [entry for phase, entry in entries.items() if phase in drawn]


def _notes(drawn: dict[str, Any], any_mark: bool) -> list[str]:
    notes = ["A description of what was given. It says nothing of what should be."]
    if not any_mark:
        notes = [
            f"{counted(drawn['infusions'], 'infusion')}: nothing is drawn from fewer than {limits().fewest} known doses."
        ]
    if drawn["unknown"]:
        notes.append(
            f"{drawn['unknown']:,} of {counted(drawn['infusions'], 'infusion')} without mg/kg: "
            "another route, or no dose or weight recorded."
        )
    if drawn["later"]:
        notes.append(f"{counted(drawn['later'], 'infusion')} after session {LAST_SESSION}: not shown.")
    return notes
