"""The dashboard's way into the database: one transaction per request, under the role of whoever asks.

The login `exchange_web` may read nothing. Every read takes a role first, for one transaction (SET LOCAL ROLE): code
that forgets it gets an error, never data; a partner whose door was closed gets one with its next click.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager, nullcontext
from typing import Any, LiteralString, TypeVar

from psycopg import AsyncConnection, IsolationLevel, errors, sql
from psycopg.rows import DictRow
from psycopg_pool import PoolTimeout

from dashboard.pool import SECONDS, SECONDS_FOR_A_CONNECTION, Pool, pool_of
from dashboard.viewer import DataVersion, Viewer
from exchange.warehouse.connection import ConnectionInfo

KEEPER = "exchange_dashboard"
OPERATOR = "exchange_operator"
# two cores serve ten queries at once no faster than two; the rest is for who waits: for a lock, for a slow client, and
# for a count that somebody else of the same partner is making
POOL_SIZE = 12
# of the pool, for one partner: however many of its people wait for a first count, the others go on
MOST_FOR_A_PARTNER = 4
# apart, for what takes milliseconds and everybody needs: who asks, sign-in, the operators' pages
KEEPERS_POOL_SIZE = 3
# a first count takes a second per million voters, on a machine that has nothing else to do
_SECONDS_FOR_COUNTS = 60

Query = LiteralString | sql.SQL | sql.Composed
Value = TypeVar("Value")
Parameters = Sequence[Any] | Mapping[str, Any] | None


class AccessClosedError(Exception):
    """The partner's door is closed: suspended, or no longer active."""


class NothingPublishedError(Exception):
    """The partner has no views yet."""


class Reader:
    """Reads in one transaction, as one role. All of it sees one publication."""

    def __init__(self, connection: AsyncConnection[DictRow], observe: Callable[[str], None] | None) -> None:
        self.connection = connection
        self._observe = observe
        self._version: DataVersion | None = None
        # nobody waits: statements have no short limit
        self.is_patient = False

    @property
    def version(self) -> DataVersion:
        """What a partner's reader reads. Part of the key of everything that is kept from it."""
        assert self._version is not None, "only a partner's reader has a version"
        return self._version

    async def rows(self, query: Query, parameters: Parameters = None) -> list[dict[str, Any]]:
        self.note(query)
        cursor = await self.connection.execute(query, parameters)
        return await cursor.fetchall()

    async def row(self, query: Query, parameters: Parameters = None) -> dict[str, Any] | None:
        self.note(query)
        cursor = await self.connection.execute(query, parameters)
        return await cursor.fetchone()

    async def value(self, query: Query, parameters: Parameters = None) -> Any:
        """The first column of the first row; None without a row."""
        row = await self.row(query, parameters)
        return None if row is None else next(iter(row.values()))

    async def execute(self, query: Query, parameters: Parameters = None) -> int:
        """Run a statement that returns no rows. Returns how many rows it touched."""
        self.note(query)
        cursor = await self.connection.execute(query, parameters)
        return cursor.rowcount

    async def patiently(self, make: Callable[[], Coroutine[Any, Any, Value]]) -> Value:
        """What `make` reads may take a minute: counts that are kept, and made once for all who wait."""
        if self.is_patient:
            return await make()
        await self.connection.execute(f"set local statement_timeout = '{_SECONDS_FOR_COUNTS}s'")
        value = await make()
        await self.connection.execute(f"set local statement_timeout = '{SECONDS}s'")
        return value

    def note(self, query: Query) -> None:
        """Tell a test what is sent."""
        if self._observe is not None:
            self._observe(query if isinstance(query, str) else query.as_string())

    async def _become(self, role: str) -> None:
        try:
            await self.connection.execute(sql.SQL("set local role {}").format(sql.Identifier(role)))
        except (errors.InsufficientPrivilege, errors.InvalidParameterValue, errors.UndefinedObject) as error:
            raise AccessClosedError(role) from error

    async def _become_partner(self, viewer: Viewer) -> None:
        assert viewer.partner_id is not None, "an operator reads a partner's pages only as one of them"
        await self._become(KEEPER)
        self._version = await _version(self, viewer.partner_id)
        if viewer.role is None or self._version is None:
            raise NothingPublishedError(viewer.partner_id)
        await self._become(viewer.role)
        await self.connection.execute(sql.SQL("set local search_path = {}").format(sql.Identifier(viewer.role)))


