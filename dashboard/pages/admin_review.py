"""People whom matching could not decide about. No names: those are in the file that `exchange review export` writes."""

from __future__ import annotations

from psycopg import sql
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dashboard.database import Database
from dashboard.keyset import PAGE_SIZE, Sorting, place, read_page
from dashboard.pages.admin_frame import admin_page, is_refreshed, not_refreshed, operator

_QUEUE = sql.SQL(
    """
    select
        queue_position, partner_id, feed_id, identity_key, line_count, why, posterior, threshold,
        candidate_state, candidate_state_voter_id, runner_up_state, runner_up_state_voter_id, runner_up_posterior
    from ops.ops_match_review_queue
    """
)
_LIKELIEST_FIRST = Sorting((("queue_position", "int"),))


async def review(request: Request) -> Response:
    viewer = operator(request)
    database: Database = request.app.state.database
    where = place(request, "review")
    async with database.as_operator(viewer) as reader:
        if not await is_refreshed(reader):
            return not_refreshed(request, "Review")
        context = {
            "title": "Review",
            "listed": await read_page(reader, _QUEUE, [], _LIKELIEST_FIRST, where),
            "page_size": PAGE_SIZE,
            "feeds": await reader.rows(
                """
                select feed_id, partner_id, count(*) as people, sum(line_count)::bigint as lines
                from ops.ops_match_review_queue
                group by feed_id, partner_id
                order by people desc, feed_id
                """
            ),
        }
    return admin_page(request, "review", context)


routes = [Route("/admin/review", review)]
