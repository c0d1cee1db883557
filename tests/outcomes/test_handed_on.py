"""What is handed on, as CSV and as PDF: no count of 1 to 10 patients, and none that a subtraction gives (rule 31)."""

import csv
import io
import random
import re
from functools import cache
from itertools import pairwise

import pandas as pd
import pytest
from boards import NOW, board_handed_on, board_of_clinic
from clinics import DAYS, Pair, clinic, evaluation
from clinics import events as adverse_events
from clinics import sessions as given
from pypdf import PdfReader
from test_panel_retreatment import Course
from test_panel_retreatment import evaluation as of_courses

from clinic.outcomes.charts.all import clinic_charts
from clinic.outcomes.charts.clinic import Clinic
from clinic.outcomes.csv_of_panel import csv_of_panel
from clinic.outcomes.figures import window_figures
from clinic.outcomes.handed_on import beside_everybody, withhold
from clinic.outcomes.report_pdf.report import report_pdf
from clinic.outcomes.small_numbers import FEW, FEW_NOT_SHOWN, NOT_SHOWN, Count, handed_on

pytestmark = pytest.mark.django_db
FIRST = pd.Timestamp("2025-03-20")
#: Columns of counts of patients, or of infusions that are hidden like them.
COUNTS = {"Patients", "Lost", "Apart", "n", "Responded", "With a valid PCL-5", "Of", "Window still open", "At risk"}
COUNTS |= {"Had it by then", "Lost by then", "Censored by then", "Given", "mg/kg known", "Minutes known", "Of patients"}
COUNTS |= {"Infusions", "Yes", "No", "Not recorded"}
Rows = list[dict[str, str]]


def small(number: float) -> bool:
    return 0 < number < 11


@cache
def made(seed: int, number: int, spread: float = 0.15) -> Clinic:
    """A made-up clinic in which about `spread` of everything is out of the ordinary."""
    dice = random.Random(seed)
    pairs: list[Pair] = []
    for _ in range(number):
        before = dice.randint(33, 75) if dice.random() > spread else dice.randint(10, 75)
        totals = {name: max(0, min(80, before - round(dice.gauss(18, 16)))) for name in DAYS if dice.random() > spread}
        pairs.append((before, totals))
    usual = ["REMISSION"] * 6 + ["RESPONSE"] * 2 + ["NO_RESPONSE"] * 2 + ["WORSENED"]
    responded = [FIRST + pd.Timedelta(days=dice.randint(0, 40)) if dice.random() < 0.7 else pd.NaT for _ in pairs]
    columns = {
        "status": [dice.choice(usual) if before >= 33 else "BELOW_CUT" for before, _ in pairs],
        "first_response_on": responded,
        "first_remission_on": [day if dice.random() < 0.7 else pd.NaT for day in responded],
        "response_index_on": responded,
        "loss_of_response_on": [
            day + pd.Timedelta(days=dice.randint(5, 90)) if dice.random() < 0.5 else pd.NaT for day in responded
        ],
        "latest_on": [
            FIRST + pd.Timedelta(days=dice.randint(60, 200)) if dice.random() > spread / 3 else pd.NaT for _ in pairs
        ],
        "first_infusion_on": [pd.Timestamp(dice.choice(["2025-01-05", "2025-03-03"])) for _ in pairs],
        "weekly_baseline": [dice.random() < spread for _ in pairs],
    }
    rows = [
        {"course_id": 1 + at, "session": 1 + session, "is_induction": session < 6, "music": dice.choice(["yes", "no"])}
        for at in range(number)
        for session in range(dice.randint(4, 7))
    ]
    terms = ["Nausea", "Dizziness", "Mania"]
    happened = [
        {
            "infusion_id": dice.randint(1, len(rows)),
            "term": dice.choice(terms),
            "ctcae_grade": dice.choice([1, 1, 2, 3]),
        }
        for _ in pairs
    ]
    return clinic(
        evaluation(*pairs, **columns),
        sessions=given(*rows),
        events=adverse_events(*happened),
        answers=pd.DataFrame(2.0, index=range(number * 10 + 10), columns=range(1, 21)).where(
            pd.Series(range(number * 10 + 10)) % 37 != 1
        ),
        registered=number + dice.randint(0, 30),
        psychotherapy=[dice.choice(["yes", "no"]) for _ in pairs],
        gender=[dice.choice(["female", "male", "male"]) for _ in pairs],
        age=[dice.randint(20, 70) for _ in pairs],
    )


