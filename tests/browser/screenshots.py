"""`python -m tests.browser.screenshots [HOME]`: pictures of every page of the demo exchange, for docs/screenshots.

Makes an exchange as `make run` does, refreshes it, and deletes it again: a few minutes. HOME: keeps it there instead,
stopped, and uses it the next time. To be looked at before they are committed.
"""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.browser.driving import PHONE, Visits, launch, settled
from tests.dashboard_exchange import OPERATOR, email, make_template, running_copy, server
from tests.worlds.running import ROOT

FOLDER = ROOT / "docs" / "screenshots"
SIZE = {"width": 1280, "height": 900}
# higher than this, a picture of a long list tells no more
HIGHEST = 1800
LOPEZ = email("lopez_for_governor")
UNIVERSE = "/voters?office=governor&support=1&support=2&postal=3"
PAGES = {
    "sign-in": (None, "/sign-in"),
    "overview": (LOPEZ, "/"),
    "voters": (LOPEZ, UNIVERSE),
    "export": (LOPEZ, UNIVERSE.replace("/voters", "/export")),
    "coverage": (LOPEZ, "/coverage"),
    "quality": (LOPEZ, "/quality"),
    "sharing": (LOPEZ, "/sharing"),
    "changes": (LOPEZ, "/changes"),
    "statement": (LOPEZ, "/statement"),
    "universes": (LOPEZ, "/universes"),
    "definitions": (LOPEZ, "/definitions"),
    "empty": (LOPEZ, "/voters?office=governor&support=1&support=0&reach=nobody&last=7"),
    "refused": (LOPEZ, "/voters?support=9"),
    "admin": (OPERATOR, "/admin"),
    "admin-people": (OPERATOR, "/admin/people"),
    "admin-publication": (OPERATOR, "/admin/publications/1"),
    "admin-files": (OPERATOR, "/admin/files"),
    "admin-review": (OPERATOR, "/admin/review"),
    "admin-exports": (OPERATOR, "/admin/exports"),
}
ON_A_PHONE = ("overview", "voters", "coverage")
IN_THE_DARK = ("overview", "voters")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        template = Path(sys.argv[1]).absolute() if len(sys.argv) > 1 else Path(folder) / "template"
        make_template(template, size=())
        with (
            running_copy(template, Path(folder) / "home") as exchange,
            server(exchange) as url,
            sync_playwright() as engine,
        ):
            browser = launch(engine)
            visits = Visits(browser, url, {})
            shutil.rmtree(FOLDER, ignore_errors=True)
            FOLDER.mkdir(parents=True)
            _prepare(visits)
            for name, (who, path) in PAGES.items():
                _picture(visits.open(who, path, viewport=SIZE), name)
            for name in ON_A_PHONE:
                who, path = PAGES[name]
                _picture(visits.open(who, path, viewport=PHONE, device_scale_factor=2), f"{name}-phone")
            for name in IN_THE_DARK:
                who, path = PAGES[name]
                _picture(visits.open(who, path, viewport=SIZE, color_scheme="dark"), f"{name}-dark")
            visits.close()
            browser.close()


def _prepare(visits: Visits) -> None:
    """Something saved and something taken, so that those pages show what they are for."""
    page = visits.open(LOPEZ, "/voters?office=governor")
    with settled(page):
        page.locator("label[for=f-support-1]").click()
    page.locator("#save-universe > summary").click()
    page.locator("#save-universe").get_by_label("Name").fill("Our strong supporters")
    with page.expect_navigation():
        page.locator("#save-universe").get_by_role("button", name="Save").click()
    page.goto(f"{visits.url}{PAGES['export'][1]}")
    page.get_by_label("Purpose").fill("Letters about how to vote by mail")
    with page.expect_download():
        page.get_by_role("button", name=re.compile("^Take ")).click()


def _picture(page: Page, name: str) -> None:
    height = int(page.evaluate("document.documentElement.scrollHeight"))
    width = page.viewport_size["width"] if page.viewport_size else SIZE["width"]
    page.screenshot(
        path=FOLDER / f"{name}.png",
        full_page=True,
        clip={"x": 0, "y": 0, "width": width, "height": min(height, HIGHEST)},
        animations="disabled",
    )
    print(f"{name}: {page.url}")


if __name__ == "__main__":
    main()
