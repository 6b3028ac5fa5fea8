"""Driving the dashboard with a real browser: signed in by the real form, watched for what must not happen."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Playwright,
    Request,
    Response,
    StorageState,
    ViewportSize,
    expect,
)
from playwright.sync_api import Error as BrowserError

from tests.dashboard_exchange import PASSWORD

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
SWITCHES = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
)
WIDE: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
# what WCAG calls 200 %: a window of 1280 has room for 640
ZOOMED: ViewportSize = {"width": 640, "height": 450}
# on a busy machine of two cores a click takes seconds
PATIENCE_MS = 30_000


def launch(playwright: Playwright) -> Browser:
    """Debian's Chromium or the one that CHROMIUM names; else the one that playwright brings."""
    program = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    try:
        return playwright.chromium.launch(executable_path=program, args=list(SWITCHES))
    except BrowserError as error:
        raise AssertionError(
            "There is no Chromium that starts, so the dashboard's pages cannot be tested. `make test` installs one;"
            " CHROMIUM names another.\n" + str(error)
        ) from error


class Visits:
    """Windows of one browser on one dashboard. `complaints`: what a page must never do; empty, or the test fails."""

    def __init__(self, browser: Browser, url: str, signed_in: dict[str, StorageState]) -> None:
        self.url = url
        self.complaints: list[str] = []
        self._browser = browser
        self._signed_in = signed_in
        self._contexts: list[BrowserContext] = []

    def open(self, who: str | None, path: str = "/", **settings: Any) -> Page:
        """A new window with this page. who: the address of somebody who is signed in; None: nobody is."""
        page = self.window(**{"storage_state": self._state(who), **settings} if who else settings)
        page.goto(f"{self.url}{path}")
        return page

    def window(self, **settings: Any) -> Page:
        """An empty window, with a cookie jar of its own."""
        context = self._browser.new_context(**{"viewport": WIDE, "locale": "en-US", **settings})
        context.set_default_timeout(PATIENCE_MS)
        self._contexts.append(context)
        context.on("request", self._asked)
        context.on("response", self._answered)
        context.on("console", self._said)
        context.on("weberror", lambda error: self.complaints.append(f"script failed: {error.error}"))
        return context.new_page()

    def _state(self, who: str) -> StorageState:
        if who not in self._signed_in:
            page = self.window()
            sign_in(page, self.url, who)
            self._signed_in[who] = page.context.storage_state()
        return self._signed_in[who]

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((f"{self.url}/", "data:", "blob:")):
            self.complaints.append(f"asked elsewhere: {request.url}")

    def _answered(self, response: Response) -> None:
        if response.status >= 500:
            self.complaints.append(f"{response.status}: {response.url}")

    def _said(self, message: ConsoleMessage) -> None:
        # answers of 400, 403 and 404 are tests' own
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            self.complaints.append(f"{message.page.url if message.page else ''}: {message.text}")

    def close(self) -> None:
        for context in self._contexts:
            context.close()
        assert not self.complaints, self.complaints


def sign_in(page: Page, url: str, who: str, password: str = PASSWORD) -> None:
    """By the form, as a person does."""
    page.goto(f"{url}/sign-in")
    page.get_by_label("Email address").fill(who)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda address: "/sign-in" not in address)


def audit(page: Page) -> None:
    """axe-core finds nothing to mend on the page as it stands."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    told = [(one["id"], [node["target"] for node in one["nodes"][:3]]) for one in found["violations"]]
    assert told == [], f"{page.url}: {told}"


def fits(page: Page) -> None:
    """Nothing is to be found only by scrolling sideways."""
    width, window = page.evaluate("[document.scrollingElement.scrollWidth, window.innerWidth]")
    assert width <= window, f"{page.url} is {width} px wide in a window of {window}"


def unfold(page: Page) -> None:
    """Open everything that is folded."""
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")


def focused(page: Page) -> str:
    """The id of what the keyboard acts on."""
    return str(page.evaluate("document.activeElement.id || document.activeElement.tagName"))


@contextmanager
def settled(page: Page) -> Iterator[None]:
    """Wait, after what is done in the block, until HTMX has swapped everything that it asked for."""
    page.evaluate(
        """() => {
            const settled = (done) => document.body.addEventListener('htmx:afterSettle', done, {once: true})
            window.pending = new Promise(settled)
        }"""
    )
    yield
    page.evaluate("() => window.pending")
    # page.wait_for_function would need an eval, which the page forbids
    expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling")).to_have_count(0, timeout=PATIENCE_MS)
