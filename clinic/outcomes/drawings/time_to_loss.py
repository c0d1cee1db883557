"""How long a response lasted until its loss was seen, in words and rows."""

from typing import Any

from clinic.outcomes.criteria import Criteria
from clinic.outcomes.definitions import response_words
from clinic.outcomes.drawings.panel import Panel
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

#: Curve -> its name in the drawing and in the table.
NAMES = {
    "all": ("All responders", "All responders"),
    "psychotherapy": ("Psychotherapy", "Psychotherapy"),
    "none_recorded": ("None recorded", "None recorded"),
    "re_induction": ("New induction", "Censored at a new induction"),
    "top_up": ("First top-up", "Censored at the first top-up"),
}
SENSITIVITY = ("re_induction", "top_up")
SPLIT = "Psychotherapy or none recorded: exploratory, unadjusted."
THIN = "Thin lines: censored at a new induction, or at the first maintenance or booster infusion (top-up)."


def time_to_loss(drawn: dict[str, Any], criteria: Criteria) -> Panel:
    """Survival curves of the responders: all and by psychotherapy or, without these groups, two sensitivity curves."""
    curves = drawn["curves"]
    split = "psychotherapy" in curves
    lines = [
        Line(key, *names, curve=curves[key], drawn=not split or key not in SENSITIVITY)
        for key, names in NAMES.items()
        if key in curves
    ]
    everybody = lines[0]
    shown = [line for line in lines if line.shown]
    said = "; ".join(f"{line.name} (n {line.curve['n']:,}): {median_words(line)}" for line in shown)
    return Panel(
        id="time-to-loss",
        title=_title(drawn, everybody),
        subtitle=_subtitle(drawn, everybody),
        label=f"Time to detected loss of response. {said or 'Nothing is drawn'}.",
        table=table(
            "Time to detected loss of response, days after the PCL-5 with the response; interval: log-log",
            lines,
            event="Lost",
            share="Still in response",
        ),
        data=data(lines, rises=False, root_scale=False),
        notes=[*_notes(drawn, everybody, split, criteria), *sampled_note(shown), *coarse_note(shown)],
    )


def _title(drawn: dict[str, Any], everybody: Line) -> str:
    if not drawn["responders"]:
        return "No responder to follow yet"
    if not everybody.shown:
        return "Too few responders followed up for a curve" if limits().single else NO_CURVE
    lost, until = round(1 - everybody.last_share, 12), everybody.curve["until"]
    if everybody.curve["median"] is not None:
        return f"Half of the responders had lost response by day {everybody.curve['median']:,}"
    if not lost:
        return f"No loss of response was seen by day {until:,}"
    return f"{share_words(lost)} of the responders had lost response by day {until:,}"


def _subtitle(drawn: dict[str, Any], everybody: Line) -> str:
    n, without = everybody.curve["n"], drawn["without_follow_up"]
    responders = f"{n:,} responder{'' if n == 1 else 's'}"
    more = f"{without:,} without follow-up {'is' if without == 1 else 'are'} not in the curve" if without else ""
    counted = f"Time to detected loss of response: {'; '.join(filter(None, (responders, more)))}."
    return counted + (f" {marks_words()}" if everybody.shown else "")


def _notes(drawn: dict[str, Any], everybody: Line, split: bool, criteria: Criteria) -> list[str]:
    events, inductions = everybody.curve["events"], drawn["inductions"]
    notes = [
        f"{defined('Response', response_words(criteria))} Day 0 is the PCL-5 with it: the primary follow-up or, without one, the "
        "end of the series.",
        f"Lost ({events:,}): a later PCL-5 without response, or a new induction course ({inductions:,}). A loss is seen at a "
        "PCL-5; it came then or earlier.",
        f"Others are censored at their last PCL-5, or when they left. Died before a loss was seen: {drawn['died']:,}.",
    ]
    if everybody.shown:
        more = SPLIT if split else (THIN if limits().single else "")
        notes.append(f"Curves and medians stop where fewer than {limits().fewest} are at risk. {more}".rstrip())
    return notes
