"""Sign-in, sessions, lockout and forged requests, against the application and a refreshed exchange."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from dashboard import attempts, sessions
from dashboard.app import create_app
from dashboard.database import AccessClosedError, Database
from dashboard.viewer import Viewer
from exchange.publishing import logins
from exchange.registry import load_registry
from exchange.settings import Settings
from exchange.warehouse import accounts
from exchange.warehouse.account_sessions import ABSOLUTE_LIMIT, IDLE_LIMIT
from exchange.warehouse.bootstrap import administrator, bootstrap
from exchange.warehouse.connection import connection_info
from tests.dashboard_exchange import OPERATOR, PASSWORD, DashboardExchange, app_client, csrf_token, email, site

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]
PARTNER, OTHER = "lopez_for_governor", "pa_party"
COOKIE = "exchange_session"
# each test is a client of its own, so that its failures count for nobody else
ADDRESSES = (f"203.0.113.{number}" for number in count(1))
REFUSAL = "do not let you in"


@pytest.fixture(scope="module")
def exchange(dashboard_exchange: DashboardExchange) -> DashboardExchange:
    bootstrap(dashboard_exchange.settings)
    return dashboard_exchange


@pytest.fixture(scope="module")
def browser(exchange: DashboardExchange) -> Iterator[httpx.Client]:
    with site(exchange) as made:
        yield made


@pytest.fixture
def client(browser: httpx.Client, exchange: DashboardExchange) -> Iterator[httpx.Client]:
    """A browser that was never here, while nobody failed to sign in."""
    browser.cookies.clear()
    with _nobody_failed(exchange):
        yield browser


@contextmanager
def _nobody_failed(exchange: DashboardExchange) -> Iterator[None]:
    with exchange.connect_as_admin() as admin:
        admin.execute("delete from dashboard.sign_in_attempt")
        yield
        admin.execute("delete from dashboard.sign_in_attempt")
        admin.execute("delete from dashboard.session")


@contextmanager
def another_browser(client: httpx.Client) -> Iterator[httpx.Client]:
    kept = dict(client.cookies)
    client.cookies.clear()
    yield client
    client.cookies.clear()
    client.cookies.update(kept)


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


# -- in and out


def test_in_and_out(client: httpx.Client) -> None:
    asked = client.get("/voters?office=governor&support=1")
    assert asked.status_code == 303
    assert asked.headers["Location"] == "/sign-in?next=/voters%3Foffice%3Dgovernor%26support%3D1"
    form = client.get(asked.headers["Location"])
    assert 'value="/voters?office=governor&amp;support=1"' in form.text
    done = sign_in(client, email(PARTNER).upper() + " ", next_path="/voters?office=governor&support=1")
    assert (done.status_code, done.headers["Location"]) == (303, "/voters?office=governor&support=1")
    assert is_signed_in(client)
    # who is signed in is not asked again
    assert client.get("/sign-in?next=/coverage").headers["Location"] == "/coverage"
    kept = client.cookies[COOKIE]
    left = client.post("/sign-out", data={"csrf_token": session_token(client)})
    assert (left.status_code, left.headers["Location"]) == (303, "/sign-in")
    assert not is_signed_in(client)
    client.cookies.set(COOKIE, kept)
    assert not is_signed_in(client), "the token must be worth nothing after the sign-out"


def test_the_cookie_and_what_is_kept_of_it(client: httpx.Client, exchange: DashboardExchange) -> None:
    done = sign_in(client, email(PARTNER))
    cookie = next(each for each in done.headers.get_list("set-cookie") if each.startswith(f"{COOKIE}="))
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Domain" not in cookie
    token = client.cookies[COOKIE]
    assert len(token) >= 43
    with exchange.connect_as_admin() as admin:
        [row] = admin.execute("select session.*, session::text as everything from dashboard.session").fetchall()
    assert row["token_hash"] == hashlib.sha256(token.encode()).digest()
    assert token not in row["everything"]
    assert row["client"].startswith("python-httpx")
    assert row["expires_at"] - row["created_at"] == ABSOLUTE_LIMIT


def test_by_https_the_cookie_is_for_this_host_alone(exchange: DashboardExchange) -> None:
    public = exchange.settings.model_copy(update={"dashboard_url": "https://voters.example"})
    with site(exchange, create_app(public)) as client, _nobody_failed(exchange):
        client.base_url = "https://voters.example"
        done = sign_in(client, email(PARTNER))
        names = [each.partition("=")[0] for each in done.headers.get_list("set-cookie")]
        assert "__Host-exchange_session" in names
        assert all("Secure" in each and "Path=/" in each for each in done.headers.get_list("set-cookie"))
        assert "max-age" in done.headers["Strict-Transport-Security"]
        assert is_signed_in(client)
        assert client.get("/", headers={"Host": "evil.example"}).status_code == 400


def test_a_session_put_into_the_browser_before_is_not_taken_over(client: httpx.Client) -> None:
    form = {"email": email(PARTNER), "password": PASSWORD}
    sign_in(client, email(OTHER))
    planted = client.cookies[COOKIE]
    done = client.post("/sign-in", data=form | {"csrf_token": session_token(client)})
    assert done.status_code == 303
    assert client.cookies[COOKIE] != planted and is_signed_in(client)
    client.cookies.clear()
    client.cookies.set(COOKIE, planted)
    assert not is_signed_in(client)


def test_a_forged_token_is_of_nobody(client: httpx.Client) -> None:
    for forged in ("", "x", "0" * 43, "é", "' or true --", "a" * 4000):
        response = client.get("/", headers={b"Cookie": f"{COOKIE}={forged}".encode()})
        assert response.status_code == 303


def test_nothing_without_a_session(client: httpx.Client) -> None:
    for path in ("/", "/voters", "/admin", "/export", "/no-such-page", "/sign-out", "/admin/act-as"):
        for method in ("GET", "POST", "PUT", "DELETE"):
            response = client.request(method, path)
            assert response.status_code == 303 and response.headers["Location"].startswith("/sign-in"), (method, path)


def test_a_part_of_a_page_without_a_session_sends_the_whole_page_to_the_sign_in(client: httpx.Client) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://127.0.0.1/voters?support=1"}
    response = client.get("/voters/facets?support=2", headers=headers)
    assert response.status_code == 401
    assert response.headers["HX-Redirect"] == "/sign-in?next=/voters%3Fsupport%3D1"
    response = client.get(
        "/voters/facets", headers=headers | {"HX-Current-URL": "https://evil.example//evil.example/x"}
    )
    assert response.headers["HX-Redirect"] == "/sign-in"


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_nobody_is_sent_elsewhere(client: httpx.Client, target: str) -> None:
    assert sign_in(client, email(PARTNER), next_path=target).headers["Location"] == "/"
    assert client.get("/sign-in", params={"next": target}).headers["Location"] == "/"


def test_headers_on_every_response(client: httpx.Client) -> None:
    responses = [
        client.get("/sign-in"),
        client.get("/"),
        client.get("/healthz"),
        client.get("/static/htmx.min.js"),
        client.get("/static/missing.css"),
        client.post("/sign-in", data={}),
        client.get("/sign-in", headers={"Host": "evil.example"}),
        sign_in(client, email(PARTNER)),
        client.get("/no-such-page"),
    ]
    assert [each.status_code for each in responses] == [200, 303, 200, 200, 404, 403, 400, 303, 404]
    for each in responses:
        assert "default-src 'none'" in each.headers["Content-Security-Policy"]
        assert each.headers["X-Content-Type-Options"] == "nosniff"
        assert ("no-store" in each.headers["Cache-Control"]) is not each.url.path.startswith("/static/")


def test_headers_when_something_breaks(exchange: DashboardExchange) -> None:
    app = create_app(exchange.settings)
    app.add_route("/broken", _broken)

    async def ask() -> httpx.Response:
        # as a server does, which sends what the application answered before it failed
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client,
        ):
            token = await sessions.sign_in(app.state.database, email(PARTNER), PASSWORD, next(ADDRESSES), "")
            return await client.get("/broken", headers={"Cookie": f"{COOKIE}={token}"})

    with _nobody_failed(exchange):
        response = asyncio.run(ask())
    assert response.status_code == 500
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert response.headers["Cache-Control"] == "no-store"


async def _broken(request: Any) -> Any:
    raise RuntimeError("a mistake of ours")


# -- refused, and with the same words


def test_one_message_for_every_reason(client: httpx.Client, exchange: DashboardExchange) -> None:
    with administrator(exchange.settings) as admin, suspended(exchange, "carolina_doors"):
        accounts.set_disabled(admin, email("nc_party"), True)
        found = [
            sign_in(client, email(PARTNER), PASSWORD + "x"),
            sign_in(client, "nobody@example.org"),
            sign_in(client, email("nc_party")),
            sign_in(client, email("carolina_doors")),
            sign_in(client, "", ""),
            sign_in(client, "' or true --", "'"),
        ]
        accounts.set_disabled(admin, email("nc_party"), False)
    # but for what was typed, and a form's token, which differs from page to page
    texts = {re.sub(r' value="[^"]*"|"X-CSRF-Token": "[^"]*"', "", each.text) for each in found}
    assert len(texts) == 1, "the answers must not tell why"
    assert REFUSAL in texts.pop()
    assert {each.status_code for each in found} == {403}
    assert not any(COOKIE in each.headers.get("set-cookie", "") for each in found)
    assert sign_in(client, email("nc_party")).status_code == 303


# -- lockout


@pytest.fixture(scope="module")
def run(exchange: DashboardExchange) -> Iterator[Any]:
    """Runs a function of sessions.py on a pool of connections."""

    def on_database(function: Any) -> Any:
        async def whole() -> Any:
            database = Database(connection_info(exchange.settings, "web"))
            await database.open()
            try:
                return await function(database)
            finally:
                await database.close()

        with _nobody_failed(exchange):
            return asyncio.run(whole())

    yield on_database


async def tried(database: Database, who: str, password: str, address: str) -> bool:
    return await sessions.sign_in(database, who, password, address, "a test") is not None


def test_five_mistakes_lock_an_account_for_the_right_password_too(run: Any) -> None:
    async def guess(database: Database) -> None:
        for _ in range(attempts.MOST_FOR_EMAIL):
            assert not await tried(database, email(PARTNER), "wrong", next(ADDRESSES))
        assert not await tried(database, email(PARTNER), PASSWORD, next(ADDRESSES))
        # a person who tries on is not kept out for longer, and others are not kept out at all
        assert await count_of(database, email(PARTNER)) == attempts.MOST_FOR_EMAIL
        assert await tried(database, email(OTHER), PASSWORD, next(ADDRESSES))
        await make_older(database, "15 minutes 1 second")
        assert await tried(database, email(PARTNER), PASSWORD, next(ADDRESSES))

    run(guess)


def test_a_sixteenth_of_a_day_is_not_fifteen_minutes(run: Any) -> None:
    async def guess(database: Database) -> None:
        for _ in range(attempts.MOST_FOR_EMAIL):
            await tried(database, email(PARTNER), "wrong", next(ADDRESSES))
        await make_older(database, "14 minutes")
        assert not await tried(database, email(PARTNER), PASSWORD, next(ADDRESSES))

    run(guess)


def test_an_unknown_address_is_locked_like_any_other(run: Any) -> None:
    async def guess(database: Database) -> None:
        for _ in range(attempts.MOST_FOR_EMAIL + 2):
            await tried(database, "nobody@example.org", "wrong", next(ADDRESSES))
        assert await count_of(database, "nobody@example.org") == attempts.MOST_FOR_EMAIL

    run(guess)


def test_twenty_mistakes_lock_a_client_for_every_account(run: Any) -> None:
    async def guess(database: Database) -> None:
        client = next(ADDRESSES)
        # right ones are no mistakes: an office of 25 comes to work
        for _ in range(25):
            assert await tried(database, email(PARTNER), PASSWORD, client)
        for number in range(attempts.MOST_FROM_ADDRESS):
            assert not await tried(database, f"{number}@example.org", "wrong", client)
        assert not await tried(database, email(PARTNER), PASSWORD, client)
        assert await tried(database, email(PARTNER), PASSWORD, next(ADDRESSES))

    run(guess)


def test_guesses_at_the_same_moment_count_each_other(run: Any) -> None:
    """Would have caught a count taken before the failures of the others were written down."""

    async def guess(database: Database) -> None:
        wrong = (tried(database, email(PARTNER), "wrong", next(ADDRESSES)) for _ in range(12))
        right = tried(database, email(PARTNER), PASSWORD, next(ADDRESSES))
        await asyncio.gather(*wrong)
        assert await count_of(database, email(PARTNER)) <= attempts.MOST_FOR_EMAIL
        begun = [await attempts.begin_attempt(database, "x@example.org", next(ADDRESSES)) for _ in range(3)]
        assert not any(each.is_refused for each in begun)
        together = await asyncio.gather(
            *(attempts.begin_attempt(database, "x@example.org", next(ADDRESSES)) for _ in range(20))
        )
        assert sum(not each.is_refused for each in together) <= attempts.MOST_FOR_EMAIL - 3
        await right

    run(guess)


def test_a_flood_is_turned_away(run: Any) -> None:
    """Would have caught hashes piling up: the hundredth caller waited ten seconds, and everybody behind it."""

    async def guess(database: Database) -> None:
        flood = [tried(database, f"{number}@example.org", "wrong", next(ADDRESSES)) for number in range(70)]
        ends = await asyncio.gather(*flood, return_exceptions=True)
        assert sum(isinstance(each, sessions.BusyError) for each in ends) == 20
        assert sum(each is False for each in ends) == 50
        assert await tried(database, email(PARTNER), PASSWORD, next(ADDRESSES))

    run(guess)


def test_old_attempts_are_forgotten(run: Any) -> None:
    async def guess(database: Database) -> None:
        await tried(database, "nobody@example.org", "wrong", next(ADDRESSES))
        await make_older(database, "25 hours")
        await tried(database, email(PARTNER), PASSWORD, next(ADDRESSES))
        assert await count_of(database, "nobody@example.org") == 0

    run(guess)


async def count_of(database: Database, who: str) -> int:
    async with database.as_keeper() as reader:
        query = "select count(*) from dashboard.sign_in_attempt where email = %s and not succeeded"
        return int(await reader.value(query, [who]))


async def make_older(database: Database, by: str) -> None:
    # the dashboard's role must not be able to
    settings: Settings = _SETTINGS[0]
    with administrator(settings) as admin:
        admin.execute("update dashboard.sign_in_attempt set at = at - %s::interval", [by])


_SETTINGS: list[Settings] = []


@pytest.fixture(autouse=True)
def _settings_at_hand(exchange: DashboardExchange) -> None:
    _SETTINGS[:] = [exchange.settings]


# -- what ends a session, at the next click


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
def test_access_ends_with_the_next_click(client: httpx.Client, exchange: DashboardExchange, end: Any) -> None:
    sign_in(client, email(PARTNER))
    assert is_signed_in(client)
    try:
        end(exchange)
        assert not is_signed_in(client)
        form = client.post("/sign-out", data={"csrf_token": "x"})
        assert form.headers["Location"] == "/sign-in"
    finally:
        with administrator(exchange.settings) as admin:
            accounts.set_disabled(admin, email(PARTNER), False)


def test_a_suspended_partners_people_are_out_with_the_next_click(
    client: httpx.Client, exchange: DashboardExchange
) -> None:
    sign_in(client, email(PARTNER))
    with suspended(exchange, PARTNER):
        assert not is_signed_in(client)
    assert is_signed_in(client)


def test_a_session_in_use_goes_on(client: httpx.Client, exchange: DashboardExchange) -> None:
    sign_in(client, email(PARTNER))
    for _ in range(3):
        _age(exchange, "last_seen_at", IDLE_LIMIT - timedelta(minutes=5))
        assert is_signed_in(client)


def test_a_suspended_partner_reads_nothing_whatever_the_session_says(exchange: DashboardExchange, run: Any) -> None:
    """The database's own refusal, behind the session's."""

    async def read(database: Database) -> None:
        viewer = Viewer(1, email(PARTNER), PARTNER, "Lopez", exchange.roles[PARTNER], False)
        async with database.as_partner(viewer) as reader:
            assert await reader.value("select count(*) from voters") > 0
        with suspended(exchange, PARTNER), pytest.raises(AccessClosedError):
            async with database.as_partner(viewer) as reader:
                await reader.value("select count(*) from voters")

    run(read)


# -- forms that others send


@pytest.fixture
def signed_in(client: httpx.Client) -> httpx.Client:
    sign_in(client, OPERATOR)
    return client


def act(client: httpx.Client, partner_id: str, **more: Any) -> httpx.Response:
    data = {"partner_id": partner_id, "csrf_token": session_token(client)} | more.pop("data", {})
    return client.post("/admin/act-as", data=data, **more)


def test_a_forged_form_changes_nothing(signed_in: httpx.Client, exchange: DashboardExchange) -> None:
    for more in (
        {"data": {"csrf_token": ""}},
        {"data": {"csrf_token": "forged"}},
        {"headers": {"Origin": "https://evil.example"}},
        {"headers": {"Origin": "null"}},
        {"headers": {"Origin": "http://127.0.0.1:9999"}},
        {"headers": {"Sec-Fetch-Site": "cross-site"}},
        {"headers": {"Sec-Fetch-Site": "same-site"}},
        {"headers": {"X-CSRF-Token": "forged"}},
        {"headers": {"Content-Type": "text/plain"}},
    ):
        assert act(signed_in, PARTNER, **more).status_code == 403, more
    with exchange.connect_as_admin() as admin:
        assert admin.execute("select acting_partner_id from dashboard.session").fetchall() == [
            {"acting_partner_id": None}
        ]


def test_the_token_of_another_session_is_no_token(signed_in: httpx.Client) -> None:
    with another_browser(signed_in) as other:
        sign_in(other, email(PARTNER))
        stolen = session_token(other)
    assert act(signed_in, PARTNER, data={"csrf_token": stolen}).status_code == 403
    # and so is the one that the sign-in form had before
    with another_browser(signed_in) as nobody:
        before = token_of_form(nobody)
    assert act(signed_in, PARTNER, data={"csrf_token": before}).status_code == 403


def test_a_token_in_a_header_does_as_well(signed_in: httpx.Client) -> None:
    headers = {"X-CSRF-Token": session_token(signed_in), "Origin": "http://127.0.0.1", "Sec-Fetch-Site": "same-origin"}
    assert act(signed_in, PARTNER, data={"csrf_token": ""}, headers=headers).status_code == 303


def test_nobody_is_signed_in_by_another_sites_form(client: httpx.Client) -> None:
    form = {"email": email(PARTNER), "password": PASSWORD}
    assert client.post("/sign-in", data=form).status_code == 403
    token = token_of_form(client)
    client.cookies.clear()
    assert client.post("/sign-in", data=form | {"csrf_token": token}).status_code == 403, "a token without its cookie"


def test_a_form_without_end_is_refused(signed_in: httpx.Client) -> None:
    assert act(signed_in, "x" * 1_100_000).status_code == 413


# -- operators


def test_an_operator_looks_at_a_partners_pages_and_it_is_written_down(
    signed_in: httpx.Client, exchange: DashboardExchange
) -> None:
    assert act(signed_in, PARTNER).headers["Location"] == "/"
    with exchange.connect_as_admin() as admin:
        row = admin.execute("select * from ops.audit where what = 'looked_at_partner' order by at desc").fetchone()
        names = admin.execute("select partner_name from registry.partners where partner_id = %s", [PARTNER]).fetchone()
    assert row and names
    assert (row["partner_id"], row["by_os_user"]) == (PARTNER, OPERATOR)
    assert names["partner_name"] in signed_in.get("/no-such-page").text
    assert act(signed_in, "").headers["Location"] == "/admin"
    assert names["partner_name"] not in signed_in.get("/no-such-page").text
    assert act(signed_in, "no_such_partner").status_code == 404


def test_a_partners_person_looks_at_nobody_elses_pages(client: httpx.Client, exchange: DashboardExchange) -> None:
    sign_in(client, email(PARTNER))
    assert act(client, OTHER).status_code == 404
    # not even if the session says so
    with exchange.connect_as_admin() as admin:
        admin.execute("update dashboard.session set acting_partner_id = %s", [OTHER])
        other = admin.execute("select partner_name from registry.partners where partner_id = %s", [OTHER]).fetchone()
    assert other and other["partner_name"] not in client.get("/no-such-page").text


def test_operators_pages_are_operators(exchange: DashboardExchange, run: Any) -> None:
    async def read(database: Database) -> None:
        viewer = Viewer(1, email(PARTNER), PARTNER, "Lopez", exchange.roles[PARTNER], False)
        with pytest.raises(AccessClosedError):
            async with database.as_operator(viewer):
                pass

    run(read)


# -- the look-up


def test_before_the_first_refresh_there_is_a_person_without_a_role(exchange: DashboardExchange, run: Any) -> None:
    async def ask(database: Database) -> None:
        token = await sessions.sign_in(database, email(PARTNER), PASSWORD, next(ADDRESSES), "")
        assert token
        with exchange.connect_as_admin() as admin:
            admin.execute("alter table published.change_feed rename to hidden")
        try:
            async with database.as_keeper() as reader:
                viewer = await sessions.viewer_of(reader, token)
        finally:
            with exchange.connect_as_admin() as admin:
                admin.execute("alter table published.hidden rename to change_feed")
        assert viewer and (viewer.partner_id, viewer.role) == (PARTNER, None)
        async with database.as_keeper() as reader:
            viewer = await sessions.viewer_of(reader, token)
        assert viewer and viewer.role == exchange.roles[PARTNER]

    run(ask)


def test_many_at_once(exchange: DashboardExchange) -> None:
    """Requests of one session at the same moment, each of which would like to note when it was seen."""

    async def ask() -> None:
        app: Starlette = create_app(exchange.settings)
        async with app_client(exchange, app) as client:
            token = await sessions.sign_in(app.state.database, email(PARTNER), PASSWORD, next(ADDRESSES), "")
            assert token
            client.cookies.set(COOKIE, token)
            _age(exchange, "last_seen_at", timedelta(minutes=5))
            found = await asyncio.gather(*(client.get("/sign-in") for _ in range(20)))
        assert {each.status_code for each in found} == {303}

    with _nobody_failed(exchange):
        asyncio.run(ask())


def test_who_is_signed_in_is_listed(client: httpx.Client, exchange: DashboardExchange) -> None:
    sign_in(client, email(PARTNER))
    text = exchange.command("user", "list", "--json")
    assert f'"email": "{email(PARTNER)}"' in text and '"open_sessions": 1' in text
