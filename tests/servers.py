"""Servers for tests: embedded ones and one that plays somebody else's; started, bootstrapped and always stopped."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from psycopg import sql

from exchange.settings import Settings
from exchange.warehouse.bootstrap import bootstrap
from exchange.warehouse.connection import connect, connection_info, ensure_running
from exchange.warehouse.server import EmbeddedServer

DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")


def fresh_settings(tmp_path: Path, **values: Any) -> Settings:
    """Settings of an exchange of its own below `tmp_path`, whatever the environment says."""
    return Settings(**{"home": tmp_path / "home", "database_url": None, "database_port": None, **values})


@contextmanager
def running_warehouse(settings: Settings) -> Iterator[Settings]:
    """The embedded server of `settings`, bootstrapped (1.2 s); stopped at the end however the test ends."""
    try:
        ensure_running(settings)
        bootstrap(settings)
        yield settings
    finally:
        if settings.database_url is None:
            EmbeddedServer(settings).stop()


@contextmanager
def debian_15(folder: Path) -> Iterator[Settings]:
    """Debian's PostgreSQL 15, playing somebody else's server: reached by URL only. Skips, and says so, if absent."""
    if not (DEBIAN_15 / "postgres").exists():
        pytest.skip(f"PostgreSQL 15 is not tested: there is no {DEBIAN_15} (apt-get install postgresql-15)")
    settings = fresh_settings(folder)
    server = EmbeddedServer(settings, binaries=DEBIAN_15)
    try:
        assert (server.start().version or "").startswith("15.")
        yield settings
    finally:
        server.stop()


def external_database(server: Settings, home: Path, database: str, as_superuser: bool) -> Settings:
    """An exchange in a new database of `server`, whose administrator is a superuser or, as managed, just its owner."""
    admin = connection_info(server)
    owner = "owner_of_" + database
    with connect(server, dbname="postgres", autocommit=True) as connection:
        connection.execute(
            sql.SQL("create role {} login createrole password 'p%w' {}").format(
                sql.Identifier(owner), sql.SQL("superuser" if as_superuser else "nosuperuser")
            )
        )
        connection.execute(
            sql.SQL("create database {} owner {}").format(sql.Identifier(database), sql.Identifier(owner))
        )
    url = f"postgresql://{owner}:{quote('p%w')}@{admin.host}:{admin.port}/{database}"
    return fresh_settings(home, database_url=url)


def server_log(settings: Settings) -> str:
    """All that the embedded server of `settings` has written, wherever it lies."""
    files = [settings.home / "postgres.log", *sorted((settings.home / "postgres-log").iterdir())]
    return "\n".join(file.read_text(errors="replace") for file in files)
