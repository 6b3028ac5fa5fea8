"""A population in households, and the numbers of everything about it: who lives where, is whose child, has which name.

Grain: one person (`people`), one dwelling (`homes`). Codes only, drawn with numpy; spine.py and contacts.py put them
into words. The same seed gives the same people. Four of five are on the voter file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from benchmarks.matching.homes import Homes, make_homes
from benchmarks.matching.names import ERAS, ORIGINS, Names, make_names
from benchmarks.matching.profiles import Profile

ON_FILE = 0.8
ORIGIN_SHARES = (0.8, 0.15, 0.05)
HEAD, SPOUSE, CHILD, PARENT, HOUSEMATE = range(5)
SIZES = (0.34, 0.44, 0.14, 0.06, 0.02)  # adults in a household
YOUNGEST = 2008
Integers = NDArray[Any]


@dataclass(frozen=True)
class Population:
    """Column name → one number per person; and the same per home."""

    people: dict[str, Integers]
    homes: Homes
    names: Names


def make_population(voters: int, seed: int, profile: Profile) -> Population:
    rng = np.random.default_rng([seed, voters])
    names = make_names(np.random.default_rng(seed))
    size = round(voters / ON_FILE)
    home, position = _households(rng, size)
    homes = make_homes(rng, int(home[-1]) + 1, size)
    people = _family(rng, home, position)
    _name(rng, people, names)
    _contact_data(rng, people)
    people["voter_id"] = _on_file(rng, size, voters)
    _file_errors(rng, people, homes, profile)
    return Population(people, homes, names)


def store(con: duckdb.DuckDBPyConnection, population: Population) -> None:
    """Tables `people`, `homes`, `first_name`, `last_name` (codes and their words) in the connection."""
    for table, columns in (
        ("people", population.people),
        ("homes", population.homes.columns),
        ("first_name", {"code": np.arange(len(population.names.first)), "word": np.array(population.names.first)}),
        ("last_name", {"code": np.arange(len(population.names.last)), "word": np.array(population.names.last)}),
    ):
        con.register("columns_of_" + table, columns)
        con.execute(f"create or replace table {table} as select * from columns_of_{table}")
        con.unregister("columns_of_" + table)


def _households(rng: np.random.Generator, size: int) -> tuple[Integers, Integers]:
    """The home of each person, ascending, and the person's place in it; the last home takes who is left over."""
    adults = rng.choice(np.arange(1, 6), size=size, p=SIZES)
    ends = np.cumsum(adults)
    adults = adults[: int(np.searchsorted(ends, size)) + 1]
    home = np.repeat(np.arange(len(adults)), adults)[:size]
    starts = np.concatenate([[0], np.cumsum(adults)[:-1]])
    return home.astype(np.int32), (np.arange(size) - starts[home]).astype(np.int8)


def _family(rng: np.random.Generator, home: Integers, position: Integers) -> dict[str, Integers]:
    size = len(home)
    person = np.arange(size, dtype=np.int32)
    head = person - position
    couple = rng.random(size)[head] < 0.75
    role = rng.choice([CHILD, PARENT, HOUSEMATE], size=size, p=[0.68, 0.12, 0.2]).astype(np.int8)
    role[(position == 1) & couple] = SPOUSE
    role[position == 0] = HEAD
    male = rng.random(size) < 0.49
    same_sex = rng.random(size) < 0.03
    male = np.where(role == SPOUSE, male[head] == same_sex, male)
    has_child = np.zeros(size, dtype=bool)
    has_child[head[role == CHILD]] = True
    born = np.where(has_child, rng.integers(1938, 1986, size), rng.integers(1934, 2007, size))
    born = np.where(role == SPOUSE, born[head] + np.rint(rng.normal(0.5, 4, size)).astype(int), born)
    born = np.where(role == CHILD, born[head] + rng.integers(20, 38, size), born)
    born = np.where(role == PARENT, born[head] - rng.integers(20, 36, size), born)
    born = np.where(role == HOUSEMATE, born[head] + rng.integers(-6, 7, size), born)
    born = np.where(born > YOUNGEST, rng.integers(1996, YOUNGEST + 1, size), np.maximum(born, 1925))
    day = rng.integers(0, 365, size)
    # a twin follows its twin: same date of birth, same last name, same address
    twin = np.zeros(size, dtype=bool)
    twin[1:] = (role[1:] == CHILD) & (role[:-1] == CHILD) & (rng.random(size - 1) < 0.06)
    born[1:] = np.where(twin[1:], born[:-1], born[1:])
    day[1:] = np.where(twin[1:], day[:-1], day[1:])
    origin = rng.choice(len(ORIGINS), size=size, p=ORIGIN_SHARES).astype(np.int8)
    own_origin = (role == HOUSEMATE) | ((role == SPOUSE) & (rng.random(size) < 0.12))
    return {
        "person": person,
        "home": home,
        "head": head,
        "role": role,
        "male": male,
        "born": born.astype(np.int16),
        "born_on": (np.array(born - 1970, dtype="datetime64[Y]").astype("datetime64[D]") + day).astype(
            "datetime64[us]"
        ),
        "origin": np.where(own_origin, origin, origin[head]),
    }


