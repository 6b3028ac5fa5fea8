"""Files & quality, Changes, Statement, Sharing: what they say is what the partner's role reads, and of nobody else."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from html import unescape
from typing import Any
from urllib.parse import quote

import anyio
import httpx
import pytest
from psycopg import sql

from dashboard.app import create_app
from dashboard.cache import Cache
from dashboard.database import Database, Reader
from dashboard.explorer.people import Cursors
from dashboard.keyset import Place, Rows, Sorting, read_page
from dashboard.own_files import FILES, KIND_OF_PROBLEM, NEWEST_FIRST, WORST
from dashboard.own_rows import IN_FILE_ORDER, TABLES
from dashboard.own_rows_download import safe_cell
from dashboard.rendering import day
from dashboard.sharing_preview import window
from dashboard.sharing_rules import history, in_words, partner_names, rules_now
from dashboard.viewer import Viewer
from dashboard.vocabulary import vocabulary
from exchange.audit.registry import audit_registry
from exchange.publishing.publish import publish
from exchange.warehouse.bootstrap import bootstrap
from tests.dashboard_exchange import (
    AS_OF,
    OPERATOR,
    DashboardExchange,
    csrf_token,
    email,
    post,
    sign_in,
    site,
    sql_as,
)

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]

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
def exchange(dashboard_exchange: DashboardExchange) -> DashboardExchange:
    """After a second publication: a refused file, answers corrected and taken back, a rule changed and one more.

    Made of what dbt would have made of it: a refresh takes minutes.
    """
    bootstrap(dashboard_exchange.settings)
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
def reyes(exchange: DashboardExchange) -> Iterator[httpx.Client]:
    with site(exchange) as client:
        sign_in(client, email(REYES))
        yield client


@pytest.fixture
def lopez(exchange: DashboardExchange) -> Iterator[httpx.Client]:
    with site(exchange) as client:
        sign_in(client, email(LOPEZ))
        yield client


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


def bars(page: httpx.Response, label: str) -> dict[str, int]:
    """A distribution: label -> value."""
    [drawn] = re.findall(rf'<ul class="bars[^"]*" aria-label="{label}">(.*?)</ul>', page.text, re.DOTALL)
    found = re.findall(r'class="bars-label">(.*?)</span>.*?class="bars-value">(.*?)</span>', drawn, re.DOTALL)
    return {unescape(re.sub(r"<[^>]*>", "", name)): int(re.sub(r"<[^>]*>|,", "", value)) for name, value in found}


def number(value: Any) -> str:
    return f"{value:,}"


# ---------------------------------------------------------------- files & quality


def test_a_newcomer_finds_the_refused_file_and_why_by_clicking(
    reyes: httpx.Client, exchange: DashboardExchange
) -> None:
    overview = reyes.get("/")
    [link] = re.findall(r'<a href="([^"]+)"[^>]*>Files &amp; quality</a>', overview.text)
    page = reyes.get(link)
    assert row_of(page, REFUSED["file_name"])[:3] == list(REFUSED.values())
    # before anything else
    text = seen(page)
    assert text.index("1 file was refused") < text.index(REFUSED["problem"]) < text.index("All records together")


@pytest.mark.parametrize("partner", [REYES, LOPEZ, "carolina_doors"])
def test_the_scorecard_is_the_sum_of_the_files(exchange: DashboardExchange, partner: str) -> None:
    with site(exchange) as client:
        sign_in(client, email(partner))
        page = client.get("/quality")
    [total] = sql_as(
        exchange,
        partner,
        "select sum(records) as records, sum(matched) as matched, sum(unmatched) as unmatched, sum(superseded)"
        " as replaced, sum(retracted) as retracted, sum(quarantined) as quarantined, sum(rejected) as rejected"
        " from my_files where status = 'loaded'",
    )
    assert f"Records received {number(total['records'])} " in seen(page)
    shown = bars(page, "Where the records are")
    assert shown == {
        "Matched": total["matched"],
        "Unmatched": total["unmatched"],
        "Replaced": total["replaced"],
        "Left out later": total["retracted"],
        "Not understood": total["quarantined"],
        "Rejected": total["rejected"],
    }
    # every record is in exactly one place
    assert sum(shown.values()) == total["records"]
    for feed in sql_as(
        exchange,
        partner,
        "select feed_id, count(*) as files, sum(records) as records from my_files where status = 'loaded' group by 1",
    ):
        cells = row_of(page, feed["feed_id"])
        assert cells[2:4] == [number(feed["files"]), number(feed["records"])]


def test_kinds_of_problems_have_the_rows_of_the_views(exchange: DashboardExchange, lopez: httpx.Client) -> None:
    page = lopez.get("/quality")
    worst = page.text[page.text.index("What costs you the most rows") :]
    links = re.findall(r'<a href="(/quality/(rejected|quarantined)\?reason=[^"]+)">', worst)
    kinds = sum(
        sql_as(exchange, LOPEZ, f"select count(distinct {KIND_OF_PROBLEM}) as n from my_{table}_rows")[0]["n"]
        for table in TABLES
    )
    assert len(links) == min(kinds, WORST) > 2
    for link, table in links:
        [found] = re.findall(r'<h2 id="rows-title">(\S+) rows? of (\S+)</h2>', lopez.get(unescape(link)).text)
        kind = httpx.URL(unescape(link)).params["reason"]
        query = f"select count(*) as n, count(*) filter (where {KIND_OF_PROBLEM} = %s) as m from my_{table}_rows"
        [counted] = sql_as(exchange, LOPEZ, query, [kind])
        assert found == (number(counted["m"]), number(counted["n"]))
        assert counted["m"] > 0


@pytest.mark.parametrize("table", ["rejected", "quarantined"])
def test_rows_are_narrowed_by_feed_file_and_reason(
    exchange: DashboardExchange, lopez: httpx.Client, table: str
) -> None:
    everything = sql_as(exchange, LOPEZ, f"select *, {KIND_OF_PROBLEM} as kind from my_{table}_rows")
    one = everything[0]
    chosen = {"feed": one["feed_id"], "file": one["file_name"], "reason": one["kind"]}
    columns = {"feed": "feed_id", "file": "file_name", "reason": "kind"}
    for names in (["feed"], ["file"], ["reason"], ["feed", "reason"], ["feed", "file", "reason"]):
        filters = {name: chosen[name] for name in names}
        wanted = [row for row in everything if all(row[columns[name]] == chosen[name] for name in names)]
        page = lopez.get(f"/quality/{table}", params=filters)
        assert f'<h2 id="rows-title">{len(wanted)} row' in page.text
        for row in wanted[:50]:
            assert f"{row['file_name']}, line {row['line_number']:,}" in seen(page)
            assert row["reason"] in seen(page)


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


def test_another_file_of_the_partner_is_no_filter_of_this_one(exchange: DashboardExchange, reyes: httpx.Client) -> None:
    [row] = sql_as(exchange, LOPEZ, "select feed_id, file_name from my_rejected_rows limit 1")
    assert reyes.get("/quality/rejected", params={"feed": row["feed_id"]}).status_code == 400
    assert reyes.get("/quality/rejected", params={"file": row["file_name"]}).status_code == 400


def test_pages_of_rows_are_one_list_in_both_directions(exchange: DashboardExchange) -> None:
    """Would have caught rows lost or told twice where a page ends among equals."""
    listings = (
        (FILES, NEWEST_FIRST, "my_files"),
        (TABLES["quarantined"].rows, IN_FILE_ORDER, "my_quarantined_rows"),
    )

    async def read(database: Database, viewer: Viewer) -> None:
        for source, sorting, view in listings:
            async with database.as_partner(viewer) as reader:
                everything = await reader.rows(sql.SQL("select count(*) as n from {}").format(sql.Identifier(view)))
                there, back = await _walk(reader, source, sorting)
                assert len(there) == everything[0]["n"] > 3
                assert there == back

    _run(exchange, LOPEZ, read)


async def _walk(reader: Reader, source: sql.Composable, sorting: Sorting) -> tuple[list[str], list[str]]:
    """All rows page by page of three, and the same from the end."""
    cursors = Cursors(b"secret", "test")

    async def page(at: str | None, is_backwards: bool) -> Rows:
        values = None if at is None else json.loads(cursors.read(at))
        return await read_page(reader, source, [], sorting, Place(cursors, values, is_backwards), 3)

    found = await page(None, False)
    there = [found]
    while found.after:
        there.append(found := await page(found.after, False))
    back = [found]
    while found.before:
        back.insert(0, found := await page(found.before, True))
    return [str(row) for each in there for row in each.rows], [str(row) for each in back for row in each.rows]


def test_the_download_holds_what_is_chosen_and_is_in_the_log(exchange: DashboardExchange, lopez: httpx.Client) -> None:
    [one] = sql_as(
        exchange, LOPEZ, "select feed_id, count(*) as n from my_rejected_rows group by 1 order by 2 desc limit 1"
    )
    path = f"/quality/rejected?feed={quote(one['feed_id'])}"
    answer = post(lopez, "/quality/download", path, table="rejected", feed=one["feed_id"])
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["cache-control"] == "no-store"
    lines = list(csv.reader(io.StringIO(answer.content.decode())))
    assert lines[0] == ["feed_id", "file_name", "line_number", "reason", "what_to_do", "line_text"]
    wanted = sql_as(exchange, LOPEZ, "select * from my_rejected_rows where feed_id = %s", [one["feed_id"]])
    assert Counter(map(tuple, lines[1:])) == Counter(tuple(safe_cell(row[name]) for name in lines[0]) for row in wanted)
    [logged] = sql_as(
        exchange, "exchange_dashboard", "select * from dashboard.export where kind = 'own_rows' order by begun_at"
    )
    assert (logged["email"], logged["partner_id"], logged["what"]) == (email(LOPEZ), LOPEZ, "my_rejected_rows")
    assert (logged["filter"], logged["outcome"]) == (f"feed={one['feed_id']}", "complete")
    assert logged["counted"] == logged["rows_sent"] == one["n"]
    assert logged["sha256"] is not None
    assert logged["as_of"] == AS_OF


def test_no_download_without_a_page_of_ours_nor_for_operators(exchange: DashboardExchange, lopez: httpx.Client) -> None:
    assert lopez.post("/quality/download", data={"table": "rejected"}).status_code == 403
    assert lopez.get("/quality/download").status_code in (404, 405)
    assert post(lopez, "/quality/download", "/quality/rejected", table="voters").status_code == 404
    assert post(lopez, "/quality/download", "/quality/rejected", table="rejected", feed="nobodys").status_code == 400
    with site(exchange) as operator:
        look_at(operator, LOPEZ)
        page = operator.get("/quality/rejected")
        assert "Download" not in seen(page)
        token = csrf_token(page)
        refused = operator.post("/quality/download", data={"table": "rejected", "csrf_token": token})
        assert refused.status_code == 403


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@a", "\t=1", "\r=1"])
def test_no_cell_is_a_formula(text: str) -> None:
    assert safe_cell(text) == f"'{text}"
    assert safe_cell(f"a{text}") == f"a{text}"


def look_at(operator: httpx.Client, partner: str) -> None:
    sign_in(operator, OPERATOR)
    assert post(operator, "/admin/act-as", "/admin", partner_id=partner).status_code == 303


# ---------------------------------------------------------------- changes


def test_every_publication_is_counted_as_the_feed_tells(exchange: DashboardExchange) -> None:
    for partner in (PARTY, LOPEZ):
        told = sql_as(
            exchange,
            partner,
            "select publication_id, relation, change, count(*) as n from changes group by 1, 2, 3",
        )
        # answers of another partner were added, corrected and taken back
        assert {row["change"] for row in told if row["relation"] == "voter_responses"} >= {"changed", "retracted"}
        with site(exchange) as client:
            sign_in(client, email(partner))
            page = client.get("/changes")
            for row in told:
                link = f"/changes/{row['publication_id']}?relation={row['relation']}&change={row['change']}"
                shown = re.findall(rf'<a href="{re.escape(link).replace("&", "&amp;")}"[^>]*>(.*?)</a>', page.text)
                assert shown == [f"{row['n']:,} {row['change']}"]
                rows = client.get(link)
                assert f'<h2 id="rows-title">{row["n"]:,} row' in rows.text
                assert rows.text.count("<tr>") - 1 == min(row["n"], 50)


def test_the_rows_of_a_publication_page_by_page(exchange: DashboardExchange) -> None:
    with site(exchange) as client:
        sign_in(client, email(PARTY))
        persons: list[str] = []
        [total] = sql_as(exchange, PARTY, "select max(publication_id) as number, count(*) as n from changes")
        path = f"/changes/{total['number']}"
        while path:
            page = client.get(path)
            persons += re.findall(r'<th scope="row" class="primary">(.*?)</th>', page.text)
            following = re.findall(r'<a class="[^"]*" href="([^"]+)" rel="next">', page.text)
            path = unescape(following[0]) if following else ""
    wanted = sql_as(exchange, PARTY, "select person_id from changes where publication_id = %s", [total["number"]])
    assert sorted(persons) == sorted(row["person_id"] for row in wanted)


def test_a_changed_row_is_told_as_it_reads_now(exchange: DashboardExchange) -> None:
    """A retracted one has nothing to read, also where the person has other answers."""
    now = sql_as(
        exchange,
        PARTY,
        "select changes.person_id, changes.change, answers.answer_label, answers.responded_from from changes left join"
        " voter_responses as answers on changes.person_id = answers.person_id and changes.record_key = concat_ws('|',"
        " question_code, coalesce(contest_id, ''), coalesce(candidate_id, '')) where relation = 'voter_responses'"
        " order by changes.person_id, record_key limit 50",
    )
    assert {row["answer_label"] is None for row in now if row["change"] == "retracted"} == {True}
    with site(exchange) as client:
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


def test_a_publication_of_another_feed_is_not_there(exchange: DashboardExchange) -> None:
    with site(exchange) as client:
        sign_in(client, email("carolina_doors"))
        [told] = sql_as(exchange, "carolina_doors", "select count(*) as n from changes")
        assert told["n"] == 0
        assert "No changes yet" in seen(client.get("/changes"))
        assert client.get("/changes/2").status_code == 404


def test_acknowledging_is_the_partners_own_word(exchange: DashboardExchange) -> None:
    [feed] = sql_as(
        exchange,
        PARTY,
        "select max(publication_id) as newest, count(*) filter (where change = 'retracted') as n from changes",
    )
    with site(exchange) as operator:
        look_at(operator, PARTY)
        page = operator.get("/changes")
        assert f"{feed['n']:,} retracted row" in seen(page)
        assert "/changes/acknowledge" not in page.text
        fields = {"publication_id": str(feed["newest"]), "csrf_token": csrf_token(page)}
        assert operator.post("/changes/acknowledge", data=fields).status_code == 403
    with site(exchange) as client:
        sign_in(client, email(PARTY))
        assert f"{feed['n']:,} retracted row" in seen(client.get("/changes"))
        for wrong in ("0", "", "x", "-1", str(feed["newest"] + 1), "99999999999"):
            assert post(client, "/changes/acknowledge", "/changes", publication_id=wrong).status_code == 400, wrong
        assert client.post("/changes/acknowledge", data={"publication_id": "1"}).status_code == 403
        assert acknowledged(exchange) == []
        done = post(client, "/changes/acknowledge", "/changes", publication_id=str(feed["newest"]))
        assert (done.status_code, done.headers["location"]) == (303, "/changes?done=acknowledged")
        page = client.get(done.headers["location"])
        assert "Nothing to delete" in seen(page)
        assert f"You acknowledged up to publication {feed['newest']}" in seen(page)
    assert acknowledged(exchange) == [(exchange.roles[PARTY], feed["newest"])]


def acknowledged(exchange: DashboardExchange) -> list[tuple[str, int]]:
    rows = sql_as(exchange, "exchange_dashboard", "select role_name, publication_id from published.acknowledgement")
    return [(row["role_name"], row["publication_id"]) for row in rows]


# ---------------------------------------------------------------- statement


@pytest.mark.parametrize("partner", [LOPEZ, "civic_data_fund", "voter_voice"])
def test_the_statement_is_the_sum_of_the_view(exchange: DashboardExchange, partner: str) -> None:
    columns = "sum(gave) as gave, sum(offered) as offered, sum(received) as received, sum(credits) as credits"
    [total] = sql_as(exchange, partner, f"select {columns} from my_statement")
    months = sql_as(exchange, partner, f"select month_on, {columns} from my_statement group by 1 order by 1 desc")
    assert months
    with site(exchange) as client:
        sign_in(client, email(partner))
        page = client.get("/statement")
        assert row_of(page, "All questions")[1:] == amounts(total)
        for month in months[:12]:
            assert row_of(page, f"{month['month_on']:%B %Y}")[2:] == amounts(month)


def amounts(row: dict[str, Any]) -> list[str]:
    return [*(number(int(row[name])) for name in ("gave", "offered", "received")), f"{row['credits']:,.2f}"]


# ---------------------------------------------------------------- sharing


def test_terms_are_those_of_the_view_and_no_other_rule_is_told(exchange: DashboardExchange) -> None:
    """Would have told a rule of others in the history: who shares with a partner blind."""
    with exchange.connect_as_admin() as admin:
        rules = {row["rule_id"] for row in admin.execute("select rule_id from registry.sharing_rules").fetchall()}
    for partner in exchange.roles:
        terms = sql_as(exchange, partner, "select * from sharing_terms")
        with site(exchange) as client:
            sign_in(client, email(partner))
            page = client.get("/sharing")
        text = seen(page)
        for term in terms:
            assert term["term"] in text
        told = set(re.findall(r"\brule (r\d\d)\b", text))
        known = {term["rule_id"] for term in terms} - {None}
        assert known <= told <= rules
        for rule in told - known:
            assert concerns(exchange, rule, partner), (partner, rule)


def concerns(exchange: DashboardExchange, rule_id: str, partner: str) -> bool:
    """Whether the partner is a contributor of the rule, by the database's own list of who a name means."""
    with exchange.connect_as_admin() as admin:
        found = admin.execute(
            """
            select
            from registry.sharing_rules as rules
            inner join sharing.party_members as members on rules.contributor = members.party
            where rules.rule_id = %s and members.partner_id = %s
            """,
            [rule_id, partner],
        ).fetchone()
    return found is not None


