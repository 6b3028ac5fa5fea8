"""Who waits for a count keeps nobody else waiting, and who leaves waits for nothing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest
from psycopg import errors
from psycopg_pool import PoolTimeout
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Message

from dashboard import database as connections
from dashboard import sessions
from dashboard.app import create_app
from dashboard.cache import Cache, keep
from dashboard.database import KEEPERS_POOL_SIZE, MOST_FOR_A_PARTNER, POOL_SIZE, Database
from dashboard.viewer import Viewer
from exchange.warehouse.connection import connection_info
from tests.dashboard_exchange import OPERATOR, PASSWORD, DashboardExchange, app_client, email, post, sign_in, site

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]
PARTNER, OTHER = "lopez_for_governor", "pa_party"


def viewer(exchange: DashboardExchange, partner: str) -> Viewer:
    return Viewer(1, email(partner), partner, partner, exchange.roles[partner], False)


def on_database(exchange: DashboardExchange, scene: Callable[[Database], Awaitable[None]]) -> None:
    async def whole() -> None:
        database = Database(connection_info(exchange.settings, "web"))
        await database.open()
        try:
            await asyncio.wait_for(scene(database), 60)
        finally:
            await database.close()

    asyncio.run(whole())


# -- for a first count


def test_many_of_one_partner_wait_for_a_count_and_everybody_else_goes_on(dashboard_exchange: DashboardExchange) -> None:
    """Would have caught eight people after a publication who kept every partner out, and every sign-in."""

    async def scene(database: Database) -> None:
        cache, asks = Cache(), viewer(dashboard_exchange, PARTNER)

        async def count() -> Any:
            async with database.as_partner(asks) as reader:
                return await keep(cache, asks, reader, ("k",), lambda: reader.value("select 7 from pg_sleep(4)"))

        waiting = [asyncio.create_task(count()) for _ in range(POOL_SIZE + 4)]
        await asyncio.sleep(1)
        began = time.monotonic()
        for _ in range(3):
            async with database.as_keeper() as reader:
                assert await reader.value("select 1") == 1
            async with database.as_nobody() as reader:
                assert await reader.value("select 1") == 1
            async with database.as_partner(viewer(dashboard_exchange, OTHER)) as reader:
                assert await reader.value("select count(*) from voters") > 0
            # made ahead, by nobody who waits
            async with database.as_partner(asks, is_patient=True) as reader:
                assert await reader.value("select 1") == 1
        assert time.monotonic() - began < 2
        assert set(await asyncio.gather(*waiting)) == {7}

    on_database(dashboard_exchange, scene)


def test_a_place_that_does_not_come_is_told_in_time(
    dashboard_exchange: DashboardExchange, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "SECONDS_FOR_A_CONNECTION", 0.3)

    async def scene(database: Database) -> None:
        asks = viewer(dashboard_exchange, PARTNER)
        async with AsyncExitStack() as held:
            for _ in range(MOST_FOR_A_PARTNER):
                await held.enter_async_context(database.as_partner(asks))
            for _ in range(2):
                with pytest.raises(PoolTimeout):
                    async with database.as_partner(asks):
                        pass
        # given back, whatever became of who waited
        for _ in range(2 * MOST_FOR_A_PARTNER):
            async with database.as_partner(asks) as reader:
                assert await reader.value("select 1") == 1

    on_database(dashboard_exchange, scene)


def test_who_waits_is_not_taken_for_idle(dashboard_exchange: DashboardExchange) -> None:
    """For as long as counts made ahead may take: five minutes a statement."""

    async def scene(database: Database) -> None:
        async with database.as_partner(viewer(dashboard_exchange, PARTNER)) as reader:
            assert await reader.value("show idle_in_transaction_session_timeout") == "6min"

    on_database(dashboard_exchange, scene)


# -- who leaves


class Browser:
    """One request by ASGI, of a client that leaves when told to."""

    def __init__(self, app: Starlette, path: str, token: str) -> None:
        self.has_gone, self.sent = asyncio.Event(), bytearray()
        self._app, self._asked = app, 0
        self._scope = {
            "type": "http",
            "method": "GET",
            "path": path,
            "query_string": b"",
            "scheme": "http",
            "server": ("127.0.0.1", 80),
            "client": ("127.0.0.1", 1),
            "headers": [(b"host", b"127.0.0.1"), (b"cookie", f"exchange_session={token}".encode())],
        }

    def ask(self) -> asyncio.Task[None]:
        async def answer() -> None:
            await self._app(self._scope, self._receive, self._send)

        return asyncio.create_task(answer())

    async def _receive(self) -> Message:
        self._asked += 1
        if self._asked == 1:
            return {"type": "http.request", "body": b"", "more_body": False}
        await self.has_gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        self.sent += message.get("body", b"")


async def _slow(request: Request) -> Response:
    """A count that takes a minute for the first who asks, and no time for the next."""
    state = request.app.state
    state.asked += 1
    seconds = 50 if state.asked == 1 else 0
    async with state.database.as_partner(request.state.viewer) as reader:
        value = await keep(
            state.cache,
            request.state.viewer,
            reader,
            ("slow",),
            lambda: reader.value("select 'counted' from pg_sleep(%s)", [seconds]),
        )
    return PlainTextResponse(value)


def _sleeping(exchange: DashboardExchange) -> int:
    with exchange.connect_as_admin() as admin:
        row = admin.execute(
            "select count(*) as found from pg_stat_activity"
            " where usename = 'exchange_web' and state = 'active' and query like %s",
            ["%pg_sleep(%"],
        ).fetchone()
    assert row is not None
    return int(row["found"])


def test_a_browser_that_leaves_stops_its_query_and_the_next_makes_the_count(
    dashboard_exchange: DashboardExchange,
) -> None:
    async def scene() -> None:
        app = create_app(dashboard_exchange.settings)
        app.add_route("/slow", _slow)
        app.state.asked = 0
        async with app_client(dashboard_exchange, app) as client:
            token = await sessions.sign_in(app.state.database, email(PARTNER), PASSWORD, "203.0.113.1", "")
            assert token
            leaves, stays = Browser(app, "/slow", token), Browser(app, "/slow", token)
            left = leaves.ask()
            await asyncio.sleep(1)
            stayed = stays.ask()
            await asyncio.sleep(0.5)
            assert _sleeping(dashboard_exchange) == 1, "one counts, one waits"
            leaves.has_gone.set()
            await asyncio.wait_for(asyncio.gather(left, stayed), 10)
            assert _sleeping(dashboard_exchange) == 0
            assert (bytes(leaves.sent), bytes(stays.sent)) == (b"", b"counted")
            # connections and places are all there again
            client.cookies.set("exchange_session", token)
            found = await asyncio.gather(*(client.get("/coverage") for _ in range(2 * POOL_SIZE)))
            assert {each.status_code for each in found} == {200}

    asyncio.run(asyncio.wait_for(scene(), 120))


# -- what the server ends


@pytest.mark.parametrize(
    "error",
    [
        errors.IdleInTransactionSessionTimeout("idle"),
        errors.AdminShutdown("ended by a publication"),
        errors.LockNotAvailable("a publication has it"),
        PoolTimeout("full"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_ended_connection_is_no_mistake_of_ours(dashboard_exchange: DashboardExchange, error: Exception) -> None:
    async def ended(request: Request) -> Response:
        raise error

    app = create_app(dashboard_exchange.settings)
    app.add_route("/ended", ended)
    with site(dashboard_exchange, app) as client:
        sign_in(client, email(PARTNER))
        answer = client.get("/ended")
    assert answer.status_code == 503
    assert "Too many people are asking at once" in answer.text


def test_a_query_that_a_publication_ends_is_told_so_and_the_next_works(dashboard_exchange: DashboardExchange) -> None:
    async def ended(request: Request) -> Response:
        async with request.app.state.database.as_partner(request.state.viewer) as reader:
            me = await reader.value("select pg_backend_pid()")
            with dashboard_exchange.connect_as_admin() as admin:
                admin.execute("select pg_terminate_backend(%s)", [me])
            await reader.value("select 1")
        return PlainTextResponse("not reached")

    app = create_app(dashboard_exchange.settings)
    app.add_route("/ended", ended)
    with site(dashboard_exchange, app) as client:
        sign_in(client, email(PARTNER))
        assert client.get("/ended").status_code == 503
        assert [client.get("/").status_code for _ in range(3)] == [200] * 3


def test_the_pools_leave_the_server_its_connections(dashboard_exchange: DashboardExchange) -> None:
    with dashboard_exchange.connect_as_admin() as admin:
        row = admin.execute("show max_connections").fetchone()
    assert row is not None
    assert int(row["max_connections"]) / 2 > POOL_SIZE + KEEPERS_POOL_SIZE


# -- what is asked in a way that no page of ours asks


@pytest.fixture(scope="module")
def browser(dashboard_exchange: DashboardExchange) -> Iterator[httpx.Client]:
    with site(dashboard_exchange) as client:
        yield client


@pytest.mark.parametrize(
    ("who", "path"),
    [
        (PARTNER, "/quality/rejected?reason=%00"),
        (PARTNER, "/quality/quarantined?file=a%00b"),
        (PARTNER, "/quality/%00"),
        (PARTNER, "/voters?after=%00"),
        (OPERATOR, "/admin/people?partner=%00"),
        (OPERATOR, "/admin/exports?partner=%00"),
        ("", "/sign-in?next=%00"),
    ],
)
def test_an_address_with_a_character_that_no_text_has(browser: httpx.Client, who: str, path: str) -> None:
    browser.cookies.clear()
    if who:
        sign_in(browser, who if who == OPERATOR else email(who))
    answer = browser.get(path)
    assert answer.status_code == 400
    assert "This cannot be done" in answer.text and "a character that no text can have" in answer.text


@pytest.mark.parametrize(
    ("who", "path", "seen_on", "fields"),
    [
        (PARTNER, "/voters/find", "/voters", {"who": "Li\0"}),
        (PARTNER, "/quality/download", "/quality", {"view": "rejected", "reason": "\0"}),
        (OPERATOR, "/admin/act-as", "/admin", {"partner_id": "\0"}),
    ],
)
def test_a_form_with_a_character_that_no_text_has(
    browser: httpx.Client, who: str, path: str, seen_on: str, fields: dict[str, str]
) -> None:
    browser.cookies.clear()
    sign_in(browser, who if who == OPERATOR else email(who))
    answer = post(browser, path, seen_on, **fields)
    assert answer.status_code == 400
    assert "a character that no text can have" in answer.text


def test_the_search_loaded_again_is_the_page_with_the_search(browser: httpx.Client) -> None:
    browser.cookies.clear()
    sign_in(browser, email(PARTNER))
    answer = browser.get("/voters/find")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/voters")
    assert post(browser, "/voters/find", "/voters", who="zzzz").status_code == 200


def test_only_filters_are_addresses_that_cannot_be_read(browser: httpx.Client) -> None:
    browser.cookies.clear()
    sign_in(browser, email(PARTNER))
    assert "We cannot read this address" in browser.get("/voters?cd=PA").text
    assert "This cannot be done" in post(browser, "/changes/acknowledge", "/changes", publication_id="x").text


@pytest.mark.parametrize("number", ["١", " 1", "1_0", "+1", "", "9" * 19, "9" * 5000])
def test_numbers_of_accounts_are_as_our_forms_write_them(
    browser: httpx.Client, dashboard_exchange: DashboardExchange, number: str
) -> None:
    browser.cookies.clear()
    sign_in(browser, OPERATOR)
    expected = 404 if len(number) > 18 else 400
    assert post(browser, "/admin/people/disable", "/admin/people", user_id=number).status_code == expected
    with dashboard_exchange.connect_as_admin() as admin:
        assert admin.execute("select user_id from accounts.user_account where is_disabled").fetchall() == []


def test_published_is_when_it_was_published(browser: httpx.Client, dashboard_exchange: DashboardExchange) -> None:
    """Not the "now" of the refresh, which the demo and a rollback set to other days."""
    with dashboard_exchange.connect_as_admin() as admin:
        newest = admin.execute(
            "select published_at, as_of from published.publication order by publication_id desc limit 1"
        ).fetchone()
    assert newest is not None and newest["published_at"] != newest["as_of"]
    browser.cookies.clear()
    sign_in(browser, email(PARTNER))
    page = browser.get("/voters").text
    assert f'Published <time datetime="{newest["published_at"].isoformat()}">' in page
