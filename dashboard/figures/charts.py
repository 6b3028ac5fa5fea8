"""The figures of coverage as charts' rows: labels, numbers and the address of the people that each number counts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from dashboard.explorer.facet import Facet
from dashboard.explorer.facets import REACH
from dashboard.figures.contacts import Grid, Spent
from dashboard.figures.kept import voters
from dashboard.figures.reached import PARTS, Group, Place, Reached, by_county, by_state
from dashboard.vocabulary import Vocabulary

# of the columns of every table of parts
COLUMNS = [{"label": REACH[reach], "colour": reach} for reach in PARTS]
# a page of more rows is longer than anybody reads, and heavier than it should be
MOST_BARS = 25
# more counties than this are of several states: these come first
MOST_COUNTIES = 150
# what a square has room for
SHORT = 6
US = ("us", "both")

Url = Callable[..., str]
# None: the people of no known county
Places = Sequence[tuple[Place | None, Reached]]


def reach_parts(numbers: Reached, filters: Mapping[str, str]) -> list[dict[str, Any]]:
    """The four parts of a bar. filters: what else their people pass."""
    return [
        {"label": REACH[reach], "value": people, "colour": reach, "href": voters(**filters, reach=reach)}
        for reach, people in zip(PARTS, numbers.parts, strict=True)
    ]


def places(groups: Iterable[Group], here: Place) -> Places:
    """The counties of a place, or its states where these are too many to compare, by name of the code.

    Grain: one per county or state. No filter finds the people of no known county.
    """
    groups = list(groups)
    counties = by_county(groups)
    if here.state or len(counties) <= MOST_COUNTIES:
        return [
            (Place(state or "", county) if county else None, numbers)
            for (state, county), numbers in sorted(
                counties.items(), key=lambda item: (item[0][0] or "", item[0][1] or "")
            )
        ]
    states = by_state(groups)
    return [(Place(state) if state else None, states[state]) for state in sorted(states, key=lambda state: state or "")]


def named(place: Place | None, words: Vocabulary, *, with_state: bool) -> str:
    """Lehigh County; Lehigh County, PA."""
    if place is None:
        return "County not known"
    if not place.county_fips:
        return words.state(place.state)
    county = words.county(place.county_fips)
    return f"{county}, {place.state}" if with_state else county


def bars(found: Places, words: Vocabulary, order: str, url: Url) -> list[dict[str, Any]]:
    """A row per place, those with most people whom nobody contacted first. order: people, or share of the place's."""

    def rank(item: tuple[Place | None, Reached]) -> tuple[float, str]:
        place, numbers = item
        measure = numbers.nobody / numbers.total if order == "share" else numbers.nobody
        return (-measure, named(place, words, with_state=True))

    return [
        {
            "label": named(place, words, with_state=_are_of_several_states(found)),
            "href": url(**place.filters) if place else "",
            "parts": [
                {"value": part["value"], "href": part["href"] if place else ""}
                for part in reach_parts(numbers, place.filters if place else {})
            ],
        }
        for place, numbers in sorted(found, key=rank)
    ]


def tiles(found: Places, words: Vocabulary) -> list[dict[str, Any]]:
    """A square per place, in order of state and name: an order that one finds a county in, where no map is at hand."""
    known = [(place, numbers) for place, numbers in found if place]
    return [
        {
            "label": named(place, words, with_state=_are_of_several_states(found)),
            "short": _short(words.county(place.county_fips)) if place.county_fips else place.state,
            "share": (numbers.us + numbers.both) / numbers.total,
            "is_mostly_nobody": 2 * numbers.nobody > numbers.total,
            "href": voters(**place.filters, reach=US),
        }
        for place, numbers in sorted(known, key=lambda item: (item[0].state, named(item[0], words, with_state=False)))
    ]


def _short(county: str) -> str:
    return county.removesuffix(" County")[:SHORT]


def _are_of_several_states(found: Places) -> bool:
    return len({place.state for place, _ in found if place}) > 1


def support(
    counted: Mapping[tuple[str | None, int], Reached], office: str, candidate: str, here: Place, words: Vocabulary
) -> list[dict[str, Any]]:
    """A row per answer about the candidate, and one of the people whom nobody asked about the office."""
    answers = [
        (label, counted.get((candidate, code), Reached()), {"candidate": candidate, "support": str(code)})
        for code, label in words.answers["candidate_support"]
    ]
    not_asked = ("Not asked", counted.get((None, 0), Reached()), {"support": "0"})
    return [
        {
            "label": label,
            "parts": [
                {"value": part["value"], "href": part["href"]}
                for part in reach_parts(numbers, {**here.filters, "office": office, **filters})
            ],
        }
        for label, numbers, filters in (*answers, not_asked)
    ]


def grid(counts: Grid, here: Place, reach: str, facets: Mapping[str, Facet]) -> dict[str, Any] | None:
    """Channels by days since the newest contact; None without a contact. reach: of these people only, or of all."""
    wanted = {"reach": reach} if reach else {}
    lasts = [choice for choice in facets["last"].choices if choice.value != "never"]
    rows = []
    for channel in facets["channel"].choices:
        cells = [
            {
                "value": sum(
                    people
                    for (of_channel, of_last, of_reach), people in counts.items()
                    if (of_channel, of_last) == (channel.value, last.value) and reach in ("", of_reach)
                ),
                "href": voters(**here.filters, channel=channel.value, last=last.value, **wanted),
            }
            for last in lasts
        ]
        if any(cell["value"] for cell in cells):
            href = voters(**here.filters, channel=channel.value, **wanted)
            rows.append({"label": channel.label, "href": href, "cells": cells})
    if not rows:
        return None
    return {
        "caption": "People by channel and by their newest contact",
        "row_title": "Channel",
        "column_title": "Newest contact",
        "columns": [{"label": last.label, "href": voters(**here.filters, last=last.value, **wanted)} for last in lasts],
        "rows": rows,
    }


def spent(costs: Spent, here: Place) -> list[dict[str, Any]]:
    """What contacts of ours went to people who had answered, or voted. Of all people: also of those who have voted."""
    return [
        {
            "label": label,
            "people": people,
            "href": voters(**here.filters, spent=parameter, ballot="any"),
            "contacts": contacts,
        }
        for label, parameter, people, contacts in (
            ("After they had answered", "answered", costs.people_after_answer, costs.after_answer),
            ("After they had voted", "voted", costs.people_after_vote, costs.after_vote),
        )
    ]


def told(rows: Sequence[Mapping[str, Any]], here: Place, words: Vocabulary) -> list[dict[str, Any]]:
    """coverage_summary of a place: its states, and the counties about which anything of overlap is told."""
    found = []
    for row in rows:
        place = Place(row["state"], row["county_fips"] or "")
        if (here.state and row["state"] != here.state) or (here.county_fips and row["county_fips"] != here.county_fips):
            continue
        numbers = [row[name] for name in ("us_only", "us_and_others", "others_only", "nobody")]
        if not place.county_fips or here.county_fips or any(number is not None for number in numbers):
            found.append(
                {"label": named(place, words, with_state=not here.state), "voters": row["voters"], "numbers": numbers}
            )
    return found
