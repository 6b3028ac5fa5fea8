"""One step of matching: its connection as the role dbt, its turn among other steps, its workbench in DuckDB."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg

from exchange.errors import ExchangeError
from exchange.matching import tables
from exchange.settings import Settings
from exchange.warehouse.connection import connect

if TYPE_CHECKING:
    import duckdb

_LOCK = "select pg_advisory_lock(hashtextextended('exchange.matching', 0))"
_LONGEST_WAIT = "30min"
_MOST_THREADS = 4


class Session:
    """`conn` is in autocommit; `folder` is empty, ours alone and removed at the end: it holds people's data."""

    def __init__(self, conn: psycopg.Connection[Any], folder: Path) -> None:
        self.conn = conn
        self.folder = folder

    @cached_property
    def con(self) -> duckdb.DuckDBPyConnection:
        """The workbench; opened when something is to be computed, so that a run without work stays quick."""
        from exchange.matching.workbench import open_workbench

        return open_workbench(self.folder, threads=min(os.cpu_count() or 1, _MOST_THREADS))

    def close(self) -> None:
        if "con" in self.__dict__:
            self.con.close()


@contextmanager
def open_session(settings: Settings) -> Iterator[Session]:
    """A session that has the turn: steps of matching on one warehouse wait for each other."""
    with connect(settings, "dbt", autocommit=True) as conn:
        _take_turn(conn)
        tables.create(conn)
        # not /tmp: that may be memory, and a spine may be gigabytes
        folder = settings.home / "matching"
        # what a killed step left
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, mode=0o700)
        session = Session(conn, folder)
        try:
            yield session
        finally:
            session.close()
            shutil.rmtree(folder, ignore_errors=True)


def _take_turn(conn: psycopg.Connection[Any]) -> None:
    conn.execute(f"set lock_timeout = '{_LONGEST_WAIT}'")
    try:
        conn.execute(_LOCK)
    except psycopg.errors.LockNotAvailable as error:
        raise ExchangeError(
            f"Another process has been matching for {_LONGEST_WAIT}.",
            remedy="Look for a hanging `exchange refresh` and end it.",
        ) from error
    conn.execute("reset lock_timeout")


def require(conn: psycopg.Connection[Any], *relations: str) -> None:
    """Raise ExchangeError unless dbt has built these."""
    for relation in relations:
        [found] = conn.execute("select to_regclass(%s) is not null", [relation]).fetchone() or [False]
        if not found:
            raise ExchangeError(
                f"Matching reads {relation}, which is not there.",
                remedy="`exchange refresh` builds it before it matches.",
            )
