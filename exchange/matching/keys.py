"""Blocking keys: two persons are compared only if they share one."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

# a key that more voters of one state own says nothing about who it is, and blocks nothing
KEYS_PER_BLOCK = 500

# block -> SQL list of its values for one standardised row; null or empty: the row has no key in the block.
# Names of both kinds stand in one block, so that swapped names meet.
_BLOCKS: dict[int, str] = {
    1: "phones",
    2: "emails",
    3: "[street_key || '|' || zip]",
    # contacts without a ZIP, or with that of the next town
    4: "[street_key || '|' || city]",
    5: "list_transform(list_concat(first_forms, last_parts), lambda n: n || '|' || birth_date)",
    6: "[least(first_name, last_name) || '|' || greatest(first_name, last_name) || '|' || birth_year]",
    7: "flatten(list_transform(first_forms, lambda f: list_transform(last_parts,"
    " lambda p: zip || '|' || f[1:2] || '|' || p[1:3])))",
    # contacts with a street line alone
    8: "list_transform(last_parts, lambda p: street_key || '|' || p)",
}


def blocking_keys(con: duckdb.DuckDBPyConnection, standard: str, into: str, states: Sequence[str]) -> None:
    """Create table `into` (id bigint, key bigint, block smallint), distinct. Grain: one key of one person.

    The key is 63 bits of md5("block|state|value"). A row without state gets its keys in every state of `states`.
    """
    lists = " union all ".join(
        f"select id, state, {block}::smallint as block, unnest(list_distinct({values})) as value from {standard}"
        for block, values in _BLOCKS.items()
    )
    con.execute("create or replace temp table matching_states as select unnest(?::text[]) as state", [list(states)])
    con.execute(f"""
        create or replace table {into} as
        with listed as ({lists}),
        placed as (
            select id, block, value, state from listed where state is not null and value is not null
            union all
            select listed.id, listed.block, listed.value, states.state
            from listed cross join matching_states as states
            where listed.state is null and listed.value is not null
        )
        select id, (md5_number_lower(block || '|' || state || '|' || value) >> 1)::bigint as key, block
        from placed
    """)


def pair_up(con: duckdb.DuckDBPyConnection, identity_keys: str, voter_keys: str, into: str) -> None:
    """Create table `into` (identity_id, voter_id), distinct: whoever shares a key of at most KEYS_PER_BLOCK voters."""
    con.execute(f"""
        create or replace table {into} as
        with shared as (
            select key, id from {voter_keys} where key in (select key from {identity_keys})
        ),
        telling as (select key from shared group by key having count(*) <= {KEYS_PER_BLOCK})
        select distinct identities.id as identity_id, shared.id as voter_id
        from shared
        semi join telling on shared.key = telling.key
        join {identity_keys} as identities on identities.key = shared.key
    """)
