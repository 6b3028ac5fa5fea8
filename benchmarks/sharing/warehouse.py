"""An exchange whose marts are filled by hand and whose sharing models and publication are the product's own."""

from __future__ import annotations

import os
import resource
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.matching.store import server_cpu
from benchmarks.reconcile.exchange_home import Exchange
from benchmarks.sharing import registry
from benchmarks.sharing.world import AS_OF, World, arrive, load
from exchange.publishing.publish import publish
from exchange.settings import PROJECT_ROOT, Settings
from exchange.warehouse.connection import connect
from exchange.warehouse.server import EmbeddedServer
from orchestration import environment

# what reads files and ops models has nothing to read here
NOT_SHARING = ("my_files", "my_rejected_rows", "my_quarantined_rows")


@dataclass(frozen=True)
class Cost:
    """CPU seconds of the server for one refresh of what partners see."""

    models: float
    publication: float
    client: float

    @property
    def all(self) -> float:
        return self.models + self.publication


class Marts:
    """One database with generated facts, and what the product makes of them."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def refresh(self, *, full: bool = False) -> Cost:
        """Sharing and publication, as after the marts of a refresh."""
        server, client = server_cpu(self.settings), _cpu()
        self.dbt(
            "run",
            "--select",
            "responses_unshown",
            "contacts_unshown",
            "response_days",
            "contact_days",
            "config.group:sharing",
            "--exclude",
            *NOT_SHARING,
            *(["--full-refresh"] if full else []),
        )
        built = server_cpu(self.settings)
        publish(self.settings)
        return Cost(built - server, server_cpu(self.settings) - built, _cpu() - client)

    def dbt(self, *words: str) -> None:
        variables = environment.base_variables(self.settings) | environment.database_variables(self.settings)
        command = [str(environment.SCRIPTS / "dbt"), "--quiet", "--no-use-colors", *words]
        done = subprocess.run(
            command, cwd=PROJECT_ROOT, env={**os.environ, **variables}, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(done.stdout + done.stderr)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with connect(self.settings, "admin", autocommit=True) as conn:
            return conn.execute(query.encode()).fetchall()

    def published(self) -> list[str]:
        """What a publication writes, of more than a megabyte."""
        rows = self.rows(
            "select 'published.' || relname from pg_class where relnamespace = 'published'::regnamespace"
            " and relkind in ('r', 'p') and not relispartition order by relname"
        )
        return [name for (name,) in rows if self.megabytes(name) > 1]

    def megabytes(self, table: str) -> float:
        """The table with its partitions, indexes and all."""
        [(size,)] = self.rows(
            # a table without partitions is no tree
            f"select coalesce((select sum(pg_total_relation_size(relid)) from pg_partition_tree('{table}')),"
            f" pg_total_relation_size('{table}'))"
        )
        return float(size) / 2**20


class Warehouse(Marts):
    """Marts in which more arrives."""

    def __init__(self, settings: Settings, world: World) -> None:
        super().__init__(settings)
        self.world = world
        self.arrived = world.responses

    def arrive(self, responses: int) -> None:
        with connect(self.settings, "admin", autocommit=True) as conn:
            arrive(conn, self.world, self.arrived, responses)
        self.arrived += responses


@contextmanager
def warehouse(folder: Path, partners: registry.Partners, world: World) -> Iterator[Warehouse]:
    """An exchange that made all its tables from empty inboxes, then filled with facts."""
    with as_of():
        settings = emptied(folder, lambda path: registry.write(partners, path))
        try:
            with connect(settings, "admin", autocommit=True) as conn:
                load(conn, world)
            yield Warehouse(settings, world)
        finally:
            EmbeddedServer(settings).stop()


@contextmanager
def as_of() -> Iterator[None]:
    """The worlds' "now", for this process and those it starts."""
    os.environ["EXCHANGE_AS_OF"] = f"{AS_OF}T12:00:00Z"
    try:
        yield
    finally:
        os.environ.pop("EXCHANGE_AS_OF", None)


def emptied(folder: Path, write_registry: Callable[[Path], None]) -> Settings:
    """An exchange with these partners and all its tables, which are empty. Its server runs; call within as_of()."""
    exchange = Exchange(folder)
    exchange.done("demo", "--out", str(folder), "--voters", "100", "--contacts", "100")
    for path in exchange.settings.inbox.rglob("*"):
        if path.is_file():
            path.unlink()
    write_registry(exchange.settings.registry)
    try:
        exchange.done("refresh")
        with connect(exchange.settings, "admin", autocommit=True) as conn:
            # what it did would be counted as the step's that just runs
            conn.execute("alter system set autovacuum = off")
            conn.execute("select pg_reload_conf()")
    except BaseException:
        EmbeddedServer(exchange.settings).stop()
        raise
    return exchange.settings


def as_partner(warehouse: Warehouse, role: str) -> psycopg.Connection[Any]:
    """A connection with a partner's rights. Close it."""
    conn = connect(warehouse.settings, "admin", autocommit=True)
    conn.execute(f"set role {role}".encode())
    return conn


def _cpu() -> float:
    usage = [resource.getrusage(who) for who in (resource.RUSAGE_CHILDREN, resource.RUSAGE_SELF)]
    return sum(each.ru_utime + each.ru_stime for each in usage)
