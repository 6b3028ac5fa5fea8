"""Literal persons for the tests of matching: a workbench table of raw rows from keyword arguments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import duckdb

from exchange.matching.engine import MatchResult, match_once
from exchange.matching.standard import RAW_COLUMNS, STANDARD_COLUMNS, standardize
from exchange.matching.workbench import open_workbench

Person = Mapping[str, Any]


def put_persons(con: duckdb.DuckDBPyConnection, table: str, persons: Iterable[Person]) -> None:
    """Table of RAW_COLUMNS; a person without `id` is numbered from 1."""
    rows = [{"id": n, **person} for n, person in enumerate(persons, start=1)]
    columns = ", ".join(f"unnest(?::{'bigint' if name == 'id' else 'text'}[]) as {name}" for name in RAW_COLUMNS)
    con.execute(f"create or replace table {table} as select {columns}", [[r.get(n) for r in rows] for n in RAW_COLUMNS])


def standardized(persons: Iterable[Person]) -> list[dict[str, Any]]:
    """The persons as standardize() sees them, in the order of their ids."""
    con = open_workbench()
    put_persons(con, "raw", persons)
    standardize(con, "raw", "standard")
    rows = con.execute("select * from standard order by id").fetchall()
    return [dict(zip(STANDARD_COLUMNS, row, strict=True)) for row in rows]


def matched(
    voters: Iterable[Person],
    identities: Iterable[Person],
    ids: Iterable[tuple[int, int]] = (),
    threads: int = 1,
    seed: int = 1,
) -> tuple[dict[int, dict[str, Any]], MatchResult]:
    """Decision per identity id (columns of `decided` and of `scores`), and the run."""
    con = open_workbench(threads=threads)
    put_persons(con, "raw_voters", voters)
    put_persons(con, "raw_identities", identities)
    con.execute("create table claimed (identity_id bigint, voter_id bigint)")
    for claim in ids:
        con.execute("insert into claimed values (?, ?)", list(claim))
    result = match_once(con, "raw_voters", "raw_identities", "claimed", seed=seed)
    found = con.execute("""
        select decided.*, scores.id_check, scores.candidates, scores.best_voter_id
        from decided join scores using (identity_id) order by identity_id
    """)
    names = [column[0] for column in found.description or []]
    return {row[0]: dict(zip(names, row, strict=True)) for row in found.fetchall()}, result
