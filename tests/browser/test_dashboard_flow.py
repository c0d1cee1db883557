"""Where patients leave, how complete the follow-up is and what was observed: drawn as their tables say, and readable."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from builders import make_course, make_infusion, make_patient, make_pcl5
from django.utils import timezone
from playwright.sync_api import Page, expect

from clinic.policy import Role
from infusions.models import AdverseEvent

#: Each chart and the page that it stands on.
CHARTS = {"care-flow": "/outcomes/", "adverse-events": "/outcomes/details/"}


@pytest.fixture
def clinic() -> None:
    """Twelve treated, of whom nine were followed up, one is below the cut and three had nausea; two more are registered."""
    for number in range(12):
        patient = make_patient()
        infusion = make_infusion(make_course(patient), date(2025, 3, 3))
        make_pcl5(patient, date(2025, 2, 20), 20 if number == 11 else 40 + number)
        if number < 9:
            make_pcl5(patient, date(2025, 3, 3) + timedelta(days=20), 30)
        if number < 3:
            AdverseEvent.objects.create(
                infusion=infusion,
                term="Nausea",
                started_at=infusion.started_at,
                ctcae_grade=1,
                entered_at=timezone.now(),
            )
    make_patient()
    make_patient()


def values(page: Page, chart: str, name: str) -> list[list[float]]:
    """The data of one series of a chart as ECharts holds it."""
    read = (
        "([chart, name]) => JSON.stringify(tidemark.charts[chart].getOption().series.find((s) => s.name === name).data)"
    )
    found: list[list[float]] = json.loads(page.evaluate(read, [chart, name]))
    return found


def column(page: Page, chart: str, number: int) -> list[str]:
    """The exact values of a column of the chart's table, the first column being the names."""
    cells = page.locator(f"#{chart}-figure tbody tr td:nth-child({number})")
    found: list[str] = cells.evaluate_all("(cells) => cells.map((cell) => cell.dataset.value)")
    return found


@pytest.mark.parametrize("dark", [False, True])
def test_what_is_drawn_is_what_the_tables_say(open_as: Any, axe: Any, clinic: None, dark: bool) -> None:
    page = open_as(Role.MEDICAL_DIRECTOR, "/outcomes/", dark=dark)
    bars = [point[0] for point in values(page, "care-flow", "Patients")]
    assert bars[:6] == [14, 12, 12, 11, 11, 9]
    names = page.locator("#care-flow-figure tbody th").all_text_contents()
    said = dict(zip((name.strip() for name in names), column(page, "care-flow", 2), strict=True))
    steps = ("Registered", "Treated", "Valid baseline", "Eligible", "Primary 14–31 d: due", "Primary 14–31 d: obtained")
    assert [int(said[step]) for step in steps] == bars[:6]
    expect(page.locator("#care-flow svg")).to_contain_text("2 not treated yet")
    axe(page)
    page = open_as(Role.MEDICAL_DIRECTOR, "/outcomes/details/", dark=dark)
    for name, at in (("Of infusions, 95 % CI", 4), ("Of patients, 95 % CI", 9)):
        shares = [100 * float(share) for share in column(page, "adverse-events", at)]
        assert [point[0] for point in values(page, "adverse-events", name)] == pytest.approx(shares)
        assert shares[0] == 25
    axe(page)


@pytest.mark.parametrize("dark", [False, True])
def test_the_heat_map_is_a_table(open_as: Any, clinic: None, dark: bool) -> None:
    page = open_as(Role.MEDICAL_DIRECTOR, "/outcomes/", dark=dark)
    table = page.locator("#completeness-figure table")
    expect(table.get_by_role("columnheader", name="Primary 14–31 d")).to_be_visible()
    primary = table.get_by_role("row", name="Jan – Mar 2025").get_by_role("cell").nth(2)
    assert primary.inner_text().split() == ["82", "%", "9", "of", "11"]
    low = table.get_by_role("row", name="All patients").get_by_role("cell").nth(3)
    expect(low).to_contain_text("▾ below the 80 % target")


def test_the_heat_map_scrolls_in_itself_and_prints_whole(open_as: Any, clinic: None) -> None:
    page = open_as(Role.MEDICAL_DIRECTOR, "/outcomes/", width=390)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    scroll = page.locator("#completeness-figure .tm-scroll")
    assert scroll.evaluate("(e) => e.scrollWidth > e.clientWidth")
    page.set_viewport_size({"width": 720, "height": 900})
    page.emulate_media(media="print")
    assert scroll.evaluate("(e) => e.scrollWidth <= e.clientWidth + 1")
    expect(page.locator("#care-flow svg")).to_be_visible()
    expect(page.locator("#care-flow-figure table")).to_be_visible()


@pytest.mark.parametrize("width", [390, 820])
def test_nothing_is_cut_off(open_as: Any, clinic: None, width: int) -> None:
    for chart, path in CHARTS.items():
        page = open_as(Role.MEDICAL_DIRECTOR, path, width=width)
        outside = page.locator(f"#{chart} svg text").evaluate_all(
            """(texts) => texts.filter((text) => {
                const box = text.getBoundingClientRect();
                const frame = text.closest('svg').getBoundingClientRect();
                return box.right > frame.right + 1 || box.left < frame.left - 1 || box.bottom > frame.bottom + 1;
            }).map((text) => text.textContent)"""
        )
        assert outside == []


def test_a_chart_that_is_replaced_leaves_nothing_behind(open_as: Any, clinic: None) -> None:
    """The new one is drawn in its place; that the old one lost its size breaks no script (`complaints`)."""
    page = open_as(Role.MEDICAL_DIRECTOR, "/outcomes/")
    page.evaluate("""() => {
        const old = document.getElementById("care-flow");
        const anew = old.cloneNode(false);
        anew.removeAttribute("_echarts_instance_");
        old.replaceWith(anew);
        document.dispatchEvent(new Event("tidemark:changed"));
        tidemark.drawAll();
    }""")
    expect(page.locator("#care-flow svg")).to_be_visible()
    page.wait_for_timeout(200)  # sizes are observed between two frames
