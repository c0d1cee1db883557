"""Time to detected loss of response, and to first response and remission: hand-counted, degenerate and many."""

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from clinics import FIRST, LAST_INFUSION, VA, clinic, evaluation

from clinic.outcomes.charts.curves import MOST_TICKS, curve
from clinic.outcomes.charts.sizes import MOST_STEPS
from clinic.outcomes.charts.time_to_first import time_to_first
from clinic.outcomes.charts.time_to_loss import time_to_loss
from clinic.outcomes.drawings.panel import Panel
from clinic.outcomes.drawings.time_to_first import time_to_first as draw_first
from clinic.outcomes.drawings.time_to_loss import time_to_loss as draw_loss

INDEX = LAST_INFUSION + pd.Timedelta(days=21)
#: Oracle O4 of the clinical reference.
O4_DAYS, O4_EVENTS = [14, 21, 28, 28, 35, 42, 60, 60, 90, 90], [1, 0, 1, 1, 1, 0, 1, 0, 0, 0]


def after(day: int | None, start: pd.Timestamp = INDEX) -> Any:
    """So many days after the reading with the response, or never."""
    return pd.NaT if day is None else start + pd.Timedelta(days=day)


def loss_of(*patients: dict[str, Any], responders: bool = True) -> dict[str, Any]:
    """Responders by days: `lost`, `induction`, `top_up`, `seen` (the last PCL-5), `left`, `died`; `therapy`."""
    of = evaluation(
        *[(50, {"PRIMARY": 30})] * len(patients),
        response_index_on=INDEX if responders else pd.NaT,
        loss_of_response_on=[after(who.get("lost")) for who in patients],
        next_induction_on=[after(who.get("induction")) for who in patients],
        next_top_up_on=[after(who.get("top_up")) for who in patients],
        latest_on=[after(who.get("seen", who.get("lost") or 0)) for who in patients],
    )
    facts = {
        "left_on": [after(who.get("left", who.get("died"))) for who in patients],
        "died_on": [after(who.get("died")) for who in patients],
        "psychotherapy": [who.get("therapy", "no") for who in patients],
    }
    return time_to_loss(clinic(of, **facts))


def first_of(*patients: tuple[int | None, int | None, int | None]) -> dict[str, Any]:
    """Days of first response, first remission and the last PCL-5 after the first infusion."""
    columns = ("first_response_on", "first_remission_on", "latest_on")
    days = {name: [after(who[at], FIRST) for who in patients] for at, name in enumerate(columns)}
    return time_to_first(clinic(evaluation(*[(50, {})] * len(patients), **days)))


def shares(of: dict[str, Any]) -> dict[int, float | None]:
    """Share by day of a curve."""
    return {point[0]: point[4] for point in of["points"]}


def drawn(values: dict[str, Any], panel: Any) -> Panel:
    """The panel; what is stored and what the script gets are plain JSON."""
    json.dumps(values, allow_nan=False)
    made: Panel = panel(json.loads(json.dumps(values)), VA)
    json.dumps(made.data, allow_nan=False)
    assert all(len(row) == len(made.table.head) for row in made.table.rows)
    return made


def texts(panel: Panel) -> list[list[str]]:
    """The table as it is read."""
    return [[cell.text for cell in row] for row in panel.table.rows]


def test_a_curve_stops_where_fewer_than_five_are_at_risk() -> None:
    found = curve(np.array(O4_DAYS), np.array(O4_EVENTS, dtype=bool))
    assert (found["n"], found["events"], found["until"]) == (10, 5, 35 + 7)
    assert found["median"] is None, "half had lost response on day 60, with 4 at risk"
    assert found["median_ci95"] == [14, None], "the lower limit is below half at once"
    assert [point[:4] for point in found["points"]] == [
        [0, 10, 0, 0],
        [14, 10, 1, 0],
        [28, 8, 3, 1],
        [30, 6, 3, 1],
        [35, 6, 4, 1],
        [42, 5, 4, 2],
        [60, 4, 5, 3],
        [90, 2, 5, 5],
        [180, 0, 5, 5],
    ]
    by_day = {point[0]: point[4:] for point in found["points"]}
    assert by_day[0] == [1.0, None, None]
    assert by_day[14] == pytest.approx([0.9, 0.4730, 0.9853], abs=1e-4)
    assert by_day[28] == by_day[30] == pytest.approx([0.675, 0.2906, 0.8825], abs=1e-4)
    assert by_day[42] == by_day[35] == pytest.approx([0.5625, 0.2094, 0.8092], abs=1e-4)
    assert by_day[60] == by_day[90] == by_day[180] == [None] * 3
    assert found["ticks"] == [21, 42]


def test_a_rising_curve_is_the_complement() -> None:
    falls = curve(np.array(O4_DAYS), np.array(O4_EVENTS, dtype=bool))
    rises = curve(np.array(O4_DAYS), np.array(O4_EVENTS, dtype=bool), rises=True)
    assert shares(rises)[14] == 0.1
    for low_side, high_side in zip(rises["points"], falls["points"], strict=True):
        assert low_side[:4] == high_side[:4]
        if high_side[5] is not None:
            assert low_side[4:] == pytest.approx([1 - high_side[4], 1 - high_side[6], 1 - high_side[5]])