@cache
def tables_of(seed: int, number: int, spread: float) -> dict[str, Rows]:
    return tables(made(seed, number, spread))


def tables(of: Clinic, window: str = "PRIMARY") -> dict[str, Rows]:
    """Every CSV of a dashboard as rows by column; columns of the same name are told by their place."""
    with handed_on():
        board = board_handed_on(of, window, failed=3)
        texts = {name: csv_of_panel(board, name, NOW) for name in board.tables}
    found = {}
    for name, text in texts.items():
        assert "Groups of fewer than 11 patients, and what would give them away, are not shown." in text
        assert not re.search(r"\bnan\b|\binf\b|\bNone\b(?! recorded| of )|Withheld", text), name
        lines = list(csv.reader(io.StringIO(text)))
        head, *rows = lines[lines.index([]) + 1 :]
        keys = [f"{title} {at}" if head.index(title) != at else title for at, title in enumerate(head)]
        found[name] = [dict(zip(keys, row, strict=True)) for row in rows]
    return found


def count(text: str) -> int | None:
    """A count that is shown."""
    return int(text) if text.isdigit() else None


def left_over(whole: str, parts: list[str]) -> bool:
    """Whether parts that are not shown are few by what is left of the whole."""
    if (total := count(whole)) is None:
        return False
    return small(total - sum(count(part) or 0 for part in parts))


def said(file: bytes) -> str:
    return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in PdfReader(io.BytesIO(file)).pages))


CLINICS = [
    (1, 117, 0.15),
    (2, 60, 0.3),
    (3, 250, 0.05),
    (4, 40, 0.1),
    (5, 14, 0.2),
    (6, 11, 0.1),
    (7, 90, 0.03),
    (8, 400, 0.4),
]


