"""What is measured on: a world of the generator's, or somebody else's labelled data, in a DuckDB file of its own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from benchmarks.matching import plain
from benchmarks.matching.datasets import load_febrl4, load_pseudopeople
from benchmarks.matching.generate import generate

DATASETS = {"febrl4": load_febrl4, "pseudopeople": load_pseudopeople}
WORLD = ("raw_voters", "raw_identities", "truth", "claimed_ids", "channel", "findable")


@dataclass(frozen=True)
class Case:
    """`source` is a profile of the generator or one of DATASETS, which have their own size."""

    source: str
    seed: int = 1
    voters: int = 0
    identities: int = 0

    @property
    def label(self) -> str:
        if self.source in DATASETS:
            return self.source
        size = f"{self.voters / 1e6:g} M" if self.voters >= 1_000_000 else f"{self.voters / 1e3:g} k"
        return f"{self.source} {size}"


def write(case: Case, path: Path) -> None:
    """The tables of WORLD in the new file `path`."""
    with duckdb.connect(path) as con:
        if case.source in DATASETS:
            DATASETS[case.source](con, case.seed)
        else:
            generate(con, voters=case.voters, identities=case.identities, seed=case.seed, profile=case.source)
        for side in ("voters", "identities"):
            plain.make_plain(con, f"raw_{side}", f"plain_{side}")
        plain.anchored(con, "plain_identities", "plain_voters", "truth", "findable")
        con.execute("drop table plain_voters")
        con.execute("drop table plain_identities")


def attach(con: duckdb.DuckDBPyConnection, path: Path) -> None:
    """The tables of WORLD as views of the connection; whoever matches gets the raw ones and the claimed ids only."""
    con.execute(f"attach '{path}' as world (read_only)")
    for table in WORLD:
        con.execute(f"create or replace view {table} as from world.{table}")
