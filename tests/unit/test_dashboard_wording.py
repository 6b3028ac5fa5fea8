"""A universe in words: every filter is told, and each can be taken away by itself."""

from __future__ import annotations

from datetime import UTC, date, datetime
from urllib.parse import parse_qsl

from hypothesis import given
from hypothesis import strategies as st

from dashboard.explorer.facets import facets
from dashboard.explorer.filters import Universe, parse
from dashboard.explorer.universes import SavedUniverse, facets_by_office, stored
from dashboard.explorer.wording import in_words
from tests.dashboard_words import DOMAIN, WORDS

TODAY = date(2026, 10, 15)
FACETS = facets("governor", DOMAIN, WORDS, TODAY)
AT = datetime(2026, 10, 15, 6, tzinfo=UTC)
SAVED = {7: SavedUniverse(7, "Called", "frozen", "office=governor", 10, AT, AT, "a@b.example")}


def of(query: str) -> Universe:
    return parse(parse_qsl(query), FACETS, "governor")


def told(query: str, at_most: int = 4) -> dict[str, str]:
    return {phrase.label: phrase.text for phrase in in_words(of(query), FACETS, WORDS, SAVED, at_most)}


def test_what_is_chosen_is_told() -> None:
    assert told("support=2&support=1&not_since=2026-10-01&by=us&county=42101&cd=PA-3&spent=voted&not=7&in=8") == {
        "Support · Governor": "Strong support or Lean support",
        "County": "Philadelphia County",
        "Congressional district": "PA-3",
        "Not contacted since": "1 Oct 2026 by us",
        "Contacted needlessly": "By us, after their vote",
        "In": "a saved universe that is deleted (number 8)",
        "Not in": "“Called”",
        "Ballot": "Not voted yet (default)",
    }


def test_a_filter_nobody_chose_is_told_too() -> None:
    """Would have caught a list without those who voted that says nothing about it."""
    [phrase] = in_words(of(""), FACETS, WORDS, {})
    assert (phrase.label, phrase.text, phrase.without) == ("Ballot", "Not voted yet (default)", of("ballot=any"))
    [phrase] = in_words(of("ballot=any"), FACETS, WORDS, {})
    assert (phrase.label, phrase.text, phrase.without) == ("Ballot", "Any, also who has voted", of(""))
    assert told("ballot=accepted") == {"Ballot": "Accepted"}


def test_a_chip_counts_what_it_has_no_room_for() -> None:
    query = "&".join(f"county=4200{number}" for number in range(6))
    assert told(query)["County"].endswith(" or 3 more")
    assert told(query, at_most=6)["County"].count(" or ") == 5


CHOICES = st.sampled_from(
    [
        *((name, value) for name, facet in FACETS.items() for value in facet.codes),
        *(("state", "PA"), ("county", "42101"), ("hd", "PA-101"), ("not_since", "2026-10-01"), ("since", "2026-09-01")),
        *(("spent", "voted"), ("spent", "answered"), ("in", "3"), ("in", "4"), ("not", "7"), ("ballot", "any")),
    ]
)


@given(st.lists(CHOICES, max_size=8))
def test_taking_all_away_leaves_everybody(pairs: list[tuple[str, str]]) -> None:
    """Each chip's link is without its filter and with the others; the last one to go is the default about ballots."""
    universe = parse(pairs, FACETS, "governor")
    phrases = in_words(universe, FACETS, WORDS, SAVED)
    for phrase in phrases:
        assert phrase.without != universe
        left = [(other.label, other.text) for other in in_words(phrase.without, FACETS, WORDS, SAVED)]
        rest = [(other.label, other.text) for other in phrases if other is not phrase]
        assert [each for each in left if each[0] != "Ballot"] == [each for each in rest if each[0] != "Ballot"]
    for _ in range(40):
        chosen = [each for each in in_words(universe, FACETS, WORDS, SAVED) if each.text != "Not voted yet (default)"]
        if not chosen:
            break
        universe = chosen[0].without
    assert universe == of("")


def test_a_choice_that_is_gone_is_told() -> None:
    offices = facets_by_office(DOMAIN, WORDS, TODAY)
    universe = stored([("office", "governor"), ("candidate", "gone"), ("support", "9"), ("mail", "1")], offices)
    assert universe.query() == "office=governor&candidate=gone&mail=1&support=9"
    shown = {phrase.label: phrase.text for phrase in in_words(universe, FACETS, WORDS, {})}
    assert shown["Candidate · Governor"] == "gone (no longer a choice)"
    assert shown["Support · Governor"] == "9 (no longer a choice)"
