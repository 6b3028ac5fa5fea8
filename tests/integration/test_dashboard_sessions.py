"""Sessions: what ends them with the next click, what does not, and how one is looked up."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from dashboard import sessions
from dashboard.app import create_app
from dashboard.database import AccessClosedError, Database
from dashboard.viewer import Viewer
from exchange.warehouse import accounts
from exchange.warehouse.account_sessions import ABSOLUTE_LIMIT, IDLE_LIMIT
from exchange.warehouse.bootstrap import administrator
from tests.dashboard_exchange import PASSWORD, DashboardExchange, app_client, email
from tests.dashboard_sign_in import ADDRESSES, COOKIE, PARTNER, is_signed_in, nobody_failed, sign_in, suspended

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]


def disable(exchange: DashboardExchange) -> None:
    with administrator(exchange.settings) as admin:
        accounts.set_disabled(admin, email(PARTNER), True)


def disable_by_an_operators_page(exchange: DashboardExchange) -> None:
    with exchange.connect_as_admin() as admin, admin.transaction():
        admin.execute("set local role exchange_operator")
        admin.execute("update accounts.user_account set is_disabled = true where email = %s", [email(PARTNER)])


def new_password(exchange: DashboardExchange) -> None:
    with administrator(exchange.settings) as admin:
        accounts.reset_password(admin, email(PARTNER), PASSWORD)


def sign_out_by_command(exchange: DashboardExchange) -> None:
    assert "sessions ended: 1" in exchange.command("user", "sign-out", email(PARTNER))


def _age(exchange: DashboardExchange, column: str, by: timedelta) -> None:
    with exchange.connect_as_admin() as admin:
        admin.execute(f"update dashboard.session set {column} = {column} - %s", [by])


def left_alone(exchange: DashboardExchange) -> None:
    _age(exchange, "last_seen_at", IDLE_LIMIT)


def grown_old(exchange: DashboardExchange) -> None:
    _age(exchange, "expires_at", ABSOLUTE_LIMIT)


@pytest.mark.parametrize(
    "end",
    [
        disable,
        disable_by_an_operators_page,
        new_password,
        sign_out_by_command,
        left_alone,
        grown_old,
    ],
)
def test_access_ends_with_the_next_click(
    fresh_browser: httpx.Client, dashboard_exchange: DashboardExchange, end: Any
) -> None:
    sign_in(fresh_browser, email(PARTNER))
    assert is_signed_in(fresh_browser)
    try:
        end(dashboard_exchange)
        assert not is_signed_in(fresh_browser)
        form = fresh_browser.post("/sign-out", data={"csrf_token": "x"})
        assert form.headers["Location"] == "/sign-in"
    finally:
        with administrator(dashboard_exchange.settings) as admin:
            accounts.set_disabled(admin, email(PARTNER), False)


def test_a_suspended_partners_people_are_out_with_the_next_click(
    fresh_browser: httpx.Client, dashboard_exchange: DashboardExchange
) -> None:
    sign_in(fresh_browser, email(PARTNER))
    with suspended(dashboard_exchange, PARTNER):
        assert not is_signed_in(fresh_browser)
    assert is_signed_in(fresh_browser)


def test_a_session_in_use_goes_on(fresh_browser: httpx.Client, dashboard_exchange: DashboardExchange) -> None:
    sign_in(fresh_browser, email(PARTNER))
    for _ in range(3):
        _age(dashboard_exchange, "last_seen_at", IDLE_LIMIT - timedelta(minutes=5))
        assert is_signed_in(fresh_browser)


def test_a_suspended_partner_reads_nothing_whatever_the_session_says(
    dashboard_exchange: DashboardExchange, run_on_database: Any
) -> None:
    """The database's own refusal, behind the session's."""

    async def read(database: Database) -> None:
        viewer = Viewer(1, email(PARTNER), PARTNER, "Lopez", dashboard_exchange.roles[PARTNER], False)
        async with database.as_partner(viewer) as reader:
            assert await reader.value("select count(*) from voters") > 0
        with suspended(dashboard_exchange, PARTNER), pytest.raises(AccessClosedError):
            async with database.as_partner(viewer) as reader:
                await reader.value("select count(*) from voters")

    run_on_database(read)


def test_before_the_first_refresh_there_is_a_person_without_a_role(
    dashboard_exchange: DashboardExchange, run_on_database: Any
) -> None:
    async def ask(database: Database) -> None:
        token = await sessions.sign_in(database, email(PARTNER), PASSWORD, next(ADDRESSES), "")
        assert token
        with dashboard_exchange.connect_as_admin() as admin:
            admin.execute("alter table published.change_feed rename to hidden")
        try:
            async with database.as_keeper() as reader:
                viewer = await sessions.viewer_of(reader, token)
        finally:
            with dashboard_exchange.connect_as_admin() as admin:
                admin.execute("alter table published.hidden rename to change_feed")
        assert viewer and (viewer.partner_id, viewer.role) == (PARTNER, None)
        async with database.as_keeper() as reader:
            viewer = await sessions.viewer_of(reader, token)
        assert viewer and viewer.role == dashboard_exchange.roles[PARTNER]

    run_on_database(ask)


def test_many_at_once(dashboard_exchange: DashboardExchange) -> None:
    """Requests of one session at the same moment, each of which would like to note when it was seen."""

    async def ask() -> None:
        app: Starlette = create_app(dashboard_exchange.settings)
        async with app_client(dashboard_exchange, app) as client:
            token = await sessions.sign_in(app.state.database, email(PARTNER), PASSWORD, next(ADDRESSES), "")
            assert token
            client.cookies.set(COOKIE, token)
            _age(dashboard_exchange, "last_seen_at", timedelta(minutes=5))
            found = await asyncio.gather(*(client.get("/sign-in") for _ in range(20)))
        assert {each.status_code for each in found} == {303}

    with nobody_failed(dashboard_exchange):
        asyncio.run(ask())


def test_who_is_signed_in_is_listed(fresh_browser: httpx.Client, dashboard_exchange: DashboardExchange) -> None:
    sign_in(fresh_browser, email(PARTNER))
    text = dashboard_exchange.command("user", "list", "--json")
    assert f'"email": "{email(PARTNER)}"' in text and '"open_sessions": 1' in text
