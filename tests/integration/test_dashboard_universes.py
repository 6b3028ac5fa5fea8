"""Saved universes against the database: what they mean today, put together as sets, and whose they are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import urlencode

import httpx
import pytest

from dashboard.explorer import saving, universes
from dashboard.pages import universes as page_of_universes
from tests.dashboard_exchange import OPERATOR, DashboardExchange, csrf_token, email, post, sign_in, site, sql_as

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]

PARTNER, OTHER = "pa_party", "lopez_for_governor"
NOT_VOTED = "(ballot_status is null or ballot_status not in ('returned', 'accepted', 'voted_in_person'))"
SUPPORTERS = "office=governor&support=1&support=2"
DISTRUSTING = "office=governor&postal=3"


@pytest.fixture
def client(dashboard_exchange: DashboardExchange) -> Iterator[httpx.Client]:
    with site(dashboard_exchange) as made:
        sign_in(made, email(PARTNER))
        yield made
        with dashboard_exchange.connect_as_admin() as admin:
            admin.execute("delete from dashboard.universe")


def saved(client: httpx.Client, name: str, query: str, kind: str = "dynamic") -> int:
    """Save a universe as the page of voters does; its number."""
    answer = post(client, "/universes", "/universes", name=name, kind=kind, filter=query)
    assert answer.status_code == 303, answer.text
    found = re.search(r"[?&]in=(\d+)", answer.headers["Location"])
    assert found
    return int(found[1])


def total(client: httpx.Client, query: str) -> int:
    """How many match, as the page of voters says."""
    answer = client.get(f"/voters?{query}")
    assert answer.status_code == 200, answer.text
    found = re.search(r"<strong>([\d,]+)</strong> voters? match", unescape(answer.text))
    assert found, answer.text
    return int(found[1].replace(",", ""))


def counted(exchange: DashboardExchange, where: str, partner: str = PARTNER) -> int:
    return int(sql_as(exchange, partner, f"select count(*) as n from voters where {where}")[0]["n"])


def texts(answer: httpx.Response) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", answer.text)).split())


def test_a_rule_is_counted_anew_and_a_list_stays(dashboard_exchange: DashboardExchange, client: httpx.Client) -> None:
    """The numbers of people whom nobody has asked yet change with every refresh; a list that was promised may not."""
    rule = saved(client, "Supporters", SUPPORTERS)
    fixed = saved(client, "Supporters of today", SUPPORTERS, "frozen")
    before = counted(dashboard_exchange, f"support_governor in (1, 2) and {NOT_VOTED}")
    assert total(client, f"office=governor&in={rule}") == total(client, f"office=governor&in={fixed}") == before > 20
    audience = _audience(dashboard_exchange, PARTNER)
    with dashboard_exchange.connect_as_admin() as admin:
        taken = admin.execute(
            f"update published.explorer_{audience} set support_governor = 5 where person_id in"
            f" (select person_id from published.explorer_{audience} where support_governor in (1, 2) and {NOT_VOTED}"
            " order by person_id limit 7)"
        )
        assert taken.rowcount == 7
        # as a publication would
        admin.execute(
            "update published.audience_change set publication_count = publication_count + 1 where audience_id = %s",
            [_audience_id(dashboard_exchange, PARTNER)],
        )
    assert total(client, f"office=governor&in={rule}") == before - 7
    assert total(client, f"office=governor&in={fixed}") == before
    listed = texts(client.get("/universes"))
    assert f"Supporters Rule {before - 7} {before} " in listed
    assert f"Supporters of today Fixed list {before} {before} " in listed


def _audience_id(exchange: DashboardExchange, partner: str) -> int:
    with exchange.connect_as_admin() as admin:
        row = admin.execute("select audience_id from published.door where partner_id = %s", [partner]).fetchone()
    assert row
    return int(row["audience_id"])


def _audience(exchange: DashboardExchange, partner: str) -> str:
    """The suffix of the audience's own relations, from the partner's view."""
    with exchange.connect_as_admin() as admin:
        text = admin.execute(
            "select pg_get_viewdef(%s::regclass) as text", [f"{exchange.roles[partner]}.explorer"]
        ).fetchone()
    assert text
    found = re.search(r"explorer_(\w+)", text["text"])
    assert found
    return found[1]
