"""What each chart of the dashboard is given (`data`), and the same numbers as rows of its table.

A chart draws nothing that its table does not say: both are made here of the same values.
"""

from itertools import groupby
from typing import Any

from clinic.outcomes import study as published
from clinic.outcomes.criteria import Criteria
from clinic.outcomes.definitions import remission_words
from clinic.outcomes.printed import FEWEST, points, printed, signed
from clinic.web.templatetags.tidemark import STATUS_WORDS

#: From best to worst, then those that cannot be judged.
_STATUS_ORDER = ("REMISSION", "RESPONSE", "NO_RESPONSE", "RELAPSED", "WORSENED", "AWAITING", "NO_BASELINE", "BELOW_CUT")


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


def status_mix(counts: dict[str, int]) -> dict[str, Any]:
    """How many patients have each status now (rule 27a); a percentage from FEWEST patients on."""
    everybody = sum(counts.values())
    rows = [
        {
            "code": code,
            "of": f"status-{code.lower()}",
            "shape": STATUS_WORDS[code][0],
            "words": STATUS_WORDS[code][1],
            "count": counts[code],
            "figure": printed({code: counts[code]}, "status.")[code],
            "share": printed({"rate": counts[code] / everybody if everybody else None}, n=everybody)["rate"],
        }
        for code in _STATUS_ORDER
    ]
    said = ", ".join(f"{row['words']} {row['count']:,}" for row in rows)
    drawn = [{name: row[name] for name in ("shape", "words", "count")} for row in rows] if everybody >= FEWEST else []
    return {
        "data": {"n": everybody, "rows": drawn},
        "rows": rows,
        "n": f"{everybody:,}",
        "label": f"Status today: {said}.",
    }


def study(clinic: dict[str, Any], response: dict[str, Any], criteria: Criteria) -> dict[str, Any]:
    """The clinic's study-like figures beside the published ones; nothing of the clinic under FEWEST patients."""
    shown = printed(clinic, "study_like.")
    theirs = printed(response, "study.response.")
    enough = clinic["evaluated"] >= FEWEST
    rates = {name: clinic[name] if enough else None for name in ("response", "remission")}
    return {
        "data": {
            "n": clinic["evaluated"],
            "cut": criteria.cut,
            "clinic": {
                **rates,
                "before": clinic["baseline"]["mean"] if enough else None,
                "after": clinic["endpoint"]["mean"] if enough else None,
                "words": {name: _rate_words(shown[name]) for name in rates} | {"total": _total_words(shown)},
            },
            "study": {
                "response": response,
                "remission": {"rate": published.REMISSION_PERCENT / 100, "ci95": None},
                "before": published.BASELINE_MEAN,
                "after": published.ENDPOINT_MEAN,
                "words": {
                    "response": _rate_words(theirs),
                    "remission": f"{published.REMISSION_PERCENT} %, count not published",
                    "total": f"{published.BASELINE_MEAN} → {published.ENDPOINT_MEAN} "
                    f"({signed(published.CHANGE, 2)}), d {published.EFFECT_SIZE}",
                },
            },
        },
        "clinic": shown,
        "enough": enough,
        "median_day": shown["median_day"],
        "same_readings": clinic["same_readings"],
        "published": published,
        "published_response": theirs,
        "published_change": signed(published.CHANGE, 2),
        "label": "This clinic beside the published study. "
        + f"Response {_rate_words(shown['response'])} against {_rate_words(theirs)}; "
        + f"remission {_rate_words(shown['remission'])} against {published.REMISSION_PERCENT} %.",
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


def _line(line: list[Any], visits: list[dict[str, Any]]) -> list[Any]:
    """The baseline, then for each visit the day and total in its window, or None."""
    baseline, seen = line
    cells = [next((point for point in seen if visit["from"] <= point[0] <= visit["to"]), None) for visit in visits]
    return [baseline, *cells]


def _rate_words(rate: dict[str, Any]) -> str:
    ends = f" ({rate['ci95'][0]}–{rate['ci95'][1]})" if rate["ci95"] else ""
    return f"{rate['x']} of {rate['n']} · {rate['rate']}{ends}"


def _total_words(shown: dict[str, Any]) -> str:
    change, effect = shown["reduction"]["change"], shown["effect_size"]["d_rms"]
    return f"{shown['baseline']['mean']} → {shown['endpoint']['mean']} ({change}), d rms {effect}"
