"""The run lock: two runs must not write the warehouse at once. Held by a refresh, and by every command that loads."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from exchange.errors import ExchangeError
from exchange.settings import Settings
from exchange.warehouse.connection import connect

# any number will do, as long as every run of every process takes the same one
LOCK_KEY = int.from_bytes(hashlib.sha256(b"voter-exchange refresh").digest()[:7])


class AlreadyRunningError(ExchangeError):
    """Another run holds the warehouse."""


@contextmanager
def only_run(settings: Settings) -> Iterator[None]:
    """Hold the warehouse's run lock. Raises AlreadyRunningError when another process holds it.

    An advisory lock and not a file: it also holds between machines, and Postgres frees it when the process dies.
    """
    with connect(settings, "loader", autocommit=True) as connection:
        taken = connection.execute("select pg_try_advisory_lock(%s)", [LOCK_KEY]).fetchone()
        if not (taken and taken[0]):
            raise AlreadyRunningError(
                "Another refresh of this exchange is running.",
                remedy="Wait until it ends (`exchange up` shows it in the Dagster UI), then try again.",
            )
        yield
