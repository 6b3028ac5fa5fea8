"""One process serves every partner: what it keeps for one must not reach, or break, the page of the next."""

from __future__ import annotations

import re

import pytest

from tests.dashboard_exchange import DashboardExchange, email, sign_in, site, sql_as

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]

# a name, a whole address, bare ids: three shapes of the same views, in other states
PARTNERS = ("lopez_for_governor", "reyes_for_congress", "okafor_for_senate", "civic_data_fund")


def test_partners_whose_views_differ_take_turns(dashboard_exchange: DashboardExchange) -> None:
    """Would have caught statements that psycopg prepares at the sixth time for whoever comes next: error 500."""
    expected = {}
    for partner in PARTNERS:
        [row] = sql_as(
            dashboard_exchange,
            partner,
            """
            select
                count(*) filter (
                    where coalesce(ballot_status, '') not in ('returned', 'accepted', 'voted_in_person')
                ) as people,
                (select min(person_id) from explorer) as somebody
            from explorer
            """,
        )
        expected[partner] = row
    with site(dashboard_exchange) as client:
        cookies = {}
        for partner in PARTNERS:
            sign_in(client, email(partner))
            cookies[partner] = dict(client.cookies)
            client.cookies.clear()
        for turn in range(12):
            for partner in PARTNERS:
                client.cookies.update(cookies[partner])
                for path in ("/", "/voters?sort=person", "/coverage", "/quality", "/changes", "/statement"):
                    answer = client.get(path)
                    assert answer.status_code == 200, (turn, partner, path)
                    if path.startswith("/voters"):
                        told = re.search(r"<strong>([\d,]+)</strong>", answer.text)
                        assert told and int(told[1].replace(",", "")) == expected[partner]["people"], (turn, partner)
                        assert f">{expected[partner]['somebody']}<" in answer.text, (turn, partner)
                client.cookies.clear()
