"""What the literal cases of the outcome rules share. Each is asked of `evaluate` and of the plain reference.

Unless a case says otherwise: course 1 with infusions on 3, 6, 10 and 13 March 2025, a baseline of 54 on a month form of
20 February, seen from the end of 2026. Numbers in comments are those of the clinical rules.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

from evaluation_frames import (
    course,
    month,
)

from clinic.outcomes.criteria import PRESETS

VA = PRESETS["VA-10/33"]
NYS = PRESETS["NYS-12/33"]
MARX = PRESETS["Marx-15/28"]
PERCENT_30 = PRESETS["Percent-30/33"]
PERCENT_50 = PRESETS["Percent-50/33"]
MARCH = course(1, "2025-03-03", "2025-03-06", "2025-03-10", "2025-03-13")
BASELINE = month("2025-02-20", 54)
LATE = "2026-12-31"

Rows = list[dict[str, Any]]
Ask = Callable[..., Rows]


def day(text: str) -> date:
    return date.fromisoformat(text)


def part(row: dict[str, Any], names: str) -> tuple[Any, ...]:
    return tuple(row[name] for name in names.split())
