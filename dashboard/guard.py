"""What stands before every page: security headers, who asks, and that a change was asked for by a page of ours."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.security import Site, local_path, new_secret
from dashboard.sessions import viewer_of

SESSION, FORM = "session", "form"
# before one is signed in; everything else needs a session
OPEN_PATHS = ("/sign-in", "/sign-in/organization", "/sign-in/callback")
_UNGUARDED = ("/healthz", "/static/")
_FILES = ("/export", "/quality/download")
_READING = ("GET", "HEAD", "OPTIONS")
# our longest form names a universe
_LARGEST_FORM = 1_000_000
# no text in Postgres has it, and none of ours
_NUL = b"\0", b"%00"
_NO_TEXT = "It holds a character that no text can have. Type it again."
_FORGED = "This form was not sent from a page of ours, or the page is old. Go back, reload the page and try again."


def middleware(site: Site, handlers: Mapping[Any, Callable[..., Any]]) -> list[Middleware]:
    """In this order. handlers: of exceptions, as for Starlette itself, for what happens before a page is reached."""
    return [
        Middleware(SecureHeaders, site=site),
        Middleware(Compressed),
        Middleware(ExceptionMiddleware, handlers=handlers),
        Middleware(Guard, site=site),
    ]


class SecureHeaders:
    """Puts Site.secure()'s headers on every response that passes."""

    def __init__(self, app: ASGIApp, site: Site) -> None:
        self.app = app
        self.site = site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.site.secure(MutableHeaders(scope=message), scope["path"])
            await send(message)

        await self.app(scope, receive, send_secured if scope["type"] == "http" else send)


class Compressed:
    """Pages are text that repeats itself: a tenth of their bytes. Files to take are streamed as they are."""

    def __init__(self, app: ASGIApp) -> None:
        self._plain = app
        self._compressed = GZipMiddleware(app, minimum_size=1000, compresslevel=5)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_file = scope["type"] == "http" and scope["path"].startswith(_FILES)
        await (self._plain if is_file else self._compressed)(scope, receive, send)


