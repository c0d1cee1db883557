"""The dashboard as it is drawn: marks read back from the charts and compared with tables and the report."""

import json
from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
from builders import make_course, make_infusion, make_patient, make_pcl5, make_treated_patient
from django.core.management import call_command
from playwright.sync_api import Page, expect

from clinic.policy import Role

CHARTS = ("waterfall", "status-mix", "trajectories", "study")


@pytest.fixture
def clinic() -> None:
    """Fifteen of every fate, followed up once or twice."""
    for number in range(15):
        patient = make_patient()
        make_infusion(make_course(patient), date(2025, 3, 3))
        make_pcl5(patient, date(2025, 2, 20), 40 + number * 2)
        make_pcl5(patient, date(2025, 3, 3) + timedelta(days=18 + number % 10), (number * 23) % 70)
        if number % 2:
            make_pcl5(patient, date(2025, 6, 1), (number * 17) % 60)


def series(page: Page, chart: str) -> list[dict[str, Any]]:
    """The series of a chart as ECharts holds them."""
    read = f"""JSON.stringify(tidemark.charts['{chart}'].getOption().series.map(
        (each) => ({{name: each.name, type: each.type, data: each.data}})))"""
    found: list[dict[str, Any]] = json.loads(page.evaluate(read))
    return found


def table_values(page: Page, chart: str, column: int) -> list[str]:
    """The exact values of a column of the chart's first table."""
    cells = page.locator(f"#{chart}-figure table").first.locator(f"tbody tr td:nth-child({column})")
    return [
        cell.evaluate("(c) => c.dataset.value ?? c.querySelector('[data-value]')?.dataset.value ?? ''")
        for cell in cells.all()
    ]


COUNT_MARKS = """([chart, token]) => {
  const colour = getComputedStyle(document.documentElement).getPropertyValue(token).trim();
  return document.querySelectorAll(`#${chart} svg path[fill="${colour}"]`).length;
}"""


def marks(page: Page, chart: str, token: str) -> int:
    """How many shapes of the drawing are filled with a token's colour."""
    return int(page.evaluate(COUNT_MARKS, [chart, token]))


def wait_for_marks(page: Page, chart: str, token: str) -> None:
    """Until the drawing has shapes in the token's colour of this moment."""
    page.wait_for_function(COUNT_MARKS, arg=[chart, token])


def test_bars_are_the_rows_of_the_table(open_as: Any, clinic: None) -> None:
    page = open_as(Role.MEDICAL_DIRECTOR, "/outcomes/")
    bars, ends = series(page, "waterfall")
    changes, classes, counts = (table_values(page, "waterfall", column) for column in (2, 3, 4))
    expected = [int(change) for change, count in zip(changes, counts, strict=True) for _ in range(int(count))]
    assert [bar["value"] for bar in bars["data"]] == expected == sorted(expected)
    assert [end["value"] for end in ends["data"]] == expected
    assert len(expected) == 15
    for kind in ("remission", "response", "none", "worsened"):
        of_kind = sum(int(count) for name, count in zip(classes, counts, strict=True) if name == kind)
        assert marks(page, "waterfall", f"--tm-{kind}") == 2 * of_kind, "a bar and a shape each"


def test_lines_and_means_are_those_of_the_tables(open_as: Any, clinic: None) -> None:
    page = open_as(Role.MEDICAL_DIRECTOR, "/outcomes/")
    lines, intervals, mean = series(page, "trajectories")
    assert len(lines["data"]) == page.locator("#trajectories-figure .tm-figure__each tbody tr").count() == 15
    means = [float(value) for value in table_values(page, "trajectories", 4)]
    assert [point[1] for point in mean["data"]] == means
    assert len(intervals["data"]) == len(means) == 3
    assert page.locator("#trajectories svg polyline, #trajectories svg path[fill='none']").count() >= 15 + 3


def test_statuses_and_the_study_are_those_of_the_tables(open_as: Any, clinic: None) -> None:
    page = open_as(Role.MEDICAL_DIRECTOR, "/outcomes/")
    bars, shapes = series(page, "status-mix")
    counts = [int(value) for value in table_values(page, "status-mix", 2)]
    assert [bar["value"] for bar in bars["data"]] == counts
    assert (len(shapes["data"]), sum(counts)) == (8, 15)
    clinic_rates, study_rates, clinic_totals, study_totals, _ = series(page, "study")
    table = page.locator("#study-figure table")
    rate = table.locator("[data-figure='study_like.response.rate']").get_attribute("data-value")
    after = table.locator("[data-figure='study_like.endpoint.mean']").get_attribute("data-value")
    assert clinic_rates["data"][0][0] == pytest.approx(100 * float(rate or 0))
    assert clinic_totals["data"][0][0] == float(after or 0)
    assert [point[0] for point in study_rates["data"]] == pytest.approx([100 * 88 / 117, 62])
    assert study_totals["data"][0][0] == 28.78


