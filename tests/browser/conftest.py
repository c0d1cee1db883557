"""A real browser on a live server. What the console says, a refused policy and a script's error fail the test."""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from builders import make_user
from django.contrib.sessions.backends.db import SessionStore
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from clinic.models import User
from clinic.policy import Role

#: The system's Chromium; a browser of its own would be one more download.
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
#: The browser reports the status of the page itself as an error; the tests ask for that status where they expect it.
EXPECTED_STATUS = re.compile(r"Failed to load resource: the server responded with a status of 4(03|04|09|22)")

Opener = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not CHROMIUM:
        pytest.fail("Chromium is missing: install the package chromium")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # the browser's event loop runs in this thread, beside the ORM
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"],
        )


@pytest.fixture
def complaints() -> Iterator[list[str]]:
    """What the browser complained of. Empty at the end, or the test fails."""
    said: list[str] = []
    yield said
    assert not said, said


@pytest.fixture
def open_as(live_server: Any, browser: Browser, complaints: list[str]) -> Iterator[Opener]:
    """`open_as(role or account, path)` is that page for somebody signed in, at any width, light or dark."""
    contexts: list[BrowserContext] = []

    def open_page(
        who: Role | User | None,
        path: str = "/",
        *,
        dark: bool = False,
        width: int = 1440,
        height: int = 900,
        scripts: bool = True,
        touch: bool = False,
    ) -> Page:
        context = browser.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            java_script_enabled=scripts,
            has_touch=touch,
            locale="en-US",
            timezone_id="Asia/Tokyo",  # the clinic's clock counts, never the browser's
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        if who is not None:
            sign_in(context, make_user(who) if isinstance(who, Role) else who, live_server.url)
        page = context.new_page()
        watch(page, complaints, live_server.url)
        page.goto(path)
        if scripts:
            page.evaluate("window.tidemark?.drawAll?.()")  # else one by one, when there is time
        return page

    yield open_page
    for context in contexts:
        context.close()


def sign_in(context: BrowserContext, user: User, url: str) -> None:
    """Give the browser a session of this account."""
    session = SessionStore()
    session["_auth_user_id"] = str(user.pk)
    session["_auth_user_backend"] = "allauth.account.auth_backends.AuthenticationBackend"
    session["_auth_user_hash"] = user.get_session_auth_hash()
    session.create()
    assert session.session_key
    context.add_cookies([{"name": "sessionid", "value": session.session_key, "url": url}])


def watch(page: Page, complaints: list[str], url: str) -> None:
    """Note every complaint of the console, every script error and every request to another host."""

    def heard(message: Any) -> None:
        if message.type in {"error", "warning"} and not EXPECTED_STATUS.match(message.text):
            complaints.append(f"{page.url}: {message.text}")

    def asked(request: Any) -> None:
        if not request.url.startswith((url, "data:", "blob:", "about:")):
            complaints.append(f"{page.url} asked {request.url}")

    page.on("console", heard)
    page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
    page.on("request", asked)


@pytest.fixture
def axe() -> Callable[[Page], None]:
    """`axe(page)` fails on any violation of the accessibility rules."""

    def check(page: Page) -> None:
        found = Axe().run(page, options={"preload": False}).response["violations"]  # no media to wait for
        told = [f"{rule['id']}: {node['html'][:160]}" for rule in found for node in rule["nodes"]]
        assert not told, f"{page.url}\n" + "\n".join(told)

    return check
