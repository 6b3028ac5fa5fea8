"""What the steps of a run share: the settings, and the lock that keeps two runs from writing the warehouse at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg
import psycopg

from exchange.settings import Settings
from exchange.warehouse.connection import connect, connection_info, ensure_running
from exchange.warehouse.run_lock import only_run
from orchestration import environment

STATEMENT_MS = 60_000
RUN_KIND = {"exchange/run": "refresh"}


class Exchange(dg.ConfigurableResource):
    """The exchange a run works on. Set up once per run: all steps run in one process."""

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator[Exchange]:
        ensure_running(self.settings)
        environment.enter(self.settings)
        with only_run(self.settings):
            if context.instance is not None:
                close_dead_runs(context.instance, except_run=context.run_id)
                keep_connections(context.instance)
            yield self

    @property
    def settings(self) -> Settings:
        """Read anew: one resource object serves many runs in the code server."""
        return Settings()

    def connect(self) -> psycopg.Connection:
        """A connection as the loader, which may read and write `raw`."""
        return connect(self.settings, "loader")

    def reader_url(self) -> str:
        """SQLAlchemy URL of a role that reads `raw` and may make temporary tables."""
        return connection_info(self.settings, "dbt").sqlalchemy_url()


def keep_connections(instance: dg.DagsterInstance) -> None:
    """Let the instance reuse connections. It opens one per event otherwise, a thousand in a run: 25 s of 50.

    Planning a run stores an event per asset and check: call it before a run is made, where that is ours to do.
    """
    instance.optimize_for_webserver(statement_timeout=STATEMENT_MS, pool_recycle=3600, max_overflow=4)


def close_dead_runs(instance: dg.DagsterInstance, except_run: str | None = None) -> None:
    """Mark runs as failed whose process died without saying so. Call only while holding the lock: no other run lives.

    Otherwise a killed `exchange refresh` stays "started" for ever and the queue waits for it.
    """
    begun = dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING])
    for run in instance.get_runs(filters=begun):
        if run.run_id != except_run:
            instance.report_run_failed(run, "Its process ended without reporting: killed, or the machine stopped.")
