"""The view `coverage_summary` of one recipient (docs/coverage-summary.md): what a count at this instant must say."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from .people import VoterKey
from .views import Sight, ViewRow, World

# fewer persons are not told; numbers are rounded to as many
FEW = 10


@dataclass(frozen=True)
class Person:
    """Grain: one person the views name. `others`: the other organizations that contacted it, as the recipient sees."""

    state: str
    county_fips: str
    is_ours: bool
    others: frozenset[str]


def coverage_summary(sight: Sight, world: World, person_ids: dict[VoterKey, str]) -> list[ViewRow]:
    """Grain: one state (county_fips None), or one county of it."""
    return told_of(_persons(sight, world, person_ids))


def told_of(persons: list[Person]) -> list[ViewRow]:
    rows = []
    for state in sorted({person.state for person in persons}):
        here = [person for person in persons if person.state == state]
        ours = counties_told([person for person in here if person.is_ours])
        rest = counties_told([person for person in here if not person.is_ours])
        rows.append(_row(state, None, here))
        for county in sorted({person.county_fips for person in here if person.county_fips}):
            row = _row(state, county, [person for person in here if person.county_fips == county])
            if county not in ours:
                row |= {"us_only": None, "us_and_others": None}
            if county not in rest:
                row |= {"others_only": None, "nobody": None}
            rows.append(row)
    return rows


def _persons(sight: Sight, world: World, person_ids: dict[VoterKey, str]) -> list[Person]:
    us = sight.recipient.partner_id
    contributors: dict[VoterKey, set[str]] = defaultdict(set)
    for visible in sight.contacts.values():
        contributors[visible.contact.key[2]].add(visible.contact.partner_id)
    return [
        Person(
            state=voter.state,
            county_fips=voter.row.get("county_fips", ""),
            is_ours=us in contributors[key],
            others=frozenset(contributors[key] - {us}),
        )
        for key, voter in world.people.voters.items()
        if key in person_ids and sight.recipient.covers(voter.state)
    ]


def _row(state: str, county: str | None, persons: list[Person]) -> ViewRow:
    """All numbers that may be told of these persons by themselves."""
    ours = [person for person in persons if person.is_ours]
    rest = [person for person in persons if not person.is_ours]
    us_and_others, us_only = _pair(ours)
    others_only, nobody = _pair(rest)
    return {
        "state": state,
        "county_fips": county,
        "voters": _rounded(len(persons)) if len(persons) >= FEW else None,
        "us_any": _rounded(len(ours)) if len(ours) >= FEW else None,
        "us_only": us_only,
        "us_and_others": us_and_others,
        "others_only": others_only,
        "nobody": nobody,
    }


def _pair(persons: list[Person]) -> tuple[int | None, int | None]:
    """Of persons all contacted by the recipient, or none of them: whom others contacted, and whom not."""
    if not may_be_told(persons):
        return None, None
    of_others = _rounded(sum(bool(person.others) for person in persons))
    return of_others, _rounded(len(persons)) - of_others


def may_be_told(persons: Iterable[Person]) -> bool:
    """At least two others reach 10 of them each; 10 are contacted by others, and 10 are not."""
    persons = list(persons)
    reached = Counter(other for person in persons for other in person.others)
    parts = Counter(bool(person.others) for person in persons)
    return sum(count >= FEW for count in reached.values()) >= 2 and min(parts[True], parts[False]) >= FEW


def counties_told(persons: list[Person]) -> set[str]:
    """The counties of a state of which the pair is told: the state less them tells nothing that may not be told."""
    of_county: dict[str, list[Person]] = defaultdict(list)
    for person in persons:
        of_county[person.county_fips].append(person)
    told = {county for county, there in of_county.items() if county and may_be_told(there)}
    not_told = [person for person in persons if person.county_fips not in told]
    if told and any(person.others for person in not_told) and not may_be_told(not_told):
        told.remove(min(told, key=lambda county: (sum(bool(person.others) for person in of_county[county]), county)))
    return told


def _rounded(count: int) -> int:
    """To the nearest 10; a five upwards."""
    return (count + FEW // 2) // FEW * FEW
