"""Dose by session: medians and percentiles counted by hand, phases told apart, and clinics with nothing to draw."""

import json
from typing import Any

import numpy as np
import pytest
from clinics import VA, sessions
from clinics import clinic as as_clinic
from clinics import evaluation as of_patients

from clinic.outcomes.charts.doses import doses
from clinic.outcomes.drawings.doses import doses as draw
from clinic.outcomes.drawings.panel import Panel


def drawn(*rows: dict[str, Any], **columns: Any) -> Panel:
    """The panel of these sessions, of 40 patients, by way of what is stored."""
    return draw(json.loads(json.dumps(stored(*rows, **columns), allow_nan=False)), VA)


def stored(*rows: dict[str, Any], **columns: Any) -> dict[str, Any]:
    clinic = as_clinic(of_patients(*[(50, {})] * 40, **columns), sessions=sessions(*rows))
    return doses(clinic)


def given(session: int, *mg_per_kg: float, **more: Any) -> list[dict[str, Any]]:
    """One infusion each of the first patients."""
    return [
        {"course_id": course, "session": session, "mg_per_kg": dose, **more}
        for course, dose in enumerate(mg_per_kg, start=1)
    ]


FIRST = given(1, 0.5, 0.5, 0.5, 0.6, 0.9)


def test_median_and_quartiles_of_a_session() -> None:
    found = stored(*FIRST)
    assert found == {
        "patients": 5,
        "infusions": 5,
        "later": 0,
        "unknown": 0,
        "sessions": [
            {
                "session": 1,
                "phase": "induction",
                "n": 5,
                "mg_per_kg": {"n": 5, "median": 0.5, "quartiles": [0.5, 0.6], "deciles": None},
                "minutes": {"n": 5, "median": 40.0, "quartiles": [40.0, 40.0], "deciles": None},
            }
        ],
    }
    panel = drawn(*FIRST)
    [row] = panel.table.rows
    told = ["1, induction", "5", "5", "0.50", "0.50", "0.60", "—", "—", "5", "40.0", "40.0", "40.0", "—", "—"]
    assert [cell.text for cell in row] == told
    assert len(panel.table.head) == len(row)
    assert panel.title == "Median dose 0.50 mg/kg in session 1"


def test_whiskers_from_twenty_on() -> None:
    found = stored(*given(1, *[0.01 * at for at in range(21)]), *given(2, *[0.5] * 19))
    first, second = (row["mg_per_kg"] for row in found["sessions"])
    assert first["deciles"] == pytest.approx([0.02, 0.18])
    assert (second["n"], second["deciles"]) == (19, None)


def test_top_ups_are_told_apart() -> None:
    panel = drawn(*FIRST, *given(2, *[0.7] * 6), *given(2, *[0.4] * 5, is_induction=False))
    assert [row[0].text for row in panel.table.rows] == ["1, induction", "2, induction", "2, top-up"]
    assert panel.data
    assert [(mark["session"], mark["phase"], mark["median"]) for mark in panel.data["sessions"]] == [
        (1, "induction", 0.5),
        (2, "induction", 0.7),
        (2, "top_up", 0.4),
    ]
    assert panel.title == "Median dose 0.50 mg/kg in session 1, 0.70 in session 2"
    assert [entry.shape for entry in panel.legend] == ["given", "top-up"]


def test_the_title_compares_sessions_given_often_enough() -> None:
    rows = [*given(1, *[0.5] * 30), *given(2, *[0.6] * 20), *given(3, *[0.9] * 19)]
    assert drawn(*rows).title == "Median dose 0.50 mg/kg in session 1, 0.60 in session 2"
    same = [*given(1, *[0.5] * 5), *given(2, *[0.5] * 5)]
    assert drawn(*same).title == "Median dose 0.50 mg/kg in session 1 and in session 2"


def test_unknown_doses_and_late_sessions_are_counted_not_drawn() -> None:
    rows = [*FIRST, *given(2, *[np.nan] * 6, minutes=np.nan), *given(13, *[0.5] * 6)]
    found = stored(*rows)
    assert (found["unknown"], found["later"], found["infusions"]) == (6, 6, 17)
    panel = drawn(*rows)
    assert [cell.text for cell in panel.table.rows[1]] == ["2, induction", "6", "0", *["—"] * 5, "0", *["—"] * 5]
    assert panel.data
    assert (panel.data["last"], len(panel.data["sessions"])) == (1, 1)
    assert panel.notes[1:] == [
        "6 of 17 infusions without mg/kg: another route, or no dose or weight recorded.",
        "6 infusions after session 12: not shown.",
    ]


def test_second_courses_are_left_out() -> None:
    found = stored(*FIRST, is_index=[True] * 4 + [False] * 36)
    assert (found["patients"], found["sessions"][0]["n"]) == (4, 4)


@pytest.mark.parametrize("many", [0, 1, 4])
def test_nothing_is_drawn_of_fewer_than_five(many: int) -> None:
    panel = drawn(*FIRST[:many])
    assert (panel.data, panel.title, panel.legend) == (None, "Too few known doses to draw", [])
    assert len(panel.table.rows) == min(many, 1)
    if many:
        assert [cell.text for cell in panel.table.rows[0]][2:8] == [str(many), *["n < 5"] * 5]
    word = "infusion" if many == 1 else "infusions"
    assert panel.notes == [f"{many} {word}: nothing is drawn from fewer than 5 known doses."]


def test_top_ups_alone_can_be_drawn() -> None:
    panel = drawn(*given(7, *[0.5] * 5, is_induction=False))
    assert panel.data
    assert panel.title == "Too few known doses of the induction"


def test_a_clinic_without_courses() -> None:
    assert doses(as_clinic(of_patients()))["sessions"] == []
