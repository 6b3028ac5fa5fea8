"""How often values occur in the spine. Frozen with the model: weights of stored pairs stay as the spine grows."""

from __future__ import annotations

import duckdb

# an address, phone or mailbox of more voters than this has a row of its own
CROWD = 8
_NAMES = ("first_name", "last_name")
# what one voter may own several of, and what address levels compare
_SHARED = {
    "phone": "unnest(phones)",
    "email": "unnest(emails)",
    "zip": "zip",
    "address": "street || '|' || coalesce(zip, city)",
}


def count_frequencies(con: duckdb.DuckDBPyConnection, voters: str, into: str) -> None:
    """Create table `into` (field text, value text, n bigint) from standardised voters.

    Grain: field + value, of these kinds: 'state' + code: voters of the state ('' where it is not known);
    'first_name' and 'last_name' + name: voters of that name, if two or more; 'phone', 'email', 'address' + value:
    voters who share it, if more than CROWD; 'filled' + field: voters who have the field; 'agreeing' + field: ordered
    pairs of voters (a voter with himself too) that agree in it, which is what chance agreement is made of.
    """
    parts = [f"select 'state' as field, coalesce(state, '') as value, count(*) as n from {voters} group by value"]
    for name in _NAMES:
        parts.append(
            f"select '{name}', {name}, count(*) from {voters} where {name} is not null group by {name}"
            " having count(*) > 1"
        )
        parts.append(f"select 'filled', '{name}', count({name}) from {voters}")
    for field, value in _SHARED.items():
        owners = (
            f"(select value, count(*) as n from (select state, {value} as value from {voters})"
            " where value is not null group by state, value)"
        )
        if field != "zip":
            parts.append(f"select '{field}', value, max(n) from {owners} where n > {CROWD} group by value")
        parts.append(f"select 'agreeing', '{field}', coalesce(sum(n * n), 0)::bigint from {owners}")
    con.execute(f"create or replace table {into} as {' union all '.join(parts)}")
    parts = [
        f"select 'filled', 'phone', count(phones) from {voters}",
        f"select 'filled', 'email', count(emails) from {voters}",
        f"select 'filled', 'zip', count(zip) from {voters}",
        f"select 'filled', 'address', count(street || coalesce(zip, city)) from {voters}",
    ]
    con.execute(f"insert into {into} {' union all '.join(parts)}")


def spine_sizes(con: duckdb.DuckDBPyConnection, frequencies: str) -> dict[str, int]:
    """Voters per state, sorted by state."""
    found = con.execute(f"select value, n from {frequencies} where field = 'state' order by value").fetchall()
    return {state: int(n) for state, n in found}


def totals(con: duckdb.DuckDBPyConnection, frequencies: str, field: str) -> dict[str, int]:
    """The rows of 'filled' or 'agreeing'."""
    found = con.execute(
        f"select value, sum(n)::bigint from {frequencies} where field = ? group by value order by value", [field]
    ).fetchall()
    return {name: int(n) for name, n in found}
