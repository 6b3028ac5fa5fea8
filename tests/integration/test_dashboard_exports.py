"""Lists of voters: exactly who matches and may be contacted, announced before the first byte, no formula in a cell."""

from __future__ import annotations

import asyncio
import csv
import hashlib
import io
import re
import zipfile
from collections.abc import Iterator, MutableMapping
from html import unescape
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.app import create_app
from dashboard.exporting.taking import WrongCountError
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

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]

PARTNER = "pa_party"
NOT_VOTED = "(ballot_status is null or ballot_status not in ('returned', 'accepted', 'voted_in_person'))"
PURPOSE = "Phone bank in Erie on Saturday"


@pytest.fixture(scope="module")
def suppressed(dashboard_exchange: DashboardExchange) -> None:
    """Enough people who must not be contacted that each filter has some."""
    with dashboard_exchange.connect_as_admin() as admin:
        for view, codes in (("explorer", ", codes = codes | (1::bigint << 16)"), ("voters", "")):
            changed = admin.execute(
                f"update published.{view}_{audience(dashboard_exchange)} set is_suppressed = true{codes}"
                " where person_id like '%3'"
            )
            assert changed.rowcount > 50


@pytest.fixture
def client(dashboard_exchange: DashboardExchange, suppressed: None) -> Iterator[httpx.Client]:
    with site(dashboard_exchange) as made:
        sign_in(made, email(PARTNER))
        yield made
        forget(dashboard_exchange)


def forget(exchange: DashboardExchange) -> None:
    with exchange.connect_as_admin() as admin:
        admin.execute("delete from dashboard.export")


def audience(exchange: DashboardExchange, partner: str = PARTNER) -> str:
    """The suffix of the audience's own relations, from the partner's view."""
    with exchange.connect_as_admin() as admin:
        text = admin.execute(
            "select pg_get_viewdef(%s::regclass) as text", [f"{exchange.roles[partner]}.explorer"]
        ).fetchone()
    assert text
    found = re.search(r"explorer_(\w+)", text["text"])
    assert found
    return found[1]


def take(client: httpx.Client, query: str, kind: str = "csv", sort: str = "", purpose: str = PURPOSE) -> httpx.Response:
    fields = {"filter": query, "kind": kind, "sort": sort, "purpose": purpose}
    return post(client, "/export", "/exports", **fields)


def opened(answer: httpx.Response, name: str = "voters.csv") -> tuple[list[dict[str, str]], str, bytes]:
    """People of a list by column, the text beside them, and the list's own bytes."""
    assert answer.status_code == 200, answer.text
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert archive.testzip() is None
    assert archive.namelist() == ["README.txt", name]
    raw = archive.read(name)
    people = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    return people, archive.read("README.txt").decode(), raw


def logged(exchange: DashboardExchange) -> list[dict[str, Any]]:
    with exchange.connect_as_admin() as admin:
        return admin.execute("select * from dashboard.export order by begun_at").fetchall()


def ids(exchange: DashboardExchange, where: str, partner: str = PARTNER) -> list[str]:
    found = sql_as(exchange, partner, f'select person_id from voters where {where} order by person_id collate "C"')
    return [row["person_id"] for row in found]


def texts(answer: httpx.Response) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", answer.text)).split())


CHOICES = {
    "support=1": ("support", "support_governor = 1"),
    "support=0": ("support", "support_governor is null"),
    "mail=3": ("mail", "vote_by_mail_comfort = 3"),
    "postal=1": ("postal", "postal_service_trust = 1"),
    "reach=nobody": ("reach", "reach = 'nobody'"),
    "reach=us": ("reach", "reach = 'us'"),
    "reach=both": ("reach", "reach = 'both'"),
    "suppressed=yes": ("suppressed", "is_suppressed"),
    "county=42077": ("county", "county_fips = '42077'"),
    "age=75-": ("age", "birth_year <= 1951"),
    "ballot=any": ("ballot", "true"),
}


