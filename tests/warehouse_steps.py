"""An exchange driven in this process, for tests of its tables: intake, dbt, matching, dbt; with `shares`, publication.

Left out of a refresh, which takes five times as long: Dagster, Great Expectations, dbt's tests.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
from dbt.cli.main import dbtRunner
from psycopg import sql

from exchange import matching
from exchange.audit.refresh import audit_loaded_registry, audit_refresh
from exchange.intake import clock, raw_tables, take_feed
from exchange.intake.limits import write_limits
from exchange.intake.withdrawal import loaded_files, take_back
from exchange.publishing.publish import Publication, publish
from exchange.registry import load_registry
from exchange.settings import PROJECT_ROOT, Settings
from exchange.warehouse.bootstrap import bootstrap
from exchange.warehouse.connection import connect, ensure_running
from orchestration.environment import PROFILES, base_variables, database_variables
from tests.servers import running_warehouse
from tests.worlds.running import RunningExchange

LAYERS = ("staging", "intermediate", "marts", "ops")
AFTER_MATCHING = "source:matching+"
# the same public ids of contacts in every exchange of a test
SECRET = "not secret"
_DATABASE, _KEPT = sql.Identifier("exchange"), sql.Identifier("exchange_kept")

# names of the registry's files -> what dbt made of the project: parsing takes 15 s, so once per process
_manifests: dict[frozenset[str], Any] = {}
# a manifest holds the registry's path: this link leads to the registry of the exchange under test
_links = TemporaryDirectory(prefix="exchange-registry-")
_REGISTRY = Path(_links.name) / "registry"

# relation -> its rows as JSON text, each with how often it is there
Contents = dict[str, Counter[str]]


class SteppedExchange:
    """EXCHANGE_HOME is `home`. Make it with `stepped_exchange`, which stops its server."""

    def __init__(self, settings: Settings, *, shares: bool = False) -> None:
        self.settings = settings
        self.shares = shares
        self.inbox = settings.inbox
        self._has_all_views = False
        seeds = frozenset(path.name for path in settings.registry.glob("*.csv"))
        if seeds not in _manifests:
            _manifests[seeds] = self._dbt(dbtRunner(), "parse").result
        self._manifest = _manifests[seeds]

    def refresh(self, as_of: datetime, *, full: bool = False) -> None:
        """Take what lies in the inbox, then build everything that partners' views are made of."""
        self.take(as_of)
        self.build(full=full)

    def take(self, as_of: datetime) -> None:
        os.environ["EXCHANGE_AS_OF"] = as_of.isoformat()
        # read anew: the registry's files and "now" may have changed
        self.settings = Settings()
        registry = load_registry(self.settings.registry)
        with connect(self.settings, "loader") as connection:
            raw_tables.create(connection)
            refresh_id = clock.begin_refresh(connection, self.settings, registry.digest())
            write_limits(connection, registry.give_to_get)
        for feed in registry.feeds:
            refused = take_feed(self.settings, feed, refresh_id).refused
            assert not refused, f"{feed.feed_id}: {refused}"

    def build(self, *, full: bool = False) -> None:
        """dbt, matching, dbt: as a refresh does, `full` as `exchange refresh --full`."""
        # a full build drops views with the tables below them; otherwise they stand from the first build on
        standing = [] if full or not self._has_all_views else ["path:models/staging,config.materialized:view"]
        sharing = ["path:models/sharing"]
        left_out = [*standing, *([] if self.shares else sharing)]
        options = ["--full-refresh"] if full else []
        self._build(*options, "--exclude", *standing, *sharing, AFTER_MATCHING)
        matching.sync_voters(self.settings)
        matching.sync_identities(self.settings)
        matching.ensure_model(self.settings)
        matching.make_matches(self.settings, full=full)
        if left_out:
            options += ["--exclude", *left_out]
        self._build(*options, "--select", AFTER_MATCHING, *(sharing if self.shares else []))
        self._has_all_views = True

    def publish(self) -> Publication:
        """Make it what partners read; a refresh does so after its checks."""
        return publish(self.settings)

    def withdraw(self, feed_id: str, file_name: str) -> None:
        """Take back what a file brought, as `exchange withdraw` does before its refresh."""
        with connect(self.settings, "loader") as connection:
            files = [
                file for file in loaded_files(connection) if (file.feed_id, file.file_name) == (feed_id, file_name)
            ]
            take_back(connection, files)

    def decide(self, decisions: Path) -> None:
        """Somebody's file of review decisions, for the next build."""
        matching.import_review(self.settings, decisions, "somebody")

    def connect(self, **how: Any) -> psycopg.Connection[Any]:
        return connect(self.settings, "admin", autocommit=True, **how)

    def contents(self) -> Contents:
        """All rows of every relation of LAYERS that a full build may make anew: no keys, no logs."""
        with self.connect() as connection:
            return {
                f"{schema}.{name}": Counter(
                    text
                    for (text,) in connection.execute(
                        sql.SQL("select to_jsonb(t)::text from {} as t").format(sql.Identifier(schema, name))
                    )
                )
                for schema, name in self.relations()
            }

    def relations(self, materialized: str | None = None) -> list[tuple[str, str]]:
        """(schema, name) of the models of LAYERS, but for what no full build makes anew."""
        return sorted(
            (node.schema, node.name)
            for node in self._manifest.nodes.values()
            if node.resource_type == "model"
            and node.schema in LAYERS
            and node.config.full_refresh is not False
            and materialized in (None, node.config.materialized)
        )

    def written(self) -> dict[str, str]:
        """Of each incremental table a digest that changes with every row written, even if it says the same."""
        query = sql.SQL(
            "select pg_relation_filenode(%s), md5(string_agg(concat(ctid, xmin), ' ' order by ctid)) from {table}"
        )
        with self.connect() as connection:
            found = {}
            for schema, name in self.relations("incremental"):
                table = sql.Identifier(schema, name)
                [file, rows] = connection.execute(query.format(table=table), [f"{schema}.{name}"]).fetchone() or [0, ""]
                found[f"{schema}.{name}"] = f"{file} {rows}"
            return found

    @contextmanager
    def in_a_copy(self) -> Iterator[None]:
        """Inside, the database is a copy; at the end it is as it was before."""
        views = self._has_all_views
        with connect(self.settings, "admin", dbname="postgres", autocommit=True) as server:
            _disconnect(server)
            server.execute(sql.SQL("alter database {} rename to {}").format(_DATABASE, _KEPT))
            server.execute(sql.SQL("create database {} template {}").format(_DATABASE, _KEPT))
            bootstrap(self.settings)
            try:
                yield
            finally:
                _disconnect(server)
                server.execute(sql.SQL("drop database {}").format(_DATABASE))
                server.execute(sql.SQL("alter database {} rename to {}").format(_KEPT, _DATABASE))
                self._has_all_views = views

    def _build(self, *arguments: str) -> None:
        runner = dbtRunner(manifest=self._manifest)
        self._dbt(runner, "build", "--exclude-resource-type", "test", "unit_test", *arguments)

    def _dbt(self, runner: dbtRunner, command: str, *arguments: str) -> Any:
        project = ["--project-dir", str(PROJECT_ROOT), "--profiles-dir", str(PROFILES)]
        done = runner.invoke(
            ["--quiet", "--no-use-colors", "--no-write-json", "--log-level-file", "none", command, *project, *arguments]
        )
        if not done.success:
            results = getattr(done.result, "results", [])
            told = [f"{result.node.name}: {result.message}" for result in results if result.status == "error"]
            raise AssertionError("\n".join(told) or str(done.exception))
        return done


