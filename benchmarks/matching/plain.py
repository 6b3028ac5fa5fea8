"""The same person columns in a plain form, in the benchmark's own SQL: the yardstick shares no code with the engine.

Grain: one row per raw row. Used for the ceiling only.
"""

from __future__ import annotations

import duckdb

from benchmarks.matching.words import STREET_TYPES

_SHORT_WORDS = {long.upper(): short.upper() for short, long in STREET_TYPES.items()} | {
    "NORTH": "N",
    "SOUTH": "S",
    "EAST": "E",
    "WEST": "W",
    "NORTHEAST": "NE",
    "NORTHWEST": "NW",
    "SOUTHEAST": "SE",
    "SOUTHWEST": "SW",
}
# who shares none of these with the record of the person cannot be found by anybody
ANCHORS = {
    "phone": "list_has_any(i.phones, v.phones)",
    "email": "list_has_any(i.emails, v.emails)",
    "address": "i.street = v.street and i.zip = v.zip",
    "birth_date": "i.birth_date = v.birth_date",
    "zip_last_name": "i.zip = v.zip and i.last_name = v.last_name",
}


def make_plain(con: duckdb.DuckDBPyConnection, raw: str, into: str) -> None:
    """Table `into`: id, state, names in capitals, suffix, birth_date, street without unit, zip, phones, emails."""
    con.execute(
        "create or replace macro letters(word) as "
        "nullif(regexp_replace(upper(strip_accents(word)), '[^A-Z ]', '', 'g'), '')"
    )
    con.execute(f"create or replace table {into} as {_PLAIN}{raw}")


def anchored(con: duckdb.DuckDBPyConnection, identities: str, voters: str, truth: str, into: str) -> None:
    """Table `into`: identity_id, anchored: it and its voter's record share an anchor; no row without voter."""
    share = " or ".join(f"coalesce({condition}, false)" for condition in ANCHORS.values())
    con.execute(
        f"create or replace table {into} as select identity_id, {share} as anchored from {truth}"
        f" join {identities} as i on i.id = identity_id join {voters} as v on v.id = voter_id"
    )


_SUFFIX = "(JR|SR|II|III|IV)"
_NO_UNIT = "regexp_replace(upper(address), '(APARTMENT|APT|UNIT|NO|#)[. ]*[0-9]+$', '')"
_WORDS = f"list_filter(split(regexp_replace({_NO_UNIT}, '[.,]', '', 'g'), ' '), lambda word: word <> '')"
_SHORT = f"map({list(_SHORT_WORDS)}, {list(_SHORT_WORDS.values())})"
_DIGITS = "regexp_replace(zip, '[^0-9]', '', 'g')"

_PLAIN = f"""
select
    id, state,
    trim(letters(first_name)) as first_name,
    left(letters(middle_name), 1) as middle_initial,
    trim(regexp_replace(letters(replace(last_name, '-', ' ')), ' {_SUFFIX}$', '')) as last_name,
    nullif(coalesce(letters(suffix), regexp_extract(letters(last_name), ' {_SUFFIX}$', 1)), '') as suffix,
    case when birth_date like '____-__-__' then birth_date
        when birth_date like '%/%' then strftime(try_strptime(birth_date, '%m/%d/%Y'), '%Y-%m-%d') end as birth_date,
    regexp_extract(birth_date, '([12][0-9][0-9][0-9])', 1) as birth_year,
    nullif(array_to_string(list_transform({_WORDS}, lambda word: coalesce({_SHORT}[word], word)), ' '), '') as street,
    left(lpad({_DIGITS}, if(len({_DIGITS}) > 5, 9, 5), '0'), 5) as zip,
    split(phones, ' ') as phones,
    split(emails, ' ') as emails
from """
