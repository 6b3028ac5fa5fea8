"""What a partner's own rows hold: the choices a page offers never show a value from outside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from psycopg import sql

from dashboard.database import Reader

# a voter file has a dozen; what is rarer counts in totals and has no box of its own
MOST_PARTIES = 30


@dataclass(frozen=True)
class Domain:
    """voters: people in the view; answers: office -> people with an answer about it; candidates: of such answers.

    counties: state -> the counties of its people; parties: most people first.
    """

    voters: int
    answers: Mapping[str, int]
    candidates: Mapping[str, tuple[str, ...]]
    parties: tuple[str, ...]
    counties: Mapping[str, tuple[str, ...]]
    has_names: bool

    @property
    def first_office(self) -> str:
        """The office most people answered about."""
        return max(self.answers, key=lambda office: self.answers[office])


async def read_domain(reader: Reader, offices: tuple[str, ...]) -> Domain:
    """Five passes over the partner's rows: kept for as long as they stay the same (dashboard/cache.py)."""
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
    places = await reader.rows(
        "select state, county_fips from explorer where county_fips is not null group by 1, 2 order by 1, 2"
    )
    counties: dict[str, tuple[str, ...]] = {}
    for place in places:
        counties[place["state"]] = (*counties.get(place["state"], ()), place["county_fips"])
    names = await reader.value(
        "select exists (select from pg_attribute where attrelid = 'explorer'::regclass and attname = 'name_key')"
    )
    return Domain(
        int(counted["voters"]),
        answers,
        {office: await _candidates(reader, office) for office in offices if answers[office]},
        tuple(row["party"] for row in parties),
        counties,
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