def test_rules_are_worded_as_the_terms_are(exchange: DashboardExchange) -> None:
    """The audit's lines, replayed, are the rules in force, and the page's words those of the published terms."""

    async def read(database: Database, viewer: Viewer) -> None:
        app_words = await vocabulary(_App(database))  # type: ignore[arg-type]
        async with database.as_keeper() as keeper:
            names = await partner_names(keeper)
        for partner, role in exchange.roles.items():
            async with database.as_keeper() as keeper:
                rules = rules_now(await history(keeper, Viewer(0, "", partner, partner, role, False)))
            shared = sql_as(exchange, partner, "select * from sharing_terms where direction = 'i_share'")
            in_force = {rule.rule_id: rule for rule in rules.values() if rule.validity(AS_OF.date()) == "in_force"}
            assert in_force.keys() == {term["rule_id"] for term in shared}, partner
            for term in shared:
                rule = in_force[term["rule_id"]]
                assert in_words(rule, app_words, names) == term["term"]
                assert (rule.valid_from, rule.valid_until, rule.agreement) == (
                    term["since"],
                    term["until"],
                    term["agreement"],
                )

    _run(exchange, LOPEZ, read)


class _App:
    """As much of an application as the vocabulary needs."""

    def __init__(self, database: Database) -> None:
        self.state = self
        self.database = database
        self.cache = Cache()


