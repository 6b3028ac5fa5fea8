"""Ships the server's log into `ops.access_log`: each statement exactly once, whatever crashes in between.

How far a file is read and what was read from it are one transaction. Files that are read to their end and written no
more are removed, because they hold the statements' texts; what the server said of itself there goes to postgres.log.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import psycopg
from psycopg.rows import tuple_row

from exchange.audit.entries import LONGEST_LINE, Batch, own_messages, read_batch
from exchange.audit.tables import create_audit_tables
from exchange.errors import ExchangeError, Place
from exchange.publishing.logins import login_states
from exchange.publishing.relations import VIEWS
from exchange.settings import Settings
from exchange.warehouse.connection import connect
from exchange.warehouse.server_log import ServerLog, open_log_file

_LOCK = "select pg_advisory_lock(hashtextextended('exchange.audit.collect', 0))"
BATCH_BYTES = 8_000_000
# what every partner's schema holds, also of one whose views are dropped before its statements are collected
OWN_VIEWS = frozenset(relation.name for relation in VIEWS)


@dataclass
class Collected:
    """What one collection did. unreadable: lines of the log that were no message, as a crash of the server leaves."""

    statements: int = 0
    unreadable: int = 0
    files_removed: int = 0
    expired: int = 0


@dataclass(frozen=True)
class _File:
    path: Path
    inode: int
    is_written: bool


def collect(settings: Settings) -> Collected:
    """Take in what is new, forget what is older than EXCHANGE_ACCESS_LOG_DAYS. Two at once wait for each other.

    Raises ExchangeError when EXCHANGE_SERVER_LOG names no folder.
    """
    log = ServerLog(settings.home)
    done = Collected()
    with connect(settings, "admin", autocommit=True, row_factory=tuple_row) as conn:
        create_audit_tables(conn)
        conn.execute(_LOCK)
        partners = _partners(conn)
        for file in _files(settings, log):
            _read_file(conn, file, partners, done)
            # the files of a log that is somebody else's are theirs to remove
            if settings.server_log is None and not file.is_written:
                _remove(conn, log, file, done)
        done.expired = conn.execute(
            "delete from ops.access_log where at < now() - make_interval(days => %s)", (settings.access_log_days,)
        ).rowcount
    return done


def _files(settings: Settings, log: ServerLog) -> list[_File]:
    """The log's files, oldest first; the last one is still written to."""
    if settings.server_log is not None and not settings.server_log.is_dir():
        raise ExchangeError(
            "The folder of the server's log does not exist.",
            place=Place(file=str(settings.server_log)),
            remedy="Correct EXCHANGE_SERVER_LOG: the folder into which the server writes its log as JSON.",
        )
    folder = settings.server_log or (log.folder if settings.database_url is None else None)
    paths = [] if folder is None else [path for path in folder.glob("*.json") if not path.is_symlink()]
    # their names hold the time; two of one second are one file
    paths.sort(key=lambda path: path.name)
    return [_File(path, path.stat().st_ino, path == paths[-1]) for path in paths]


def _read_file(conn: psycopg.Connection[Any], file: _File, partners: dict[str, str], done: Collected) -> None:
    with os.fdopen(open_log_file(file.path), "rb") as stream:
        at = _bytes_read(conn, file)
        stream.seek(at)
        while True:
            lines = list(_whole_lines(stream))
            if not lines:
                return
            batch = read_batch(lines, OWN_VIEWS)
            with conn.transaction():
                done.statements += _store(conn, batch, partners)
                done.unreadable += batch.unreadable
                at = stream.tell()
                conn.execute(
                    "insert into ops.access_log_file as known values (%s, %s, %s, %s) on conflict (file_name) do update"
                    " set inode = excluded.inode, bytes_read = excluded.bytes_read,"
                    " unreadable_lines = known.unreadable_lines + excluded.unreadable_lines",
                    (file.path.name, file.inode, at, batch.unreadable),
                )


def _bytes_read(conn: psycopg.Connection[Any], file: _File) -> int:
    row = conn.execute(
        "select bytes_read from ops.access_log_file where file_name = %s and inode = %s", (file.path.name, file.inode)
    ).fetchone()
    return int(row[0]) if row else 0


def _whole_lines(stream: BinaryIO) -> Iterator[bytes]:
    """About BATCH_BYTES of lines; the stream ends up behind the last whole one. Of a very long line, its beginning."""
    size = 0
    while size < BATCH_BYTES:
        start = stream.tell()
        line = stream.readline(LONGEST_LINE)
        rest = line
        while rest and not rest.endswith(b"\n"):
            rest = stream.readline(LONGEST_LINE)
        if not rest:
            # being written at this moment, or cut off by a crash
            stream.seek(start)
            return
        size += stream.tell() - start
        yield line


def _store(conn: psycopg.Connection[Any], batch: Batch, partners: dict[str, str]) -> int:
    with conn.cursor() as cursor:
        cursor.executemany(
            "insert into ops.access_log (at, partner_id, role, relations, kind, duration_ms, error_code, client_addr,"
            " session_id, line_number) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
            # a file that was copied aside and back
            " on conflict do nothing",
            [
                (
                    *(row.at, partners.get(row.role), row.role, row.relations, row.kind, row.duration_ms),
                    *(row.error_code, row.client_addr, row.session_id, row.line_number),
                )
                for row in batch.statements
            ],
        )
        stored = max(cursor.rowcount, 0)
        cursor.executemany(
            "update ops.access_log set duration_ms = %s, error_code = %s"
            " where session_id = %s and duration_ms is null and error_code is null"
            " and line_number = (select max(line_number) from ops.access_log as last where last.session_id = %s)",
            [(end.duration_ms, end.error_code, end.session_id, end.session_id) for end in batch.endings],
        )
    return stored


def _remove(conn: psycopg.Connection[Any], log: ServerLog, file: _File, done: Collected) -> None:
    """Forget a file that will not be written again. What the server said of itself is kept in postgres.log."""
    with os.fdopen(log.open(), "wb") as kept, os.fdopen(open_log_file(file.path), "rb") as stream:
        for said in own_messages(_whole_lines(stream)):
            kept.write(f"{said}\n".encode())
    file.path.unlink()
    # what is no message (a library's words on stderr) goes to a file beside it
    file.path.with_suffix(".log").unlink(missing_ok=True)
    conn.execute("delete from ops.access_log_file where file_name = %s", (file.path.name,))
    done.files_removed += 1


def _partners(conn: psycopg.Connection[Any]) -> dict[str, str]:
    """Role -> partner: as the registry was loaded last, or else as its password was made."""
    found = {state.role: partner_id for partner_id, state in login_states(conn).items()}
    is_loaded = conn.execute("select to_regclass('registry.partners') is not null").fetchone()
    if is_loaded and is_loaded[0]:
        rows = conn.execute("select share_schema, partner_id from registry.partners where share_schema is not null")
        found |= dict(rows.fetchall())
    return found
