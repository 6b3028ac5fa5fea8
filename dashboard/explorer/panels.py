"""What the page of voters shows beside the list, as its templates take it: filters with counts, and the cross-tab."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from psycopg import sql

from dashboard.explorer.cube import Counts, Cube, cross
from dashboard.explorer.domain import PLACES
from dashboard.explorer.facet import Facet
from dashboard.explorer.filters import SPENT, BadFilterError, Universe
from dashboard.explorer.inquiry import Inquiry

Group = dict[str, Any]

# open before anybody has chosen: what most people come for
OPEN = ("support", "mail", "postal", "reach")
PLACE_WORDS = {
    "state": "State",
    "county": "County",
    "cd": "Congressional district",
    "sd": "State senate district",
    "hd": "State house district",
}
# more choices than one sees at once
LONG = 12


def facet_groups(inquiry: Inquiry, counts: Counts) -> list[Group]:
    """Grain: one per facet that has a choice to offer, as the macro `facet` takes it."""
    return [
        _group(facet, inquiry.universe, counts.choices[name])
        for name, facet in inquiry.facets.items()
        if len(facet.choices) > (1 if name == "candidate" else 0)
    ]


def _group(facet: Facet, universe: Universe, counts: Mapping[str, int]) -> Group:
    chosen = universe.chosen(facet.name)
    return {
        "param": facet.name,
        "legend": facet.label,
        "definition": facet.definition,
        "is_open": facet.name in OPEN,
        "is_long": len(facet.choices) > LONG,
        "choices": [
            {
                "value": choice.value,
                "label": choice.label,
                "count": counts[choice.value],
                "is_selected": choice.value in chosen,
                "is_unasked": choice.value == "0",
                "colour": colour(facet.name, choice.value),
            }
            for choice in facet.choices
        ],
    }


def colour(facet: str, value: str) -> str:
    """The palette's name of a choice; empty: it has none."""
    if facet == "support" and value != "0":
        return f"support-{value}"
    return value if facet == "reach" else ""


def needless(universe: Universe) -> Group:
    """Whom we contacted for nothing. Without counts: it is no facet, the counts of facets are within it."""
    labels = {"answered": "By us, after an answer", "voted": "By us, after their vote"}
    return {
        "param": "spent",
        "legend": "Contacted needlessly",
        "definition": "Our contacts on a day after they had answered, as far as you see, or after their ballot was in.",
        "choices": [
            {"value": value, "label": labels[value], "count": None, "is_selected": value in universe.of("spent")}
            for value in SPENT
        ],
    }


async def place_groups(inquiry: Inquiry, opened: Collection[str]) -> list[Group]:
    """Grain: one per kind of place of which there are several. opened: the kinds that are shown whole.

    The others' lists come when somebody opens them: 203 districts with their boxes weigh more than the whole page.
    """
    if unknown := set(opened) - PLACES.keys():
        raise BadFilterError(f"There is no kind of place “{min(unknown)[:40]}”.")
    kinds = [kind for kind in PLACES if len(inquiry.domain.places[kind]) > 1 or inquiry.universe.of(kind)]
    return [
        await opened_place_group(inquiry, kind)
        if kind in opened
        else _place_group(inquiry, kind, inquiry.universe.of(kind))
        for kind in kinds
    ]


async def opened_place_group(inquiry: Inquiry, kind: str) -> Group:
    """All places of a kind, with the people of the universe as if none of this kind were chosen."""
    values = (*inquiry.domain.places[kind], *inquiry.universe.of(kind))
    return _place_group(inquiry, kind, values, await _place_counts(inquiry, kind)) | {"is_open": True}


