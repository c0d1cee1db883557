"""Adverse events: infusions and patients with one or more, by grade and by term."""

import json
from typing import Any

import pandas as pd
import pytest
from clinics import VA, clinic, evaluation, events, sessions

from clinic.outcomes.charts.adverse_events import adverse_events
from clinic.outcomes.drawings.adverse_events import adverse_events as draw


def given(*told: dict[str, Any], patients: int = 5, infusions: int = 2) -> Any:
    """Each patient had so many infusions: infusion 1 and 2 are of the first patient, 3 and 4 of the second."""
    rows = [{"course_id": 1 + at // infusions} for at in range(patients * infusions)]
    return clinic(evaluation(*[(50, {})] * patients), sessions=sessions(*rows), events=events(*told))


SOME = given(
    {"infusion_id": 1, "term": "Nausea"},
    {"infusion_id": 1, "term": "nausea ", "ctcae_grade": 2},
    {"infusion_id": 2, "term": "Nausea"},
    {"infusion_id": 3, "term": "nausea", "ctcae_grade": 3},
    {"infusion_id": 3, "term": "Headache"},
    {"infusion_id": 5, "term": "HEADACHE"},
    {"infusion_id": 5, "term": "Headache"},
    {"infusion_id": 7, "term": "Fell out of bed at home", "serious": True, "ctcae_grade": 2},
)


def counts(row: dict[str, Any]) -> tuple[int, int, int | None]:
    """Infusions with it, patients with it, highest grade."""
    return row["infusions"]["x"], row["patients"]["x"], row["highest"]


def test_an_infusion_and_a_patient_count_once() -> None:
    drawn = adverse_events(SOME)
    assert (drawn["infusions"], drawn["patients"]) == (10, 5)
    assert [(row["name"], *counts(row)) for row in drawn["grades"]] == [
        ("any", 5, 4, 3),
        ("grade_2", 3, 3, 3),
        ("grade_3", 1, 1, 3),
        ("serious", 1, 1, 2),
    ]
    everything = drawn["grades"][0]
    assert everything["infusions"] == {
        "x": 5,
        "n": 10,
        "rate": 0.5,
        "ci95": pytest.approx([0.236593, 0.763407], abs=1e-6),
    }
    assert everything["patients"]["rate"] == 0.8


def test_terms_are_joined_and_one_used_for_one_patient_is_not_quoted() -> None:
    drawn = adverse_events(SOME)
    assert [(row["term"], *counts(row)) for row in drawn["terms"]] == [
        ("Nausea", 3, 2, 3),
        ("Headache", 2, 2, 1),
        (None, 1, 1, 2),
    ]
    panel = draw(drawn, VA)
    assert "Fell" not in json.dumps(drawn)
    assert [row[0].text for row in panel.table.rows][-1] == "Other terms"
    assert panel.notes[-1].startswith("Other terms: the rarer ones")


def test_the_rarer_terms_share_a_row() -> None:
    told = [
        {"infusion_id": 1 + 2 * patient, "term": f"Term {letter}"}
        for at, letter in enumerate("ABCDEFGH")
        for patient in range(2 if at > 1 else 3)
    ]
    drawn = adverse_events(given(*told))
    assert [row["term"] for row in drawn["terms"]] == [*(f"Term {letter}" for letter in "ABCDEF"), None]
    assert counts(drawn["terms"][-1]) == (2, 2, 1)


def test_chart_and_table_say_the_same() -> None:
    panel = draw(adverse_events(SOME), VA)
    assert panel.title == "An adverse event in 5 of 10 infusions (50 %)"
    assert panel.data
    assert (panel.data["grades"], len(panel.data["rows"]), len(panel.table.rows)) == (4, 7, 7)
    for marks, row in zip(panel.data["rows"], panel.table.rows, strict=True):
        infusions, patients = marks["infusions"], marks["patients"]
        exact = [one.exact for one in row[1:]]
        assert exact[0] == str(infusions["x"])
        assert [float(text) for text in exact[2:5]] == [infusions["rate"], *infusions["ci95"]]
        assert exact[5] == str(patients["x"])
        assert [float(text) for text in exact[7:10]] == [patients["rate"], *patients["ci95"]]
        assert exact[10] == str(marks["highest"])
    assert panel.data["rows"][0]["said"]["infusions"] == "5 of 10 · 50 % (24–76)"
    assert "Nausea: 3 of 10 · 30 % (11–60) infusions, 2 of 5 · 40 % (12–77) patients." in panel.label


def test_infusions_of_four_patients_have_no_percentage() -> None:
    drawn = adverse_events(given({"infusion_id": 1}, {"infusion_id": 3}, patients=4, infusions=6))
    assert drawn["grades"][0]["infusions"] == {"x": 2, "n": 24, "rate": None, "ci95": None}
    panel = draw(drawn, VA)
    assert panel.data is None
    assert panel.title == "An adverse event in 2 of 24 infusions"
    assert [one.text for one in panel.table.rows[0][1:6]] == ["2", "24", "—", "—", "—"]
    assert panel.notes[2] == "Fewer than 5 patients: counts alone."


def test_a_later_course_counts_for_the_same_patient() -> None:
    of = evaluation(*[(50, {})] * 6, patient_id=[1, 2, 3, 4, 5, 5], is_index=[True, True, True, True, True, False])
    both = sessions(*[{"course_id": course} for course in range(1, 7)])
    made = clinic(of, sessions=both, events=events({"infusion_id": 5}, {"infusion_id": 6}))
    drawn = adverse_events(made)
    assert (drawn["infusions"], drawn["patients"]) == (6, 5)
    assert counts(drawn["grades"][0]) == (2, 1, 1)


def test_it_says_something_true_of_nothing_and_of_everybody() -> None:
    nothing = adverse_events(clinic(evaluation()))
    assert draw(nothing, VA).title == "Adverse events: no infusion was given yet"
    assert [one.text for one in draw(nothing, VA).table.rows[0][1:]] == ["0", "0", "—", "—", "—"] * 2 + ["—"]
    none = adverse_events(given())
    panel = draw(none, VA)
    assert panel.title == "No adverse event recorded in 10 infusions"
    assert none["terms"] == []
    assert panel.table.rows[0][3].text == "0 %", "of ten infusions, which is something"
    assert len(panel.notes) == 2
    every = adverse_events(given(*[{"infusion_id": at} for at in range(1, 11)]))
    assert draw(every, VA).title == "An adverse event in 10 of 10 infusions (100 %)"
    missing = pd.DataFrame(columns=["infusion_id", "term", "ctcae_grade", "serious"])
    assert adverse_events(clinic(evaluation((50, {})), sessions=sessions({}), events=missing))["terms"] == []
    for drawn in (nothing, none, every):
        json.dumps(drawn, allow_nan=False)
