"""For tests of a partner's pages about itself: an exchange that published twice, who looks, and what a page says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import anyio
import httpx
import pytest

from dashboard.app import create_app
from dashboard.viewer import Viewer
from exchange.audit.registry import audit_registry
from exchange.publishing.publish import publish
from tests.dashboard_exchange import AS_OF, OPERATOR, DashboardExchange, email, post, sign_in, site

# delivers plain files, a refused one too; shares with the two others by name and day
REYES = "reyes_for_congress"
LOPEZ = "lopez_for_governor"
PARTY = "pa_party"
REFUSED = {
    "file_name": "contacts_shoes.csv",
    "problem": "Column shoe_size is neither mapped nor ignored (line 1)",
    "what_to_do": "Rename it to a column of the format, or have it listed as ignored.",
}
SHORTER = (
    "You share answers about support for a candidate for governor of voters in PA with every independent partner,"
    " without the contributor's name, dated to the month, 14 days after the contact."
)
WITHHELD = "You do not share answers about comfort with voting by mail with every independent partner."


@pytest.fixture(scope="module")
def republished_exchange(dashboard_exchange: DashboardExchange) -> DashboardExchange:
    """After a second publication: a refused file, answers corrected and taken back, a rule changed and one more.

    Made of what dbt would have made of it: a refresh takes minutes.
    """
    with dashboard_exchange.connect_as_admin() as admin:
        audience = {
            row["partner_id"]: row["audience_id"]
            for row in admin.execute("select partner_id, audience_id from sharing.audiences").fetchall()
        }
        admin.execute(
            "insert into sharing.my_files (audience_id, feed_id, status, received_at, file_name, problem, what_to_do)"
            " values (%s, 'reyes_contacts', 'refused', %s, %s, %s, %s)",
            [audience[REYES], AS_OF, *REFUSED.values()],
        )
        reads = [audience[PARTY], audience[LOPEZ]]
        for divisor, change in ((7, "delete from"), (5, "update")):
            values = "set answer_code = answer_code %% 2 + 1" if change == "update" else ""
            admin.execute(
                f"{change} sharing.voter_responses {values} where audience_id = any(%s) and contributor = %s"
                f" and voter_id %% {divisor} = 0",
                [reads, REYES],
            )
        admin.execute("update registry.sharing_rules set embargo_days = 14 where rule_id = 'r10'")
        admin.execute(
            "insert into registry.sharing_rules values ('r19', 'withhold', %s, 'group:independent', 'responses',"
            " 'vote_by_mail_comfort', '*', '*', '*', 0, 'blind', 'two_months', '2026-01-15', null, 'A promise')",
            [LOPEZ],
        )
        admin.execute(
            "update sharing.sharing_terms set term = %s where audience_id = %s and rule_id = 'r10'",
            [SHORTER, audience[LOPEZ]],
        )
        admin.execute(
            "insert into sharing.sharing_terms values (%s, 'i_share', 'r19', %s, '2026-01-15', null, 'A promise')",
            [audience[LOPEZ], WITHHELD],
        )
        assert audit_registry(admin)
    assert publish(dashboard_exchange.settings).publication_id == 2
    return dashboard_exchange


@pytest.fixture
def lopez(republished_exchange: DashboardExchange) -> Iterator[httpx.Client]:
    """A browser in which the person of LOPEZ is signed in."""
    with site(republished_exchange) as client:
        sign_in(client, email(LOPEZ))
        yield client


def look_at(operator: httpx.Client, partner: str) -> None:
    """Sign in as the operator and choose the partner whose pages to see."""
    sign_in(operator, OPERATOR)
    assert post(operator, "/admin/act-as", "/admin", partner_id=partner).status_code == 303


def run_in_app(exchange: DashboardExchange, partner: str, work: Any) -> None:
    """work(database, viewer), within a running application."""

    async def within() -> None:
        app = create_app(exchange.settings)
        async with app.router.lifespan_context(app):
            viewer = Viewer(0, "", partner, partner, exchange.roles[partner], False)
            await work(app.state.database, viewer)

    anyio.run(within)


def seen(page: httpx.Response) -> str:
    """The page as one line of text."""
    assert page.status_code == 200, page.text
    without_menus = re.sub(r"<(script|svg|select)\b.*?</\1>", " ", page.text, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", without_menus)).split())


def row_of(page: httpx.Response, head: str) -> list[str]:
    """The cells of the table row that begins with this text."""
    for row in re.findall(r"<tr>.*?</tr>", page.text, re.DOTALL):
        cells = [
            " ".join(unescape(re.sub(r"<[^>]*>", " ", cell)).split())
            for cell in re.findall(r"<t[hd][ >].*?</t[hd]>", row, re.DOTALL)
        ]
        if cells and cells[0].startswith(head):
            return cells
    raise AssertionError(f"no row {head!r}")


def number(value: Any) -> str:
    """As pages write it."""
    return f"{value:,}"
