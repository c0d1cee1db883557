"""How long it took until the first response and the first remission were seen, in words and rows."""

from typing import Any

from clinic.outcomes.criteria import Criteria
from clinic.outcomes.definitions import remission_words, response_words
from clinic.outcomes.drawings.panel import Entry, Panel
from clinic.outcomes.drawings.survival import (
    NO_CURVE,
    Line,
    coarse_note,
    data,
    defined,
    marks_words,
    median_words,
    sampled_note,
    share_words,
    table,
)
from clinic.outcomes.small_numbers import limits

#: Curve -> its name, and what those have done who have had it.
OUTCOMES = {"response": ("Response", "had responded"), "remission": ("Remission", "had been in remission")}


def time_to_first(drawn: dict[str, Any], criteria: Criteria) -> Panel:
    """Two rising curves: who has responded, and who has been in remission, by each day after the first infusion."""
    lines = [Line(key, name, f"First {key}", drawn["curves"][key]) for key, (name, _) in OUTCOMES.items()]
    shown = all(line.shown for line in lines)
    said = "; ".join(f"{line.name} (n {line.curve['n']:,}): {median_words(line)}" for line in lines if shown)
    return Panel(
        id="time-to-first",
        title=_title(drawn, lines),
        subtitle=_subtitle(drawn, lines[0].curve["n"], shown),
        label=f"Time to detected first response and remission. {said or 'Nothing is drawn'}.",
        table=table(
            "Time to detected first response and remission, days after the first infusion; interval: log-log",
            lines,
            event="Had it",
            share="Share by then",
        ),
        data=data(lines, rises=True, root_scale=True),
        legend=[Entry(line.key, f"{line.name}: {line.curve['events']:,}") for line in lines if shown],
        notes=[
            f"{defined('Response', response_words(criteria))} {defined('Remission', remission_words(criteria))}",
            "Seen at a PCL-5: either came then or earlier, and may be lost again. Others are censored at their last PCL-5.",
            *([f"Curves and medians stop where fewer than {limits().fewest} are at risk."] if shown else []),
            *sampled_note(lines),
            *coarse_note([line for line in lines if line.shown]),
        ],
    )


def _title(drawn: dict[str, Any], lines: list[Line]) -> str:
    if not lines[0].curve["n"]:
        return "Nobody has been followed up yet"
    if not lines[0].shown:
        return "Too few patients followed up for a curve" if limits().single else NO_CURVE
    words = "; ".join(_seen(line) for line in lines)
    return words[0].upper() + words[1:]


def _seen(line: Line) -> str:
    done = OUTCOMES[line.key][1]
    if line.curve["median"] is not None:
        return f"half {done} by day {line.curve['median']:,}"
    who = share_words(line.last_share) if line.last_share else "nobody"
    return f"{who} {done} by day {line.curve['until']:,}"


def _subtitle(drawn: dict[str, Any], n: int, shown: bool) -> str:
    without = drawn["without_follow_up"]
    patients = f"{n:,} patient{'' if n == 1 else 's'}"
    more = f"{without:,} without follow-up {'is' if without == 1 else 'are'} not in the curves" if without else ""
    counted = f"Time to detected first response and remission: {'; '.join(filter(None, (patients, more)))}."
    scale = " Days after the first infusion, on a square-root scale. " + marks_words()
    return counted + (scale if shown else "")
