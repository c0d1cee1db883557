"""Pages that stand open while another process computes: they change by themselves, in Chromium."""

from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, expect
from processes.whole import WholeClinic


def signed_in(browser: Browser, whole: WholeClinic, name: str, complaints: list[str]) -> BrowserContext:
    """A browser of this account; what its console says is noted."""
    context = browser.new_context(base_url=whole.clinic.base_url, viewport={"width": 1440, "height": 900})
    context.set_default_timeout(10_000)
    cookies: Any = [
        {"name": key, "value": value, "url": whole.clinic.base_url}
        for key, value in whole.clinic.person(name).cookies.items()
    ]
    context.add_cookies(cookies)
    context.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    return context


def test_patient_page_and_dashboard_change_by_themselves(whole: WholeClinic, browser: Browser) -> None:
    """Nobody opens either page again between the save and the new numbers."""
    whole.start_web_anew()  # one that sends messages: it has not just lost a broker
    complaints: list[str] = []
    (patient,) = whole.treated(status="NO_RESPONSE")
    dashboard = signed_in(browser, whole, "director", complaints).new_page()
    page = signed_in(browser, whole, "intake", complaints).new_page()
    dashboard.goto("/outcomes/?window=last")
    stay(dashboard)
    before = int(dashboard.locator("[data-figure='remission.x']").first.get_attribute("data-value") or "")
    with whole.worker_frozen():
        enter_zeros(page, patient.public_id)
        page.goto(f"/patients/{patient.public_id}/")
        stay(page)
        expect(page.locator("#patient-status .tm-status")).to_have_text("No response")
        expect(page.locator("#patient-status")).to_contain_text("1 change not counted yet")
        dashboard.evaluate("window.dispatchEvent(new Event('focus'))")  # somebody looks at it
        expect(dashboard.locator("#as-of")).to_contain_text("1 change pending")
    expect(page.locator("#patient-status .tm-status")).to_have_text("Remission")
    expect(page.locator("#patient-status")).to_contain_text("nothing pending")
    expect(dashboard.locator("#as-of")).to_contain_text("0 changes pending")
    expect(dashboard.locator("[data-figure='remission.x']").first).to_have_attribute("data-value", str(before + 1))
    assert [stayed(page), stayed(dashboard)] == [True, True]
    assert complaints == []


def enter_zeros(page: Page, patient: str) -> None:
    """Enter and save a PCL-5 of today with twenty zeros."""
    page.goto(f"/patients/{patient}/questionnaires/new/?instrument=pcl5")
    for number in range(1, 21):
        page.locator(f"label:has(#id_item_{number}_0)").click()
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**/questionnaires/*/")


def stay(page: Page) -> None:
    """Mark this page; the mark is gone once another one is opened in its place."""
    page.evaluate("window.stayed = true")


def stayed(page: Page) -> bool:
    """Whether no other page was opened in its place."""
    return bool(page.evaluate("window.stayed === true"))
