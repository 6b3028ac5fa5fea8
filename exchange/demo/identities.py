"""External ids of voters: VANIDs, DWIDs, voterbase ids; who has one, and which ids sit on two voters by mistake.

The number ranges overlap on purpose: the same digits are a VANID in both states, in a committee, and sometimes a
DWID of somebody else. An id on two voters belongs to neither as far as the exchange is concerned.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from exchange.demo.chance import Index
from exchange.demo.partners import OKAFOR_COMMITTEE
from exchange.demo.people import Person
from exchange.demo.places import STATES
from exchange.demo.voters import CELL, Electorate

_COVERAGE = {"vanid_voterfile": 0.985, "vanid_campaign": 0.80, "dwid": 0.965, "voterbase_id": 0.955}
_FIRST = {"vanid_voterfile": 1_000_000, "vanid_campaign": 1_000_000, "dwid": 1_500_000, "voterbase_id": 1_200_000}
_CONFLICTS = 0.0025


@dataclass(frozen=True, slots=True)
class Identity:
    """An id as the partner's tool holds it (blank: none), and whether it leads to exactly one voter."""

    value: str
    is_unique: bool


class Identities:
    """Ids by namespace. Columns of the crosswalk: one per (namespace, scope) in `columns`."""

    # (file, namespace, scope); a blank scope with vanid_voterfile means the voter's state
    columns = (
        ("vanid_voterfile", "vanid_voterfile", ""),
        ("vanid_campaign", "vanid_campaign", OKAFOR_COMMITTEE),
        ("dwid", "dwid", ""),
        ("voterbase_id", "voterbase_id", ""),
    )

    def __init__(self, electorate: Electorate) -> None:
        self.electorate, self.chance = electorate, electorate.chance
        spread = max(2 * electorate.size, 4_096)
        names = [*(f"vanid_voterfile/{state}" for state in STATES), "vanid_campaign", "dwid", "voterbase_id"]
        self._numbers = {name: self.chance.shuffle(f"id/{name}", spread) for name in names}

    def of(self, namespace: str, people: Sequence[Person]) -> list[Identity]:
        """The ids of these voters in a namespace, in order. A campaign committee holds North Carolinians only."""
        if namespace == "state_voter_id":
            return [Identity(person.state_voter_id, True) for person in people]
        index = np.array([person.index for person in people], np.int64)
        has = self._has(namespace, index).tolist()
        shared = self.shared(namespace, index).tolist()
        numbers = self._digits(namespace, index)
        return [
            Identity(_spelled(namespace, person.state, numbers[n]), not shared[n]) if has[n] else Identity("", False)
            for n, person in enumerate(people)
        ]

    def unknown(self, namespace: str, person: Person) -> str:
        """An id of the right shape that no voter has."""
        number = 900_000_000 + person.index
        if namespace == "state_voter_id":
            return f"{number}-{person.index % 67 + 1:02d}" if person.state == "PA" else f"ZZ{person.index:06d}"
        return _spelled(namespace, person.state, number)

    def shared(self, namespace: str, index: Index) -> NDArray[np.bool_]:
        """Voters whose id was also given to the next voter of the file."""
        drawn = self.chance.unit(f"shared/{namespace}", index) < _CONFLICTS
        inside = (index % CELL < CELL - 1) & (index + 1 < self.electorate.size)
        found: NDArray[np.bool_] = drawn & inside & self._has(namespace, index)
        return found

    def _has(self, namespace: str, index: Index) -> NDArray[np.bool_]:
        covered = self.chance.unit(f"has/{namespace}", index) < _COVERAGE[namespace]
        if namespace == "vanid_campaign":
            covered &= index >= self.electorate.first_of_nc
        found: NDArray[np.bool_] = covered
        return found

    def _digits(self, namespace: str, index: Index) -> list[int]:
        first = _FIRST[namespace]
        if namespace != "vanid_voterfile":
            return [first + number for number in self._numbers[namespace](index).tolist()]
        by_state = np.where(
            index < self.electorate.first_of_nc,
            self._numbers["vanid_voterfile/PA"](index),
            self._numbers["vanid_voterfile/NC"](index - self.electorate.first_of_nc),
        )
        return [first + number for number in by_state.tolist()]


def _spelled(namespace: str, state: str, number: int) -> str:
    return f"{state}-{number}" if namespace == "voterbase_id" else str(number)
