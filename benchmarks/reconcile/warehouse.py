"""The mart in Postgres, built by its own dbt model, step by step, and what each step costs.

CPU seconds are those of all processes of the server during the step: nothing else uses it, and dbt only waits. dbt's
own, some seconds of start whatever the size, are told apart.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import psycopg

from benchmarks.matching.store import server_cpu
from benchmarks.reconcile import generate
from benchmarks.reconcile.duck import COLUMNS
from exchange.settings import PROJECT_ROOT, Settings
from exchange.warehouse.connection import connect
from orchestration import environment
from orchestration.manifest import prepared_manifest

FACTS, CURRENT, FEED_KEYS = "fct_voter_responses", "responses_current", "int_feed_keys"
# what a model notes of a change goes here; a step that is no dbt run has to do it itself
_CHANGE_NO = "nextval('ops.change_no')"


@dataclass(frozen=True)
class Cost:
    """CPU seconds of one step. `client` is dbt's or Python's share."""

    server: float
    client: float = 0.0


class Warehouse:
    """One database with generated facts. Grain of the facts: as their model says."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.settings = settings
        self.folder = folder

    @cached_property
    def nodes(self) -> dict[str, Any]:
        """The models as dbt parsed them, by name: what is measured has the columns and indexes of what runs."""
        manifest = json.loads(prepared_manifest(self.settings).read_text())
        return {node["name"]: node for node in manifest["nodes"].values() if node["resource_type"] == "model"}

    def name(self, model: str) -> str:
        return f"{self.nodes[model]['schema']}.{model}"

    def load(self) -> None:
        """The facts after all deliveries, in the order of arrival, and the feeds."""
        columns = {name: column["data_type"] for name, column in self.nodes[FACTS]["columns"].items()}
        facts, tells = self.name(FACTS), ", ".join(self.nodes[FACTS]["config"]["meta"]["tells"])
        with connect(self.settings, "dbt", autocommit=True) as conn:
            with conn.transaction():
                run(conn, f"create table {facts} ({', '.join(f'{name} {kind}' for name, kind in columns.items())})")
                live = generate.LIVE.format(source=f"'{self.folder / 'deliveries.parquet'}'")
                self.copy(conn, f"select {', '.join(columns)} from ({live}) order by record_id", facts)
            for index in self.nodes[FACTS]["config"]["indexes"]:
                unique = "unique" if index.get("unique") else ""
                run(conn, f"create {unique} index on {facts} ({', '.join(index['columns'])})")
            # empty, as after the first build
            run(conn, f"create table {facts}__changes as select 0::bigint as change_no, {tells} from {facts} limit 0")
            run(conn, f"create table {self.name(FEED_KEYS)} (feed_no smallint, feed_id text)")
            with conn.cursor() as cursor:
                cursor.executemany(
                    f"insert into {self.name(FEED_KEYS)} values (%s, %s)".encode(), generate.feeds().items()
                )
            run(conn, f"vacuum analyze {facts}, {self.name(FEED_KEYS)}")

    def build(self, *, full: bool) -> Cost:
        """One `dbt run` of the model."""
        command = [str(environment.SCRIPTS / "dbt"), "--quiet", "--no-use-colors", "run", "--select", CURRENT]
        variables = environment.base_variables(self.settings) | environment.database_variables(self.settings)
        server, client = server_cpu(self.settings), _children_cpu()
        done = subprocess.run(
            [*command, *(["--full-refresh"] if full else [])],
            cwd=PROJECT_ROOT,
            env={**os.environ, **variables},
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise RuntimeError(done.stdout + done.stderr)
        return Cost(server_cpu(self.settings) - server, _children_cpu() - client)

    def append(self) -> Cost:
        """The batch arrives: rows of `fct_voter_responses` replaced and added, and noted as its model notes them."""
        facts, node = self.name(FACTS), self.nodes[FACTS]
        columns, tells = ", ".join(node["columns"]), ", ".join(node["config"]["meta"]["tells"])
        with connect(self.settings, "dbt", autocommit=True) as conn:
            run(conn, f"create temporary table batch (like {facts})")
            self.copy(conn, f"select {columns} from '{self.folder / 'batch.parquet'}'", "batch")
            run(conn, "analyze batch")
            before = server_cpu(self.settings)
            with conn.transaction():
                run(
                    conn,
                    f"""
                    with gone as (
                        delete from {facts} as facts using batch
                        where facts.feed_no = batch.feed_no and facts.record_id = batch.record_id
                        returning facts.*
                    ),
                    came as (insert into {facts} ({columns}) select {columns} from batch returning *),
                    build as materialized (select {_CHANGE_NO} as change_no)
                    insert into {facts}__changes
                    select build.change_no, {tells}
                    from (select * from gone union all select * from came) as told, build
                    """,
                )
            return Cost(server_cpu(self.settings) - before)

    def keep(self) -> None:
        """Remember the mart as it is now, to compare it with one that is built anew."""
        with connect(self.settings, "dbt", autocommit=True) as conn:
            run(conn, "drop table if exists intermediate.kept")
            run(conn, f"create table intermediate.kept as select {COLUMNS} from {self.name(CURRENT)}")

    def differing(self) -> int:
        """Keys whose row in the mart is another than was kept, or is on one side only."""
        query = f"""
            select count(*) from intermediate.kept full join {self.name(CURRENT)} as built using (voter_id, topic_id)
            where
                ({", ".join(f"kept.{name}" for name in COLUMNS.split(", "))})
                is distinct from ({", ".join(f"built.{name}" for name in COLUMNS.split(", "))})
        """
        with connect(self.settings, "dbt", autocommit=True) as conn:
            [(count,)] = conn.execute(query.encode()).fetchall()
        return int(count)

    def stored(self, con: duckdb.DuckDBPyConnection) -> None:
        """The table `built` in DuckDB: the mart's rows."""
        path = self.folder / "built.csv"
        statement = f"copy (select {COLUMNS} from {self.name(CURRENT)}) to stdout (format csv)"
        with (
            connect(self.settings, "dbt") as conn,
            path.open("wb") as file,
            conn.cursor().copy(statement.encode()) as copy,
        ):
            for part in copy:
                file.write(part)
        con.execute("create or replace table built as select * from expected limit 0")
        con.execute(f"copy built from '{path}' (header false)")
        path.unlink()

    def copy(self, conn: psycopg.Connection[Any], query: str, table: str) -> None:
        """DuckDB's rows into a table of Postgres."""
        path = self.folder / "copied.csv"
        with duckdb.connect() as con:
            con.execute(f"copy ({query}) to '{path}' (format csv, header false)")
        with path.open("rb") as file, conn.cursor().copy(f"copy {table} from stdin (format csv)".encode()) as copy:
            while part := file.read(1 << 20):
                copy.write(part)
        path.unlink()


def run(conn: psycopg.Connection[Any], statement: str) -> None:
    conn.execute(statement.encode())


def _children_cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
