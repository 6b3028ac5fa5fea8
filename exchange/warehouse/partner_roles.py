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

__all__ = [
    "close_door",
    "create_partner_role",
    "end_all_partner_sessions",
    "end_overdue_sessions",
    "end_sessions",
    "keep_out",
    "let_back",
    "let_into",
    "open_door",
    "set_password",
]

Connection = psycopg.Connection[Any]
NAME = re.compile(r"p_[0-9a-f]{6}")
CONNECTION_LIMIT = 20
# A partner can lift these for a session of its own; they end what runs by accident, end_overdue_sessions() the rest.
LIMITS = {
    "statement_timeout": "5min",
    "idle_in_transaction_session_timeout": "10min",
}
# These it cannot lift, and only a superuser may set them.
SUPERUSER_LIMITS = {
    # sorts that would fill the disk. Of each process: a partner's 20 sessions make 10 GB, with 8 parallel workers 14
    "temp_file_limit": "500MB",
    # what exchange/audit reads: each statement when it begins, its time when it ends, its text when it fails
    "log_statement": "all",
    "log_duration": "on",
    "log_min_error_statement": "error",
}
# longer than any limit above: who is found beyond has lifted them
OVERDUE = "15 minutes"
# the same moment in two processes would end in "tuple concurrently updated"
_ONE_AT_A_TIME = "select pg_advisory_xact_lock(hashtextextended('exchange.warehouse.partner_roles', 0))"


def create_partner_role(connection: Connection, name: str) -> None:
    """Make the partner's role if it is missing, without a password and without a way into any database: let_into().

    Its settings are put right in any case: a role may change its own defaults. A closed door stays closed.
    """
    role = _role(name)
    with connection.transaction():
        connection.execute(_ONE_AT_A_TIME)
        is_superuser = bool(_one(connection, "select rolsuper from pg_roles where rolname = current_user"))
        if _one(connection, "select true from pg_roles where rolname = %s", name):
            _set_right(connection, name, is_superuser)
            return
        connection.execute(sql.SQL("create role {} login noinherit connection limit {}").format(role, CONNECTION_LIMIT))
        _set_right(connection, name, is_superuser)
        if not is_superuser:
            # to end its sessions, an administrator who is no superuser must be a member
            connection.execute(sql.SQL("grant {} to current_user").format(role))
        _let_web_in(connection, role)


def let_into(connection: Connection, database: str, name: str) -> None:
    """Let the partner connect to a database of this server. To the shared one never in strict mode."""
    role = _role(name)
    with connection.transaction():
        connection.execute(_ONE_AT_A_TIME)
        if not _one(connection, "select has_database_privilege(%s, %s, 'connect')", name, database):
            connection.execute(sql.SQL("grant connect on database {} to {}").format(sql.Identifier(database), role))


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


def keep_out(connection: Connection, name: str) -> None:
    """End the partner's sessions and let no new one begin, until let_back(). For a connection in autocommit.

    The dashboard stays out too: its session in the partner's role would hold the views as the partner's own does.
    """
    connection.execute(sql.SQL("alter role {} connection limit 0").format(_role(name)))
    connection.execute(sql.SQL("revoke {} from {}").format(_role(name), sql.Identifier(roles.WEB)))
    # twice: one may just be coming in by the limit that was
    while end_sessions(connection, name) + _end_reading_of_web(connection, name):
        pass


def let_back(connection: Connection, name: str) -> None:
    """End what keep_out() began. A closed door stays closed."""
    connection.execute(sql.SQL("alter role {} connection limit {}").format(_role(name), CONNECTION_LIMIT))
    if _one(connection, "select rolcanlogin from pg_roles where rolname = %s", name):
        _let_web_in(connection, _role(name))


def end_sessions(connection: Connection, name: str) -> int:
    """End the partner's sessions and wait until they are gone (at most 5 s each). Returns their number."""
    _role(name)
    ended = _one(
        connection,
        "select count(pg_terminate_backend(pid, 5000)) from pg_stat_activity where usename = %s",
        name,
    )
    return int(ended or 0)


def _end_reading_of_web(connection: Connection, name: str) -> int:
    """End the dashboard's transactions that hold a view of this partner. Returns their number."""
    ended = _one(
        connection,
        """
        select count(pg_terminate_backend(reading.pid, 5000))
        from pg_stat_activity as reading
        where reading.usename = %s and exists (
            select from pg_locks inner join pg_class on pg_class.oid = pg_locks.relation
            where
                pg_locks.pid = reading.pid
                and pg_locks.database = (select oid from pg_database where datname = current_database())
                and pg_class.relnamespace = to_regnamespace(%s)
        )
        """,
        roles.WEB,
        name,
    )
    return int(ended or 0)


def end_all_partner_sessions(connection: Connection) -> None:
    """End every partner's session: before a change of the views themselves, which a reader's lock would block."""
    connection.execute("select pg_terminate_backend(pid, 5000) from pg_stat_activity where usename ~ '^p_[0-9a-f]{6}$'")


def end_overdue_sessions(connection: Connection) -> int:
    """End partners' sessions that sit in a statement or a transaction far beyond their limits. Returns their number.

    A partner may lift its time limits, and an old transaction keeps dead rows and blocks a change of its views. It also
    keeps all messages of NOTIFY: where those fill up, who sits in any transaction is ended.
    """
    ended = _one(
        connection,
        "select count(pg_terminate_backend(pid, 5000)) from pg_stat_activity"
        " where usename ~ '^p_[0-9a-f]{6}$' and state <> 'idle'"
        " and (xact_start < now() - %s::interval or pg_notification_queue_usage() > 0.25)",
        OVERDUE,
    )
    return int(ended or 0)


def _set_right(connection: Connection, name: str, is_superuser: bool) -> None:
    """Give the role exactly the settings above, for every database, and none for a single one."""
    role = sql.Identifier(name)
    if _one(connection, "select rolconnlimit from pg_roles where rolname = %s", name) != CONNECTION_LIMIT:
        # kept out for a publication that crashed
        let_back(connection, name)
    wanted = {**LIMITS, **(SUPERUSER_LIMITS if is_superuser else {}), "search_path": name}
    with connection.cursor(row_factory=tuple_row) as cursor:
        found = cursor.execute(
            "select datname::text, setconfig from pg_db_role_setting"
            " left join pg_database on pg_database.oid = setdatabase where setrole = %s::regrole",
            (f'"{name}"',),
        ).fetchall()
    # an administrator who is no superuser cannot reset what one has set
    kept = set() if is_superuser else set(SUPERUSER_LIMITS)
    present = [(database, dict(each.split("=", 1) for each in config)) for database, config in found]
    if [(base, {k: v for k, v in each.items() if k not in kept}) for base, each in present] == [(None, wanted)]:
        return
    for database, _ in present:
        where = sql.SQL("") if database is None else sql.SQL("in database {}").format(sql.Identifier(database))
        connection.execute(sql.SQL("alter role {} {} reset all").format(role, where))
    for setting, value in wanted.items():
        connection.execute(
            sql.SQL("alter role {} set {} = {}").format(role, sql.Identifier(setting), sql.Literal(value))
        )


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
