"""The work of one process: make a world, run the engine on it, or run the other methods on it.

    python -m benchmarks.matching.steps STEP CASE_JSON WORLD_FILE FOLDER

Prints one JSON object. Each step in a process of its own: its peak memory is the step's.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.matching import cases, linkage, quality, rules
from exchange.settings import PROJECT_ROOT

MOST_FOR_LINKAGE = 200_000  # voters; all pairs stand in memory


def in_own_process(step: str, case: cases.Case, world: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.matching.steps", step, json.dumps(asdict(case)), str(world)]
    # pseudopeople shows its progress
    quiet = {**os.environ, "TQDM_DISABLE": "1"}
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=PROJECT_ROOT, env=quiet)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def own_cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def peak_gb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def make(case: cases.Case, world: Path) -> dict[str, Any]:
    cases.write(case, world)
    return {"cpu": own_cpu(), "memory": peak_gb()}


def engine(case: cases.Case, world: Path) -> dict[str, Any]:
    """match_once() as the project ships it, one thread; the answers and what it says of itself."""
    from exchange.matching.engine import match_once
    from exchange.matching.workbench import open_workbench

    con = open_workbench(world.parent / "workbench", threads=1)
    cases.attach(con, world)
    cpu, wall = own_cpu(), time.monotonic()
    result = match_once(con, "raw_voters", "raw_identities", "claimed_ids", seed=case.seed)
    cpu, wall, memory = own_cpu() - cpu, time.monotonic() - wall, peak_gb()
    con.execute("create table answers as select identity_id, voter_id from decided where status = 'accepted'")
    con.execute("create table by_rule as select identity_id, voter_id from decided where method = 'rule'")
    con.execute(f"copy decided to '{world.parent / 'decided.parquet'}' (format parquet)")
    [reviewed, rows] = con.execute(
        "select count(*) filter (decided.status = 'review'), count(*)"
        " from decided left join claimed_ids using (identity_id) where claimed_ids.voter_id is null"
    ).fetchall()[0]
    return {
        "without_id": asdict(quality.measure(con, "answers", quality.WITHOUT_ID)),
        "all": asdict(quality.measure(con, "answers")),
        "rules_alone": asdict(quality.measure(con, "by_rule", quality.WITHOUT_ID)),
        "channels": {name: asdict(found) for name, found in quality.by_channel(con, "answers").items()},
        "ids": asdict(_ids(con)),
        "threshold": result.calibration.threshold,
        "estimated": result.calibration.estimated_precision,
        "in_spine": result.calibration.in_spine_share,
        "review": reviewed / rows,
        "timings": result.timings,
        "cpu": cpu,
        "wall": wall,
        "memory": memory,
    }


def others(case: cases.Case, world: Path) -> dict[str, Any]:
    """Plain SQL rules and recordlinkage, on the engine's standardised columns and candidate pairs."""
    from exchange.matching.keys import blocking_keys, pair_up
    from exchange.matching.standard import standardize
    from exchange.matching.workbench import open_workbench

    con = open_workbench(world.parent / "workbench_of_others", threads=1)
    cases.attach(con, world)
    states = [row[0] for row in con.execute("select distinct state from raw_voters order by 1").fetchall()]
    for side in ("voters", "identities"):
        standardize(con, f"raw_{side}", side)
        blocking_keys(con, side, f"{side}_keys", states)
    pair_up(con, "identities_keys", "voters_keys", "pairs")
    found: dict[str, Any] = {}

    def run(name: str, method: Callable[[], None], tables: dict[str, str]) -> None:
        cpu = own_cpu()
        method()
        cpu = own_cpu() - cpu
        for label, table in tables.items():
            # ids as delivered where there are any: nobody works without them
            con.execute(
                "create or replace table with_ids as select identity_id, coalesce(claimed_ids.voter_id, found.voter_id)"
                f" as voter_id from claimed_ids full join {table} as found using (identity_id)"
            )
            found[label] = {
                "without_id": asdict(quality.measure(con, table, quality.WITHOUT_ID)),
                "all": asdict(quality.measure(con, "with_ids")),
                "cpu": cpu,
                "memory": peak_gb(),
            }

    run(
        "rules",
        lambda: rules.match_by_rules(con, "identities", "voters", "pairs", "by_rules"),
        {"SQL rules": "by_rules"},
    )
    if case.voters <= MOST_FOR_LINKAGE:
        run(
            "linkage",
            lambda: linkage.match_by_linkage(
                con, "identities", "voters", "pairs", "claimed_ids", (0.5, 0.9), "by_linkage"
            ),
            {"recordlinkage .5": "by_linkage_50", "recordlinkage .9": "by_linkage_90"},
        )
    return found


def _ids(con: duckdb.DuckDBPyConnection) -> quality.Quality:
    """Of the rows with ids: those attached by their id."""
    con.execute("create or replace table by_id as select identity_id, voter_id from decided where method = 'id'")
    return quality.measure(con, "by_id", "claimed_ids.voter_id is not null")


STEPS: dict[str, Callable[[cases.Case, Path], dict[str, Any]]] = {"make": make, "engine": engine, "others": others}


def main() -> None:
    step, case, world = sys.argv[1:]
    print(json.dumps(STEPS[step](cases.Case(**json.loads(case)), Path(world))))


if __name__ == "__main__":
    main()