def test_years_are_printed_while_anybody_is_at_risk_and_many_steps_are_thinned() -> None:
    days = np.arange(1, 801)
    found = curve(days, days % 2 == 1)
    assert found["at_risk_on"] == [0, 30, 60, 90, 180, 365, 730]
    assert found["sampled"]
    assert found["ticks"] == [], f"more than {MOST_TICKS}"
    assert len(found["points"]) <= MOST_STEPS + len(found["at_risk_on"]) + 4
    assert shares(found)[found["median"]] <= 0.5
    assert not curve(days, days % 2 == 1, steps=False)["sampled"]


def test_loss_is_a_reading_without_response_or_a_new_induction() -> None:
    values = loss_of(
        {"lost": 40},
        {"lost": 50, "induction": 70},
        {"induction": 60},
        {"seen": 100},
        {"seen": 100, "left": 80},
        {"seen": 30, "died": 90},
        {"seen": 0},
        {"seen": 20, "left": -3},
    )
    assert {name: values[name] for name in ("responders", "without_follow_up", "inductions", "died")} == {
        "responders": 8,
        "without_follow_up": 2,
        "inductions": 1,
        "died": 1,
    }
    everybody = values["curves"]["all"]
    assert [point[:4] for point in everybody["points"]] == [
        [0, 6, 0, 0],
        [30, 6, 0, 1],
        [40, 5, 1, 1],
        [60, 3, 3, 1],
        [90, 1, 3, 2],
        [180, 0, 3, 3],
    ]
    assert shares(everybody)[40] == pytest.approx(0.8)


def test_sensitivity_curves_end_at_a_new_induction_or_a_top_up() -> None:
    values = loss_of(
        {"induction": 60},
        {"lost": 90, "top_up": 45},
        {"lost": 30, "top_up": 30},
        {"seen": 100, "top_up": 70},
        {"seen": 50, "top_up": 70},
        {"seen": 120, "top_up": -4},
        {"lost": 80, "top_up": 0},
    )
    censored = {name: [point[:4] for point in one["points"]] for name, one in values["curves"].items()}
    assert list(censored) == ["all", "re_induction", "top_up"]
    assert [60, 5, 2, 1] in censored["all"]
    assert [60, 5, 1, 2] in censored["re_induction"]
    assert censored["top_up"][0] == [0, 5, 0, 0], "two were topped up before they could be observed"
    assert [60, 2, 2, 2] in censored["top_up"]
    assert [90, 0, 2, 3] in censored["top_up"]


def test_everybody_is_drawn_alone_with_thin_lines() -> None:
    panel = drawn(loss_of(*[{"lost": day} for day in (10, 20, 30)], *[{"seen": 90}] * 6), draw_loss)
    assert panel.data
    assert [one["key"] for one in panel.data["curves"]] == ["all", "re_induction", "top_up"]
    assert panel.title == "33 % of the responders had lost response by day 90"
    assert panel.subtitle == "Time to detected loss of response: 9 responders. Bands: 95 % CI. Ticks: censored."
    assert panel.notes[-1].endswith("(top-up).")
    assert panel.label.startswith(
        "Time to detected loss of response. All responders (n 9): median not reached by day 90;"
    )
    first = panel.data["curves"][0]
    assert (first["at_risk"], first["ticks"], first["median"]) == ([9, 7, 6, 6, 0], [90], "median not reached")
    assert first["points"][1][4] == "89 % (43–98)"
    assert texts(panel)[0] == ["All responders, median", "not reached", *["—"] * 6]
    assert ["All responders", "10", "9", "1", "0", "89 %", "43", "98"] in texts(panel)
    assert ["All responders", "180", "0", "3", "6", "—", "—", "—"] in texts(panel)


def test_groups_are_drawn_where_both_have_five() -> None:
    five = [{"lost": day, "therapy": "yes"} for day in (20, 30, 40, 50, 60)]
    other = [{"seen": 100, "therapy": "not_recorded"}, *[{"seen": 100}] * 4, {}]
    panel = drawn(loss_of(*five, *other), draw_loss)
    assert panel.data
    assert [one["key"] for one in panel.data["curves"]] == ["all", "psychotherapy", "none_recorded"]
    assert panel.title == "Half of the responders had lost response by day 60"
    assert "10 responders; 1 without follow-up is not in the curve." in panel.subtitle
    assert "Psychotherapy (n 5): median not reached by day 20" in panel.label, "from day 30 on 4 are at risk"
    assert panel.notes[-1].endswith("exploratory, unadjusted.")
    names = {row[0] for row in texts(panel)}
    assert "Censored at a new induction" in names, "in the table alone"
    four = drawn(loss_of(*five[:4], *other), draw_loss)
    assert four.data
    assert [one["key"] for one in four.data["curves"]] == ["all", "re_induction", "top_up"]


