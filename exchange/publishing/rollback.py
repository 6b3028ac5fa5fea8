"""Back to an earlier publication: partners see again what it showed, as a new publication; the next ones are on hold.

What never comes back: contributions withdrawn since, rows that permissions of today do not show, persons who are
protected now, and a person who asked not to be contacted as somebody who may be. Where that cannot be kept apart, the
rollback is refused (exchange/publishing/way_back.py).
"""

from __future__ import annotations

from exchange.audit.log import os_user, record
from exchange.publishing import audience_state, change_feed, hold, protection, recording, scope, undo_log, way_back
from exchange.publishing.recording import Deeds, Publication
from exchange.publishing.relations import FRESHNESS
from exchange.publishing.restoring import in_order, restore
from exchange.publishing.transaction import only_publication
from exchange.publishing.undo_log import UndoLog
from exchange.settings import Settings
from exchange.warehouse.connection import connect
from exchange.warehouse.run_lock import only_run


def roll_back(settings: Settings, publication_id: int) -> Publication:
    """Show every partner again what publication `publication_id` showed. Publications are on hold from then on.

    Suppressions stay as they are now, and those known since come. Raises ExchangeError, and changes nothing, if there
    is no way back to it; AlreadyRunningError during a refresh, which would publish on top of it what it began before.
    """
    with (
        only_run(settings),
        connect(settings, "admin", autocommit=True) as connection,
        only_publication(connection) as cursor,
    ):
        origin = way_back.target(cursor, publication_id, settings)
        audience_of: dict[str, int] = dict(
            cursor.execute("select partner_id, audience_id from published.door").fetchall()
        )
        audiences = set(audience_of.values())
        log = UndoLog(undo_log.newest_publication(cursor))
        changes = {relation.name: restore(cursor, relation, publication_id, log) for relation in in_order()}
        for name, change in protection.protect(cursor, audiences, log).items():
            changes[name] = protection.together(changes[name], change)
        numbers = recording.count_for_audiences(
            cursor, {audience for change in changes.values() for audience in change.audiences}, origin.as_of
        )
        retracted = change_feed.record(cursor, numbers, set(), audiences)
        changes[FRESHNESS.name] = restore(cursor, FRESHNESS, publication_id, log)
        deeds = Deeds(audience_of, changes, frozenset(), retracted)
        view_rows = audience_state.count_rows(cursor, audience_of)
        made = recording.record(cursor, origin, deeds)
        hold.begin(cursor, made, publication_id, os_user())
        undo_log.finish(cursor, log)
        record(connection, "publication_rolled_back", details={"back_to": publication_id, "publication_id": made})
    return Publication(made, deeds.changed, view_rows)


def resume(settings: Settings) -> hold.Hold | None:
    """Let publications go on; the next refresh computes and compares everything. Returns the hold, if there was one.

    Raises AlreadyRunningError during a refresh: what it builds follows a publication that partners no longer see.
    """
    with (
        only_run(settings),
        connect(settings, "admin", autocommit=True) as connection,
        only_publication(connection) as cursor,
    ):
        held = hold.current(connection)
        if held is not None:
            # what lies in `sharing` is what changed since publications that partners no longer see
            scope.forget_published(cursor)
            cursor.execute("delete from ops.unpublished_build")
            hold.end(cursor, os_user())
            told = {"back_to": held.back_to, "publication_id": held.publication_id}
            record(connection, "publication_resumed", details=told)
    return held
