"""Forms that others send change nothing, and only an operator looks at pages of a partner, which is written down."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from dashboard.database import AccessClosedError, Database
from dashboard.viewer import Viewer
from tests.dashboard_exchange import OPERATOR, PASSWORD, DashboardExchange, email
from tests.dashboard_sign_in import OTHER, PARTNER, session_token, sign_in, token_of_form

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]


@pytest.fixture
def signed_in(fresh_browser: httpx.Client) -> httpx.Client:
    sign_in(fresh_browser, OPERATOR)
    return fresh_browser


@contextmanager
def another_browser(client: httpx.Client) -> Iterator[httpx.Client]:
    kept = dict(client.cookies)
    client.cookies.clear()
    yield client
    client.cookies.clear()
    client.cookies.update(kept)


def act(client: httpx.Client, partner_id: str, **more: Any) -> httpx.Response:
    data = {"partner_id": partner_id, "csrf_token": session_token(client)} | more.pop("data", {})
    return client.post("/admin/act-as", data=data, **more)


def test_a_forged_form_changes_nothing(signed_in: httpx.Client, dashboard_exchange: DashboardExchange) -> None:
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
    with dashboard_exchange.connect_as_admin() as admin:
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


def test_nobody_is_signed_in_by_another_sites_form(fresh_browser: httpx.Client) -> None:
    form = {"email": email(PARTNER), "password": PASSWORD}
    assert fresh_browser.post("/sign-in", data=form).status_code == 403
    token = token_of_form(fresh_browser)
    fresh_browser.cookies.clear()
    assert fresh_browser.post("/sign-in", data=form | {"csrf_token": token}).status_code == 403, (
        "a token without its cookie"
    )


def test_a_form_without_end_is_refused(signed_in: httpx.Client) -> None:
    assert act(signed_in, "x" * 1_100_000).status_code == 413


def test_an_operator_looks_at_a_partners_pages_and_it_is_written_down(
    signed_in: httpx.Client, dashboard_exchange: DashboardExchange
) -> None:
    assert act(signed_in, PARTNER).headers["Location"] == "/"
    with dashboard_exchange.connect_as_admin() as admin:
        row = admin.execute("select * from ops.audit where what = 'looked_at_partner' order by at desc").fetchone()
        names = admin.execute("select partner_name from registry.partners where partner_id = %s", [PARTNER]).fetchone()
    assert row and names
    assert (row["partner_id"], row["by_os_user"]) == (PARTNER, OPERATOR)
    assert names["partner_name"] in signed_in.get("/no-such-page").text
    assert act(signed_in, "").headers["Location"] == "/admin"
    assert names["partner_name"] not in signed_in.get("/no-such-page").text
    assert act(signed_in, "no_such_partner").status_code == 404


def test_a_partners_person_looks_at_nobody_elses_pages(
    fresh_browser: httpx.Client, dashboard_exchange: DashboardExchange
) -> None:
    sign_in(fresh_browser, email(PARTNER))
    assert act(fresh_browser, OTHER).status_code == 404
    # not even if the session says so
    with dashboard_exchange.connect_as_admin() as admin:
        admin.execute("update dashboard.session set acting_partner_id = %s", [OTHER])
        other = admin.execute("select partner_name from registry.partners where partner_id = %s", [OTHER]).fetchone()
    assert other and other["partner_name"] not in fresh_browser.get("/no-such-page").text


def test_operators_pages_are_operators(dashboard_exchange: DashboardExchange, run_on_database: Any) -> None:
    async def read(database: Database) -> None:
        viewer = Viewer(1, email(PARTNER), PARTNER, "Lopez", dashboard_exchange.roles[PARTNER], False)
        with pytest.raises(AccessClosedError):
            async with database.as_operator(viewer):
                pass

    run_on_database(read)
