"""What is drawn: waterfall, trajectories, what stands beside the rates, the study-like figures; few and many patients."""

import json
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from clinics import DAYS, VA
from clinics import clinic as as_clinic
from clinics import evaluation as clinic

from clinic.outcomes.charts.all import clinic_charts
from clinic.outcomes.charts.beside import beside
from clinic.outcomes.charts.study import study as study_chart
from clinic.outcomes.charts.trajectories import trajectories
from clinic.outcomes.charts.waterfall import waterfall
from clinic.outcomes.criteria import PRESETS, Criteria
from clinic.outcomes.drawings.status_mix import status_mix
from clinic.outcomes.drawings.study import study as draw_study
from clinic.outcomes.drawings.trajectories import trajectories as draw_trajectories
from clinic.outcomes.drawings.waterfall import waterfall as draw_waterfall
from clinic.outcomes.figures import window_figures
from clinic.outcomes.response import Evaluation
from clinic.outcomes.small_numbers import INSIDE
from clinic.outcomes.statuses import STATUSES
from clinic.outcomes.study_like import published_response, study_like

SIX = clinic(
    (50, {"PRIMARY": 30, "LAST": 30}),
    (60, {"PRIMARY": 45, "LAST": 70}),
    (50, {"PRIMARY": 52, "LAST": 20}),
    (40, {"PRIMARY": 50, "LAST": 50}),
    (55, {"PRIMARY": 35, "LAST": 30}),
    (44, {}),
    (30, {"PRIMARY": 41, "LAST": 41}),
)


def test_a_waterfall_goes_from_most_to_least_improved_with_its_classes() -> None:
    drawn = waterfall(SIX, "PRIMARY")
    assert drawn == {
        "n": 5,
        "classes": {"remission": 1, "response": 2, "none": 1, "worsened": 1},
        "bars": [[-20, "remission"], [-20, "response"], [-15, "response"], [2, "none"], [10, "worsened"]],
    }
    table = draw_waterfall(drawn, VA)
    assert [(row["ranks"], row["change"], row["shape"], row["count"]) for row in table["rows"]] == [
        ("1", -20, "remission", 1),
        ("2", -20, "response", 1),
        ("3", -15, "response", 1),
        ("4", 2, "none", 1),
        ("5", 10, "worsened", 1),
    ]
    assert table["label"].startswith("Change in PCL-5 points of 5 patients")


def test_equal_bars_share_a_row_of_the_table() -> None:
    drawn = waterfall(clinic(*[(50, {"PRIMARY": 30})] * 7), "PRIMARY")
    [row] = draw_waterfall(drawn, VA)["rows"]
    assert (row["ranks"], row["count"], len(drawn["bars"])) == ("1–7", 7, 7)


def test_nothing_is_drawn_of_fewer_than_five() -> None:
    few = clinic(*[(50, {"PRIMARY": 30})] * 4)
    assert waterfall(few, "PRIMARY") == {"n": 4, "classes": {"remission": 4, "response": 0, "none": 0, "worsened": 0}}
    assert trajectories(few, VA) == {"n": 4, "visits": []}
    empty = draw_trajectories(trajectories(few, VA), VA)
    assert (empty["visits"], empty["lines"], empty["deciles"]) == ([], [], False)
    study = draw_study(study_like(few, VA), published_response(), VA)
    assert (study["enough"], study["data"]["clinic"]["response"], study["data"]["clinic"]["before"]) == (
        False,
        None,
        None,
    )
    assert status_mix({**dict.fromkeys(STATUSES, 0), "REMISSION": 4}, 4)["data"]["rows"] == []


def test_of_many_the_curve_is_sampled_over_all_ranks() -> None:
    random = np.random.default_rng(1)
    before, after = random.integers(40, 80, 1_000), random.integers(0, 80, 1_000)
    many = clinic(*[(int(start), {"PRIMARY": int(end)}) for start, end in zip(before, after, strict=True)])
    drawn = waterfall(many, "PRIMARY")
    changes = sorted((after - before).tolist())
    assert "bars" not in drawn
    assert len(drawn["curve"]) == INSIDE.most_marks + 1
    assert (drawn["curve"][0], drawn["curve"][-1]) == ([1, changes[0]], [1_000, changes[-1]])
    assert all(change == changes[rank - 1] for rank, change in drawn["curve"])
    assert sum(drawn["classes"].values()) == 1_000
    assert draw_waterfall(drawn, VA)["curve"] == drawn["curve"]


