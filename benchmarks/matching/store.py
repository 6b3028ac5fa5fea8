"""Matching with its state in Postgres, step by step, and what each step costs. Grain of a cost: one step.

    python -m benchmarks.matching.store STEP HOME WORLD_FILE

A warehouse of its own in HOME; what dbt would build is copied in from a world of cases.py. Prints one JSON object.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.matching.cases import attach
from benchmarks.matching.spine import RAW_COLUMNS
from benchmarks.matching.steps import own_cpu, peak_gb
from exchange import matching
from exchange.settings import PROJECT_ROOT, Settings
from exchange.warehouse.bootstrap import bootstrap
from exchange.warehouse.connection import connect, ensure_running
from exchange.warehouse.server import EmbeddedServer

NEW = 10_000  # identities that come in after the others, and voters who move
FEED = "benchmark"
_TICKS = os.sysconf("SC_CLK_TCK")
_PERSON = ", ".join(RAW_COLUMNS[2:])
_TABLES = {
    "int_voters__matchable": ("voter_id int", "select id as voter_id"),
    "int_identities": (
        "feed_id text, identity_key text, id_voter_id int",
        f"select '{FEED}' as feed_id, lpad(id::text, 9, '0') as identity_key, claimed_ids.voter_id as id_voter_id",
    ),
}


def settings_of(home: Path) -> Settings:
    return Settings(home=home, database_url=None, database_port=None)


@contextmanager
def running_server(home: Path) -> Iterator[Settings]:
    settings = settings_of(home)
    try:
        ensure_running(settings)
        bootstrap(settings)
        yield settings
    finally:
        EmbeddedServer(settings).stop()


def in_own_process(step: str, home: Path, world: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.matching.store", step, str(home), str(world)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=PROJECT_ROOT)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def server_cpu(settings: Settings) -> float:
    """User and system seconds of the server: the postmaster, its children, and those that have ended."""
    # a backend that is just ending would be missed, or counted twice
    time.sleep(0.5)
    postmaster = EmbeddedServer(settings).status().pid
    assert postmaster is not None, "the server runs"
    total = sum(_ticks(postmaster, ended=True))
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and _parent(int(entry.name)) == postmaster:
            total += sum(_ticks(int(entry.name)))
    return total / _TICKS


def _ticks(pid: int, ended: bool = False) -> list[int]:
    fields = _stat(pid)
    return [int(field) for field in fields[11 : 15 if ended else 13]]


def _parent(pid: int) -> int:
    fields = _stat(pid)
    return int(fields[1]) if fields else 0


def _stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        # it ended while we looked: the postmaster has its seconds by now
        return []


def deliver(settings: Settings, world: Path) -> dict[str, float]:
    """All voters, and the identities but the last NEW: the tables as dbt would build them."""
    with connect(settings, "dbt", autocommit=True) as conn:
        for table, (columns, _) in _TABLES.items():
            conn.execute(f"drop table if exists intermediate.{table}".encode())
            texts = ", ".join(f"{name} text" for name in RAW_COLUMNS[1:])
            conn.execute(f"create table intermediate.{table} ({columns}, {texts})".encode())
        conn.execute("drop table if exists intermediate.int_voter_keys cascade")
        conn.execute("create table intermediate.int_voter_keys (voter_id int, state text, state_voter_id text)")
        conn.execute("create view intermediate.int_voter_survivors as select * from intermediate.int_voter_keys")
    _copy(settings, world, "int_voters__matchable", "raw_voters", "true")
    _copy(settings, world, "int_identities", _IDENTITIES, f"not {_LAST}")
    with connect(settings, "dbt", autocommit=True) as conn:
        conn.execute(
            "insert into intermediate.int_voter_keys"
            " select voter_id, state, lpad(voter_id::text, 9, '0') from intermediate.int_voters__matchable"
        )
        conn.execute("analyze")
    return {}


_IDENTITIES = "raw_identities left join claimed_ids on claimed_ids.identity_id = id"
_LAST = f"(id > (select max(id) - {NEW} from raw_identities))"


def _copy(settings: Settings, world: Path, table: str, source: str, rows: str) -> None:
    path = world.parent / f"{table}.csv"
    with duckdb.connect() as con:
        attach(con, world)
        con.execute(
            f"copy ({_TABLES[table][1]}, state, {_PERSON} from {source} where {rows} order by id)"
            f" to '{path}' (format csv, header false)"
        )
    statement = f"copy intermediate.{table} from stdin (format csv)".encode()
    with connect(settings, "dbt") as conn, path.open("rb") as file, conn.cursor().copy(statement) as copy:
        while part := file.read(1 << 20):
            copy.write(part)
    path.unlink()


def deliver_more(settings: Settings, world: Path) -> dict[str, float]:
    """The last NEW identities come in."""
    _copy(settings, world, "int_identities", _IDENTITIES, _LAST)
    return {}


def deliver_moves(settings: Settings, world: Path) -> dict[str, float]:
    """NEW voters move, as a monthly file tells."""
    with connect(settings, "dbt", autocommit=True) as conn:
        conn.execute(
            "update intermediate.int_voters__matchable set address = '1' || address"
            " where voter_id %% (select greatest(1, count(*) / %s) from intermediate.int_voters__matchable) = 0",
            (NEW,),
        )
    return {}


def sync_voters(settings: Settings, world: Path) -> dict[str, float]:
    return {"due": matching.sync_voters(settings).due}


def sync_identities(settings: Settings, world: Path) -> dict[str, float]:
    return {"due": matching.sync_identities(settings).due}


def train(settings: Settings, world: Path) -> dict[str, float]:
    return {"labels": matching.ensure_model(settings).labels}


def match(settings: Settings, world: Path) -> dict[str, float]:
    return {"scored": matching.make_matches(settings).scored}


def match_all(settings: Settings, world: Path) -> dict[str, float]:
    return {"scored": matching.make_matches(settings, full=True).scored}


def digest(settings: Settings, world: Path) -> dict[str, Any]:
    """Everything a run decided, as one number: the same after a full run as after an incremental one."""
    query = (
        "select md5(string_agg(md5((identity_key, status, voter_id, method, weight, posterior, threshold,"
        " candidate_voter_id, runner_up_voter_id, runner_up_posterior)::text), '' order by identity_key))"
        " from matching.matches"
    )
    with connect(settings, "dbt") as conn:
        row = conn.execute(query).fetchone()
    assert row is not None, "an aggregate has a row"
    return {"digest": row[0]}


STEPS: dict[str, Callable[[Settings, Path], dict[str, Any]]] = {
    "deliver": deliver,
    "deliver_more": deliver_more,
    "deliver_moves": deliver_moves,
    "sync_voters": sync_voters,
    "sync_identities": sync_identities,
    "train": train,
    "match": match,
    "match_all": match_all,
    "digest": digest,
}


def main() -> None:
    step, home, world = sys.argv[1:]
    settings = settings_of(Path(home))
    server = server_cpu(settings)
    client, wall = own_cpu(), time.monotonic()
    found = STEPS[step](settings, Path(world))
    client, wall = own_cpu() - client, time.monotonic() - wall
    server = server_cpu(settings) - server
    print(json.dumps({**found, "client": client, "server": server, "wall": wall, "memory": peak_gb()}))


if __name__ == "__main__":
    main()
