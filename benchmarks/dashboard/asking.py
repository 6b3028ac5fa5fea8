"""The dashboard inside this process, asked as its pages ask it; every statement it sends is seen."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field

import httpx
from starlette.applications import Starlette
from starlette.requests import Request

from benchmarks.dashboard.clock import Clock
from benchmarks.dashboard.registry import BIG
from dashboard import sessions
from dashboard.app import create_app
from dashboard.cache import Cache
from dashboard.database import Reader
from dashboard.explorer.inquiry import Inquiry, inquiry
from dashboard.guard import SESSION
from dashboard.security import Site
from dashboard.viewer import Viewer
from exchange.settings import Settings
from exchange.warehouse import accounts
from exchange.warehouse.bootstrap import administrator

EMAIL = "bench@example.org"


@dataclass
class Asker:
    """One signed-in person of the big partner. statements: since they were last cleared."""

    app: Starlette
    viewer: Viewer
    client: httpx.AsyncClient
    clock: Clock
    statements: list[str] = field(default_factory=list)

    def forget(self) -> None:
        """As after a publication: no number is kept."""
        self.app.state.cache = Cache()

    def inquiry(self, pairs: Iterable[tuple[str, str]] = ()) -> AbstractAsyncContextManager[Inquiry]:
        """What the page of voters works with."""
        request = Request({"type": "http", "app": self.app, "state": {"viewer": self.viewer}, "headers": []})
        return inquiry(request, pairs)

    def reader(self) -> AbstractAsyncContextManager[Reader]:
        return self.app.state.database.as_partner(self.viewer)

    async def get(self, path: str, *, is_fragment: bool = False) -> httpx.Response:
        response = await self.client.get(path, headers={"HX-Request": "true"} if is_fragment else {})
        response.raise_for_status()
        return response

    def counting(self) -> list[str]:
        """Statements that count people."""
        words = ("group by", "count(", "string_agg")
        return [statement for statement in self.statements if any(word in statement.lower() for word in words)]


@asynccontextmanager
async def asker(settings: Settings) -> AsyncIterator[Asker]:
    statements: list[str] = []
    app = create_app(settings, statements.append)
    async with app.router.lifespan_context(app):
        token = (await signed_in(app, settings, 1))[0]
        async with app.state.database.as_keeper() as reader:
            viewer = await sessions.viewer_of(reader, token)
        assert viewer is not None, "signed in a moment ago"
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://localhost", cookies={cookie(settings): token}
        ) as client:
            yield Asker(app, viewer, client, Clock.of(settings), statements)


def cookie(settings: Settings) -> str:
    return Site.of(settings).cookie(SESSION)


async def signed_in(app: Starlette, settings: Settings, people: int) -> list[str]:
    """Tokens of so many sessions, signed in as the form does it."""
    password = accounts.new_password()
    with administrator(settings) as conn:
        known = conn.execute("select true from accounts.user_account where email = %s", (EMAIL,)).fetchone()
        if known:
            accounts.reset_password(conn, EMAIL, password)
        else:
            accounts.add_account(conn, EMAIL, BIG, password)
    tokens = [await sessions.sign_in(app.state.database, EMAIL, password, "127.0.0.1", "bench") for _ in range(people)]
    assert all(tokens), "the account was made a moment ago"
    return [token for token in tokens if token]
