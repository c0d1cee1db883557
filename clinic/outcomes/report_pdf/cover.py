"""The first page: whose figures, of whom, under which definition, when and by whom; the answer; what to know first."""

from dataclasses import dataclass
from datetime import datetime

from reportlab.platypus import Flowable, Spacer

from clinic.outcomes.dashboard import Dashboard
from clinic.outcomes.definitions import window_label
from clinic.outcomes.drawings.cells import joined
from clinic.outcomes.handed_on import beside_everybody
from clinic.outcomes.interval_bars import IntervalBar
from clinic.outcomes.printed import Printed
from clinic.outcomes.small_numbers import NOT_SHOWN, Count, limits
from clinic.pdf.document import WIDTH
from clinic.pdf.pen import Drawing, Pen
from clinic.pdf.tables import boxed, pairs
from clinic.pdf.words import strong_then, words
from clinic.web.templatetags.tidemark import day, moment

TITLE = "Outcomes of ketamine treatment for PTSD"
#: What stands beside every figure of the clinic, wherever it is shown.
TO_KNOW = (
    "Observational, no control group. First courses, observed cases. Provisional, not a diagnosis. "
    "Clinical decision support: verify before you act."
)
#: The rail of an interval bar, in its own units.
_RAIL = 200.0
_HIGH = 88.0


@dataclass(frozen=True)
class Extract:
    """Who made the report, when (`zone` names the clock), and for which clinic ("" where it set no name)."""

    by: str
    at: datetime
    zone: str
    clinic: str


def cover(board: Dashboard, extract: Extract) -> list[Flowable]:
    """The first page's upper part."""
    return [
        words(extract.clinic or "Clinic report", "over"),
        words(TITLE, "title"),
        words(lead(board), "lead"),
        Spacer(0, 12),
        _strip(board),
        Spacer(0, 10),
        *warnings(board),
        pairs(facts(board, extract), WIDTH, 0.17),
    ]


def facts(board: Dashboard, extract: Extract) -> list[tuple[str, str]]:
    """What the figures are of, as terms and meanings."""
    summary = board.summary
    if summary is None:
        raise ValueError("a dashboard that shows nothing has no report")
    chosen = "; ".join(f"{label}: {said}" for label, said in board.asked.words) or "Everybody treated"
    if board.asked.filters.any:
        chosen += _of_everybody(summary.figures[board.window]["courses"], board.everybody_treated)
    return [
        ("Window", f"{window_label(board.criteria, board.window)}: PCL-5 {board.words['window']}"),
        ("Definition", board.definition),
        ("Patients", chosen),
        ("Counted", _counted(board)),
        ("Records up to", day(summary.as_of)),
        ("Added up at", f"{moment(summary.computed_at)} ({extract.zone}), {board.pending.words}"),
        ("Extracted", f"{moment(extract.at)} ({extract.zone}), by {extract.by}"),
        ("To know", f"{TO_KNOW} {limits().said}"),
    ]


def _of_everybody(courses: Count, everybody: int) -> str:
    """How many were chosen of how many; of what is handed on where that tells of few."""
    if limits().single or beside_everybody(courses, everybody):
        return f" ({courses:,} of {everybody:,} treated match)"
    return ""


def lead(board: Dashboard) -> str:
    """The answer first, as on the dashboard."""
    n, window = board.n, board.words["window"]
    if n["evaluated"].exact == "0":
        return (
            f"Nobody has been followed up {window} yet. {n['eligible']} of {n['courses']} treated "
            f"{_are(n['courses'], 'patient is', 'patients are')} eligible: {n['missing']} "
            f"{_are(n['missing'], 'follow-up', 'follow-ups')} missing, {n['not_due']} not due."
        )
    remission = f"{n['remission']['x']} of them in remission"
    if not board.criteria.remission_requires_response:
        remission = f"{n['remission']['x']} {_are(n['remission']['x'], 'is', 'are')} in remission"
    told = {"response": f"{n['response']['x']} responded", "remission": remission}
    told["worsened"] = f"{n['worsened']['x']} worsened"
    hidden = [name for name in told if n[name]["x"].text == NOT_SHOWN.words]
    parts = joined([words for name, words in told.items() if name not in hidden]) or "no outcome is shown"
    return (
        f"Of {n['evaluated']} {_are(n['evaluated'], 'patient', 'patients')} followed up {window}, {parts}. "
        + (f"How many had {joined(hidden)} is not shown. " if hidden else "")
        + f"{n['missing']} {_are(n['missing'], 'follow-up is', 'follow-ups are')} missing."
    )


