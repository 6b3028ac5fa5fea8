"""One login role per partner, opaque like its schema: p_ and six hexadecimal digits.

Works on the connection given, in its transaction if there is one; the connection must be an administrator's.
"""

from __future__ import annotations

import re
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import tuple_row

from exchange.errors import ExchangeError
from exchange.warehouse import roles

__all__ = ["close_door", "create_partner_role", "end_all_partner_sessions", "end_sessions", "open_door", "set_password"]

Connection = psycopg.Connection[Any]
NAME = re.compile(r"p_[0-9a-f]{6}")
CONNECTION_LIMIT = 20
# A partner can lift these for a session of its own; they end what runs by accident.
LIMITS = {
    "statement_timeout": "5min",
    "idle_in_transaction_session_timeout": "10min",
    "default_transaction_read_only": "on",
}
# This one it cannot lift, and only a superuser may set it: sorts that would fill the disk.
SUPERUSER_LIMITS = {"temp_file_limit": "4GB"}


def create_partner_role(connection: Connection, name: str) -> None:
    """Make the partner's role if it is missing, without a password. A closed door stays closed."""
    role = _role(name)
    with connection.transaction():
        # the same moment in two processes would end in "tuple concurrently updated"
        connection.execute("select pg_advisory_xact_lock(hashtextextended('exchange.warehouse.partner_roles', 0))")
        if _one(connection, "select true from pg_roles where rolname = %s", name):
            return
        connection.execute(sql.SQL("create role {} login noinherit connection limit {}").format(role, CONNECTION_LIMIT))
        is_superuser = _one(connection, "select rolsuper from pg_roles where rolname = current_user")
        limits = LIMITS | (SUPERUSER_LIMITS if is_superuser else {})
        for setting, value in {**limits, "search_path": name}.items():
            connection.execute(
                sql.SQL("alter role {} set {} = {}").format(role, sql.Identifier(setting), sql.Literal(value))
            )
        database = sql.Identifier(connection.info.dbname)
        connection.execute(sql.SQL("grant connect on database {} to {}").format(database, role))
        if not is_superuser:
            # to end its sessions, an administrator who is no superuser must be a member
            connection.execute(sql.SQL("grant {} to current_user").format(role))
        _let_web_in(connection, role)


def set_password(connection: Connection, name: str, password: str) -> None:
    """Replace the password; sessions that are open stay. The server never sees the password itself."""
    _role(name)
    roles.set_password(connection, name, password)


def open_door(connection: Connection, name: str) -> None:
    """Let the partner log in again, and the dashboard act for it."""
    role = _role(name)
    with connection.transaction():
        connection.execute(sql.SQL("alter role {} login").format(role))
        _let_web_in(connection, role)


def close_door(connection: Connection, name: str) -> None:
    """No new login, no way through the dashboard, and every session of the partner ends now.

    Inside a transaction, a login is still possible until it commits: then call end_sessions() once more.
    """
    role = _role(name)
    with connection.transaction():
        connection.execute(sql.SQL("alter role {} nologin").format(role))
        connection.execute(sql.SQL("revoke {} from {}").format(role, sql.Identifier(roles.WEB)))
    end_sessions(connection, name)


def end_sessions(connection: Connection, name: str) -> int:
    """End the partner's sessions and wait until they are gone (at most 5 s each). Returns their number."""
    _role(name)
    ended = _one(
        connection,
        "select count(pg_terminate_backend(pid, 5000)) from pg_stat_activity where usename = %s",
        name,
    )
    return int(ended or 0)


def end_all_partner_sessions(connection: Connection) -> None:
    """End every partner's session: before a change of the views themselves, which a reader's lock would block."""
    connection.execute("select pg_terminate_backend(pid, 5000) from pg_stat_activity where usename ~ '^p_[0-9a-f]{6}$'")


def _let_web_in(connection: Connection, role: sql.Identifier) -> None:
    # before Postgres 16 NOINHERIT of exchange_web says the same for all its memberships
    options = sql.SQL("with inherit false, set true" if connection.info.server_version >= 160_000 else "")
    connection.execute(sql.SQL("grant {} to {} {}").format(role, sql.Identifier(roles.WEB), options))


def _role(name: str) -> sql.Identifier:
    if not NAME.fullmatch(name):
        raise ExchangeError(
            "This is not the name of a partner's role.", expected="p_ and six hexadecimal digits", got=name
        )
    return sql.Identifier(name)


def _one(connection: Connection, query: Any, *values: str) -> Any:
    # whatever row factory the caller's connection has
    with connection.cursor(row_factory=tuple_row) as cursor:
        row = cursor.execute(query, values or None).fetchone()
    return None if row is None else row[0]
