"""The criteria in the browser: own values appear where they are chosen, and the recompute is watched to its end."""

from typing import Any

import pytest
from builders import make_treated_patient
from playwright.sync_api import Page, expect

from clinic.outcomes import services
from clinic.outcomes.selectors import criteria_in_force
from clinic.policy import Role

WHERE = "/outcomes/criteria/"


@pytest.mark.parametrize("scripts", [True, False])
def test_own_values_stand_there_only_when_they_are_chosen(open_as: Any, scripts: bool) -> None:
    page: Page = open_as(Role.MEDICAL_DIRECTOR, WHERE, scripts=scripts)
    cut = page.get_by_label("Probable PTSD from a total of")
    assert not cut.is_visible()
    page.get_by_text("Own values", exact=True).first.click()
    cut.fill("31")
    page.get_by_label("Reason for the change").fill("A lower cut")
    page.get_by_role("button", name="Put these criteria in force").click()
    page.get_by_text("In force: Own, settings v2").wait_for()
    assert criteria_in_force().criteria().cut == 31
    assert cut.is_visible(), "own values are in force"


def test_the_recompute_is_watched_until_it_is_done_and_nothing_typed_is_lost(
    open_as: Any, monkeypatch: pytest.MonkeyPatch, axe: Any
) -> None:
    for _ in range(5):
        make_treated_patient()
    page: Page = open_as(Role.MEDICAL_DIRECTOR, WHERE)
    monkeypatch.setattr(services, "STALE_IN_A_PAGE", 2)
    page.get_by_text("Marx-15/28", exact=True).click()
    page.get_by_label("Reason for the change").fill("The board of May")
    page.get_by_role("button", name="Put these criteria in force").click()
    expect(page.get_by_role("progressbar", name="Recomputing under settings v2")).to_have_attribute("value", "2")
    axe(page)
    page.get_by_label("Reason for the change").fill("The next one")
    said = page.locator("#recompute-said")
    assert said.inner_text() == ""
    expect(said).to_contain_text("Every patient is computed under settings v2 (Marx-15/28)", timeout=10_000)
    assert not page.locator("progress").count()
    assert page.get_by_label("Reason for the change").input_value() == "The next one"
    axe(page)