def warnings(board: Dashboard) -> list[Flowable]:
    """What to know before the numbers are believed."""
    found = []
    if board.asked.preset:
        found.append(
            ("info", "Another definition than the one in force.", f"Computed for this report: {board.definition}.")
        )
    if board.outdated:
        settings = f"settings v{board.version.number} ({board.version.preset})"
        coming = f"settings v{board.in_force.number} ({board.in_force.preset})"
        title = f"Recomputing under {coming}: {board.pending.percent} %."
        found.append(("info", title, f"Until that is done the figures are those of {settings}."))
    if board.pending.patients:
        found.append(("info", f"{board.pending.words}.", "What was recorded since is not yet in these figures."))
    if board.failed:
        title = f"{board.failed:,} {'patient is' if board.failed == 1 else 'patients are'} in no figure."
        found.append(("warn", title, "Their outcomes could not be computed."))
    if board.incomplete:
        found.append(("warn", *_incomplete(board)))
    return [
        part
        for kind, title, text in found
        for part in (boxed(strong_then(title, text, "small"), WIDTH, f"{kind}-soft", kind), Spacer(0, 5))
    ]


def _incomplete(board: Dashboard) -> tuple[str, str]:
    obtained = board.beside["completeness"]
    share = obtained["rate"] if obtained["rate"].exact else f"fewer than {board.words['target']}"
    title = f"Rates may be biased: {share} of the follow-ups due were obtained."
    of = f"{obtained['x']} of {obtained['n']}" if obtained["x"].exact else f"Of {obtained['n']}"
    text = (
        f"{of} whose window is over; the target is {board.words['target']}. "
        "Those who are missing may have fared otherwise."
    )
    return title, text + (" Fewer than half: the rates are greyed out." if board.incomplete == "too low" else "")


def _counted(board: Dashboard) -> str:
    n, outside = board.n, board.not_counted
    cut = board.criteria.eligibility_cut
    text = (
        f"{n['courses']} treated; {n['eligible']} eligible (not: {outside['no_baseline']} no baseline, "
        f"{outside['below_cut']} below {cut}, {outside['criterion_a_not_met']} criterion A not met); "
        f"{n['evaluated']} evaluated, {n['missing']} missing, {n['not_due']} not due."
    )
    if board.criterion_a_open.exact != "0":
        text += f" Criterion A open in {board.criterion_a_open} eligible."
    return text


def _are(count: Printed, one: str, many: str) -> str:
    return one if count.exact == "1" else many


def _strip(board: Dashboard) -> Drawing:
    """The four headline figures in large, each with its interval as a bar."""
    n = board.n
    rates = [(name.capitalize(), n[name], board.bars[name]) for name in ("response", "remission", "worsened")]
    boxes = [
        (name, rate["rate"].text, _ends(rate["ci95"], "–"), f"{rate['x']} of {rate['n']} · {n['missing']} missing", bar)
        for name, rate, bar in rates
    ]
    change, of = n["reduction"]["change"], n["reduction"]["n"]
    pairs_of = f"{of} {_are(of, 'pair', 'pairs')} · PCL-5 points"
    boxes.append(
        ("Mean change", change.text, _ends(n["reduction"]["change_ci95"], " to "), pairs_of, board.bars["change"])
    )
    wide = WIDTH / len(boxes)

    def paint(pen: Pen) -> None:
        pen.line((0, 0.5), (WIDTH, 0.5), "line")
        pen.line((0, _HIGH - 0.5), (WIDTH, _HIGH - 0.5), "line")
        for at, (name, value, ends, of_whom, bar) in enumerate(boxes):
            doubtful = board.incomplete == "too low"
            left, role = at * wide, "ink-3" if doubtful else ("worsened" if name == "Worsened" else "accent")
            pen.write(name, (left, 12), size=7.5, role="ink", bold=True)
            pen.write(value, (left, 33), size=17, role="ink-3" if doubtful else "ink", bold=True)
            pen.write(ends, (left, 49), size=6.75)
            _rail(pen, bar, left, wide - 18, role)
            pen.write(of_whom, (left, 77), size=6.5)

    return Drawing(WIDTH, _HIGH, paint)


def _ends(ends: list[Printed], between: str) -> str:
    return f"95 % CI {ends[0]}{between}{ends[1]}" if ends else ""


def _rail(pen: Pen, bar: IntervalBar | None, left: float, wide: float, role: str) -> None:
    y = 62.0
    pen.line((left, y), (left + wide, y), "line", 1)
    if bar is None:
        return
    low, high, mark = (left + float(at) / _RAIL * wide for at in (bar.low, bar.high, bar.mark))
    if bar.reference:
        at = left + float(bar.reference) / _RAIL * wide
        pen.line((at, y - 5), (at, y + 5), "ink-3", 0.75, dash=(1.5, 1.5))
    pen.line((low, y), (high, y), role, 2.5)
    pen.box((mark, y - 4), (2.2, 8), fill=role)
