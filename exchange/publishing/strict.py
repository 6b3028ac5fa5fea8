"""Strict mode: a database for each partner with nothing in it but its own views, and no way into the exchange's own.

Who shares a database with others sees their schemas' names and how many relations they have. Here a partner's role may
connect to one database only, called like the role, and finds the same contract there. What it acknowledges there is
brought home before each copy, before its database is dropped, and whenever an operator asks.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, LiteralString

import psycopg
from psycopg import Connection, IsolationLevel, sql
from psycopg.rows import tuple_row

from exchange.errors import ExchangeError
from exchange.publishing import acknowledgement_copies
from exchange.publishing.copying import copy_views
from exchange.publishing.logins import login_states
from exchange.settings import Settings
from exchange.warehouse.catalogs import restrict_catalogs
from exchange.warehouse.changes import Changes
from exchange.warehouse.client_catalog import create_client_catalog
from exchange.warehouse.connection import connect
from exchange.warehouse.grants import revoke_from_public
from exchange.warehouse.partner_roles import NAME, end_sessions, let_into

_LOCK = "select pg_advisory_lock(hashtextextended('exchange.publishing.strict', 0))"
_LOCK_UNLESS_TAKEN = "select pg_try_advisory_lock(hashtextextended('exchange.publishing.strict', 0))"
_MARK = "Views of one partner."
_PATTERN = f"^{NAME.pattern}$"


@dataclass
class Copied:
    """What one call did: role -> rows written or removed in its database; roles whose database was dropped."""

    rows: dict[str, int] = field(default_factory=dict)
    dropped: list[str] = field(default_factory=list)


def copy_to_partner_databases(settings: Settings) -> Copied:
    """Bring every partner's database to the state of the last publication.

    Without strict mode: let every partner into the shared database, and remove the others. Call after each publication.
    One transaction for each database; what a crash left behind is caught up with.
    Raises ExchangeError, after all others were copied or removed, with the roles whose database could not be.
    """
    done, failed = Copied(), dict[str, str]()
    with connect(settings, "admin", autocommit=True, row_factory=tuple_row) as conn:
        conn.execute(_LOCK)
        roles = _published_roles(conn) if settings.strict else []
        databases = _databases(conn)
        try:
            for role in [] if settings.strict else _roles_here(conn):
                let_into(conn, conn.info.dbname, role)
            for role in sorted(databases - set(roles)):
                with _others_go_on(failed, role):
                    _drop_database(settings, conn, role)
                    done.dropped.append(role)
            for role in roles:
                with _others_go_on(failed, role):
                    if role not in databases:
                        _create_database(conn, role)
                    done.rows[role] = _copy(settings, conn, role)
                    let_into(conn, role, role)
        finally:
            if settings.strict:
                # last, so that a partner is never without any door; who could not be copied stays out of both
                _shut_out(conn)
    if failed:
        raise ExchangeError(
            f"The newest publication is not in every partner's database; as before are {', '.join(sorted(failed))}.",
            got="; ".join(f"{role}: {problem}" for role, problem in sorted(failed.items())),
            remedy="Mend it, then `exchange refresh`: what is missing is copied.",
        )
    return done


def collect_acknowledgements(settings: Settings) -> None:
    """Bring home what partners acknowledged in databases of their own since the last copy. Without any: nothing to do.

    While a copy runs, it is left to the copy.
    """
    with connect(settings, "admin", autocommit=True, row_factory=tuple_row) as conn:
        databases = _databases(conn)
        if databases and conn.execute(_LOCK_UNLESS_TAKEN).fetchone() == (True,):
            # again: a copy that has just ended may have dropped some
            for role in sorted(_databases(conn)):
                _collect(settings, conn, role)


@contextmanager
def _others_go_on(failed: dict[str, str], role: str) -> Iterator[None]:
    """What goes wrong with one database is noted, and stops no other."""
    try:
        yield
    except ExchangeError as error:
        # a database that lets nobody in: exchange/warehouse/connection.py
        failed[role] = error.problem
    except psycopg.Error as error:
        failed[role] = str(error).strip()


def database_of(settings: Settings, role: str, shared: str) -> str:
    """The database a partner connects to. shared: the exchange's own."""
    return role if settings.strict else shared


def _published_roles(conn: Connection[Any]) -> list[str]:
    rows = conn.execute("select nspname::text from pg_namespace where nspname ~ %s order by 1", (_PATTERN,))
    return [role for (role,) in rows.fetchall()]


