"""This clinic beside the published study, in words and rows."""

from typing import Any

from clinic.outcomes import study as published
from clinic.outcomes.criteria import Criteria
from clinic.outcomes.printed import printed, signed
from clinic.outcomes.small_numbers import limits


def study(clinic: dict[str, Any], response: dict[str, Any], criteria: Criteria) -> dict[str, Any]:
    """The clinic's study-like figures beside the published ones; nothing of the clinic under limits().fewest patients."""
    shown = printed(clinic, "study_like.")
    theirs = printed(response, "study.response.")
    enough = clinic["evaluated"] >= limits().fewest
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


def _rate_words(rate: dict[str, Any]) -> str:
    ends = f" ({rate['ci95'][0]}–{rate['ci95'][1]})" if rate["ci95"] else ""
    return f"{rate['x']} of {rate['n']} · {rate['rate']}{ends}"


def _total_words(shown: dict[str, Any]) -> str:
    change, effect = shown["reduction"]["change"], shown["effect_size"]["d_rms"]
    return f"{shown['baseline']['mean']} → {shown['endpoint']['mean']} ({change}), d rms {effect}"
