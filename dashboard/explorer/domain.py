"""What a partner's own rows hold: the choices a page offers never show a value from outside them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from psycopg import sql

from dashboard.database import Reader

# kind of place -> its value in an address, of the rows that have one. Numbers of districts begin anew in each state.
PLACES = {
    "state": sql.SQL("state"),
    "county": sql.SQL("county_fips"),
    "cd": sql.SQL("state || '-' || congressional_no"),
    "sd": sql.SQL("state || '-' || state_senate_no"),
    "hd": sql.SQL("state || '-' || state_house_no"),
}
# a voter file has a dozen; what is rarer counts in totals and has no box of its own
MOST_PARTIES = 30


@dataclass(frozen=True)
class Domain:
    """voters: people in the view; answers: office -> people with an answer about it; candidates: of such answers.

    places: kind -> its values as addresses have them, in order; parties: most people first.
    """

    voters: int
    answers: Mapping[str, int]
    candidates: Mapping[str, tuple[str, ...]]
    parties: tuple[str, ...]
    places: Mapping[str, tuple[str, ...]]
    county_states: Mapping[str, str]
    has_names: bool

    @property
    def first_office(self) -> str:
        """The office most people answered about."""
        return max(self.answers, key=lambda office: self.answers[office])


async def read_domain(reader: Reader, offices: tuple[str, ...]) -> Domain:
    """A dozen passes over the partner's rows: kept for as long as they stay the same (dashboard/cache.py)."""
    counted = await reader.row(
        sql.SQL("select count(*) as voters, {} from explorer").format(
            sql.SQL(", ").join(
                sql.SQL("count({}) as {}").format(sql.Identifier(f"support_{office}"), sql.Identifier(office))
                for office in offices
            )
        )
    )
    assert counted is not None
    answers = {office: int(counted[office]) for office in offices}
    parties = await reader.rows(
        "select party from explorer where party is not null group by party order by count(*) desc, party limit %s",
        [MOST_PARTIES],
    )
    counties = await reader.rows(
        "select county_fips, min(state) as state from explorer where county_fips is not null group by county_fips"
    )
    names = await reader.value(
        "select exists (select from pg_attribute where attrelid = 'explorer'::regclass and attname = 'name_key')"
    )
    return Domain(
        int(counted["voters"]),
        answers,
        {office: await _candidates(reader, office) for office in offices if answers[office]},
        tuple(row["party"] for row in parties),
        {kind: await _places(reader, kind) for kind in PLACES},
        {row["county_fips"]: row["state"] for row in counties},
        bool(names),
    )


async def _candidates(reader: Reader, office: str) -> tuple[str, ...]:
    column = sql.Identifier(f"support_{office}_candidate")
    rows = await reader.rows(
        sql.SQL(
            "select {0} as candidate from explorer where {0} is not null group by 1 order by count(*) desc, 1"
        ).format(column)
    )
    return tuple(row["candidate"] for row in rows)


async def _places(reader: Reader, kind: str) -> tuple[str, ...]:
    """District 9 before district 10, and 10 before 10A."""
    rows = await reader.rows(
        sql.SQL("select {0} as place from explorer where {0} is not null group by 1").format(PLACES[kind])
    )
    return tuple(sorted((row["place"] for row in rows), key=_natural))


def _natural(place: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", place) if part]