class Database:
    """Connections as `exchange_web`. observe: is told every statement of a Reader, for tests."""

    def __init__(self, info: ConnectionInfo, observe: Callable[[str], None] | None = None) -> None:
        self.observe = observe
        self._partners = pool_of(info, POOL_SIZE)
        self._keepers = pool_of(info, KEEPERS_POOL_SIZE)
        # partner -> its places in the pool
        self._places: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(MOST_FOR_A_PARTNER))

    async def open(self) -> None:
        for pool in (self._partners, self._keepers):
            await pool.open(wait=True, timeout=30)

    async def close(self) -> None:
        for pool in (self._partners, self._keepers):
            await pool.close()

    @asynccontextmanager
    async def as_partner(
        self, viewer: Viewer, *, read_only: bool = True, is_patient: bool = False
    ) -> AsyncIterator[Reader]:
        """is_patient: nobody waits for it, so a statement may take minutes.

        Raises AccessClosedError when the partner's door is closed, NothingPublishedError when it has no views,
        PoolTimeout when others take too long.
        """
        async with (
            nullcontext() if is_patient else self._place(viewer),
            self._transaction(self._partners, read_only=read_only) as reader,
        ):
            await reader._become_partner(viewer)
            if is_patient:
                await reader.connection.execute("set local statement_timeout = '5min'")
                reader.is_patient = True
            try:
                yield reader
            except (errors.UndefinedTable, errors.UndefinedColumn, errors.UndefinedFunction) as error:
                # an upgrade before its first refresh: the view is not there yet, or not all of it
                raise NothingPublishedError(str(error)) from error
            except errors.InsufficientPrivilege as error:
                raise AccessClosedError(str(error)) from error

    @asynccontextmanager
    async def as_keeper(self) -> AsyncIterator[Reader]:
        """Accounts, sessions, universes, exports, names of codes: no voter.

        Raises NothingPublishedError where only a refresh makes what is read.
        """
        async with self._transaction(self._keepers, read_only=False) as reader:
            await reader._become(KEEPER)
            try:
                yield reader
            except errors.UndefinedTable as error:
                raise NothingPublishedError(str(error)) from error

    @asynccontextmanager
    async def as_operator(self, viewer: Viewer) -> AsyncIterator[Reader]:
        """What operators look after: files, publications, people who sign in. Raises AccessClosedError for others."""
        if not viewer.is_operator:
            raise AccessClosedError(viewer.email)
        async with self._transaction(self._keepers, read_only=False) as reader:
            await reader._become(OPERATOR)
            yield reader

    @asynccontextmanager
    async def as_nobody(self) -> AsyncIterator[Reader]:
        """As the login itself, which may read nothing: what a page would get that forgot to take a role."""
        async with self._transaction(self._keepers, read_only=True) as reader:
            yield reader

    @asynccontextmanager
    async def _place(self, viewer: Viewer) -> AsyncIterator[None]:
        """One of the partner's. Waits for it as for a connection, but holds none meanwhile."""
        places = self._places[viewer.partner_id or ""]
        try:
            async with asyncio.timeout(SECONDS_FOR_A_CONNECTION):
                await places.acquire()
        except TimeoutError as error:
            raise PoolTimeout("too many of one partner at once") from error
        try:
            yield
        finally:
            places.release()

    @asynccontextmanager
    async def _transaction(self, pool: Pool, *, read_only: bool) -> AsyncIterator[Reader]:
        async with pool.connection() as connection:
            await connection.set_read_only(read_only)
            # a page is of one publication, however many queries it takes
            await connection.set_isolation_level(IsolationLevel.REPEATABLE_READ if read_only else None)
            async with connection.transaction():
                yield Reader(connection, self.observe)


async def _version(reader: Reader, partner_id: str) -> DataVersion | None:
    if not await reader.value("select to_regclass('published.change_feed') is not null"):
        return None
    row = await reader.row(
        """
        select
            feed.audience_id,
            coalesce(change.publication_count, 0) as publication_count,
            newest.published_at,
            newest.as_of,
            -- "now" of the refresh that changed it last
            change.last_published_at as changed_as_of
        from published.change_feed as feed
        left join published.audience_change as change on feed.audience_id = change.audience_id
        cross join (
            select published_at, as_of from published.publication order by publication_id desc limit 1
        ) as newest
        where feed.partner_id = %s
        """,
        [partner_id],
    )
    return None if row is None else DataVersion(**row)
