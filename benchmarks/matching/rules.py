"""Plain SQL rules, for comparison: who agrees in three things, without conflict, and is the only one."""

from __future__ import annotations

import duckdb

_FIRST = "i.first_name = v.first_name"
_LAST = "i.last_name = v.last_name"
_BORN = "i.birth_date = v.birth_date"
RULES = {
    "first_last_birth_date": (_FIRST, _LAST, _BORN),
    "email_first_last": ("list_has_any(i.emails, v.emails)", _FIRST, _LAST),
    "phone_first_last": ("list_has_any(i.phones, v.phones)", _FIRST, _LAST),
    "first_last_address": (_FIRST, _LAST, "i.street_key = v.street_key and (i.zip = v.zip or i.city = v.city)"),
    "nickname_last_birth_date": ("list_has_any(i.first_forms, v.first_forms)", _LAST, _BORN),
}
_CONFLICTS = (
    "i.suffix <> v.suffix",
    "left(i.middle_name, 1) <> left(v.middle_name, 1)",
    "i.birth_date <> v.birth_date",
    "i.birth_year <> v.birth_year",
)


def match_by_rules(con: duckdb.DuckDBPyConnection, identities: str, voters: str, pairs: str, into: str) -> None:
    """Table `into` (identity_id, voter_id) from standardised tables and the pairs that share a blocking key."""
    agreed = " or ".join(
        "(" + " and ".join(f"coalesce({part}, false)" for part in parts) + ")" for parts in RULES.values()
    )
    conflicts = " or ".join(f"coalesce({conflict}, false)" for conflict in _CONFLICTS)
    con.execute(f"""
        create or replace table {into} as
        with hits as (
            select identity_id, voter_id
            from {pairs} join {identities} as i on i.id = identity_id join {voters} as v on v.id = voter_id
            where ({agreed}) and not ({conflicts})
        )
        select identity_id, min(voter_id) as voter_id from hits group by 1 having count(*) = 1 order by 1
    """)
