"""Which symptoms changed, in words and rows."""

from decimal import Decimal
from typing import Any

from clinic.outcomes.criteria import Criteria
from clinic.outcomes.drawings.cells import ends, fine, joined, too_few
from clinic.outcomes.drawings.panel import Cell, Entry, Panel, Table, cell
from clinic.outcomes.printed import points
from clinic.outcomes.small_numbers import limits

#: Our own short names of the clusters and items, for charts; the wording of the questionnaire is on its forms.
CLUSTER_NAMES = {"B": "Intrusion", "C": "Avoidance", "D": "Thinking and mood", "E": "Arousal"}
ITEM_NAMES = {
    1: "Intrusive memories",
    2: "Bad dreams",
    3: "Flashbacks",
    4: "Upset at reminders",
    5: "Bodily reactions",
    6: "Avoiding thoughts",
    7: "Avoiding reminders",
    8: "Gaps in memory",
    9: "Bleak beliefs",
    10: "Blame",
    11: "Painful feelings",
    12: "Lost interests",
    13: "Feeling detached",
    14: "Few good feelings",
    15: "Irritability",
    16: "Risk taking",
    17: "Watchfulness",
    18: "Startling easily",
    19: "Poor concentration",
    20: "Poor sleep",
}
#: The smallest reduction that is not printed as 0.00.
_LEAST = Decimal("0.005")
HEAD = ["Symptom", "n", "Before", "After", "Mean reduction", "95 % CI from", "to"]


def symptoms(drawn: dict[str, Any], criteria: Criteria) -> Panel:
    """Mean points before and after treatment: each cluster, then its items."""
    clusters = drawn["clusters"]
    rows = [row for cluster in clusters for row in [_named(cluster), *map(_named, cluster["items"])]]
    shown = any(row["before"] is not None for row in rows)
    return Panel(
        id="symptoms",
        title=_title([_named(cluster) for cluster in clusters if cluster["before"] is not None]),
        subtitle="Mean points per item, 0–4, of patients evaluated in this window. Bold: a cluster, as the mean of its items.",
        label=_label(drawn["n"], rows),
        table=Table("Mean points per item before and after treatment, by cluster", HEAD, [_cells(row) for row in rows]),
        data={"rows": [_mark(row) for row in rows]} if shown else None,
        legend=[Entry("before", "Before treatment"), Entry("after", "After treatment")],
        notes=_notes(drawn["n"], shown),
    )


def _named(row: dict[str, Any]) -> dict[str, Any]:
    """The row with its name, and whether it is a cluster."""
    if "key" in row:
        return row | {"name": f"{row['key']} {CLUSTER_NAMES[row['key']]}", "cluster": True}
    return row | {"name": f"{row['item']} {ITEM_NAMES[row['item']]}", "cluster": False}


def _title(clusters: list[dict[str, Any]]) -> str:
    """Which clusters fell, and by how much: as printed, so that the title never says more than the table."""
    if not clusters:
        return "Too few forms to compare symptoms"
    by = {CLUSTER_NAMES[cluster["key"]]: Decimal(repr(cluster["reduction"])) for cluster in clusters}
    fell = sorted(reduction for reduction in by.values() if reduction >= _LEAST)
    if not fell:
        return "No cluster of symptoms was lower after treatment"
    names = [name for name, reduction in by.items() if reduction >= _LEAST]
    rest = [name for name in by if name not in names]
    if rest:
        return _sentence(f"{joined(names)} fell, {joined(rest)} did not")
    who = "Every cluster of symptoms" if len(names) == len(CLUSTER_NAMES) else _sentence(joined(names))
    least, most = (points(float(reduction), 2) for reduction in (fell[0], fell[-1]))
    return (
        f"{who} fell by {most} points an item" if least == most else f"{who} fell, by {least} to {most} points an item"
    )


def _sentence(words: str) -> str:
    return words[0] + words[1:].lower()


def _label(n: int, rows: list[dict[str, Any]]) -> str:
    known = [row for row in rows if row["before"] is not None]
    said = "; ".join(f"{row['name']} {points(row['before'], 2)} to {points(row['after'], 2)}" for row in known)
    start = f"Mean points per item, 0 to 4, before and after treatment, of {n:,} evaluated."
    return f"{start} {said}." if said else f"{start} Nothing is shown of fewer than {limits().fewest} patients."


def _cells(row: dict[str, Any]) -> list[Cell]:
    n = row["n"]
    numbers = [row["before"], row["after"], row["reduction"], *ends(row["ci95"], n)]
    name = f"Cluster {row['name']}" if row["cluster"] else row["name"]
    return [Cell(name), cell(n), *(fine(number, n) for number in numbers)]


def _mark(row: dict[str, Any]) -> dict[str, Any]:
    """What is drawn of a row: values exact, words as the table prints them."""
    mark = {name: row[name] for name in ("name", "cluster", "n", "before", "after")}
    if row["before"] is None:
        return mark | {"words": [too_few(), too_few()], "told": f"n = {row['n']}"}
    before, after, fell, low, high = (shown.text for shown in _cells(row)[2:])
    told = f"Before {before}, after {after}, n {row['n']:,}\nMean reduction {fell} (95 % CI {low} to {high})"
    return mark | {"words": [fell, f"{fell} ({low} to {high})"], "told": told}


def _notes(n: int, shown: bool) -> list[str]:
    if not shown:
        return [f"n = {n:,}: nothing is drawn from fewer than {limits().fewest} patients."]
    return [
        "Names are short forms of ours, not the wording of the questionnaire. No item or cluster has a cut of its own.",
        "A row counts patients whose two forms both have its answers: a cluster needs all of its items.",
    ]
