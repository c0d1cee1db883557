"""The Jacobson-Truax plot: classes, joined points, cells of many, and what is said of them (rules 21, 31; section 5.5)."""

import json
from dataclasses import replace

import numpy as np
import pytest
from clinics import VA, Pair, clinic, evaluation

from clinic.outcomes.charts.clinic import Clinic
from clinic.outcomes.charts.reliable_change import cell, reliable_change
from clinic.outcomes.criteria import Criteria
from clinic.outcomes.drawings.panel import Panel
from clinic.outcomes.drawings.reliable_change import reliable_change as draw
from clinic.outcomes.small_numbers import INSIDE

#: Baseline and follow-up: improved (20), recovered, unchanged (14), improved (15), deteriorated (15), unchanged (14), recovered.
SEVEN = ((50, 30), (50, 28), (50, 36), (50, 35), (40, 55), (40, 54), (33, 18))
#: The twelve pairs of the oracle.
BEFORE = (52, 61, 45, 38, 70, 33, 55, 48, 41, 64, 58, 36)
AFTER = (28, 50, 44, 20, 35, 31, 22, 40, 46, 30, 29, 14)


def of(*pairs: tuple[int, int], criteria: Criteria = VA) -> Clinic:
    """A clinic of these baselines and PRIMARY follow-ups."""
    patients: list[Pair] = [(before, {"PRIMARY": after}) for before, after in pairs]
    return replace(clinic(evaluation(*patients)), criteria=criteria)


def panel(some: Clinic, window: str = "PRIMARY") -> Panel:
    """The panel, by way of what is stored."""
    return draw(json.loads(json.dumps(reliable_change(some, window), allow_nan=False)), some.criteria)


def test_seven_by_hand() -> None:
    assert reliable_change(of(*SEVEN), "PRIMARY") == {
        "n": 7,
        "classes": {"recovered": 2, "improved": 2, "unchanged": 2, "deteriorated": 1},
        "at_or_below": 0,
        "points": {
            "recovered": [[33, 18, 1], [50, 28, 1]],
            "improved": [[50, 30, 1], [50, 35, 1]],
            "unchanged": [[40, 54, 1], [50, 36, 1]],
            "deteriorated": [[40, 55, 1]],
        },
    }


def test_the_oracle() -> None:
    # The baselines of 33 and more; all of them are.
    classes = reliable_change(of(*zip(BEFORE, AFTER, strict=True)), "PRIMARY")["classes"]
    assert classes == {"recovered": 4, "improved": 3, "unchanged": 5, "deteriorated": 0}


def test_points_have_no_order_of_patients_and_are_joined() -> None:
    forwards, backwards = of(*SEVEN, *SEVEN[:2]), of(*SEVEN[:2], *reversed(SEVEN))
    assert reliable_change(forwards, "PRIMARY") == reliable_change(backwards, "PRIMARY")
    assert reliable_change(forwards, "PRIMARY")["points"]["recovered"] == [[33, 18, 1], [50, 28, 2]]


def test_the_table_holds_the_classes_and_every_point() -> None:
    shown = panel(of(*SEVEN, (50, 30)))
    texts = [[one.text for one in row] for row in shown.table.rows]
    assert texts == [
        ["Evaluated", "", "", "8", "", "", ""],
        ["Recovered", "", "", "2", "25 %", "7", "59"],
        ["Improved", "", "", "3", "38 %", "14", "69"],
        ["Unchanged", "", "", "2", "25 %", "7", "59"],
        ["Deteriorated", "", "", "1", "13 %", "2", "47"],
        ["Recovered, 33 → 18", "33", "18", "1", "", "", ""],
        ["Recovered, 50 → 28", "50", "28", "1", "", "", ""],
        ["Improved, 50 → 30", "50", "30", "2", "", "", ""],
        ["Improved, 50 → 35", "50", "35", "1", "", "", ""],
        ["Unchanged, 40 → 54", "40", "54", "1", "", "", ""],
        ["Unchanged, 50 → 36", "50", "36", "1", "", "", ""],
        ["Deteriorated, 40 → 55", "40", "55", "1", "", "", ""],
    ]
    assert {len(row) for row in texts} == {len(shown.table.head)}
    assert shown.title == "5 of 8 improved reliably, 2 of them recovered; 1 deteriorated"
    assert [(entry.shape, entry.words) for entry in shown.legend] == [
        ("remission", "Recovered, −15 or more and 28 or less: 2"),
        ("response", "Improved, −15 or more: 3"),
        ("none", "Unchanged: 2"),
        ("worsened", "Deteriorated, +15 or more: 1"),
    ]
    assert shown.data
    assert (shown.data["points"], shown.data["at_most"], shown.data["cells"]) == (15, 28, False)
    assert shown.notes == [
        "Reliable change of 15 points and end state of 28 or less: fixed published values (Marx 2022), "
        "not recomputed from this clinic.",
        "No baseline is at or below 28; from there nobody can be “recovered”.",
        "A larger mark stands for several patients with the same two totals.",
    ]
    assert shown.label.startswith(
        "PCL-5 at follow-up against baseline of 8 patients. Recovered, −15 or more and 28 or less: 2;"
    )


