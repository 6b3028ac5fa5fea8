"""Voters: sort them by what they said and by who has contacted them; the address is the universe."""

from __future__ import annotations

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from dashboard.explorer import panels
from dashboard.explorer.cube import Counts
from dashboard.explorer.inquiry import Inquiry, inquiry
from dashboard.explorer.people import PAGE_SIZE, Cursors, Order, People, find_people, parse_order, read_people
from dashboard.explorer.wording import in_words
from dashboard.pages.partner_only import partner_only
from dashboard.rendering import is_fragment, page
from dashboard.vocabulary import OFFICES

# what is of the page and not of the universe
OF_PAGE = ("sort", "after", "before", "rows", "cols", "open")
COLUMNS = (
    ("name", "Name"),
    ("person", "ID"),
    ("county", "County"),
    ("age", "Age"),
    ("", "Support"),
    ("", "By mail"),
    ("", "Postal"),
    ("last", "Last contact"),
)


@partner_only
async def voters(request: Request) -> Response:
    """The page; for HTMX the part of it that a filter changes."""
    asked = request.query_params
    pairs = [(name, value) for name, value in asked.multi_items() if name not in OF_PAGE]
    async with inquiry(request, pairs) as question:
        order = parse_order(asked.get("sort", ""), has_names=question.domain.has_names)
        cube = await question.cube()
        counts = await question.counts()
        people = await read_people(
            question.reader,
            Cursors(request.app.state.secret, question.viewer.role or ""),
            question.condition(),
            counts.total,
            order,
            after=asked.get("after", ""),
            before=asked.get("before", ""),
        )
        rows, columns = panels.axes(question, asked.get("rows", ""), asked.get("cols", ""))
        further = _further(asked.get("sort", ""), asked.get("rows", ""), asked.get("cols", ""))
        context = {
            **_filters(question, counts, further),
            "places": await panels.place_groups(question, asked.getlist("open")),
            **_list(question, people, order, further),
            "crosstab": panels.crosstab(question, cube, rows, columns, further),
            "axes": panels.axis_choices(question),
            "rows": rows,
            "cols": columns,
            "further": further,
            "sort": asked.get("sort", ""),
            "is_part": is_fragment(request),
        }
        template = "pages/voters/explorer.html" if is_fragment(request) else "pages/voters/page.html"
        response = page(request, template, context, version=question.reader.version)
    response.headers["Vary"] = "HX-Request"
    if is_fragment(request):
        # the address of what is shown, without what an unchanged form sends along
        response.headers["HX-Push-Url"] = question.universe.url(**further)
    return response


@partner_only
async def places(request: Request) -> Response:
    """Counts by county, district or state: asked for when somebody opens that filter."""
    kind = request.path_params["kind"]
    if kind not in panels.PLACE_WORDS:
        raise HTTPException(404)
    pairs = [(name, value) for name, value in request.query_params.multi_items() if name not in OF_PAGE]
    async with inquiry(request, pairs) as question:
        group = await panels.opened_place_group(question, kind)
        return page(request, "pages/voters/places.html", {"group": group}, version=question.reader.version)


@partner_only
async def find(request: Request) -> Response:
    """People by name or id. A POST, so that no address holds a name."""
    text = str((await request.form()).get("who", "")).strip()[:100]
    async with inquiry(request, []) as question:
        has_names = question.domain.has_names
        found = await find_people(question.reader, text, has_names=has_names) if text else []
        context = {
            "who": text,
            "people": [_shown(question, person) for person in found],
            "people_note": "",
            "has_names": has_names,
            "is_cut": len(found) == PAGE_SIZE,
            "columns": [
                {"label": label, "href": "", "direction": ""} for name, label in COLUMNS if has_names or name != "name"
            ],
        }
        return page(request, "pages/voters/found.html", context, version=question.reader.version)


async def to_find(request: Request) -> Response:
    """Kept as a bookmark, or loaded again: whom it was about is in no address. To the page with the search."""
    return RedirectResponse("/voters", 303)


