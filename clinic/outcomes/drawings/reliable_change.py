"""Reliable change as a Jacobson-Truax plot, in words and rows (section 5.5)."""

from typing import Any

from clinic.outcomes.charts.sizes import HIGHEST
from clinic.outcomes.criteria import Criteria
from clinic.outcomes.drawings.cells import ends_cells, rate_of
from clinic.outcomes.drawings.panel import Cell, Entry, Panel, Table, cell, number
from clinic.outcomes.printed import printed
from clinic.outcomes.small_numbers import Count, Withheld, limits

HEAD = ["Class", "Baseline", "Follow-up", "n", "Share", "CI from", "CI to"]
#: Class -> the shape of the status that it is like.
SHAPES = {"recovered": "remission", "improved": "response", "unchanged": "none", "deteriorated": "worsened"}
_PUBLISHED = Criteria()
#: Why there are cells, whether or not single patients may be drawn.
_WHY = {True: "Too many patients for single points:", False: "Single patients are not shown:"}
_EMPTY = cell("")


def reliable_change(drawn: dict[str, Any], criteria: Criteria) -> Panel:
    """Follow-up against baseline: on the diagonal nothing changed, below it the patient is better."""
    points, at_most = criteria.reliable_points, criteria.reliable_at_most
    data = None
    if "points" in drawn or "places" in drawn:
        marks = drawn["points"] if "points" in drawn else drawn["places"]
        data = {"marks": marks, "points": points, "at_most": at_most, "cells": "cells" in drawn}
    return Panel(
        id="reliable_change",
        title=_title(drawn),
        subtitle=f"Jacobson–Truax: PCL-5 total at follow-up against baseline, first courses followed up, n = {drawn['n']:,}. "
        "Below the diagonal is better.",
        label=_label(drawn, criteria),
        table=_table(drawn),
        data=data,
        legend=[
            Entry(SHAPES[name], f"{words}: {drawn['classes'][name]:,}") for name, words in _words(criteria).items()
        ],
        notes=_notes(drawn, criteria),
    )


def _title(drawn: dict[str, Any]) -> str:
    if drawn["n"] < limits().fewest:
        return "Reliable change: too few were followed up to draw"
    classes = drawn["classes"]
    if any(isinstance(count, Withheld) for count in (drawn["n"], *classes.values())):
        return "Reliable change, by class"
    better = drawn["better"] if "better" in drawn else classes["recovered"] + classes["improved"]
    recovered, deteriorated = (f"{classes[name]:,}" for name in ("recovered", "deteriorated"))
    of_them = f", {recovered} of them recovered" if better else ""
    return f"{better:,} of {drawn['n']:,} improved reliably{of_them}; {deteriorated} deteriorated"


def _words(criteria: Criteria) -> dict[str, str]:
    points = criteria.reliable_points
    return {
        "recovered": f"Recovered, −{points} or more and {criteria.reliable_at_most} or less",
        "improved": f"Improved, −{points} or more",
        "unchanged": "Unchanged",
        "deteriorated": f"Deteriorated, +{points} or more",
    }


def _label(drawn: dict[str, Any], criteria: Criteria) -> str:
    counts = "; ".join(f"{words}: {drawn['classes'][name]:,}" for name, words in _words(criteria).items())
    kinds = (
        f"Lines: no change, {criteria.reliable_points} points better and worse, follow-up {criteria.reliable_at_most}."
    )
    return f"PCL-5 at follow-up against baseline of {drawn['n']:,} patients. {counts}. {kinds}"


def _table(drawn: dict[str, Any]) -> Table:
    rows = []
    if drawn["n"] >= limits().fewest:
        rows = [[cell("Evaluated"), _EMPTY, _EMPTY, cell(drawn["n"], "evaluated"), _EMPTY, _EMPTY, _EMPTY]]
        rows += [_class_cells(name, drawn["classes"][name], drawn["n"]) for name in SHAPES]
    for name, places in drawn.get("points", {}).items():
        rows += [_place_cells(name, number(before), number(after), n) for before, after, n in places]
    for name, places in drawn.get("cells", {}).items():
        rows += [_place_cells(name, _span(before), _span(after), n) for before, after, n in places]
    caption = "Classes of reliable change with Wilson’s 95 % CI, then every mark of the chart."
    return Table(f"{caption} n = {drawn['n']:,}.", HEAD, rows)


def _class_cells(name: str, x: Count, n: int) -> list[Cell]:
    rate = printed(rate_of(x, n))
    return [cell(name.title()), _EMPTY, _EMPTY, cell(x), cell(rate["rate"]), *ends_cells(rate["ci95"])]


def _place_cells(name: str, before: Cell, after: Cell, n: int) -> list[Cell]:
    return [cell(f"{name.title()}, {before.text} → {after.text}"), before, after, cell(n), _EMPTY, _EMPTY, _EMPTY]


def _span(start: int) -> Cell:
    """The totals of a cell; the last one holds 80 as well."""
    end = HIGHEST if start + limits().cell >= HIGHEST else start + limits().cell - 1
    return cell(f"{start}–{end}")


def _notes(drawn: dict[str, Any], criteria: Criteria) -> list[str]:
    points, at_most, below = criteria.reliable_points, criteria.reliable_at_most, drawn["at_or_below"]
    numbers = f"Reliable change of {points} points and end state of {at_most} or less"
    published = (_PUBLISHED.reliable_points, _PUBLISHED.reliable_at_most)
    if (points, at_most) == published:
        source = f"{numbers}: fixed published values (Marx 2022), not recomputed from this clinic."
    else:
        source = f"{numbers}: this clinic’s settings; published are {published[0]} and {published[1]} (Marx 2022)."
    who = {0: "No baseline is", 1: "1 baseline is"}.get(below, f"{below:,} baselines are")
    notes = [source, f"{who} at or below {at_most}; from there nobody can be “recovered”."]
    if "cells" in drawn:
        notes.append(
            f"{_WHY[limits().single]} each mark is the count in a cell of {limits().cell} × {limits().cell} points."
        )
    elif "points" in drawn:
        notes.append("A larger mark stands for several patients with the same two totals.")
    return notes
