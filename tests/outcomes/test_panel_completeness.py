"""How complete the follow-up is: who is asked for, what a cell says, and whether those lost were like those followed."""

import json
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from clinics import VA, clinic, evaluation

from clinic.outcomes.charts.beside import beside
from clinic.outcomes.charts.completeness import completeness
from clinic.outcomes.drawings.completeness import HeatCell
from clinic.outcomes.drawings.completeness import completeness as draw

WINDOWS = ("EOS", "PRIMARY", "M3", "M6", "M12")


def cells(drawn: dict[str, Any], row: int, *columns: str) -> list[tuple[int, int, float | None, int]]:
    """x, n, rate and waiting of these columns in a row."""
    found = {one["column"]: one for one in drawn["rows"][row]["cells"]}
    return [(one["x"], one["n"], one["rate"], one["waiting"]) for one in (found[column] for column in columns)]


def test_a_share_is_of_those_whose_follow_up_is_to_be_expected() -> None:
    of = evaluation(
        *[(50, {"PRIMARY": 30})] * 5,
        *[(50, {})] * 4,
        (30, {}),
        (50, {}),
        (50, {"PRIMARY": 30}),
        status=[*["RESPONSE"] * 5, *["AWAITING"] * 4, "BELOW_CUT", "NO_BASELINE", "RESPONSE"],
        eligible=[*[True] * 9, False, False, True],
    )
    of.windows["PRIMARY"].loc[8, "closes_on"] = pd.Timestamp("2026-06-01")
    left_on = pd.to_datetime([*[None] * 5, "2025-05-01", "2025-05-02", None, None, None, None, "2025-04-20"])
    made = clinic(of, left_on=left_on)
    drawn = completeness(made)
    assert [row["kind"] for row in drawn["rows"]] == ["quarter", "all"]
    assert cells(drawn, 1, "BASELINE", "PRIMARY") == [(11, 12, 11 / 12, 0), (6, 8, 0.75, 1)]
    assert drawn["rows"][0]["cells"] == drawn["rows"][1]["cells"]
    for name in WINDOWS:
        [(x, n, _, _)] = cells(drawn, 1, name)
        assert (x, n) == tuple(beside(made, name)["completeness"][key] for key in ("x", "n")), "as in the first row"


def test_the_newest_eight_quarters_stand_apart() -> None:
    began = pd.date_range("2023-01-15", periods=10, freq="QS-FEB")
    of = evaluation(*[(50, {"PRIMARY": 30})] * 60, first_infusion_on=np.repeat(began.to_numpy(), 6))
    drawn = completeness(clinic(of))
    assert [(row["kind"], row["quarter"]) for row in drawn["rows"]] == [
        ("before", "2023-07-01"),
        ("quarter", "2023-07-01"),
        ("quarter", "2023-10-01"),
        ("quarter", "2024-01-01"),
        ("quarter", "2024-04-01"),
        ("quarter", "2024-07-01"),
        ("quarter", "2024-10-01"),
        ("quarter", "2025-01-01"),
        ("quarter", "2025-04-01"),
        ("all", None),
    ]
    assert [cells(drawn, row, "BASELINE")[0][1] for row in range(10)] == [12, *[6] * 8, 60]
    words = [row.words for row in draw(drawn, VA).heat]
    assert words[:2] == ["Before Jul 2023", "Jul – Sep 2023"]
    assert (words[3], words[-1]) == ("Jan – Mar 2024", "All patients")


def test_a_cell_says_share_and_count_or_why_there_is_none() -> None:
    of = evaluation(
        *[(50, {"EOS": 40, "PRIMARY": 30, "M3": 20})] * 4,
        (50, {"PRIMARY": 30}),
        first_infusion_on=pd.Timestamp("2026-05-04"),
    )
    of.windows["M3"].loc[4, "closes_on"] = pd.Timestamp("2027-01-01")
    of.windows["M6"]["closes_on"] = of.windows["M12"]["closes_on"] = pd.Timestamp("2027-01-01")
    of.courses.loc[0, ["eligible", "status"]] = [True, "NO_BASELINE"]
    panel = draw(completeness(clinic(of)), VA)
    assert panel.heat[0].cells == [
        HeatCell("80 %", "4 of 5", 3, low=False),
        HeatCell("80 %", "4 of 5", 3, low=False),
        HeatCell("100 %", "5 of 5", 5, low=False),
        HeatCell("n < 5", "4 of 4"),
        HeatCell("not due"),
        HeatCell("not due"),
    ]
    assert panel.title == "Follow-up reaches the 80 % target in every window that can be judged"
    row = panel.table.rows[3]
    assert [(one.text, one.exact) for one in row[1:]] == [("4", "4"), ("4", "4"), ("n < 5", ""), ("1", "1")]
    assert row[0].text == "Apr – Jun 2026, 3 months"
    assert panel.shades[3] == "80 % or more, the target"


