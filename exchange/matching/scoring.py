"""Weights of given pairs: Splink's, set right for the state's size and for crowds, and the household veto."""

from __future__ import annotations

import math

import duckdb

from exchange.matching.comparisons import SAME_HOUSE, SAME_PLACE
from exchange.matching.linker import create_records, predict
from exchange.matching.model import Model
from exchange.matching.sides import side_by_side
from exchange.matching.veto import VETO, with_cap

# pairs per call of Splink: bounds the memory
PAIRS_PER_BATCH = 1_000_000
# no field can lift a pair that Splink puts below this: chances of 1 in 16,000 count for nothing
LEAST_WEIGHT = -14.0
_CROWDS = {"phone": "unnest(phones)", "email": "unnest(emails)", "address": "street || '|' || coalesce(zip, city)"}


def score_pairs(
    con: duckdb.DuckDBPyConnection,
    model: Model,
    *,
    identities: str,
    voters: str,
    pairs: str,
    frequencies: str,
    into: str,
) -> None:
    """Create table `into` (identity_id, voter_id, weight). Grain: one pair worth a look, a subset of `pairs`.

    weight: log2 of the odds before other candidates are looked at, prior included, rounded to 1e-6.
    """
    con.execute(f"create or replace table {into} (identity_id bigint, voter_id bigint, weight double)")
    con.execute(f"""
        create or replace temp table matching_batches as
        with counted as (select identity_id, count(*) as n from {pairs} group by identity_id)
        select identity_id, ((sum(n) over (order by identity_id)) // {PAIRS_PER_BATCH})::int as batch from counted
    """)
    batches = con.execute("select distinct batch from matching_batches order by batch").fetchall()
    for (batch,) in batches:
        con.execute(f"""
            create or replace temp table matching_pairs as
            select identity_id, voter_id from {pairs}
            where identity_id in (select identity_id from matching_batches where batch = {batch})
        """)
        _score_batch(con, model, identities, voters, frequencies, into)
    con.execute("drop table matching_batches")


def _score_batch(
    con: duckdb.DuckDBPyConnection, model: Model, identities: str, voters: str, frequencies: str, into: str
) -> None:
    for persons, key, name in ((identities, "identity_id", "matching_left"), (voters, "voter_id", "matching_right")):
        con.execute(f"""
            create or replace temp table {name} as
            select * from {persons} where id in (select {key} from matching_pairs)
        """)
    create_records(con, "matching_left", "matching_right", frequencies, "matching_records")
    con.execute("""
        create or replace temp table matching_blocked as
        select '0' as match_key, 2 * identity_id as join_key_l, 2 * voter_id + 1 as join_key_r from matching_pairs
    """)
    predict(con, model.settings, "matching_records", "matching_blocked", LEAST_WEIGHT, "matching_predicted")
    _crowds(con, frequencies)
    weight = f"weight + {_state_scale(model)} {_crowd_scale(model)} + {VETO}"
    con.execute(f"""
        insert into {into}
        select identity_id, voter_id,
            round({with_cap(weight, births_tell=model.births_tell)}, 6)
        from (
            select sided.*, crowds.phone as crowd_phone, crowds.email as crowd_email, crowds.address as crowd_address
            from ({side_by_side("matching_left", "matching_right", "matching_predicted", "p.weight")}) as sided
            left join matching_crowds as crowds on crowds.id = sided.identity_id
        )
    """)
    for table in ("left", "right", "records", "blocked", "predicted", "crowds", "pairs"):
        con.execute(f"drop table matching_{table}")


def _state_scale(model: Model) -> str:
    """SQL: within one state voters are fewer, so the prior is higher and the same chance agreement likelier."""
    cases = " ".join(
        f"when '{state}' then {math.log2(model.voters / size)}"
        for state, size in sorted(model.spine.items())
        if state.isalnum()
    )
    fewer = f"(case state_l when state_r then case state_r {cases} else 0 end else 0 end)" if cases else "0"
    agreeing = (
        "coalesce(list_has_any(phones_l, phones_r), false)::int"
        " + coalesce(list_has_any(emails_l, emails_r), false)::int"
        f" + coalesce({SAME_PLACE}, false)::int"
    )
    return f"{fewer} * (1 - ({agreeing}))"


def _crowd_scale(model: Model) -> str:
    """SQL: a phone or address of a hundred voters is weaker evidence than that of a family."""
    agree = {
        "phone": "list_has_any(phones_l, phones_r)",
        "email": "list_has_any(emails_l, emails_r)",
        "address": f"{SAME_HOUSE} and (unit_l is null or unit_r is null)",
    }
    return "".join(
        f" - case when {condition} and crowd_{field} > {model.owners[field]}"
        f" then log2(crowd_{field} / {model.owners[field]}) else 0 end"
        for field, condition in agree.items()
    )


def _crowds(con: duckdb.DuckDBPyConnection, frequencies: str) -> None:
    """Temp table matching_crowds: for identities with a crowded phone, mailbox or address, how many share it."""
    found = " union all ".join(
        f"select v.id, '{field}' as field, f.n from (select id, {value} as value from matching_left) as v"
        f" join {frequencies} as f on f.field = '{field}' and f.value = v.value"
        for field, value in _CROWDS.items()
    )
    columns = ", ".join(f"max(n) filter (where field = '{field}') as {field}" for field in _CROWDS)
    con.execute(f"create or replace temp table matching_crowds as select id, {columns} from ({found}) group by id")
