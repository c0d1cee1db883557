"""What other criteria would make of the clinic's figures, before anybody adopts them; nothing is stored."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from clinic.outcomes import selectors
from clinic.outcomes.criteria import Criteria
from clinic.outcomes.definitions import window_label
from clinic.outcomes.printed import printed

#: What is compared, in the order of the columns.
COUNTS = ("eligible", "evaluated")
RATES = ("response", "remission", "worsened")


@dataclass(frozen=True)
class Row:
    """One window: its figures as they are printed now and as they would be, each under its name; `changed` names those
    that differ."""

    label: str
    now: dict[str, Any]
    then: dict[str, Any]
    changed: frozenset[str]

    @property
    def cells(self) -> list[tuple[str, str, bool]]:
        """Of each figure what stands now, what would, and whether they differ."""
        counts = [(str(self.now[name]), str(self.then[name]), name in self.changed) for name in COUNTS]
        return counts + [(_rate(self.now[name]), _rate(self.then[name]), name in self.changed) for name in RATES]


@dataclass(frozen=True)
class Effect:
    """Both criteria over the same records, window by window."""

    name: str
    rows: list[Row]

    @property
    def words(self) -> str:
        """ "Marx-15/28 on Last: response 88 → 81 of 117, remission 73 → 64.", or that nothing changes."""
        changed = [row for row in self.rows if row.changed]
        if not changed:
            return f"{self.name}: no figure of any window would change."
        row = next((row for row in changed if row.label == "Last"), changed[-1])
        then = row.then["evaluated"]
        said = [f"{name} {row.now[name]['x']} → {row.then[name]['x']}" for name in RATES if name in row.changed] or [
            "the same rates"
        ]
        of = f" of {then}" if row.now["evaluated"].text == then.text else f", of {row.now['evaluated']} → {then}"
        return f"{self.name} on {row.label}: {', '.join(said)}{of} evaluated."


def effect(in_force: Criteria, proposed: Criteria, today: date) -> Effect:
    """Both criteria evaluated over today's records. Two queries and the memory of every reading, for an act that is rare."""
    from clinic.outcomes.figures import window_figures
    from clinic.outcomes.response import evaluate

    readings, courses = selectors.readings_of(None), selectors.courses_of(None)
    now, then = (evaluate(readings, courses, criteria, today) for criteria in (in_force, proposed))
    rows = []
    for window in now.windows:
        before, after = window_figures(now, window), window_figures(then, window)
        changed = {name for name in (*COUNTS, *RATES) if before[name] != after[name]}
        rows.append(Row(window_label(proposed, window), printed(before), printed(after), frozenset(changed)))
    return Effect(proposed.preset, rows)


def _rate(rate: dict[str, Any]) -> str:
    return f"{rate['x']} of {rate['n']}, {rate['rate']}"
