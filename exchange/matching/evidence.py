"""Evidence that needs no model: does a claimed id agree with the person, and which deterministic rules hit."""

from __future__ import annotations

import duckdb

from exchange.matching.comparisons import (
    BIRTH_AGREES,
    BIRTH_CONFLICTS,
    FIRST_AGREES,
    MIDDLE_CONFLICTS,
    NEAR_LAST,
    SAME_FORMS,
    SAME_HOUSE,
    SHARED_PART,
    SUFFIX_CONFLICTS,
    SWAPPED,
)
from exchange.matching.sides import side_by_side

_SAME_NAME = "first_name_l = first_name_r and last_name_l = last_name_r"
# rule -> condition, the most precise first. A phone and a first name make no rule: numbers are given to new owners.
RULES: dict[str, str] = {
    "name_birth_date": f"{_SAME_NAME} and birth_date_l = birth_date_r",
    "email_name": f"{_SAME_NAME} and list_has_any(emails_l, emails_r)",
    "phone_name": f"{_SAME_NAME} and list_has_any(phones_l, phones_r)",
    "nickname_birth_date": f"{SAME_FORMS} and last_name_l = last_name_r and birth_date_l = birth_date_r",
    "address_name": f"{_SAME_NAME} and {SAME_HOUSE} and coalesce(unit_l = unit_r, true)",
}
_CONFLICT = f"({SUFFIX_CONFLICTS} or {MIDDLE_CONFLICTS} or {BIRTH_CONFLICTS})"


def find_rule_hits(con: duckdb.DuckDBPyConnection, identities: str, voters: str, pairs: str, into: str) -> None:
    """Create temp table `into` (identity_id, voter_id, position). Grain: one rule that hits a pair without conflict.

    position: of the rule in RULES, from 1.
    """
    hits = ", ".join(
        f"case when {condition} then {position} end" for position, condition in enumerate(RULES.values(), start=1)
    )
    con.execute(f"""
        create or replace temp table {into} as
        select identity_id, voter_id, unnest(list_filter([{hits}], lambda hit: hit is not null))::int as position
        from ({side_by_side(identities, voters, pairs)}) where not {_CONFLICT}
    """)


def choose_by_rule(hits: str) -> str:
    """SQL of (identity_id, voter_id, position): the one voter on whom all rules agree that hit a single voter."""
    return f"""
        select identity_id, any_value(voter_id) as voter_id, min(position) as position
        from (
            select identity_id, position, any_value(voter_id) as voter_id from {hits}
            group by identity_id, position having count(distinct voter_id) = 1
        )
        group by identity_id having count(distinct voter_id) = 1
    """


_LAST_AGREES = f"(last_name_l = last_name_r or {SHARED_PART} or {NEAR_LAST})"
_CHECK = f"""
    case
        when voter_found is null then 'disagrees'
        -- the son with his father's id
        when {SUFFIX_CONFLICTS} then 'disagrees'
        -- neither a changed surname nor a mistyped birth date alone makes another person, both together do
        when coalesce({FIRST_AGREES} or {SWAPPED}, false)
            then case when coalesce(not ({_LAST_AGREES} or {SWAPPED}), false) and {BIRTH_CONFLICTS}
                then 'disagrees' else 'agrees' end
        when {BIRTH_AGREES} and first_name_l is null then 'agrees'
        when {BIRTH_AGREES} and coalesce({_LAST_AGREES}, false) then 'agrees'
        when (first_name_l is null or first_name_r is null) and coalesce({_LAST_AGREES}, false)
            and not {BIRTH_CONFLICTS} then 'agrees'
        when coalesce(first_name_l, last_name_l, birth_year_l::text) is null
            or (first_name_l is null and last_name_l is null and birth_year_l = birth_year_r) then 'unchecked'
        else 'disagrees'
    end
"""


def check_ids(con: duckdb.DuckDBPyConnection, identities: str, voters: str, claimed: str, into: str) -> None:
    """Create temp table `into` (identity_id, voter_id, id_check) from `claimed` (identity_id, voter_id).

    Grain: one claimed id. 'agrees': the name or birth date speaks for it; 'unchecked': the identity has neither;
    'disagrees': they speak against it, or the voter is not in `voters`.
    """
    con.execute(f"""
        create or replace temp table {into} as
        with compared as (
            select *, 1 as voter_found from ({side_by_side(identities, voters, claimed)})
        ),
        checked as (select identity_id, voter_id, {_CHECK} as id_check from compared)
        select c.identity_id, c.voter_id, coalesce(checked.id_check, 'disagrees') as id_check
        from {claimed} as c left join checked using (identity_id, voter_id)
    """)
