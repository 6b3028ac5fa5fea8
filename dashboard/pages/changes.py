"""Changes: which rows each publication added, changed or retracted, and the word that what was retracted is deleted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from psycopg import errors
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from dashboard import change_feed
from dashboard.change_feed import CHANGES, NUMBERS, RELATIONS
from dashboard.database import Database
from dashboard.keyset import PAGE_SIZE, place
from dashboard.pages.partner_only import partner_only
from dashboard.rendering import page
from dashboard.viewer import Viewer
from dashboard.vocabulary import Vocabulary, vocabulary

# numbers are those of an integer
LARGEST = 2**31 - 1


@partner_only
async def changes(request: Request) -> Response:
    """Publications, newest first; `before` is the number that the page begins below."""
    database: Database = request.app.state.database
    viewer: Viewer = request.state.viewer
    if unknown := set(request.query_params) - {"before", "done"}:
        raise HTTPException(400, f"There is no filter “{min(unknown)[:40]}”.")
    below = _number(request.query_params["before"], 400) if "before" in request.query_params else None
    async with database.as_keeper() as keeper:
        said = await change_feed.acknowledged(keeper, viewer)
        dates = await change_feed.published(keeper, viewer, 0, LARGEST)
    async with database.as_partner(viewer) as reader:
        version = reader.version
        newest = version.publication_count if below is None else min(below - 1, version.publication_count)
        span = await change_feed.span(reader)
        # only publications that changed rows of persons are told; an empty stretch of numbers is skipped
        upto = newest if span is None else min(newest, span[1])
        counts = await change_feed.counts(reader, upto - NUMBERS, upto)
        owed = await change_feed.retracted_after(reader, said.done)
    context = {
        "publications": [
            {"number": number, "counts": each, "when": dates.get(number)} for number, each in counts.items()
        ],
        "relations": RELATIONS,
        "changes": CHANGES,
        "newest": version.publication_count,
        "newest_when": dates.get(version.publication_count),
        "said": said,
        "owed": owed,
        "has_any": span is not None,
        "older": upto - NUMBERS + 1 if span is not None and span[0] <= upto - NUMBERS else None,
        "newer": below is not None,
    }
    return page(request, "pages/changes.html", context, version=version)


@partner_only
async def publication(request: Request) -> Response:
    """The rows of one publication; relation and change narrow them."""
    database: Database = request.app.state.database
    viewer: Viewer = request.state.viewer
    number = _number(request.path_params["number"], 404)
    chosen = _chosen(request)
    where = place(request, f"changes of {number}")
    words = await vocabulary(request)
    async with database.as_keeper() as keeper:
        dates = await change_feed.published(keeper, viewer, number - 1, number)
    async with database.as_partner(viewer) as reader:
        version = reader.version
        counts = (await change_feed.counts(reader, number - 1, number)).get(number)
        if counts is None:
            raise HTTPException(404, f"Publication {number} changed no row of a person that you see, or is long ago.")
        listed = await change_feed.page_of_changes(reader, number, chosen, where)
        found = await change_feed.read_now(reader, listed.rows)
    context = {
        "number": number,
        "when": dates.get(number),
        "counts": counts,
        "relations": RELATIONS,
        "changes": CHANGES,
        "chosen": chosen,
        "matching": sum(
            rows
            for relation, of_relation in counts.items()
            for change, rows in of_relation.items()
            if chosen.get("relation", relation) == relation and chosen.get("change", change) == change
        ),
        "rows": [
            _shown(row, words, found.get((row["relation"], row["person_id"], row["record_key"]))) for row in listed.rows
        ],
        "previous": _link(number, chosen, "before", listed.before),
        "next": _link(number, chosen, "after", listed.after),
    }
    return page(request, "pages/publication.html", context, version=version)


@partner_only
async def acknowledge(request: Request) -> Response:
    """The partner says that it deleted what was retracted up to a publication. Nobody says it for another."""
    viewer: Viewer = request.state.viewer
    if viewer.is_operator:
        raise HTTPException(403, "Only the partner itself can say that it deleted retracted rows.")
    number = _number(str((await request.form()).get("publication_id", "")), 400)
    database: Database = request.app.state.database
    try:
        async with database.as_partner(viewer, read_only=False) as reader:
            await reader.value("select acknowledge_changes(%s)", [number])
    except errors.InvalidParameterValue as error:
        raise HTTPException(400, f"There is no publication {number} to acknowledge.") from error
    return RedirectResponse("/changes?done=acknowledged", 303)


def _shown(row: Mapping[str, Any], words: Vocabulary, now: dict[str, Any] | None) -> dict[str, Any]:
    """now: the row as it is read now; a retracted one that came back later is told as what it was."""
    if row["change"] == "retracted":
        now = None
    if now is not None and row["relation"] == "contacts":
        now = {**now, "said": words.contact_results.get(now["said"], now["said"])}
    return {
        **row,
        "view": RELATIONS.get(row["relation"], row["relation"]),
        "what": change_feed.in_words(row, words, now),
        "now": now,
    }


def _number(text: str, status: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 10 and 0 < int(text) <= LARGEST):
        raise HTTPException(status, f"“{text[:20]}” is no number of a publication.")
    return int(text)


def _chosen(request: Request) -> dict[str, str]:
    known = {"relation": RELATIONS, "change": CHANGES}
    found: dict[str, str] = {}
    for name, value in request.query_params.multi_items():
        if name in ("after", "before"):
            continue
        if name not in known or (value and value not in known[name]) or name in found:
            raise HTTPException(400, f"There is no filter “{name[:40]}” with “{value[:40]}”.")
        if value:
            found[name] = value
    return found


def _link(number: int, chosen: dict[str, str], direction: str, cursor: str | None) -> dict[str, Any] | None:
    if cursor is None:
        return None
    return {
        "href": f"/changes/{number}?{urlencode({**chosen, direction: cursor})}",
        "label": f"{'Next' if direction == 'after' else 'Previous'} {PAGE_SIZE}",
    }


routes = [
    Route("/changes", changes),
    Route("/changes/acknowledge", acknowledge, methods=["POST"]),
    Route("/changes/{number}", publication),
]