def _place_group(
    inquiry: Inquiry, kind: str, values: tuple[str, ...], counts: Mapping[str, int] | None = None
) -> Group:
    choices = [
        {
            "value": value,
            "label": place_label(inquiry, kind, value),
            "count": None if counts is None else counts.get(value, 0),
            "is_selected": value in inquiry.universe.of(kind),
        }
        for value in dict.fromkeys(values)
    ]
    if kind == "county":
        choices.sort(key=lambda choice: str(choice["label"]))
    size = len(inquiry.domain.places[kind])
    return {
        "param": kind,
        "legend": PLACE_WORDS[kind],
        "choices": choices,
        "size": size,
        "is_long": size > LONG,
        "is_open": False,
    }


def place_label(inquiry: Inquiry, kind: str, value: str) -> str:
    if kind == "county":
        state = inquiry.domain.county_states.get(value)
        name = inquiry.words.county(value)
        return f"{name}, {state}" if state and len(inquiry.domain.places["state"]) > 1 else name
    if kind == "state":
        return inquiry.words.state(value)
    state, _, number = value.partition("-")
    return f"{state} {number}"


async def _place_counts(inquiry: Inquiry, kind: str) -> Mapping[str, int]:
    query = sql.SQL("select {place} as place, count(*) as people from explorer where {where} group by 1").format(
        place=PLACES[kind], where=inquiry.condition(without=kind)
    )

    async def read() -> Mapping[str, int]:
        return {row["place"]: row["people"] for row in await inquiry.reader.rows(query)}

    return await inquiry.keep(("places", kind, inquiry.universe.with_only(**{kind: ""})), read)


def axes(inquiry: Inquiry, rows: str, columns: str) -> tuple[str, str]:
    """The two facets of the cross-tab. Raises BadFilterError for what cannot be one."""
    found = (rows or "support", columns or "mail")
    if not set(found) <= set(axis_choices(inquiry)) or found[0] == found[1]:
        raise BadFilterError("These two cannot be set against each other.")
    return found


def axis_choices(inquiry: Inquiry) -> dict[str, str]:
    """Facets that may be an axis: those of which a person has exactly one choice."""
    return {name: facet.label for name, facet in inquiry.facets.items() if not facet.is_set and name != "candidate"}


def crosstab(inquiry: Inquiry, cube: Cube, rows: str, columns: str, further: Mapping[str, str]) -> dict[str, Any]:
    """As the macro `crosstab` takes it. A click narrows to the cell; on one that is chosen already, it widens again.

    further: what else stands in the addresses of the page.
    """
    down, across = inquiry.facets[rows], inquiry.facets[columns]
    cells = cross(cube, inquiry.facets, inquiry.universe, rows, columns)

    def link(**choice: str) -> str:
        universe = inquiry.universe
        is_there = all(universe.of(name) == (value,) for name, value in choice.items())
        return universe.with_only(**(dict.fromkeys(choice, "") if is_there else choice)).url(**further)

    # empty lines tell nothing: most people were asked few questions
    kept_rows = [i for i, line in enumerate(cells) if sum(line)]
    kept_columns = [j for j in range(len(across.choices)) if sum(line[j] for line in cells)]
    return {
        "caption": f"{down.label} by {across.label.lower()}",
        "row_title": down.label,
        "column_title": across.label,
        "total": sum(map(sum, cells)),
        "columns": [
            {
                "label": across.choices[j].label,
                "total": sum(line[j] for line in cells),
                "href": link(**{columns: across.choices[j].value}),
                "is_unasked": across.choices[j].value == "0",
            }
            for j in kept_columns
        ],
        "rows": [
            {
                "label": down.choices[i].label,
                "total": sum(cells[i]),
                "href": link(**{rows: down.choices[i].value}),
                "is_unasked": down.choices[i].value == "0",
                "cells": [
                    {
                        "value": cells[i][j],
                        "href": link(**{rows: down.choices[i].value, columns: across.choices[j].value}),
                        "is_selected": inquiry.universe.of(rows) == (down.choices[i].value,)
                        and inquiry.universe.of(columns) == (across.choices[j].value,),
                    }
                    for j in kept_columns
                ],
            }
            for i in kept_rows
        ],
    }
