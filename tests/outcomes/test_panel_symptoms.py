"""Which symptoms changed: means of clusters and items, counted by hand, and clinics with little or nothing to see."""

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from clinics import VA
from clinics import clinic as as_clinic
from clinics import evaluation as of_patients

from assessments.instruments.pcl5 import TEXTS
from clinic.outcomes.charts.clinic import Clinic
from clinic.outcomes.charts.symptoms import symptoms
from clinic.outcomes.drawings.panel import Panel
from clinic.outcomes.drawings.symptoms import CLUSTER_NAMES, ITEM_NAMES
from clinic.outcomes.drawings.symptoms import symptoms as draw

ITEMS = range(1, 21)
Form = list[float]


def form(every: float, some: dict[int, float] | None = None) -> Form:
    """The same points for all 20 items, but for some by number."""
    return [(some or {}).get(item, every) for item in ITEMS]


def made(*pairs: tuple[Form, Form | None], **columns: Any) -> Clinic:
    """Patients with these forms before and, unless None, in PRIMARY. Totals play no part: all are eligible."""
    patients = [(50, {} if after is None else {"PRIMARY": 30}) for _, after in pairs]
    evaluation = of_patients(*patients, **columns)
    forms = dict(zip(evaluation.courses["baseline_id"].tolist(), (before for before, _ in pairs), strict=True))
    ends = evaluation.windows["PRIMARY"]["endpoint_id"].tolist()
    forms |= {end: after for end, (_, after) in zip(ends, pairs, strict=True) if after is not None}
    answers = pd.DataFrame.from_dict(forms, orient="index", columns=list(ITEMS), dtype="float64")
    return as_clinic(evaluation, answers=answers)


def drawn(clinic: Clinic) -> Panel:
    """The panel, by way of what is stored."""
    return draw(json.loads(json.dumps(symptoms(clinic, "PRIMARY"), allow_nan=False)), VA)


def row(panel: Panel, name: str) -> list[str]:
    """The printed cells of a row, without its name."""
    [cells] = [cells for cells in panel.table.rows if cells[0].text == name]
    return [cell.text for cell in cells[1:]]


def cluster(clinic: Clinic, key: str) -> dict[str, Any]:
    [found] = [one for one in symptoms(clinic, "PRIMARY")["clusters"] if one["key"] == key]
    return found


#: Before 3 each. Item 1 falls by 0, 1, 2, 3 and 4 is not answered once; the others fall by 1.
FIVE = [(form(3), form(2, {1: 3 - fall})) for fall in (0, 1, 2, 3, 1)]
MISSING = (form(3, {20: np.nan}), form(1, {9: np.nan}))


def test_an_item_is_compared_in_those_who_answered_it_twice() -> None:
    clinic = made(*FIVE, MISSING)
    items = {item["item"]: item for item in cluster(clinic, "B")["items"]}
    assert items[1]["n"] == 6
    # Falls of 0, 1, 2, 3, 1 and 2: mean 1.5, SD √1.1; t(.975, 5) = 2.570582
    assert (items[1]["before"], items[1]["after"], items[1]["reduction"]) == (3.0, 1.5, 1.5)
    assert items[1]["ci95"] == pytest.approx([1.5 - 2.570582 * (1.1 / 6) ** 0.5, 1.5 + 2.570582 * (1.1 / 6) ** 0.5])
    [twenty] = [item for item in cluster(clinic, "E")["items"] if item["item"] == 20]
    [nine] = [item for item in cluster(clinic, "D")["items"] if item["item"] == 9]
    assert (twenty["n"], nine["n"]) == (5, 5), "an answer that lacks in either form leaves the item out"


def test_a_cluster_needs_all_of_its_items_and_is_a_mean_per_item() -> None:
    clinic = made(*FIVE, MISSING)
    # Of 5 items, 15 points before. Falls 4 + (0, 1, 2, 3, 1) and 10: (4 + 5 + 6 + 7 + 5 + 10) / 6 / 5
    b = cluster(clinic, "B")
    assert (b["n"], b["before"]) == (6, 3.0)
    assert b["reduction"] == pytest.approx(37 / 30)
    assert {key: cluster(clinic, key)["n"] for key in "BCDE"} == {"B": 6, "C": 6, "D": 5, "E": 5}
    assert cluster(clinic, "D")["ci95"] == [1.0, 1.0], "equal changes have no spread"