def _name(rng: np.random.Generator, people: dict[str, Integers], names: Names) -> None:
    """First, middle and last names, maiden names, and suffixes where a son bears his father's whole name."""
    size, head, role, male = len(people["person"]), people["head"], people["role"], people["male"]
    era = np.searchsorted(np.array(ERAS), people["born"], side="right")
    first, middle, own = (np.zeros(size, dtype=np.int32) for _ in range(3))
    for number, origin in enumerate(ORIGINS):
        of_origin = people["origin"] == number
        own[of_origin] = names.last_pools[origin].draw(rng, int(of_origin.sum()))
        for sex in "FM":
            for period in range(len(ERAS)):
                chosen = of_origin & (male == (sex == "M")) & (era == period)
                first[chosen] = names.first_pools[origin, sex, period].draw(rng, int(chosen.sum()))
                middle[chosen] = names.first_pools[origin, sex, period].draw(rng, int(chosen.sum()))
    luck = rng.random(size)
    takes = ((role == SPOUSE) & (luck < 0.74)) | ((role == CHILD) & (luck < 0.88)) | ((role == PARENT) & (luck < 0.55))
    last = np.where(takes, own[head], own)
    # joined names: the own one with the partner's, or two surnames as in Spanish
    joined = ((role == SPOUSE) & (luck > 0.95)) | ((people["origin"] == 1) & (rng.random(size) < 0.08))
    people["other_last"] = np.where(joined, np.where(role == SPOUSE, own[head], rng.permutation(own)), -1)
    people["maiden"] = np.where((role == SPOUSE) & takes & ~male, own, -1)
    son = (role == CHILD) & takes & male & male[head] & (rng.random(size) < 0.1)
    first[son], middle[son] = (
        first[head[son]],
        np.where(rng.random(int(son.sum())) < 0.8, middle[head[son]], middle[son]),
    )
    suffix = np.where(male & (rng.random(size) < 0.012), 1, 0).astype(np.int8)
    suffix[son] = np.where(suffix[head[son]] == 1, 3, rng.choice([0, 1, 1, 1, 1, 1], int(son.sum())))
    fathers = head[son][rng.random(int(son.sum())) < 0.35]
    suffix[fathers] = np.where(suffix[fathers] == 0, 2, suffix[fathers])
    no_middle = rng.random(size) < 0.12
    people |= {"first": first, "middle": np.where(no_middle, -1, middle), "last": last, "suffix": suffix}


def _contact_data(rng: np.random.Generator, people: dict[str, Integers]) -> None:
    """Cells are unique to a person (see phone() in words.py); a family's mailbox is everybody's."""
    size = len(people["person"])
    people["has_cell"] = rng.random(size) < np.where(people["born"] < 1945, 0.75, 0.96)
    people["cell_from_elsewhere"] = rng.random(size) < 0.1
    people["mail_style"] = rng.choice(4, size=size, p=[0.45, 0.3, 0.19, 0.06]).astype(np.int8)
    people["mail_number"] = rng.integers(0, 2000, size).astype(np.int16)
    people["mail_host"] = rng.choice(6, size=size, p=[0.5, 0.2, 0.1, 0.1, 0.06, 0.04]).astype(np.int8)


def _on_file(rng: np.random.Generator, size: int, voters: int) -> Integers:
    """1 … voters for those on the file, in the file's order (by home, as counties deliver it); 0 for the others."""
    chosen = np.zeros(size, dtype=bool)
    chosen[rng.permutation(size)[:voters]] = True
    return np.where(chosen, np.cumsum(chosen), 0).astype(np.int32)


def _file_errors(rng: np.random.Generator, people: dict[str, Integers], homes: Homes, profile: Profile) -> None:
    size = len(people["person"])
    luck = rng.random(size)
    moved, away = luck < profile.moved, luck < profile.moved_to_other_state
    old = np.where(away, homes.anywhere(rng, size), homes.nearby(rng, people["home"]))
    people["file_home"] = np.where(moved, old, people["home"]).astype(np.int32)
    people["file_maiden"] = (people["maiden"] >= 0) & (rng.random(size) < profile.file_maiden_name)
    # 1 … 12: the letter that a clerk left out, of the first name (odd) or of the last one (even)
    people["file_typo"] = np.where(rng.random(size) < profile.file_typo, rng.integers(3, 13, size), 0).astype(np.int8)
    people["file_middle"] = rng.choice(3, size=size, p=[0.1, 0.2, 0.7]).astype(np.int8)  # none, initial, whole
    people["file_suffix"] = rng.random(size) < 0.9
    people["file_birth_date"] = rng.random(size) >= profile.file_no_birth_date
    people["file_email"] = rng.random(size) < profile.file_email
    phone, cell, recycled = rng.random(size), rng.random(size), rng.random(size) < profile.file_recycled_phone
    kind = np.where(cell < profile.file_cell, 2, np.where(homes.has_line[people["file_home"]], 1, 2))
    kind = np.where((kind == 2) & (rng.random(size) < 0.1), 0, kind)
    people["file_phone"] = np.where(phone < profile.file_phone, np.where(recycled, 3, kind), 0).astype(np.int8)
    people["file_phone_of"] = np.where(recycled, rng.integers(0, size, size), people["person"]).astype(np.int32)
