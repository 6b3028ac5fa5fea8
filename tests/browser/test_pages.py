"""Every page and state in a real browser: accessible, within a phone and at 200 %, in the dark, on paper."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.driving import PHONE, WIDE, ZOOMED, Visits, audit, fits, unfold
from tests.dashboard_exchange import OPERATOR, email

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]

LOPEZ = email("lopez_for_governor")
# what each looks like has its reason: a partner with names, one with bare ids that may see little, an operator
PAGES = [
    (None, "/sign-in"),
    (LOPEZ, "/"),
    (LOPEZ, "/?office=president"),
    (LOPEZ, "/voters"),
    (LOPEZ, "/voters?office=governor&support=1&postal=3&reach=nobody"),
    (LOPEZ, "/voters?office=governor&support=1&reach=nobody&mail=1&plan=1&turnout=1&party=none&channel=online"),
    (LOPEZ, "/coverage"),
    (LOPEZ, "/quality"),
    (LOPEZ, "/quality/rejected"),
    (LOPEZ, "/quality/quarantined"),
    (LOPEZ, "/sharing"),
    (LOPEZ, "/changes"),
    (LOPEZ, "/changes/1"),
    (LOPEZ, "/statement"),
    (LOPEZ, "/universes"),
    (LOPEZ, "/export?office=governor&support=1"),
    (LOPEZ, "/exports"),
    (LOPEZ, "/definitions"),
    (LOPEZ, "/nowhere"),
    (LOPEZ, "/voters?support=9"),
    (LOPEZ, "/admin"),
    (email("civic_data_fund"), "/"),
    (email("civic_data_fund"), "/voters"),
    (email("civic_data_fund"), "/coverage"),
    (email("civic_data_fund"), "/quality"),
    (email("civic_data_fund"), "/sharing"),
    (email("civic_data_fund"), "/statement"),
    (OPERATOR, "/admin"),
    (OPERATOR, "/admin/people"),
    (OPERATOR, "/admin/publications"),
    (OPERATOR, "/admin/publications/1"),
    (OPERATOR, "/admin/files"),
    (OPERATOR, "/admin/review"),
    (OPERATOR, "/admin/exports"),
]


@pytest.mark.parametrize(
    ("who", "path"), PAGES, ids=[f"{(who or 'nobody').split('_')[0]} {path}" for who, path in PAGES]
)
def test_page(visits: Visits, who: str | None, path: str) -> None:
    """One window, changed as people change theirs: a page costs one start."""
    page = visits.open(who, path, viewport=WIDE)
    assert page.get_by_role("heading", level=1).count() == 1
    audit(page)
    fits(page)
    unfold(page)
    page.set_viewport_size(ZOOMED)
    fits(page)
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size(PHONE)
    fits(page)
    audit(page)
    page.emulate_media(media="print", color_scheme="light")
    _is_fit_for_paper(page)


def _is_fit_for_paper(page: Page) -> None:
    """A printed list tells what it is of and when; menus and buttons stay on the screen."""
    assert page.get_by_role("heading", level=1).is_visible()
    for name in ("Main", "Admin"):
        for menu in page.get_by_role("navigation", name=name, include_hidden=True).all():
            assert not menu.is_visible()
    if page.locator(".as-of").count():
        assert page.locator(".as-of").is_visible()
