"""One publication at a time, each in one transaction that readers see whole or not at all.

The tables that publications are recorded in are made before, in a transaction of their own. A sequence that gives its
first number in the transaction that makes it is not in the log (wal_level=minimal), nor are its next 31 numbers: after
a crash of the server it would give them again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from psycopg import Connection, Cursor, IsolationLevel

from exchange.publishing import acknowledgement, audience_state, change_feed, hold, recording, scope, undo_log
from exchange.warehouse.changes import Changes
from exchange.warehouse.dashboard_rights import correct_rights

# Any number: publications of one warehouse wait for each other.
_PUBLISH_LOCK = 7_203_481


@contextmanager
def only_publication(connection: Connection[Any]) -> Iterator[Cursor[Any]]:
    """A transaction in which nobody else publishes; commits at the end. `connection`: an administrator's, autocommit.

    The lock is the session's: it ends with the connection, also when the process is killed.
    """
    # before the transaction, whose picture of the data must not be older than the publication it waited for
    connection.execute("select pg_advisory_lock(%s)", (_PUBLISH_LOCK,))
    with connection.transaction(), connection.cursor() as cursor:
        _make_tables(cursor)
    # one picture of `sharing`, even if somebody rebuilds a model by hand meanwhile
    connection.isolation_level = IsolationLevel.REPEATABLE_READ
    with connection.transaction(), connection.cursor() as cursor:
        # digests are taken over the rows' text, which must not depend on the server's settings
        cursor.execute(
            "set local timezone = 'UTC'; set local datestyle = 'ISO, MDY'; set local intervalstyle = 'postgres';"
            " set local lock_timeout = '30s'; set local client_min_messages = 'warning'"
        )
        change_feed.begin(cursor)
        yield cursor
        # of tables that this publication was the first to make
        correct_rights(Changes(connection), "published")


def _make_tables(cursor: Cursor[Any]) -> None:
    """Make what is missing."""
    cursor.execute("set local lock_timeout = '30s'; set local client_min_messages = 'warning'")
    tables = (recording, scope, audience_state, undo_log, hold, acknowledgement)
    cursor.execute("".join(module.TABLES for module in tables).encode())
    recording.add_columns(cursor)
    correct_rights(Changes(cursor.connection), "published")
