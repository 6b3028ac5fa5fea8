"""What stands before every page: who has gone is not worked for, and text that no database takes stops at the door."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.guard import Guard, while_somebody_waits
from dashboard.security import Site
from dashboard.viewer import DataVersion

SCOPE = {
    "type": "http",
    "method": "GET",
    "path": "/",
    "query_string": b"",
    "headers": [(b"host", b"127.0.0.1")],
    "asgi": {"spec_version": "2.3"},
}


class Browser:
    """A client: `leaves` when told to, or after the whole answer, as servers say of everybody."""

    def __init__(self) -> None:
        self.sent: list[Message] = []
        self._has_gone = asyncio.Event()
        self._asked = 0

    def leave(self) -> None:
        self._has_gone.set()

    async def receive(self) -> Message:
        self._asked += 1
        if self._asked == 1:
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._has_gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        self.sent.append(message)
        if message["type"] == "http.response.body" and not message.get("more_body", False):
            self.leave()

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.sent)


class Page:
    """Works until it may end; notes how it ended."""

    def __init__(self) -> None:
        self.began, self.may_end = asyncio.Event(), asyncio.Event()
        self.ended = ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.began.set()
        try:
            await self.may_end.wait()
        except asyncio.CancelledError:
            # as a transaction is rolled back
            await asyncio.sleep(0.01)
            self.ended = "stopped"
            raise
        await PlainTextResponse("whole")(scope, receive, send)
        await asyncio.sleep(0.01)
        self.ended = "whole"


def run(scene: Callable[[], Awaitable[None]]) -> None:
    async def bounded() -> None:
        await asyncio.wait_for(scene(), timeout=5)
        assert asyncio.all_tasks() == {asyncio.current_task()}, "nothing goes on without a request"

    asyncio.run(bounded())


def test_who_leaves_is_not_worked_for() -> None:
    async def scene() -> None:
        browser, page = Browser(), Page()
        request = asyncio.create_task(while_somebody_waits(page, SCOPE, browser.receive, browser.send))
        await page.began.wait()
        browser.leave()
        await request
        assert page.ended == "stopped", "the transaction has ended before the request has"
        assert browser.sent == []

    run(scene)


def test_who_stays_gets_the_whole_page_and_it_ends_in_peace() -> None:
    """Servers say of everybody that they have gone, once the answer is sent."""

    async def scene() -> None:
        browser, page = Browser(), Page()
        page.may_end.set()
        await while_somebody_waits(page, SCOPE, browser.receive, browser.send)
        assert (browser.body, page.ended) == (b"whole", "whole")

    run(scene)


def test_what_is_streamed_listens_for_a_browser_that_leaves_too() -> None:
    async def scene() -> None:
        async def pieces():  # type: ignore[no-untyped-def]
            for piece in (b"a", b"b", b"c"):
                await asyncio.sleep(0.001)
                yield piece

        browser = Browser()
        await while_somebody_waits(StreamingResponse(pieces()), SCOPE, browser.receive, browser.send)
        assert browser.body == b"abc"

    run(scene)


def test_a_mistake_of_the_page_is_told() -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        raise ValueError("no such view")

    async def scene() -> None:
        browser = Browser()
        with pytest.raises(ValueError, match="no such view"):
            await while_somebody_waits(broken, SCOPE, browser.receive, browser.send)

    run(scene)


def test_a_server_that_stops_stops_its_pages() -> None:
    async def scene() -> None:
        browser, page = Browser(), Page()
        request = asyncio.create_task(while_somebody_waits(page, SCOPE, browser.receive, browser.send))
        await page.began.wait()
        request.cancel()
        with pytest.raises(asyncio.CancelledError):
            await request
        assert page.ended == "stopped"

    run(scene)


@pytest.mark.parametrize(
    "place", [{"query_string": b"who=%00"}, {"query_string": b"a=b&c=x%00y"}, {"path": "/quality/\0"}]
)
def test_text_that_no_database_takes_stops_at_the_door(place: dict[str, object]) -> None:
    async def never(scope: Scope, receive: Receive, send: Send) -> None:
        raise AssertionError("it came through")

    async def scene() -> None:
        browser = Browser()
        guard: ASGIApp = Guard(never, Site(None, b"secret"))
        with pytest.raises(HTTPException) as refused:
            await guard({**SCOPE, **place}, browser.receive, browser.send)
        assert refused.value.status_code == 400

    run(scene)


def test_kept_numbers_are_of_rows_that_cannot_come_back() -> None:
    """A partner that was away for a refresh counts publications from 1 again, under the same audience."""
    at = datetime(2026, 10, 15, 6, tzinfo=UTC)
    version = DataVersion(3, 1, at, at, at)
    assert version.key != DataVersion(3, 1, at, at, at + timedelta(hours=1)).key
    assert version.key != DataVersion(3, 2, at, at, at).key
    # somebody else's rows changed, on the same day
    assert version.key == DataVersion(3, 1, at + timedelta(hours=2), at + timedelta(hours=2), at).key