def test_history_tells_what_changed_and_since_when(exchange: DashboardExchange, lopez: httpx.Client) -> None:
    page = lopez.get("/sharing")
    newest = re.findall(r"<details open>(.*?)</details>", page.text, re.DOTALL)
    text = " ".join(unescape(re.sub(r"<[^>]*>", " ", newest[0])).split())
    assert "2 changes" in text
    assert "Changed Was: You share answers about support for a candidate for governor" in text
    assert "7 days after the contact" in text.partition("Now:")[0]
    assert "14 days after the contact" in text.partition("Now:")[2]
    assert "New You do not share answers about comfort with voting by mail with every independent partner" in text
    assert "A promise" in text
    # others' pages know nothing of it
    with site(exchange) as client:
        sign_in(client, email("voter_voice"))
        assert "A promise" not in seen(client.get("/sharing"))


def test_nobody_previews_a_rule_of_others(exchange: DashboardExchange, lopez: httpx.Client) -> None:
    for rule in ("r03", "r08", "r12", "r16", "r19", "r18", "r01'--"):
        assert lopez.get(f"/sharing/preview/{quote(rule)}").status_code == 404, rule


def shown(page: httpx.Response, subject: str) -> int:
    """The preview's number."""
    found = re.search(rf"Of your {subject}, let out today ([\d,]+)", seen(page))
    assert found, page.text
    return int(found[1].replace(",", ""))


