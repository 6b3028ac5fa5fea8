"""Counts out of the cube, held against counting people one by one."""

from __future__ import annotations

from collections import Counter
from datetime import date

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dashboard.explorer.cube import Cube, count, cross
from dashboard.explorer.facets import facets
from dashboard.explorer.filters import parse
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


def cube_of(people: list[dict[str, int]]) -> Cube:
    shifts, used = {}, 0
    for name, facet in FACETS.items():
        shifts[name], used = used, used + facet.bits
    packed = Counter(sum(code << shifts[name] for name, code in person.items()) for person in people)
    keys = np.array(list(packed), dtype=np.int64)
    return Cube.of(keys, np.array([packed[int(key)] for key in keys], dtype=np.int64), FACETS)


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


def test_all_codes_of_all_facets_fit_into_one_key() -> None:
    assert sum(facet.bits for facet in FACETS.values()) < 63
    for facet in FACETS.values():
        assert max(facet.codes.values(), default=0) < 2**facet.bits
        assert len(set(facet.codes.values())) == len(facet.codes)
