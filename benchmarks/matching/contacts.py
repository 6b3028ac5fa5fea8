"""People as partners' tools hold them. Grain: one identity; `truth` says who each is, null if not on the file."""

from __future__ import annotations

from random import Random
from typing import Any

import duckdb
import numpy as np

from benchmarks.matching.contact_fields import Person, write_down
from benchmarks.matching.profiles import CHANNELS, Profile
from benchmarks.matching.spine import RAW_COLUMNS


def store_contacts(con: duckdb.DuckDBPyConnection, identities: int, rng: np.random.Generator, profile: Profile) -> None:
    """Tables `raw_identities`, `truth`, `claimed_ids` and `channel`."""
    absent = round(identities * profile.not_voters)
    related = round(absent * profile.relatives)
    _choose(con, "voter_id > 0", identities - absent, rng)
    _choose(con, "voter_id = 0 and has_voter", related, rng, more=True)
    _choose(con, "voter_id = 0 and not has_voter", absent - related, rng, more=True)
    people = con.execute(_CHOSEN).fetchall()
    columns = [column[0] for column in con.description or []]
    channels = rng.choice(list(CHANNELS), size=len(people), p=[channel.share for channel in CHANNELS.values()])
    luck = Random(int(rng.integers(2**32)))
    order = rng.permutation(len(people))
    tables: dict[str, list[list[Any]]] = {"raw_identities": [], "truth": [], "claimed_ids": [], "channel": []}
    for identity_id, place in enumerate(order, 1):
        person: Person = dict(zip(columns, people[place], strict=True))
        channel = str(channels[place])
        tables["raw_identities"].append([identity_id, *write_down(person, CHANNELS[channel], profile, luck)])
        tables["truth"].append([identity_id, person["voter_id"] or None])
        tables["channel"].append([identity_id, channel])
        claimed = _claimed(person, CHANNELS[channel].with_id, profile.wrong_id, luck)
        if claimed:
            tables["claimed_ids"].append([identity_id, claimed])
    texts = ", ".join(f"{name} text" for name in RAW_COLUMNS[1:])
    for table, definition in (
        ("raw_identities", f"id bigint, {texts}"),
        ("truth", "identity_id bigint, voter_id bigint"),
        ("claimed_ids", "identity_id bigint, voter_id bigint"),
        ("channel", "identity_id bigint, channel text"),
    ):
        con.execute(f"create or replace table {table} ({definition})")
        _fill(con, table, tables[table])


def _choose(
    con: duckdb.DuckDBPyConnection, which: str, count: int, rng: np.random.Generator, more: bool = False
) -> None:
    """People to be contacted, some twice: organisations overlap."""
    found = con.execute(
        "select person from people"
        " join (select home, max(voter_id) > 0 as has_voter from people group by 1) as lived using (home)"
        f" where {which} order by person"
    ).fetchnumpy()["person"]
    con.register("luck", {"person": np.asarray(found)[rng.integers(0, len(found), count)]})
    if not more:
        con.execute("create or replace temp table chosen (person integer)")
    con.execute("insert into chosen select person from luck")
    con.unregister("luck")


def _claimed(person: Person, with_id: float, wrong: float, luck: Random) -> int | None:
    """The voter id that the tool holds; a wrong one is somebody's of the same home, or next to it on the list."""
    if not person["voter_id"]:
        # an unregistered relative was taken down under the voter of the home
        return person["relative_id"] if luck.random() < with_id * wrong * 2 else None
    if luck.random() >= with_id:
        return None
    if luck.random() < wrong * 0.8:
        return person["relative_id"] if person["relative_id"] and luck.random() < 0.6 else person["stranger_id"]
    return int(person["voter_id"])


def _fill(con: duckdb.DuckDBPyConnection, table: str, rows: list[list[Any]]) -> None:
    if not rows:
        return
    columns = {f"c{number}": np.array(values, dtype=object) for number, values in enumerate(zip(*rows, strict=True))}
    names = ["identity_id", "voter_id"] if table in ("truth", "claimed_ids") else []
    if names:
        columns = {
            name: np.array([value or 0 for value in values], dtype=np.int64)
            for name, values in zip(columns, columns.values(), strict=True)
        }
    con.register("rows_of_table", columns)
    picked = ", ".join(f"nullif({name}, 0)" if names else name for name in columns)
    con.execute(f"insert into {table} select {picked} from rows_of_table")
    con.unregister("rows_of_table")


_CHOSEN = """
with numbered as (
    select person, row_number() over (order by person) as place from chosen
),
neighbours as (
    select chosen.person, min(other.voter_id) as relative_id, min(other.cell) as relative_cell
    from (select distinct person from chosen) as chosen
    join people on people.person = chosen.person
    join persons as other on other.home = people.home and other.person <> people.person and other.voter_id > 0
    group by 1
)
select
    persons.*, place_now.*, relative_id, relative_cell,
    strftime(persons.born_on, '%Y-%m-%d') as birth_iso,
    (persons.voter_id::bigint * 7919) % (select max(voter_id) from people) + 1 as stranger_id,
    case persons.file_phone when 1 then place_then.line when 2 then persons.cell end as known_phone,
    persons.home <> persons.file_home as has_moved,
    struct_pack(
        house_number := place_then.house_number, direction := place_then.direction, street := place_then.street,
        street_type := place_then.street_type, unit := place_then.unit, city := place_then.city,
        zip := place_then.zip, state := place_then.state
    ) as place_on_file
from numbered
join persons on persons.person = numbered.person
join places as place_now on place_now.home = persons.home
join places as place_then on place_then.home = persons.file_home
left join neighbours on neighbours.person = persons.person
order by numbered.place
"""
