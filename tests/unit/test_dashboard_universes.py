"""What saved universes are made of, before any of it is written out."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from dashboard.explorer.facets import facets
from dashboard.explorer.universes import (
    MOST_PARTS,
    NoSuchUniverseError,
    SavedUniverse,
    conditions_of,
    count_parts,
    reach,
    stored,
)
from tests.dashboard_words import DOMAIN, WORDS

TODAY = date(2026, 10, 15)


def rule(number: int, query: str, kind: str = "dynamic") -> SavedUniverse:
    at = datetime(2026, 10, 15, tzinfo=UTC)
    members = "{}" if kind == "frozen" else None
    return SavedUniverse(number, str(number), kind, f"office=governor{query}", 7, at, at, None, members)


def parts(*every: SavedUniverse) -> int:
    """Of a question that names the last."""
    number = every[-1].universe_id
    return count_parts(reach(every, {number}), [number])


def test_a_rule_named_twice_counts_twice() -> None:
    """Would have caught sixteen rules "in and not in the one before", as saved once: 16 parts, and 3 MB of SQL."""
    chain = [rule(1, "&support=1"), *(rule(number, f"&in={number - 1}&not={number - 1}") for number in range(2, 60))]
    assert parts(*chain[:2]) == 3
    assert parts(*chain[:5]) == 31 <= MOST_PARTS < parts(*chain[:6])
    # and is counted in no time, however many it would be
    assert parts(*chain) == 2**59 - 1


def test_what_was_saved_in_and_not_in_the_same_is_nobody() -> None:
    """Addresses refuse it today; a page that lists what is saved must not break over it."""
    chain = [rule(1, "&support=1"), rule(2, "&in=1&not=1")]
    assert stored(chain[1].pairs, lambda office: facets(office, DOMAIN, WORDS, TODAY)).universes == ((1,), (1,))
    found = conditions_of(reach(chain, {2}), lambda office: facets(office, DOMAIN, WORDS, TODAY))
    assert found[2].as_string().count(found[1].as_string()) == 2


def test_long_rules_and_lists_count_for_more() -> None:
    assert parts(rule(1, "")) == 1
    assert parts(rule(1, "".join(f"&county={number:05}" for number in range(399)))) == 9
    assert parts(rule(1, "&in=9", "frozen")) == 5
    assert parts(rule(1, "", "frozen"), rule(2, "&not=1"), rule(3, "&in=1&not=2")) == 12


def test_what_is_not_there_is_refused() -> None:
    with pytest.raises(NoSuchUniverseError):
        parts(rule(2, "&in=1"))
