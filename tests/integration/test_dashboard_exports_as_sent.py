"""Lists of voters as they are sent: written down before the first byte, no transaction held open, no wrong one."""

from __future__ import annotations

import asyncio
import csv
import io
import zipfile
from collections.abc import MutableMapping
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from dashboard.app import create_app
from dashboard.exporting.taking import WrongCountError
from tests.dashboard_exchange import PASSWORD, DashboardExchange, csrf_token, email
from tests.dashboard_exports import PARTNER, PURPOSE, forget, logged

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]


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
def crowd(dashboard_exchange: DashboardExchange, suppressed_people: None) -> int:
    """A county of 45,000 more people, as many as one list may hold. Returns how many are in it."""
    suffix, county, people = dashboard_exchange.audience(PARTNER), "42999", 45_000
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
                "codes": "codes & ~(7::bigint << 16)",
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
                    f"update published.explorer_{dashboard_exchange.audience(PARTNER)} set is_suppressed = false"
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
