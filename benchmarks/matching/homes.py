"""Dwellings: state, ZIP, city, house, unit, telephone line. Grain: one home; a tenth stands empty."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

PEOPLE_PER_ZIP = 6000  # adults; half of all people live in ZIPs of 8,000 and more
UNITS = 24  # of an apartment building


@dataclass(frozen=True)
class State:
    """Share of the homes; the first three digits of its ZIPs; its area codes."""

    name: str
    share: float
    zip_prefixes: range
    area_codes: tuple[int, ...]


STATES = (
    State("NC", 0.2, range(270, 290), (252, 336, 704, 743, 828, 910, 919, 980, 984)),
    State("PA", 0.3, range(150, 197), (215, 223, 267, 272, 412, 445, 484, 570, 582, 610, 717, 724, 814, 878)),
    State("FL", 0.25, range(320, 350), (239, 305, 321, 352, 386, 407, 448, 561, 727, 754, 772, 786, 813, 850, 904)),
    State("NJ", 0.15, range(70, 90), (201, 551, 609, 640, 732, 848, 856, 862, 908, 973)),
    State("MA", 0.1, range(10, 28), (339, 351, 413, 508, 617, 774, 781, 857, 978)),
)


@dataclass(frozen=True)
class Homes:
    """Columns, one value per home; homes of a ZIP follow each other, and ZIPs of a state."""

    columns: dict[str, NDArray[Any]]
    occupied: int

    @property
    def has_line(self) -> NDArray[Any]:
        return self.columns["has_line"]

    def anywhere(self, rng: np.random.Generator, size: int) -> NDArray[Any]:
        """Any home of the country, lived in or not."""
        return rng.integers(0, len(self.columns["home"]), size)

    def nearby(self, rng: np.random.Generator, home: NDArray[Any]) -> NDArray[Any]:
        """Where somebody who lives in `home` lived before: two of five in the same ZIP, the others in the state."""
        zone = np.where(rng.random(len(home)) < 0.4, self.columns["zone"][home], -1)
        state = self.columns["state"][home]
        first_of_zone, last_of_zone = _ranges(self.columns["zone"][: self.occupied])
        first_of_state, last_of_state = _ranges(self.columns["state"][: self.occupied])
        first = np.where(zone >= 0, first_of_zone[zone], first_of_state[state])
        last = np.where(zone >= 0, last_of_zone[zone], last_of_state[state])
        found = first + (rng.random(len(home)) * (last - first)).astype(np.int64)
        # every second one left a home that stands empty: the k-th empty home is of the zone of the k-th tenth home
        empty = self.occupied + found // 10
        return np.where((rng.random(len(home)) < 0.5) & (empty < len(self.columns["home"])), empty, found)


def make_homes(rng: np.random.Generator, occupied: int, people: int) -> Homes:
    zones = max(8, round(people / PEOPLE_PER_ZIP))
    sizes = np.exp(rng.normal(0, 0.6, zones))
    zone = np.searchsorted(np.cumsum(sizes / sizes.sum())[:-1], (np.arange(occupied) + 0.5) / occupied)
    zone = np.concatenate([zone, zone[::10]]).astype(np.int32)
    count = len(zone)
    number = np.arange(count)
    state_of_zone = np.searchsorted(np.cumsum([state.share for state in STATES])[:-1], (np.arange(zones) + 0.5) / zones)
    # a fifth of the blocks of 24 homes are buildings: their homes share street and number
    building = (rng.random(count // UNITS + 1) < 0.2)[number // UNITS]
    house = np.where(building, number // UNITS * UNITS, number)
    columns: dict[str, NDArray[Any]] = {
        "home": number.astype(np.int32),
        "zone": zone,
        "state": state_of_zone[zone].astype(np.int8),
        "zip": _zip_codes(rng, state_of_zone)[zone].astype(np.int32),
        "city": (zone // 3).astype(np.int32),
        "house_number": rng.integers(1, 9900, count)[house].astype(np.int16),
        # thirty streets a ZIP, so that neighbours are many and house numbers near
        "street": (zone * 7 + rng.integers(0, 30, count)[house]).astype(np.int32),
        "direction": rng.choice(9, size=count, p=[0.76] + [0.03] * 8)[house].astype(np.int8),
        "unit": np.where(building, number % UNITS + 1, 0).astype(np.int8),
        "has_line": rng.random(count) < 0.5,
    }
    return Homes(columns, occupied)


def _zip_codes(rng: np.random.Generator, state_of_zone: NDArray[Any]) -> NDArray[Any]:
    codes = np.zeros(len(state_of_zone), dtype=np.int64)
    for number, state in enumerate(STATES):
        zones = np.flatnonzero(state_of_zone == number)
        low, high = state.zip_prefixes.start * 100, state.zip_prefixes.stop * 100
        codes[zones] = np.sort(rng.choice(np.arange(low + 1, high), size=len(zones), replace=False))
    return codes


def _ranges(group: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """First and after-last position of each group in a sorted column."""
    groups = np.arange(int(group[-1]) + 1)
    return np.searchsorted(group, groups), np.searchsorted(group, groups, side="right")
