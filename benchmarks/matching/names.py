"""Names people bear: first names by origin, sex and era of birth; surnames by origin; nicknames.

Frequencies follow the shape of the US census and of birth registers, not their numbers: a list is in order of
frequency, its ranks fall off as 1 / (rank + shift), and a long tail of made-up names stands for the rare ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from unicodedata import normalize

import numpy as np
from numpy.typing import NDArray

from benchmarks.matching import name_lists as lists

ORIGINS = ("general", "hispanic", "asian")
ERAS = (1950, 1970, 1986, 9999)  # a first name belongs to the first era whose end is after the year of birth
RARE_SURNAMES = {"general": 30_000, "hispanic": 3_000, "asian": 900}
RARE_FIRST_NAMES = 3_000


@dataclass(frozen=True)
class Pool:
    """Names of one group: where each stands in the list of all names, and the cumulative share of the group."""

    index: NDArray[np.int32]
    cumulative: NDArray[np.float64]

    def draw(self, rng: np.random.Generator, size: int) -> NDArray[np.int32]:
        return self.index[np.searchsorted(self.cumulative, rng.random(size), side="right")]


@dataclass(frozen=True)
class Names:
    """All names, and the pools that draw from them."""

    first: list[str]
    last: list[str]
    first_pools: dict[tuple[str, str, int], Pool]  # origin, sex, era
    last_pools: dict[str, Pool]


def without_accents(name: str) -> str:
    """The same letters as a file of plain ASCII has them."""
    return normalize("NFD", name).encode("ascii", "ignore").decode()


_ACCENTS = {without_accents(name): name for name in lists.ACCENTED.split()}


def accented(name: str) -> str:
    """The name as its bearer writes it; a file of capital letters drops the accents."""
    return " ".join(_ACCENTS.get(part, part) for part in name.split(" "))


def make_names(rng: np.random.Generator) -> Names:
    """Lists and pools; the tails are made up, the same for the same generator."""
    last, last_pools = _surnames(rng)
    first, first_pools = _first_names(rng)
    return Names(first, last, first_pools, last_pools)


def _surnames(rng: np.random.Generator) -> tuple[list[str], dict[str, Pool]]:
    every: dict[str, int] = {}
    pools = {}
    for origin in ORIGINS:
        common = lists.SURNAMES[origin].split()
        rare = _made_up(rng, RARE_SURNAMES[origin], lists.LAST_STARTS[origin], lists.LAST_ENDS[origin])
        # rank 1 : 10 : 100 : 1000 as in the census of 2010 (.83, .38, .12, .013 %)
        pools[origin] = _pool(every, common + rare, shift=25, slope=1.06)
    return list(every), pools


def _first_names(rng: np.random.Generator) -> tuple[list[str], dict[tuple[str, str, int], Pool]]:
    every: dict[str, int] = {}
    pools = {}
    rare = {sex: _made_up(rng, RARE_FIRST_NAMES, lists.FIRST_STARTS, lists.FIRST_ENDS[sex]) for sex in "FM"}
    for (origin, sex), by_era in lists.FIRST_NAMES.items():
        for era in range(len(ERAS)):
            names = by_era[min(era, len(by_era) - 1)].split()
            # Maria and Jose are borne by all ages; the young of every origin also bear the names of their time
            borrowed = [] if origin == "general" else lists.FIRST_NAMES["general", sex][era].split()[: 15 * era]
            tail = [name for name in rare[sex] if name not in names][: 500 * (era + 1)]
            # the top name of the forties had 5 %, that of the nineties 2 %
            pools[origin, sex, era] = _pool(every, [*names, *borrowed, *tail], shift=12 + 8 * era, slope=1.9)
    return list(every), pools


def _pool(every: dict[str, int], names: list[str], shift: float, slope: float) -> Pool:
    names = list(dict.fromkeys(names))
    index = np.array([every.setdefault(name, len(every)) for name in names], dtype=np.int32)
    share = 1.0 / (np.arange(1, len(names) + 1) + shift) ** slope
    cumulative = np.cumsum(share / share.sum())
    cumulative[-1] = 1.0
    return Pool(index, cumulative)


def _made_up(rng: np.random.Generator, count: int, starts: str, ends: str) -> list[str]:
    """Rare names, spelled as names are; several differ by a letter, as real ones do."""
    first, last = starts.split(), ends.split()
    middles = lists.MIDDLES.split()
    found: dict[str, None] = {}
    while len(found) < count:
        start, middle, end = rng.integers(len(first)), rng.integers(len(middles)), rng.integers(len(last))
        infix = middles[middle] if rng.random() < 0.75 else ""
        found.setdefault(first[start] + infix + last[end])
    return list(found)
