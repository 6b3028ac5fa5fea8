"""A universe in words: the chips above a list, the page of saved ones, and what stands beside an exported file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import NamedTuple

from dashboard.explorer.facet import Facet
from dashboard.explorer.filters import Universe
from dashboard.explorer.panels import PLACE_WORDS
from dashboard.explorer.universes import SavedUniverse
from dashboard.rendering import day
from dashboard.vocabulary import OFFICES, Vocabulary

# a chip with sixty counties would hide the list
IN_A_CHIP = 4

_SINCE = {"since": "Contacted since", "not_since": "Not contacted since"}
_BY = {"anyone": "by anyone", "us": "by us", "others": "by others"}
_SPENT = {"answered": "By us, after an answer", "voted": "By us, after their vote"}
_PART = {"in": "In", "not": "Not in"}


class Phrase(NamedTuple):
    """One filter in force. without: the universe if it were taken away."""

    label: str
    text: str
    without: Universe


def in_words(
    universe: Universe,
    facets: Mapping[str, Facet],
    words: Vocabulary,
    saved: Mapping[int, SavedUniverse],
    at_most: int = IN_A_CHIP,
) -> list[Phrase]:
    """Every filter in force, also the one about ballots that nobody chose. facets: of the universe's office.

    saved: names of the universes that it is made of; at_most: choices told of each filter, the rest are counted.
    """
    return list(_phrases(universe, facets, words, saved, at_most))


def _phrases(
    universe: Universe,
    facets: Mapping[str, Facet],
    words: Vocabulary,
    saved: Mapping[int, SavedUniverse],
    at_most: int,
) -> Iterator[Phrase]:
    for name, facet in facets.items():
        if universe.of(name) and universe.of(name) != ("any",):
            label = f"{facet.label} · {OFFICES[universe.office]}" if name == "candidate" else facet.label
            yield Phrase(label, _any_of(_chosen(facet, universe, words), at_most), universe.with_only(**{name: ""}))
    for name, label in PLACE_WORDS.items():
        if values := universe.of(name):
            places = [_place(name, value, words) for value in values]
            yield Phrase(label, _any_of(places, at_most), universe.with_only(**{name: ""}))
    for name, label in _SINCE.items():
        for value in universe.of(name):
            by = _BY[(universe.of("by") or ("anyone",))[0]]
            yield Phrase(label, f"{day(date.fromisoformat(value))} {by}", universe.with_only(**{name: ""}))
    if values := universe.of("spent"):
        texts = [_SPENT[value] for value in values]
        yield Phrase("Contacted needlessly", _any_of(texts, at_most), universe.with_only(spent=""))
    for name, label in _PART.items():
        for value in universe.of(name):
            one = saved.get(int(value))
            rest = {other for other in universe.of(name) if other != value}
            text = f"“{one.name}”" if one else f"a saved universe that is deleted (number {value})"
            yield Phrase(label, text, universe.with_only(**{name: rest}))
    if universe.of("ballot") == ("any",):
        yield Phrase("Ballot", "Any, also who has voted", universe.with_only(ballot=""))
    elif not universe.of("ballot"):
        yield Phrase("Ballot", "Not voted yet (default)", universe.with_only(ballot="any"))


def _chosen(facet: Facet, universe: Universe, words: Vocabulary) -> list[str]:
    """In the order of the page; then what a stored filter has and the page no longer."""
    values = set(universe.of(facet.name))
    known = [choice.label for choice in facet.choices if choice.value in values]
    gone = sorted(values - facet.codes.keys())
    if facet.name == "candidate":
        gone = [words.candidate(value) for value in gone]
    return [*known, *(f"{text} (no longer a choice)" for text in gone)]


def _place(kind: str, value: str, words: Vocabulary) -> str:
    if kind == "county":
        return words.county(value)
    return words.state(value) if kind == "state" else value


def _any_of(texts: list[str], at_most: int) -> str:
    shown = texts if len(texts) <= at_most else [*texts[: at_most - 1], f"{len(texts) - at_most + 1} more"]
    return " or ".join(shown)