@pytest.mark.parametrize(
    ("patients", "title"),
    [
        ([], "No responder to follow yet"),
        ([{"lost": 40}], "Too few responders followed up for a curve"),
        ([{}] * 9, "Too few responders followed up for a curve"),
        ([{"seen": 1_200}] * 9, "No loss of response was seen by day 1,200"),
        ([{"lost": 40}] * 9, "Half of the responders had lost response by day 40"),
        ([{"induction": 0}] * 9, "Half of the responders had lost response by day 0"),
    ],
)
def test_loss_says_something_true_of_few_and_of_all_alike(patients: list[dict[str, Any]], title: str) -> None:
    panel = drawn(loss_of(*patients), draw_loss)
    assert panel.title == title
    assert (panel.data is None) == title.startswith(("No responder", "Too few"))
    if panel.data is None:
        assert not [row for row in texts(panel) if "%" in "".join(row)]
        assert panel.label.endswith("Nothing is drawn.")
        assert "Bands" not in panel.subtitle


def test_of_one_the_counts_stand() -> None:
    panel = drawn(loss_of({"lost": 40}), draw_loss)
    assert panel.subtitle == "Time to detected loss of response: 1 responder."
    assert texts(panel)[:3] == [
        ["All responders", "0", "1", "0", "0", "n < 5", "—", "—"],
        ["All responders", "30", "1", "0", "0", "n < 5", "—", "—"],
        ["All responders", "60", "0", "1", "0", "—", "—", "—"],
    ]


def test_all_lost_on_one_day_is_zero_percent_of_all_of_them() -> None:
    panel = drawn(loss_of(*[{"lost": 40}] * 9), draw_loss)
    assert ["All responders", "40", "9", "9", "0", "0 %", "—", "—"] in texts(panel)
    assert texts(panel)[1] == ["All responders, median, 95 % CI from", "not reached", *["—"] * 6]


def test_who_is_not_eligible_or_not_at_her_first_course_is_not_followed() -> None:
    of = evaluation(*[(50, {})] * 6, (30, {}), response_index_on=INDEX, latest_on=after(30))
    of.courses.loc[5, "is_index"] = False
    assert time_to_loss(clinic(of))["responders"] == 5
    assert time_to_first(clinic(of))["eligible"] == 5
    assert loss_of(*[{"lost": 40}] * 6, responders=False)["responders"] == 0


def test_first_response_and_remission_count_from_the_first_infusion() -> None:
    values = first_of(
        (7, 7, 30), (7, 20, 30), (10, None, 30), (14, None, 30), (20, None, 30), (None, None, 30), (None,) * 3
    )
    assert (values["eligible"], values["without_follow_up"]) == (7, 1)
    response, remission = values["curves"]["response"], values["curves"]["remission"]
    assert response["at_risk_on"] == [0, 7, 14, 30, 60, 90, 180]
    assert {day: shares(response)[day] for day in (0, 7)} == {0: 0.0, 7: pytest.approx(1 / 3)}
    assert (response["until"], remission["until"], remission["events"]) == (7, 20, 2)
    panel = drawn(values, draw_first)
    assert panel.title == "33 % had responded by day 7; 33 % had been in remission by day 20"
    assert "6 patients; 1 without follow-up is not in the curves. Days after the first infusion" in panel.subtitle
    assert [entry.words for entry in panel.legend] == ["First response: 5", "First remission: 2"]
    assert panel.notes[0] == "Response: at least 10 points below baseline. Remission: response and below 33."
    assert panel.data
    assert (panel.data["rises"], panel.data["root_scale"]) == (True, True)
    assert ["First response", "7", "6", "2", "0", "33 %", "10", "81"] in texts(panel)


@pytest.mark.parametrize(
    ("patients", "title"),
    [
        ([], "Nobody has been followed up yet"),
        ([(None, None, None)] * 9, "Nobody has been followed up yet"),
        ([(7, 7, 7)], "Too few patients followed up for a curve"),
        ([(7, 14, 30)] * 9, "Half had responded by day 7; half had been in remission by day 14"),
        ([(7, None, 30)] * 9, "Half had responded by day 7; nobody had been in remission by day 30"),
        ([(None, None, 30)] * 9, "Nobody had responded by day 30; nobody had been in remission by day 30"),
    ],
)
def test_first_says_something_true_of_few_and_of_all_alike(patients: list[Any], title: str) -> None:
    panel = drawn(first_of(*patients), draw_first)
    assert panel.title == title
    assert (panel.data is None) == title.startswith(("Nobody has been followed", "Too few"))
    assert bool(panel.legend) == bool(panel.data)
    if not panel.data:
        assert not [row for row in texts(panel) if "%" in "".join(row)]


def test_curves_of_thousands_stay_small_and_say_that_they_are_thinned() -> None:
    random = np.random.default_rng(4)
    days = random.integers(1, 700, 3_000).tolist()
    patients = [
        {"lost" if day % 3 else "seen": day, "therapy": "yes" if at % 2 else "no"} for at, day in enumerate(days)
    ]
    values = loss_of(*patients)
    panel = drawn(values, draw_loss)
    assert len(json.dumps(values)) < 40_000
    assert panel.notes[-1] == "A curve of more than 60 steps is drawn at 60 of them."
    assert "responders had lost response by day" in panel.title
