"""Second and later induction courses: who came back, after what, and what came of it; never with the first courses."""

import json
from typing import Any

import pandas as pd
import pytest
from clinics import FIRST, LAST_INFUSION, VA
from clinics import clinic as as_clinic
from clinics import evaluation as of_patients

from clinic.outcomes.charts.retreatment import retreatment
from clinic.outcomes.drawings.panel import Panel
from clinic.outcomes.drawings.retreatment import retreatment as draw
from clinic.outcomes.figures import window_figures
from clinic.outcomes.response import Evaluation

STEP = pd.Timedelta(days=100)
#: A course: the days since the course before (None for a first one), the baseline, the LAST total if any, what it was.
Course = tuple[int | None, int, int | None, str]


def evaluation(*patients: list[Course]) -> Evaluation:
    """Courses of 11 days each. What a course was: remission, response, none, or left (never followed up)."""
    courses = [(number, *course) for number, of in enumerate(patients, start=1) for course in of]
    starts: list[pd.Timestamp] = []
    for _, gap, *_ in courses:
        starts.append(FIRST if gap is None else starts[-1] + (LAST_INFUSION - FIRST) + pd.Timedelta(days=gap))
    seen = [start + pd.Timedelta(days=40) for start in starts]
    after = [*courses[1:], (0, None, 0, None, "")][: len(courses)]
    return of_patients(
        *[(baseline, {} if last is None else {"LAST": last}) for _, _, baseline, last, _ in courses],
        patient_id=[patient for patient, *_ in courses],
        is_index=[gap is None for _, gap, *_ in courses],
        first_infusion_on=starts,
        last_infusion_on=[start + (LAST_INFUSION - FIRST) for start in starts],
        latest_on=[pd.NaT if kind == "left" else day for day, (*_, kind) in zip(seen, courses, strict=True)],
        first_response_on=[
            day if kind in ("response", "remission") else pd.NaT for day, (*_, kind) in zip(seen, courses, strict=True)
        ],
        first_remission_on=[
            day if kind == "remission" else pd.NaT for day, (*_, kind) in zip(seen, courses, strict=True)
        ],
        next_induction_on=[
            start if gap is not None else pd.NaT
            for (_, gap, *_), start in zip(after, [*starts[1:], FIRST][: len(courses)], strict=True)
        ],
    )


