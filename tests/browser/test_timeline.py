"""The timeline in a browser: every mark is read back from what was drawn and compared with the tables under it."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from builders import make_course, make_infusion, make_patient, make_pcl5, make_treated_patient
from django.urls import reverse
from playwright.sync_api import Page, expect

from assessments.models import Assessment
from assessments.services import build_assessment
from clinic.policy import Role
from patients.models import Patient

pytestmark = pytest.mark.django_db(transaction=True)

#: The marks of a series: their values, where they stand in the page, and the fill of the SVG element found there.
MARKS = """(series) => {
  const chart = window.tidemark.charts.timeline;
  const box = document.getElementById("timeline").getBoundingClientRect();
  const drawn = chart.getOption().series.find((one) => one.id === series);
  return drawn.data.map(({ value, mark, symbolSize }) => {
    const [x, y] = chart.convertToPixel({ seriesId: series }, value);
    const shapes = [...document.querySelectorAll("#timeline svg path")].filter((path) => {
      const at = path.getBoundingClientRect();
      const middle = [at.x + at.width / 2 - box.x, at.y + at.height / 2 - box.y];
      return at.width < 40 && Math.hypot(middle[0] - x, middle[1] - y) < 1.5;
    });
    const sizes = shapes.map((shape) => shape.getBoundingClientRect().width);
    const fills = shapes.map((shape) => shape.getAttribute("fill"));
    return { value, mark, symbolSize, x: box.x + x, y: box.y + y, fills, sizes };
  });
}"""


@pytest.fixture
def patient() -> Patient:
    """A screening, a baseline, a weekly form in the series and an endpoint; four infusions of growing dose."""
    patient = make_patient()
    course = make_course(patient)
    for at, dose in zip((0, 3, 7, 10), (40, 48, 56, 64), strict=True):
        make_infusion(course, date(2025, 3, 3) + timedelta(days=at), dose_mg_given=dose)
    make_pcl5(patient, date(2025, 1, 10), 52)
    make_pcl5(patient, date(2025, 2, 20), 54)
    make_pcl5(patient, date(2025, 3, 10), 47, "week")
    make_pcl5(patient, date(2025, 4, 3), 35)
    return patient


def address(patient: Patient) -> str:
    return reverse("pages:patient", args=[patient.public_id])


def rows_of(page: Page, section: str) -> list[list[str]]:
    rows = page.locator(f"#{section} tbody tr").all()
    return [[" ".join(cell.split()) for cell in row.locator("th, td").all_inner_texts()] for row in rows]


def number(text: str) -> float | None:
    text = text.replace("−", "-").replace("+", "").replace("±", "").replace("*", "")
    return None if text == "—" else float(text)


def test_each_reading_is_drawn_where_the_table_says(open_as: Any, patient: Patient) -> None:
    page = open_as(Role.CLINICIAN, address(patient))
    page.get_by_role("button", name="All time").click()
    marks, rows = page.evaluate(MARKS, "readings"), rows_of(page, "readings")[::-1]
    assert len(marks) == len(rows) == 4
    for mark, row in zip(marks, rows, strict=True):
        said = mark["mark"]
        assert mark["value"] == [number(row[1]), number(row[3])]
        assert said["clusters"] == [number(cell) for cell in row[4:8]]
        assert said["change"] == number(row[8])
        assert said["use"] == row[9]
        assert (said["recall"] == 7) == (row[2] == "Weekly")
        assert mark["fills"], f"nothing was drawn at {row[0]}"
    weekly, monthly = marks[2], marks[3]
    assert set(weekly["fills"]) != set(monthly["fills"]), "a weekly form is an open mark"
    heights = [mark["y"] for mark in marks]
    per_point = (heights[3] - heights[0]) / (52 - 35)
    assert heights[1] == pytest.approx(heights[0] - 2 * per_point, abs=0.5), "the axis is straight"


def test_each_infusion_is_drawn_with_an_area_that_grows_with_the_dose(open_as: Any, patient: Patient) -> None:
    page = open_as(Role.CLINICIAN, address(patient))
    marks, rows = page.evaluate(MARKS, "infusions"), rows_of(page, "infusions")
    assert len(marks) == len(rows) == 4
    for mark, row in zip(marks, rows, strict=True):
        assert mark["mark"]["place"] == row[0]
        assert mark["mark"]["dose"] == number(row[2])
        assert mark["fills"]
    areas = [mark["symbolSize"] ** 2 / mark["mark"]["dose"] for mark in marks]
    assert areas == pytest.approx([areas[0]] * 4)
    drawn = [max(mark["sizes"]) for mark in marks]
    assert drawn == sorted(drawn)


def test_intake_gets_marks_of_one_size_and_no_dose(open_as: Any, patient: Patient) -> None:
    page = open_as(Role.INTAKE, address(patient))
    marks = page.evaluate(MARKS, "infusions")
    assert {mark["symbolSize"] for mark in marks} == {12}
    assert not [mark for mark in marks if mark["mark"]["dose"] or mark["mark"]["id"]]
    assert "mg/kg" not in page.locator("#timeline").inner_html()


def test_the_axis_of_totals_is_never_cropped(open_as: Any) -> None:
    page = open_as(Role.INTAKE, address(make_treated_patient(40, 38)))
    axis = page.evaluate("() => window.tidemark.charts.timeline.getOption().yAxis[0]")
    assert (axis["min"], axis["max"]) == (0, 80)


def test_a_point_says_what_it_is_and_opens_its_form(open_as: Any, patient: Patient) -> None:
    page = open_as(Role.INTAKE, address(patient))
    point = page.evaluate(MARKS, "readings")[-1]
    page.mouse.move(point["x"] - 30, point["y"])
    page.mouse.move(point["x"], point["y"])
    words = page.locator("#timeline svg")
    clusters = " · ".join(
        f"{name} {cell}" for name, cell in zip("BCDE", rows_of(page, "readings")[0][4:8], strict=True)
    )
    for said in ("Thu 3 Apr 2025 · day 31", "PCL-5 35 · monthly", clusters, "−19 from baseline"):
        expect(words).to_contain_text(said)
    href = page.locator("#readings tbody a").first.get_attribute("href")
    with page.expect_request(f"**{href}"):
        page.mouse.click(point["x"], point["y"])


def test_course_series_and_all_time_show_more_and_more(open_as: Any, patient: Patient) -> None:
    make_pcl5(patient, date(2026, 2, 1), 50)
    page = open_as(Role.CLINICIAN, address(patient))
    shown = {}
    for name in ("Series", "Course", "All time"):
        button = page.get_by_role("button", name=name, exact=True)
        button.click()
        expect(button).to_have_attribute("aria-pressed", "true")
        shown[name] = [mark["value"][1] for mark in page.evaluate(MARKS, "readings")]
    assert shown == {"Series": [52, 54, 47, 35], "Course": [52, 54, 47, 35, 50], "All time": [52, 54, 47, 35, 50]}
    expect(page.locator("#timeline-range [aria-pressed=true]")).to_have_count(1)


def test_each_course_has_its_own_view_and_finding(open_as: Any) -> None:
    patient = make_treated_patient(54, 35)
    again = make_course(patient, 2)
    make_infusion(again, date(2025, 9, 1))
    make_pcl5(patient, date(2025, 8, 25), 50)
    make_pcl5(patient, date(2025, 9, 20), 51)
    page = open_as(Role.CLINICIAN, address(patient))
    expect(page.locator("#timeline-title")).to_have_text(re.compile("^1 point higher than at baseline"))
    page.get_by_role("button", name="Course 1").click()
    expect(page.locator("#timeline-title")).to_have_text(re.compile("^4 points lower than at baseline"))
    assert [mark["value"][1] for mark in page.evaluate(MARKS, "readings")] == [54, 35, 50]


@pytest.mark.parametrize(("dark", "width"), [(False, 1440), (True, 1440), (False, 390), (True, 820)])
def test_the_page_is_accessible_and_never_scrolls_sideways(
    open_as: Any, axe: Any, patient: Patient, dark: bool, width: int
) -> None:
    for tab in ("", "courses/", "sessions/", "questionnaires/", "notes/", "who-looked/"):
        page = open_as(Role.MEDICAL_DIRECTOR, address(patient) + tab, dark=dark, width=width)
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), tab


def test_the_colours_follow_the_theme(open_as: Any, patient: Patient) -> None:
    page = open_as(Role.CLINICIAN, address(patient))
    fills = "() => [...document.querySelectorAll('#timeline svg text')].map((text) => text.getAttribute('fill'))"
    light = page.evaluate(fills)
    page.emulate_media(color_scheme="dark")
    page.wait_for_timeout(100)
    assert set(page.evaluate(fills)) != set(light)
    page.emulate_media(media="print", color_scheme="dark")
    page.wait_for_timeout(100)
    assert set(page.evaluate(fills)) == set(light), "paper is always light"


def test_without_scripts_the_tables_say_it_all(open_as: Any, patient: Patient) -> None:
    page = open_as(Role.CLINICIAN, address(patient), scripts=False)
    expect(page.locator("noscript p")).to_be_visible()
    expect(page.locator("#timeline")).to_be_hidden()
    assert len(rows_of(page, "readings")) == 4


def test_the_primary_action_is_on_the_first_screen_and_the_menu_opens_by_key(open_as: Any, patient: Patient) -> None:
    page = open_as(Role.CLINICIAN, address(patient))
    expect(page.get_by_role("link", name="Enter PCL-5")).to_be_in_viewport()
    expect(page.locator("#timeline")).to_be_in_viewport(ratio=0.9)
    more = page.get_by_label("More actions")
    more.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="History")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="History")).to_be_hidden()


def test_hundreds_of_readings_are_drawn(open_as: Any) -> None:
    patient = make_treated_patient(54, None)
    Assessment.objects.bulk_create(
        build_assessment(
            patient=patient, instrument="pcl5", form="week", answers=[2] * 20, completed_on=date(2025, 3, 20) + timedelta(days=at)
        )
        for at in range(400)
    )  # fmt: skip
    page = open_as(Role.CLINICIAN, address(patient))
    assert len(page.evaluate(MARKS, "readings")) == 401
