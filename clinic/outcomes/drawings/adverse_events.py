"""Adverse events by grade and by term, in words and rows."""

from typing import Any

from clinic.outcomes.criteria import Criteria
from clinic.outcomes.drawings.panel import Cell, Panel, Table, cell, number
from clinic.outcomes.printed import NO_VALUE, printed
from clinic.outcomes.small_numbers import OUTSIDE, limits

_GRADES = {"any": "Any grade", "grade_2": "Grade 2 or more", "grade_3": "Grade 3 or more", "serious": "Serious"}
_OTHER = "Other terms"
_FEW_OF_A_TERM = {True: "one patient alone.", False: f"fewer than {OUTSIDE.fewest_for_term} patients."}


def adverse_events(drawn: dict[str, Any], _criteria: Criteria) -> Panel:
    """Two marks a row: of infusions and of patients, each with its interval."""
    rows = [{"words": _GRADES[row["name"]], **row} for row in drawn["grades"]]
    rows += [{"words": row["term"] or _OTHER, **row} for row in drawn["terms"]]
    shown = [row | {of: printed(row[of]) for of in ("infusions", "patients")} for row in rows]
    enough = drawn["patients"] >= limits().fewest
    return Panel(
        id="adverse-events",
        title=_title(shown[0], drawn),
        subtitle="Infusions with one or more, and patients with one or more, of every given infusion, also of later courses.",
        label="Adverse events. " + " ".join(_said(row) for row in shown),
        table=_table(shown),
        data={"grades": len(drawn["grades"]), "rows": [_marks(row, of) for row, of in zip(rows, shown, strict=True)]}
        if enough
        else None,
        notes=_notes(drawn),
    )


def _title(everything: dict[str, Any], drawn: dict[str, Any]) -> str:
    if not drawn["infusions"]:
        return "Adverse events: no infusion was given yet"
    infusions = everything["infusions"]
    if not drawn["grades"][0]["infusions"]["x"]:
        return f"No adverse event recorded in {infusions['n']} infusions"
    share = f" ({infusions['rate']})" if infusions["rate"].exact else ""
    return f"An adverse event in {infusions['x']} of {infusions['n']} infusions{share}"


def _marks(row: dict[str, Any], shown: dict[str, Any]) -> dict[str, Any]:
    """What the script draws: shares of 1, and what stands beside them."""
    return {
        "words": row["words"],
        **{of: {name: row[of][name] for name in ("x", "rate", "ci95")} for of in ("infusions", "patients")},
        "said": {of: _rate_words(shown[of]) for of in ("infusions", "patients")},
        "highest": row["highest"],
    }


def _rate_words(shown: dict[str, Any]) -> str:
    return f"{shown['x']} of {shown['n']} · {shown['rate']}{_interval(shown)}"


def _interval(shown: dict[str, Any]) -> str:
    return f" ({shown['ci95'][0]}–{shown['ci95'][1]})" if shown["ci95"] else ""


def _said(row: dict[str, Any]) -> str:
    infusions, patients = row["infusions"], row["patients"]
    return f"{row['words']}: {_rate_words(infusions)} infusions, {_rate_words(patients)} patients."


def _table(shown: list[dict[str, Any]]) -> Table:
    head = ["Adverse event"]
    for of in ("Infusions", "Patients"):
        head += [of, f"Of {of.lower()}", "%", "CI from", "CI to"]
    rows = [
        [
            Cell(row["words"]),
            *_rate_cells(row["infusions"]),
            *_rate_cells(row["patients"]),
            Cell(NO_VALUE) if row["highest"] is None else number(row["highest"]),
        ]
        for row in shown
    ]
    return Table("Adverse events by grade, then by term", [*head, "Highest grade"], rows)


def _rate_cells(shown: dict[str, Any]) -> list[Cell]:
    ends = [cell(end) for end in shown["ci95"]] or [Cell(NO_VALUE), Cell(NO_VALUE)]
    return [cell(shown["x"]), cell(shown["n"]), cell(shown["rate"]), *ends]


def _notes(drawn: dict[str, Any]) -> list[str]:
    notes = [
        "Observed and recorded in the session; what was not recorded is not here. Grades are those of CTCAE v5.",
        "Infusions of one patient are alike, so the interval of infusions is rather too short.",
    ]
    if drawn["patients"] and drawn["patients"] < limits().fewest:
        notes.append(f"Fewer than {limits().fewest} patients: counts alone.")
    if any(row["term"] is None for row in drawn["terms"]):
        notes.append("Other terms: the rarer ones, and those recorded for " + _FEW_OF_A_TERM[limits().single])
    return notes