def test_own_values_are_said_to_be_own_and_a_low_baseline_cannot_recover() -> None:
    own = Criteria(reliable_points=10, reliable_at_most=40)
    shown = panel(of((40, 10), (50, 40), (39, 20), (60, 55), (60, 50), criteria=own))
    drawn = reliable_change(of((40, 10), (50, 40), (39, 20), (60, 55), (60, 50), criteria=own), "PRIMARY")
    assert (drawn["classes"]["recovered"], drawn["classes"]["improved"], drawn["at_or_below"]) == (1, 3, 2)
    assert shown.notes[:2] == [
        "Reliable change of 10 points and end state of 40 or less: this clinic’s settings; "
        "published are 15 and 28 (Marx 2022).",
        "2 baselines are at or below 40; from there nobody can be “recovered”.",
    ]
    one = panel(of((40, 10), *[(60, 20)] * 5, criteria=own))
    assert one.notes[1].startswith("1 baseline is at or below 40")


def test_of_many_there_are_cells() -> None:
    random = np.random.default_rng(3)
    pairs = [(int(one), int(other)) for one, other in zip(*random.integers((33, 0), 81, (1_000, 2)).T, strict=True)]
    drawn = reliable_change(of(*pairs), "PRIMARY")
    assert "points" not in drawn
    assert drawn["n"] == 1_000
    for name, cells in drawn["cells"].items():
        assert sum(count for _, _, count in cells) == drawn["classes"][name]
        assert all(start % 4 == 0 and start <= 76 for *starts, _ in cells for start in starts)
    shown = panel(of(*pairs))
    assert shown.data
    for name, better in (("recovered", True), ("improved", True), ("deteriorated", False)):
        placed = shown.data["marks"][name]
        assert all((before - after >= 15) if better else (after - before >= 15) for before, after, _ in placed)
    assert all(after <= 28 for _, after, _ in shown.data["marks"]["recovered"])
    assert len(shown.table.rows) == 5 + sum(len(cells) for cells in drawn["cells"].values())
    assert "each mark is the count in a cell of 4 × 4 points" in shown.notes[-1]


def test_a_cell_is_drawn_in_the_middle_of_its_part() -> None:
    patients = [(50, 30)] * (INSIDE.most_marks - 1) + [(45, 30), (80, 80)]
    drawn = reliable_change(of(*patients), "PRIMARY")
    assert drawn["cells"] == {
        "recovered": [],
        "improved": [[44, 28, 1], [48, 28, INSIDE.most_marks - 1]],
        "unchanged": [[76, 76, 1]],
        "deteriorated": [],
    }
    shown = panel(of(*patients))
    assert shown.data
    # Improved are 44 → 29; 45 → 29, 30; 46 and 47 → 29, 30, 31.
    assert shown.data["marks"]["improved"][0] == [413 / 9, 268 / 9, 1]
    assert shown.data["marks"]["unchanged"] == [[78.0, 78.0, 1]]
    assert [one.text for one in shown.table.rows[-1]][:4] == ["Unchanged, 76–80 → 76–80", "76–80", "76–80", "1"]
    assert [one.text for one in shown.table.rows[-3]][:4] == ["Improved, 44–47 → 28–31", "44–47", "28–31", "1"]


def test_the_last_cell_holds_eighty() -> None:
    assert cell(np.array([0, 3, 4, 75, 76, 79, 80])).tolist() == [0, 0, 4, 72, 76, 76, 76]


@pytest.mark.parametrize("patients", [0, 1, 4])
def test_of_too_few_nothing_is_drawn(patients: int) -> None:
    drawn = reliable_change(of(*[(50, 20)] * patients), "PRIMARY")
    assert drawn["classes"]["recovered"] == patients
    shown = panel(of(*[(50, 20)] * patients))
    assert shown.title == "Reliable change: too few were followed up to draw"
    assert (shown.data, shown.table.rows, shown.drawn) == (None, [], False)
    assert len(shown.notes) == 2


def test_everything_missing_is_nobody() -> None:
    drawn = reliable_change(clinic(evaluation(*[(50, {})] * 9)), "PRIMARY")
    assert (drawn["n"], set(drawn["classes"].values())) == (0, {0})


def test_everybody_alike() -> None:
    all_recovered = panel(of(*[(50, 20)] * 6))
    assert all_recovered.title == "6 of 6 improved reliably, 6 of them recovered; 0 deteriorated"
    nobody = panel(of(*[(50, 50)] * 6))
    assert nobody.title == "0 of 6 improved reliably; 0 deteriorated"
    recovered = nobody.table.rows[1]
    assert [one.text for one in recovered[3:]] == ["0", "0 %", "0", "39"]


def test_only_evaluated_index_courses_count() -> None:
    some = evaluation(*[(50, {"PRIMARY": 30})] * 6, (30, {"PRIMARY": 10}), (50, {}), is_index=[False, *[True] * 7])
    drawn = reliable_change(clinic(some), "PRIMARY")
    assert drawn["n"] == 5
    assert "_id" not in json.dumps(drawn)
