"""By subgroup: who is in which row, what is shown of it, and what is compared (rules 31, 34; section 5.9)."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from clinics import VA, clinic, evaluation

from clinic.outcomes.charts.clinic import Clinic
from clinic.outcomes.charts.subgroups import subgroups
from clinic.outcomes.criteria import Criteria
from clinic.outcomes.drawings.panel import Panel
from clinic.outcomes.drawings.subgroups import subgroups as draw

THERAPY = (30, 22, 35, 18, 27, 41, 25, 33)
NONE = (20, 12, 25, 8, 19, 30, 15, 4, 22, 17)


def treated(reductions: Sequence[int], *, window: str = "PRIMARY", **facts: Any) -> Clinic:
    """One eligible patient from 70 points for each reduction; `facts` replace columns of the clinic's facts."""
    return clinic(evaluation(*[(70, {window: 70 - reduction}) for reduction in reductions]), **facts)


def rows(drawn: dict[str, Any], name: str) -> list[tuple[str, int]]:
    """The rows of a group: label and n."""
    [group] = (group for group in drawn["groups"] if group["name"] == name)
    return [(row["label"], row["n"]) for row in group["rows"]]


def panel(of: Clinic, window: str = "PRIMARY") -> Panel:
    """The panel, by way of what is stored."""
    return draw(json.loads(json.dumps(subgroups(of, window), allow_nan=False)), VA)


def texts(shown: Panel) -> dict[str, list[str]]:
    """The rows of the table by their first cell."""
    return {row[0].text: [cell.text for cell in row[1:]] for row in shown.table.rows}


def test_the_rows_and_the_contrast_of_the_oracle() -> None:
    both = treated([*THERAPY, *NONE], psychotherapy=["yes"] * 8 + ["no"] * 10)
    drawn = subgroups(both, "PRIMARY")
    [therapy, none] = drawn["groups"][0]["rows"]
    assert (therapy["n"], therapy["mean"], therapy["responded"]) == (8, 28.875, 8)
    assert therapy["ci95"] == pytest.approx([22.660, 35.090], abs=5e-4)
    assert (none["n"], none["mean"], none["responded"]) == (10, pytest.approx(17.2), 8)
    assert none["ci95"] == pytest.approx([11.610, 22.790], abs=5e-4)
    welch = drawn["groups"][0]["contrast"]
    assert (welch["labels"], welch["sizes"], welch["g"]) == (["Yes", "No"], [8, 10], None)
    assert [welch[name] for name in ("difference", "t", "df", "p")] == pytest.approx(
        [11.675, 3.23618, 15.4533, 0.005363], abs=1e-4
    )
    assert welch["ci95"] == pytest.approx([4.0051, 19.3449], abs=1e-4)


def test_the_table_holds_what_is_drawn() -> None:
    shown = panel(treated([*THERAPY, *NONE], psychotherapy=["yes"] * 8 + ["no"] * 10))
    table = texts(shown)
    assert table["Psychotherapy: Yes"] == ["8", "28.9", "22.7", "35.1", "8", "100 %", "68", "100", *[""] * 4]
    assert table["Psychotherapy: No"][:8] == ["10", "17.2", "11.6", "22.8", "8", "80 %", "49", "94"]
    difference = ["18", "11.7", "4.0", "19.3", *[""] * 4, "3.24", "15.5", "0.005", "n < 10"]
    assert table["Psychotherapy: yes against no (difference)"] == difference
    assert {len(row) for row in shown.table.rows} == {len(shown.table.head)}
    assert shown.data
    drawn = [row for group in shown.data["groups"] for row in group["rows"]]
    assert drawn[0]["words"] == "28.9 (22.7 to 35.1)"
    exact = [row[2].exact for row in shown.table.rows if "(difference)" not in row[0].text]
    assert exact == [repr(row["mean"]) for row in [shown.data["all"], *drawn]]
    assert "Psychotherapy: Yes 28.9 (22.7 to 35.1), n 8" in shown.label
    assert [row[1].of for row in shown.table.rows][:2] == ["evaluated", "evaluated&psychotherapy=yes"]


def test_an_effect_size_from_ten_a_group() -> None:
    shown = panel(treated([*range(10, 20), *range(10)], gender=["female"] * 10 + ["male"] * 10))
    assert texts(shown)["Gender: women against men (difference)"][-1] == "3.16"
    assert any(
        note == "Gender, women against men: difference 10.0 points (95 % CI 7.2 to 12.8), "
        "Welch t\u00a07.39, df\u00a018.0, p\u00a0<0.001, Hedges g\u00a03.16."
        for note in shown.notes
    )
    eight = panel(treated([*THERAPY, *NONE], psychotherapy=["yes"] * 8 + ["no"] * 10))
    assert eight.notes[1].endswith("Welch t\u00a03.24, df\u00a015.5, p\u00a0=\u00a00.005.")


