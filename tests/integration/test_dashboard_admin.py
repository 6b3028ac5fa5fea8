"""Operators' pages: the same facts as the commands, for operators only."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape

import httpx
import pytest

from dashboard.pages.admin import OVERDUE_AFTER
from dashboard.pages.admin_frame import MENU
from exchange.cli.publication import OVERDUE_AFTER_DAYS
from exchange.warehouse import accounts
from exchange.warehouse.bootstrap import administrator
from tests.dashboard_exchange import (
    OPERATOR,
    PASSWORD,
    DashboardExchange,
    csrf_token,
    email,
    post,
    sign_in,
    site,
    sql_as,
)
from tests.servers import fresh_settings, running_warehouse

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]

PARTNER = "lopez_for_governor"


@pytest.fixture
def operator(dashboard_exchange: DashboardExchange) -> Iterator[httpx.Client]:
    with site(dashboard_exchange) as client:
        sign_in(client, OPERATOR)
        yield client


def rows(page: httpx.Response, caption: str) -> list[list[str]]:
    """The cells of the table with this caption, as text."""
    assert page.status_code == 200, page.text
    for table in re.findall(r"<table.*?</table>", page.text, re.DOTALL):
        if caption in table:
            body = table.partition("<tbody>")[2]
            return [
                [text(cell) for cell in re.findall(r"<t[hd][ >].*?</t[hd]>", row, re.DOTALL)]
                for row in re.findall(r"<tr>.*?</tr>", body, re.DOTALL)
            ]
    raise AssertionError(f"no table {caption!r}")


def text(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


def test_partners_people_see_none_of_it(dashboard_exchange: DashboardExchange) -> None:
    with site(dashboard_exchange) as client:
        sign_in(client, email("voter_voice"))
        for path, _ in (*MENU, ("/admin/publications/1", "")):
            refused = client.get(path)
            assert refused.status_code == 403, path
            assert "Only the people who run the exchange" in refused.text
        token = csrf_token(client.get("/"))
        for act in ("disable", "enable", "end-sessions"):
            assert client.post(f"/admin/people/{act}", data={"user_id": "1", "csrf_token": token}).status_code == 403
        assert "/admin" not in client.get("/").text


def test_partners_are_those_of_the_command(operator: httpx.Client, dashboard_exchange: DashboardExchange) -> None:
    told = {one["partner_name"]: one for one in json.loads(dashboard_exchange.command("partner", "list", "--json"))}
    shown = rows(operator.get("/admin"), "Partners by name")
    assert sorted(re.sub(r" \S+$", "", row[0]) for row in shown) == sorted(told)
    for row in shown:
        partner = told[re.sub(r" \S+$", "", row[0])]
        assert row[1].startswith("Open" if partner["is_active"] else "Not active")
        assert row[2] == partner["side"]
    assert OVERDUE_AFTER.days == OVERDUE_AFTER_DAYS


def test_who_owes_an_acknowledgement_is_told_as_the_command_tells(
    operator: httpx.Client, dashboard_exchange: DashboardExchange
) -> None:
    """Publications of the demo retract nothing yet, so two partners get a retraction of long ago."""
    with dashboard_exchange.connect_as_admin() as connection:
        connection.execute(
            """
            insert into published.publication (as_of, refresh_id, file_ids, changes)
            select as_of - interval '30 days', refresh_id, file_ids, '{}' from published.publication limit 1
            """
        )
        connection.execute(
            """
            insert into published.publication_partner
                (publication_id, partner_id, audience_id, changes_until, retracted)
            select (select max(publication_id) from published.publication), partner_id, audience_id, 2, 5
            from published.change_feed where partner_id in ('pa_party', 'nc_party')
            """
        )
        connection.execute(
            """
            insert into published.acknowledgement (role_name, began_with, publication_id, acknowledged_at)
            select role_name, began_with, 2, now() from published.change_feed where partner_id = 'nc_party'
            """
        )
    told = json.loads(dashboard_exchange.command("status", "--json"))["acknowledgements_overdue"]
    shown = [row for row in rows(operator.get("/admin"), "Partners by name") if "Overdue" in row[7]]
    assert told == ["pa_party"]
    assert [row[0].split()[-1] for row in shown] == told
    with dashboard_exchange.connect_as_admin() as connection:
        connection.execute("delete from published.publication_partner where publication_id > 1")
        connection.execute("delete from published.publication where publication_id > 1")


def test_a_suspended_partner_is_told_and_closed_for_operators_too(
    operator: httpx.Client, dashboard_exchange: DashboardExchange
) -> None:
    dashboard_exchange.command("partner", "suspend", "hale_for_house")
    try:
        (row,) = [row for row in rows(operator.get("/admin"), "Partners by name") if "hale_for_house" in row[0]]
        assert row[1].startswith("Suspended") and row[-1] == ""
        post(operator, "/admin/act-as", "/admin", partner_id="hale_for_house")
        assert operator.get("/coverage").status_code == 403
    finally:
        dashboard_exchange.command("partner", "suspend", "hale_for_house", "--resume")
        post(operator, "/admin/act-as", "/admin", partner_id="")


def test_people_are_disabled_let_in_again_and_signed_out(
    operator: httpx.Client, dashboard_exchange: DashboardExchange
) -> None:
    """Would have caught a disabled person whose open page goes on."""
    (user,) = sql_as(
        dashboard_exchange,
        "exchange_dashboard",
        "select user_id from accounts.user_account where email = %s",
        [email(PARTNER)],
    )
    user_id = str(user["user_id"])
    with site(dashboard_exchange) as person:
        sign_in(person, email(PARTNER))
        (row,) = rows(operator.get(f"/admin/people?partner={PARTNER}"), "Accounts")
        assert row[:3] == [email(PARTNER), "Yes", PARTNER] and row[4] == "1"

        assert post(operator, "/admin/people/end-sessions", "/admin/people", user_id=user_id).status_code == 303
        assert person.get("/").status_code == 303
        sign_in(person, email(PARTNER))

        post(operator, "/admin/people/disable", "/admin/people", user_id=user_id)
        assert person.get("/").status_code == 303
        (row,) = rows(operator.get(f"/admin/people?partner={PARTNER}"), "Accounts")
        assert row[1] == "Disabled"
        token = csrf_token(person.get("/sign-in"))
        refused = person.post("/sign-in", data={"email": email(PARTNER), "password": PASSWORD, "csrf_token": token})
        assert refused.status_code == 403

        post(operator, "/admin/people/enable", "/admin/people", user_id=user_id)
        sign_in(person, email(PARTNER))
    with dashboard_exchange.connect_as_admin() as connection:
        found = connection.execute(
            "select what, by_os_user, details ->> 'email' as who from ops.audit where what like 'account_%%' or"
            " what = 'sessions_ended' order by at"
        ).fetchall()
    assert [(row["what"], row["by_os_user"], row["who"]) for row in found] == [
        (what, OPERATOR, email(PARTNER)) for what in ("sessions_ended", "account_disabled", "account_enabled")
    ]


@pytest.mark.parametrize(
    ("act", "user_id", "status"),
    [
        ("disable", "own", 400),
        ("disable", "0", 404),
        ("disable", "9" * 30, 404),
        ("disable", "x", 400),
        ("delete", "1", 404),
    ],
)
def test_what_is_done_to_nobody(
    operator: httpx.Client, dashboard_exchange: DashboardExchange, act: str, user_id: str, status: int
) -> None:
    if user_id == "own":
        (user,) = sql_as(
            dashboard_exchange,
            "exchange_dashboard",
            "select user_id from accounts.user_account where email = %s",
            [OPERATOR],
        )
        user_id = str(user["user_id"])
    assert post(operator, f"/admin/people/{act}", "/admin/people", user_id=user_id).status_code == status
    assert operator.post(f"/admin/people/{act}", data={"user_id": user_id}).status_code == 403, "without the token"


def test_publications_are_those_of_the_command(operator: httpx.Client, dashboard_exchange: DashboardExchange) -> None:
    told = json.loads(dashboard_exchange.command("publication", "list", "--json"))["publications"]
    shown = rows(operator.get("/admin/publications"), "Publications, newest first")
    assert [(row[0], row[7], row[8], row[9]) for row in shown] == [
        (f"Publication {one['publication_id']}", f"{one['partners']:,}", f"{one['added']:,}", f"{one['removed']:,}")
        for one in told
    ]
    detail = json.loads(dashboard_exchange.command("publication", "show", "1", "--json"))
    views = {
        (view["partner_id"], view["relation"]): view for view in detail["views"] if view["added"] or view["removed"]
    }
    shown = rows(operator.get("/admin/publications/1"), "Rows added and removed")
    names = {
        one["partner_id"]: one["partner_name"]
        for one in json.loads(dashboard_exchange.command("partner", "list", "--json"))
    }
    for (partner_id, relation), view in views.items():
        assert [
            names[partner_id],
            relation,
            f"{view['added']:,}",
            f"{view['removed']:,}",
            f"{view['row_count']:,}",
        ] in shown
    assert operator.get("/admin/publications/99").status_code == 404
    assert operator.get(f"/admin/publications/{'9' * 30}").status_code == 404
    assert operator.get("/admin/publications?after=forged").status_code == 400


def test_feeds_and_refused_files(operator: httpx.Client, dashboard_exchange: DashboardExchange) -> None:
    feeds = {feed["feed_id"]: feed for feed in json.loads(dashboard_exchange.command("status", "--json"))["feeds"]}
    page = operator.get("/admin/files")
    assert "No file is refused" in page.text
    shown = {row[0].split()[0]: row for row in rows(page, "Feeds, late ones first")}
    assert set(shown) == set(feeds)
    for feed_id, feed in feeds.items():
        assert shown[feed_id][4:6] == [f"{feed['records']:,}", f"{feed['rejected']:,}"], feed_id
        assert shown[feed_id][-1] == "0"


def test_the_queue_says_what_to_do(operator: httpx.Client, dashboard_exchange: DashboardExchange) -> None:
    with dashboard_exchange.connect_as_admin() as connection:
        waiting = connection.execute("select identity_key from ops.ops_match_review_queue order by queue_position")
        keys = [row["identity_key"] for row in waiting]
    page = operator.get("/admin/review")
    if keys:
        assert [row[0] for row in rows(page, "the likeliest first")] == keys[:50]
        assert "exchange review import" in page.text
    else:
        assert "Nobody waits" in page.text


def test_exports_are_told_in_words(operator: httpx.Client, dashboard_exchange: DashboardExchange) -> None:
    assert "Nobody has taken anything out yet" in operator.get("/admin/exports").text
    with dashboard_exchange.connect_as_admin() as connection:
        connection.execute(
            """
            insert into dashboard.universe (partner_id, name, kind, filter)
            values ('pa_party', 'Volunteers', 'dynamic', 'office=governor&support=1')
            """
        )
        connection.execute(
            """
            insert into dashboard.export
                (begun_at, user_id, email, partner_id, kind, what, filter, purpose, counted, rows_sent, outcome)
            select
                '2026-10-01'::timestamptz + day * interval '1 day', 1, 'a@b.example', partner_id, kind, 'voters',
                filter, 'letters', 7, 6, case when day < 60 then 'complete' end
            from generate_series(1, 60) as day
            cross join (
                values
                    ('pa_party', 'csv', 'office=governor&support=1&mail=0&not=99&in=1&sort=name'),
                    ('nc_party', 'own_rows', 'file=wrong.csv')
            ) as one (partner_id, kind, filter)
            """
        )
    try:
        page = operator.get("/admin/exports?partner=pa_party&since=2026-10-30")
        shown = rows(page, "Exports, newest first")
        assert len(shown) == 32 and shown[0][1] == "Not ended" and shown[1][1] == "Complete"
        assert "Support · Governor: Strong support" in shown[0][4] and "Not asked" in shown[0][4]
        assert "deleted (number 99)" in shown[0][4] and "In: “Volunteers”" in shown[0][4]
        assert shown[0][5:7] == ["6", "7"]
        # every one of them once, page after page
        seen, href = [], "/admin/exports"
        while href:
            page = operator.get(href)
            seen += [(row[0], row[2]) for row in rows(page, "Exports, newest first")]
            following = re.search(r'href="([^"]+)" rel="next"', page.text)
            href = unescape(following[1]) if following else ""
        assert len(seen) == len(set(seen)) == 120
        assert "File: wrong.csv" in operator.get("/admin/exports?partner=nc_party").text
        assert operator.get("/admin/exports?since=soon").status_code == 400
        assert operator.get("/admin/exports?partner=nobody").status_code == 404
        assert "Nothing was taken out then" in operator.get("/admin/exports?until=2026-01-01").text
    finally:
        with dashboard_exchange.connect_as_admin() as connection:
            connection.execute("delete from dashboard.export")


def test_before_the_first_refresh_every_page_says_so(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Would have caught a new exchange whose first page is an error."""
    settings = fresh_settings(tmp_path_factory.mktemp("new"))
    with running_warehouse(settings):
        exchange = DashboardExchange(settings.home)
        with administrator(settings) as connection:
            accounts.add_account(connection, OPERATOR, None, PASSWORD)
            accounts.add_account(connection, email(PARTNER), PARTNER, PASSWORD)
        with site(exchange) as client:
            sign_in(client, OPERATOR)
            for path, _ in MENU:
                page = client.get(path)
                assert page.status_code == 200, path
            assert "Nothing has been refreshed yet" in client.get("/admin").text
        with site(exchange) as client:
            sign_in(client, email(PARTNER))
            for path in ("/", "/voters", "/coverage", "/quality", "/sharing", "/changes", "/statement", "/universes"):
                page = client.get(path)
                assert page.status_code == 503, path
                assert "Nothing is published for you yet" in page.text