@pytest.mark.parametrize(("seed", "number", "spread"), CLINICS)
class TestNothingOfFew:
    @pytest.fixture
    def found(self, seed: int, number: int, spread: float) -> dict[str, Rows]:
        return tables_of(seed, number, spread)

    def test_no_count_is_of_few(self, found: dict[str, Rows]) -> None:
        for name, rows in found.items():
            for row in rows:
                for column, text in row.items():
                    if re.sub(r" \d+$", "", column) in COUNTS:
                        assert not small(count(text) or 0), (name, row)

    def test_what_is_left_of_a_whole_is_not_few(self, found: dict[str, Rows]) -> None:
        flow = {row["Step, or reason"]: row["Patients"] or row["Lost"] for row in found["care-flow"]}
        mix = [row["Patients"] for row in found["status-mix"]]
        assert not left_over(flow["Treated"], mix)
        names = list(flow)
        steps = [names.index(name) for name in ("Registered", "Treated", "Valid baseline", "Eligible")]
        for start, end in pairwise(steps):
            assert not left_over(flow[names[start]], [flow[name] for name in names[start + 1 : end + 1]])
        window = [name for name in names if name.startswith("Primary")]
        due = next(at for at, name in enumerate(window) if name.endswith(": due"))
        assert not left_over(flow["Eligible"], [flow[name] for name in window[: due + 1]])
        assert not left_over(flow[window[due]], [flow[name] for name in window[due + 1 :]])
        assert not left_over(flow["Treated"], [flow[window[-1]]])

    def test_quarters_do_not_add_up_to_few(self, found: dict[str, Rows]) -> None:
        columns: dict[str, list[dict[str, str]]] = {}
        for row in found["completeness"]:
            columns.setdefault(row["First infusion, window"].rsplit(", ", 1)[1], []).append(row)
            assert not left_over(row["Of"], [row["With a valid PCL-5"]]), row
        for *quarters, everybody in columns.values():
            for key in ("With a valid PCL-5", "Of", "Window still open"):
                assert not left_over(everybody[key], [row[key] for row in quarters])

    def test_groups_and_classes_do_not_add_up_to_few(self, found: dict[str, Rows]) -> None:
        groups: dict[str, Rows] = {}
        everybody = {"n": "", "Responded": ""}
        for row in found["subgroups"]:
            assert not left_over(row["n"], [row["Responded"]] if row["Responded"] else ["0"])
            if row["Subgroup"] == "All":
                everybody = row
            elif "(difference)" not in row["Subgroup"]:
                groups.setdefault(row["Subgroup"].split(":")[0], []).append(row)
        for rows in groups.values():
            for key in ("n", "Responded"):
                assert not left_over(everybody[key], [row[key] for row in rows])
        classes = found["reliable_change"]
        assert not left_over(classes[0]["n"] if classes else "", [row["n"] for row in classes[1:5]])
        for row in classes[1:5]:
            assert not left_over(classes[0]["n"], [row["n"]])
            cells = [one["n"] for one in classes[5:] if one["Class"].startswith(row["Class"])]
            assert not left_over(row["n"], cells)
            assert count(row["n"]) or not cells
        for row in found["adverse-events"]:
            assert not left_over(row["Of patients"], [row["Patients"]])

    def test_no_single_patient_is_drawn(self, found: dict[str, Rows]) -> None:
        assert all(set(row) == {"Rank", "Change, points"} for row in found["waterfall"])
        for before, after in pairwise(float(row["Rank"]) for row in found["waterfall"]):
            assert after - before >= 11

    def test_curves_step_over_many(self, found: dict[str, Rows]) -> None:
        for name, event in (("time-to-loss", "Lost by then"), ("time-to-first", "Had it by then")):
            curves: dict[str, Rows] = {}
            for row in found[name]:
                if "median" not in row["Curve"]:
                    curves.setdefault(row["Curve"], []).append(row)
                else:
                    assert row["At risk"] == "—"
            for rows in curves.values():
                for one, other in pairwise(rows):
                    for key in ("At risk", event, "Censored by then"):
                        assert not small(abs(int(one[key]) - int(other[key]))), (name, one, other)
            for one, other in (
                zip(*list(curves.values())[:2], strict=True) if name == "time-to-first" and curves else ()
            ):
                assert not small(abs(int(one[event]) - int(other[event])))


#: A number of patients in words, not of infusions, days, points or intervals.
PAGE = re.compile(r"page \d+ of \d+")
IN_WORDS = re.compile(
    r"(?<![\d.,–−+-])(?:[1-9]|10) (?:of (?!\d+ (?:subgroup|infusions))|patients?\b|responders?\b|evaluated\b|eligible\b"
    r"|treated\b|missing\b|worsened\b|without follow-up|have\b|look back|died\b|withdrew|no usable|window still)"
)


@pytest.mark.parametrize(("seed", "number", "spread"), [(1, 117, 0.15), (4, 40, 0.1), (5, 14, 0.2)])
def test_the_report_says_nothing_of_few(seed: int, number: int, spread: float) -> None:
    with handed_on():
        board = board_handed_on(made(seed, number, spread), failed=3)
        text = said(report_pdf(board, by="Dr Ada Meyer", now=NOW))
        rates = [board.n[name] for name in ("response", "remission", "worsened", "reliable_change", "best_case")]
    assert "Groups of fewer than 11 patients, and what would give them away, are not shown." in text
    assert "<11 patients are in no figure." in text
    assert not IN_WORDS.findall(PAGE.sub("", text).replace("\u00a0", " "))
    assert not re.search(r"\bnan\b|\binf\b|Withheld|One thin line", text)
    for rate in rates:
        assert not left_over(str(rate["n"]), [str(rate["x"])]) or rate["x"].exact == ""
        assert not small(count(rate["x"].text) or 0)
        assert rate["rate"].exact == "" or (rate["x"].exact and rate["n"].exact)


