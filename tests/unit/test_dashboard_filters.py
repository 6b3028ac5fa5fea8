"""Addresses of universes: canonical, complete, and refused when they are none."""

from __future__ import annotations

from datetime import date
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.explorer.facet import Facet
from dashboard.explorer.facets import BALLOTS, facets
from dashboard.explorer.filters import NOT_VOTED, BadFilterError, Universe, parse, parse_office
from tests.dashboard_words import DOMAIN, WORDS

FACETS = facets("governor", DOMAIN, WORDS, date(2026, 10, 15))


def of(query: str, found: dict[str, Facet] | None = None) -> Universe:
    return parse(parse_qsl(query), found or FACETS, "governor")


CHOICES = st.sampled_from([(name, value) for name, facet in FACETS.items() for value in facet.codes])
SCOPES = st.sampled_from(
    [
        *(("state", "PA"), ("county", "42101"), ("cd", "PA-3"), ("hd", "PA-101"), ("not_since", "2026-10-01")),
        *(("spent", "voted"), ("in", "3"), ("not", "4"), ("ballot", "any")),
    ]
)
PAIRS = st.lists(st.one_of(CHOICES, SCOPES), max_size=12)


@given(PAIRS, st.randoms())
def test_equal_universes_have_equal_addresses(pairs: list[tuple[str, str]], chance: object) -> None:
    """Would have caught a cache that counts one universe twice, and a saved one that is another when it comes back."""
    universe = parse(pairs, FACETS, "governor")
    shuffled = [*pairs, *pairs]
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert parse(shuffled, FACETS, "governor") == universe
    assert of(universe.query()) == universe
    assert of(universe.query()).query() == universe.query()


@given(PAIRS, CHOICES)
def test_a_choice_toggled_twice_is_as_before(pairs: list[tuple[str, str]], choice: tuple[str, str]) -> None:
    universe = parse(pairs, FACETS, "governor")
    name, value = choice
    if name == "ballot":
        # "none of them" means the usual ones, so the last box cannot be taken away
        return
    assert universe.toggled(name, value).toggled(name, value) == universe


def test_who_has_voted_is_left_out_unless_somebody_asks() -> None:
    assert of("").chosen("ballot") == NOT_VOTED
    assert of("ballot=any").chosen("ballot") == frozenset()
    assert of("ballot=accepted").chosen("ballot") == {"accepted"}
    assert of("&".join(f"ballot={value}" for value in NOT_VOTED)) == of("")
    assert of("&".join(f"ballot={value}" for value in BALLOTS)) == of("ballot=any")


def test_what_an_unchanged_form_sends_along_is_not_in_the_address() -> None:
    assert of("by=anyone&not_since=&since=") == of("")
    assert of("not_since=2026-10-01&by=anyone").query() == "office=governor&not_since=2026-10-01"
    assert of("by=us") == of("")


@pytest.mark.parametrize(
    "query",
    [
        *("support=6", "support=-1", "support=x", "mail=9", "postal=4", "turnout=7", "plan=77", "reach=them"),
        *("channel=pigeon", "last=14", "age=17", "party=XYZ", "candidate=nobody_2026", "suppressed=maybe"),
        *("ballot=lost", "county=4210", "county=42101'", "state=Pennsylvania", "cd=3", "hd=PA-1;drop", "spent=money"),
        *("since=2026-13-01", "since=1.10.2026", "not_since=20261001", "since=0001-01-01", "by=them"),
        *("in=0", "in=-1", "in=1e3", "in=99999999999999999999", "not=x", "first_name=Ann", "limit=1000000"),
        "since=2026-10-01&since=2026-10-02",
    ],
)
def test_what_is_no_filter_is_refused(query: str) -> None:
    """A code out of range must not be everybody, nor nobody."""
    with pytest.raises(BadFilterError):
        of(query)


def test_an_office_that_is_none_is_refused() -> None:
    assert parse_office("governor") == "governor"
    with pytest.raises(BadFilterError):
        parse_office("mayor'; --")


def test_an_address_holds_only_so_many_choices() -> None:
    with pytest.raises(BadFilterError, match="400"):
        parse([("county", f"{number:05}") for number in range(401)], FACETS, "governor")


def test_nobody_is_in_a_saved_universe_and_outside_of_it() -> None:
    """Would have caught rules that name another one twice, each twice as long as the one before."""
    assert of("in=3&not=4&in=5&not=").universes == ((3, 5), (4,))
    with pytest.raises(BadFilterError, match="not both"):
        of("in=3&in=4&not=4")


def test_removing_a_filter_keeps_the_others() -> None:
    universe = of("support=1&support=2&postal=3&county=42101")
    assert universe.with_only(support="").query() == "office=governor&county=42101&postal=3"
    assert universe.with_only(office="us_house").office == "us_house"
