"""Where patients leave: every patient stands at one place, and a step less its losses is the next."""

import json
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pandas as pd
from clinics import VA, clinic, evaluation
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.outcomes.charts.care_flow import care_flow
from clinic.outcomes.drawings.care_flow import care_flow as draw
from clinic.outcomes.figures import window_figures

AFTER = {"PRIMARY": 30, "M3": 25}


def eight() -> Any:
    """No baseline; below the cut; criterion A not met; open; withdrew; died; missing; followed. Two more are registered."""
    of = evaluation(
        *[(50, {}), (30, {}), (50, {}), (50, {}), (50, {}), (50, {}), (50, {}), (50, AFTER)],
        status=["NO_BASELINE", "BELOW_CUT", *["AWAITING"] * 5, "RESPONSE"],
        eligible=[False, False, False, True, True, True, True, True],
        criterion_a_not_met=[False, False, True, *[False] * 5],
        induction_complete=[True, True, True, False, False, True, True, True],
    )
    of.windows["PRIMARY"].loc[3, ["due", "closes_on"]] = [False, pd.Timestamp("2026-07-01")]
    of.courses.loc[3, "last_infusion_on"] = pd.Timestamp("2026-05-30")
    left_on = pd.to_datetime([None, None, None, None, "2025-04-20", "2025-05-01", "2025-05-02", None])
    died_on = pd.to_datetime([None, None, None, None, None, "2025-05-01", "2025-05-02", None])
    return clinic(of, registered=10, left_on=left_on, died_on=died_on)


def test_each_patient_is_lost_once_and_for_one_reason() -> None:
    drawn = care_flow(eight(), "PRIMARY")
    assert drawn["steps"] == [
        {"name": "registered", "n": 10, "lost": {"not_treated": 2}},
        {"name": "treated", "n": 8, "lost": {"no_baseline": 1}},
        {"name": "baseline", "n": 7, "lost": {"below_cut": 1, "criterion_a_not_met": 1}},
        {"name": "eligible", "n": 5, "lost": {}},
    ]
    assert drawn["windows"][0] == {
        "name": "PRIMARY",
        "not_due": {"window_open": 1, "withdrew": 0, "died": 0},
        "due": 4,
        "missing": {"no_pcl5": 1, "withdrew": 1, "died": 1},
        "obtained": 1,
    }
    assert [(window["name"], window["due"], window["obtained"]) for window in drawn["windows"][1:]] == [
        ("M3", 5, 1),
        ("M6", 5, 0),
        ("M12", 5, 0),
    ]
    assert drawn["induction"] == {"complete": 3, "in_series": 1, "incomplete": 1}
    json.dumps(drawn, allow_nan=False)


def test_bars_reasons_and_table_say_the_same() -> None:
    panel = draw(care_flow(eight(), "PRIMARY"), VA)
    assert panel.data
    assert panel.data["most"] == 10
    assert [(row["words"], row["n"], row["why"]) for row in panel.data["rows"]] == [
        ("Registered", 10, ["2 not treated yet"]),
        ("Treated", 8, ["1 no valid baseline"]),
        ("Valid baseline", 7, ["1 baseline below 33", "1 criterion A not met"]),
        ("Eligible", 5, ["1 window still open"]),
        ("Follow-up due", 4, ["1 no usable PCL-5", "1 withdrew", "1 died"]),
        ("Follow-up obtained", 1, []),
        ("Completed induction", 3, ["1 with fewer infusions", "1 still in the series"]),
        ("3 months", 1, ["2 no usable PCL-5", "1 withdrew", "1 died"]),
        ("6 months", 0, ["3 no usable PCL-5", "1 withdrew", "1 died"]),
        ("12 months", 0, ["3 no usable PCL-5", "1 withdrew", "1 died"]),
    ]
    said = {row[0].text: [one.text for one in row[1:]] for row in panel.table.rows}
    assert said["Registered"] == ["10", "", ""]
    assert said["Not treated yet"] == ["", "2", ""]
    assert said["Primary 14–31 d: due"] == ["4", "", ""]
    assert said["Primary 14–31 d: died before the window closed"] == ["", "1", ""]
    assert said["Fewer infusions, of those eligible"] == ["", "", "1"]
    assert panel.title == "Where patients leave: most often no valid baseline (1 of 8 treated)"
    assert "Eligible 5: 1 window still open. Follow-up due 4" in panel.label
    assert "Completed induction 3 of 5: 1 with fewer infusions" in panel.label


def test_a_second_course_counts_for_nothing() -> None:
    of = evaluation((50, AFTER), (50, {}), is_index=[True, False], patient_id=[1, 1])
    drawn = care_flow(clinic(of, registered=1, left_on=pd.to_datetime([None, "2025-03-20"])), "PRIMARY")
    assert [step["n"] for step in drawn["steps"]] == [1, 1, 1, 1]
    assert (drawn["windows"][0]["due"], drawn["windows"][0]["obtained"]) == (1, 1)


