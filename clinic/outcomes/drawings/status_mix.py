"""Where patients stand today, in words and rows."""

from collections.abc import Mapping
from typing import Any

from clinic.outcomes.drawings.cells import share
from clinic.outcomes.printed import printed
from clinic.outcomes.small_numbers import Count, limits
from clinic.web.templatetags.tidemark import STATUS_WORDS

#: From best to worst, then those that cannot be judged.
_STATUS_ORDER = ("REMISSION", "RESPONSE", "NO_RESPONSE", "RELAPSED", "WORSENED", "AWAITING", "NO_BASELINE", "BELOW_CUT")


def status_mix(counts: Mapping[str, Count], everybody: Count) -> dict[str, Any]:
    """How many of everybody treated have each status now (rule 27a); a percentage from `limits().fewest` patients on."""
    rows = [
        {
            "code": code,
            "of": f"status-{code.lower()}",
            "shape": STATUS_WORDS[code][0],
            "words": STATUS_WORDS[code][1],
            "count": counts[code],
            "figure": printed({code: counts[code]}, "status.")[code],
            "share": printed({"rate": share(counts[code], everybody)}, n=everybody)["rate"],
        }
        for code in _STATUS_ORDER
    ]
    said = ", ".join(f"{row['words']} {row['count']:,}" for row in rows)
    drawn = (
        [{name: row[name] for name in ("shape", "words", "count")} for row in rows]
        if everybody >= limits().fewest
        else []
    )
    return {
        "data": {"n": everybody, "rows": drawn},
        "rows": rows,
        "n": f"{everybody:,}",
        "label": f"Status today: {said}.",
    }
