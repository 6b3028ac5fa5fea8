"""A small demo exchange for tests of the dashboard, its people and ways to ask it as a browser does.

Each module gets a copy of its own, so it may suspend partners and disable people without disturbing the others.

While working on pages: DASHBOARD_TEST_HOME=FOLDER keeps the refreshed exchange in FOLDER and uses it again. Delete the
folder after a change of models.
"""

from __future__ import annotations

import csv
import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from psycopg import sql
from psycopg.rows import dict_row
from starlette.applications import Starlette

from dashboard.app import create_app
from exchange.settings import Settings
from exchange.warehouse import accounts
from exchange.warehouse.bootstrap import administrator, bootstrap
from exchange.warehouse.connection import connect, ensure_running
from exchange.warehouse.ports import LOOPBACK, any_free_port
from exchange.warehouse.server import EmbeddedServer
from tests.templates import copied, folder_of_the_run, made_once
from tests.warehouse_steps import BuiltExchange
from tests.worlds.running import ROOT

# the demo's deliveries end on the day before
AS_OF = datetime(2026, 10, 15, 6, tzinfo=UTC)
SIZE = ("--voters", "1500", "--contacts", "4000")
PASSWORD = "correct horse battery staple"
OPERATOR = "operator@example.org"
START_SECONDS = 30.0


class DashboardExchange(BuiltExchange):
    """A running exchange with one person per active partner (see `email`) and an operator, all with PASSWORD."""

    def __init__(self, home: Path) -> None:
        super().__init__(home, home / "registry")

    @cached_property
    def settings(self) -> Settings:
        return Settings(home=self.home, registry=self.registry, database_url=None, database_port=None, as_of=AS_OF)

    @cached_property
    def roles(self) -> dict[str, str]:
        """Active partner -> its role and schema."""
        with (self.registry / "partners.csv").open(encoding="utf-8", newline="") as lines:
            return {
                line["partner_id"]: line["share_schema"]
                for line in csv.DictReader(lines)
                if line["is_active"] == "true"
            }

    def audience(self, partner: str) -> str:
        """The suffix of the published relations that the partner's views read."""
        with self.connect_as_admin() as admin:
            view = admin.execute(
                "select pg_get_viewdef(%s::regclass) as text", [f"{self.roles[partner]}.explorer"]
            ).fetchone()
        assert view
        found = re.search(r"explorer_(\w+)", view["text"])
        assert found
        return found[1]

    def command(self, *arguments: str, as_of: datetime | None = AS_OF) -> str:
        return super().command(*arguments, as_of=as_of)

    def connect_as_admin(self) -> psycopg.Connection[dict[str, Any]]:
        return connect(self.settings, "admin", row_factory=dict_row, autocommit=True)


def email(partner_id: str) -> str:
    """The address of the partner's person."""
    return f"{partner_id}@example.org"


@pytest.fixture(scope="session")
def dashboard_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a refreshed and stopped exchange, shared by all processes of this run of pytest."""
    kept = os.environ.get("DASHBOARD_TEST_HOME")
    home = Path(kept) if kept else folder_of_the_run(tmp_path_factory) / "dashboard"
    return make_template(home, SIZE)


def make_template(home: Path, size: Sequence[str]) -> Path:
    """A demo exchange of this size (options of `exchange demo`) at `home`, unless there is one."""

    def make(unfinished: Path) -> None:
        with DashboardExchange(unfinished) as exchange:
            exchange.command("demo", "--out", str(unfinished), *size)
            exchange.refresh(AS_OF)
            people(exchange)

    return made_once(home, make)


@pytest.fixture(scope="module")
def dashboard_exchange(
    dashboard_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DashboardExchange]:
    """A running exchange that is this module's own."""
    with running_copy(dashboard_template, tmp_path_factory.mktemp("exchange") / "home") as exchange:
        yield exchange


@contextmanager
def running_copy(template: Path, home: Path) -> Iterator[DashboardExchange]:
    """A copy of the template at `home`, with its server; both gone at the end."""
    with copied(template, home):
        exchange = DashboardExchange(home)
        try:
            ensure_running(exchange.settings)
            # a kept template may be older than a right
            bootstrap(exchange.settings)
            yield exchange
        finally:
            EmbeddedServer(exchange.settings).stop()


