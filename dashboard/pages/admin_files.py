"""Feeds and files: who delivers on time, which files were refused and why, where each feed's records are."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dashboard.database import Database
from dashboard.pages.admin_frame import admin_page, is_refreshed, not_refreshed, operator

# more than anybody mends in a day; `exchange status` counts all
REFUSED_SHOWN = 200


async def files(request: Request) -> Response:
    viewer = operator(request)
    database: Database = request.app.state.database
    async with database.as_operator(viewer) as reader:
        if not await is_refreshed(reader):
            return not_refreshed(request, "Files")
        refused = await reader.rows(
            """
            select feed_id, partner_id, file_name, first_refused_at, line_number, problem, what_to_do
            from ops.ops_refused_files
            order by first_refused_at desc, feed_id, file_name
            limit %s
            """,
            [REFUSED_SHOWN + 1],
        )
        feeds = await reader.rows(
            """
            select
                status.feed_id,
                status.partner_id,
                status.file_format,
                status.file_count,
                status.last_file_at,
                extract(epoch from %(now)s - status.last_file_at)::float8 / 3600 as hours,
                status.expected_every_hours::float8 as expected_every_hours,
                status.is_on_time,
                coalesce(sum(file.records), 0)::bigint as records,
                coalesce(sum(file.rejected), 0)::bigint as rejected,
                coalesce(sum(file.quarantined), 0)::bigint as quarantined,
                coalesce(sum(file.matched), 0)::bigint as matched,
                coalesce(sum(file.unmatched), 0)::bigint as unmatched,
                coalesce(sum(file.missing_row_count), 0)::bigint as missing
            from ops.ops_feed_status as status
            left join ops.ops_row_reconciliation as file
                on status.feed_id = file.feed_id and file.withdrawn_at is null
            group by
                status.feed_id, status.partner_id, status.file_format, status.file_count, status.last_file_at,
                status.expected_every_hours, status.is_on_time
            order by status.is_on_time is distinct from false, status.partner_id, status.feed_id
            """,
            {"now": request.app.state.settings.now()},
        )
    context = {
        "title": "Files",
        "feeds": feeds,
        "refused": refused[:REFUSED_SHOWN],
        "has_more": len(refused) > REFUSED_SHOWN,
    }
    return admin_page(request, "files", context)


routes = [Route("/admin/files", files)]
