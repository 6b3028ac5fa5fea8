"""The dashboard's way into the database: one transaction per request, under the role of whoever asks.

The login `exchange_web` may read nothing. Every read takes a role first, for one transaction (SET LOCAL ROLE): code
that forgets it gets an error, never data; a partner whose door was closed gets one with its next click.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, LiteralString, TypeVar

from psycopg import AsyncConnection, IsolationLevel, errors, sql
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool

from dashboard.viewer import DataVersion, Viewer
from exchange.warehouse.connection import ConnectionInfo

KEEPER = "exchange_dashboard"
OPERATOR = "exchange_operator"
# two cores serve ten queries at once no faster than two; the rest is for people who wait for a lock or a slow client
POOL_SIZE = 8
# a click that takes longer is a mistake of ours, and must not keep others waiting
_SECONDS = 8
# a first count takes a second per million voters, on a machine that has nothing else to do
_SECONDS_FOR_COUNTS = 60
# jit and workers help single long queries and cost many short ones
OPTIONS = (
    f"-c statement_timeout={_SECONDS}s -c idle_in_transaction_session_timeout=30s -c jit=off"
    " -c max_parallel_workers_per_gather=0 -c timezone=UTC -c work_mem=32MB"
)

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
        await self.connection.execute(f"set local statement_timeout = '{_SECONDS}s'")
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
    """A pool of connections as `exchange_web`. observe: is told every statement of a Reader, for tests."""

    def __init__(self, info: ConnectionInfo, observe: Callable[[str], None] | None = None) -> None:
        self.observe = observe
        self._pool: AsyncConnectionPool[AsyncConnection[DictRow]] = AsyncConnectionPool(
            kwargs={
                "host": info.host,
                "port": info.port,
                "dbname": info.dbname,
                "user": info.user,
                "password": info.password.get_secret_value(),
                **info.parameters,
                "options": " ".join(filter(None, [info.parameters.get("options"), OPTIONS])),
                "application_name": "exchange dashboard",
                # a statement is of one partner's views: kept by its text, it would be the next partner's too, and fail
                # where the two have other columns ("cached plan must not change result type")
                "prepare_threshold": None,
                "row_factory": dict_row,
            },
            min_size=2,
            max_size=POOL_SIZE,
            timeout=10,
            # the server may have been restarted since
            check=AsyncConnectionPool.check_connection,
            open=False,
        )

    async def open(self) -> None:
        await self._pool.open(wait=True, timeout=30)

    async def close(self) -> None:
        await self._pool.close()

    @asynccontextmanager
    async def as_partner(
        self, viewer: Viewer, *, read_only: bool = True, is_patient: bool = False
    ) -> AsyncIterator[Reader]:
        """is_patient: nobody waits for it, so a statement may take minutes.

        Raises AccessClosedError when the partner's door is closed, NothingPublishedError when it has no views.
        """
        async with self._transaction(read_only=read_only) as reader:
            await reader._become_partner(viewer)
            if is_patient:
                await reader.connection.execute("set local statement_timeout = '5min'")
                reader.is_patient = True
            try:
                yield reader
            except (errors.UndefinedTable, errors.UndefinedFunction) as error:
                # an upgrade before its first refresh: the view is not there yet
                raise NothingPublishedError(str(error)) from error
            except errors.InsufficientPrivilege as error:
                raise AccessClosedError(str(error)) from error

    @asynccontextmanager
    async def as_keeper(self) -> AsyncIterator[Reader]:
        """Accounts, sessions, universes, exports, names of codes: no voter.

        Raises NothingPublishedError where only a refresh makes what is read.
        """
        async with self._transaction(read_only=False) as reader:
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
        async with self._transaction(read_only=False) as reader:
            await reader._become(OPERATOR)
            yield reader

    @asynccontextmanager
    async def as_nobody(self) -> AsyncIterator[Reader]:
        """As the login itself, which may read nothing: what a page would get that forgot to take a role."""
        async with self._transaction(read_only=True) as reader:
            yield reader

    @asynccontextmanager
    async def _transaction(self, *, read_only: bool) -> AsyncIterator[Reader]:
        async with self._pool.connection() as connection:
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
            coalesce(change.last_published_at, newest.published_at) as published_at,
            newest.as_of
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