def test_contacts_previewed_are_those_that_they_see(exchange: DashboardExchange, lopez: httpx.Client) -> None:
    """Same ids and states on both sides, and contacts never cover each other: the number is exact."""
    columns = "person_id, state, channel, contact_result, contacted_from, contacted_until"
    query = f"select {columns}, count(*) as n from contacts where"
    mine = sql_as(exchange, LOPEZ, f"{query} is_own group by {columns}")
    theirs = sql_as(exchange, PARTY, f"{query} contributor = %s group by {columns}", [LOPEZ])
    assert _bag(mine) == _bag(theirs)
    assert shown(lopez.get("/sharing/preview/r02"), "contacts") == sum(row["n"] for row in theirs) > 100


def test_answers_previewed_are_those_that_they_see_where_nobody_covers_them(
    exchange: DashboardExchange, lopez: httpx.Client
) -> None:
    """What the page says the number is not, and that it is nothing else."""
    key = "person_id, question_code, coalesce(contest_id, '') as contest, coalesce(candidate_id, '') as candidate"
    query = f"select {key}, answer_code, responded_from, responded_until, is_own, contributor from voter_responses"
    mine = {_key(row): row for row in sql_as(exchange, LOPEZ, query)}
    theirs = {_key(row): row for row in sql_as(exchange, PARTY, query)}
    previewed = {key for key, row in mine.items() if row["is_own"]}
    assert shown(lopez.get("/sharing/preview/r01"), "answers") == len(previewed)
    seen_there = {key for key, row in theirs.items() if row["contributor"] == LOPEZ}
    assert len(seen_there & previewed) > 50
    for each in seen_there & previewed:
        for column in ("answer_code", "responded_from", "responded_until"):
            assert theirs[each][column] == mine[each][column]
    # seen there and not previewed: somebody else's newer answer covers it here
    assert all(not mine[each]["is_own"] for each in seen_there - previewed)
    # previewed and not seen there: somebody else's covers it there
    assert all(theirs[each]["contributor"] != LOPEZ for each in previewed - seen_there)


