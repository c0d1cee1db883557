"""Mean reduction by subgroup as a forest plot, in words and rows (section 5.9)."""

from typing import Any

from clinic.outcomes.criteria import Criteria
from clinic.outcomes.drawings.cells import ends_cells, rate_of
from clinic.outcomes.drawings.panel import Cell, Panel, Table, cell
from clinic.outcomes.printed import NO_VALUE, Printed, printed
from clinic.outcomes.small_numbers import limits

HEAD = ["Subgroup", "n", "Mean reduction", "Reduction CI from", "Reduction CI to"]
HEAD += ["Responded", "Response", "Response CI from", "Response CI to", "Welch t", "df", "p", "Hedges g"]
_EMPTY = cell("")


def subgroups(drawn: dict[str, Any], _criteria: Criteria) -> Panel:
    """Each subgroup's mean reduction with its t interval beside the mean of all."""
    groups = [group for group in drawn["groups"] if group["rows"]]
    rows = [row for group in groups for row in group["rows"]]
    data = None
    if rows:
        shown = [{"label": group["label"], "rows": [_mark(row) for row in group["rows"]]} for group in groups]
        data = {"all": _mark(drawn["all"]), "groups": shown}
    return Panel(
        id="subgroups",
        title=_title(drawn, rows),
        subtitle=f"Exploratory, unadjusted. Mean reduction in PCL-5 points with 95 % CI, first courses followed up, "
        f"n = {drawn['n']:,}. Squares sized by n; the line is the mean of all.",
        label=_label(drawn, groups),
        table=_table(drawn, groups),
        data=data,
        notes=_notes(drawn),
    )


def _title(drawn: dict[str, Any], rows: list[dict[str, Any]]) -> str:
    if drawn["n"] < limits().fewest:
        return "Subgroups: too few were followed up to compare"
    if not rows:
        return (
            f"Subgroups: none has {limits().fewest} patients yet" if limits().single else "Subgroups: none can be shown"
        )
    overall, total = drawn["all"]["mean"], len(rows)
    missing = sum(1 for row in rows if not row["ci95"][0] <= overall <= row["ci95"][1])
    if missing:
        miss = "misses" if missing == 1 else "miss"
        return f"{missing} of {total} subgroup intervals {miss} the mean of all, {_text(drawn['all'], 'mean')}"
    if total == 1:
        return f"The one subgroup shown has an interval that holds the mean of all, {_text(drawn['all'], 'mean')}"
    every = "Both" if total == 2 else f"All {total}"
    return f"{every} subgroup intervals hold the mean of all, {_text(drawn['all'], 'mean')}"


def _mark(row: dict[str, Any]) -> dict[str, Any]:
    """What the script draws of a row, and what it writes beside it."""
    return {name: row[name] for name in ("label", "n", "mean", "ci95")} | {
        "short": _text(row, "mean"),
        "words": _with_interval(row),
    }


def _with_interval(row: dict[str, Any]) -> str:
    """As in a forest plot: "21.3 (16.9 to 25.7)"."""
    low, high = printed(row)["ci95"]
    return f"{_text(row, 'mean')} ({low} to {high})"


def _text(row: dict[str, Any], name: str) -> str:
    return str(printed(row)[name])


def _label(drawn: dict[str, Any], groups: list[dict[str, Any]]) -> str:
    if not groups:
        return f"Mean reduction in PCL-5 by subgroup: nothing is drawn, n = {drawn['n']:,}."
    said = "; ".join(
        f"{group['label']}: "
        + ", ".join(f"{row['label']} {_with_interval(row)}, n {row['n']:,}" for row in group["rows"])
        for group in groups
    )
    return f"Mean reduction in PCL-5 points by subgroup with 95 % CI. All {_with_interval(drawn['all'])}. {said}."


def _table(drawn: dict[str, Any], groups: list[dict[str, Any]]) -> Table:
    rows = [_cells("All", drawn["all"], ("evaluated", "response"))] if "all" in drawn else []
    for group in groups:
        rows += [_cells(f"{group['label']}: {row['label']}", row, _lists(group, row)) for row in group["rows"]]
        if "difference" in group.get("contrast", {}):
            rows.append(_contrast_cells(group))
    caption = f"Reduction in PCL-5 points and response by subgroup, 95 % CI (t; Wilson), n = {drawn['n']:,}."
    return Table(f"{caption} Exploratory, unadjusted.", HEAD, rows)


