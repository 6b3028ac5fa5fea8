"""A voter's name, birth date, address, phones and registration, computed from its index.

Households share last name, address and landline; some hold a Sr. and a Jr. of one name, some hold twins.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from exchange.demo.chance import Index, Shuffle, cumulate
from exchange.demo.names import LAST_NAMES, MEN, MIDDLE_NAMES, STREET_KINDS, STREETS, WOMEN
from exchange.demo.places import PLACES, STATES
from exchange.demo.voters import Electorate, Seats

_LAST = cumulate([weight for _, weight in LAST_NAMES])
# a few first names are common and the tail is long
_FIRST = cumulate([1 / (rank + 4) for rank in range(len(WOMEN[0]) - 1)])
_YOUNGEST = date(2008, 10, 1).toordinal()
PARTIES = ("DEM", "REP", "UNA", "LIB", "GRE")
_PARTY = cumulate([0.40, 0.36, 0.21, 0.02, 0.01])
_STATUS = cumulate([0.91, 0.07, 0.02])
_STATUSES = ("active", "inactive", "pending")
_MAIL_DOMAINS = ("example.com", "example.net", "example.org")
# The numbering plan keeps every area code with a middle 9 unassigned: no number of the demo rings anywhere.
_AREAS = {("PA", "cell"): 290, ("PA", "home"): 390, ("NC", "cell"): 490, ("NC", "home"): 690}
_NUMBERS_PER_AREA = 7_920_000
_NUMBERS = Shuffle(10 * _NUMBERS_PER_AREA, 48_611_003, 7_654_321)
# indexes of people who are no voters: same place, everything personal drawn elsewhere
STRANGER = 1 << 33


@dataclass(frozen=True, slots=True)
class Person:
    """One voter (or, with a blank state_voter_id, a stranger). All text is as the voter file has it."""

    index: int
    state: str
    state_voter_id: str
    household: int
    first: str
    middle: str
    last: str
    suffix: str
    born: str
    sex: str
    party: str
    status: str
    address: str
    city: str
    zip: str
    county_fips: str
    precinct: str
    congress: int
    senate: int
    house: int
    cell: str
    home_phone: str
    email: str


class People:
    """Computes persons by index; holds nothing but the electorate's tables."""

    def __init__(self, electorate: Electorate) -> None:
        self.electorate, self.chance = electorate, electorate.chance
        self._pa_ids = self.chance.shuffle("state_voter_id/PA", 200_000_000)
        self._nc_ids = self.chance.shuffle("state_voter_id/NC", 100_000_000)

    def at(self, index: Index, *, strangers: bool = False) -> list[Person]:
        """Persons in the order of `index`; `strangers`: invented people of the same places who are no voters."""
        seats = self.electorate.seats(index)
        salt = STRANGER if strangers else 0
        who, home = index + salt, seats.household + salt
        sex = self._sexes(seats, who, home)
        born, first_index = self._births(seats, who, home)
        first, suffix = self._first_names(seats, home, sex, born, first_index)
        last, middle = self._last_names(seats, who, home), self._middle_names(who, sex)
        parties = self.chance.weighted("party", who, _PARTY).tolist()
        statuses = self.chance.weighted("status", who, _STATUS).tolist()
        ids = [""] * len(index) if strangers else self.state_voter_ids(index, seats)
        addresses, zips = self._addresses(seats, home)
        cells, homes = self._phones(seats, who, home)
        emails = self._emails(who, first, last)
        places = [PLACES[number] for number in seats.place.tolist()]
        districts = zip(seats.congress.tolist(), seats.senate.tolist(), seats.house.tolist(), strict=True)
        return [
            Person(
                index=number, state=place.state, state_voter_id=ids[n], household=household, first=first[n],
                middle=middle[n], last=last[n], suffix=suffix[n], born=date.fromordinal(day).isoformat(),
                sex="FM"[male], party=PARTIES[parties[n]], status=_STATUSES[statuses[n]], address=addresses[n],
                city=place.city, zip=zips[n], county_fips=place.county_fips,
                precinct=f"{place.city[:4].upper().strip()}-{household % 37 + 1:02d}", congress=cd, senate=sd,
                house=hd, cell=cells[n], home_phone=homes[n], email=emails[n],
            )
            for n, (number, place, household, day, male, (cd, sd, hd)) in enumerate(
                zip(index.tolist(), places, seats.household.tolist(), born.tolist(), sex.tolist(), districts,
                    strict=True)
            )
        ]  # fmt: skip

    def state_voter_ids(self, index: Index, seats: Seats) -> list[str]:
        """PA: nine digits and the county's own number; NC: two letters and six digits, one in five digits only."""
        pa = self._pa_ids(index).tolist()
        nc = self._nc_ids(index).tolist()
        county = [(int(PLACES[place].county_fips) % 1000 + 1) // 2 for place in seats.place.tolist()]
        return [
            f"{pa[n]:09d}-{county[n]:02d}" if state == 0 else _nc_id(nc[n])
            for n, state in enumerate(seats.state.tolist())
        ]

    def _sexes(self, seats: Seats, who: Index, home: Index) -> Index:
        head = self.chance.below("head sex", home, 2)
        own = self.chance.below("sex", who, 2)
        mixed = np.where(self.chance.unit("same sex", home) < 0.08, head, 1 - head)
        sex = np.where(seats.member == 0, head, np.where(seats.member == 1, mixed, own))
        return np.where(self._is_namesake(seats, home) & (seats.member < 2), 1, sex)

    def _is_namesake(self, seats: Seats, home: Index) -> NDArray[np.bool_]:
        """Households of a father and a son of the same name (members 0 and 1)."""
        found: NDArray[np.bool_] = (seats.household_size >= 2) & (self.chance.unit("namesake", home) < 0.06)
        return found

    def _births(self, seats: Seats, who: Index, home: Index) -> tuple[Index, Index]:
        """Birth days (ordinals), and the index that twins share for draws about the pair."""
        head = date(1936, 1, 1).toordinal() + self.chance.below("head born", home, 24_800)
        partner = head + self.chance.below("partner born", who, 4_400) - 2_200
        child = head + 8_000 + self.chance.below("child born", who, 4_700)
        twins = (self.chance.unit("twins", home) < 0.10) & (seats.household_size >= 4)
        pair = twins & (seats.member >= 2) & (seats.member <= 3)
        child = np.where(pair, head + 8_000 + self.chance.below("twins born", home, 4_700), child)
        child = np.where(self._is_namesake(seats, home) & (seats.member == 1), head + 8_400, child)
        is_child = (seats.member >= 2) | (self._is_namesake(seats, home) & (seats.member == 1))
        born = np.where(seats.member == 0, head, np.where(is_child, child, partner))
        # whoever would be too young to vote is born in the last years that are not
        late = date(2003, 1, 1).toordinal() + self.chance.below("late born", np.where(pair, home, who), 2_000)
        return np.where(born > _YOUNGEST, late, born), who

    def _first_names(
        self, seats: Seats, home: Index, sex: Index, born: Index, who: Index
    ) -> tuple[list[str], list[str]]:
        namesake = self._is_namesake(seats, home) & (seats.member < 2)
        drawn = self.chance.weighted("first", np.where(namesake, home, who), _FIRST)
        # the second twin takes the next name of the list: twins never share one
        drawn = np.where(seats.member == 3, self.chance.weighted("first", who - 1, _FIRST) + 1, drawn)
        # a son has his father's name even where the fashion changed
        year = np.where(namesake, date(1970, 1, 1).toordinal(), born)
        old, mid = date(1962, 1, 1).toordinal(), date(1986, 1, 1).toordinal()
        era = np.where(year < old, 0, np.where(year < mid, 1, 2)).tolist()
        names = [(MEN if male else WOMEN)[e][d] for male, e, d in zip(sex.tolist(), era, drawn.tolist(), strict=True)]
        suffixes = np.where(namesake, 1 + seats.member, 0).tolist()
        return names, [("", "Sr", "Jr")[code] for code in suffixes]

    def _last_names(self, seats: Seats, who: Index, home: Index) -> list[str]:
        family = self.chance.weighted("last", home, _LAST).tolist()
        own = self.chance.weighted("own last", who, _LAST).tolist()
        kind = self.chance.unit("last kind", who)
        is_partner = (seats.member == 1) & ~self._is_namesake(seats, home)
        keeps = (is_partner & (kind < 0.14)).tolist()
        joins = (is_partner & (kind > 0.96)).tolist()
        return [
            LAST_NAMES[own[n]][0] if keeps[n]
            else f"{LAST_NAMES[own[n]][0]}-{LAST_NAMES[name][0]}" if joins[n]
            else LAST_NAMES[name][0]
            for n, name in enumerate(family)
        ]  # fmt: skip

    def _middle_names(self, who: Index, sex: Index) -> list[str]:
        drawn = self.chance.below("middle", who, len(MIDDLE_NAMES[0])).tolist()
        form = self.chance.below("middle form", who, 3).tolist()
        names = [MIDDLE_NAMES[male][d] for male, d in zip(sex.tolist(), drawn, strict=True)]
        return [("", name[0], name)[f] for name, f in zip(names, form, strict=True)]

    def _addresses(self, seats: Seats, home: Index) -> tuple[list[str], list[str]]:
        street = self.chance.below("street", home, len(STREETS)).tolist()
        kind = self.chance.below("street kind", home, len(STREET_KINDS)).tolist()
        number = (self.chance.below("house number", home, 9_800) + 1).tolist()
        flat = self.chance.below("flat", home, 120).tolist()
        zips = self.chance.below("zip", home, 1_000).tolist()
        lines = [
            f"{number[n]} {STREETS[street[n]]} {STREET_KINDS[kind[n]]}"
            + (f" Apt {flat[n] + 1}" if flat[n] < 24 else "")
            for n in range(len(street))
        ]
        codes = [PLACES[place].zips for place in seats.place.tolist()]
        return lines, [found[zips[n] % len(found)] for n, found in enumerate(codes)]

    def _phones(self, seats: Seats, who: Index, home: Index) -> tuple[list[str], list[str]]:
        has_cell = (self.chance.unit("has cell", who) < 0.94).tolist()
        has_home = (self.chance.unit("has home phone", home) < 0.45).tolist()
        cell, line = _NUMBERS(who).tolist(), _NUMBERS(home).tolist()
        states = [STATES[state] for state in seats.state.tolist()]
        return (
            [_number(_AREAS[state, "cell"], cell[n]) if has_cell[n] else "" for n, state in enumerate(states)],
            [_number(_AREAS[state, "home"], line[n]) if has_home[n] else "" for n, state in enumerate(states)],
        )

    def _emails(self, who: Index, first: list[str], last: list[str]) -> list[str]:
        has = (self.chance.unit("has email", who) < 0.3).tolist()
        return [
            f"{_letters(first[n])}.{_letters(last[n])}{number % 9973}@{_MAIL_DOMAINS[number % 3]}" if has[n] else ""
            for n, number in enumerate(who.tolist())
        ]


def _nc_id(number: int) -> str:
    if number % 5 == 0:
        return f"0{number:08d}"
    letters = number // 1_000_000
    return f"{chr(65 + letters // 26)}{chr(65 + letters % 26)}{number % 1_000_000:06d}"


def _number(first_area: int, number: int) -> str:
    rest = number % _NUMBERS_PER_AREA
    return f"{first_area + number // _NUMBERS_PER_AREA}{200 + rest // 10_000:03d}{rest % 10_000:04d}"


def _letters(name: str) -> str:
    return "".join(letter for letter in name.lower() if "a" <= letter <= "z")
