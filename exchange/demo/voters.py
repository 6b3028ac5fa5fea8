"""The electorate: any voter can be computed from (seed, index) alone, so none is ever stored.

Layout: voters come in cells of 16 neighbours; cells are ordered by state and city, so every district is a run of
cells; a cell falls into households by one of a few fixed patterns. Index 0 … PA first, then NC.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exchange.demo.chance import Chance, Index, cumulate
from exchange.demo.places import PLACES, STATES

CELL = 16
PENNSYLVANIA_SHARE = 0.55
# sizes of the households of a cell, in order; each sums to 16
_PATTERNS = (
    (2, 1, 3, 1, 2, 2, 1, 4), (1, 2, 2, 5, 1, 1, 3, 1), (4, 2, 1, 1, 2, 3, 2, 1), (1, 1, 1, 2, 2, 2, 3, 4),
    (2, 2, 2, 2, 2, 2, 2, 2), (3, 1, 2, 6, 1, 2, 1), (1, 4, 1, 2, 3, 1, 2, 2), (2, 3, 2, 1, 4, 1, 1, 2),
)  # fmt: skip


def _layout() -> tuple[Index, Index, Index]:
    household, member, size = (np.zeros((len(_PATTERNS), CELL), np.int64) for _ in range(3))
    for row, sizes in enumerate(_PATTERNS):
        position = 0
        for slot, count in enumerate(sizes):
            household[row, position : position + count] = slot
            member[row, position : position + count] = range(count)
            size[row, position : position + count] = count
            position += count
    return household, member, size


_HOUSEHOLD, _MEMBER, _SIZE = _layout()


@dataclass(frozen=True, slots=True)
class Seats:
    """Where voters sit: arrays of equal length, one entry per asked index. Districts are plain numbers."""

    index: Index
    state: Index
    place: Index
    household: Index
    member: Index
    household_size: Index
    congress: Index
    senate: Index
    house: Index


class Electorate:
    """`size` voters of both states. Every method takes an array of voter indexes and keeps its order."""

    def __init__(self, chance: Chance, size: int) -> None:
        if size < 2 * CELL:
            raise ValueError(f"an electorate needs at least {2 * CELL} voters, got {size}")
        self.chance, self.size = chance, size
        self.first_of_nc = max(1, round(size * PENNSYLVANIA_SHARE / CELL)) * CELL
        self.cells = -(-size // CELL)
        self._starts = self._place_starts()

    def _place_starts(self) -> Index:
        """First cell of each place, and one past the last cell at the end."""
        starts: list[int] = []
        for state, (low, high) in zip(STATES, self._state_cells(), strict=True):
            weights = [place.weight for place in PLACES if place.state == state]
            edges = low + np.round(cumulate(weights) * (high - low)).astype(np.int64)
            starts += [low, *edges[:-1].tolist()]
        return np.array([*starts, self.cells], np.int64)

    def _state_cells(self) -> tuple[tuple[int, int], tuple[int, int]]:
        border = self.first_of_nc // CELL
        return (0, border), (border, self.cells)

    def state_range(self, state: str) -> tuple[int, int]:
        """First index and one past the last index of a state's voters."""
        return (0, self.first_of_nc) if state == STATES[0] else (self.first_of_nc, self.size)

    def seats(self, index: Index) -> Seats:
        cell, position = index // CELL, index % CELL
        pattern = self.chance.below("pattern", cell, len(_PATTERNS))
        place, congress, senate, house = self._divisions(cell)
        return Seats(
            index=index,
            state=(index >= self.first_of_nc).astype(np.int64),
            place=place,
            household=cell * CELL + _HOUSEHOLD[pattern, position],
            member=_MEMBER[pattern, position],
            household_size=_SIZE[pattern, position],
            congress=congress,
            senate=senate,
            house=house,
        )

    def _divisions(self, cell: Index) -> tuple[Index, Index, Index, Index]:
        place = np.searchsorted(self._starts[:-1], cell, side="right").astype(np.int64) - 1
        start = self._starts[place]
        part = (cell - start) / np.maximum(1, self._starts[place + 1] - start)
        return place, _run(_CONGRESS, place, part), _run(_SENATE, place, part), _run(_HOUSE, place, part)

    def cells_in(self, division: str) -> Index:
        """Cells of an OCD division (country, state, cd, sldu, sldl, county, place); only complete ones.

        A small electorate may have no cell in a district: then the cells of its whole state.
        """
        cell = np.arange(self.size // CELL, dtype=np.int64)
        parts = dict(part.split(":", 1) for part in division.split("/")[1:])
        if "state" not in parts:
            return cell
        place, congress, senate, house = self._divisions(cell)
        in_state = _PLACE_STATE[place] == STATES.index(parts["state"].upper())
        inside = in_state.copy()
        for kind, values in (("cd", congress), ("sldu", senate), ("sldl", house)):
            if kind in parts:
                inside &= values == int(parts[kind])
        for kind, slugs in (("county", _COUNTY_SLUG), ("place", _CITY_SLUG)):
            if kind in parts:
                inside &= slugs[place] == parts[kind]
        found: Index = cell[inside] if inside.any() else cell[in_state]
        return found


def slug(name: str) -> str:
    """A name as OCD ids write it: lower case, blanks as underscores."""
    return name.lower().replace(" ", "_")


def _table(column: str) -> tuple[Index, Index]:
    lists = [getattr(place, column) for place in PLACES]
    padded = np.zeros((len(lists), max(map(len, lists))), np.int64)
    for row, values in enumerate(lists):
        padded[row, : len(values)] = values
    return padded, np.array([len(values) for values in lists], np.int64)


def _run(table: tuple[Index, Index], place: Index, part: NDArray[np.float64]) -> Index:
    padded, counts = table
    found: Index = padded[place, (part * counts[place]).astype(np.int64)]
    return found


def _words(place_word: list[str]) -> NDArray[np.str_]:
    return np.array(place_word)


_CONGRESS, _SENATE, _HOUSE = _table("congress"), _table("senate"), _table("house")
_PLACE_STATE = np.array([STATES.index(place.state) for place in PLACES], np.int64)
_COUNTY_SLUG = _words([slug(place.county) for place in PLACES])
_CITY_SLUG = _words([slug(place.city) for place in PLACES])
