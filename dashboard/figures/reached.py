"""Whom we contacted, whom others did, whom nobody: by place."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from psycopg import sql

from dashboard.figures.kept import Figures

Key = TypeVar("Key")

# in the order of every bar
PARTS = ("us", "both", "others", "nobody")


@dataclass(frozen=True)
class Group:
    """People of one place who are alike. has_voted: Voters leaves them out unless asked."""

    state: str | None
    county_fips: str | None
    reach: str
    has_voted: bool
    is_suppressed: bool
    people: int


@dataclass(frozen=True)
class Place:
    """Where: everywhere, a state or a county of it."""

    state: str = ""
    county_fips: str = ""

    def holds(self, group: Group) -> bool:
        return self.state in ("", group.state) and self.county_fips in ("", group.county_fips)

    @property
    def condition(self) -> sql.Composable:
        parts = [
            sql.SQL("{} = {}").format(sql.Identifier(column), sql.Literal(value))
            for column, value in (("state", self.state), ("county_fips", self.county_fips))
            if value
        ]
        return sql.SQL(" and ").join(parts) if parts else sql.SQL("true")

    @property
    def filters(self) -> dict[str, str]:
        """Its part of an address of Voters."""
        given = {"state": self.state, "county": self.county_fips}
        return {name: value for name, value in given.items() if value}


@dataclass(frozen=True)
class Reached:
    """How many people were contacted by whom."""

    us: int = 0
    both: int = 0
    others: int = 0
    nobody: int = 0

    @property
    def total(self) -> int:
        return sum(self.parts)

    @property
    def parts(self) -> tuple[int, ...]:
        """In the order of PARTS."""
        return (self.us, self.both, self.others, self.nobody)

    def plus(self, reach: str, people: int) -> Reached:
        counts = dict(zip(PARTS, self.parts, strict=True))
        return Reached(**{**counts, reach: counts[reach] + people})


async def read_groups(figures: Figures) -> tuple[Group, ...]:
    """All of the partner's people, by place, reach, vote and suppression: a few thousand groups."""

    async def make() -> tuple[Group, ...]:
        rows = await figures.reader.rows(
            sql.SQL(
                """
                select
                    state,
                    county_fips,
                    {reach} as reach,
                    not {has_not_voted} as has_voted,
                    is_suppressed,
                    count(*) as people
                from explorer
                group by state, county_fips, {reach}, not {has_not_voted}, is_suppressed
                """
            ).format(reach=figures.facets["reach"].code, has_not_voted=figures.has_not_voted)
        )
        reaches = {choice.code: choice.value for choice in figures.facets["reach"].choices}
        return tuple(Group(**{**row, "reach": reaches[row["reach"]]}) for row in rows)

    return await figures.keep(("groups",), make)


def reached(groups: Iterable[Group]) -> Reached:
    """Of the people who have not voted."""
    total = Reached()
    for group in groups:
        if not group.has_voted:
            total = total.plus(group.reach, group.people)
    return total


def states(groups: Iterable[Group]) -> list[str]:
    return sorted({group.state for group in groups if group.state})


def by_county(groups: Iterable[Group]) -> dict[tuple[str | None, str | None], Reached]:
    """State and county -> people who have not voted. The county, or both, are None where the voter file has none."""
    return _by(groups, lambda group: (group.state, group.county_fips))


def by_state(groups: Iterable[Group]) -> dict[str | None, Reached]:
    return _by(groups, lambda group: group.state)


def _by(groups: Iterable[Group], key: Callable[[Group], Key]) -> dict[Key, Reached]:
    found: dict[Key, Reached] = {}
    for group in groups:
        if not group.has_voted:
            found[key(group)] = found.get(key(group), Reached()).plus(group.reach, group.people)
    return found
