"""Connections as `exchange_web`, kept open between requests, and how long one may keep others waiting."""

from __future__ import annotations

from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool

from exchange.warehouse.connection import ConnectionInfo

# a click that takes longer is a mistake of ours, and must not keep others waiting
SECONDS = 8
# just less than the pages wait (htmx-config in templates/base.html): to wait is better than to be sent away
SECONDS_FOR_A_CONNECTION = 18
# jit and workers help single long queries and cost many short ones. Who waits for another's count is idle in a
# transaction: that may take longer than the longest statement of warming
OPTIONS = (
    f"-c statement_timeout={SECONDS}s -c idle_in_transaction_session_timeout=6min -c jit=off"
    " -c max_parallel_workers_per_gather=0 -c timezone=UTC -c work_mem=32MB"
)

Pool = AsyncConnectionPool[AsyncConnection[DictRow]]


def pool_of(info: ConnectionInfo, size: int) -> Pool:
    """Up to `size` connections. Asking for one raises PoolTimeout when none is free in time."""
    return AsyncConnectionPool(
        kwargs={
            "host": info.host,
            "port": info.port,
            "dbname": info.dbname,
            "user": info.user,
            "password": info.password.get_secret_value(),
            **info.parameters,
            "options": " ".join(filter(None, [info.parameters.get("options"), OPTIONS])),
            "application_name": "exchange dashboard",
            # a statement is of one partner's views: kept by its text, it would be the next partner's too, and fail
            # where the two have other columns ("cached plan must not change result type")
            "prepare_threshold": None,
            "row_factory": dict_row,
        },
        min_size=2,
        max_size=size,
        timeout=SECONDS_FOR_A_CONNECTION,
        # the server may have been restarted since
        check=AsyncConnectionPool.check_connection,
        open=False,
    )
