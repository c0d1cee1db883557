"""Where patients leave, in words and rows."""

from collections.abc import Iterator
from typing import Any

from clinic.outcomes.criteria import Criteria
from clinic.outcomes.definitions import window_label, window_words
from clinic.outcomes.drawings.panel import Cell, Panel, Table, cell
from clinic.outcomes.small_numbers import NOT_SHOWN, Count, Withheld, limits

_STEPS = {"registered": "Registered", "treated": "Treated", "baseline": "Valid baseline", "eligible": "Eligible"}
#: Of whom a loss is counted, as the title says it.
_OF = {
    "registered": "registered",
    "treated": "treated",
    "baseline": "with a baseline",
    "eligible": "eligible",
    "due": "due",
}
#: Whoever has not been treated yet or whose window is open may still go on: no reason to call it the commonest loss.
_NOT_LOST = ("not_treated", "window_open")
#: What a number of the page's first row leads to, where it is the same patients.
_LISTS = {
    "treated": "treated",
    "eligible": "eligible",
    "no_baseline": "status-no_baseline",
    "below_cut": "status-below_cut",
}
_NOTES = (
    "The way begins with registration: referral and screening are not recorded here. "
    "Treated: one infusion of an induction course or more.",
    "Completed induction (4 infusions within 28 days) is no step: no outcome rule asks for it, "
    "and whoever had fewer infusions is counted in the follow-ups too.",
    "3, 6 and 12 months follow from who is eligible, not from the window before: a patient missing there may be seen later. "
    "Due: the window is over, or has a PCL-5 already.",
)


def care_flow(drawn: dict[str, Any], criteria: Criteria) -> Panel:
    """Bars of the steps with the losses under each, then those that stand beside the way."""
    reasons = _reasons(criteria)
    chosen, *_ = drawn["windows"]
    steps = [*drawn["steps"][:-1], drawn["steps"][-1] | {"lost": chosen["not_due"]}]
    steps += [
        {"name": "due", "n": chosen["due"], "lost": chosen["missing"]},
        {"name": "obtained", "n": chosen["obtained"], "lost": {}},
    ]
    words = _STEPS | {"due": "Follow-up due", "obtained": "Follow-up obtained"}
    rows = [
        {"words": words[step["name"]], "n": step["n"], "why": _why(step["lost"], reasons), "beside": False}
        for step in steps
    ]
    rows += _beside(drawn, criteria, reasons)
    most = drawn["steps"][0]["n"]
    return Panel(
        id="care-flow",
        title=_title(steps, reasons),
        subtitle=f"First course of each patient, followed up {window_words(criteria, chosen['name'])}. "
        "Under each bar: who is not in the next, and why.",
        label="Care flow. " + " ".join(_said(row) for row in rows),
        table=Table(
            "Patients at each step", ["Step, or reason", "Patients", "Lost", "Apart"], list(_table(drawn, criteria))
        ),
        data={"most": most, "rows": rows} if not isinstance(most, Withheld) and most >= limits().fewest else None,
        notes=list(_NOTES),
    )


def _reasons(criteria: Criteria) -> dict[str, str]:
    return {
        "not_treated": "not treated yet",
        "no_baseline": "no valid baseline",
        "below_cut": f"baseline below {criteria.eligibility_cut}",
        "criterion_a_not_met": "criterion A not met",
        "window_open": "window still open",
        "no_pcl5": "no usable PCL-5",
        "withdrew": "withdrew",
        "died": "died",
    }


def _why(lost: dict[str, Count], reasons: dict[str, str]) -> list[str]:
    return [f"{count:,} {reasons[name]}" for name, count in lost.items() if count]


def _beside(drawn: dict[str, Any], criteria: Criteria, reasons: dict[str, str]) -> list[dict[str, Any]]:
    """Completed induction and the later windows, each of those eligible."""
    eligible, induction = drawn["steps"][-1]["n"], drawn["induction"]
    apart = {"with fewer infusions": induction["incomplete"], "still in the series": induction["in_series"]}
    rows = [
        {
            "words": "Completed induction",
            "n": induction["complete"],
            "of": eligible,
            "of_words": f"{induction['complete']:,} of {eligible:,}",
            "why": [f"{count:,} {words}" for words, count in apart.items() if count],
        }
    ]
    for window in drawn["windows"][1:]:
        rows.append(
            {
                "words": window_label(criteria, window["name"], with_days=False),
                "n": window["obtained"],
                "of": window["due"],
                "of_words": f"{window['obtained']:,} of {window['due']:,} due",
                "why": _why(window["missing"], reasons),
            }
        )
    return [row | {"beside": True} for row in rows]


def _title(steps: list[dict[str, Any]], reasons: dict[str, str]) -> str:
    losses = [
        (count, reasons[name], step)
        for step in steps
        for name, count in step["lost"].items()
        if count and name not in _NOT_LOST
    ]
    if not losses:
        return "Where patients leave: nobody was lost so far"
    count, reason, step = max(losses, key=lambda loss: loss[0])
    if isinstance(count, Withheld) or any(str(loss[0]) == NOT_SHOWN.words for loss in losses):
        return "Where patients leave, and why"
    return f"Where patients leave: most often {reason} ({count:,} of {step['n']:,} {_OF[step['name']]})"


def _said(row: dict[str, Any]) -> str:
    n = row.get("of_words", f"{row['n']:,}")
    return f"{row['words']} {n}{': ' + ', '.join(row['why']) if row['why'] else ''}."


def _table(drawn: dict[str, Any], criteria: Criteria) -> Iterator[list[Cell]]:
    """Steps in bold order with every reason, also those of nobody; what a step has less its losses is the next."""
    reasons = _reasons(criteria)
    for step in drawn["steps"]:
        yield _row(_STEPS[step["name"]], n=step["n"], of=_LISTS.get(step["name"], ""))
        for name, count in step["lost"].items():
            yield _row(_sentence(reasons[name]), lost=count, of=_LISTS.get(name, ""))
    for at, window in enumerate(drawn["windows"]):
        label = window_label(criteria, window["name"])
        for name, count in window["not_due"].items():
            yield _row(f"{label}: {reasons[name]}{', not due yet' if name != 'window_open' else ''}", lost=count)
        yield _row(f"{label}: due", n=window["due"])
        for name, count in window["missing"].items():
            before = " before the window closed" if name != "no_pcl5" else ""
            yield _row(f"{label}: {reasons[name]}{before}", lost=count)
        yield _row(f"{label}: obtained", n=window["obtained"], of="" if at else "evaluated")
    beside = {"Completed induction": "complete", "Fewer infusions": "incomplete", "Still in the series": "in_series"}
    for words, name in beside.items():
        yield _row(f"{words}, of those eligible", apart=drawn["induction"][name])


def _row(
    words: str, *, n: Count | None = None, lost: Count | None = None, apart: Count | None = None, of: str = ""
) -> list[Cell]:
    return [Cell(words), *(Cell("") if count is None else cell(count, of) for count in (n, lost, apart))]


def _sentence(words: str) -> str:
    return words[0].upper() + words[1:]
