"""Changes and Statement: what they count is what the partner's role reads, and only the partner itself acknowledges."""

from __future__ import annotations

import re
from collections import Counter
from html import unescape
from typing import Any

import pytest

from dashboard.rendering import day
from tests.dashboard_exchange import DashboardExchange, csrf_token, email, post, sign_in, site, sql_as
from tests.dashboard_partner_pages import LOPEZ, PARTY, look_at, number, row_of, seen

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]


def test_every_publication_is_counted_as_the_feed_tells(republished_exchange: DashboardExchange) -> None:
    for partner in (PARTY, LOPEZ):
        told = sql_as(
            republished_exchange,
            partner,
            "select publication_id, relation, change, count(*) as n from changes group by 1, 2, 3",
        )
        # answers of another partner were added, corrected and taken back
        assert {row["change"] for row in told if row["relation"] == "voter_responses"} >= {"changed", "retracted"}
        with site(republished_exchange) as client:
            sign_in(client, email(partner))
            page = client.get("/changes")
            for row in told:
                link = f"/changes/{row['publication_id']}?relation={row['relation']}&change={row['change']}"
                shown = re.findall(rf'<a href="{re.escape(link).replace("&", "&amp;")}"[^>]*>(.*?)</a>', page.text)
                assert shown == [f"{row['n']:,} {row['change']}"]
                rows = client.get(link)
                assert f'<h2 id="rows-title">{row["n"]:,} row' in rows.text
                assert rows.text.count("<tr>") - 1 == min(row["n"], 50)


def test_the_rows_of_a_publication_page_by_page(republished_exchange: DashboardExchange) -> None:
    with site(republished_exchange) as client:
        sign_in(client, email(PARTY))
        persons: list[str] = []
        [total] = sql_as(
            republished_exchange, PARTY, "select max(publication_id) as number, count(*) as n from changes"
        )
        path = f"/changes/{total['number']}"
        while path:
            page = client.get(path)
            persons += re.findall(r'<th scope="row" class="primary">(.*?)</th>', page.text)
            following = re.findall(r'<a class="[^"]*" href="([^"]+)" rel="next">', page.text)
            path = unescape(following[0]) if following else ""
    wanted = sql_as(
        republished_exchange, PARTY, "select person_id from changes where publication_id = %s", [total["number"]]
    )
    assert sorted(persons) == sorted(row["person_id"] for row in wanted)


def test_a_changed_row_is_told_as_it_reads_now(republished_exchange: DashboardExchange) -> None:
    """A retracted one has nothing to read, also where the person has other answers."""
    now = sql_as(
        republished_exchange,
        PARTY,
        "select changes.person_id, changes.change, answers.answer_label, answers.responded_from from changes left join"
        " voter_responses as answers on changes.person_id = answers.person_id and changes.record_key = concat_ws('|',"
        " question_code, coalesce(contest_id, ''), coalesce(candidate_id, '')) where relation = 'voter_responses'"
        " order by changes.person_id, record_key limit 50",
    )
    assert {row["answer_label"] is None for row in now if row["change"] == "retracted"} == {True}
    with site(republished_exchange) as client:
        sign_in(client, email(PARTY))
        page = client.get("/changes/2?relation=voter_responses")
    shown = re.findall(
        r'class="primary">(.*?)</th>.*?data-label="Reads now">(.*?)</td>\s*<td data-label="Date">(.*?)</td>',
        page.text,
        re.DOTALL,
    )
    assert Counter(shown) == Counter(
        (row["person_id"], row["answer_label"] or "–", day(row["responded_from"])) for row in now
    )


def test_a_publication_of_another_feed_is_not_there(republished_exchange: DashboardExchange) -> None:
    with site(republished_exchange) as client:
        sign_in(client, email("carolina_doors"))
        [told] = sql_as(republished_exchange, "carolina_doors", "select count(*) as n from changes")
        assert told["n"] == 0
        assert "No changes yet" in seen(client.get("/changes"))
        assert client.get("/changes/2").status_code == 404


def test_acknowledging_is_the_partners_own_word(republished_exchange: DashboardExchange) -> None:
    [feed] = sql_as(
        republished_exchange,
        PARTY,
        "select max(publication_id) as newest, count(*) filter (where change = 'retracted') as n from changes",
    )
    with site(republished_exchange) as operator:
        look_at(operator, PARTY)
        page = operator.get("/changes")
        assert f"{feed['n']:,} retracted row" in seen(page)
        assert "/changes/acknowledge" not in page.text
        fields = {"publication_id": str(feed["newest"]), "csrf_token": csrf_token(page)}
        assert operator.post("/changes/acknowledge", data=fields).status_code == 403
    with site(republished_exchange) as client:
        sign_in(client, email(PARTY))
        assert f"{feed['n']:,} retracted row" in seen(client.get("/changes"))
        for wrong in ("0", "", "x", "-1", str(feed["newest"] + 1), "99999999999"):
            assert post(client, "/changes/acknowledge", "/changes", publication_id=wrong).status_code == 400, wrong
        assert client.post("/changes/acknowledge", data={"publication_id": "1"}).status_code == 403
        assert acknowledged(republished_exchange) == []
        done = post(client, "/changes/acknowledge", "/changes", publication_id=str(feed["newest"]))
        assert (done.status_code, done.headers["location"]) == (303, "/changes?done=acknowledged")
        page = client.get(done.headers["location"])
        assert "Nothing to delete" in seen(page)
        assert f"You acknowledged up to publication {feed['newest']}" in seen(page)
    assert acknowledged(republished_exchange) == [(republished_exchange.roles[PARTY], feed["newest"])]


def acknowledged(exchange: DashboardExchange) -> list[tuple[str, int]]:
    rows = sql_as(exchange, "exchange_dashboard", "select role_name, publication_id from published.acknowledgement")
    return [(row["role_name"], row["publication_id"]) for row in rows]


@pytest.mark.parametrize("partner", [LOPEZ, "civic_data_fund", "voter_voice"])
def test_the_statement_is_the_sum_of_the_view(republished_exchange: DashboardExchange, partner: str) -> None:
    columns = "sum(gave) as gave, sum(offered) as offered, sum(received) as received, sum(credits) as credits"
    [total] = sql_as(republished_exchange, partner, f"select {columns} from my_statement")
    months = sql_as(
        republished_exchange, partner, f"select month_on, {columns} from my_statement group by 1 order by 1 desc"
    )
    assert months
    with site(republished_exchange) as client:
        sign_in(client, email(partner))
        page = client.get("/statement")
        assert row_of(page, "All questions")[1:] == amounts(total)
        for month in months[:12]:
            assert row_of(page, f"{month['month_on']:%B %Y}")[2:] == amounts(month)


def amounts(row: dict[str, Any]) -> list[str]:
    return [*(number(int(row[name])) for name in ("gave", "offered", "received")), f"{row['credits']:,.2f}"]
