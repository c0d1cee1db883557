"""The page of a session in Chromium, and how often it asks the server by itself."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright
from processes.chairs import Seat
from processes.running import Clinic

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking")


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser that asks nobody but the clinic."""
    assert CHROMIUM, "Chromium is missing: install the package chromium"
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))


def open_room(browser: Browser, clinic: Clinic, seat: Seat) -> Page:
    """The page of this seat's session, ready."""
    context = browser.new_context(base_url=clinic.base_url, viewport={"width": 1280, "height": 900})
    cookies: Any = [{"name": "sessionid", "value": seat.session, "url": clinic.base_url}]
    context.add_cookies(cookies)
    page = context.new_page()
    page.goto(seat.path)
    page.wait_for_function("document.documentElement.dataset.roomReady === 'yes'")
    return page


def asked_while_idle(page: Page, seconds: int) -> list[str]:
    """The addresses that a page asks for while nobody touches it."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(1000 * seconds)
    return asked
