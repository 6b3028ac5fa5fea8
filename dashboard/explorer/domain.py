"""What a partner's own rows hold: the choices a page offers never show a value from outside them."""

from __future__ import annotations

import re
from collections import Counter
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
    """Two passes over the partner's rows: kept for as long as they stay the same (dashboard/cache.py)."""
    answers, candidates, parties = await _read_answers(reader, offices)
    places, county_states = await _read_places(reader)
    names = await reader.value(
        "select exists (select from pg_attribute where attrelid = 'explorer'::regclass and attname = 'name_key')"
    )
    return Domain(
        voters=parties.total(),
        answers=answers,
        candidates={office: _most_first(candidates[office]) for office in offices if answers[office]},
        parties=_most_first(parties)[:MOST_PARTIES],
        places=places,
        county_states=county_states,
        has_names=bool(names),
    )


async def _read_answers(
    reader: Reader, offices: tuple[str, ...]
) -> tuple[dict[str, int], dict[str, Counter[str | None]], Counter[str | None]]:
    """Office -> people with an answer about it; office -> candidate -> such people; party -> people."""
    # few people are asked about several offices: there are few different rows, and one pass counts them all
    rows = await reader.rows(
        sql.SQL("select party, {}, {}, count(*) as people from explorer group by party, {}").format(
            sql.SQL(", ").join(
                sql.SQL("count({}) as {}").format(sql.Identifier(f"support_{office}"), sql.Identifier(f"of_{office}"))
                for office in offices
            ),
            *[sql.SQL(", ").join(sql.Identifier(f"support_{office}_candidate") for office in offices)] * 2,
        )
    )
    answers = dict.fromkeys(offices, 0)
    candidates: dict[str, Counter[str | None]] = {office: Counter() for office in offices}
    parties: Counter[str | None] = Counter()
    for row in rows:
        parties[row["party"]] += row["people"]
        for office in offices:
            answers[office] += row[f"of_{office}"]
            candidates[office][row[f"support_{office}_candidate"]] += row["people"]
    return answers, candidates, parties


async def _read_places(reader: Reader) -> tuple[dict[str, tuple[str, ...]], dict[str, str]]:
    """Kind of place -> its values in order; county -> its state. District 9 stands before 10, and 10 before 10A."""
    rows = await reader.rows(
        sql.SQL("select {} from explorer group by {}").format(
            sql.SQL(", ").join(
                sql.SQL("{} as {}").format(place, sql.Identifier(kind)) for kind, place in PLACES.items()
            ),
            sql.SQL(", ").join(PLACES.values()),
        )
    )
    places = {kind: tuple(sorted(sorted({row[kind] for row in rows} - {None}), key=_natural)) for kind in PLACES}
    counties: dict[str, str] = {}
    for row in rows:
        if row["county"] is not None and row["state"] is not None:
            counties[row["county"]] = min(row["state"], counties.get(row["county"], row["state"]))
    return places, counties


def _most_first(counts: Counter[str | None]) -> tuple[str, ...]:
    """The values that are none are left out; equal ones by name."""
    found = [(-people, value) for value, people in counts.items() if value is not None]
    return tuple(value for _, value in sorted(found))


def _natural(place: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", place) if part]
