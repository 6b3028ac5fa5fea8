"""Who took what out of the dashboard, why, and whether it arrived whole."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlencode

from psycopg import sql
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dashboard.database import Database
from dashboard.explorer.domain import PLACES, Domain
from dashboard.explorer.facets import facets
from dashboard.explorer.filters import BadFilterError, parse, parse_office
from dashboard.explorer.universes import SavedUniverse
from dashboard.explorer.wording import in_words
from dashboard.keyset import PAGE_SIZE, Sorting, place, read_page
from dashboard.pages.admin_frame import admin_page, is_refreshed, not_refreshed, operator
from dashboard.vocabulary import Vocabulary, vocabulary

KINDS = {"csv": "Spreadsheet", "van": "Ids for an upload", "own_rows": "Own rows"}
_NEWEST_FIRST = Sorting((("begun_at", "timestamptz"), ("export_id", "uuid")), is_descending=True)
_EXPORTS = sql.SQL(
    """
    select
        export_id, begun_at, email, partner_id, kind, what, filter, as_of, purpose, counted, suppressed_left_out,
        rows_sent, ended_at, outcome
    from dashboard.export
    where (%s = '' or partner_id = %s)
        and begun_at >= coalesce(%s::date, '-infinity')
        and begun_at < coalesce(%s::date + 1, 'infinity')
    """
)
# nobody reads more in a cell; the file that was taken has all of them beside it
_VALUES_SHOWN = 12


async def exports(request: Request) -> Response:
    """?partner=P&since=2026-10-01&until=2026-10-31: days in UTC."""
    viewer = operator(request)
    database: Database = request.app.state.database
    asked = {name: request.query_params.get(name, "") for name in ("partner", "since", "until")}
    since, until = _day(asked["since"]), _day(asked["until"])
    where = place(request, "exports")
    async with database.as_operator(viewer) as reader:
        if not await is_refreshed(reader):
            return not_refreshed(request, "Exports")
    words = await vocabulary(request)
    async with database.as_operator(viewer) as reader:
        parameters = [asked["partner"], asked["partner"], since, until]
        listed = await read_page(reader, _EXPORTS, parameters, _NEWEST_FIRST, where)
        partners = await reader.rows("select distinct partner_id from dashboard.export order by partner_id")
    if asked["partner"] and {"partner_id": asked["partner"]} not in partners:
        raise HTTPException(HTTPStatus.NOT_FOUND, "Nobody of this partner has taken anything out.")
    saved = await _saved(database)
    today = request.app.state.settings.now().date()
    context = {
        "title": "Exports",
        "asked": asked,
        "partners": [row["partner_id"] for row in partners],
        "rows": [
            {**row, "kind": KINDS[row["kind"]], "filters": filters_in_words(row, words, saved, today)}
            for row in listed.rows
        ],
        "previous": _link(asked, "before", listed.before),
        "next": _link(asked, "after", listed.after),
    }
    return admin_page(request, "exports", context)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise HTTPException(HTTPStatus.BAD_REQUEST, "A day is written like 2026-10-31.") from error


def _link(asked: Mapping[str, str], direction: str, cursor: str | None) -> dict[str, str] | None:
    if cursor is None:
        return None
    chosen = {name: value for name, value in asked.items() if value}
    label = f"{'Older' if direction == 'after' else 'Newer'} {PAGE_SIZE}"
    return {"href": f"/admin/exports?{urlencode({**chosen, direction: cursor})}", "label": label}


async def _saved(database: Database) -> dict[int, SavedUniverse]:
    """Every saved universe, without its people, for its name."""
    async with database.as_keeper() as reader:
        rows = await reader.rows(
            "select universe_id, name, kind, filter, person_count, as_of, created_at from dashboard.universe"
        )
    return {row["universe_id"]: SavedUniverse(**row, created_by=None) for row in rows}


def filters_in_words(
    export: Mapping[str, Any], words: Vocabulary, saved: Mapping[int, SavedUniverse], today: date
) -> list[str]:
    """As the person who exported saw them. What no longer is a filter is told as it was kept."""
    pairs = [(name, value) for name, value in parse_qsl(export["filter"]) if name != "sort"]
    try:
        office = parse_office(dict(pairs)["office"])
        facets_of = facets(office, _domain(pairs, office), words, today)
        phrases = in_words(parse(pairs, facets_of, office), facets_of, words, saved, _VALUES_SHOWN)
    except (KeyError, BadFilterError):
        return [f"{name.capitalize()}: {value}" for name, value in pairs]
    return [f"{phrase.label}: {phrase.text}" for phrase in phrases]


def _domain(pairs: list[tuple[str, str]], office: str) -> Domain:
    """As if the partner had just what it asked for: operators do not read its rows."""
    values = {name: tuple(value for key, value in pairs if key == name) for name in ("candidate", "party")}
    return Domain(
        voters=0,
        answers={},
        candidates={office: values["candidate"]},
        parties=tuple(value for value in values["party"] if value != "none"),
        places=dict.fromkeys(PLACES, ()),
        county_states={},
        has_names=False,
    )


routes = [Route("/admin/exports", exports)]