def test_a_probability_is_never_nothing_or_certain() -> None:
    same = panel(treated([*range(10), *range(10)], gender=["female"] * 10 + ["male"] * 10))
    assert any("difference 0.0 points" in note and "p\u00a0>0.999" in note for note in same.notes)


def test_not_recorded_is_a_row_and_never_compared() -> None:
    therapy = ["yes"] * 6 + ["not_recorded"] * 6 + ["no"] * 5
    shown = panel(treated(range(17), psychotherapy=therapy))
    drawn = subgroups(treated(range(17), psychotherapy=therapy), "PRIMARY")
    assert rows(drawn, "psychotherapy") == [("Yes", 6), ("No", 5), ("Not recorded", 6)]
    assert drawn["groups"][0]["contrast"]["sizes"] == [6, 5]
    assert "Gender, women against men: not compared, 17 and 0 patients." in shown.notes


def test_what_is_too_few_is_not_given_away_by_the_others() -> None:
    therapy = ["yes"] * 6 + ["not_recorded"] * 7 + ["no"] * 4
    shown = panel(treated(range(17), psychotherapy=therapy))
    drawn = subgroups(treated(range(17), psychotherapy=therapy), "PRIMARY")
    assert rows(drawn, "psychotherapy") == [("Not recorded", 7)]
    assert "contrast" not in drawn["groups"][0]
    said = "Not shown, as fewer than 5 patients could be told apart: Psychotherapy, 2 rows with 10."
    assert said in shown.notes


@pytest.mark.parametrize(
    ("name", "fact", "values", "expected"),
    [
        ("age", "age", [18, 34, 35, 49, 50], ["Under 35", "Under 35", "35–49", "35–49", "50 and over"]),
        ("medications", "medications", [0, 1, 2, 3, 9], ["0", "1", "2", "3 and more", "3 and more"]),
        (
            "dose",
            "mg_per_kg",
            [0.494, 0.4996, 0.79, 0.7951, 2.0],
            ["<0.5 mg/kg", *["0.5 to <0.8 mg/kg"] * 2, *["0.8 mg/kg and more"] * 2],
        ),
        (
            "gender",
            "gender",
            ["female", "male", "nonbinary", "other", "not_recorded"],
            ["Women", "Men", "Non-binary", "Other", "Not recorded"],
        ),
    ],
)
def test_where_a_fact_belongs(name: str, fact: str, values: list[Any], expected: list[str]) -> None:
    five_of_each = subgroups(treated([20] * 25, **{fact: values * 5}), "PRIMARY")
    counts = {label: 5 * expected.count(label) for label in expected}
    assert dict(rows(five_of_each, name)) == counts


def test_where_a_course_belongs() -> None:
    baselines = [33, 45, 46, 59, 60] * 5
    of = evaluation(
        *[(total, {"PRIMARY": 30}) for total in baselines],
        infusions=[1, 3, 4, 6, 7] * 5,
        baseline_on=pd.to_datetime(["2025-02-28", "2025-02-18", "2025-02-17", "2025-01-19", "2025-01-18"] * 5),
    )
    drawn = subgroups(clinic(of), "PRIMARY")
    assert rows(drawn, "baseline") == [("33–45", 10), ("46–59", 10), ("60 and more", 5)]
    assert rows(drawn, "infusions") == [("1–3", 10), ("4–5", 5), ("6", 5), ("7 and more", 5)]
    # Follow-up on 4 April: after 35, 45, 46, 75 and 76 days.
    assert rows(drawn, "days") == [("Up to 45", 10), ("46–75", 10), ("76 and more", 5)]


def test_days_go_with_the_window() -> None:
    later = treated([20] * 6, window="M3")
    assert rows(subgroups(later, "M3"), "days") == [("Up to 114", 6)]
    assert rows(subgroups(treated([20] * 6, window="LAST"), "LAST"), "days") == [("76 and more", 6)]


def test_the_lowest_band_starts_at_the_cut() -> None:
    many = treated([20] * 6)
    low = clinic(evaluation(*[(45, {"PRIMARY": 30})] * 6))
    assert rows(subgroups(replace(low, criteria=Criteria(eligibility_cut=30)), "PRIMARY"), "baseline") == [("30–45", 6)]
    assert rows(subgroups(replace(low, criteria=Criteria(eligibility_cut=45)), "PRIMARY"), "baseline") == [("45", 6)]
    assert rows(subgroups(many, "PRIMARY"), "baseline") == [("60 and more", 6)]


