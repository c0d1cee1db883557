"""What is recorded of the setting of infusions, in words and rows."""

from typing import Any

from clinic.outcomes.charts.sizes import ANSWERS
from clinic.outcomes.criteria import Criteria
from clinic.outcomes.drawings.cells import counted, figure, joined
from clinic.outcomes.drawings.panel import Cell, Entry, Panel, Table, cell
from clinic.outcomes.small_numbers import Withheld, limits

PARTS = {
    "preparation": "Preparation",
    "intention": "Intention",
    "eye_mask": "Eye mask",
    "music": "Music",
    "integration": "Integration",
}
HEAD = ["Part", "Yes", "Share", "No", "Share", "Not recorded", "Share", "Infusions"]


def setting(drawn: dict[str, Any], criteria: Criteria) -> Panel:
    """Shares of infusions in which each part is recorded."""
    parts, patients = drawn["parts"], drawn["patients"]
    shown = patients >= limits().fewest
    n = f"{counted(drawn['infusions'], 'infusion')} of {counted(patients, 'patient')}"
    return Panel(
        id="setting",
        title=_title(parts, drawn["infusions"], shown),
        subtitle=f"{n}: first courses and the top-ups that follow. Whether each part of the setting was recorded.",
        label=f"What is recorded of {n}. " + "; ".join(_told(part, patients) for part in parts) + ".",
        table=Table("Parts of the setting, recorded or not", HEAD, [_cells(part, patients) for part in parts]),
        data={"parts": [_mark(part, patients) for part in parts]} if shown else None,
        legend=[
            Entry("said-yes", "Recorded: yes"),
            Entry("said-no", "Recorded: no (eye mask, music)"),
            Entry("not-said", "Not recorded"),
        ],
        notes=_notes(drawn, shown),
    )


def _title(parts: list[dict[str, Any]], infusions: int, shown: bool) -> str:
    """Which part is recorded least, where enough is known to say."""
    if not shown:
        return "Too few patients to show what is recorded"
    withheld = any(isinstance(part["not_recorded"]["x"], Withheld) for part in parts)
    return "What is recorded of the setting" if withheld else _least(parts, infusions)


def _least(parts: list[dict[str, Any]], infusions: int) -> str:
    """By count, so that equal printed shares are not taken for a tie."""
    missing = {PARTS[part["name"]]: part["not_recorded"]["x"] for part in parts}
    most = max(missing.values())
    if not most:
        return "Every part of the setting is always recorded"
    if min(missing.values()) == infusions:
        return "No part of the setting is recorded"
    if min(missing.values()) == most:
        return "All parts of the setting are recorded equally often"
    least = joined([name for name, count in missing.items() if count == most])
    verb = "is" if list(missing.values()).count(most) == 1 else "are"
    if most == infusions:
        return f"{_sentence(least)} {verb} never recorded"
    recorded = figure(1 - most / infusions, infusions, "rate")
    return f"{_sentence(least)} {verb} recorded least: {recorded} of infusions"


def _sentence(words: str) -> str:
    return words[0] + words[1:].lower()


def _share(part: dict[str, Any], answer: str, patients: int) -> str:
    """The share as it is printed; "" for an answer that the part cannot have."""
    return figure(part[answer]["rate"], patients, "rate").text if part[answer] else ""


def _cells(part: dict[str, Any], patients: int) -> list[Cell]:
    cells = [Cell(PARTS[part["name"]])]
    for answer in ANSWERS:
        share = part[answer]
        both = [cell(share["x"]), cell(figure(share["rate"], patients, "rate"))] if share else [Cell("—"), Cell("—")]
        cells += both
    return [*cells, cell(part["yes"]["n"])]


def _mark(part: dict[str, Any], patients: int) -> dict[str, Any]:
    shares = {answer: 100 * (part[answer]["rate"] or 0.0) if part[answer] else 0.0 for answer in ANSWERS}
    words = {answer: _share(part, answer, patients) for answer in ANSWERS}
    return {"name": PARTS[part["name"]], "shares": shares, "words": words, "told": _told(part, patients)}


def _told(part: dict[str, Any], patients: int) -> str:
    words = {"yes": "yes", "no": "no", "not_recorded": "not recorded"}
    said = ", ".join(
        f"{words[answer]} {part[answer]['x']:,} ({_share(part, answer, patients)})"
        for answer in ANSWERS
        if part[answer]
    )
    return f"{PARTS[part['name']]}: {said}"


def _notes(drawn: dict[str, Any], shown: bool) -> list[str]:
    notes = [
        "Not recorded is not the same as no. Of preparation, intention and integration only a yes can be recorded."
    ]
    if not shown:
        notes.append(f"n = {drawn['patients']}: nothing is drawn from fewer than {limits().fewest} patients.")
    return notes
