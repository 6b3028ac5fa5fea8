"""Sign-in: who comes in and goes out, with which cookie and headers, and that who does not is not told why."""

from __future__ import annotations

import asyncio
import hashlib
import re
from typing import Any

import httpx
import pytest

from dashboard import sessions
from dashboard.app import create_app
from exchange.warehouse import accounts
from exchange.warehouse.account_sessions import ABSOLUTE_LIMIT
from exchange.warehouse.bootstrap import administrator
from tests.dashboard_exchange import PASSWORD, DashboardExchange, email, site
from tests.dashboard_sign_in import (
    ADDRESSES,
    COOKIE,
    OTHER,
    PARTNER,
    is_signed_in,
    nobody_failed,
    session_token,
    sign_in,
    suspended,
)

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]

REFUSAL = "do not let you in"


def test_in_and_out(fresh_browser: httpx.Client) -> None:
    asked = fresh_browser.get("/voters?office=governor&support=1")
    assert asked.status_code == 303
    assert asked.headers["Location"] == "/sign-in?next=/voters%3Foffice%3Dgovernor%26support%3D1"
    form = fresh_browser.get(asked.headers["Location"])
    assert 'value="/voters?office=governor&amp;support=1"' in form.text
    done = sign_in(fresh_browser, email(PARTNER).upper() + " ", next_path="/voters?office=governor&support=1")
    assert (done.status_code, done.headers["Location"]) == (303, "/voters?office=governor&support=1")
    assert is_signed_in(fresh_browser)
    # who is signed in is not asked again
    assert fresh_browser.get("/sign-in?next=/coverage").headers["Location"] == "/coverage"
    kept = fresh_browser.cookies[COOKIE]
    left = fresh_browser.post("/sign-out", data={"csrf_token": session_token(fresh_browser)})
    assert (left.status_code, left.headers["Location"]) == (303, "/sign-in")
    assert not is_signed_in(fresh_browser)
    fresh_browser.cookies.set(COOKIE, kept)
    assert not is_signed_in(fresh_browser), "the token must be worth nothing after the sign-out"


def test_the_cookie_and_what_is_kept_of_it(fresh_browser: httpx.Client, dashboard_exchange: DashboardExchange) -> None:
    done = sign_in(fresh_browser, email(PARTNER))
    cookie = next(each for each in done.headers.get_list("set-cookie") if each.startswith(f"{COOKIE}="))
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Domain" not in cookie
    token = fresh_browser.cookies[COOKIE]
    assert len(token) >= 43
    with dashboard_exchange.connect_as_admin() as admin:
        [row] = admin.execute("select session.*, session::text as everything from dashboard.session").fetchall()
    assert row["token_hash"] == hashlib.sha256(token.encode()).digest()
    assert token not in row["everything"]
    assert row["client"].startswith("python-httpx")
    assert row["expires_at"] - row["created_at"] == ABSOLUTE_LIMIT


def test_by_https_the_cookie_is_for_this_host_alone(dashboard_exchange: DashboardExchange) -> None:
    public = dashboard_exchange.settings.model_copy(update={"dashboard_url": "https://voters.example"})
    with site(dashboard_exchange, create_app(public)) as client, nobody_failed(dashboard_exchange):
        client.base_url = "https://voters.example"
        done = sign_in(client, email(PARTNER))
        names = [each.partition("=")[0] for each in done.headers.get_list("set-cookie")]
        assert "__Host-exchange_session" in names
        assert all("Secure" in each and "Path=/" in each for each in done.headers.get_list("set-cookie"))
        assert "max-age" in done.headers["Strict-Transport-Security"]
        assert is_signed_in(client)
        assert client.get("/", headers={"Host": "evil.example"}).status_code == 400


def test_a_session_put_into_the_browser_before_is_not_taken_over(fresh_browser: httpx.Client) -> None:
    form = {"email": email(PARTNER), "password": PASSWORD}
    sign_in(fresh_browser, email(OTHER))
    planted = fresh_browser.cookies[COOKIE]
    done = fresh_browser.post("/sign-in", data=form | {"csrf_token": session_token(fresh_browser)})
    assert done.status_code == 303
    assert fresh_browser.cookies[COOKIE] != planted and is_signed_in(fresh_browser)
    fresh_browser.cookies.clear()
    fresh_browser.cookies.set(COOKIE, planted)
    assert not is_signed_in(fresh_browser)


