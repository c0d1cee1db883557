"""The page of a session in Chromium: the server dies while somebody types, and an idle page asks seldom."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from processes.open_room import asked_while_idle, open_room
from processes.running import Clinic
from processes.shifted import ShiftedClinic, embedded

IDLE_SECONDS, MOST_REQUESTS = 60, 11
BEFORE, DURING, AFTER = "She wants to stay with ", "her breath, ", "and with the sea."


@pytest.fixture(scope="module")
def clinic(folder: Path) -> Iterator[Clinic]:
    with embedded(folder / "page") as made:
        yield made


@pytest.fixture
def shifted(clinic: Clinic) -> Iterator[ShiftedClinic]:
    """A chair in it, and the web server, which ends with the test."""
    shifted = ShiftedClinic(clinic, seed=1)
    yield shifted
    shifted.web.kill()


@pytest.fixture
def page(browser: Browser, shifted: ShiftedClinic) -> Page:
    """The first step of a session whose checks have begun."""
    shifted.tablet.prepare()
    return open_room(browser, shifted.clinic, shifted.seat)


def test_what_is_typed_while_the_server_is_away_is_saved_when_it_is_back(page: Page, shifted: ShiftedClinic) -> None:
    said = page.locator("[data-save-words]")
    intention = page.locator("[data-field='intention']").first
    intention.press_sequentially(BEFORE, delay=20)
    expect(said).to_contain_text("Saved ")
    intention.press_sequentially(DURING[:5], delay=20)
    shifted.web.kill()
    intention.press_sequentially(DURING[5:], delay=20)
    expect(said).to_contain_text("Not saved since", timeout=15_000)
    intention.press_sequentially(AFTER, delay=20)
    shifted.web = shifted.start()
    expect(said).to_contain_text("Saved ", timeout=30_000)
    expect(intention).to_have_value(BEFORE + DURING + AFTER)
    rows = shifted.clinic.rows(
        "SELECT key, version, data FROM infusions_sessionevent WHERE infusion_id = %s AND field = 'intention' ORDER BY id",
        shifted.seat.infusion,
    )
    assert [version for _, version, _ in rows] == list(range(1, len(rows) + 1))
    assert BEFORE + DURING + AFTER in rows[-1][2]
    page.reload()
    expect(intention).to_have_value(BEFORE + DURING + AFTER)


def test_an_idle_page_asks_less_than_once_in_five_seconds(page: Page) -> None:
    page.wait_for_timeout(1000)
    asked = asked_while_idle(page, IDLE_SECONDS)
    print(f"{len(asked)} requests in {IDLE_SECONDS} s")
    assert 0 < len(asked) <= MOST_REQUESTS
    assert all("/since/" in url for url in asked)
