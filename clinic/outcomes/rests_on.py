"""What rests on groups of patients whose number is withheld from what is handed on: rounded, or left out with it (rule 31).

From a mean with all its digits, or from a standard deviation beside an interval, the number could be told.
"""

from collections.abc import Callable
from typing import Any

from clinic.outcomes.small_numbers import FEW, NOT_SHOWN, OUTSIDE, Withheld


def _of_changes(drawn: dict[str, Any]) -> None:
    """Means of groups whose size is withheld and known: rounded, or their digits would tell the size."""
    for visit in drawn["visits"]:
        _round(visit, 1)


def _of_symptoms(drawn: dict[str, Any]) -> None:
    for row in rows_of_symptoms(drawn):
        _round(row, 2)


def _of_doses(drawn: dict[str, Any]) -> None:
    """Who had a session is who did not stop before it: its number stands where it is that of everybody alone."""
    everybody = drawn["patients"]
    for row in drawn["sessions"]:
        for holder in (row, row["mg_per_kg"], row["minutes"]):
            n = holder["n"]
            if n != everybody or n < OUTSIDE.fewest:
                holder["n"] = n if not n else FEW if n < OUTSIDE.fewest else NOT_SHOWN
        for spread in (row["mg_per_kg"], row["minutes"]):
            _round(spread, 2)


def _of_curves(drawn: dict[str, Any]) -> None:
    """A curve whose size is withheld would tell it."""
    for curve in drawn["curves"].values():
        if isinstance(curve["n"], Withheld):
            curve.update({"until": None, "median": None, "median_ci95": [None, None], "points": []})


def _of_the_waterfall(drawn: dict[str, Any]) -> None:
    if isinstance(drawn["n"], Withheld):
        drawn.pop("curve", None)


def _of_reliable_change(drawn: dict[str, Any]) -> None:
    """Of a class whose size is withheld no cell is shown."""
    for name in ("cells", "places"):
        if isinstance(drawn["n"], Withheld):
            drawn.pop(name, None)
        elif name in drawn:
            whole = {kind for kind, n in drawn["classes"].items() if not isinstance(n, Withheld)}
            drawn[name] = {kind: cells if kind in whole else [] for kind, cells in drawn[name].items()}


def _of_subgroups(drawn: dict[str, Any]) -> None:
    """Groups of which every row has its size."""
    whole = not isinstance(drawn["n"], Withheld)
    groups = [group for group in drawn["groups"] if not any(isinstance(row["n"], Withheld) for row in group["rows"])]
    drawn["groups"] = groups if whole else []
    if not whole:
        drawn.pop("all", None)


def _of_events(drawn: dict[str, Any]) -> None:
    """The highest grade of few is that of one."""
    for row in (*drawn["grades"], *drawn["terms"]):
        if row["patients"]["x"] == FEW:
            row["highest"] = None


def _of_retreatment(drawn: dict[str, Any]) -> None:
    for name in ("second_courses", "later_courses"):
        group = drawn[name]
        _round(group["days"], 0)
        if isinstance(group["evaluated_patients"], Withheld) or isinstance(group["evaluated"], Withheld):
            group |= dict.fromkeys(("before", "after", "reduction", "ci95", "response"))


def _of_completeness(drawn: dict[str, Any]) -> None:
    if any(isinstance(drawn["primary"][name]["n"], Withheld) for name in ("followed", "lost")):
        drawn["primary"]["difference"] = None


#: Panel -> what is done with it when its counts are withheld.
FINISH: dict[str, Callable[[dict[str, Any]], None]] = {
    "waterfall": _of_the_waterfall,
    "reliable_change": _of_reliable_change,
    "trajectories": _of_changes,
    "subgroups": _of_subgroups,
    "symptoms": _of_symptoms,
    "doses": _of_doses,
    "time_to_first": _of_curves,
    "time_to_loss": _of_curves,
    "adverse_events": _of_events,
    "retreatment": _of_retreatment,
    "completeness": _of_completeness,
}


def rows_of_symptoms(drawn: dict[str, Any]) -> list[dict[str, Any]]:
    return [row for cluster in drawn["clusters"] for row in (cluster, *cluster["items"])]


def _round(figures: dict[str, Any], places: int) -> None:
    """Where the number of patients is withheld."""
    if isinstance(figures["n"], Withheld):
        figures |= {name: _rounded(value, places) for name, value in figures.items()}


def _rounded(value: Any, places: int) -> Any:
    if isinstance(value, float):
        return round(value, places)
    return [_rounded(one, places) for one in value] if isinstance(value, list) else value


def nothing(figures: dict[str, Any]) -> dict[str, Any]:
    """The same without any value; a withheld count stays."""
    return {name: value if isinstance(value, Withheld) else None for name, value in figures.items()}