def _databases(conn: Connection[Any]) -> set[str]:
    """Databases that were made here: what else is called so on somebody's server is not ours to drop."""
    rows = conn.execute(
        "select datname::text from pg_database where datname ~ %s and shobj_description(oid, 'pg_database') = %s",
        (_PATTERN, _MARK),
    ).fetchall()
    return {name for (name,) in rows}


def _create_database(conn: Connection[Any], role: str) -> None:
    name = sql.Identifier(role)
    found = conn.execute("select from pg_database where datname = %s", (role,)).fetchone()
    if found is None:
        # a new database would let everybody in
        conn.execute(sql.SQL("create database {} template template0 allow_connections false").format(name))
    conn.execute(sql.SQL("revoke all on database {} from public").format(name))
    conn.execute(sql.SQL("alter database {} allow_connections true").format(name))
    conn.execute(sql.SQL("comment on database {} is {}").format(name, sql.Literal(_MARK)))


def _drop_database(settings: Settings, conn: Connection[Any], role: str) -> None:
    """Shut the door first: nothing is acknowledged there after the last look."""
    name = sql.Identifier(role)
    if _one(conn, "select exists (select from pg_roles where rolname = %s)", role):
        conn.execute(sql.SQL("revoke connect on database {0} from {0}").format(name))
    sessions = (
        "select count(pg_terminate_backend(pid, 5000)) from pg_stat_activity where datname = %s and usename = datname"
    )
    _one(conn, sessions, role)
    _collect(settings, conn, role)
    conn.execute(sql.SQL("drop database if exists {} with (force)").format(name))


def _collect(settings: Settings, conn: Connection[Any], role: str) -> None:
    with connect(settings, "admin", dbname=role, autocommit=True) as own:
        acknowledgement_copies.collect(conn, own, role)


def _copy(settings: Settings, conn: Connection[Any], role: str) -> int:
    # before the snapshot, which tells the database how far its partner has acknowledged
    _collect(settings, conn, role)
    with _snapshot(settings) as source, connect(settings, "admin", dbname=role, row_factory=tuple_row) as target:
        # one picture of the publication; rows as text do not depend on the server's settings
        target.execute("set local timezone = 'UTC'; set local lock_timeout = '30s'")
        _make_quiet(target, role)
        rows = copy_views(source, target, role)
        acknowledgement_copies.open_in_copy(source, target, role)
    return rows


@contextmanager
def _snapshot(settings: Settings) -> Iterator[Connection[Any]]:
    """The exchange's database at one moment; what is made there for the copy goes at the end."""
    with connect(settings, "admin", row_factory=tuple_row) as conn:
        conn.isolation_level = IsolationLevel.REPEATABLE_READ
        conn.execute("set local timezone = 'UTC'")
        yield conn
        conn.rollback()


def _make_quiet(target: Connection[Any], role: str) -> None:
    """The same hardening as the exchange's database has; nothing for anybody but what is granted below."""
    changes = Changes(target)
    for privilege in ("connect", "temporary", "create"):
        revoke_from_public(changes, "database", role, privilege)
    for privilege in ("create", "usage"):
        revoke_from_public(changes, "schema", "public", privilege)
    restrict_catalogs(changes)
    create_client_catalog(changes)
    for schema in ("published", role):
        target.execute(
            sql.SQL("create schema if not exists {} authorization exchange_owner").format(sql.Identifier(schema))
        )
    target.execute(sql.SQL("grant usage on schema {0} to {0}").format(sql.Identifier(role)))


def _roles_here(conn: Connection[Any]) -> list[str]:
    """Roles of this exchange's partners: what else is called so on somebody's server is let in nowhere."""
    known = {*_published_roles(conn), *(state.role for state in login_states(conn).values())}
    rows = conn.execute("select rolname::text from pg_roles where rolname = any(%s) order by 1", (sorted(known),))
    return [role for (role,) in rows.fetchall()]


def _shut_out(conn: Connection[Any]) -> None:
    """No way into the exchange's database for any partner."""
    rows = conn.execute(
        "select rolname::text from pg_roles where rolname ~ %s"
        " and has_database_privilege(oid, current_database(), 'connect')",
        (_PATTERN,),
    ).fetchall()
    for (role,) in rows:
        database = sql.Identifier(conn.info.dbname)
        conn.execute(sql.SQL("revoke connect on database {} from {}").format(database, sql.Identifier(role)))
        # the sessions that came in before
        end_sessions(conn, role)


def _one(conn: Connection[Any], query: LiteralString, value: str) -> Any:
    row = conn.execute(query, (value,)).fetchone()
    return row and row[0]
