"""The application: routes, what stands before every page, and what is said when a page cannot be shown."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from psycopg import OperationalError, errors
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from dashboard.cache import Cache
from dashboard.database import AccessClosedError, Database, NothingPublishedError
from dashboard.explorer.filters import BadFilterError
from dashboard.explorer.universes import NoSuchUniverseError
from dashboard.exporting.taking import Places
from dashboard.guard import middleware
from dashboard.pages import ROUTES
from dashboard.rendering import environment, page
from dashboard.security import Site
from dashboard.warming import keep_warm
from exchange.settings import Settings
from exchange.warehouse.connection import connection_info

_LOG = logging.getLogger("dashboard")
STATIC = Path(__file__).parent / "static"


def create_app(
    settings: Settings, observe: Callable[[str], None] | None = None, *, is_kept_warm: bool = False
) -> Starlette:
    """The dashboard of one exchange. Its database must run.

    observe: is told every statement, for tests. is_kept_warm: counts are made before somebody asks for them.
    """
    database = Database(connection_info(settings, "web"), observe)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        await database.open()
        warming = asyncio.create_task(keep_warm(app)) if is_kept_warm else None
        yield
        if warming is not None:
            warming.cancel()
            with suppress(asyncio.CancelledError):
                await warming
        await database.close()

    site = Site.of(settings)
    app = Starlette(
        routes=[
            Route("/healthz", _is_alive),
            Mount("/static", StaticFiles(directory=STATIC), name="static"),
            *ROUTES,
        ],
        middleware=middleware(site, HANDLERS),
        exception_handlers={**HANDLERS, Exception: _broken},
        lifespan=lifespan,
    )
    app.state.settings = settings
    app.state.database = database
    app.state.cache = Cache()
    app.state.export_places = Places()
    app.state.secret = site.secret
    app.state.templates = environment()
    return app


async def _is_alive(request: Request) -> Response:
    """200 only if the database answers, however many people wait for counts."""
    async with request.app.state.database.as_nobody() as reader:
        await reader.value("select 1")
    return PlainTextResponse("ok\n")


def _error(request: Request, status: int, title: str, text: str, remedy: str = "") -> Response:
    return page(request, "pages/error.html", {"title": title, "text": text, "remedy": remedy}, status=status)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    titles = {
        400: "This cannot be done",
        403: "Not allowed",
        404: "There is no such page",
        405: "Not allowed",
        413: "Too large",
    }
    text = "" if error.detail in ("Not Found", "Forbidden", "Method Not Allowed") else error.detail
    response = _error(request, error.status_code, titles.get(error.status_code, "Not possible"), text)
    response.headers.update(error.headers or {})
    return response


async def _no_such_universe(request: Request, error: Exception) -> Response:
    return await _refused(request, HTTPException(404, "Your organization has no such saved universe."))


async def _closed(request: Request, error: Exception) -> Response:
    return _error(
        request,
        403,
        "Your organization's access is closed",
        "The exchange has closed it, or its terms have changed a moment ago.",
        "Ask the people who run the exchange.",
    )


async def _nothing_published(request: Request, error: Exception) -> Response:
    return _error(
        request,
        503,
        "Nothing is published for you yet",
        "Your pages fill with the next refresh of the exchange.",
        "Come back later. If it stays like this, ask the people who run the exchange.",
    )


async def _too_long(request: Request, error: Exception) -> Response:
    return _error(
        request,
        503,
        "This took too long",
        "The question was stopped after eight seconds.",
        "Add a filter and try again.",
    )


async def _busy(request: Request, error: Exception) -> Response:
    """No connection in time, or one that the server has ended: a publication that closes doors does, and a restart."""
    _LOG.warning("%s: %s", type(error).__name__, error)
    return _error(request, 503, "Too many people are asking at once", "Nothing is lost.", "Try again in a moment.")


async def _broken(request: Request, error: Exception) -> Response:
    response = _error(
        request, 500, "Something broke on our side", "It is in the log of the dashboard.", "Go back and try again."
    )
    # Starlette answers this outside of what stands before every page
    Site.of(request.app.state.settings).secure(response.headers, request.url.path)
    return response


async def _bad_filter(request: Request, error: Exception) -> Response:
    return _error(request, 400, "We cannot read this address", str(error), "Go back, or begin anew with all voters.")


HANDLERS: dict[Any, Callable[..., Any]] = {
    HTTPException: _refused,
    BadFilterError: _bad_filter,
    NoSuchUniverseError: _no_such_universe,
    AccessClosedError: _closed,
    NothingPublishedError: _nothing_published,
    errors.QueryCanceled: _too_long,
    errors.IdleInTransactionSessionTimeout: _busy,
    # of the pool too: PoolTimeout is one
    OperationalError: _busy,
}