def test_what_is_not_known_is_counted_beside() -> None:
    known = {"medications": [None] * 5 + [1] * 6, "mg_per_kg": [float("nan")] + [0.5] * 10, "age": [None] + [40] * 10}
    shown = panel(treated(range(11), **known))
    assert shown.notes[-1] == (
        "In no row, not recorded or outside the bands: Age 1; Psychiatric medicines 5; Mean dose 1."
    )
    assert texts(shown)["Psychiatric medicines: 1"][0] == "6"
    assert "Age: 35–49" not in texts(shown), "less it, the mean of all would be that of the one who is not known"


def test_only_evaluated_index_courses_count() -> None:
    of = evaluation(
        *[(50, {"PRIMARY": 30})] * 7,
        (30, {"PRIMARY": 10}),
        (50, {}),
        is_index=[False, *[True] * 8],
    )
    drawn = subgroups(clinic(of), "PRIMARY")
    assert (drawn["n"], drawn["all"]["n"], drawn["all"]["responded"]) == (6, 6, 6)
    assert subgroups(clinic(of), "M6") == {"n": 0, "groups": []}


@pytest.mark.parametrize("patients", [0, 1, 4])
def test_of_too_few_nothing_is_shown(patients: int) -> None:
    shown = panel(treated([20] * patients))
    assert shown.title == "Subgroups: too few were followed up to compare"
    assert (shown.data, shown.table.rows, shown.drawn) == (None, [], False)
    assert f"n = {patients}" in shown.subtitle
    assert shown.label == f"Mean reduction in PCL-5 by subgroup: nothing is drawn, n = {patients}."
    assert not any("0 %" in cell.text for row in shown.table.rows for cell in row)


def test_everything_missing_is_nobody() -> None:
    shown = panel(clinic(evaluation(*[(50, {})] * 9)))
    assert (shown.data, shown.table.rows) == (None, [])


def scattered(**facts: Any) -> Clinic:
    """Seven patients of whom no level has five, unless by the days between their forms."""
    split = [0] * 4 + [1] * 3
    of = evaluation(
        *[(40 if first else 70, {"PRIMARY": 20}) for first in split],
        infusions=[3 if first else 6 for first in split],
        baseline_on=[
            pd.Timestamp(facts.get("first", "2025-02-20")) if at else pd.Timestamp("2025-02-20") for at in split
        ],
    )
    return clinic(
        of,
        psychotherapy=["yes" if at else "no" for at in split],
        gender=["male" if at else "female" for at in split],
        age=[30 if at else 40 for at in split],
        medications=split,
        mg_per_kg=[0.3 if at else 0.5 for at in split],
    )


def two_rows() -> list[dict[str, Any]]:
    """The first two groups that have a row."""
    return [group for group in subgroups(treated([20] * 6), "PRIMARY")["groups"] if group["rows"]][:2]


def test_one_row_alone_and_none() -> None:
    one = panel(scattered())
    assert one.title == "The one subgroup shown has an interval that holds the mean of all, 37.1"
    assert [row[0].text for row in one.table.rows] == ["All", "Days between the PCL-5s: Up to 45"]
    assert draw({**subgroups(treated([20] * 6), "PRIMARY"), "groups": two_rows()}, VA).title.startswith("Both subgroup")
    none = panel(scattered(first="2025-01-01"))
    assert none.title == "Subgroups: none has 5 patients yet"
    assert (none.data, [row[0].text for row in none.table.rows]) == (None, ["All"])
    assert "Days between the PCL-5s, 2 rows with 7" in none.notes[-1]


def test_all_alike_have_a_point_for_an_interval_and_no_contrast() -> None:
    tied = panel(treated([20] * 12, gender=["female"] * 6 + ["male"] * 6))
    assert tied.data
    assert tied.data["all"]["words"] == "20.0 (20.00 to 20.00)"
    assert tied.title == "All 8 subgroup intervals hold the mean of all, 20.0"
    assert "Gender, women against men: not compared, no spread within the groups." in tied.notes
    assert texts(tied)["Gender: Men"][4:8] == ["6", "100 %", "61", "100"]


def test_the_title_counts_the_intervals_that_miss_the_mean() -> None:
    apart = [*range(6), *range(30, 36)]
    assert panel(treated(apart, gender=["female"] * 6 + ["male"] * 6)).title == (
        "2 of 8 subgroup intervals miss the mean of all, 17.5"
    )
    far = [*range(10, 22), *[60, 61, 62, 63, 64]]
    one = panel(treated(far, age=[30] * 12 + [None] * 5, gender=["female"] * 17))
    assert one.title.startswith("1 of 7 subgroup intervals misses the mean of all")


def test_no_word_of_causes_and_no_id() -> None:
    shown = panel(treated([*THERAPY, *NONE], psychotherapy=["yes"] * 8 + ["no"] * 10))
    said = " ".join([shown.title, shown.subtitle, shown.label, *shown.notes])
    assert "Exploratory, unadjusted." in shown.subtitle
    assert "Groups were not assigned" in said
    assert "Cohen" not in said
    assert "_id" not in json.dumps(shown.data)
