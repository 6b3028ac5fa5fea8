"""Taking a list: counted, announced and read in one snapshot, and sent as fast as its reader reads.

The database is done with a list in a second or two, however slowly it is downloaded: what is not sent yet waits here,
compressed, and a list is never longer than the limit.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from anyio import CancelScope
from psycopg import AsyncConnection, sql
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from dashboard.database import Database
from dashboard.exporting import log
from dashboard.exporting.archive import Archive

# read at once, each with a second connection while it is announced: few enough that others keep theirs
AT_ONCE = 2
# sorting fifty thousand people of a million takes its time
STATEMENT_SECONDS = 30
# of CSV, before it is compressed and handed on
PIECE = 64 * 1024
# Excel takes UTF-8 for what it is only after this
BOM = b"\xef\xbb\xbf"


class WrongCountError(RuntimeError):
    """Counts and rows of one snapshot differ, which they never should: the download breaks off."""


@dataclass(frozen=True)
class Contents:
    """A list that is announced: what to write, before the rows and as rows. people: how many rows were announced."""

    export_id: UUID
    connection: AsyncConnection[Any]
    archive: Archive
    readme: str
    file: str
    query: sql.Composed
    people: int
    has_bom: bool


@dataclass(frozen=True)
class _Piece:
    """Bytes to send. rows: people who were read by then; the compressor may still hold the last few hundred."""

    data: bytes
    rows: int


class Places:
    """What all lists of one application share: few are read at once, and one is announced after the other, since two
    people of a partner at once would both find the same rest of what it may take.
    """

    def __init__(self) -> None:
        self.reading = asyncio.Semaphore(AT_ONCE)
        self.announcing = asyncio.Lock()


class Taking:
    """One list on its way: begin, then pieces, then close."""

    def __init__(self, database: Database, places: Places) -> None:
        self._database, self._places = database, places
        self._pieces: asyncio.Queue[_Piece | None] = asyncio.Queue()
        self._announced: asyncio.Future[UUID] = asyncio.get_running_loop().create_future()
        self._task: asyncio.Task[None] | None = None
        self._sent, self._rows, self._digest, self._is_whole = 0, 0, hashlib.sha256(), False

    async def begin(self, work: Coroutine[Any, Any, None]) -> None:
        """Returns once the list is announced; raises what `work` raises before that.

        work: opens the snapshot, counts, announces, calls `write` and closes the snapshot. It may outlive the request.
        """
        self._task = asyncio.create_task(self._run(work))
        self._task.add_done_callback(self._end)
        await self._announced

    async def _run(self, work: Coroutine[Any, Any, None]) -> None:
        async with self._places.reading:
            await work
        self._is_whole = True

    def _end(self, task: asyncio.Task[None]) -> None:
        self._pieces.put_nowait(None)
        if self._announced.done():
            return
        if task.cancelled():
            self._announced.cancel()
        elif (error := task.exception()) is not None:
            self._announced.set_exception(error)

    async def write(self, contents: Contents) -> None:
        """Read the rows, inside of the snapshot that they were counted in."""
        self._announced.set_result(contents.export_id)
        with contents.archive as archive:
            # first, so that it begins at once, whatever the rows take
            self._hand_on(archive.begin("README.txt") + archive.write(contents.readme.encode()))
            self._hand_on(archive.begin(contents.file))
            await self._read(contents, archive)
            self._hand_on(archive.end())

    async def _read(self, contents: Contents, archive: Archive) -> None:
        csv = bytearray(BOM if contents.has_bom else b"")
        # the header is a line too
        self._rows = -1
        await contents.connection.execute(f"set local statement_timeout = '{STATEMENT_SECONDS}s'")
        async with contents.connection.cursor() as cursor, cursor.copy(contents.query) as copy:
            async for line in copy:
                csv += line
                self._rows += 1
                if len(csv) >= PIECE:
                    self._compress(archive, csv)
                    # lines come faster than they are asked for; others want to be served too
                    await asyncio.sleep(0)
        self._compress(archive, csv)
        if self._rows != contents.people:
            # rather no list than one that is not what the text beside it and the log say
            raise WrongCountError(f"{contents.people:,} people were counted, {self._rows:,} were read.")

    def _compress(self, archive: Archive, csv: bytearray) -> None:
        self._digest.update(csv)
        self._hand_on(archive.write(bytes(csv)))
        csv.clear()

    def _hand_on(self, data: bytes) -> None:
        if data:
            self._pieces.put_nowait(_Piece(data, max(self._rows, 0)))

    async def pieces(self) -> AsyncIterator[bytes]:
        """What is sent. Raises what went wrong: the download breaks off, and nobody takes a half list for whole."""
        assert self._task is not None, "begin first"
        while (piece := await self._pieces.get()) is not None:
            # before it is sent: what arrived although the connection then broke counts too
            self._sent = piece.rows
            yield piece.data
        await self._task

    async def close(self, *, is_sent: bool) -> None:
        """Write down how it ended; stops what still reads."""
        assert self._task is not None, "begin first"
        self._task.cancel()
        await asyncio.wait([self._task])
        is_complete = is_sent and self._is_whole
        await log.close(
            self._database,
            self._announced.result(),
            rows_sent=self._rows if is_complete else self._sent,
            sha256=self._digest.hexdigest() if is_complete else None,
        )


class Download(StreamingResponse):
    """A list as an answer. However it ends, its end is written down."""

    def __init__(self, taking: Taking, name: str) -> None:
        super().__init__(
            taking.pieces(),
            media_type="application/zip",
            headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
        )
        self._taking = taking
        self._is_sent = False

    async def stream_response(self, send: Send) -> None:
        await super().stream_response(send)
        self._is_sent = True

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            # also for one whose browser has gone, which cancels everything here
            with CancelScope(shield=True):
                await self._taking.close(is_sent=self._is_sent)
