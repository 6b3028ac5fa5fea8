"""Coverage: where are we, where is nobody? By county, by answer, by channel and time; what contacts were spent on."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dashboard.explorer.facets import REACH, VOTED
from dashboard.figures import charts
from dashboard.figures.answers import read_answers, read_support
from dashboard.figures.charts import MOST_BARS, MOST_COUNTIES
from dashboard.figures.contacts import read_grid, read_spent
from dashboard.figures.kept import Figures, voters
from dashboard.figures.reached import Group, Place, reached, read_groups, states
from dashboard.pages.partner_only import partner_only
from dashboard.rendering import page
from dashboard.vocabulary import OFFICES, Vocabulary, vocabulary

ORDERS = {"people": "Most people first", "share": "Largest share first"}
GRID_CHOICES = {
    "": "Contacted by anyone",
    "us": "By us only",
    "both": "By us and others",
    "others": "By others only",
}


@dataclass(frozen=True)
class Asked:
    """What the address asks for; the empty text: no choice."""

    place: Place
    office: str
    candidate: str
    # whose contacts the grid is of
    reach: str
    order: str
    shows_all: bool

    def url(self, **changes: str) -> str:
        now = {
            **self.place.filters,
            "office": self.office,
            "candidate": self.candidate,
            "reach": self.reach,
            "order": "" if self.order == "people" else self.order,
            "rows": "all" if self.shows_all else "",
            **changes,
        }
        given = {name: value for name, value in now.items() if value}
        return f"/coverage?{urlencode(given)}" if given else "/coverage"


@partner_only
async def coverage(request: Request) -> Response:
    viewer = request.state.viewer
    words = await vocabulary(request)
    asked = _asked(request.query_params, words)
    async with request.app.state.database.as_partner(viewer) as reader:
        figures = Figures(viewer, reader, request.app.state.cache, words)
        everywhere = await read_groups(figures)
        asked = _placed(asked, everywhere)
        here = tuple(group for group in everywhere if asked.place.holds(group))
        context = {
            "title": "Where are we, where is nobody?",
            "asked": asked,
            "where": _where(asked.place, words),
            "orders": ORDERS,
            "definitions": {name: figures.facets[name].definition for name in ("reach", "last", "channel")},
            "places": _place_choices(everywhere, asked.place, words),
            **_reached(here, asked, words),
            **(await _support(figures, asked)),
            **(await _contacts(figures, asked)),
            "summary": charts.told(await _summary(figures), asked.place, words),
        }
        return page(request, "pages/coverage.html", context, version=reader.version)


def _asked(parameters: QueryParams, words: Vocabulary) -> Asked:
    """Raises 400 for what is no choice of this page."""
    checks: dict[str, Callable[[str], object]] = {
        "state": words.states.__contains__,
        "county": words.counties.__contains__,
        "office": OFFICES.__contains__,
        "candidate": words.candidates.__contains__,
        "reach": lambda value: value in REACH and value != "nobody",
        "order": ORDERS.__contains__,
        "rows": "all".__eq__,
    }
    for name, value in parameters.multi_items():
        if name not in checks:
            raise HTTPException(400, f"Coverage has no choice of “{name[:40]}”.")
        if value and not checks[name](value):
            raise HTTPException(400, f"Coverage has no {name} “{value[:40]}”.")
    given = {name: parameters.get(name, "") for name in checks}
    return Asked(
        place=Place(given["state"], given["county"]),
        office=given["office"],
        candidate=given["candidate"],
        reach=given["reach"],
        order=given["order"] or "people",
        shows_all=bool(given["rows"]),
    )


def _placed(asked: Asked, everywhere: Sequence[Group]) -> Asked:
    """A county is of its state; who chooses another state while a county is chosen means the state."""
    county = asked.place.county_fips
    state = next((group.state for group in everywhere if group.county_fips == county), None)
    if not county or state is None:
        return asked
    place = Place(state, county) if asked.place.state in ("", state) else Place(asked.place.state)
    return replace(asked, place=place)


def _where(place: Place, words: Vocabulary) -> str:
    names = [words.county(place.county_fips)] if place.county_fips else []
    return ", ".join([*names, words.state(place.state)] if place.state else names)


def _place_choices(everywhere: Sequence[Group], here: Place, words: Vocabulary) -> dict[str, Any]:
    """The states and counties of the form: the partner's own. Counties of one state, or of few."""
    found = states(everywhere)
    counties = sorted(
        {
            (group.state or "", words.county(group.county_fips), group.county_fips)
            for group in everywhere
            if group.county_fips and here.state in ("", group.state)
        }
    )
    return {
        "states": [{"value": state, "label": words.state(state)} for state in found] if len(found) > 1 else [],
        "counties": [
            {"value": fips, "label": name if here.state or len(found) == 1 else f"{name}, {state}"}
            for state, name, fips in counties
        ]
        if len(counties) <= MOST_COUNTIES or here.state
        else [],
    }


