"""Rows of a partner's own files as CSV: announced in dashboard.export before the first byte, streamed, then closed."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from psycopg import sql
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from dashboard.database import Database, Reader
from dashboard.own_rows import Table, filtered, look
from dashboard.viewer import Viewer

# a spreadsheet takes a cell that begins so for a formula, and runs it
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
BLOCK = 2000
COLUMNS = ("feed_id", "file_name", "line_number", "reason", "what_to_do", "line")


async def download(database: Database, viewer: Viewer, table: Table, filters: Mapping[str, str]) -> Response:
    """Everything up to the first byte is done here, so that what goes wrong is still a page.

    Raises HTTPException 400 for a filter that no row has.
    """
    async with database.as_partner(viewer) as reader:
        counted = (await look(reader, table, filters)).matching
    # one connection at a time: who waits for a second one while holding the first may wait for others who do the same
    export_id = await _announce(database, viewer, reader, table, filters, counted)
    async with AsyncExitStack() as opening:
        reader = await opening.enter_async_context(database.as_partner(viewer))
        return _Download(database, opening.pop_all(), reader, table, filters, export_id)


class _Download(StreamingResponse):
    """The answer that owns the transaction: it ends with it, also when nobody listens any more."""

    def __init__(
        self,
        database: Database,
        opened: AsyncExitStack,
        reader: Reader,
        table: Table,
        filters: Mapping[str, str],
        export_id: UUID,
    ) -> None:
        name = f"{table.name}_rows_{reader.version.as_of:%Y-%m-%d}.csv"
        super().__init__(
            self._stream(reader, table, filters),
            media_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )
        self._database, self._opened, self._export_id = database, opened, export_id
        self._digest, self._sent, self._is_complete = hashlib.sha256(), 0, False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            async with self._opened:
                await super().__call__(scope, receive, send)
        finally:
            async with self._database.as_keeper() as keeper:
                await keeper.execute(
                    """
                    update dashboard.export set rows_sent = %s, sha256 = %s, ended_at = clock_timestamp(), outcome = %s
                    where export_id = %s
                    """,
                    [
                        self._sent,
                        self._digest.hexdigest(),
                        "complete" if self._is_complete else "aborted",
                        self._export_id,
                    ],
                )

    async def _stream(self, reader: Reader, table: Table, filters: Mapping[str, str]) -> AsyncIterator[bytes]:
        header = [*COLUMNS[:-1], table.text_column]
        yield self._written([header], rows=0)
        source, parameters = filtered(table, filters)
        query = sql.SQL("{} order by feed_id, file_name, line_number, digest").format(source)
        reader.note(query)
        async with reader.connection.cursor("own_rows") as cursor:
            await cursor.execute(query, parameters)
            while rows := await cursor.fetchmany(BLOCK):
                yield self._written([[row[name] for name in COLUMNS] for row in rows], rows=len(rows))
        self._is_complete = True

    def _written(self, lines: Sequence[Sequence[Any]], rows: int) -> bytes:
        block = _as_csv(lines)
        self._digest.update(block)
        self._sent += rows
        return block


def safe_cell(value: Any) -> str:
    """As text that no spreadsheet runs."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _as_csv(lines: Iterable[Sequence[Any]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([safe_cell(cell) for cell in line] for line in lines)
    return text.getvalue().encode()


async def _announce(
    database: Database, viewer: Viewer, reader: Reader, table: Table, filters: Mapping[str, str], counted: int
) -> UUID:
    async with database.as_keeper() as keeper:
        export_id: UUID = await keeper.value(
            """
            insert into dashboard.export
                (user_id, email, partner_id, kind, what, filter, as_of, publication, purpose, counted)
            values (%s, %s, %s, 'own_rows', %s, %s, %s, %s, 'correct our own files', %s)
            returning export_id
            """,
            [
                viewer.user_id,
                viewer.email,
                viewer.partner_id,
                f"{table.name} rows of our own files",
                urlencode(filters),
                reader.version.as_of,
                str(reader.version.publication_count),
                counted,
            ],
        )
        return export_id