def test_a_blurred_rule_shows_windows_and_what_is_withheld_is_left_out(
    exchange: DashboardExchange, lopez: httpx.Client
) -> None:
    newest = AS_OF.date() - timedelta(days=30)
    [counted] = sql_as(
        exchange,
        LOPEZ,
        "select count(*) filter (where responded_from <= %s) as shown,"
        " count(*) filter (where responded_from > %s) as later from voter_responses"
        " where is_own and question_code <> 'vote_by_mail_comfort'",
        [newest, newest],
    )
    page = lopez.get("/sharing/preview/r05")
    assert shown(page, "answers") == counted["shown"] > 0
    assert f"Later {counted['later']:,} " in seen(page)
    assert "another rule holds it back: You do not share answers about comfort with voting by mail" in seen(page)
    lines = re.findall(
        r'data-label="From">(.*?)</td>\s*<td[^>]*data-label="Until">(.*?)</td>\s*<td[^>]*data-label="Contributor">(.*?)</td>',
        page.text,
    )
    assert len(lines) == 20
    assert {blank for _, _, blank in lines} == {"(blank)"}
    assert {(start, end) for start, end, _ in lines} <= {
        ("1 Jan 2026", "28 Feb 2026"),
        ("1 Mar 2026", "30 Apr 2026"),
        ("1 May 2026", "30 Jun 2026"),
        ("1 Jul 2026", "31 Aug 2026"),
        ("1 Sep 2026", "31 Oct 2026"),
    }
    # no id of a person, neither ours nor theirs
    persons = sql_as(exchange, LOPEZ, "select distinct person_id from voter_responses where is_own")
    assert not {row["person_id"] for row in persons} & set(re.findall(r"\w+", seen(page)))


