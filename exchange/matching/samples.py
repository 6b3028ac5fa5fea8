"""Counts of comparison levels over labelled pairs and over pairs that chance brought together."""

from __future__ import annotations

import duckdb

from exchange.matching.comparisons import (
    COMPARISONS,
    FIRST_IS_OTHER,
    SAME_PLACE,
    Comparison,
)
from exchange.matching.sides import side_by_side

# comparison -> level -> pairs
Counts = dict[str, dict[str, int]]
_SIDE = 700
_PLACES = 3_000
_NEIGHBOURS = 40


def count_levels(
    con: duckdb.DuckDBPyConnection, identities: str, voters: str, pairs: str, where: str = "true"
) -> Counts:
    """Pairs per comparison and level, those left out that say nothing in the comparison."""
    levels = ", ".join(f"{_level_sql(comparison)} as {comparison.name}" for comparison in COMPARISONS)
    con.execute(f"""
        create or replace temp table matching_levels as
        select {levels} from ({side_by_side(identities, voters, pairs)}) where {where}
    """)
    counts: Counts = {}
    for comparison in COMPARISONS:
        rows = con.execute(f"select {comparison.name}, count(*) from matching_levels group by 1").fetchall()
        counts[comparison.name] = {level: int(n) for level, n in sorted(rows, key=str) if level is not None}
    con.execute("drop table matching_levels")
    return counts


def _level_sql(comparison: Comparison) -> str:
    cases = " ".join(
        f"else '{level.name}'" if level.condition == "ELSE" else f"when {level.condition} then '{level.name}'"
        for level in comparison.levels
    )
    return f"case when {comparison.unknown} then null {cases} end"


def chance_levels(con: duckdb.DuckDBPyConnection, identities: str, voters: str, seed: int) -> Counts:
    """Levels of random pairs. Pairs that share an anchor are left out: in a small exchange they are the same person."""
    _draw(con, identities, "matching_drawn_identities", _SIDE, seed)
    _draw(con, voters, "matching_drawn_voters", _SIDE, seed)
    con.execute("""
        create or replace temp table matching_drawn as
        select l.id as identity_id, r.id as voter_id from matching_drawn_identities as l, matching_drawn_voters as r
    """)
    anchored = (
        "coalesce(list_has_any(phones_l, phones_r), false) or coalesce(list_has_any(emails_l, emails_r), false)"
        f" or coalesce(street_l = street_r and {SAME_PLACE}, false)"
        " or coalesce(first_name_l = first_name_r and last_name_l = last_name_r, false)"
        " or coalesce(first_name_l = first_name_r and birth_date_l = birth_date_r, false)"
        " or coalesce(last_name_l = last_name_r and birth_date_l = birth_date_r, false)"
    )
    return count_levels(con, identities, voters, "matching_drawn", f"not ({anchored})")


def place_levels(con: duckdb.DuckDBPyConnection, identities: str, voters: str, seed: int) -> Counts:
    """Levels of pairs of one house and of one ZIP whose first names are no one person's."""
    _draw(con, f"(select * from {identities} where street is not null)", "matching_drawn_identities", _PLACES, seed)
    con.execute(f"""
        create or replace temp table matching_drawn as
        with
        housed as (
            select distinct l.id as identity_id, r.id as voter_id
            from matching_drawn_identities as d join {identities} as l on l.id = d.id
            join {voters} as r on r.street = l.street and (r.zip = l.zip or ((r.zip is null or l.zip is null)
                and r.city = l.city))
        ),
        sampled as (select id, zip, md5(id::text || '{seed}') as draw from {voters} where street is not null),
        zips as (
            select zip, id from sampled
            qualify row_number() over (partition by zip order by draw, id) <= {_NEIGHBOURS}
        ),
        near as (
            select l.id as identity_id, zips.id as voter_id
            from matching_drawn_identities as d join {identities} as l on l.id = d.id join zips on zips.zip = l.zip
        )
        select * from housed union select * from near
    """)
    return count_levels(con, identities, voters, "matching_drawn", f"coalesce({FIRST_IS_OTHER}, false)")


def _draw(con: duckdb.DuckDBPyConnection, persons: str, into: str, size: int, seed: int) -> None:
    con.execute(f"""
        create or replace temp table {into} as
        select id from {persons} order by md5(id::text || '|{seed}'), id limit {size}
    """)
