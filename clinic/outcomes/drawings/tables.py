"""The first charts of the dashboard as tables for a CSV; the other panels bring theirs (drawings/panel.py)."""

from typing import Any

from clinic.outcomes.drawings.panel import Cell, Table, cell, number
from clinic.outcomes.printed import NO_VALUE, Printed


def waterfall(drawn: dict[str, Any]) -> Table:
    """One row for bars of the same length and class; of many patients, the curve over the ranks."""
    if drawn["curve"]:
        rows = [[number(rank), number(change)] for rank, change in drawn["curve"]]
        return Table("Change by rank, most improved first", ["Rank", "Change, points"], rows)
    rows = [
        [cell(row["ranks"]), number(row["change"]), cell(row["words"]), cell(row["count"])] for row in drawn["rows"]
    ]
    return Table("Change, most improved first", ["Rank", "Change, points", "Class", "Patients"], rows)


def trajectories(drawn: dict[str, Any]) -> Table:
    """The visits with mean and interval."""
    rows = []
    for visit in drawn["visits"]:
        days = f"{visit['from']} to {visit['to']}" if visit["from"] else "before"
        shown = visit["shown"]
        rows.append([cell(visit["label"]), cell(days), cell(shown["n"]), cell(shown["mean"]), *_ends(shown["ci95"])])
    head = ["Visit", "Days after the last infusion", "n", "Mean PCL-5", "95 % CI from", "to"]
    return Table("Mean PCL-5 total of those seen", head, rows)


def status_mix(drawn: dict[str, Any]) -> Table:
    """Each status with its patients."""
    rows = [[cell(row["words"]), cell(row["figure"]), cell(row["share"])] for row in drawn["rows"]]
    return Table("Status today", ["Status", "Patients", "Share"], rows)


def study(drawn: dict[str, Any]) -> Table:
    """This clinic and the study, figure by figure; what the study did not publish is blank."""
    ours, theirs, published = drawn["clinic"], drawn["published_response"], drawn["published"]
    rows = [
        [cell("Patients evaluated"), cell(ours["evaluated"]), number(published.N)],
        [cell("PCL-5 before, mean"), cell(ours["baseline"]["mean"]), cell(str(published.BASELINE_MEAN))],
        [cell("PCL-5 before, SD"), cell(ours["baseline"]["sd"]), cell(str(published.BASELINE_SD))],
        [cell("PCL-5 after, mean"), cell(ours["endpoint"]["mean"]), cell(str(published.ENDPOINT_MEAN))],
        [cell("PCL-5 after, SD"), cell(ours["endpoint"]["sd"]), cell(str(published.ENDPOINT_SD))],
        [cell("Effect size d rms"), cell(ours["effect_size"]["d_rms"]), cell(str(published.EFFECT_SIZE))],
        [cell("Response, patients"), cell(ours["response"]["x"]), cell(theirs["x"])],
        [cell("Response, share"), cell(ours["response"]["rate"]), cell(theirs["rate"])],
        [cell("Remission, patients"), cell(ours["remission"]["x"]), Cell("")],
        [
            cell("Remission, share"),
            cell(ours["remission"]["rate"]),
            Cell(f"{published.REMISSION_PERCENT} %", str(published.REMISSION_PERCENT / 100)),
        ],
    ]
    g = ours.get("psychotherapy", {}).get("g")
    theirs_g = cell(str(published.PSYCHOTHERAPY_EFFECT_SIZE))
    rows.append([cell("Psychotherapy or none, Hedges g (study: d)"), cell(g) if g else Cell(NO_VALUE), theirs_g])
    return Table("Definitions inferred: VA-10/33 on the last PCL-5", ["Measure", "This clinic", "Study"], rows)


def _ends(ends: list[Printed]) -> list[Cell]:
    return [cell(end) for end in ends] or [Cell(""), Cell("")]