def test_the_page_says_what_the_report_says(open_as: Any, clinic: None) -> None:
    page = open_as(Role.MEDICAL_DIRECTOR, "/outcomes/?window=last")
    out = StringIO()
    call_command("outcomes_report", "--format", "json", stdout=out)
    report = json.loads(out.getvalue())
    for path in ("response.x", "response.rate", "response.ci95.0", "remission.rate", "reduction.mean", "evaluated"):
        value: Any = report
        for part in path.split("."):
            value = value[int(part)] if isinstance(value, list) else value[part]
        shown = page.locator(f"[data-figure='{path}']").first
        assert float(shown.get_attribute("data-value") or "nan") == value
        expect(shown).to_be_visible()


@pytest.mark.parametrize("dark", [False, True])
def test_chart_and_table_take_turns_and_follow_the_theme(open_as: Any, axe: Any, clinic: None, dark: bool) -> None:
    page = open_as(Role.MEDICAL_DIRECTOR, "/outcomes/", dark=dark)
    axe(page)
    figure = page.locator("#waterfall-figure")
    expect(figure.locator("#waterfall svg")).to_be_visible()
    expect(figure.get_by_role("table")).to_be_hidden()
    assert marks(page, "waterfall", "--tm-remission") > 0
    figure.get_by_role("button", name="Table").click()
    expect(figure.get_by_role("table")).to_be_visible()
    expect(figure.locator("#waterfall svg")).to_be_hidden()
    assert figure.get_by_role("button", name="Table").get_attribute("aria-pressed") == "true"
    axe(page)
    page.emulate_media(color_scheme="light" if dark else "dark")
    figure.get_by_role("button", name="Chart").click()
    expect(figure.locator("#waterfall svg")).to_be_visible()
    wait_for_marks(page, "waterfall", "--tm-remission")  # in the colours of the other theme


def test_a_tooltip_says_the_number_under_the_pointer(open_as: Any, clinic: None) -> None:
    page = open_as(Role.MEDICAL_DIRECTOR, "/outcomes/")
    place = page.evaluate("tidemark.charts.waterfall.convertToPixel({seriesIndex: 0}, [0, -5])")
    box = page.locator("#waterfall").bounding_box()
    page.locator("#waterfall").scroll_into_view_if_needed()
    page.locator("#waterfall").hover(position={"x": place[0], "y": place[1]})
    assert box
    first = series(page, "waterfall")[0]["data"][0]["value"]
    expect(page.locator("#waterfall svg")).to_contain_text(f"−{-first} points")
    expect(page.locator("#waterfall svg")).to_contain_text("Rank 1 of 15")


def test_paper_gets_chart_and_table_in_light_colours(open_as: Any, clinic: None) -> None:
    page = open_as(Role.MEDICAL_DIRECTOR, "/outcomes/", dark=True)
    page.emulate_media(media="print", color_scheme="dark")
    for chart in CHARTS:
        expect(page.locator(f"#{chart} svg")).to_be_visible()
        expect(page.locator(f"#{chart}-figure table").first).to_be_visible()
    wait_for_marks(page, "waterfall", "--tm-remission")  # the tokens of paper are the light ones
    expect(page.get_by_role("button", name="Print report")).to_be_hidden()
    page.emulate_media(media="screen", color_scheme="dark")
    wait_for_marks(page, "waterfall", "--tm-remission")


def test_without_scripts_there_are_the_tables(open_as: Any, clinic: None) -> None:
    page = open_as(Role.MEDICAL_DIRECTOR, "/outcomes/", scripts=False)
    for chart in CHARTS:
        expect(page.locator(f"#{chart}-figure table").first).to_be_visible()
        expect(page.locator(f"#{chart}")).to_be_hidden()


def test_nothing_is_drawn_of_four(open_as: Any, axe: Any) -> None:
    for _ in range(4):
        make_treated_patient()
    page = open_as(Role.MEDICAL_DIRECTOR, "/outcomes/")
    assert [series(page, chart) for chart in ("waterfall", "status-mix", "trajectories")] == [[], [], []]
    expect(page.get_by_text("nothing is drawn from fewer than 5 patients").first).to_be_visible()
    axe(page)


def test_a_number_leads_to_its_patients_and_back(open_as: Any, axe: Any, clinic: None) -> None:
    page = open_as(Role.MEDICAL_DIRECTOR, "/outcomes/")
    number = page.locator("[data-figure='response.x']").first.inner_text()
    page.get_by_role("link", name="Response", exact=True).click()
    page.wait_for_url("**/outcomes/patients/?of=response&window=primary")
    expect(page.locator("[data-count]")).to_have_attribute("data-count", number)
    assert page.get_by_role("row").count() == int(number) + 1
    axe(page)
    page.get_by_role("link", name="Outcomes, Primary 14–31 d").click()
    page.wait_for_url("**/outcomes/?window=primary")


@pytest.mark.parametrize("width", [390, 820, 1440])
def test_it_fits_every_width(open_as: Any, clinic: None, width: int) -> None:
    page = open_as(Role.MEDICAL_DIRECTOR, "/outcomes/", width=width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for chart in CHARTS:
        box = page.locator(f"#{chart} svg").bounding_box()
        card = page.locator(f"#{chart}-figure").bounding_box()
        assert box
        assert card
        assert box["width"] <= card["width"]