def _lists(group: dict[str, Any], row: dict[str, Any]) -> tuple[str, str]:
    """The patients of a row and those who responded, where a filter of the dashboard chooses them."""
    chosen = f"&{group['name']}={row['filter']}"
    return (f"evaluated{chosen}", f"response{chosen}") if row["filter"] else ("", "")


def _cells(name: str, row: dict[str, Any], of: tuple[str, str]) -> list[Cell]:
    shown = printed(row)
    rate = printed(rate_of(row["responded"], row["n"]))
    reduction = [shown["mean"], *shown["ci95"]]
    return [
        cell(name),
        cell(row["n"], of[0]),
        *map(cell, reduction),
        cell(row["responded"], of[1]),
        cell(rate["rate"]),
        *ends_cells(rate["ci95"]),
        *[_EMPTY] * 4,
    ]


def _contrast_cells(group: dict[str, Any]) -> list[Cell]:
    """A difference of two rows; g of fewer than limits().fewest_for_effect a group is not shown (rule 31)."""
    shown = _shown(group["contrast"])
    differences = [shown["difference"], *shown["ci95"]]
    tests = [shown["t"], shown["df"], shown["p"], shown["g"]]
    name = f"{group['label']}: {_against(group)} (difference)"
    n = cell(sum(group["contrast"]["sizes"]))
    return [cell(name), n, *map(cell, differences), *[_EMPTY] * 4, *map(cell, tests)]


def _shown(contrast: dict[str, Any]) -> dict[str, Any]:
    shown = printed(
        {name: value for name, value in contrast.items() if name not in ("labels", "sizes")}, n=min(contrast["sizes"])
    )
    if contrast["g"] is None:
        shown["g"] = Printed("g", "", f"n < {limits().fewest_for_effect}", NO_VALUE)
    return shown


def _against(group: dict[str, Any]) -> str:
    first, second = (label.lower() for label in group["contrast"]["labels"])
    return f"{first} against {second}"


def _notes(drawn: dict[str, Any]) -> list[str]:
    notes = [
        "Groups were not assigned: no row says what causes what. Of so many intervals, some miss the mean by chance, "
        "and a higher baseline leaves more room to fall."
    ]
    notes += [_compared(group) for group in drawn["groups"] if "contrast" in group]
    hidden = [_hidden(group) for group in drawn["groups"] if group["hidden"]]
    if hidden:
        notes.append(f"Not shown, as fewer than {limits().fewest} patients could be told apart: {'; '.join(hidden)}.")
    unknown = [f"{group['label']} {group['unknown']:,}" for group in drawn["groups"] if group["unknown"]]
    if unknown:
        notes.append(f"In no row, not recorded or outside the bands: {'; '.join(unknown)}.")
    return notes


def _hidden(group: dict[str, Any]) -> str:
    rows, patients = len(group["hidden"]), sum(group["hidden"])
    if not limits().single:
        return f"{group['label']}, {rows} row{'s' * (rows > 1)}"
    return f"{group['label']}, {rows} row{'s' * (rows > 1)} with {patients}"


def _compared(group: dict[str, Any]) -> str:
    """One sentence on a comparison of two levels."""
    contrast, name = group["contrast"], f"{group['label']}, {_against(group)}"
    if min(contrast["sizes"]) < limits().fewest:
        return f"{name}: not compared, {contrast['sizes'][0]:,} and {contrast['sizes'][1]:,} patients."
    if "difference" not in contrast:
        return f"{name}: not compared, no spread within the groups."
    shown = _shown(contrast)
    low, high = shown["ci95"]
    p = shown["p"].text if shown["p"].text[0] in "<>" else f"=\u00a0{shown['p']}"
    g = f", Hedges g\u00a0{shown['g']}" if contrast["g"] is not None else ""
    interval = f"{shown['difference']} points (95 % CI {low} to {high})"
    return f"{name}: difference {interval}, Welch t\u00a0{shown['t']}, df\u00a0{shown['df']}, p\u00a0{p}{g}."
