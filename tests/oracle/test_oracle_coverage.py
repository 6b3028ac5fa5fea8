"""Literal tiny cases of docs/coverage-summary.md: what the oracle tells of a state, and what it keeps."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from tests.worlds import random_world

from .coverage import Person, counties_told, may_be_told, told_of
from .exchange import views_of, world_at
from .inbox import Inbox
from .registry import read_registry


def people(count: int, *others: str, county: str = "A", ours: bool = True) -> list[Person]:
    return [Person("NC", county, ours, frozenset(others))] * count


@pytest.mark.parametrize(
    ("persons", "told"),
    [
        (people(10, "b", "c") + people(10), True),
        (people(10, "b", "c") + people(9), False),
        (people(90, "b") + people(10), False),
        (people(90, "b") + people(9, "b", "c") + people(10), False),
        (people(5, "b") + people(5, "c") + people(10), False),
        (people(10, "b") + people(10, "c") + people(10), True),
    ],
)
def test_others_are_two_of_ten_people_each_and_both_parts_are_ten(persons: list[Person], told: bool) -> None:
    assert may_be_told(persons) is told


def test_each_pair_needs_two_others_of_its_own() -> None:
    """Would have caught 40 people of others told where the second of them reaches people of ours only."""
    ours = people(20, "b", "c") + people(20)
    rest = people(40, "b", ours=False) + people(20, ours=False)
    county = told_of(ours + rest)[1]
    assert (county["us_and_others"], county["us_only"]) == (20, 20)
    assert (county["others_only"], county["nobody"]) == (None, None)


def test_the_two_numbers_of_a_pair_add_up_and_only_one_is_rounded() -> None:
    """54 and 104 rounded by themselves are 50 and 100: whoever knows that they are 158 knows both exactly."""
    [state, county] = told_of(people(54, "b", "c") + people(104))
    assert (county["us_any"], county["us_and_others"], county["us_only"]) == (160, 50, 110)
    assert state == county | {"county_fips": None}


def test_fewer_than_ten_people_are_not_told() -> None:
    assert [row["voters"] for row in told_of(people(9))] == [None, None]
    assert [row["us_any"] for row in told_of(people(9) + people(9, ours=False))] == [None, None]


BIG, SMALL = (
    people(60, "b", "c", county="A") + people(30, county="A"),
    people(20, "b", "c", county="B") + people(30, county="B"),
)


@pytest.mark.parametrize(
    ("rest", "told"),
    [
        ([], {"A", "B"}),
        (people(50, county="C"), {"A", "B"}),  # of nobody
        (people(1, "b", county="C"), {"A"}),
        (people(50, "b", county="C") + people(20, county="C"), {"A"}),
        (people(50, "b", county="") + people(20, county=""), {"A"}),  # of unknown county
        (people(20, "b", county="C") + people(20, "c", county="D") + people(20, county="D"), {"A", "B"}),
        (people(20, "b", "c", county="C") + people(9, county="C"), {"A"}),
    ],
)
def test_a_state_less_its_told_counties_tells_nothing_that_a_county_may_not(rest: list[Person], told: set[str]) -> None:
    assert counties_told(BIG + SMALL + rest) == told


def test_of_people_of_unknown_county_only_the_state_tells() -> None:
    rows = told_of(people(30, "b", "c", county="") + people(30, county=""))
    assert [(row["county_fips"], row["us_and_others"]) for row in rows] == [(None, 30)]


def test_random_worlds_have_every_kind_of_area(tmp_path: Path) -> None:
    """The size of the worlds of tests/integration/test_oracle_worlds.py."""
    seen = set()
    for seed in (1, 3):
        world = random_world(Random(seed), people=400, rows_per_feed=150)
        root = tmp_path / str(seed)
        world.write_registry(root / "registry")
        inbox = Inbox(root / "inbox")
        for stage, instant in enumerate(world.instants):
            world.write_stage(root / "inbox", stage)
            inbox.take(read_registry(root / "registry").feeds.values(), instant)
        oracle = world_at(root / "registry", inbox.deliveries, world.instants[-1])
        seen |= {
            (row["county_fips"] is None, pair, row[pair] is None)
            for partner_id in world.partner_ids
            for row in views_of(partner_id, oracle)["coverage_summary"]
            for pair in ("us_and_others", "others_only")
        }
    assert len(seen) == 8
