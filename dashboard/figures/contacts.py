"""How people were contacted and how long ago; what our contacts were spent on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from psycopg import sql

from dashboard.explorer.facets import CHANNELS
from dashboard.figures.kept import Figures
from dashboard.figures.reached import Place

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
                channels=facets["channel"].code,
                last=facets["last"].code,
                reach=facets["reach"].code,
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


async def read_spent(figures: Figures, place: Place) -> Spent:
    async def make() -> Spent:
        row = await figures.reader.row(
            sql.SQL(
                """
                select
                    (select coalesce(sum(contacts_us), 0)::bigint from voters where {place}) as contacts,
                    coalesce(sum(contacts_us_after_answer), 0) as after_answer,
                    count(*) filter (where contacts_us_after_answer > 0) as people_after_answer,
                    coalesce(sum(contacts_us_after_vote), 0) as after_vote,
                    count(*) filter (where contacts_us_after_vote > 0) as people_after_vote
                from explorer
                where (contacts_us_after_answer > 0 or contacts_us_after_vote > 0) and {place}
                """
            ).format(place=place.condition)
        )
        assert row is not None
        return Spent(**row)

    return await figures.keep(("spent", place), make)