class Guard:
    """Sets request.state: viewer (None on the sign-in page only), session_token, csrf_token, form_of (whose), site.

    Plain ASGI, so that an export streams through.
    """

    def __init__(self, app: ASGIApp, site: Site) -> None:
        self.app = app
        self.site = site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(_UNGUARDED):
            await self.app(scope, receive, send)
        elif scope["method"] in _READING:
            await while_somebody_waits(self._answer, scope, receive, send)
        else:
            # what changes something is done to its end
            await self._answer(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        if not self.site.is_our_host(request.headers.get("Host", "")):
            detail = "The dashboard has another address. Who runs it sets EXCHANGE_DASHBOARD_URL."
            raise HTTPException(HTTPStatus.BAD_REQUEST, detail)
        if _has_nul(scope["query_string"]) or "\0" in scope["path"]:
            raise HTTPException(HTTPStatus.BAD_REQUEST, _NO_TEXT)
        form_cookie = await self._recognize(request)
        if request.state.viewer is None and request.url.path not in OPEN_PATHS:
            await _to_sign_in(request)(scope, receive, send)
            return
        if request.method not in _READING:
            receive = await self._check(request)
        await self.app(scope, receive, send if form_cookie is None else self._setting(form_cookie, send))

    async def _recognize(self, request: Request) -> str | None:
        """Who asks. A cookie to set, if one is not signed in and has none for the sign-in form yet."""
        state, cookies = request.state, request.cookies
        state.site, state.viewer, state.session_token = self.site, None, cookies.get(self.site.cookie(SESSION))
        if state.session_token:
            async with request.app.state.database.as_keeper() as reader:
                state.viewer = await viewer_of(reader, state.session_token)
        if state.viewer is not None:
            state.form_of = (SESSION, state.session_token)
            state.csrf_token = self.site.form_token(*state.form_of)
            return None
        known = cookies.get(self.site.cookie(FORM))
        secret = known or new_secret()
        state.form_of = (FORM, secret)
        state.csrf_token = self.site.form_token(*state.form_of)
        return None if known else secret

    def _setting(self, form_cookie: str, send: Send) -> Send:
        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                response = Response()
                self.site.set_cookie(response, FORM, form_cookie)
                MutableHeaders(scope=message).append("Set-Cookie", response.headers["Set-Cookie"])
            await send(message)

        return send_with_cookie

    async def _check(self, request: Request) -> Receive:
        """Raises HTTPException 403 for what no page of ours sent. Returns what gives the body once more."""
        if not self.site.is_our_origin(request.headers):
            raise HTTPException(HTTPStatus.FORBIDDEN, _FORGED)
        body = await _body(request)
        token = request.headers.get("X-CSRF-Token") or _field(request, body, "csrf_token")
        if not self.site.is_form_token(token, *request.state.form_of):
            raise HTTPException(HTTPStatus.FORBIDDEN, _FORGED)
        if _has_nul(body):
            raise HTTPException(HTTPStatus.BAD_REQUEST, _NO_TEXT)
        return _again(body, request.receive)


async def while_somebody_waits(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a request that has no body; stop when its browser has gone. Starlette does not, and HTMX sends the next
    request while the database still counts for the last.
    """
    is_answered = False

    async def leave() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    async def left() -> Message:
        await asyncio.wait([gone])
        return {"type": "http.disconnect"}

    async def send_and_note(message: Message) -> None:
        nonlocal is_answered
        await send(message)
        is_answered = message["type"] == "http.response.body" and not message.get("more_body", False)

    gone = asyncio.create_task(leave())
    page = asyncio.create_task(_run(app, scope, _again(b"", left), send_and_note))
    try:
        await asyncio.wait([gone, page], return_when=asyncio.FIRST_COMPLETED)
        if is_answered:
            # servers say so after every answer, too
            await asyncio.wait([page])
    finally:
        gone.cancel()
        page.cancel()
        # until its transaction has ended
        await asyncio.wait([page])
    if not page.cancelled():
        # raises what it raised
        page.result()


async def _run(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    await app(scope, receive, send)


def _has_nul(text: bytes) -> bool:
    return any(nul in text for nul in _NUL)


async def _body(request: Request) -> bytes:
    body = bytearray()
    try:
        async for part in request.stream():
            body += part
            if len(body) > _LARGEST_FORM:
                raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The form is too large.")
    except ClientDisconnect as error:
        raise HTTPException(HTTPStatus.BAD_REQUEST, "The form did not arrive whole.") from error
    return bytes(body)


def _field(request: Request, body: bytes, name: str) -> str:
    """A field of a plain form; nothing here is uploaded."""
    kind = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        return ""
    return parse_qs(body.decode("utf-8", "replace")).get(name, [""])[0]


def _again(body: bytes, receive: Receive) -> Receive:
    is_given = False

    async def receive_again() -> Message:
        nonlocal is_given
        if is_given:
            return await receive()
        is_given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive_again


def _to_sign_in(request: Request) -> Response:
    """The sign-in page, and back from it to the page that was asked for."""
    is_part = request.headers.get("HX-Request") == "true"
    # of a part of a page HTMX says which page; of a POST the page is asked for again
    page = urlsplit(request.headers.get("HX-Current-URL", "")) if is_part else urlsplit(str(request.url))
    path = local_path(f"{page.path}?{page.query}" if page.query else page.path)
    if request.method not in _READING and not is_part:
        path = "/"
    target = "/sign-in" if path == "/" else f"/sign-in?next={quote(path, safe='/')}"
    if is_part:
        return Response(status_code=HTTPStatus.UNAUTHORIZED, headers={"HX-Redirect": target})
    return RedirectResponse(target, HTTPStatus.SEE_OTHER)
