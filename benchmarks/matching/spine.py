"""The voter file as states deliver it. Grain of `raw_voters`: one registered voter."""

from __future__ import annotations

import duckdb

RAW_COLUMNS = (
    "id",
    "state",
    "first_name",
    "middle_name",
    "last_name",
    "suffix",
    "birth_date",
    "address",
    "city",
    "zip",
    "phones",
    "emails",
)


def without_letter(word: str, typo: str) -> str:
    """The word without the letter that `typo` (0: none, 3 … 12) points at."""
    return f"case when {typo} > 0 then left({word}, {typo} // 2) || substr({word}, {typo} // 2 + 2) else {word} end"


def store_voters(con: duckdb.DuckDBPyConnection) -> None:
    """Table `raw_voters` from the views `persons` and `places`, in the order of voter_id."""
    con.execute(f"create or replace table raw_voters as {_VOTERS}")


_LAST = "case when file_maiden then maiden_word else whole_last end"

_VOTERS = f"""
select
    voter_id::bigint as id,
    places.state,
    upper({without_letter("first_word", "if(file_typo % 2 = 1, file_typo, 0)")}) as first_name,
    upper(case file_middle when 1 then left(middle_word, 1) when 2 then middle_word end) as middle_name,
    upper({without_letter(f"({_LAST})", "if(file_typo % 2 = 0, file_typo, 0)")}) as last_name,
    case when file_suffix then nullif(upper(suffix_word), '') end as suffix,
    case
        when not file_birth_date then null
        -- North Carolina publishes the year alone
        when places.state = 'NC' then year(born_on)::text
        else strftime(born_on, '%Y-%m-%d')
    end as birth_date,
    upper(concat_ws(' ', house_number, nullif(direction, ''), street, street_type,
        case when unit > 0 then case places.state when 'FL' then 'UNIT ' when 'NJ' then '# ' else 'APT ' end || unit end
    )) as address,
    upper(city) as city,
    if(places.state = 'PA', zip || '-' || lpad((house_number::integer * 37 % 9999)::text, 4, '0'), zip) as zip,
    case file_phone when 1 then line when 2 then cell when 3 then recycled end as phones,
    case when file_email then email end as emails
from persons
join places on places.home = persons.file_home
where voter_id > 0
order by voter_id
"""
