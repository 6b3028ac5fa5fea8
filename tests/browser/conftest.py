"""A browser and a dashboard for each module, windows for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, StorageState, sync_playwright

from tests.browser.driving import Visits, launch
from tests.dashboard_exchange import DashboardExchange, server


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Playwright's event loop runs while the browser does: asyncio.run() of another module would find it and refuse."""
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def dashboard(dashboard_exchange: DashboardExchange) -> Iterator[str]:
    """The address of a running dashboard."""
    with server(dashboard_exchange) as url:
        yield url


@pytest.fixture(scope="module")
def signed_in() -> dict[str, StorageState]:
    """Cookies of those who have signed in, by address: one walks through the form once."""
    return {}


@pytest.fixture
def visits(browser: Browser, dashboard: str, signed_in: dict[str, StorageState]) -> Iterator[Visits]:
    visits = Visits(browser, dashboard, signed_in)
    yield visits
    visits.close()
