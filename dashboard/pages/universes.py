"""Saved universes: what was kept from the page of voters, put together, saved and deleted."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

from psycopg import sql
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from dashboard.cache import Cache
from dashboard.database import Database
from dashboard.explorer import universes
from dashboard.explorer.filters import BadFilterError
from dashboard.explorer.inquiry import Inquiry, inquiry
from dashboard.explorer.saving import MOST_LETTERS, MOST_PEOPLE, NotSavedError, clean_name, create, delete
from dashboard.explorer.universes import FacetsOf, SavedUniverse, facets_by_office
from dashboard.explorer.wording import in_words
from dashboard.pages.partner_only import partner_only
from dashboard.rendering import page
from dashboard.viewer import DataVersion, Viewer

# counting all that were saved; what is left is counted by who comes back, or opens it
COUNTING_SECONDS = 2.0
KINDS = ("dynamic", "frozen")
# what fits into a bigint
MOST_NUMBER = 2**63 - 1


@partner_only
async def saved_universes(request: Request) -> Response:
    database: Database = request.app.state.database
    viewer: Viewer = request.state.viewer
    async with database.as_keeper() as keeper:
        every = await universes.list_saved(keeper, viewer)
    async with inquiry(request, []) as question:
        version = question.reader.version
    # outside of the transaction: nobody who waits for a count keeps a connection from others
    counts = await _counts(request, version, every)
    facets_of = facets_by_office(question.domain, question.words, question.today)
    names = {one.universe_id: one for one in every}
    context = {
        "title": "Saved universes",
        "rows": [_shown(one, question, facets_of, names, counts) for one in every],
        "may_change": not viewer.is_operator,
        "has_ballots": any("ballot" in dict(one.pairs) for one in every),
    }
    return page(request, "pages/universes/list.html", context, version=version)


class _NewerVersionError(Exception):
    """There was a publication since the page was begun: its numbers would be of two."""


async def _counts(request: Request, version: DataVersion, every: Sequence[SavedUniverse]) -> dict[int, int]:
    """People of each now, the newest first, as far as the time reaches; counted one by one, so that few lists of
    people are in memory at once. What is made of too many has none, as it cannot be opened.
    """
    cache: Cache = request.app.state.cache
    viewer: Viewer = request.state.viewer
    until = time.monotonic() + COUNTING_SECONDS
    counts: dict[int, int] = {}
    for one in every:
        key = (viewer.role, *version.key, "universe", one.universe_id)
        if key in cache or time.monotonic() < until:
            with suppress(BadFilterError, universes.NoSuchUniverseError, _NewerVersionError):
                counts[one.universe_id] = await cache.get(key, partial(_count, request, version, one))
    return counts


async def _count(request: Request, version: DataVersion, one: SavedUniverse) -> int:
    """People that the page of voters shows when it is opened."""
    async with inquiry(request, one.opened.pairs()) as question:
        if question.reader.version.key != version.key:
            raise _NewerVersionError
        query = sql.SQL("select count(*) from explorer where {}").format(question.condition())
        return int(await question.reader.patiently(partial(question.reader.value, query)))


def _shown(
    one: SavedUniverse,
    question: Inquiry,
    facets_of: FacetsOf,
    names: Mapping[int, SavedUniverse],
    counts: Mapping[int, int],
) -> dict[str, Any]:
    universe = universes.stored(one.pairs, facets_of)
    return {
        "number": one.universe_id,
        "name": one.name,
        "is_frozen": one.is_frozen,
        "words": in_words(universe, facets_of(universe.office), question.words, names),
        "count": counts.get(one.universe_id),
        "count_then": one.person_count,
        "as_of": one.as_of,
        "created_by": one.created_by,
        "href": one.opened.url(),
    }


async def save(request: Request) -> Response:
    viewer = _owner(request)
    form = await request.form()
    name, kind, query = (str(form.get(field, "")) for field in ("name", "kind", "filter"))
    if kind not in KINDS:
        return _refusal(request, "It is not saved", "A universe is saved as its filters or as a fixed list.")
    database: Database = request.app.state.database
    async with inquiry(request, parse_qsl(query)) as question:
        universe, version = question.universe, question.reader.version
        total = (await question.counts()).total
        words = in_words(universe, question.facets, question.words, question.saved)
        person_ids, wrong = None, ""
        try:
            clean_name(name)
            if kind == "frozen":
                person_ids = await _people(question, total)
        except NotSavedError as error:
            wrong = str(error)
    if not wrong:
        try:
            async with database.as_keeper() as keeper:
                number = await create(
                    keeper, viewer, name, universe, count=total, as_of=version.as_of, person_ids=person_ids
                )
                saved = {one.universe_id: one for one in await universes.list_saved(keeper, viewer)}
            return RedirectResponse(saved[number].opened.url(), status_code=303)
        except NotSavedError as error:
            wrong = str(error)
    context = {
        "title": "It is not saved yet",
        "error": wrong,
        "name": name[: 2 * MOST_LETTERS],
        "kind": kind,
        "universe": universe,
        "total": total,
        "words": words,
        "most_letters": MOST_LETTERS,
        "most_people": MOST_PEOPLE,
    }
    return page(request, "pages/universes/save.html", context, version=version, status=400)


async def _people(question: Inquiry, total: int) -> list[str]:
    if total > MOST_PEOPLE:
        raise NotSavedError(
            f"{total:,} match; a fixed list may hold {MOST_PEOPLE:,}. Add a filter, or save the filters instead."
        )
    rows = await question.reader.rows(
        sql.SQL("select person_id from explorer where {} order by person_id").format(question.condition())
    )
    return [row["person_id"] for row in rows]


async def remove(request: Request) -> Response:
    viewer = _owner(request)
    database: Database = request.app.state.database
    number: int = request.path_params["number"]
    if number > MOST_NUMBER:
        raise universes.NoSuchUniverseError([number])
    try:
        async with database.as_keeper() as keeper:
            await delete(keeper, viewer, number)
    except NotSavedError as error:
        return _refusal(request, "It is not deleted", str(error))
    return RedirectResponse("/universes?done=deleted", status_code=303)


def _refusal(request: Request, title: str, text: str) -> Response:
    return page(request, "pages/error.html", {"title": title, "text": text, "remedy": ""}, status=400)


def _owner(request: Request) -> Viewer:
    """Raises HTTPException 403 for an operator: what a partner saves is its own."""
    viewer: Viewer = request.state.viewer
    if viewer.is_operator:
        raise HTTPException(403, "Only people of the organization save and delete here.")
    return viewer


routes = [
    Route("/universes", saved_universes),
    Route("/universes", save, methods=["POST"]),
    Route("/universes/{number:int}/delete", remove, methods=["POST"]),
]