def test_a_list_holds_who_matches_and_may_be_contacted(
    dashboard_exchange: DashboardExchange, client: httpx.Client
) -> None:
    """Every list, against count(*) as the partner: nobody more, nobody less, no one who opted out."""

    @settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(chosen=st.sets(st.sampled_from(sorted(CHOICES)), max_size=4))
    def agree(chosen: set[str]) -> None:
        by_facet: dict[str, list[str]] = {}
        for choice in chosen:
            facet, clause = CHOICES[choice]
            by_facet.setdefault(facet, []).append(clause)
        where = " and ".join(f"({' or '.join(clauses)})" for clauses in by_facet.values()) or "true"
        if "ballot=any" not in chosen:
            where += f" and {NOT_VOTED}"
        matching = ids(dashboard_exchange, where)
        allowed = ids(dashboard_exchange, f"{where} and not is_suppressed")
        answer = take(client, "&".join(["office=governor", *sorted(chosen)]))
        if not allowed:
            assert answer.status_code == 400
            assert "No one matches." in answer.text or "all of them must not be contacted" in answer.text
            return
        people, text, raw = opened(answer)
        assert sorted(person["person_id"] for person in people) == allowed
        row = logged(dashboard_exchange)[-1]
        left_out = len(matching) - len(allowed)
        assert (row["counted"], row["suppressed_left_out"], row["rows_sent"]) == (len(matching), left_out, len(allowed))
        assert (row["outcome"], row["sha256"]) == ("complete", hashlib.sha256(raw).hexdigest())
        assert f"People       {len(allowed):,}" in text
        if left_out:
            assert f"{len(matching):,} match; {left_out:,} of them must not be contacted" in text

    agree()


def test_columns_are_those_of_the_partner_and_say_what_they_mean(
    dashboard_exchange: DashboardExchange, client: httpx.Client
) -> None:
    people, text, raw = opened(take(client, "office=governor&support=1"))
    row = sql_as(dashboard_exchange, PARTNER, "select * from voters where person_id = %s", [people[0]["person_id"]])[0]
    assert list(people[0]) == list(row)
    assert raw.startswith(b"\xef\xbb\xbfperson_id,")
    expected = {
        name: "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in row.items()
    }
    assert people[0] == expected
    for column in sql_as(dashboard_exchange, PARTNER, "select * from data_dictionary where view_name = 'voters'"):
        if column["column_name"]:
            assert re.search(rf"^{column['column_name']} +\S", text, re.MULTILINE), column


def test_the_text_beside_it_tells_everything(dashboard_exchange: DashboardExchange, client: httpx.Client) -> None:
    query = "office=governor&support=1&support=2&not_since=2026-10-01&county=42077"
    answer = take(client, query, sort="-age")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="voters-2026-10-15-0600.zip"'
    assert answer.headers["Content-Type"] == "application/zip"
    assert answer.headers["Cache-Control"] == "no-store"
    people, text, _ = opened(answer)
    for line in (
        f"Taken        15 Oct 2026, 06:00 UTC by {email(PARTNER)} for Keystone Coordinated Campaign",
        f"Purpose      {PURPOSE}",
        "Data as of   15 Oct 2026, 06:00 UTC",
        "Support · Governor   Strong support or Lean support",
        "County               Lehigh County",
        "Not contacted since  1 Oct 2026 by anyone",
        "Ballot               Not voted yet (default)",
        "Sorted by    age, from the end",
    ):
        assert f"{line}\n" in text, text
    assert f"http://127.0.0.1/voters?{'office=governor&county=42077&not_since=2026-10-01&support=1&support=2'}" in text
    assert "support_governor " in text and "1 Strong support; 2 Lean support" in " ".join(text.split())
    years = [int(person["birth_year"] or 0) for person in people]
    assert years == sorted(years)
    row = logged(dashboard_exchange)[-1]
    assert (row["kind"], row["purpose"], row["email"], row["partner_id"]) == ("csv", PURPOSE, email(PARTNER), PARTNER)
    assert row["filter"] == "office=governor&county=42077&not_since=2026-10-01&support=1&support=2&sort=-age"
    shown = texts(client.get("/exports"))
    assert f"{email(PARTNER)} {PURPOSE} Spreadsheet" in shown
    assert "County Lehigh County" in shown and "Whole" in shown