def test_who_left_while_the_window_is_open_is_not_still_awaited() -> None:
    of = evaluation(*[(50, {})] * 3, induction_complete=False, last_infusion_on=pd.Timestamp("2025-03-14"))
    of.windows["PRIMARY"]["due"] = False
    of.courses.loc[2, "next_induction_on"] = pd.Timestamp("2025-03-30")
    gone = pd.to_datetime(["2025-03-20", None, None])
    drawn = care_flow(clinic(of, as_of=date(2025, 4, 11), left_on=gone), "PRIMARY")
    assert drawn["windows"][0]["not_due"] == {"window_open": 2, "withdrew": 1, "died": 0}
    assert drawn["induction"] == {"complete": 0, "in_series": 1, "incomplete": 2}, "28 days after the last infusion"
    day_after = care_flow(clinic(of, as_of=date(2025, 4, 12), left_on=gone), "PRIMARY")
    assert day_after["induction"] == {"complete": 0, "in_series": 0, "incomplete": 3}


def test_the_window_chosen_stands_once() -> None:
    of = clinic(evaluation(*[(50, {"M3": 30})] * 6))
    assert [window["name"] for window in care_flow(of, "M3")["windows"]] == ["M3", "M6", "M12"]
    assert [window["name"] for window in care_flow(of, "LAST")["windows"]] == ["LAST", "M3", "M6", "M12"]
    panel = draw(care_flow(of, "LAST"), VA)
    assert "latest PCL-5" in panel.subtitle
    assert "Last: due" in [row[0].text for row in panel.table.rows]


def test_it_says_something_true_of_nobody_of_one_and_of_all() -> None:
    nobody = draw(care_flow(clinic(evaluation(), registered=0), "PRIMARY"), VA)
    assert (nobody.data, nobody.title) == (None, "Where patients leave: nobody was lost so far")
    one = draw(care_flow(clinic(evaluation((50, {}))), "PRIMARY"), VA)
    assert one.data is None, "counts may stand, a chart of fewer than five may not"
    assert one.title == "Where patients leave: most often no usable PCL-5 (1 of 1 due)"
    none_treated = draw(care_flow(clinic(evaluation(), registered=7), "PRIMARY"), VA)
    assert none_treated.title == "Where patients leave: nobody was lost so far"
    all_there = draw(care_flow(clinic(evaluation(*[(50, AFTER)] * 6)), "PRIMARY"), VA)
    assert all_there.title == "Where patients leave: nobody was lost so far"
    assert all_there.drawn
    late = care_flow(clinic(evaluation(*[(50, AFTER)] * 6), registered=5), "PRIMARY")
    assert late["steps"][0] == {"name": "registered", "n": 6, "lost": {"not_treated": 0}}, "registered while counted"


patients = st.lists(
    st.tuples(
        st.sampled_from(["NO_BASELINE", "BELOW_CUT", "AWAITING"]),
        st.booleans(),  # criterion A not met
        st.booleans(),  # complete
        st.booleans(),  # due
        st.sampled_from([None, 20, 60]),
        st.sampled_from([None, -40, 0, 100, 300]),  # left, days from the closing of the window
        st.booleans(),  # by death
        st.booleans(),  # index course
    ),
    max_size=12,
)


@settings(max_examples=40, deadline=None)
@given(patients=patients, not_treated=st.integers(0, 3))
def test_a_step_less_its_losses_is_the_next(patients: list[Any], not_treated: int) -> None:
    of = evaluation(
        *[(50, {} if end is None else {"PRIMARY": end, "M6": end}) for _, _, _, _, end, _, _, _ in patients],
        status=[status for status, *_ in patients],
        eligible=[status == "AWAITING" and not met for status, met, *_ in patients],
        induction_complete=pd.array([complete for _, _, complete, *_ in patients], dtype="bool"),
        is_index=pd.array([index for *_, index in patients], dtype="bool"),
    )
    for window in of.windows.values():
        window["due"] = [due or end is not None for _, _, _, due, end, *_ in patients]
    closes = date(2025, 5, 1)
    left_on = [None if days is None else pd.Timestamp(closes + timedelta(days=days)) for *_, days, _, _ in patients]
    died_on = [day if died else None for day, (*_, died, _) in zip(left_on, patients, strict=True)]
    made = clinic(of, left_on=pd.to_datetime(left_on), died_on=pd.to_datetime(died_on))
    made = clinic(
        of, registered=made.registered + not_treated, left_on=made.facts["left_on"], died_on=made.facts["died_on"]
    )
    drawn = care_flow(made, "PRIMARY")
    steps = drawn["steps"]
    for step, following in pairwise(steps):
        assert step["n"] - sum(step["lost"].values()) == following["n"]
    eligible = steps[-1]["n"]
    assert sum(drawn["induction"].values()) == eligible
    for window in drawn["windows"]:
        assert eligible - sum(window["not_due"].values()) == window["due"]
        assert window["due"] - sum(window["missing"].values()) == window["obtained"]
    figures, first = window_figures(of, "PRIMARY"), drawn["windows"][0]
    assert (steps[1]["n"], eligible) == (figures["courses"], figures["eligible"])
    assert (sum(first["missing"].values()), first["obtained"]) == (figures["missing"], figures["evaluated"])
    panel = draw(drawn, VA)
    shown = {one.text for row in panel.table.rows for one in row[1:]}
    if panel.data:
        assert {f"{row['n']:,}" for row in panel.data["rows"]} <= shown
        assert {why.split()[0] for row in panel.data["rows"] for why in row["why"]} <= shown