def test_the_lines_of_patients_have_no_order_of_their_own() -> None:
    drawn = trajectories(SIX, VA)
    assert [(visit["name"], visit["n"]) for visit in drawn["visits"]] == [("BASELINE", 5), ("PRIMARY", 5)]
    assert drawn["lines"] == [
        [60, [[21, 45]]],
        [55, [[21, 35]]],
        [50, [[21, 30]]],
        [50, [[21, 52]]],
        [40, [[21, 50]]],
    ]
    primary = drawn["visits"][1]
    assert primary["mean"] == pytest.approx(42.4)
    assert primary["ci95"][0] < 42.4 < primary["ci95"][1]
    shown = draw_trajectories(drawn, VA)
    assert shown["lines"][0] == [60, [21, 45]]
    assert shown["visits"][1]["shown"]["mean"].text == "42.4"


def test_a_window_of_four_is_left_out_of_lines_and_means() -> None:
    four = [(50, {"PRIMARY": 30, "M3": 20})] * 4 + [(50, {"PRIMARY": 30})] * 2
    drawn = trajectories(clinic(*four), VA)
    assert [visit["name"] for visit in drawn["visits"]] == ["BASELINE", "PRIMARY"]
    assert {len(seen) for _, seen in drawn["lines"]} == {1}
    late = draw_trajectories(trajectories(clinic(*[(50, {"EOS": 30})] * 5, *[(50, {"PRIMARY": 20})] * 6), VA), VA)
    assert late["lines"][0] in ([50, [7, 30], None], [50, None, [21, 20]])


def test_of_many_there_are_deciles_and_no_lines() -> None:
    many = [(50, {"PRIMARY": number % 80}) for number in range(INSIDE.most_marks + 1)] + [(50, {"M3": 20})] * 5
    drawn = trajectories(clinic(*many), VA)
    assert "lines" not in drawn
    by_name = {visit["name"]: visit for visit in drawn["visits"]}
    expected = np.percentile([number % 80 for number in range(INSIDE.most_marks + 1)], range(10, 100, 10))
    assert by_name["PRIMARY"]["deciles"] == pytest.approx(expected.tolist())
    assert "deciles" not in by_name["M3"], "five are too few for deciles"
    shown = draw_trajectories(drawn, VA)
    assert (shown["deciles"], shown["lines"]) == (True, [])


def test_equal_totals_have_a_mean_and_a_point_for_an_interval() -> None:
    drawn = trajectories(clinic(*[(50, {"PRIMARY": 30})] * 5), VA)
    assert drawn["visits"][1]["ci95"] == [30.0, 30.0]


def test_beside_the_rates_stand_weekly_forms_those_who_left_and_those_worse_outside() -> None:
    some = clinic((50, {"PRIMARY": 30}), (50, {"PRIMARY": 49}), (50, {}), (50, {}), (50, {}), (30, {"PRIMARY": 45}))
    some.windows["PRIMARY"].loc[[0, 1], "endpoint_recall_days"] = 7
    left_on = pd.to_datetime(["2025-04-01", None, "2025-04-30", "2025-05-02", None, None])
    found = beside(as_clinic(some, left_on=left_on), "PRIMARY")
    assert (found["weekly_endpoints"], found["weekly_remissions"]) == (2, 1)
    assert found["worsened_outside"] == 1
    assert found["left"] == 1, "the second left after the window had closed, the last was followed up"
    assert (found["completeness"]["x"], found["completeness"]["n"]) == (2, 4)
    assert (found["eligible_share"]["x"], found["eligible_share"]["n"]) == (5, 6)
    assert beside(as_clinic(some), "PRIMARY")["left"] == 0
    assert found["response_after"]["x"] == found["remission_after"]["x"] == 1
    some.windows["PRIMARY"].loc[0, "covers_pretreatment"] = True
    after = beside(as_clinic(Evaluation(some.courses, some.windows)), "PRIMARY")
    assert (after["response_after"]["x"], after["response_after"]["n"]) == (0, 1)
    assert (after["remission_after"]["x"], after["remission_after"]["n"]) == (0, 1)
    still_open = beside(as_clinic(some, as_of=date(2025, 5, 1)), "PRIMARY")["completeness"]
    assert (still_open["x"], still_open["n"]) == (0, 0), "a window that is open is in neither part (5.11)"