def test_saved_universes_are_told_beside_a_list(dashboard_exchange: DashboardExchange, client: httpx.Client) -> None:
    """A name of today tells nobody next year what was meant."""
    saved = post(client, "/universes", "/exports", name="Reached", kind="dynamic", filter="office=governor&reach=us")
    number = re.search(r"in=(\d+)", saved.headers["Location"])
    assert number
    people, text, _ = opened(take(client, f"office=governor&not={number[1]}"))
    where = f"(reach = 'us' and {NOT_VOTED}) is not true and {NOT_VOTED} and not is_suppressed"
    assert sorted(person["person_id"] for person in people) == ids(dashboard_exchange, where)
    assert "Not in  “Reached”\n" in text
    assert "“Reached”  a rule: Contacted by: Us only; Ballot: Not voted yet (default). Saved" in " ".join(
        text.split(" ")
    ).replace("\n", " ")


@pytest.mark.parametrize(
    ("partner", "header"),
    [("pa_party", "VANID"), ("mail_ballot_alliance", "voterbase_id"), ("carolina_doors", "StateFileID")],
)
def test_ids_for_an_upload(dashboard_exchange: DashboardExchange, partner: str, header: str) -> None:
    with site(dashboard_exchange) as client:
        sign_in(client, email(partner))
        people, text, raw = opened(take(client, "office=governor", kind="van"), "voters-ids.csv")
    forget(dashboard_exchange)
    assert raw.startswith(f"{header}\n".encode())
    assert [person[header] for person in people] == ids(
        dashboard_exchange, f"{NOT_VOTED} and is_suppressed is not true", partner
    )
    assert re.search(rf"^{header} +The person's id", text, re.MULTILINE)
    assert "first_name" not in text


NASTY = {
    "first_name": '=HYPERLINK("http://evil.example","click")',
    "middle_name": "-",
    "last_name": 'O\'Neil, "Tip"\nJr',
    "suffix": "+1",
    "address": "@SUM(A1:A9)",
    "city": "\tErie",
    "zip": "\r15213",
}


def test_no_cell_is_a_formula(dashboard_exchange: DashboardExchange, client: httpx.Client) -> None:
    """A spreadsheet runs what begins with = + - @: a voter file's "name" would send the list to whoever wrote it."""
    person = ids(dashboard_exchange, f"{NOT_VOTED} and not is_suppressed and support_governor = 1")[0]
    with dashboard_exchange.connect_as_admin() as admin:
        changes = ", ".join(f"{name} = %({name})s" for name in NASTY)
        admin.execute(
            f"update published.voters_{audience(dashboard_exchange)} set {changes} where person_id = %(person)s",
            {**NASTY, "person": person},
        )
    people, _, raw = opened(take(client, "office=governor&support=1"))
    found = next(each for each in people if each["person_id"] == person)
    for name, text in NASTY.items():
        assert found[name] == (text if name == "last_name" else f"'{text}"), name
    for row in csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")):
        assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_a_list_is_refused_not_cut(dashboard_exchange: DashboardExchange, suppressed: None) -> None:
    everybody = len(ids(dashboard_exchange, NOT_VOTED))
    few = len(ids(dashboard_exchange, f"{NOT_VOTED} and not is_suppressed and support_governor = 1"))
    per_day = 2 * few + 5
    limited = dashboard_exchange.settings.model_copy(update={"export_limit": few, "exports_per_day": per_day})
    with site(dashboard_exchange, create_app(limited)) as client:
        sign_in(client, email(PARTNER))
        for answer, status in ((client.get("/export?office=governor"), 200), (take(client, "office=governor"), 400)):
            assert answer.status_code == status
            assert f"{everybody:,} match, " in texts(answer)
            assert f"of them must not be contacted; a list may hold {few}. Narrow it: add a filter" in texts(answer)
            assert 'action="/export"' not in answer.text
        assert logged(dashboard_exchange) == []
        for _ in range(2):
            people, _, _ = opened(take(client, "office=governor&support=1"))
            assert len(people) == few
        said = (
            f"Your organization has taken {2 * few:,} people in the last 24 hours and may take {per_day:,}: this list"
            f" would hold {few:,}, 5 are left."
        )
        refused = take(client, "office=governor&support=1")
        assert (refused.status_code, said in texts(refused)) == (400, True)
        assert said in texts(client.get("/export?office=governor&support=1"))
        assert len(logged(dashboard_exchange)) == 2
        with site(dashboard_exchange, create_app(limited)) as other:
            sign_in(other, email("lopez_for_governor"))
            assert "Your organization has taken" not in other.get("/export?office=governor&support=1").text
        with dashboard_exchange.connect_as_admin() as admin:
            admin.execute("update dashboard.export set begun_at = begun_at - interval '25 hours'")
        assert take(client, "office=governor&support=1").status_code == 200
    forget(dashboard_exchange)


