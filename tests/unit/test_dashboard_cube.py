"""Counts out of the cube, held against counting people one by one."""

from __future__ import annotations

import csv
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.explorer.cube import Cube, count, cross
from dashboard.explorer.facets import ANSWER_BITS, facets
from dashboard.explorer.filters import parse
from exchange.settings import PROJECT_ROOT
from tests.dashboard_words import DOMAIN, WORDS

FACETS = facets("governor", DOMAIN, WORDS, date(2026, 10, 15))
# a person: facet -> code; of a set of bits, any of them
PERSON = st.fixed_dictionaries(
    {
        name: st.integers(0, 7) if facet.is_set else st.sampled_from(sorted(facet.codes.values()))
        for name, facet in FACETS.items()
    }
)
PEOPLE = st.lists(PERSON, max_size=30)
CHOICES = st.sampled_from(
    [(name, choice.value) for name, facet in FACETS.items() for choice in facet.choices if choice.code <= 7]
)


def numbers(name: str, code: int) -> list[int]:
    """What explorer.codes may hold where this is the code."""
    stored = FACETS[name].stored
    assert stored is not None
    if not stored.steps or not code:
        return [code]
    (least,) = [least for least, of_step in stored.steps if of_step == code]
    above = [other for other, _ in stored.steps if other > least]
    return [least, min(above, default=2**stored.bits) - 1]


def cube_of(people: list[dict[str, int]], pick: int = 0) -> Cube:
    """pick: which of the numbers that stand for a code."""
    stored, told = [], []
    for person in people:
        stored.append(0)
        told.append(0)
        used = 0
        for name, facet in FACETS.items():
            if facet.stored is not None:
                stored[-1] |= numbers(name, person[name])[-pick] << facet.stored.place
            else:
                told[-1] |= person[name] << used
                used += facet.bits
    return Cube.of(np.array(stored, dtype=np.int64), np.array(told, dtype=np.int64), FACETS)


def has(person: dict[str, int], name: str, values: frozenset[str]) -> bool:
    facet = FACETS[name]
    if facet.is_set:
        return any(person[name] & facet.codes[value] for value in values)
    return person[name] in {facet.codes[value] for value in values}


@given(PEOPLE, st.lists(CHOICES, max_size=6))
def test_each_choice_counts_who_passes_all_other_facets(
    people: list[dict[str, int]], pairs: list[tuple[str, str]]
) -> None:
    """Would have caught a choice that counts within itself, so that every box but the chosen one shows 0."""
    universe = parse(pairs, FACETS, "governor")
    chosen = {name: values for name in FACETS if (values := universe.chosen(name))}
    counts = count(cube_of(people), FACETS, universe)
    assert counts.total == sum(all(has(p, name, values) for name, values in chosen.items()) for p in people)
    for name, facet in FACETS.items():
        others = {other: values for other, values in chosen.items() if other != name}
        passing = [p for p in people if all(has(p, other, values) for other, values in others.items())]
        for choice in facet.choices:
            expected = sum(has(p, name, frozenset({choice.value})) for p in passing)
            assert counts.choices[name][choice.value] == expected, (name, choice)


@given(PEOPLE, st.lists(CHOICES, max_size=4))
def test_the_cross_tab_holds_everybody_who_passes(people: list[dict[str, int]], pairs: list[tuple[str, str]]) -> None:
    universe = parse(pairs, FACETS, "governor")
    cube = cube_of(people)
    cells = cross(cube, FACETS, universe, "support", "mail")
    chosen = {name: values for name in FACETS if (values := universe.chosen(name))}
    passing = [p for p in people if all(has(p, name, values) for name, values in chosen.items())]
    assert sum(map(sum, cells)) == len(passing) == count(cube, FACETS, universe).total
    for row, line in zip(FACETS["support"].choices, cells, strict=True):
        for column, cell in zip(FACETS["mail"].choices, line, strict=True):
            assert cell == sum(p["support"] == row.code and p["mail"] == column.code for p in passing)


@given(PEOPLE)
def test_people_whose_numbers_stand_for_equal_codes_are_one_group(people: list[dict[str, int]]) -> None:
    first, last = cube_of(people), cube_of(people, pick=1)
    assert len(cube_of(people * 2).people) == len(first.people) == len({tuple(p.values()) for p in people})
    assert first.people.sum() == len(people)
    for name in FACETS:
        assert (first.columns[name] == last.columns[name]).all(), name


def test_every_answer_fits_in_its_bits() -> None:
    """A code beyond them would say something about another question."""
    with (PROJECT_ROOT / "seeds" / "vocabulary" / "answers.csv").open(encoding="utf-8", newline="") as lines:
        codes = [int(row["answer_code"]) for row in csv.DictReader(lines)]
    assert min(codes) > 0
    assert max(codes) < 2**ANSWER_BITS


def test_who_may_be_contacted_is_read_from_its_column() -> None:
    """A rollback changes that column alone: in codes, people who opted out since would be listed again."""
    facet = FACETS["suppressed"]
    assert facet.stored is None
    assert facet.column is not None
    assert facet.column.name == "is_suppressed"


def test_each_facet_has_bits_of_its_own() -> None:
    taken: set[int] = set()
    for facet in FACETS.values():
        assert max(facet.codes.values(), default=0) < 2**facet.bits
        assert len(set(facet.codes.values())) == len(facet.codes)
        if facet.stored is not None:
            bits = set(range(facet.stored.place, facet.stored.place + facet.stored.bits))
            assert not bits & taken, facet.name
            taken |= bits
    assert max(taken) < 63


@pytest.mark.parametrize(
    ("name", "number", "choice"),
    [
        # who is born in 2002 gets 24 this year, in 2001 25
        ("age", 2008 - 1849, "18-24"),
        ("age", 2002 - 1849, "18-24"),
        ("age", 2001 - 1849, "25-34"),
        ("age", 1951 - 1849, "75-"),
        ("age", 1, "75-"),
        ("age", 0, "unknown"),
        ("last", (date(2026, 10, 15) - date(1999, 12, 31)).days, "7"),
        ("last", (date(2026, 10, 8) - date(1999, 12, 31)).days, "7"),
        ("last", (date(2026, 10, 7) - date(1999, 12, 31)).days, "30"),
        ("last", (date(2026, 9, 14) - date(1999, 12, 31)).days, "90"),
        ("last", (date(2026, 7, 16) - date(1999, 12, 31)).days, "older"),
        ("last", 1, "older"),
        ("last", 0, "never"),
    ],
)
def test_years_and_days_fall_into_their_band(name: str, number: int, choice: str) -> None:
    stored = FACETS[name].stored
    assert stored is not None
    (code,) = stored.of(np.array([number << stored.place], dtype=np.int64))
    assert code == FACETS[name].codes[choice]
