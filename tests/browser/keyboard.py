"""Going through a page by keys alone."""

from playwright.sync_api import Page

#: Tab stops of the longest page that a journey crosses.
FARTHEST = 80


def focused(page: Page) -> str:
    """What has the focus, as a screen reader would say it: its label or its words."""
    return str(
        page.evaluate(
            """() => {
                const here = document.activeElement;
                const by = here.getAttribute("aria-label");
                const label = here.labels && here.labels.length ? here.labels[0].innerText : "";
                return (by || label || here.innerText || "").trim();
            }"""
        )
    )


def tab_to(page: Page, words: str) -> None:
    """Press Tab until something with these words has the focus."""
    for _ in range(FARTHEST):
        page.keyboard.press("Tab")
        if focused(page).startswith(words):
            return
    raise AssertionError(f"no Tab stop says {words!r} on {page.url}")


def follow(page: Page, words: str) -> None:
    """Tab to a link or button and press Enter; wait for the page it leads to."""
    tab_to(page, words)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def fill(page: Page, words: str, text: str) -> None:
    """Tab to a field and type."""
    tab_to(page, words)
    page.keyboard.type(text)
