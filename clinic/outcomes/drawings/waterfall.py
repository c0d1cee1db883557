"""Who changed, and by how much, in words and rows."""

from itertools import groupby
from typing import Any

from clinic.outcomes.criteria import Criteria
from clinic.outcomes.definitions import remission_words
from clinic.outcomes.printed import signed


def waterfall(drawn: dict[str, Any], criteria: Criteria) -> dict[str, Any]:
    """One bar per patient, or of many a curve over the ranks; the table joins bars of the same length and class."""
    legend = [
        {"shape": name, "words": words, "count": f"{drawn['classes'][name]:,}"}
        for name, words in _classes(criteria).items()
    ]
    counted = "; ".join(f"{entry['words']}: {entry['count']}" for entry in legend)
    return {
        "data": {**drawn, "references": _references(criteria), "points": criteria.response_points},
        "n": f"{drawn['n']:,}",
        "legend": legend,
        "rows": _joined(drawn.get("bars", []), _classes(criteria)),
        "curve": drawn.get("curve", []),
        "label": f"Change in PCL-5 points of {drawn['n']:,} patients, most improved first. {counted}.",
    }


def _classes(criteria: Criteria) -> dict[str, str]:
    return {
        "remission": remission_words(criteria).rstrip("."),
        "response": "Response, not remission",
        "none": "No response",
        "worsened": "Worsened",
    }


def _references(criteria: Criteria) -> list[dict[str, Any]]:
    """The dotted lines. A response in percent of the baseline has no line of its own."""
    lines = {criteria.worsening_points: "worsened", -criteria.reliable_points: "reliable"}
    if criteria.response_points is not None:
        lines.setdefault(-criteria.response_points, "response")
    return [{"at": at, "words": f"{signed(at, 0)} {words}"} for at, words in lines.items()]


def _joined(bars: list[Any], words: dict[str, str]) -> list[dict[str, Any]]:
    rows, rank = [], 0
    for (change, name), same in groupby(bars, key=tuple):
        count = len(list(same))
        ranks = str(rank + 1) if count == 1 else f"{rank + 1}–{rank + count}"
        rows.append({"ranks": ranks, "change": change, "shape": name, "words": words[name], "count": count})
        rank += count
    return rows
