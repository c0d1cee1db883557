"""Every chart of the outcomes by keyboard alone: its table opens and takes the focus, its CSV comes; on paper both show."""

import csv
import io
from datetime import date, timedelta
from typing import Any

import pytest
from builders import make_course, make_infusion, make_patient, make_pcl5
from playwright.sync_api import expect

from clinic.policy import Role

ON_PAGES = {
    "/outcomes/": ["waterfall", "care-flow", "trajectories", "time-to-loss", "subgroups", "study", "status-mix"],
    "/outcomes/details/": [
        "time-to-first",
        "reliable_change",
        "symptoms",
        "doses",
        "adverse-events",
        "setting",
        "retreatment",
    ],
}


@pytest.fixture
def clinic() -> None:
    """Twelve patients, followed up twice, every other one treated again."""
    for number in range(12):
        patient = make_patient(gender="female" if number % 2 else "male")
        make_infusion(make_course(patient), date(2025, 3, 3))
        make_pcl5(patient, date(2025, 2, 20), 45 + number)
        make_pcl5(patient, date(2025, 3, 3) + timedelta(days=20), 20 + 2 * number)
        make_pcl5(patient, date(2025, 3, 3) + timedelta(days=90), 50 - 2 * number)
        if number % 2:
            make_infusion(make_course(patient, number=2), date(2025, 9, 1))
            make_pcl5(patient, date(2025, 9, 20), 30)


@pytest.mark.parametrize("path", ON_PAGES)
def test_every_chart_is_read_by_keyboard_and_printed(open_as: Any, clinic: None, path: str) -> None:
    page = open_as(Role.MEDICAL_DIRECTOR, path)
    charts = page.locator(".tm-figure__chart").evaluate_all("(charts) => charts.map((chart) => chart.id)")
    assert sorted(charts) == sorted(ON_PAGES[path])
    for chart in charts:
        figure = page.locator(f"#{chart}-figure")
        assert len(page.locator(f"#{chart}").get_attribute("aria-label")) > 20
        figure.get_by_role("button", name="Chart").focus()
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        region = figure.locator("[data-panel=table]")
        expect(region).to_be_visible()
        page.keyboard.press("Tab")  # the CSV
        assert "CSV of" in page.evaluate("document.activeElement.ariaLabel")
        link = page.evaluate("document.activeElement.href")
        page.keyboard.press("Tab")
        assert region.evaluate("(one) => one === document.activeElement"), chart
        told = page.request.get(link).text()
        rows = list(csv.reader(io.StringIO(told)))
        assert {"Definition", "Window", "Extracted at"} <= {row[0] for row in rows if row}
        assert len(rows) > 10, chart
    page.emulate_media(media="print")
    for chart in charts:
        expect(page.locator(f"#{chart} svg")).to_be_visible()
        expect(page.locator(f"#{chart}-figure table").first).to_be_visible()