def test_only_evaluated_eligible_first_courses_count() -> None:
    pairs = [*FIVE, (form(4), form(0)), (form(4), form(0)), (form(4), None)]
    clinic = made(*pairs, eligible=[True] * 5 + [False, True, True], is_index=[True] * 6 + [False, True])
    assert symptoms(clinic, "PRIMARY")["n"] == 5
    assert cluster(clinic, "C")["n"] == 5
    assert cluster(clinic, "C")["before"] == 3.0


def test_the_table_says_what_is_drawn() -> None:
    panel = drawn(made(*FIVE, MISSING))
    assert len(panel.table.rows) == 24
    assert row(panel, "1 Intrusive memories") == ["6", "3.00", "1.50", "1.50", "0.40", "2.60"]
    assert row(panel, "Cluster B Intrusion")[:4] == ["6", "3.00", "1.77", "1.23"]
    assert panel.data
    marks = {mark["name"]: mark for mark in panel.data["rows"]}
    assert marks["1 Intrusive memories"]["words"] == ["1.50", "1.50 (0.40 to 2.60)"]
    assert [cells[2].exact for cells in panel.table.rows] == [repr(mark["before"]) for mark in panel.data["rows"]]
    assert [cells[3].exact for cells in panel.table.rows] == [repr(mark["after"]) for mark in panel.data["rows"]]
    assert panel.title == "Every cluster of symptoms fell, by 1.00 to 1.23 points an item"
    assert "B Intrusion 3.00 to 1.77" in panel.label


@pytest.mark.parametrize(
    ("after", "title"),
    [
        (form(2), "Every cluster of symptoms fell by 1.00 points an item"),
        (form(3), "No cluster of symptoms was lower after treatment"),
        (form(4), "No cluster of symptoms was lower after treatment"),
        (form(3, {6: 2}), "Avoidance fell, intrusion, thinking and mood and arousal did not"),
        (form(2, {6: np.nan}), "Intrusion, thinking and mood and arousal fell by 1.00 points an item"),
        (form(2, dict.fromkeys((6, 8, 15), np.nan)), "Intrusion fell by 1.00 points an item"),
        (form(np.nan), "Too few forms to compare symptoms"),
    ],
)
def test_the_title_says_what_is_to_be_seen(after: Form, title: str) -> None:
    assert drawn(made(*[(form(3), after)] * 5)).title == title


def test_a_fall_that_is_printed_as_nothing_is_none() -> None:
    tiny = [(form(3), form(3, {1: 2})), *[(form(3), form(3))] * 60]
    panel = drawn(made(*tiny))
    assert row(panel, "Cluster B Intrusion")[3] == "0.00"
    assert panel.title == "No cluster of symptoms was lower after treatment"


@pytest.mark.parametrize("many", [0, 1, 4])
def test_nothing_is_said_of_fewer_than_five(many: int) -> None:
    panel = drawn(made(*[(form(3), form(1))] * many))
    assert panel.data is None
    assert panel.title == "Too few forms to compare symptoms"
    assert row(panel, "16 Risk taking") == [str(many), *(["n < 5"] * 5 if many else ["—"] * 5)]
    assert panel.notes == [f"n = {many}: nothing is drawn from fewer than 5 patients."]


def test_nobody_followed_up_and_nothing_answered() -> None:
    assert drawn(made(*[(form(3), None)] * 6)).data is None
    without_forms = as_clinic(of_patients(*[(50, {"PRIMARY": 30})] * 6))
    panel = drawn(without_forms)
    assert (panel.data, row(panel, "1 Intrusive memories")) == (None, ["0"] + ["—"] * 5)


def test_a_row_of_too_few_stands_among_the_others() -> None:
    panel = drawn(made(*[(form(3), form(1))] * 4, (form(3), form(1, {16: np.nan}))))
    assert row(panel, "16 Risk taking") == ["4"] + ["n < 5"] * 5
    assert panel.data
    [mark] = [mark for mark in panel.data["rows"] if mark["name"] == "16 Risk taking"]
    assert (mark["before"], mark["after"], mark["words"]) == (None, None, ["n < 5", "n < 5"])


def test_short_names_are_our_own_words() -> None:
    assert list(ITEM_NAMES) == list(ITEMS)
    assert list(CLUSTER_NAMES) == ["B", "C", "D", "E"]
    assert not [name for name, text in zip(ITEM_NAMES.values(), TEXTS, strict=True) if name.lower() in text.lower()]