def _further(sort: str, rows: str, columns: str) -> dict[str, str]:
    """What the page adds to the address of a universe, if it is not as usual."""
    return {name: value for name, value in {"sort": sort, "rows": rows, "cols": columns}.items() if value}


def _filters(question: Inquiry, counts: Counts, further: dict[str, str]) -> dict[str, Any]:
    universe = question.universe
    words = in_words(universe, question.facets, question.words, question.saved)
    suppressed = counts.choices["suppressed"]["yes"] if universe.chosen("suppressed") != {"no"} else 0
    return {
        "universe": universe,
        "total": counts.total,
        "suppressed": suppressed,
        "all_voters": question.domain.voters,
        "groups": panels.facet_groups(question, counts),
        "offices": [
            {"value": office, "label": f"{label} ({question.domain.answers[office]:,} answers)"}
            for office, label in OFFICES.items()
            if question.domain.answers[office] or office == universe.office
        ],
        "chips": [{"name": name, "text": text, "href": without.url(**further)} for name, text, without in words],
        # where nobody matches, each filter is offered to be taken away
        "removals": [{"label": f"{name}: {text}", "href": without.url(**further)} for name, text, without in words],
        "needless": panels.needless(universe),
        "since": next(iter(universe.of("since")), ""),
        "not_since": next(iter(universe.of("not_since")), ""),
        "by": next(iter(universe.of("by")), "anyone"),
        "in_universes": [(number, question.saved[number].name) for number in universe.universes[0]],
        "not_universes": [(number, question.saved[number].name) for number in universe.universes[1]],
    }


def _list(question: Inquiry, people: People, order: Order, further: dict[str, str]) -> dict[str, Any]:
    universe = question.universe

    def url(**changes: str) -> str:
        return universe.url(**{**further, **changes})

    return {
        "people": [_shown(question, person) for person in people.rows],
        "people_note": f"{PAGE_SIZE} on a page" if people.before or people.after else "",
        "has_names": question.domain.has_names,
        "columns": [
            {
                "label": f"{label} · {OFFICES[universe.office]}" if label == "Support" else label,
                "href": url(sort=f"-{name}" if order.text == name else name) if name else "",
                "direction": ("descending" if order.is_descending else "ascending") if order.name == name else "",
            }
            for name, label in COLUMNS
            if name != "name" or question.domain.has_names
        ],
        "previous": {"href": url(before=people.before), "label": f"Previous {PAGE_SIZE}"} if people.before else None,
        "next": {"href": url(after=people.after), "label": f"Next {PAGE_SIZE}"} if people.after else None,
    }


def _shown(question: Inquiry, person: dict[str, Any]) -> dict[str, Any]:
    """One person of the list, in words."""
    words, office = question.words, question.universe.office
    support = person[f"support_{office}"]
    candidate = person[f"support_{office}_candidate"]
    names = (person.get("first_name"), person.get("middle_name"), person.get("last_name"), person.get("suffix"))
    return {
        "person_id": person["person_id"],
        "name": " ".join(name for name in names if name),
        # of counties everybody knows that they are counties
        "county": words.county(person["county_fips"]).removesuffix(" County"),
        "age": question.today.year - person["birth_year"] if person["birth_year"] else None,
        "support": support,
        "support_words": words.answer("candidate_support", support),
        "candidate": words.candidate(candidate) if candidate else "",
        "mail": words.answer("vote_by_mail_comfort", person["vote_by_mail_comfort"]),
        "postal": words.answer("postal_service_trust", person["postal_service_trust"]),
        "is_asked": {"mail": bool(person["vote_by_mail_comfort"]), "postal": bool(person["postal_service_trust"])},
        "last_us": person["last_contact_us_on"],
        "last_others": person["last_contact_others_until"],
        "is_suppressed": person["is_suppressed"],
        "ballot": person["ballot_status"],
    }


routes = [
    Route("/voters", voters),
    Route("/voters/places/{kind}", places),
    Route("/voters/find", find, methods=["POST"]),
    Route("/voters/find", to_find, methods=["GET"]),
]
