"""For tests of sign-in and sessions: a browser that was never here, what it can do, and the database behind it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import httpx
import pytest

from dashboard.database import Database
from exchange.publishing import logins
from exchange.registry import load_registry
from exchange.warehouse.bootstrap import administrator
from exchange.warehouse.connection import connection_info
from tests.dashboard_exchange import PASSWORD, DashboardExchange, csrf_token, site

PARTNER, OTHER = "lopez_for_governor", "pa_party"
COOKIE = "exchange_session"
# each test is a client of its own, so that its failures count for nobody else
ADDRESSES = (f"203.0.113.{number}" for number in count(1))


@pytest.fixture(scope="module")
def shared_browser(dashboard_exchange: DashboardExchange) -> Iterator[httpx.Client]:
    """The one browser of a module, and one application."""
    with site(dashboard_exchange) as made:
        yield made


@pytest.fixture
def fresh_browser(shared_browser: httpx.Client, dashboard_exchange: DashboardExchange) -> Iterator[httpx.Client]:
    """A browser that was never here, while nobody failed to sign in."""
    shared_browser.cookies.clear()
    with nobody_failed(dashboard_exchange):
        yield shared_browser


@pytest.fixture(scope="module")
def run_on_database(dashboard_exchange: DashboardExchange) -> Iterator[Any]:
    """Runs a function of sessions.py on a pool of connections."""

    def on_database(function: Any) -> Any:
        async def whole() -> Any:
            database = Database(connection_info(dashboard_exchange.settings, "web"))
            await database.open()
            try:
                return await function(database)
            finally:
                await database.close()

        with nobody_failed(dashboard_exchange):
            return asyncio.run(whole())

    yield on_database


@contextmanager
def nobody_failed(exchange: DashboardExchange) -> Iterator[None]:
    """No attempts before and after, and no sessions after."""
    with exchange.connect_as_admin() as admin:
        admin.execute("delete from dashboard.sign_in_attempt")
        yield
        admin.execute("delete from dashboard.sign_in_attempt")
        admin.execute("delete from dashboard.session")


@contextmanager
def suspended(exchange: DashboardExchange, partner_id: str) -> Iterator[None]:
    partner = load_registry(exchange.settings.registry).partner(partner_id)
    with administrator(exchange.settings) as admin:
        logins.suspend(admin, partner)
        yield
        logins.resume(admin, partner)


def token_of_form(client: httpx.Client) -> str:
    return csrf_token(client.get("/sign-in"))


def sign_in(client: httpx.Client, address: str, password: str = PASSWORD, next_path: str = "/") -> httpx.Response:
    """By the form, whatever comes of it; tests that must be signed in for other things use tests.dashboard_exchange."""
    form = {"email": address, "password": password, "next": next_path, "csrf_token": token_of_form(client)}
    return client.post("/sign-in", data=form)


def session_token(client: httpx.Client) -> str:
    """The token of the session's forms, as any page shows it."""
    return csrf_token(client.get("/no-such-page"))


def is_signed_in(client: httpx.Client) -> bool:
    # who is not, is not even told that there is no such page
    response = client.get("/no-such-page")
    assert response.status_code in (404, 303)
    return response.status_code == 404
