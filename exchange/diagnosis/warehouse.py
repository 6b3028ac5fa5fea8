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
from exchange.warehouse.tls import read_certificate


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
            is_encrypted = conn.pgconn.ssl_in_use
            [(has_tls,)] = conn.execute("show ssl").fetchall()
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
    yield _tls_elsewhere(has_tls == "on", is_encrypted)


def _tls_elsewhere(has_tls: bool, is_encrypted: bool) -> Finding:
    if not has_tls:
        message = "The server of EXCHANGE_DATABASE_URL has no TLS: partners' rows cross the network in the clear."
        return Finding("tls", "note", message, "Give it a certificate, or let partners in by a tunnel only.")
    if not is_encrypted:
        message = "The server of EXCHANGE_DATABASE_URL has TLS, and this exchange connects without it."
        return Finding("tls", "note", message, "Add sslmode=verify-full to the URL, unless it is this machine.")
    return Finding("tls", "ok", "The server of EXCHANGE_DATABASE_URL has TLS, and this exchange uses it")


def access_log(settings: Settings) -> Iterator[Finding]:
    """Whether what partners ask can be known: the embedded server's log is ours, another one's must be shown to us."""
    if settings.database_url is None:
        return
    if settings.server_log is None:
        message = "What partners ask the server of EXCHANGE_DATABASE_URL is not recorded."
        yield Finding(
            "access log", "note", message, "Set EXCHANGE_SERVER_LOG to the folder of its JSON log, if it has one."
        )
    elif not any(settings.server_log.glob("*.json")):
        message = f"{settings.server_log} holds no log in JSON."
        yield Finding(
            "access log", "wrong", message, "On the server: logging_collector = on, log_destination = jsonlog."
        )
    else:
        yield Finding("access log", "ok", f"The server's log is read from {settings.server_log}")


def tls(settings: Settings) -> Iterator[Finding]:
    """The embedded server's certificate."""
    if settings.database_url is not None:
        return
    try:
        found = read_certificate(settings)
    except ExchangeError as error:
        yield Finding("tls", "wrong", str(error))
        return
    if found is None:
        message = "The embedded server has no certificate: no TLS. It listens on this machine only."
        yield Finding(
            "tls", "note", message, "docs/operate.md says how to give it one before partners come from outside."
        )
    else:
        yield Finding("tls", "ok", "The embedded server has a certificate: partners' logins need TLS")


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
