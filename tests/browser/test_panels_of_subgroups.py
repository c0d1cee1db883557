"""By subgroup and reliable change as they are drawn: marks read back from the charts and compared with their tables."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from builders import make_course, make_infusion, make_patient, make_pcl5, make_treated_patient
from playwright.sync_api import Page, expect

from clinic.policy import Role

#: Each panel and the page that it stands on.
PANELS = {"subgroups": "/outcomes/", "reliable_change": "/outcomes/details/"}
#: How many marks of each class there are, by the fill of a token in this moment's theme.
TOKENS = {
    "Recovered": "--tm-remission",
    "Improved": "--tm-response",
    "Unchanged": "--tm-none",
    "Deteriorated": "--tm-worsened",
}
COUNT_MARKS = """([chart, token]) => {
  const colour = getComputedStyle(document.documentElement).getPropertyValue(token).trim();
  return document.querySelectorAll(`#${chart} svg path[fill="${colour}"]`).length;
}"""


@pytest.fixture
def clinic() -> None:
    """Fifteen of every fate, of two genders; two of them the same."""
    for number in range(15):
        patient = make_patient(gender="female" if number % 2 else "male")
        make_infusion(make_course(patient), date(2025, 3, 3))
        make_pcl5(patient, date(2025, 2, 20), 40 + min(number, 13) * 2)
        make_pcl5(patient, date(2025, 3, 3) + timedelta(days=18), (min(number, 13) * 23) % 70)


def table(page: Page, panel: str) -> list[list[str]]:
    """The rows of a panel's table: the name, then exact values."""
    read = """(rows) => rows.map((row) => [...row.children].map(
        (one) => one.dataset.value ?? one.textContent.trim()))"""
    rows: list[list[str]] = page.locator(f"#{panel}-figure tbody tr").evaluate_all(read)
    return rows


def drawn(page: Page, panel: str) -> dict[str, list[Any]]:
    """The data of a chart's series by their names, as ECharts holds them."""
    read = f"""JSON.stringify(Object.fromEntries(tidemark.charts['{panel}'].getOption().series.map(
        (each) => [each.name, each.data])))"""
    found: dict[str, list[Any]] = json.loads(page.evaluate(read))
    return found


@pytest.mark.parametrize("dark", [False, True])
def test_the_marks_are_those_of_the_tables(open_as: Any, axe: Any, clinic: None, dark: bool) -> None:
    page = open_as(Role.MEDICAL_DIRECTOR, "/outcomes/", dark=dark)
    rows = [row for row in table(page, "subgroups")[1:] if "(difference)" not in row[0]]
    titles = len({row[0].split(":")[0] for row in rows})
    means = [point[0] for point in drawn(page, "subgroups")["Subgroups"]]
    assert len(means) == len(rows) + titles
    assert [mean for mean in means if mean in {float(row[2]) for row in rows}] != []
    source = json.loads(page.locator("#subgroups-data").inner_text())
    shown = [row for group in source["groups"] for row in group["rows"]]
    assert [[row["n"], row["mean"], *row["ci95"]] for row in shown] == [
        [int(row[1]), *map(float, row[2:5])] for row in rows
    ]
    assert page.evaluate(COUNT_MARKS, ["subgroups", "--tm-chart-1"]) == len(rows)
    page = open_as(Role.MEDICAL_DIRECTOR, "/outcomes/details/", dark=dark)
    series = drawn(page, "reliable_change")
    points = [row for row in table(page, "reliable_change") if "→" in row[0]]
    for name, token in TOKENS.items():
        expected = [list(map(int, row[1:4])) for row in points if row[0].startswith(name)]
        assert series[name] == expected
        assert page.evaluate(COUNT_MARKS, ["reliable_change", token]) == len(expected)
    assert sum(count for name in TOKENS for _, _, count in series[name]) == 15
    axe(page)


def test_a_row_and_a_point_say_their_numbers(open_as: Any, clinic: None) -> None:
    page = open_as(Role.MEDICAL_DIRECTOR, "/outcomes/details/")
    chart = page.locator("#reliable_change")
    before, after, count = next(point for point in drawn(page, "reliable_change")["Improved"])
    place = page.evaluate(f"tidemark.charts.reliable_change.convertToPixel({{gridIndex: 0}}, [{before}, {after}])")
    chart.scroll_into_view_if_needed()
    chart.hover(position={"x": place[0], "y": place[1]})
    expect(chart.locator("svg")).to_contain_text(f"Improved, {count} patient")
    expect(chart.locator("svg")).to_contain_text(f"{before} → {after} (−{before - after})")
    page = open_as(Role.MEDICAL_DIRECTOR, "/outcomes/")
    forest = page.locator("#subgroups")
    mean = drawn(page, "subgroups")["Subgroups"][1][0]
    place = page.evaluate(f"tidemark.charts.subgroups.convertToPixel({{gridIndex: 0}}, [{mean}, 1])")
    forest.scroll_into_view_if_needed()
    forest.hover(position={"x": place[0], "y": place[1]})
    expect(forest.locator("svg")).to_contain_text("Mean reduction")


@pytest.mark.parametrize("width", [390, 820, 1440])
def test_they_fit_every_width_and_paper(open_as: Any, clinic: None, width: int) -> None:
    pages = {panel: open_as(Role.MEDICAL_DIRECTOR, path, width=width) for panel, path in PANELS.items()}
    for panel, page in pages.items():
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        box = page.locator(f"#{panel} svg").bounding_box()
        card = page.locator(f"#{panel}-figure").bounding_box()
        assert box
        assert card
        assert box["width"] <= card["width"]
    read = "tidemark.charts.reliable_change.getModel().getComponent('grid').coordinateSystem.getRect()"
    grid = pages["reliable_change"].evaluate(read)
    assert grid["width"] == pytest.approx(grid["height"])
    for panel, page in pages.items():
        page.emulate_media(media="print")
        expect(page.locator(f"#{panel} svg")).to_be_visible()
        expect(page.locator(f"#{panel}-figure table")).to_be_visible()
    rows = len(drawn(pages["subgroups"], "subgroups")["Subgroups"])
    pages["subgroups"].wait_for_function(f"tidemark.charts.subgroups.getHeight() >= 19 * {rows}")


def test_of_four_there_is_no_chart(open_as: Any, axe: Any) -> None:
    for _ in range(4):
        make_treated_patient()
    for panel, path in PANELS.items():
        page = open_as(Role.MEDICAL_DIRECTOR, path)
        expect(page.locator(f"#{panel}")).to_have_count(0)
        expect(page.locator(f"#{panel}-figure")).to_contain_text("Nothing is shown of fewer than 5 patients.")
        axe(page)
