"""A list to download: what it will hold and what for, then the file; and the lists that were taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from dashboard.database import Database
from dashboard.explorer import universes
from dashboard.explorer.filters import BadFilterError, Universe
from dashboard.explorer.inquiry import inquiry
from dashboard.explorer.universes import FacetsOf, SavedUniverse, facets_by_office
from dashboard.explorer.wording import Phrase, in_words
from dashboard.exporting import log
from dashboard.exporting.listing import KINDS, PURPOSE_LENGTH, Wish, clean_purpose, id_header, order_of, write_list
from dashboard.exporting.log import RefusedError
from dashboard.exporting.rows import read_size
from dashboard.exporting.taking import Download, Taking
from dashboard.pages.partner_only import partner_only
from dashboard.rendering import page
from dashboard.viewer import Viewer
from dashboard.vocabulary import Vocabulary
from exchange.settings import Settings


@partner_only
async def confirm(request: Request) -> Response:
    """What the file would hold. Nothing is taken yet."""
    asked = request.query_params
    pairs = tuple((name, value) for name, value in asked.multi_items() if name != "sort")
    return await _ask(request, Wish(pairs, asked.get("sort", "")))


async def take(request: Request) -> Response:
    viewer: Viewer = request.state.viewer
    if viewer.is_operator:
        raise HTTPException(403, "Only people of the organization take lists of voters.")
    form = await request.form()
    kind, query, sort, purpose = (str(form.get(name, "")) for name in ("kind", "filter", "sort", "purpose"))
    if kind not in KINDS:
        context = {"title": "No list was taken", "text": "A list is a spreadsheet or an upload.", "remedy": ""}
        return page(request, "pages/error.html", context, status=400)
    wish = Wish(tuple(parse_qsl(query)), sort, kind, purpose)
    try:
        wish = replace(wish, purpose=clean_purpose(purpose))
    except RefusedError as error:
        return await _ask(request, wish, wrong_purpose=str(error))
    at = request.app.state.settings.now()
    taking = Taking(request.app.state.database, request.app.state.export_places)
    try:
        await taking.begin(write_list(request, wish, at, taking))
    except RefusedError as error:
        return await _ask(request, wish, refusal=str(error))
    return Download(taking, f"voters-{at:%Y-%m-%d-%H%M}.zip")


async def _ask(request: Request, wish: Wish, *, wrong_purpose: str = "", refusal: str = "") -> Response:
    """The page before the file. refusal: why it is not given out; wrong_purpose: beside that field."""
    database: Database = request.app.state.database
    settings: Settings = request.app.state.settings
    viewer: Viewer = request.state.viewer
    header = await id_header(database, viewer)
    status = 400 if refusal or wrong_purpose else 200
    async with inquiry(request, wish.pairs) as question:
        # refused here, and not once the form is filled in
        order_of(wish, question)
        size = await read_size(question)
        words = in_words(question.universe, question.facets, question.words, question.saved)
        universe, version = question.universe, question.reader.version
    try:
        log.check_size(size, settings)
        async with database.as_keeper() as keeper:
            await log.check_quota(keeper, viewer, size, settings)
    except RefusedError as error:
        refusal = refusal or str(error)
    context = {
        "title": "Download a list",
        "size": size,
        "limit": settings.export_limit,
        "words": words,
        "universe": universe,
        "voters": universe.url(sort=wish.sort),
        "wish": wish,
        "id_header": header,
        "purpose_length": PURPOSE_LENGTH,
        "wrong_purpose": wrong_purpose,
        "refusal": refusal,
        "may_take": not viewer.is_operator,
    }
    return page(request, "pages/export/confirm.html", context, version=version, status=status)


async def taken_lists(request: Request) -> Response:
    """The partner's own log, for its manager."""
    viewer: Viewer = request.state.viewer
    if viewer.partner_id is None:
        return RedirectResponse("/admin/exports", status_code=303)
    database: Database = request.app.state.database
    async with database.as_keeper() as keeper:
        taken = await log.recent(keeper, viewer)
        saved = {one.universe_id: one for one in await universes.list_saved(keeper, viewer)}
    async with inquiry(request, []) as question:
        facets_of = facets_by_office(question.domain, question.words, question.today)
        context = {
            "title": "Lists we took",
            "rows": [_shown(row, facets_of, question.words, saved) for row in taken],
            "shown": log.SHOWN,
        }
        return page(request, "pages/export/taken.html", context, version=question.reader.version)


def _shown(
    row: dict[str, Any], facets_of: FacetsOf, words: Vocabulary, saved: Mapping[int, SavedUniverse]
) -> dict[str, Any]:
    phrases: list[Phrase] = []
    universe: Universe | None = None
    # rows of the partner's own files have filters of another kind
    if row["kind"] in KINDS:
        pairs = [(name, value) for name, value in parse_qsl(row["filter"]) if name != "sort"]
        try:
            universe = universes.stored(pairs, facets_of)
            phrases = in_words(universe, facets_of(universe.office), words, saved)
        except BadFilterError:
            # a filter of an older version of the dashboard: its text is shown as it is
            universe = None
    return {**row, "words": phrases, "href": universe.url() if universe else ""}


routes = [
    Route("/export", confirm),
    Route("/export", take, methods=["POST"]),
    Route("/exports", taken_lists),
]