def test_windows_are_those_of_the_views(exchange: DashboardExchange) -> None:
    for row in sql_as(
        exchange,
        "labor_table_pa",
        "select distinct responded_from, responded_until from voter_responses where not is_own",
    ):
        start, end = row["responded_from"], row["responded_until"]
        assert (start, end) in [window(start, precision) for precision in ("day", "month", "two_months")]


@pytest.mark.parametrize("precision", ["day", "month", "two_months"])
def test_windows_hold_their_days_and_leave_none_out(precision: str) -> None:
    on = date(2024, 1, 1)
    while on < date(2025, 3, 1):
        start, end = window(on, precision)
        assert start <= on <= end
        assert window(start, precision) == window(end, precision) == (start, end)
        assert window(end + timedelta(days=1), precision)[0] == end + timedelta(days=1)
        on += timedelta(days=1)


def _key(row: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in ("person_id", "question_code", "contest", "candidate"))


def _bag(rows: list[dict[str, Any]]) -> Counter[tuple[Any, ...]]:
    return Counter({tuple(value for name, value in row.items() if name != "n"): row["n"] for row in rows})


# ---------------------------------------------------------------- all of them

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


def test_pages_ask_little_and_weigh_little(exchange: DashboardExchange) -> None:
    said: list[str] = []
    with site(exchange, create_app(exchange.settings, said.append)) as client:
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


def test_who_delivered_and_shares_nothing_is_told_so(exchange: DashboardExchange) -> None:
    with site(exchange) as client:
        sign_in(client, email("civic_data_fund"))
        [files] = sql_as(exchange, "civic_data_fund", "select count(*) as n from my_files")
        assert files["n"] == 0
        assert "No file of yours has arrived yet" in seen(client.get("/quality"))
        assert "No row of yours was rejected" in seen(client.get("/quality/rejected"))
        assert "Every row of yours was understood" in seen(client.get("/quality/quarantined"))


def test_an_operator_who_looks_at_nobody_is_sent_to_its_own_pages(exchange: DashboardExchange) -> None:
    with site(exchange) as client:
        sign_in(client, OPERATOR)
        for path in PAGES:
            assert client.get(path).headers.get("location") == "/admin", path


def _run(exchange: DashboardExchange, partner: str, work: Any) -> None:
    """work(database, viewer), within a running application."""

    async def within() -> None:
        app = create_app(exchange.settings)
        async with app.router.lifespan_context(app):
            viewer = Viewer(0, "", partner, partner, exchange.roles[partner], False)
            await work(app.state.database, viewer)

    anyio.run(within)
