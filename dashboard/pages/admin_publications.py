"""What was published: each publication, what it was made of and what it did to every partner's views."""

from __future__ import annotations

from http import HTTPStatus
from itertools import groupby
from typing import Any

from psycopg import sql
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dashboard.database import Database, Reader
from dashboard.keyset import PAGE_SIZE, Sorting, place, read_page
from dashboard.pages.admin import current_hold
from dashboard.pages.admin_frame import admin_page, is_refreshed, not_refreshed, operator

# the same facts as `exchange publication list` (exchange/publishing/history.py)
_PUBLICATIONS = sql.SQL(
    """
    select
        publication.publication_id,
        publication.published_at,
        publication.as_of,
        publication.kind,
        publication.back_to,
        publication.refresh_id,
        publication.published_by,
        cardinality(publication.file_ids) as files,
        (
            select count(*) from published.publication_partner as reader
            where reader.publication_id = publication.publication_id
        ) as partners,
        done.added,
        done.removed,
        publication.publication_id >= floor.publication_id
            and publication.publication_id < (select max(publication_id) from published.publication) as can_go_back
    from published.publication
    cross join published.undo_floor as floor
    cross join lateral (
        select
            coalesce(sum((value ->> 'added')::bigint), 0)::bigint as added,
            coalesce(sum((value ->> 'removed')::bigint), 0)::bigint as removed
        from jsonb_each(publication.changes)
    ) as done
    """
)
_NEWEST_FIRST = Sorting((("publication_id", "bigint"),), is_descending=True)


async def publications(request: Request) -> Response:
    viewer = operator(request)
    database: Database = request.app.state.database
    where = place(request, "publications")
    async with database.as_operator(viewer) as reader:
        if not await is_refreshed(reader):
            return not_refreshed(request, "Publications")
        context = {
            "title": "Publications",
            "listed": await read_page(reader, _PUBLICATIONS, [], _NEWEST_FIRST, where),
            "page_size": PAGE_SIZE,
            "held": await current_hold(reader),
        }
    return admin_page(request, "publications", context)


async def publication(request: Request) -> Response:
    viewer = operator(request)
    database: Database = request.app.state.database
    number = request.path_params["number"]
    async with database.as_operator(viewer) as reader:
        found = None
        if await is_refreshed(reader) and number < 2**63:
            query = sql.SQL("{} where publication.publication_id = %s").format(_PUBLICATIONS)
            found = await reader.row(query, [number])
        if found is None:
            raise HTTPException(HTTPStatus.NOT_FOUND, "There is no publication of this number.")
        context = {"title": f"Publication {number}", "publication": found, "partners": await _views(reader, number)}
    return admin_page(request, "publication", context)


async def _views(reader: Reader, number: int) -> list[dict[str, Any]]:
    """Grain: one per partner that had views then; views: only those that the publication changed."""
    rows = await reader.rows(
        """
        select
            shown.partner_id,
            coalesce(partners.partner_name, shown.partner_id) as partner_name,
            done.relation,
            done.added,
            done.removed,
            done.row_count
        from published.publication_partner as shown
        left join registry.partners on shown.partner_id = partners.partner_id
        left join published.publication_relation as done
            on shown.audience_id = done.audience_id
            and shown.publication_id = done.publication_id
            and (done.added > 0 or done.removed > 0)
        where shown.publication_id = %s
        order by partner_name, shown.partner_id, done.relation
        """,
        [number],
    )
    return [
        {"partner_id": partner_id, "partner_name": name, "views": [row for row in views if row["relation"]]}
        for (partner_id, name), views in groupby(rows, lambda row: (row["partner_id"], row["partner_name"]))
    ]


routes = [Route("/admin/publications", publications), Route("/admin/publications/{number:int}", publication)]