@pytest.mark.parametrize(
    ("first", "again", "third"), [(60, 30, 14), (60, 30, 5), (40, 35, 0), (30, 8, 2), (50, 24, 13), (80, 40, 35)]
)
def test_those_who_came_back_are_not_told_where_they_are_few(first: int, again: int, third: int) -> None:
    kinds = ["remission", "remission", "response", "none", "left"]
    patients: list[list[Course]] = []
    for at in range(first):
        courses: list[Course] = [(None, 50 + at % 9, 20, kinds[at % 5])]
        courses += [(60, 52, 25 + at % 20 if at % 6 else None, "response")] if at < again else []
        courses += [(70, 51, 44, "none")] if at < third else []
        patients.append(courses)
    of = clinic(of_courses(*patients))
    rows = {row["Figure"]: row for row in tables(of)["retreatment"]}
    with handed_on():
        board = board_handed_on(of)
        title = board.panels["retreatment"].title
    assert not re.search(r"(?<!\d)([1-9]|10) (of|a third)|, ([1-9]|10) a third", title), title
    numbers = [int(number) for number in re.findall(r"\d+", title.replace("<11", ""))]
    assert not any(small(one - other) for one, other in pairwise(numbers)), title
    assert set(rows["Patients"]) <= {"Figure", "Second courses", "All later courses"}
    assert ("All later courses" in rows["Patients"]) == (third > 10)
    for column in set(rows["Patients"]) - {"Figure"}:
        figures = {name: row[column] for name, row in rows.items()}
        evaluated = figures["Evaluated (eligible, with a later PCL-5)"]
        for whole, parts in (
            (figures["Courses"], [evaluated]),
            (figures["Courses"], [figures["Patients"]]),
            (evaluated, [figures["Response on the latest PCL-5"]]),
        ):
            assert not left_over(whole, parts if any(map(count, parts)) else ["0"]), figures
            assert not any(small(count(part) or 0) for part in (whole, *parts)), figures
        if column == "Second courses":
            assert not left_over(
                figures["Patients"], [figures[name] for name in rows if name.startswith("First course")]
            )


def like_the_study() -> Clinic:
    """117 patients of whom 88 respond, 73 of them to remission, about half with psychotherapy."""
    ends = [20] * 73 + [39] * 15 + [48] * 26 + [66] * 3
    pairs: list[Pair] = [(50 + at % 5, {"LAST": end + at % 5}) for at, end in enumerate(ends)]
    return clinic(evaluation(*pairs), psychotherapy=["yes" if at % 2 else "no" for at in range(117)])


def test_the_figures_of_a_clinic_like_the_study_are_shown() -> None:
    inside = board_of_clinic(like_the_study(), "LAST")
    with handed_on():
        board = board_handed_on(like_the_study(), "LAST")
        text = said(report_pdf(board, by="Dr Ada Meyer", now=NOW))
        for name in ("response", "remission"):
            assert board.n[name] == inside.n[name]
        assert (board.n["response"]["x"].text, board.n["remission"]["x"].text) == ("88", "73")
        assert board.n["effect_size"]["d_rms"] == inside.n["effect_size"]["d_rms"]
        assert board.n["effect_size"]["d_rms"].exact
        assert board.n["worsened"]["x"].text == str(FEW_NOT_SHOWN)
        study = dict(row[:2] for row in csv.reader(io.StringIO(csv_of_panel(board, "study", NOW))) if len(row) == 3)
        assert (study["Response, patients"], study["Remission, patients"]) == ("88", "73")
        contrast = [row for row in board.panels["subgroups"].table.rows if "(difference)" in row[0].text]
        assert contrast[0][0].text.startswith("Psychotherapy: ")
        assert contrast[0][2].exact
    assert "88 of 117 75.2 % 66.7–82.2" in text
    assert "73 of 117 62.4 %" in text