def test_what_cannot_be_taken_is_said_before_the_form(client: httpx.Client) -> None:
    """Would have caught an order that is none: the form was shown, filled in and then refused."""
    for path in ("/export?sort=xx", "/export?office=governor&sort=--age"):
        answer = client.get(path)
        assert (answer.status_code, "People cannot be sorted by" in texts(answer)) == (400, True), path
    answer = post(client, "/export", "/export", kind="pdf", filter="office=governor", sort="", purpose=PURPOSE)
    assert (answer.status_code, "No list was taken" in texts(answer)) == (400, True)


def test_the_page_before_it_counts_who_is_left_out(dashboard_exchange: DashboardExchange, client: httpx.Client) -> None:
    page = client.get("/export?office=governor&support=1&sort=-age")
    where = f"{NOT_VOTED} and support_governor = 1"
    matching, allowed = (
        len(ids(dashboard_exchange, where)),
        len(ids(dashboard_exchange, f"{where} and not is_suppressed")),
    )
    assert allowed < matching
    assert (
        f"Match {matching} Must not be contacted {matching - allowed} left out, always People in the file {allowed}"
        " at most 50,000"
    ) in texts(page)
    assert f"Take {allowed} people" in page.text
    assert 'name="sort" value="-age"' in page.text
    assert "An upload: one column, VANID" in texts(page)
    assert logged(dashboard_exchange) == []


def test_what_is_no_wish_is_refused(dashboard_exchange: DashboardExchange, client: httpx.Client) -> None:
    for purpose in ("", "calls", " " * 40, "x" * 201):
        answer = take(client, "office=governor&support=1", purpose=purpose)
        assert answer.status_code == 400
        assert "Say in 10 to 200 letters what the list is for." in answer.text
        assert "Strong support" in answer.text
    for query, kind, sort in (
        ("support=9", "csv", ""),
        ("nonsense=1", "csv", ""),
        ("office=governor", "own_rows", ""),
        ("office=governor", "xlsx", ""),
        ("office=governor", "csv", "person_id desc"),
    ):
        assert take(client, query, kind, sort).status_code == 400, (query, kind, sort)
    assert take(client, "in=999999").status_code == 404
    form = {"filter": "office=governor", "kind": "csv", "sort": "", "purpose": PURPOSE}
    assert client.post("/export", data=form).status_code == 403
    assert client.post("/export", data={**form, "csrf_token": "x"}).status_code == 403
    assert client.get("/export?support=9").status_code == 400
    assert logged(dashboard_exchange) == []


def test_operators_take_nothing(dashboard_exchange: DashboardExchange) -> None:
    with site(dashboard_exchange) as operator:
        sign_in(operator, OPERATOR)
        assert operator.get("/export").headers["Location"] == "/admin"
        token = csrf_token(operator.get("/admin"))
        form = {"filter": "office=governor", "kind": "csv", "sort": "", "purpose": PURPOSE, "csrf_token": token}
        assert operator.post("/export", data=form).status_code == 403
        assert post(operator, "/admin/act-as", "/admin", partner_id=PARTNER).status_code == 303
        assert 'action="/export"' not in operator.get("/export?office=governor&support=1").text
        assert operator.post("/export", data=form).status_code == 403
    assert logged(dashboard_exchange) == []


