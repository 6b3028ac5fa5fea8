"""Operators' first page: every partner, whether it gets in and what it was shown last; and what needs somebody."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dashboard.database import Database, Reader
from dashboard.pages.admin_frame import admin_page, is_refreshed, not_refreshed, operator

# as `exchange status` counts (exchange/cli/publication.py)
OVERDUE_AFTER = timedelta(days=7)


async def overview(request: Request) -> Response:
    viewer = operator(request)
    database: Database = request.app.state.database
    async with database.as_operator(viewer) as reader:
        if not await is_refreshed(reader):
            return not_refreshed(request, "Partners")
        context = {
            "title": "Partners",
            "partners": await _partners(reader, request.app.state.settings.now()),
            "work": await _work(reader),
            "held": await current_hold(reader),
        }
    return admin_page(request, "partners", context)


async def current_hold(reader: Reader) -> dict[str, Any] | None:
    """The rollback that keeps publications back, if there is one."""
    return await reader.row(
        """
        select publication_id, back_to, held_at, held_by from published.hold
        where resumed_at is null
        order by publication_id desc
        limit 1
        """
    )


async def _work(reader: Reader) -> dict[str, Any]:
    """What waits for a person."""
    found = await reader.row(
        """
        select
            (select count(*) from ops.ops_feed_status where not is_on_time) as late_feeds,
            (select count(*) from ops.ops_feed_status) as feeds,
            (select count(*) from ops.ops_refused_files) as refused_files,
            (select count(*) from ops.ops_match_review_queue) as in_review,
            (select count(*) from ops.ops_unmapped_answers) as unmapped_answers,
            newest.publication_id,
            newest.published_at,
            newest.as_of
        from (select 1) as one
        left join lateral (
            select publication_id, published_at, as_of from published.publication order by publication_id desc limit 1
        ) as newest on true
        """
    )
    assert found is not None
    return found


async def _partners(reader: Reader, now: Any) -> list[dict[str, Any]]:
    """Grain: one per partner of the registry.

    last_published_at: when what it reads changed last. overdue_since: since when it should have acknowledged a
    retraction. is_open: its pages can be looked at.
    """
    return await reader.rows(
        """
        with
        owed as (
            select feed.partner_id, min(publication.as_of) + %(allowed)s as overdue_since
            from published.change_feed as feed
            inner join published.publication_partner as told on feed.partner_id = told.partner_id
            inner join published.publication on told.publication_id = publication.publication_id
            where told.retracted > 0
                -- with the publication that began the feed the partner read everything anew
                and told.publication_id > feed.began_with
                and told.changes_until > coalesce(
                    (
                        select max(said.publication_id) from published.acknowledgement as said
                        where said.role_name = feed.role_name and said.began_with = feed.began_with
                    ),
                    0
                )
            group by feed.partner_id
        ),

        people as (
            select partner_id, count(*) filter (where not is_disabled) as people
            from accounts.user_account
            group by partner_id
        )

        select
            partners.partner_id,
            partners.partner_name,
            partners.side,
            partners.states,
            partners.is_active,
            login.password_set_at,
            login.suspended_at,
            changed.last_published_at,
            changed.publication_count,
            coalesce(people.people, 0) as people,
            case when owed.overdue_since <= %(now)s then owed.overdue_since end as overdue_since,
            feed.partner_id is not null and login.suspended_at is null as is_open
        from registry.partners
        left join accounts.partner_login as login on partners.partner_id = login.partner_id
        left join published.change_feed as feed on partners.partner_id = feed.partner_id
        left join published.audience_change as changed on feed.audience_id = changed.audience_id
        left join people on partners.partner_id = people.partner_id
        left join owed on partners.partner_id = owed.partner_id
        where partners.partner_id <> 'exchange'
        order by partners.partner_name
        """,
        {"allowed": OVERDUE_AFTER, "now": now},
    )


routes = [Route("/admin", overview)]
