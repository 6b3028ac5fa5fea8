"""Counts made before anybody asks: after a publication, for the partners whose people are about.

A first look at a million voters takes seconds, at ten millions longer than a click may: here nobody waits for it.
"""

from __future__ import annotations

import asyncio
import logging

import psycopg
from psycopg_pool import PoolTimeout
from starlette.applications import Starlette

from dashboard.database import AccessClosedError, Database, NothingPublishedError
from dashboard.explorer.inquiry import ask
from dashboard.figures.answers import read_answers
from dashboard.figures.kept import Figures
from dashboard.figures.reached import read_groups
from dashboard.viewer import Viewer

_LOG = logging.getLogger("dashboard")
# publications come by the hour; whoever clicks sooner makes the counts itself
_PAUSE_SECONDS = 30.0
# a working day: who was here this morning comes back after lunch
_ABOUT = "12 hours"

# role and version of what was counted
Warmed = dict[str, tuple[object, ...]]


async def keep_warm(app: Starlette) -> None:
    """Look for new publications until it is cancelled."""
    warmed: Warmed = {}
    while True:
        try:
            for viewer in await _about(app.state.database):
                await warm(app, viewer, warmed)
        except (psycopg.Error, PoolTimeout) as error:
            # the pages say what is wrong with the database, to whoever asks
            _LOG.warning("Counts could not be made ahead: %s", error)
        await asyncio.sleep(_PAUSE_SECONDS)


async def warm(app: Starlette, viewer: Viewer, warmed: Warmed) -> None:
    """Count what the first pages show, unless that was done for this publication."""
    assert viewer.role is not None, "only of partners with views"
    try:
        async with ask(app, viewer, [], is_patient=True) as question:
            if warmed.get(viewer.role) == question.reader.version.key:
                return
            await question.cube()
            figures = Figures(viewer, question.reader, question.cache, question.words)
            await read_groups(figures)
            await read_answers(figures)
            warmed[viewer.role] = question.reader.version.key
    except (AccessClosedError, NothingPublishedError):
        # nobody gets in either
        warmed.pop(viewer.role, None)


async def _about(database: Database) -> list[Viewer]:
    """One viewer for each partner whose people, or operators on its pages, were here lately."""
    async with database.as_keeper() as reader:
        if not await reader.value("select to_regclass('published.change_feed') is not null"):
            return []
        rows = await reader.rows(
            """
            select distinct on (feed.partner_id) account.user_id, account.email, feed.partner_id, feed.role_name
            from dashboard.session
            inner join accounts.user_account as account using (user_id)
            inner join published.change_feed as feed
                on feed.partner_id = coalesce(account.partner_id, session.acting_partner_id)
            where session.last_seen_at > now() - %s::interval and session.expires_at > now()
            order by feed.partner_id, session.last_seen_at desc
            """,
            [_ABOUT],
        )
    return [
        Viewer(row["user_id"], row["email"], row["partner_id"], None, row["role_name"], is_operator=False)
        for row in rows
    ]