@pytest.mark.parametrize(
    ("x", "n", "shade", "low"),
    [
        (0, 5, 0, True),
        (49, 99, 0, True),
        (1, 2, 1, True),
        (65, 100, 2, True),
        (79, 99, 2, True),
        (4, 5, 3, False),
        (9, 10, 4, False),
        (19, 20, 5, False),
        (7, 7, 5, False),
    ],
)
def test_no_shade_crosses_the_target(x: int, n: int, shade: int, low: bool) -> None:
    times = -(-5 // n)
    of = evaluation(*[(50, {"PRIMARY": 30})] * (x * times), *[(50, {})] * ((n - x) * times))
    found = draw(completeness(clinic(of)), VA).heat[-1].cells[2]
    assert (found.shade, found.low) == (shade, low)


def test_the_title_names_the_windows_below_the_target() -> None:
    full = dict.fromkeys(WINDOWS, 30)
    some = [(50, full)] * 3 + [(50, {"EOS": 30, "PRIMARY": 30, "M3": 30})] * 3
    assert draw(completeness(clinic(evaluation(*some))), VA).title == "6 months and 12 months: below the 80 % target"
    some += [(50, {"EOS": 30, "PRIMARY": 30})] * 3
    titled = draw(completeness(clinic(evaluation(*some))), VA).title
    assert titled == "3 months, 6 months and 12 months: below the 80 % target"
    one = [(50, full)] * 4 + [(50, {name: 30 for name in WINDOWS if name != "PRIMARY"})] * 2
    assert draw(completeness(clinic(evaluation(*one))), VA).title == "Primary: below the 80 % target"
    none = draw(completeness(clinic(evaluation(*[(50, {})] * 6))), VA)
    assert none.title == "Follow-up is below the 80 % target in every window"
    assert none.heat[0].cells[1] == HeatCell("0 %", "0 of 6", 0, low=True), "nobody of six, which is something"


def test_followed_and_lost_are_compared_from_five_each() -> None:
    seen, lost = [40, 44, 48, 52, 56], [46, 50, 54, 58, 62]
    of = clinic(evaluation(*[(total, {"PRIMARY": 20}) for total in seen], *[(total, {}) for total in lost]))
    drawn = completeness(of)["primary"]
    assert drawn["followed"] == {"n": 5, "mean": 48.0, "sd": pytest.approx(6.324555)}
    assert drawn["lost"] == {"n": 5, "mean": 54.0, "sd": pytest.approx(6.324555)}
    assert drawn["difference"] == pytest.approx(-6 / 40**0.5)
    [note] = draw(completeness(of), VA).notes
    assert "mean 48.0 (SD 6.3) and 54.0 (SD 6.3). Standardised difference −0.95, beyond 0.2" in note
    alike = draw(completeness(clinic(evaluation(*[(t, {"PRIMARY": 20}) for t in seen], *[(t, {}) for t in seen]))), VA)
    assert alike.notes[0].endswith("Standardised difference 0.00, within 0.2.")
    tied = draw(completeness(clinic(evaluation(*[(50, {"PRIMARY": 20})] * 5, *[(50, {})] * 5))), VA)
    assert tied.notes[0].endswith("without a spread there is no standardised difference.")
    few = completeness(clinic(evaluation(*[(50, {"PRIMARY": 20})] * 5, *[(60, {})] * 4)))
    assert few["primary"]["lost"] == {"n": 4, "mean": None, "sd": None}
    assert few["primary"]["difference"] is None
    assert draw(few, VA).notes[0].endswith("not compared, fewer than 5 in a group.")


def test_it_says_something_true_of_nobody_of_one_and_of_all() -> None:
    nobody = completeness(clinic(evaluation()))
    assert [row["kind"] for row in nobody["rows"]] == ["all"]
    panel = draw(nobody, VA)
    assert panel.title == "How complete the follow-up is: too few are due to say"
    assert {one.text for one in panel.heat[0].cells} == {"nobody"}
    assert panel.notes[0].endswith("nobody is due yet.")
    one = draw(completeness(clinic(evaluation((50, {})))), VA)
    assert {cell.text for row in one.heat for cell in row.cells} == {"n < 5"}
    assert one.notes[0].endswith("nobody was followed up.")
    everybody = draw(completeness(clinic(evaluation(*[(50, dict.fromkeys(WINDOWS, 30))] * 6))), VA)
    assert everybody.notes[0].endswith("nobody is missing.")
    early = completeness(clinic(evaluation(*[(50, {})] * 6), as_of=date(2025, 3, 20)))
    assert {cell.text for cell in draw(early, VA).heat[0].cells[1:]} == {"not due"}
    for drawn in (nobody, early):
        json.dumps(drawn, allow_nan=False)
