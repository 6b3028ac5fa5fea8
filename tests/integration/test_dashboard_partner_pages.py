"""Every page of a partner about itself refuses what it does not offer, asks little and weighs little."""

from __future__ import annotations

import re

import httpx
import pytest

from dashboard.app import create_app
from tests.dashboard_exchange import OPERATOR, DashboardExchange, email, sign_in, site
from tests.dashboard_partner_pages import LOPEZ

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]

PAGES = (
    "/quality",
    "/quality/rejected",
    "/quality/quarantined",
    "/changes",
    "/changes/2",
    "/statement",
    "/sharing",
    "/sharing/preview/r01",
)


@pytest.mark.parametrize(
    "path",
    [
        "/quality?page=2",
        "/quality?after=forged",
        "/quality/rejected?feed=nobodys",
        "/quality/rejected?file=..%2F..%2Fetc",
        "/quality/rejected?reason=x",
        "/quality/rejected?colour=red",
        "/quality/rejected?after=AAAA",
        "/quality/quarantined?before=%00",
        "/changes?before=0",
        "/changes?before=x",
        "/changes?since=2026-01-01",
        "/changes/2?relation=voters",
        "/changes/2?change=stolen",
        "/changes/2?after=AAAA",
        "/statement?before=2026-10-02",
        "/statement?before=yesterday",
        "/statement?month=1",
    ],
)
def test_what_no_page_offers_is_refused_in_words(lopez: httpx.Client, path: str) -> None:
    refused = lopez.get(path)
    assert refused.status_code == 400
    assert "This cannot be done" in refused.text


@pytest.mark.parametrize("path", ["/quality/loaded", "/changes/0", "/changes/x", "/changes/99", "/sharing/preview/r99"])
def test_what_is_not_there_is_not_found(lopez: httpx.Client, path: str) -> None:
    assert lopez.get(path).status_code == 404


def test_pages_ask_little_and_weigh_little(republished_exchange: DashboardExchange) -> None:
    said: list[str] = []
    with site(republished_exchange, create_app(republished_exchange.settings, said.append)) as client:
        sign_in(client, email(LOPEZ))
        client.get("/statement")
        for path in PAGES:
            said.clear()
            page = client.get(path)
            assert page.status_code == 200, path
            # who asks, and which state of the data is read, is asked for every page
            asked = [each for each in said if not re.search("dashboard.session|to_regclass|newest.as_of", each)]
            assert 1 <= len(asked) <= 6, (path, asked)
            assert len(page.content) < 150_000, path
            assert "style=" not in page.text, path


def test_an_operator_who_looks_at_nobody_is_sent_to_its_own_pages(republished_exchange: DashboardExchange) -> None:
    with site(republished_exchange) as client:
        sign_in(client, OPERATOR)
        for path in PAGES:
            assert client.get(path).headers.get("location") == "/admin", path
