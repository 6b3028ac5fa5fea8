"""Files & quality: what it says of files and rows is what the partner's role reads, on its pages and as a download."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterator
from html import unescape
from urllib.parse import quote

import httpx
import pytest
from psycopg import sql

from dashboard.database import Database, Reader
from dashboard.explorer.people import Cursors
from dashboard.keyset import Place, Rows, Sorting, read_page
from dashboard.own_files import FILES, KIND_OF_PROBLEM, NEWEST_FIRST, WORST
from dashboard.own_rows import IN_FILE_ORDER, TABLES
from dashboard.own_rows_download import safe_cell
from dashboard.viewer import Viewer
from tests.dashboard_exchange import AS_OF, DashboardExchange, csrf_token, email, post, sign_in, site, sql_as
from tests.dashboard_partner_pages import LOPEZ, REFUSED, REYES, look_at, number, row_of, run_in_app, seen

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]


@pytest.fixture
def reyes(republished_exchange: DashboardExchange) -> Iterator[httpx.Client]:
    with site(republished_exchange) as client:
        sign_in(client, email(REYES))
        yield client


def test_a_newcomer_finds_the_refused_file_and_why_by_clicking(
    reyes: httpx.Client, republished_exchange: DashboardExchange
) -> None:
    overview = reyes.get("/")
    [link] = re.findall(r'<a href="([^"]+)"[^>]*>Files &amp; quality</a>', overview.text)
    page = reyes.get(link)
    assert row_of(page, REFUSED["file_name"])[:3] == list(REFUSED.values())
    # before anything else
    text = seen(page)
    assert text.index("1 file was refused") < text.index(REFUSED["problem"]) < text.index("All records together")


@pytest.mark.parametrize("partner", [REYES, LOPEZ, "carolina_doors"])
def test_the_scorecard_is_the_sum_of_the_files(republished_exchange: DashboardExchange, partner: str) -> None:
    with site(republished_exchange) as client:
        sign_in(client, email(partner))
        page = client.get("/quality")
    [total] = sql_as(
        republished_exchange,
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
        republished_exchange,
        partner,
        "select feed_id, count(*) as files, sum(records) as records from my_files where status = 'loaded' group by 1",
    ):
        cells = row_of(page, feed["feed_id"])
        assert cells[2:4] == [number(feed["files"]), number(feed["records"])]


def bars(page: httpx.Response, label: str) -> dict[str, int]:
    """A distribution: label -> value."""
    [drawn] = re.findall(rf'<ul class="bars[^"]*" aria-label="{label}">(.*?)</ul>', page.text, re.DOTALL)
    found = re.findall(r'class="bars-label">(.*?)</span>.*?class="bars-value">(.*?)</span>', drawn, re.DOTALL)
    return {unescape(re.sub(r"<[^>]*>", "", name)): int(re.sub(r"<[^>]*>|,", "", value)) for name, value in found}


def test_kinds_of_problems_have_the_rows_of_the_views(
    republished_exchange: DashboardExchange, lopez: httpx.Client
) -> None:
    page = lopez.get("/quality")
    worst = page.text[page.text.index("What costs you the most rows") :]
    links = re.findall(r'<a href="(/quality/(rejected|quarantined)\?reason=[^"]+)">', worst)
    kinds = sum(
        sql_as(republished_exchange, LOPEZ, f"select count(distinct {KIND_OF_PROBLEM}) as n from my_{table}_rows")[0][
            "n"
        ]
        for table in TABLES
    )
    assert len(links) == min(kinds, WORST) > 2
    for link, table in links:
        [found] = re.findall(r'<h2 id="rows-title">(\S+) rows? of (\S+)</h2>', lopez.get(unescape(link)).text)
        kind = httpx.URL(unescape(link)).params["reason"]
        query = f"select count(*) as n, count(*) filter (where {KIND_OF_PROBLEM} = %s) as m from my_{table}_rows"
        [counted] = sql_as(republished_exchange, LOPEZ, query, [kind])
        assert found == (number(counted["m"]), number(counted["n"]))
        assert counted["m"] > 0


@pytest.mark.parametrize("table", ["rejected", "quarantined"])
def test_rows_are_narrowed_by_feed_file_and_reason(
    republished_exchange: DashboardExchange, lopez: httpx.Client, table: str
) -> None:
    everything = sql_as(republished_exchange, LOPEZ, f"select *, {KIND_OF_PROBLEM} as kind from my_{table}_rows")
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


def test_another_file_of_the_partner_is_no_filter_of_this_one(
    republished_exchange: DashboardExchange, reyes: httpx.Client
) -> None:
    [row] = sql_as(republished_exchange, LOPEZ, "select feed_id, file_name from my_rejected_rows limit 1")
    assert reyes.get("/quality/rejected", params={"feed": row["feed_id"]}).status_code == 400
    assert reyes.get("/quality/rejected", params={"file": row["file_name"]}).status_code == 400


def test_pages_of_rows_are_one_list_in_both_directions(republished_exchange: DashboardExchange) -> None:
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

    run_in_app(republished_exchange, LOPEZ, read)


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


def test_the_download_holds_what_is_chosen_and_is_in_the_log(
    republished_exchange: DashboardExchange, lopez: httpx.Client
) -> None:
    [one] = sql_as(
        republished_exchange,
        LOPEZ,
        "select feed_id, count(*) as n from my_rejected_rows group by 1 order by 2 desc limit 1",
    )
    path = f"/quality/rejected?feed={quote(one['feed_id'])}"
    answer = post(lopez, "/quality/download", path, table="rejected", feed=one["feed_id"])
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.headers["cache-control"] == "no-store"
    lines = list(csv.reader(io.StringIO(answer.content.decode())))
    assert lines[0] == ["feed_id", "file_name", "line_number", "reason", "what_to_do", "line_text"]
    wanted = sql_as(republished_exchange, LOPEZ, "select * from my_rejected_rows where feed_id = %s", [one["feed_id"]])
    assert Counter(map(tuple, lines[1:])) == Counter(tuple(safe_cell(row[name]) for name in lines[0]) for row in wanted)
    [logged] = sql_as(
        republished_exchange,
        "exchange_dashboard",
        "select * from dashboard.export where kind = 'own_rows' order by begun_at",
    )
    assert (logged["email"], logged["partner_id"], logged["what"]) == (email(LOPEZ), LOPEZ, "my_rejected_rows")
    assert (logged["filter"], logged["outcome"]) == (f"feed={one['feed_id']}", "complete")
    assert logged["counted"] == logged["rows_sent"] == one["n"]
    assert logged["sha256"] is not None
    assert logged["as_of"] == AS_OF


def test_no_download_without_a_page_of_ours_nor_for_operators(
    republished_exchange: DashboardExchange, lopez: httpx.Client
) -> None:
    assert lopez.post("/quality/download", data={"table": "rejected"}).status_code == 403
    assert lopez.get("/quality/download").status_code in (404, 405)
    assert post(lopez, "/quality/download", "/quality/rejected", table="voters").status_code == 404
    assert post(lopez, "/quality/download", "/quality/rejected", table="rejected", feed="nobodys").status_code == 400
    with site(republished_exchange) as operator:
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


def test_who_delivered_and_shares_nothing_is_told_so(republished_exchange: DashboardExchange) -> None:
    with site(republished_exchange) as client:
        sign_in(client, email("civic_data_fund"))
        [files] = sql_as(republished_exchange, "civic_data_fund", "select count(*) as n from my_files")
        assert files["n"] == 0
        assert "No file of yours has arrived yet" in seen(client.get("/quality"))
        assert "No row of yours was rejected" in seen(client.get("/quality/rejected"))
        assert "Every row of yours was understood" in seen(client.get("/quality/quarantined"))
