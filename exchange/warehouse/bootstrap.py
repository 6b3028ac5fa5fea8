"""What must stand in a database before the first refresh: roles, schemas, grants, quiet catalogs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from exchange.errors import ExchangeError
from exchange.settings import Settings
from exchange.warehouse.account_tables import create_account_tables
from exchange.warehouse.catalogs import restrict_catalogs
from exchange.warehouse.changes import Changes
from exchange.warehouse.client_catalog import create_client_catalog
from exchange.warehouse.connection import DATABASE, connect, ensure_running
from exchange.warehouse.dashboard_rights import correct_rights
from exchange.warehouse.dashboard_tables import create_dashboard_tables
from exchange.warehouse.grants import (
    create_schemas,
    restrict_database,
    restrict_default_privileges,
    set_search_paths,
)
from exchange.warehouse.roles import create_roles, set_passwords
from exchange.warehouse.rule_history import create_rule_history

_LOCK = "select pg_advisory_lock(hashtextextended('exchange.warehouse.bootstrap', 0))"


@dataclass(frozen=True)
class Bootstrapped:
    """What one bootstrap changed (nothing, if all stood), and what this server does not let it do."""

    applied: tuple[str, ...]
    skipped: tuple[str, ...]


def bootstrap(settings: Settings) -> Bootstrapped:
    """Bring the database to the state the exchange needs. Idempotent; repairs what somebody changed.

    Processes that call it at once wait for each other. On the embedded server it creates the database
    `exchange`; a database of EXCHANGE_DATABASE_URL is used as it is. The server must run (see
    connection.ensure_running).
    Raises ExchangeError when the administrator lacks a right that is needed.
    """
    is_ours = settings.database_url is None
    created = _create_database(settings) if is_ours else []
    with connect(settings, "admin", autocommit=True) as connection:
        connection.execute("set client_min_messages = error")  # `no privileges could be revoked` is told by skipped
        connection.execute(_LOCK)
        changes = Changes(connection)
        _check_encoding(changes)
        with connection.transaction():
            create_roles(changes)
            create_schemas(changes)
            restrict_database(changes, is_ours)
            restrict_default_privileges(changes)
            set_search_paths(changes)
            restrict_catalogs(changes)
            create_client_catalog(changes)
            # no number of theirs is given in this transaction: see create_account_tables
            if create_account_tables(connection):
                changes.applied.append("create the tables of accounts")
            create_dashboard_tables(changes)
            create_rule_history(changes)
            correct_rights(changes)
        set_passwords(settings, changes)
    return Bootstrapped((*created, *changes.applied), tuple(changes.skipped))


@contextmanager
def administrator(settings: Settings) -> Iterator[psycopg.Connection[Any]]:
    """The administrator's connection, in autocommit, to a database that is started and bootstrapped if need be."""
    ensure_running(settings)
    bootstrap(settings)
    with connect(settings, "admin", autocommit=True) as connection:
        yield connection


def _create_database(settings: Settings) -> list[str]:
    with connect(settings, "admin", dbname="postgres", autocommit=True) as connection:
        connection.execute(_LOCK)
        found = connection.execute("select from pg_database where datname = %s", [DATABASE]).fetchone()
        if found is not None:
            return []
        # template0: nothing anybody left in template1
        connection.execute(sql.SQL("create database {} template template0").format(sql.Identifier(DATABASE)))
        return [f"create database {DATABASE}"]


def _check_encoding(changes: Changes) -> None:
    [(encoding,)] = changes.rows("select current_setting('server_encoding')")
    if encoding != "UTF8":
        raise ExchangeError(
            f"The database {changes.database} does not store UTF-8.",
            expected="encoding UTF8",
            got=encoding,
            remedy="Create another: create database exchange encoding 'UTF8' template template0",
        )