def people(exchange: DashboardExchange) -> None:
    """A person for each partner with views, and an operator. Hashing is slow on purpose; the template pays for it."""
    with administrator(exchange.settings) as connection:
        for partner_id in exchange.roles:
            accounts.add_account(connection, email(partner_id), partner_id, PASSWORD)
        accounts.add_account(connection, OPERATOR, None, PASSWORD)


def sql_as(
    exchange: DashboardExchange, partner_or_role: str, query: str, parameters: Any = None
) -> list[dict[str, Any]]:
    """What a partner (or another role) gets for a query, by the rights of its role and in its own schema."""
    role = exchange.roles.get(partner_or_role, partner_or_role)
    with exchange.connect_as_admin() as connection, connection.transaction():
        connection.execute(sql.SQL("set local role {}").format(sql.Identifier(role)))
        connection.execute(sql.SQL("set local search_path = {}").format(sql.Identifier(role)))
        # the query is a test's own
        return connection.execute(query, parameters).fetchall()


@asynccontextmanager
async def app_client(exchange: DashboardExchange, app: Starlette | None = None) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the application in this process, for tests that ask at the same time."""
    app = app or create_app(exchange.settings)
    transport = httpx.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url=f"http://{LOOPBACK}") as client,
    ):
        yield client


class _FromThread(httpx.BaseTransport):
    """Hands a request to the application's own event loop and waits for the whole answer."""

    def __init__(self, portal: BlockingPortal, app: Starlette) -> None:
        self._portal = portal
        self._inside = httpx.ASGITransport(app=app)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._portal.call(self._answer, request)

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        answer = await self._inside.handle_async_request(request)
        body = b"".join([chunk async for chunk in answer.aiter_raw()])
        return httpx.Response(answer.status_code, headers=answer.headers, content=body)


@contextmanager
def site(exchange: DashboardExchange, app: Starlette | None = None) -> Iterator[httpx.Client]:
    """A client of the application in this process, for tests that ask one thing after the other."""
    app = app or create_app(exchange.settings)
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(app.router.lifespan_context(app)),
        httpx.Client(transport=_FromThread(portal, app), base_url=f"http://{LOOPBACK}") as client,
    ):
        yield client


def csrf_token(page: httpx.Response) -> str:
    """The token in the forms of a page."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert found, page.text
    return found[1]


def sign_in(client: httpx.Client, address: str) -> None:
    """By the form; the client keeps the cookie."""
    token = csrf_token(client.get("/sign-in"))
    done = client.post("/sign-in", data={"email": address, "password": PASSWORD, "csrf_token": token})
    assert done.status_code == 303, done.text


def post(client: httpx.Client, path: str, seen_on: str, **fields: str) -> httpx.Response:
    """Send a form as a browser would that shows the page `seen_on`."""
    return client.post(path, data={**fields, "csrf_token": csrf_token(client.get(seen_on))})


@contextmanager
def server(exchange: DashboardExchange, now: datetime = AS_OF) -> Iterator[str]:
    """The address of the dashboard as a process of its own, as `exchange up` runs it."""
    port = any_free_port()
    url = f"http://{LOOPBACK}:{port}"
    log = exchange.home / "dashboard.log"
    variables = {name: text for name, text in os.environ.items() if not name.startswith("EXCHANGE_")} | {
        "EXCHANGE_HOME": str(exchange.home),
        "EXCHANGE_REGISTRY": str(exchange.registry),
        "EXCHANGE_AS_OF": now.isoformat(),
    }
    with log.open("a", encoding="utf-8") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "dashboard", "--port", str(port)],
            cwd=ROOT,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
        )
    try:
        _await_answer(process, url, log)
        yield url
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    told = log.read_text(encoding="utf-8")
    assert "Traceback" not in told, told[-6000:]


def _await_answer(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(OSError), urllib.request.urlopen(f"{url}/healthz", timeout=5) as answer:
            if answer.status == 200:
                return
        time.sleep(0.1)
    raise AssertionError(f"The dashboard does not answer:\n{log.read_text(encoding='utf-8')[-4000:]}")