def test_each_partner_sees_its_own_lists(dashboard_exchange: DashboardExchange, client: httpx.Client) -> None:
    assert take(client, "office=governor&support=1").status_code == 200
    assert PURPOSE in client.get("/exports").text
    with site(dashboard_exchange) as other:
        sign_in(other, email("lopez_for_governor"))
        assert PURPOSE not in other.get("/exports").text


# -- as it is sent


class Reading:
    """A client of the application itself, who reads a list piece by piece, and may stop."""

    def __init__(self, exchange: DashboardExchange, stop_after: int | None) -> None:
        self.exchange, self._stop_after = exchange, stop_after
        self.pieces: list[bytes] = []
        self.at_first_byte: list[dict[str, Any]] = []
        self.waits = asyncio.Event()
        self.goes_on = asyncio.Event()
        self._gone = asyncio.Event()

    async def send(self, message: MutableMapping[str, Any]) -> None:
        if message["type"] != "http.response.body" or not message.get("body"):
            return
        if not self.pieces:
            self.at_first_byte = logged(self.exchange)
        self.pieces.append(message["body"])
        if len(self.pieces) == self._stop_after:
            self._gone.set()
            await asyncio.Event().wait()
        self.waits.set()
        await self.goes_on.wait()

    async def ask(self, app: Any, query: str) -> None:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://127.0.0.1") as client:
            token = csrf_token(await client.get("/sign-in"))
            form = {"email": email(PARTNER), "password": PASSWORD, "csrf_token": token}
            assert (await client.post("/sign-in", data=form)).status_code == 303
            token = csrf_token(await client.get("/exports"))
            cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
        fields = {"filter": query, "kind": "csv", "sort": "", "purpose": PURPOSE, "csrf_token": token}
        body = urlencode(fields).encode()
        is_given = False

        async def receive() -> dict[str, Any]:
            nonlocal is_given
            if is_given:
                await self._gone.wait()
                return {"type": "http.disconnect"}
            is_given = True
            return {"type": "http.request", "body": body, "more_body": False}

        headers = {"host": "127.0.0.1", "cookie": cookies, "content-type": "application/x-www-form-urlencoded"}
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": "/export",
            "raw_path": b"/export",
            "query_string": b"",
            "root_path": "",
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
        }
        await app(scope, receive, self.send)


@pytest.fixture(scope="module")
def crowd(dashboard_exchange: DashboardExchange, suppressed: None) -> int:
    """A county of 45,000 more people, as many as one list may hold. Returns how many are in it."""
    suffix, county, people = audience(dashboard_exchange), "42999", 45_000
    with dashboard_exchange.connect_as_admin() as admin:
        for view in ("voters", "explorer"):
            columns = [
                row["attname"]
                for row in admin.execute(
                    "select attname from pg_attribute"
                    " where attrelid = %s::regclass and attnum > 0 and not attisdropped",
                    [f"published.{view}_{suffix}"],
                )
            ]
            changed = {
                "person_id": "(9000000 + n)::text",
                "voter_id": "9000000 + n",
                "county_fips": f"'{county}'",
                "is_suppressed": "n % 100 = 0",
                "ballot_status": "null",
                "codes": "codes & ~(15::bigint << 16) | ((n % 100 = 0)::int::bigint << 16)",
            }
            admin.execute(
                f"insert into published.{view}_{suffix} ({', '.join(columns)})"
                f" select {', '.join(changed.get(name, name) for name in columns)}"
                f" from (select *, row_number() over (order by person_id) - 1 as place from published.{view}_{suffix}"
                f" order by person_id limit 450) as few cross join lateral generate_series(place * 100 + 1,"
                " place * 100 + 100) as n"
            )
            admin.execute(f"analyze published.{view}_{suffix}")
    return people