DEGENERATE: dict[str, list[Pair]] = {
    "one": [(50, {"PRIMARY": 20, "LAST": 20})],
    "ten": [(50, {"PRIMARY": 20, "LAST": 20})] * 10,
    "eleven": [(50, {"PRIMARY": 20 + at, "LAST": 20}) for at in range(11)],
    "twelve, one of them missing": [(50, {"PRIMARY": 20 + at, "LAST": 20}) for at in range(11)] + [(50, {})],
    "nobody responds": [(50 + at % 3, {"PRIMARY": 50}) for at in range(30)],
    "nobody is eligible": [(10, {"PRIMARY": 5})] * 15,
    "everybody is missing": [(50, {})] * 15,
    "six more are missing": [(50 + at % 7, {"PRIMARY": 20}) for at in range(40)] + [(50, {})] * 6,
}


@pytest.mark.parametrize("case", DEGENERATE)
def test_hardly_anybody_gives_files_that_say_something_true(case: str) -> None:
    of = clinic(evaluation(*DEGENERATE[case]))
    assert tables(of)
    with handed_on():
        board = board_handed_on(of)
        text = said(report_pdf(board, by="Dr Ada Meyer", now=NOW))
        assert not re.search(r"\bnan\b|\binf\b|Withheld", text)
        assert not re.search(r"\bNone\b(?! recorded| of )", text)
        if len(DEGENERATE[case]) < 11:
            assert not board.n["response"]["rate"].exact
            assert not board.n["reduction"]["mean"].exact
            assert "Of <11 patients followed up" in text
        if case == "eleven":
            assert board.n["response"]["rate"].text == "100 %"
        if case == "six more are missing":
            assert board.n["response"]["rate"].text == "100 %"
            assert str(board.n["best_case"]["n"]) == "not shown"
            assert board.n["missing"].text in ("<11", "not shown")


def test_a_dashboard_without_its_details_is_withheld_alike() -> None:
    of, window = made(1, 117), "M3"
    with handed_on():
        whole = board_handed_on(of, window)
        figures, charts = window_figures(of.evaluation, window), clinic_charts(of, (window,))
        withhold(figures, charts, {}, window)
        assert whole.summary
        assert figures["evaluated"] == whole.summary.figures[window]["evaluated"]
        assert "failed" not in charts


@pytest.mark.parametrize(
    ("shown", "everybody", "expected"),
    [(40, 40, True), (40, 50, False), (40, 51, True), (FEW, 50, False), (NOT_SHOWN, 90, False)],
)
def test_the_chosen_stand_beside_everybody_where_that_tells_of_nobody(
    shown: Count, everybody: int, expected: bool
) -> None:
    assert beside_everybody(shown, everybody) is expected


def test_two_groups_of_responders_are_drawn_on_common_days() -> None:
    pairs: list[Pair] = [(50, {"PRIMARY": 20 + at % 9}) for at in range(240)]
    responded = [FIRST] * 240
    lost = [FIRST + pd.Timedelta(days=5 + at) if at % 2 else pd.NaT for at in range(240)]
    columns = {
        "response_index_on": responded,
        "loss_of_response_on": lost,
        "latest_on": [FIRST + pd.Timedelta(days=300)] * 240,
    }
    of = clinic(evaluation(*pairs, **columns), psychotherapy=["yes" if at % 4 < 2 else "no" for at in range(240)])
    rows = tables(of)["time-to-loss"]
    days = {name: [row["Day"] for row in rows if row["Curve"] == name] for name in ("Psychotherapy", "None recorded")}
    assert days["Psychotherapy"] == days["None recorded"]
    assert len(days["Psychotherapy"]) > 3
    with handed_on():
        notes = board_handed_on(of).panels["time_to_loss"].notes
    assert "Drawn on days between which nobody or 11 patients or more left each curve." in notes


def test_nobody_treated_is_nothing_to_hand_on() -> None:
    with handed_on():
        assert board_handed_on(clinic(evaluation())).empty
