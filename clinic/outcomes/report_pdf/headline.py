"""The headline figures as one table: each x of n, its value, its 95 % interval, how many are missing, and what it is."""

from collections.abc import Sequence
from typing import Any

from reportlab.platypus import Flowable, Spacer

from clinic.outcomes.dashboard import Dashboard
from clinic.outcomes.printed import NO_VALUE, Printed
from clinic.pdf.document import WIDTH, Heading
from clinic.pdf.tables import ruled
from clinic.pdf.words import note, with_index, words

_COLUMNS = (0.49, 0.14, 0.14, 0.14, 0.09)
_HEAD = ("Figure", "x of n", "Value", "95 % CI", "Missing")
_LOWER = "Lower bound: non-responder imputation over evaluated and missing; a bound has no interval."
_UPPER = "Upper bound: best case over evaluated and missing; a bound has no interval."
_RMS = "Mean reduction over the root-mean-square SD of baseline and follow-up; noncentral t interval."
Row = list[Flowable | str]


def headline(board: Dashboard) -> list[Flowable]:
    """The table with its heading, and the flags that are counted beside it."""
    n, said = board.n, board.words
    caption = (
        f"{n['evaluated']} evaluated {said['window']}, {n['missing']} missing. {board.definition}. Intervals: Wilson for rates, "
        f"paired t for change, noncentral t for d. Fewer than {said['fewest']} patients: no percentage, mean or interval; fewer "
        f"than {said['fewest_for_effect']}: no effect size."
    )
    head: Row = [words(_HEAD[0], "cell-small"), *(words(name, "head") for name in _HEAD[1:])]
    table = ruled([head, *_rates(board), *_changes(board)], [share * WIDTH for share in _COLUMNS])
    return [
        Heading("Headline figures"),
        words("Headline figures", "h2"),
        words(caption, "caption"),
        table,
        Spacer(0, 5),
        *_flags(board),
    ]


def _rates(board: Dashboard) -> list[Row]:
    n, said, beside = board.n, board.words, board.beside
    missing = n["missing"].text
    rows = []
    if beside:
        obtained = (
            f"PCL-5 {said['window']}, of those whose window is over and who did not leave. Target {said['target']}."
        )
        rows += [
            _rate(board, "Eligible, of those treated", beside["eligible_share"], _eligible(board), NO_VALUE),
            _rate(board, "Follow-up obtained (completeness)", beside["completeness"], obtained, NO_VALUE),
        ]
    return [
        *rows,
        _rate(board, "Response", n["response"], said["response"], missing),
        _rate(board, "Response, every missing one a non-response", n["non_responder_imputation"], _LOWER, NO_VALUE),
        _rate(board, "Response, every missing one a response", n["best_case"], _UPPER, NO_VALUE),
        _rate(board, "Remission", n["remission"], said["remission"], missing),
        _rate(board, "Worsened", n["worsened"], said["worsened"], missing),
        _rate(board, "Reliable change", n["reliable_change"], said["reliable"], missing),
        _rate(
            board, "Reliable change, end state reached", n["reliable_and_below"], said["reliable_and_below"], missing
        ),
    ]


def _changes(board: Dashboard) -> list[Row]:
    n, missing, effect = board.n, board.n["missing"].text, board.n["effect_size"]
    reduction, infusions = n["reduction"], n["infusions_per_course"]
    top_ups = f"{infusions['min']} to {infusions['max']}, top-ups that follow the induction included."
    of, means = n["evaluated"].text, "Points, 0–80."
    positive = "Baseline minus follow-up, so positive is better; paired t interval."
    return [
        _line("PCL-5 at baseline, mean (SD)", means, n["baseline"]["n"].text, _mean(n["baseline"]), [], missing),
        _line("PCL-5 at follow-up, mean (SD)", means, n["endpoint"]["n"].text, _mean(n["endpoint"]), [], missing),
        _line("Reduction, mean (SD)", positive, reduction["n"].text, _mean(reduction), reduction["ci95"], missing),
        _line("Reduction, median", "Points.", reduction["n"].text, reduction["median"].fine, [], missing),
        _effect("Effect size d", "rms", _RMS, of, effect["d_rms"], effect["d_rms_ci95"], missing),
        _effect("Effect size d", "z", "Mean reduction over its own SD.", of, effect["d_z"], [], missing),
        _effect("Hedges g", "rms", "The first, corrected for small samples.", of, effect["g_rms"], [], missing),
        _line("Infusions per course, mean (SD)", top_ups, of, _mean(infusions), [], NO_VALUE),
    ]


def _eligible(board: Dashboard) -> str:
    outside, cut = board.not_counted, board.criteria.eligibility_cut
    return (
        f"Not: {outside['no_baseline']} no baseline, {outside['below_cut']} below {cut}, "
        f"{outside['criterion_a_not_met']} criterion A not met."
    )


def _rate(board: Dashboard, name: str, rate: dict[str, Any], what: str, missing: str) -> Row:
    doubtful = board.incomplete == "too low"
    of = f"{rate['x']} of {rate['n']}"
    return _line(name, what, of, rate["rate"].fine, rate["ci95"], missing, between="–", doubtful=doubtful)


def _effect(name: str, index: str, what: str, of: str, value: Printed, ends: Sequence[Printed], missing: str) -> Row:
    row = _line("", what, of, value.fine, ends, missing)
    return [[with_index(name, index, style="cell"), words(what, "cell-small")], *row[1:]]


def _line(
    name: str,
    what: str,
    of: str,
    value: str,
    ends: Sequence[Printed],
    missing: str,
    *,
    between: str = " to ",
    doubtful: bool = False,
) -> Row:
    interval = f"{ends[0].fine}{between}{ends[1].fine}" if ends else NO_VALUE
    style = "number-doubtful" if doubtful else "number"
    cells = [words(of, "number"), words(value, style), words(interval, style), words(missing, "number")]
    return [[words(name, "cell"), words(what, "cell-small")], *cells]


def _mean(group: dict[str, Any]) -> str:
    return f"{group['mean'].fine} ({group['sd'].fine})"


def _flags(board: Dashboard) -> list[Flowable]:
    """What is counted beside the rates (rules 13, 20 and 22)."""
    n, beside = board.n, board.beside
    flags = n["flags"]
    said = [
        f"Of {n['evaluated']} evaluated: {flags['covers_pretreatment']} look back to before treatment, {flags['mixed_recall']} "
        f"pair a week with a month form, {flags['weekly_baseline']} have a week-form baseline, {flags['prorated']} have a "
        "prorated total."
    ]
    if beside:
        said.append(
            f"{beside['weekly_endpoints']} of {n['evaluated']} endpoints and {beside['weekly_remissions']} of "
            f"{n['remission']['x']} remissions rest on weekly forms: no validated weekly cut. "
            f"{beside['worsened_outside']} worsened outside the rate (not eligible). "
            f"Of the missing, {beside['left']} died or withdrew before."
        )
    if beside and flags["covers_pretreatment"].exact != "0":
        response, remission = beside["response_after"], beside["remission_after"]
        said.append(
            f"Without those that look back to before treatment: response {_short(response)}; remission {_short(remission)}."
        )
    return [note(text) for text in said]


def _short(rate: dict[str, Any]) -> str:
    ends = f" ({rate['ci95'][0]}–{rate['ci95'][1]})" if rate["ci95"] else ""
    return f"{rate['x']} of {rate['n']}, {rate['rate']}{ends}"