def stored(*patients: list[Course]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(json.dumps(retreatment(as_clinic(evaluation(*patients))), allow_nan=False))
    return found


def drawn(*patients: list[Course]) -> Panel:
    return draw(stored(*patients), VA)


def rows(panel: Panel) -> dict[str, list[str]]:
    return {cells[0].text: [cell.text for cell in cells[1:]] for cells in panel.table.rows}


#: Five came back, one of them twice; one never did. Second courses fall by 20, 30, 10, 0 and 15.
SIX: list[list[Course]] = [
    [(None, 50, 30, "remission"), (100, 50, 30, "none"), (60, 60, 20, "none")],
    [(None, 60, 45, "response"), (120, 60, 30, "none")],
    [(None, 50, 52, "none"), (140, 50, 40, "none")],
    [(None, 50, None, "left"), (160, 40, 40, "none")],
    [(None, 30, 25, "none"), (200, 55, 40, "none")],
    [(None, 50, 30, "remission")],
]


def test_courses_after_the_first_are_counted_by_themselves() -> None:
    found = stored(*SIX)
    assert (found["patients"], found["second"], found["third"]) == (6, 5, 1)
    assert found["first_outcome"] == {"remission": 1, "response": 1, "none": 1, "not_judged": 2}
    second, later = found["second_courses"], found["later_courses"]
    assert second["days"] == {"n": 5, "median": 140.0, "quartiles": [120.0, 160.0]}
    assert later["days"] == {"n": 6, "median": 130.0, "quartiles": [105.0, 155.0]}
    # Reductions 20, 30, 10, 0, 15: mean 15, SD √125; t(.975, 4) = 2.776445
    assert (second["before"], second["after"], second["reduction"]) == (51.0, 36.0, 15.0)
    assert second["ci95"] == pytest.approx([15 - 2.776445 * 5, 15 + 2.776445 * 5])
    assert (second["response"]["x"], second["response"]["n"]) == (4, 5)
    assert second["response"]["ci95"] == pytest.approx([0.375535, 0.963776], abs=1e-6)
    assert (later["courses"], later["patients"], later["evaluated"]) == (6, 5, 6)
    assert later["reduction"] == pytest.approx(115 / 6)
    assert (later["ci95"], later["response"]["ci95"]) == (None, None), "courses, not patients"


def test_they_are_in_no_headline_rate() -> None:
    figures = window_figures(evaluation(*SIX), "LAST")
    assert (figures["courses"], figures["evaluated"]) == (6, 4)


def test_the_table_says_what_is_drawn() -> None:
    panel = drawn(*SIX)
    assert panel.title == "5 of 6 patients had a second induction, 1 a third"
    said = rows(panel)
    assert panel.table.head == ["Figure", "Second courses", "All later courses"]
    assert said["Days since the course before, median"] == ["140", "130"]
    assert said["Mean reduction"] == ["15.0", "19.2"]
    assert said["95 % CI from"] == ["1.1", "—"]
    assert said["Response rate"] == ["80 %", "83 %"]
    assert said["Rate, 95 % CI to"] == ["96 %", "—"]
    assert said["First course: not evaluable"] == ["2", "—"]
    assert panel.data
    assert [row["count"] for row in panel.data["outcomes"]] == [1, 1, 1, 2]
    assert panel.data["totals"][0]["words"] == ["51.0 → 36.0 (−15.0)", "Response 4 of 5 · 80 % (38–96)"]
    assert panel.data["totals"][1]["words"][1] == "Response 5 of 6 · 83 %"
    assert panel.notes[0].startswith("Second courses began 140 days (median; middle half 120 to 160) after")
    assert panel.notes[-1] == "All later courses: courses, not patients, so without intervals."
    assert "In none of the other figures" in panel.subtitle


def test_without_a_third_course_there_is_one_column() -> None:
    panel = drawn(*[patient[:2] for patient in SIX])
    assert panel.table.head == ["Figure", "Second courses"]
    assert panel.title == "5 of 6 patients had a second induction"
    assert panel.data
    assert len(panel.data["totals"]) == 1


def test_nobody_came_back() -> None:
    for patients in ([], [[(None, 50, 30, "remission")]], [[(None, 50, None, "left")]] * 6):
        panel = drawn(*patients)
        assert panel.data is None
        assert panel.title == "Nobody has had a second induction course"
        assert rows(panel)["Response rate"] == ["—"]
        assert rows(panel)["Response on the latest PCL-5"] == ["—"]
        assert panel.notes == ["n = 0: nothing is drawn from fewer than 5 patients."]


def test_of_four_there_are_counts_alone() -> None:
    panel = drawn(*SIX[1:5])
    assert panel.data is None
    said = rows(panel)
    assert said["Courses"] == ["4"]
    for name in ("Days since the course before, median", "Mean baseline", "Mean reduction", "Response rate"):
        assert said[name] == ["n < 5"], name
    assert panel.title == "4 of 4 patients had a second induction"


def test_many_courses_of_few_patients_have_no_means() -> None:
    often: list[Course] = [(None, 50, 30, "none"), (50, 50, 30, "none"), (50, 50, 30, "none"), (50, 50, 30, "none")]
    found = stored(*[often] * 3)
    assert (found["second"], found["third"], found["later_courses"]["courses"]) == (3, 3, 9)
    assert found["later_courses"]["days"]["median"] is None
    assert found["later_courses"]["before"] is None


def test_second_courses_that_nobody_followed_up() -> None:
    panel = drawn(*[[(None, 50, 30, "none"), (50, 50, None, "left")]] * 6)
    assert panel.data
    assert panel.data["totals"] == []
    assert rows(panel)["Mean baseline"] == ["—"]
    assert rows(panel)["Days since the course before, median"] == ["50"]


def test_everybody_alike_has_an_interval_without_width() -> None:
    found = stored(*[[(None, 50, 30, "remission"), (50, 50, 30, "none")]] * 5)["second_courses"]
    assert found["ci95"] == [20.0, 20.0]
    assert found["response"]["rate"] == 1.0


def test_of_a_filtered_clinic_a_course_needs_every_earlier_one() -> None:
    whole = evaluation(*SIX)

    def without(row: int) -> dict[str, Any]:
        left = Evaluation(
            whole.courses.drop(index=row), {name: frame.drop(index=row) for name, frame in whole.windows.items()}
        )
        return retreatment(as_clinic(left))

    no_first, no_second = without(0), without(1)
    assert (no_first["patients"], no_first["second"], no_first["later_courses"]["courses"]) == (5, 4, 4)
    assert (no_second["patients"], no_second["second"], no_second["later_courses"]["courses"]) == (6, 4, 4)


def test_the_order_of_the_rows_does_not_matter() -> None:
    whole = evaluation(*SIX)
    back = Evaluation(whole.courses[::-1], {name: frame[::-1] for name, frame in whole.windows.items()})
    assert retreatment(as_clinic(back)) == retreatment(as_clinic(whole))
