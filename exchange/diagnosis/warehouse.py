"""The database server and the files that hold its passwords. Never starts the server."""

from __future__ import annotations

import stat
from collections.abc import Iterator

import psycopg
from pydantic import SecretStr

from exchange.diagnosis.finding import Finding
from exchange.errors import ExchangeError
from exchange.settings import Settings
from exchange.warehouse.binaries import LEAST_MAJOR
from exchange.warehouse.server import EmbeddedServer


def database(settings: Settings) -> Iterator[Finding]:
    if settings.database_url is not None:
        yield from _server_elsewhere(settings.database_url)
        return
    try:
        status = EmbeddedServer(settings).status()
    except ExchangeError as error:
        yield Finding("database", "wrong", str(error))
        return
    folder = status.binaries
    missing = [name for name in ("postgres", "initdb") if folder is None or not (folder / name).is_file()]
    if missing:
        message = f"{' and '.join(missing)} not found in {folder or 'the virtual environment'}."
        yield Finding("database", "wrong", message, "`make run` installs the Postgres binaries.")
    else:
        yield Finding("database", "ok", f"Postgres binaries in {status.binaries}")
    if status.running:
        where = f"port {status.port}, pid {status.pid}, data in {status.data_dir}"
        yield Finding("database", "ok", f"Embedded server {status.version} runs: {where}")
    else:
        yield Finding("database", "note", "The embedded server does not run.", "`exchange db start` starts it.")


def _server_elsewhere(url: SecretStr) -> Iterator[Finding]:
    try:
        with psycopg.connect(url.get_secret_value(), connect_timeout=5) as conn:
            found = conn.info.server_version
    except psycopg.ProgrammingError:
        # libpq repeats a URL it cannot parse, password and all
        message = "EXCHANGE_DATABASE_URL is not the URL of a Postgres server."
        yield Finding("database", "wrong", message, "Write it as postgresql://user:password@host:port/database.")
        return
    except psycopg.Error as error:
        # libpq's message names host and user, never the password
        message = f"The server of EXCHANGE_DATABASE_URL does not answer: {str(error).strip()}"
        yield Finding("database", "wrong", message, "Start it, or correct the URL.")
        return
    if found < LEAST_MAJOR * 10_000:
        message = f"The server of EXCHANGE_DATABASE_URL is version {found // 10000}."
        yield Finding("database", "wrong", message, f"Use Postgres {LEAST_MAJOR} or newer.")
    else:
        yield Finding("database", "ok", f"The server of EXCHANGE_DATABASE_URL answers, version {found // 10000}")


def credentials(settings: Settings) -> Iterator[Finding]:
    folder = settings.credentials
    if not folder.is_dir():
        yield Finding(
            "credentials",
            "note",
            f"{folder} does not exist yet.",
            "The first start of the database makes it.",
        )
        return
    wrong = False
    for path, allowed in [(folder, 0o700), *((file, 0o600) for file in sorted(folder.iterdir()))]:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & ~allowed:
            wrong = True
            message = f"{path} has mode {mode:o}: others on this machine may read it."
            yield Finding("credentials", "wrong", message, f"chmod {allowed:o} {path}")
    if not wrong:
        yield Finding("credentials", "ok", f"{folder} is readable by its owner alone")
