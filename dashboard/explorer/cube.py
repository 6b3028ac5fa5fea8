"""Counts of every choice from one query: a cube of the facets, counted once per scope and kept with its data.

Choosing within the facets then asks the database for no count at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from psycopg import sql

from dashboard.database import Reader
from dashboard.explorer.facet import Codes, Facet
from dashboard.explorer.filters import Universe

# what int8send and int4send write
_STORED, _TOLD = np.dtype(">i8"), np.dtype(">i4")
_KEY_BITS = 63


@dataclass(frozen=True)
class Cube:
    """People by their codes of all facets. Grain: one group of people with equal codes.

    columns: facet -> a group's code, as narrow as it can be; people: how many a group is.
    """

    columns: Mapping[str, Codes]
    people: Codes

    @classmethod
    def of(cls, stored: Codes, told: Codes, facets: Mapping[str, Facet]) -> Cube:
        """A value for each person. stored: explorer.codes, bits above those are ignored; told: as _packed has them."""
        places = _places(facets)
        # most codes stay where they are stored: a million people are counted in half the time
        stay = [facet for facet in facets.values() if facet.stored and not facet.stored.steps]
        keys = stored & sum((2**facet.bits - 1) << places[facet.name] for facet in stay)
        used = 0
        for name, facet in facets.items():
            if facet.stored is None:
                keys |= ((told >> used) & (2**facet.bits - 1)) << places[name]
                used += facet.bits
            elif facet.stored.steps:
                keys |= facet.stored.of(stored) << places[name]
        groups, people = np.unique(keys, return_counts=True)
        columns = {
            name: ((groups >> places[name]) & (2**facet.bits - 1)).astype(np.min_scalar_type(2**facet.bits - 1))
            for name, facet in facets.items()
        }
        return cls(columns, people.astype(np.int32))


@dataclass(frozen=True)
class Counts:
    """How many people a universe has, and would have. total: all of it; choices: facet -> choice -> people.

    A choice counts the people with it who pass every other facet: so many would be listed were it the only choice.
    """

    total: int
    choices: Mapping[str, Mapping[str, int]]


async def read_cube(reader: Reader, facets: Mapping[str, Facet], scope: sql.Composable) -> Cube:
    """Count the people of a scope: their codes come as one value, or two, and are counted here.

    GROUP BY in the database took five times as long (1 M people, 500,000 of them different: 2.0 s of CPU, November
    2026), and reading its rows one by one three times; by the packed key alone it does not end, since hashint8 folds
    its halves together. Making every code from its column took three times as long as `codes` does.
    """
    told = [facet for facet in facets.values() if facet.stored is None]
    free = max(facet.stored.place + facet.stored.bits for facet in facets.values() if facet.stored)
    # few candidates and parties fit in above what is stored: a quarter less time than for a second value
    fits = free + sum(facet.bits for facet in told) <= _KEY_BITS
    query = sql.SQL("select {values} from explorer where {scope}").format(
        values=sql.SQL(
            "string_agg(int8send(codes | (({told})::bigint << {free})), ''::bytea) as stored"
            if fits
            else "string_agg(int8send(codes), ''::bytea) as stored, string_agg(int4send({told}), ''::bytea) as told"
        ).format(told=_packed(told), free=sql.Literal(free)),
        scope=scope,
    )
    reader.note(query)
    async with reader.connection.cursor(binary=True) as cursor:
        await cursor.execute(query)
        row = await cursor.fetchone()
    assert row is not None, "an aggregate has a row"
    stored = np.frombuffer(row["stored"] or b"", dtype=_STORED).astype(np.int64)
    codes = stored >> free if fits else np.frombuffer(row["told"] or b"", dtype=_TOLD).astype(np.int64)
    return Cube.of(stored, codes, facets)


def _packed(facets: Sequence[Facet]) -> sql.Composable:
    """Codes in one number: the first one lowest."""
    parts, used = [], 0
    for facet in facets:
        parts.append(sql.SQL("(({}) << {})").format(facet.code, sql.Literal(used)))
        used += facet.bits
    assert used < 32, "the number is a signed one of 32 bits"
    return sql.SQL(" | ").join(parts)


def _places(facets: Mapping[str, Facet]) -> dict[str, int]:
    """Facet -> its first bit in a key: where it is stored, or above all that stay there."""
    places = {name: facet.stored.place for name, facet in facets.items() if facet.stored and not facet.stored.steps}
    used = max(places[name] + facets[name].bits for name in places)
    for name, facet in facets.items():
        if name not in places:
            places[name] = used
            used += facet.bits
    assert used <= _KEY_BITS, "a key is a signed number of 64 bits"
    return places


def count(cube: Cube, facets: Mapping[str, Facet], universe: Universe) -> Counts:
    """Every count of a universe within the cube's scope."""
    passes = {
        name: _passes(facet, cube.columns[name], values)
        for name, facet in facets.items()
        if (values := universe.chosen(name))
    }
    failed = np.zeros(len(cube.people), dtype=np.int8)
    for passed in passes.values():
        failed += ~passed
    everything = np.flatnonzero(failed == 0)
    people = cube.people[everything]
    choices: dict[str, dict[str, int]] = {}
    for name, facet in facets.items():
        if name in passes:
            # who fails nothing but this facet
            counted = np.flatnonzero(failed == ~passes[name])
            choices[name] = _by_choice(facet, cube.columns[name][counted], cube.people[counted])
        else:
            choices[name] = _by_choice(facet, cube.columns[name][everything], people)
    return Counts(int(people.sum()), choices)


def cross(cube: Cube, facets: Mapping[str, Facet], universe: Universe, rows: str, columns: str) -> list[list[int]]:
    """People of the universe by two facets: a row per choice of one, a column per choice of the other."""
    passed = np.ones(len(cube.people), dtype=bool)
    for name, facet in facets.items():
        if values := universe.chosen(name):
            passed &= _passes(facet, cube.columns[name], values)
    everything = np.flatnonzero(passed)
    width = 2 ** facets[columns].bits
    pairs = cube.columns[rows][everything].astype(np.int32) * width + cube.columns[columns][everything]
    sums = _sums(pairs, cube.people[everything], 2 ** facets[rows].bits * width)
    return [
        [int(sums[row.code * width + column.code]) for column in facets[columns].choices]
        for row in facets[rows].choices
    ]


def _passes(facet: Facet, codes: Codes, values: frozenset[str]) -> NDArray[np.bool_]:
    chosen = [facet.codes[value] for value in values]
    if facet.is_set:
        return (codes & sum(chosen)) != 0
    # a comparison for each choice takes a fiftieth of the time of looking every code up
    passed = codes == chosen[0]
    for code in chosen[1:]:
        passed |= codes == code
    return passed


def _by_choice(facet: Facet, codes: Codes, people: Codes) -> dict[str, int]:
    sums = _sums(codes, people, 2**facet.bits)
    if facet.is_set:
        every = np.arange(len(sums))
        return {choice.value: int(sums[every & choice.code != 0].sum()) for choice in facet.choices}
    return {choice.value: int(sums[choice.code]) for choice in facet.choices}


def _sums(codes: Codes, people: Codes, length: int) -> NDArray[Any]:
    # in doubles, which are exact up to 2**53 people
    return np.bincount(codes, weights=people, minlength=length)
