"""Second and later induction courses, in words and rows."""

from typing import Any

from clinic.outcomes.charts.sizes import FIRST_OUTCOMES
from clinic.outcomes.criteria import Criteria
from clinic.outcomes.drawings.cells import counted, ends, figure
from clinic.outcomes.drawings.panel import Cell, Panel, Table, cell
from clinic.outcomes.printed import NO_VALUE, printed
from clinic.outcomes.small_numbers import limits

#: What the first course had been -> its words; its shape is of the same name.
OUTCOMES = {
    "remission": "Remission at some time",
    "response": "Response, never remission",
    "none": "No response",
    "not_judged": "Not evaluable",
}
SHAPES = dict(zip(FIRST_OUTCOMES, ("remission", "response", "none", "pending"), strict=True))
#: The measure of `printed` that gives whole numbers.
WHOLE = "max"
GROUPS = {"second_courses": "Second courses", "later_courses": "All later courses"}


def retreatment(drawn: dict[str, Any], criteria: Criteria) -> Panel:
    """Who came back for another induction, after what, and what came of it."""
    groups = _groups(drawn)
    shown = drawn["second"] >= limits().fewest
    return Panel(
        id="retreatment",
        title=_title(drawn),
        subtitle="Second and later induction courses, with the latest PCL-5 of each. "
        "In none of the other figures: those count each patient’s first course alone.",
        label=_label(drawn, groups),
        table=Table(
            "Second and later induction courses",
            ["Figure", *(GROUPS[name] for name in groups)],
            [*_rows(groups), *_first_rows(drawn, len(groups))],
        ),
        data=_data(drawn, groups, criteria) if shown else None,
        notes=_notes(drawn, shown),
    )


def _groups(drawn: dict[str, Any]) -> dict[str, Any]:
    """All later courses stand beside the second ones only if there is a third."""
    return {name: drawn[name] for name in GROUPS if name == "second_courses" or _third(drawn)}


def _third(drawn: dict[str, Any]) -> bool:
    """Whether what came of later courses than the second is shown, too."""
    return bool(drawn["third"]) and (limits().single or drawn["third"] >= limits().fewest)


def _title(drawn: dict[str, Any]) -> str:
    if not drawn["second"]:
        return "Nobody has had a second induction course"
    third = f", {drawn['third']:,} a third" if drawn["third"] else ""
    return f"{drawn['second']:,} of {counted(drawn['patients'], 'patient')} had a second induction{third}"


def _label(drawn: dict[str, Any], groups: dict[str, Any]) -> str:
    outcomes = ", ".join(f"{OUTCOMES[name].lower()} {drawn['first_outcome'][name]:,}" for name in FIRST_OUTCOMES)
    said = [f"{_title(drawn)}. First course of those with a second: {outcomes}."]
    said += [
        f"{GROUPS[name]}: {', '.join(_words(group))}." for name, group in groups.items() if group["before"] is not None
    ]
    return " ".join(said)


def _words(group: dict[str, Any]) -> list[str]:
    """ "53.5 → 33.6 (−19.9)", "Response 17 of 23 · 74 % (54–87)"."""
    n = group["evaluated_patients"]
    rate = printed(group["response"])
    bounds = f" ({rate['ci95'][0]}–{rate['ci95'][1]})" if rate["ci95"] else ""
    change = figure(group["reduction"], n, "change")
    return [
        f"{figure(group['before'], n)} → {figure(group['after'], n)} ({change})",
        f"Response {rate['x']} of {rate['n']} · {rate['rate']}{bounds}",
    ]


def _rows(groups: dict[str, Any]) -> list[list[Cell]]:
    """One row per figure, one column per group."""
    columns = [_column(group) for group in groups.values()]
    return [[Cell(name), *(column[name] for column in columns)] for name in columns[0]]


def _column(group: dict[str, Any]) -> dict[str, Cell]:
    days, n, rate = (
        group["days"],
        group["evaluated_patients"],
        group["response"] or {"x": None, "rate": None, "ci95": None},
    )
    quartiles, change, bounds = ends(days["quartiles"], days["n"]), ends(group["ci95"], n), ends(rate["ci95"], n)
    return {
        "Patients": cell(group["patients"]),
        "Courses": cell(group["courses"]),
        "Days since the course before, median": cell(figure(days["median"], group["patients"], WHOLE)),
        "Days since the course before, 25 %": cell(figure(quartiles[0], group["patients"], WHOLE)),
        "Days since the course before, 75 %": cell(figure(quartiles[1], group["patients"], WHOLE)),
        "Evaluated (eligible, with a later PCL-5)": cell(group["evaluated"]),
        "Mean baseline": cell(figure(group["before"], n)),
        "Mean latest total": cell(figure(group["after"], n)),
        "Mean reduction": cell(figure(group["reduction"], n)),
        "95 % CI from": cell(figure(change[0], n)),
        "95 % CI to": cell(figure(change[1], n)),
        "Response on the latest PCL-5": cell(figure(None, n) if rate["x"] is None else rate["x"]),
        "Response rate": cell(figure(rate["rate"], n, "rate")),
        "Rate, 95 % CI from": cell(figure(bounds[0], n, "rate")),
        "Rate, 95 % CI to": cell(figure(bounds[1], n, "rate")),
    }


def _first_rows(drawn: dict[str, Any], columns: int) -> list[list[Cell]]:
    blank = [Cell(NO_VALUE)] * (columns - 1)
    return [
        [Cell(f"First course: {OUTCOMES[name].lower()}"), cell(drawn["first_outcome"][name]), *blank]
        for name in FIRST_OUTCOMES
    ]


def _data(drawn: dict[str, Any], groups: dict[str, Any], criteria: Criteria) -> dict[str, Any]:
    known = {name: group for name, group in groups.items() if group["before"] is not None}
    return {
        "outcomes": [
            {"shape": SHAPES[name], "words": OUTCOMES[name], "count": drawn["first_outcome"][name]}
            for name in FIRST_OUTCOMES
        ],
        "totals": [
            {"name": GROUPS[name], "before": group["before"], "after": group["after"], "words": _words(group)}
            for name, group in known.items()
        ],
        "cut": criteria.cut,
    }


def _notes(drawn: dict[str, Any], shown: bool) -> list[str]:
    if not shown:
        return [f"n = {drawn['second']}: nothing is drawn from fewer than {limits().fewest} patients."]
    days = drawn["second_courses"]["days"]
    median, low, high = (figure(value, days["n"], WHOLE) for value in (days["median"], *days["quartiles"]))
    notes = [
        f"Second courses began {median} days (median; middle half {low} to {high}) after the last induction infusion "
        "of the first.",
        "People often come back because symptoms returned: these courses cannot be set against first ones.",
    ]
    if _third(drawn):
        notes.append("All later courses: courses, not patients, so without intervals.")
    return notes
