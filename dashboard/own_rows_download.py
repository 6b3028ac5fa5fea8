"""Rows of a partner's own files as CSV: read in one snapshot, announced in dashboard.export, sent, and closed there."""

from __future__ import annotations

import asyncio
import csv
import hashlib
import io
import zlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from anyio import CancelScope
from psycopg import sql
from starlette.exceptions import HTTPException
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from dashboard.database import Database, Reader
from dashboard.exporting import log
from dashboard.exporting.rows import FORMULA_STARTS
from dashboard.own_rows import Table, filtered, look
from dashboard.viewer import DataVersion, Viewer

COLUMNS = ("feed_id", "file_name", "line_number", "reason", "what_to_do", "line")
BLOCK_ROWS = 2000


@dataclass
class _Contents:
    """The file, compressed while it waits for its reader: however slow that is, the database is done with it."""

    version: DataVersion
    rows: int = 0
    blocks: list[bytes] = field(default_factory=list)
    digest: Any = field(default_factory=hashlib.sha256)

    def add(self, lines: Sequence[Sequence[Any]]) -> None:
        text = io.StringIO()
        csv.writer(text).writerows([safe_cell(cell) for cell in line] for line in lines)
        block = text.getvalue().encode()
        self.digest.update(block)
        self.blocks.append(zlib.compress(block, 1))


async def download(
    database: Database,
    viewer: Viewer,
    table: Table,
    filters: Mapping[str, str],
    *,
    limit: int,
    places: asyncio.Semaphore,
) -> Response:
    """Raises HTTPException 400 for a filter that no row has, and for more rows than the limit: a file is never cut.

    places: how many files are read at once.
    """
    async with places, database.as_partner(viewer) as reader:
        contents = await _read(reader, table, filters, limit)
    export_id = await _announce(database, viewer, table, filters, contents)
    return _Download(database, export_id, table, contents)


class _Download(StreamingResponse):
    """The file as an answer. However it ends, its end is written down."""

    def __init__(self, database: Database, export_id: UUID, table: Table, contents: _Contents) -> None:
        name = f"{table.name}_rows_{contents.version.as_of:%Y-%m-%d}.csv"
        super().__init__(
            self._pieces(),
            media_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )
        self._database, self._export_id, self._contents = database, export_id, contents
        self._sent_blocks, self._is_sent = 0, False

    async def _pieces(self) -> AsyncIterator[bytes]:
        for block in self._contents.blocks:
            # before it is sent: what arrived although the connection then broke counts too
            self._sent_blocks += 1
            yield zlib.decompress(block)

    async def stream_response(self, send: Send) -> None:
        await super().stream_response(send)
        self._is_sent = True

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            # also for one whose browser has gone, which cancels everything here
            with CancelScope(shield=True):
                await log.close(
                    self._database,
                    self._export_id,
                    # the first block is the header
                    rows_sent=min(max(self._sent_blocks - 1, 0) * BLOCK_ROWS, self._contents.rows),
                    sha256=self._contents.digest.hexdigest() if self._is_sent else None,
                )


def safe_cell(value: Any) -> str:
    """As text that no spreadsheet runs."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


async def _read(reader: Reader, table: Table, filters: Mapping[str, str], limit: int) -> _Contents:
    counted = (await look(reader, table, filters)).matching
    if counted > limit:
        raise HTTPException(
            400, f"{counted:,} rows match; a file may hold {limit:,}. Choose a feed, a file or a reason, and take each."
        )
    contents = _Contents(reader.version)
    contents.add([[*COLUMNS[:-1], table.text_column]])
    source, parameters = filtered(table, filters)
    query = sql.SQL("{} order by feed_id, file_name, line_number, digest").format(source)
    reader.note(query)
    async with reader.connection.cursor("own_rows") as cursor:
        await cursor.execute(query, parameters)
        while rows := await cursor.fetchmany(BLOCK_ROWS):
            contents.add([[row[name] for name in COLUMNS] for row in rows])
            contents.rows += len(rows)
    return contents


async def _announce(
    database: Database, viewer: Viewer, table: Table, filters: Mapping[str, str], contents: _Contents
) -> UUID:
    taken = log.Announcement(
        kind="own_rows",
        what=table.view,
        filter=urlencode(filters),
        purpose="mend our own files",
        version=contents.version,
        counted=contents.rows,
    )
    async with database.as_keeper() as keeper:
        return await log.write_down(keeper, viewer, taken)