def test_a_forged_token_is_of_nobody(fresh_browser: httpx.Client) -> None:
    for forged in ("", "x", "0" * 43, "é", "' or true --", "a" * 4000):
        response = fresh_browser.get("/", headers={b"Cookie": f"{COOKIE}={forged}".encode()})
        assert response.status_code == 303


def test_nothing_without_a_session(fresh_browser: httpx.Client) -> None:
    for path in ("/", "/voters", "/admin", "/export", "/no-such-page", "/sign-out", "/admin/act-as"):
        for method in ("GET", "POST", "PUT", "DELETE"):
            response = fresh_browser.request(method, path)
            assert response.status_code == 303 and response.headers["Location"].startswith("/sign-in"), (method, path)


def test_a_part_of_a_page_without_a_session_sends_the_whole_page_to_the_sign_in(fresh_browser: httpx.Client) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://127.0.0.1/voters?support=1"}
    response = fresh_browser.get("/voters/facets?support=2", headers=headers)
    assert response.status_code == 401
    assert response.headers["HX-Redirect"] == "/sign-in?next=/voters%3Fsupport%3D1"
    response = fresh_browser.get(
        "/voters/facets", headers=headers | {"HX-Current-URL": "https://evil.example//evil.example/x"}
    )
    assert response.headers["HX-Redirect"] == "/sign-in"


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_nobody_is_sent_elsewhere(fresh_browser: httpx.Client, target: str) -> None:
    assert sign_in(fresh_browser, email(PARTNER), next_path=target).headers["Location"] == "/"
    assert fresh_browser.get("/sign-in", params={"next": target}).headers["Location"] == "/"


def test_headers_on_every_response(fresh_browser: httpx.Client) -> None:
    responses = [
        fresh_browser.get("/sign-in"),
        fresh_browser.get("/"),
        fresh_browser.get("/healthz"),
        fresh_browser.get("/static/htmx.min.js"),
        fresh_browser.get("/static/missing.css"),
        fresh_browser.post("/sign-in", data={}),
        fresh_browser.get("/sign-in", headers={"Host": "evil.example"}),
        sign_in(fresh_browser, email(PARTNER)),
        fresh_browser.get("/no-such-page"),
    ]
    assert [each.status_code for each in responses] == [200, 303, 200, 200, 404, 403, 400, 303, 404]
    for each in responses:
        assert "default-src 'none'" in each.headers["Content-Security-Policy"]
        assert each.headers["X-Content-Type-Options"] == "nosniff"
        assert ("no-store" in each.headers["Cache-Control"]) is not each.url.path.startswith("/static/")


def test_headers_when_something_breaks(dashboard_exchange: DashboardExchange) -> None:
    app = create_app(dashboard_exchange.settings)
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

    with nobody_failed(dashboard_exchange):
        response = asyncio.run(ask())
    assert response.status_code == 500
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert response.headers["Cache-Control"] == "no-store"


async def _broken(request: Any) -> Any:
    raise RuntimeError("a mistake of ours")


def test_one_message_for_every_reason(fresh_browser: httpx.Client, dashboard_exchange: DashboardExchange) -> None:
    with administrator(dashboard_exchange.settings) as admin, suspended(dashboard_exchange, "carolina_doors"):
        accounts.set_disabled(admin, email("nc_party"), True)
        found = [
            sign_in(fresh_browser, email(PARTNER), PASSWORD + "x"),
            sign_in(fresh_browser, "nobody@example.org"),
            sign_in(fresh_browser, email("nc_party")),
            sign_in(fresh_browser, email("carolina_doors")),
            sign_in(fresh_browser, "", ""),
            sign_in(fresh_browser, "' or true --", "'"),
        ]
        accounts.set_disabled(admin, email("nc_party"), False)
    # but for what was typed, and a form's token, which differs from page to page
    texts = {re.sub(r' value="[^"]*"|"X-CSRF-Token": "[^"]*"', "", each.text) for each in found}
    assert len(texts) == 1, "the answers must not tell why"
    assert REFUSAL in texts.pop()
    assert {each.status_code for each in found} == {403}
    assert not any(COOKIE in each.headers.get("set-cookie", "") for each in found)
    assert sign_in(fresh_browser, email("nc_party")).status_code == 303