def _reached(here: Sequence[Group], asked: Asked, words: Vocabulary) -> dict[str, Any]:
    numbers = reached(here)
    found = charts.places(here, asked.place)
    rows = charts.bars(found, words, asked.order, asked.url)
    return {
        "reached": numbers,
        "parts": charts.reach_parts(numbers, asked.place.filters),
        "voted": sum(group.people for group in here if group.has_voted),
        "voted_href": voters(**asked.place.filters, ballot=VOTED),
        "columns": charts.COLUMNS,
        "bars": rows if asked.shows_all else rows[:MOST_BARS],
        "bar_count": len(rows),
        "is_by_state": any(place and not place.county_fips for place, _ in found),
        "tiles": charts.tiles(found, words),
    }


async def _support(figures: Figures, asked: Asked) -> dict[str, Any]:
    """The chosen office, or the one with most answers; the chosen candidate, or the one with most answers here."""
    words, place = figures.words, asked.place
    answers = await read_answers(figures)
    offices = answers.offices_by_answers
    office = asked.office or next(iter(offices), "")
    if not office:
        return {"office": "", "offices": [], "candidate": "", "candidates": [], "support": []}
    counted = await read_support(figures, place, office)
    totals: dict[str, int] = {}
    for (candidate, _), numbers in counted.items():
        if candidate:
            totals[candidate] = totals.get(candidate, 0) + numbers.total
    candidates = sorted(totals, key=lambda candidate: (-totals[candidate], candidate))
    candidate = asked.candidate if asked.candidate in totals else next(iter(candidates), "")
    return {
        "office": office,
        "office_label": words.office(office),
        "offices": [
            {"value": each, "label": words.office(each)} for each in OFFICES if each in offices or each == office
        ],
        "candidate": candidate,
        "candidate_label": words.candidate(candidate),
        "candidates": [
            {"value": each, "label": f"{words.candidate(each)} · {totals[each]:,} answers"} for each in candidates
        ],
        "support": charts.support(counted, office, candidate, place, words) if candidate else [],
    }


async def _contacts(figures: Figures, asked: Asked) -> dict[str, Any]:
    counts = await read_grid(figures, asked.place)
    costs = await read_spent(figures, asked.place)
    return {
        "grid": charts.grid(counts, asked.place, asked.reach, figures.facets),
        "grid_choices": [
            {"label": label, "href": f"{asked.url(reach=reach)}#contacts", "is_current": reach == asked.reach}
            for reach, label in GRID_CHOICES.items()
        ],
        "contacts": costs.contacts,
        "spent": charts.spent(costs, asked.place),
    }


async def _summary(figures: Figures) -> Sequence[Mapping[str, Any]]:
    query = "select * from coverage_summary order by state, county_fips is not null, county_fips"
    return await figures.keep(("summary",), lambda: figures.reader.rows(query))


routes = [Route("/coverage", coverage)]