def test_it_is_written_down_before_the_first_byte(dashboard_exchange: DashboardExchange, crowd: int) -> None:
    """Who stops after the first piece has taken something: the log knows, and that it did not arrive."""

    async def run() -> Reading:
        app = create_app(dashboard_exchange.settings)
        async with app.router.lifespan_context(app):
            reading = Reading(dashboard_exchange, stop_after=3)
            reading.goes_on.set()
            await reading.ask(app, "office=governor&county=42999")
            return reading

    reading = asyncio.run(run())
    [row] = reading.at_first_byte
    assert (row["counted"], row["outcome"], row["rows_sent"], row["purpose"]) == (crowd, None, None, PURPOSE)
    [row] = logged(dashboard_exchange)
    assert (row["outcome"], row["sha256"]) == ("aborted", None)
    assert 0 <= row["rows_sent"] < 10_000
    assert row["ended_at"] is not None
    forget(dashboard_exchange)


def test_the_database_is_done_however_slowly_it_is_read(dashboard_exchange: DashboardExchange, crowd: int) -> None:
    """Would have caught a transaction held open by a browser on a train: publications wait for those."""

    async def run() -> tuple[Reading, list[dict[str, Any]]]:
        app = create_app(dashboard_exchange.settings)
        async with app.router.lifespan_context(app):
            reading = Reading(dashboard_exchange, stop_after=None)
            task = asyncio.create_task(reading.ask(app, "office=governor&county=42999"))
            await asyncio.wait_for(reading.waits.wait(), 60)
            # nothing is read on: what the database still does is not for this reader's sake
            for _ in range(300):
                await asyncio.sleep(0.1)
                busy = _in_transaction(dashboard_exchange)
                if not busy:
                    break
            assert len(reading.pieces) == 1
            reading.goes_on.set()
            await task
            return reading, busy

    reading, busy = asyncio.run(run())
    assert busy == []
    people = _people_of(b"".join(reading.pieces))
    assert len(people) == crowd - crowd // 100
    [row] = logged(dashboard_exchange)
    assert (row["outcome"], row["rows_sent"], row["suppressed_left_out"]) == ("complete", len(people), crowd // 100)
    forget(dashboard_exchange)


def _in_transaction(exchange: DashboardExchange) -> list[dict[str, Any]]:
    with exchange.connect_as_admin() as admin:
        return admin.execute(
            "select state, query from pg_stat_activity where usename = 'exchange_web' and xact_start is not null"
        ).fetchall()


def _people_of(content: bytes) -> list[list[str]]:
    raw = zipfile.ZipFile(io.BytesIO(content)).read("voters.csv").decode("utf-8-sig")
    return list(csv.reader(io.StringIO(raw, newline="")))[1:]


def test_a_list_that_is_not_what_was_counted_breaks_off(dashboard_exchange: DashboardExchange, crowd: int) -> None:
    """Would have caught kept counts of rows that have changed under them: the text beside the list would be wrong."""
    county = "office=governor&county=42999"

    async def run() -> Reading:
        app = create_app(dashboard_exchange.settings)
        async with app.router.lifespan_context(app):
            whole = Reading(dashboard_exchange, stop_after=None)
            whole.goes_on.set()
            await whole.ask(app, county)
            with dashboard_exchange.connect_as_admin() as admin:
                # one more, and no publication that would say so
                admin.execute(
                    f"update published.explorer_{audience(dashboard_exchange)} set is_suppressed = false"
                    " where person_id = '9000100'"
                )
            reading = Reading(dashboard_exchange, stop_after=None)
            reading.goes_on.set()
            with pytest.raises(WrongCountError, match="44,550 people were counted, 44,551 were read"):
                await reading.ask(app, county)
            return reading

    reading = asyncio.run(run())
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(io.BytesIO(b"".join(reading.pieces)))
    assert [row["outcome"] for row in logged(dashboard_exchange)] == ["complete", "aborted"]
    forget(dashboard_exchange)