@contextmanager
def stepped_exchange(home: Path, registry: Path, *, shares: bool = False) -> Iterator[SteppedExchange]:
    """An exchange with a server of its own. The environment is this exchange's for as long as the block lasts."""
    with _environment(home, registry, EXCHANGE_ID_SECRET=SECRET) as settings, running_warehouse(settings):
        os.environ |= base_variables(settings) | database_variables(settings)
        yield SteppedExchange(settings, shares=shares)


class BuiltExchange(RunningExchange):
    """A running exchange for tests of what partners see: `refresh` is steps in this process, and a publication.

    `command("refresh")` is still the product's own.
    """

    def refresh(self, as_of: datetime, *, full: bool = False) -> None:
        with _environment(self.home, self.registry) as settings:
            ensure_running(settings)
            bootstrap(settings)
            os.environ |= base_variables(settings) | database_variables(settings)
            steps = SteppedExchange(settings, shares=True)
            audit_refresh(settings)
            steps.refresh(as_of, full=full)
            audit_loaded_registry(settings)
            steps.publish()


@contextmanager
def _environment(home: Path, registry: Path, **further: str) -> Iterator[Settings]:
    """The environment is this exchange's, and has these variables, for as long as the block lasts."""
    before = dict(os.environ)
    try:
        _REGISTRY.unlink(missing_ok=True)
        _REGISTRY.symlink_to(registry)
        os.environ |= {"EXCHANGE_HOME": str(home), "EXCHANGE_REGISTRY": str(_REGISTRY), **further}
        yield Settings()
    finally:
        os.environ.clear()
        os.environ |= before


def differences(expected: Contents, actual: Contents, most: int = 5) -> str:
    """Every relation whose rows are not the expected ones, with up to `most` rows of each sort. Empty: all equal."""
    told = []
    for relation in sorted(expected.keys() | actual.keys()):
        missing = expected.get(relation, Counter()) - actual.get(relation, Counter())
        extra = actual.get(relation, Counter()) - expected.get(relation, Counter())
        if missing or extra:
            told.append(f"{relation}: {missing.total()} rows missing, {extra.total()} too many")
            told += [f"    missing {row}" for row in sorted(missing.elements())[:most]]
            told += [f"    extra   {row}" for row in sorted(extra.elements())[:most]]
    return "\n".join(told)


def _disconnect(server: psycopg.Connection[Any]) -> None:
    """A database with sessions cannot be copied or dropped."""
    server.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = 'exchange'")
