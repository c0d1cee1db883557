"""PCL-5 before and after treatment, in words and rows."""

from typing import Any

from clinic.outcomes.criteria import Criteria
from clinic.outcomes.printed import points, printed


def trajectories(drawn: dict[str, Any], criteria: Criteria) -> dict[str, Any]:
    """Mean with interval at baseline and in each window, with the lines of single patients or, of many, deciles."""
    visits = drawn["visits"]
    said = ", ".join(f"{visit['label'].lower()} {points(visit['mean'])} (n {visit['n']:,})" for visit in visits)
    deciles = any("deciles" in visit for visit in visits)
    return {
        "data": {**drawn, "cut": criteria.cut},
        "n": f"{drawn['n']:,}",
        "visits": [{**visit, "shown": printed(visit, f"trajectories.{visit['name']}.")} for visit in visits],
        "lines": [_line(line, visits[1:]) for line in drawn.get("lines", [])],
        "deciles": deciles,
        "label": f"PCL-5 totals over time. Means: {said}. Cut {criteria.cut}.",
    }


def _line(line: list[Any], visits: list[dict[str, Any]]) -> list[Any]:
    """The baseline, then for each visit the day and total in its window, or None."""
    baseline, seen = line
    cells = [next((point for point in seen if visit["from"] <= point[0] <= visit["to"]), None) for visit in visits]
    return [baseline, *cells]