def test_study_like_is_va_10_33_on_last_whatever_is_in_force() -> None:
    figures = study_like(SIX, VA)
    plain = window_figures(SIX, "LAST")
    assert {name: figures[name] for name in plain} == plain
    assert (figures["median_day"], figures["preset"], figures["same_readings"]) == (365.0, "VA-10/33", True)
    other = study_like(SIX, PRESETS["Marx-15/28"])
    assert {name: other[name] for name in plain} == plain
    assert study_like(SIX, Criteria(max_missing_items=0))["same_readings"] is False
    assert study_like(clinic((50, {})), VA)["median_day"] is None


def test_the_study_is_drawn_with_its_own_numbers() -> None:
    drawn = draw_study(study_like(SIX, VA), published_response(), VA)
    assert drawn["data"]["study"]["response"]["x"] == 88
    assert drawn["data"]["study"]["words"] == {
        "response": "88 of 117 · 75 % (67–82)",
        "remission": "62 %, count not published",
        "total": "52.54 → 28.78 (−23.76), d 1.64",
    }
    assert drawn["data"]["clinic"]["before"] == window_figures(SIX, "LAST")["baseline"]["mean"]
    assert drawn["data"]["clinic"]["words"]["response"].startswith("3 of 5 · 60 %")


def test_statuses_are_counted_once_each() -> None:
    counts = {**dict.fromkeys(STATUSES, 1), "NOT_STARTED": 0}
    drawn = status_mix(counts, sum(counts.values()))
    assert [row["words"] for row in drawn["rows"]][:2] == ["Remission", "Response, not remission"]
    assert sum(row["count"] for row in drawn["data"]["rows"]) == 8
    assert drawn["rows"][0]["share"].text == "13 %"
    assert drawn["rows"][0]["figure"].path == "status.REMISSION"
    assert status_mix(dict.fromkeys(STATUSES, 0), 0)["rows"][0]["share"].text == "—"


@pytest.mark.parametrize(
    ("preset", "words"),
    [
        ("VA-10/33", ["+10 worsened", "−15 reliable", "−10 response"]),
        ("Marx-15/28", ["+10 worsened", "−15 reliable"]),
        ("Percent-50/33", ["+10 worsened", "−15 reliable"]),
    ],
)
def test_the_dotted_lines_come_from_the_criteria(preset: str, words: list[str]) -> None:
    drawn = draw_waterfall(waterfall(SIX, "PRIMARY"), PRESETS[preset])
    assert [line["words"] for line in drawn["data"]["references"]] == words


def test_everything_drawn_is_plain_and_holds_no_id() -> None:
    charts = clinic_charts(as_clinic(SIX), tuple(DAYS))
    text = json.dumps(charts, allow_nan=False)
    assert set(charts["windows"]) == set(DAYS)
    assert "_id" not in text


def test_a_clinic_of_any_size_fits_one_row() -> None:
    random = np.random.default_rng(2)
    patients = [
        (int(start), {name: int(total) for name, total in zip(DAYS, totals, strict=True)})
        for start, totals in zip(random.integers(33, 80, 5_000), random.integers(0, 80, (5_000, 6)), strict=True)
    ]
    assert len(json.dumps(clinic_charts(as_clinic(clinic(*patients)), tuple(DAYS)))) < 200_000


def test_psychotherapy_is_compared_beside_the_study_as_soon_as_both_groups_are_large_enough() -> None:
    def found(therapy: list[str]) -> dict[str, Any]:
        some = clinic(*[(60, {"LAST": 20 + number}) for number in range(len(therapy))])
        compared: dict[str, Any] = study_chart(as_clinic(some, psychotherapy=therapy))["psychotherapy"]
        return compared

    assert found(["yes"] * 6 + ["no"] * 4) == {}
    assert found(["not_recorded"] * 12) == {}
    six = found(["yes"] * 6 + ["no"] * 7)
    assert (six["n"], six["difference"], six["g"]) == (6, pytest.approx(6.5), None), "no effect size of fewer than ten"
    ten = found(["yes"] * 10 + ["no"] * 12)
    assert ten["g"] > 0
    assert ten["ci95"][0] < ten["difference"] < ten["ci95"][1]
