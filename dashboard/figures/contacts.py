"""How people were contacted and how long ago; what our contacts were spent on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from psycopg import sql

from dashboard.explorer.facets import CHANNELS
from dashboard.figures.kept import Figures
from dashboard.figures.reached import Group, Place

# (channel, choice of `last`, choice of `reach`) -> people
Grid = Mapping[tuple[str, str, str], int]


async def read_grid(figures: Figures, place: Place) -> Grid:
    """People of the place who have not voted, in the row of each channel by which anybody contacted them.

    A person contacted in two ways is in both rows, each time by the newest contact of all.
    """

    async def make() -> Grid:
        facets = figures.facets
        rows = await figures.reader.rows(
            sql.SQL(
                """
                select {channels} as channels, {last} as last, {reach} as reach, count(*) as people
                from explorer
                where {channels} <> 0 and {has_not_voted} and {place}
                group by {channels}, {last}, {reach}
                """
            ).format(
                channels=facets["channel"].key,
                last=facets["last"].key,
                reach=facets["reach"].key,
                has_not_voted=figures.has_not_voted,
                place=place.condition,
            )
        )
        lasts = {choice.code: choice.value for choice in facets["last"].choices}
        reaches = {choice.code: choice.value for choice in facets["reach"].choices}
        grid: dict[tuple[str, str, str], int] = {}
        for row in rows:
            for channel in facets["channel"].choices:
                if row["channels"] & channel.code:
                    key = (channel.value, lasts[row["last"]], reaches[row["reach"]])
                    grid[key] = grid.get(key, 0) + row["people"]
        return grid

    assert {choice.value for choice in figures.facets["channel"].choices} == set(CHANNELS)
    return await figures.keep(("grid", place), make)


@dataclass(frozen=True)
class Spent:
    """Our contacts with people who had answered or voted before. Of everybody, also those who have voted since."""

    contacts: int
    after_answer: int
    people_after_answer: int
    after_vote: int
    people_after_vote: int


async def read_spent(figures: Figures, groups: Iterable[Group], place: Place) -> Spent:
    """groups: those of the place."""

    async def make() -> int:
        contacts = await figures.reader.value(
            sql.SQL("select coalesce(sum(contacts_us), 0)::bigint from voters where {}").format(place.condition)
        )
        return int(contacts)

    groups = list(groups)
    return Spent(
        await figures.keep(("contacts", place), make),
        sum(group.contacts_after_answer for group in groups),
        sum(group.people_after_answer for group in groups),
        sum(group.contacts_after_vote for group in groups),
        sum(group.people_after_vote for group in groups),
    )
