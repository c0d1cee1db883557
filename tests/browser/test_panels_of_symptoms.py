"""Symptoms, doses, setting and retreatment as they are drawn: what the charts hold is what their tables say."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from builders import make_course, make_infusion, make_patient, make_pcl5
from playwright.sync_api import Page, expect

from clinic.policy import Role

CHARTS = ("symptoms", "doses", "setting", "retreatment")
START = date(2025, 3, 3)


@pytest.fixture
def clinic() -> None:
    """Twelve patients with two infusions; every other one came back after half a year, followed up again."""
    for number in range(12):
        patient = make_patient()
        course = make_course(patient)
        for day in (0, 4):
            make_infusion(course, START + timedelta(days=day))
        make_pcl5(patient, START - timedelta(days=10), 45 + number)
        make_pcl5(patient, START + timedelta(days=25), 20 + 2 * number)
        if number % 2:
            make_infusion(make_course(patient, number=2), START + timedelta(days=180 + number))
            make_pcl5(patient, START + timedelta(days=175), 50)
            make_pcl5(patient, START + timedelta(days=215), 30)


def series(page: Page, chart: str) -> list[list[Any]]:
    """The values of each series of a chart, as ECharts holds them."""
    read = f"""JSON.stringify(tidemark.charts['{chart}'].getOption().series.map(
        (each) => each.data.map((one) => one.value ?? one)))"""
    found: list[list[Any]] = json.loads(page.evaluate(read))
    return found


def column(page: Page, chart: str, place: int) -> list[float | None]:
    """The exact values of a column of the chart's table."""
    cells = page.locator(f"#{chart}-figure tbody tr td:nth-child({place})")
    values = cells.evaluate_all("(all) => all.map((cell) => cell.dataset.value)")
    return [float(value) if value else None for value in values]


def drawn_and_told(page: Page) -> None:
    """Every value drawn is in the table of its panel."""
    _, before, after = series(page, "symptoms")
    assert [value for value, _ in before] == column(page, "symptoms", 3)
    assert [value for value, _ in after] == column(page, "symptoms", 4)
    assert len(before) == 24
    _, medians = series(page, "doses")
    assert [value for _, value in medians] == column(page, "doses", 4)
    yes, no, missing = series(page, "setting")
    assert yes == [100 * (share or 0) for share in column(page, "setting", 3)]
    assert no == [100 * (share or 0) for share in column(page, "setting", 5)]
    assert missing == [100 * (share or 0) for share in column(page, "setting", 7)]
    counts, _, totals, _ = series(page, "retreatment")
    told = column(page, "retreatment", 2)
    assert counts == told[-4:]
    assert sum(counts) == told[0] == 6
    assert [totals[0][:2]] == [[told[6], told[7]]]


@pytest.mark.parametrize("dark", [False, True])
def test_what_is_drawn_is_in_the_tables(open_as: Any, axe: Any, clinic: None, dark: bool) -> None:
    page = open_as(Role.MEDICAL_DIRECTOR, "/outcomes/details/", dark=dark)
    for chart in CHARTS:
        expect(page.locator(f"#{chart} svg")).to_be_visible()
    drawn_and_told(page)
    for chart in CHARTS:
        page.locator(f"#{chart}-figure").get_by_role("button", name="Table").click()
        expect(page.locator(f"#{chart}-figure table")).to_be_visible()
    axe(page)


def test_they_fit_a_phone_and_paper(open_as: Any, clinic: None) -> None:
    page = open_as(Role.MEDICAL_DIRECTOR, "/outcomes/details/", width=390)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.emulate_media(media="print")
    for chart in CHARTS:
        expect(page.locator(f"#{chart} svg")).to_be_visible()
        expect(page.locator(f"#{chart}-figure table")).to_be_visible()


def test_a_row_of_symptoms_says_its_numbers(open_as: Any, clinic: None) -> None:
    page = open_as(Role.MEDICAL_DIRECTOR, "/outcomes/details/")
    chart = page.locator("#symptoms")
    chart.scroll_into_view_if_needed()
    place = page.evaluate("tidemark.charts.symptoms.convertToPixel({seriesIndex: 0}, [2, 1])")
    chart.hover(position={"x": place[0], "y": place[1]})
    expect(chart.locator("svg")).to_contain_text("Mean reduction")


def test_nothing_is_drawn_of_four(open_as: Any, axe: Any) -> None:
    for _ in range(4):
        patient = make_patient()
        make_infusion(make_course(patient), START)
        make_pcl5(patient, START - timedelta(days=10), 45)
    page = open_as(Role.MEDICAL_DIRECTOR, "/outcomes/details/")
    for chart in CHARTS:
        expect(page.locator(f"#{chart}-figure table")).to_be_visible()
        expect(page.locator(f"#{chart}")).to_have_count(0)
    axe(page)
