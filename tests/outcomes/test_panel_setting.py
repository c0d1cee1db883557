"""What is recorded of the setting of infusions: shares counted by hand, and clinics with little or nothing recorded."""

import json
from typing import Any

import pytest
from clinics import VA, sessions
from clinics import clinic as as_clinic
from clinics import evaluation as of_patients

from clinic.outcomes.charts.setting import setting
from clinic.outcomes.drawings.panel import Panel
from clinic.outcomes.drawings.setting import setting as draw

ALL = {"preparation": True, "intention": True, "eye_mask": "yes", "music": "yes", "integration": True}


def stored(*rows: dict[str, Any], **columns: Any) -> dict[str, Any]:
    """One infusion each of the first patients."""
    made = [{"course_id": course, **row} for course, row in enumerate(rows, start=1)]
    return setting(as_clinic(of_patients(*[(50, {})] * 10, **columns), sessions=sessions(*made)))


def drawn(*rows: dict[str, Any]) -> Panel:
    return draw(json.loads(json.dumps(stored(*rows), allow_nan=False)), VA)


#: Of eight: preparation 6, intention 5, eye mask 3 yes 4 no, music 8 yes, integration 4.
EIGHT = [
    {
        "preparation": at < 6,
        "intention": at < 5,
        "eye_mask": "yes" if at < 3 else "no" if at < 7 else "not_recorded",
        "music": "yes",
        "integration": at < 4,
    }
    for at in range(8)
]


def test_each_part_is_counted() -> None:
    found = stored(*EIGHT)
    assert (found["patients"], found["infusions"]) == (8, 8)
    counts = {
        part["name"]: tuple(part[answer] and part[answer]["x"] for answer in ("yes", "no", "not_recorded"))
        for part in found["parts"]
    }
    assert counts == {
        "preparation": (6, None, 2),
        "intention": (5, None, 3),
        "eye_mask": (3, 4, 1),
        "music": (8, 0, 0),
        "integration": (4, None, 4),
    }
    assert found["parts"][0]["yes"] == {"x": 6, "n": 8, "rate": 0.75, "ci95": None}


def test_the_table_says_what_is_drawn() -> None:
    panel = drawn(*EIGHT)
    assert panel.title == "Integration is recorded least: 50 % of infusions"
    mask = [cell.text for cell in panel.table.rows[2]]
    assert mask == ["Eye mask", "3", "38 %", "4", "50 %", "1", "13 %", "8"]
    assert [cell.text for cell in panel.table.rows[0]][3:5] == ["—", "—"], "no cannot be recorded"
    assert len(panel.table.head) == len(mask)
    assert panel.data
    assert panel.data["parts"][2]["shares"] == {"yes": 37.5, "no": 50.0, "not_recorded": 12.5}
    assert panel.data["parts"][2]["words"] == {"yes": "38 %", "no": "50 %", "not_recorded": "13 %"}
    assert panel.subtitle.startswith("8 infusions of 8 patients")
    assert "Eye mask: yes 3 (38 %), no 4 (50 %), not recorded 1 (13 %)" in panel.label


@pytest.mark.parametrize(
    ("rows", "title"),
    [
        ([ALL] * 5, "Every part of the setting is always recorded"),
        ([{}] * 5, "No part of the setting is recorded"),
        ([ALL] * 4 + [{}], "All parts of the setting are recorded equally often"),
        ([ALL | {"music": "not_recorded"}] * 5, "Music is never recorded"),
        ([ALL | {"music": "not_recorded", "intention": False}] * 5, "Intention and music are never recorded"),
        (
            [ALL] * 3 + [ALL | {"preparation": False, "music": "not_recorded"}] * 2,
            "Preparation and music are recorded least: 60 % of infusions",
        ),
        ([], "Too few patients to show what is recorded"),
        ([ALL] * 4, "Too few patients to show what is recorded"),
    ],
)
def test_the_title_says_which_is_recorded_least(rows: list[dict[str, Any]], title: str) -> None:
    assert drawn(*rows).title == title


def test_many_infusions_of_few_patients_have_counts_alone() -> None:
    rows = [{**ALL, "course_id": 1 + at % 4} for at in range(12)]
    panel = drawn(*rows)
    assert panel.data is None
    assert [cell.text for cell in panel.table.rows[3]] == ["Music", "12", "n < 5", "0", "n < 5", "0", "n < 5", "12"]
    assert panel.notes[-1] == "n = 4: nothing is drawn from fewer than 5 patients."


def test_nobody_and_second_courses() -> None:
    panel = drawn()
    assert [cell.text for cell in panel.table.rows[3]] == ["Music", "0", "—", "0", "—", "0", "—", "0"]
    assert "0 %" not in panel.label
    assert setting(as_clinic(of_patients()))["infusions"] == 0
    assert stored(*[ALL] * 8, is_index=[True] * 5 + [False] * 5)["infusions"] == 5
