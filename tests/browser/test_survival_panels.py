"""The survival curves as they are drawn: lines, bands and numbers at risk, compared with their tables."""

import json
import math
from datetime import date, timedelta
from typing import Any

import pytest
from builders import make_course, make_infusion, make_patient, make_pcl5
from playwright.sync_api import Page, expect

from clinic.policy import Role

#: Each panel and the page that it stands on.
PANELS = {"time-to-loss": "/outcomes/", "time-to-first": "/outcomes/details/"}
LAST_INFUSION = date(2025, 3, 14)
READ_LINES = """(id) => JSON.stringify(tidemark.charts[id].getOption().series
    .filter((each) => each.type === "line").map((each) => [each.name, each.data]))"""
READ_TABLE = """(id) => JSON.stringify([...document.querySelectorAll(`#${id}-figure tbody tr`)].map((row) =>
    [row.cells[0].textContent.trim(), ...[...row.cells].slice(1).map((cell) => cell.dataset.value)]))"""


@pytest.fixture
def clinic() -> None:
    """Twelve responders on day 21, half of them in psychotherapy; two of three lose it, one on each day from 40 on."""
    for number in range(12):
        patient = make_patient()
        course = make_course(patient, psychotherapy_at_start="yes" if number % 2 else "no")
        make_infusion(course, LAST_INFUSION)
        make_pcl5(patient, LAST_INFUSION - timedelta(days=9), 60)
        make_pcl5(patient, LAST_INFUSION + timedelta(days=21), 30 + number)
        lost = number % 3 > 0
        make_pcl5(patient, LAST_INFUSION + timedelta(days=21 + 40 + number), 58 if lost else 30)


def lines_of(page: Page, panel: str) -> dict[str, dict[float, float]]:
    """Share by place on the axis of each line that is drawn."""
    found: dict[str, dict[float, float]] = {
        name: dict(data) for name, data in json.loads(page.evaluate(READ_LINES, panel))
    }
    return found


def rows_of(page: Page, panel: str, name: str) -> dict[int, list[str]]:
    """At risk, events, censored, share and interval by day of one curve of the table, as far as there is a share."""
    rows = json.loads(page.evaluate(READ_TABLE, panel))
    return {int(day): rest for row, day, *rest in rows if row == name and rest[3]}


@pytest.mark.parametrize("dark", [False, True])
def test_lines_are_the_rows_of_the_tables(open_as: Any, axe: Any, clinic: None, dark: bool) -> None:
    page = open_as(Role.MEDICAL_DIRECTOR, "/outcomes/", dark=dark)
    losses = lines_of(page, "time-to-loss")
    assert list(losses) == ["All responders", "Psychotherapy", "None recorded"]
    for name, points in losses.items():
        assert points == {day: float(row[3]) for day, row in rows_of(page, "time-to-loss", name).items()}
    everybody = rows_of(page, "time-to-loss", "All responders")
    assert [everybody[day][0] for day in (0, 30, 41)] == ["12", "12", "11"]
    expect(page.locator("#time-to-loss svg")).to_contain_text("At risk")
    page = open_as(Role.MEDICAL_DIRECTOR, "/outcomes/details/", dark=dark)
    firsts = lines_of(page, "time-to-first")
    for name in ("Response", "Remission"):
        rows = rows_of(page, "time-to-first", f"First {name.lower()}")
        assert firsts[name] == {math.sqrt(day): float(row[3]) for day, row in rows.items()}
    axe(page)


def test_a_tooltip_says_what_the_table_says(open_as: Any, clinic: None) -> None:
    page = open_as(Role.MEDICAL_DIRECTOR, "/outcomes/")
    chart = page.locator("#time-to-loss")
    chart.scroll_into_view_if_needed()
    x, y = page.evaluate("tidemark.charts['time-to-loss'].convertToPixel({gridIndex: 0}, [42.5, 0.3])")
    chart.hover(position={"x": x, "y": y})
    share = page.locator("#time-to-loss-figure tbody tr", has_text="All responders").filter(
        has=page.locator("td:nth-of-type(1)[data-value='42']")
    )
    words = share.locator("td").nth(4).text_content()
    expect(chart.locator("svg")).to_contain_text("Day 42")
    expect(chart.locator("svg")).to_contain_text(f"All responders: {words}")


@pytest.mark.parametrize("width", [390, 820, 1440])
def test_the_curves_fit_every_width(open_as: Any, clinic: None, width: int) -> None:
    for panel, path in PANELS.items():
        page = open_as(Role.MEDICAL_DIRECTOR, path, width=width)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        box = page.locator(f"#{panel}").bounding_box()
        assert box
        for text in page.locator(f"#{panel} svg text").all():
            inside = text.bounding_box()
            assert inside
            assert box["x"] - 1 <= inside["x"]
            assert inside["x"] + inside["width"] <= box["x"] + box["width"] + 1, text.text_content()


def test_of_four_there_are_counts_and_no_curve(open_as: Any, axe: Any) -> None:
    for _ in range(4):
        patient = make_patient()
        make_infusion(make_course(patient), LAST_INFUSION)
        make_pcl5(patient, LAST_INFUSION - timedelta(days=9), 60)
        make_pcl5(patient, LAST_INFUSION + timedelta(days=21), 30)
    for panel, path in PANELS.items():
        page = open_as(Role.MEDICAL_DIRECTOR, path)
        expect(page.locator(f"#{panel}")).to_have_count(0)
        expect(page.locator(f"#{panel}-figure h2")).to_be_visible()
        axe(page)
    expect(page.locator("#time-to-first-figure").get_by_role("table")).to_contain_text("n < 5")
