"""One publication: the rows that changed, applied to everything partners read, in one transaction."""

from __future__ import annotations

from contextlib import suppress

from psycopg import Cursor, errors

from exchange.publishing import (
    acknowledgement,
    audience_state,
    change_feed,
    dictionary,
    doors,
    partitions,
    protection,
    recording,
    scope,
    undo_log,
)
from exchange.publishing.logins import keep_suspended_out
from exchange.publishing.recording import Deeds, Publication
from exchange.publishing.relations import CHANGES, FRESHNESS, RELATIONS, VIEWS, Relation
from exchange.publishing.transaction import only_publication
from exchange.settings import Settings
from exchange.warehouse.account_tables import create_account_tables
from exchange.warehouse.connection import connect
from exchange.warehouse.partner_roles import end_overdue_sessions


def publish(settings: Settings) -> Publication:
    """Bring `published` and every partner's views to the state of `sharing`. Readers see all of it or nothing.

    Runs after the gate (dbt tests, checks). Raises and changes nothing when any step fails. On hold since a rollback it
    publishes what protects persons (exchange/publishing/protection.py), and then raises HeldError.
    """
    with connect(settings, "admin", autocommit=True) as connection:
        end_overdue_sessions(connection)
        # doors and audit ask who has a login
        create_account_tables(connection)
        with doors.kept_shut(settings) as shut, only_publication(connection) as cursor:
            held = protection.publish_if_held(cursor, shut)
            publication, audiences = _publish(cursor, shut) if held is None else held.publication
        # who was suspended while this was published
        keep_suspended_out(connection)
        if held is not None:
            raise held.refusal
        # somebody may still read a retired partition: then the next publication drops it
        with suppress(errors.LockNotAvailable):
            partitions.drop_retired(connection, VIEWS, audiences)
    return publication


def _publish(cursor: Cursor, shut: doors.Shut) -> tuple[Publication, set[int]]:
    built = scope.read(cursor)
    origin = recording.newest_refresh(cursor)
    wanted = doors.doors(cursor)
    audience_of = {door.partner_id: door.audience_id for door in wanted}
    audiences = set(audience_of.values())
    former = change_feed.former_audiences(cursor, audience_of)
    log = undo_log.begin(cursor, audience_of)
    dictionary.refresh(cursor, [relation.name for relation in VIEWS])

    opened = audiences - partitions.partitions(cursor, CHANGES) - former.keys()
    _prepare(cursor, CHANGES, audiences, former, built)
    changes = {relation.name: _replace(cursor, relation, audiences, former, built, log) for relation in RELATIONS}
    changed_audiences = {audience for change in changes.values() for audience in change.audiences}
    changed_audiences |= _audiences_with_other_freshness(cursor)
    recording.carry_counts(cursor, former)
    numbers = recording.count_for_audiences(cursor, changed_audiences & audiences, origin.as_of)
    retracted = change_feed.record(cursor, numbers, opened, audiences)
    changes[FRESHNESS.name] = _replace(cursor, FRESHNESS, audiences, former, built, log)

    # what an earlier version of the exchange published is recorded whole, once
    fresh = frozenset(audiences) if log.cut == "start" else built.fresh & audiences
    deeds = Deeds(audience_of, changes, fresh, retracted)
    shut(doors.changing(cursor, wanted))
    doors.open_doors(cursor, wanted, meanings_changed="data_dictionary" in deeds.changed)
    retired = doors.close_retired_doors(cursor, wanted)
    is_new = bool(deeds.changed or retired or log.cut == "permissions" or _files_were_taken_back(cursor))
    change_feed.remember_doors(cursor, audience_of)
    audience_state.retire(cursor, audiences)
    scope.note_published(cursor)
    view_rows = audience_state.count_rows(cursor, audience_of)
    publication_id = recording.record(cursor, origin, deeds) if is_new else None
    acknowledgement.open_to(cursor, wanted, former, opened)
    undo_log.finish(cursor, log)
    return Publication(publication_id, deeds.changed, view_rows), audiences


def _replace(
    cursor: Cursor,
    relation: Relation,
    audiences: set[int],
    former: dict[int, int],
    built: scope.Scope,
    log: undo_log.UndoLog,
) -> partitions.Change:
    if _prepare(cursor, relation, audiences, former, built):
        # a table with other columns is filled anew: that changes no answer, so it is no news for the change feed, and
        # rows of the old columns cannot come back
        log.cut_here("columns")
        return partitions.apply(cursor, relation, audiences, built, log, is_news=False)
    return partitions.apply(cursor, relation, audiences, built, log, is_news=True)


def _prepare(
    cursor: Cursor, relation: Relation, audiences: set[int], former: dict[int, int], built: scope.Scope
) -> bool:
    partitions.stage(cursor, relation)
    is_new = partitions.ensure_table(cursor, relation)
    built.check(relation, audiences, partitions.partitions(cursor, relation))
    partitions.ensure_partitions(cursor, relation, audiences, former, built.fresh)
    return is_new


def _audiences_with_other_freshness(cursor: Cursor) -> set[int]:
    """Audiences whose freshness differs from the published one in anything but the publication time itself."""
    names = [name for name, _ in partitions.columns_of(cursor, "sharing", FRESHNESS.name)]
    if not {name for name, _ in partitions.columns_of(cursor, "published", FRESHNESS.name)}.issuperset(names):
        # the first publication, or one after a change of its columns
        return set()
    columns = ", ".join(names)
    rows = cursor.execute(
        f"select audience_id from (select {columns} from sharing.freshness"
        f" except select {columns} from published.freshness) as newer"
        f" union select audience_id from (select {columns} from published.freshness"
        f" except select {columns} from sharing.freshness) as older"
    ).fetchall()
    return {audience for (audience,) in rows}


def _files_were_taken_back(cursor: Cursor) -> bool:
    """Whether a file of the last publication was withdrawn since: its file_ids must not go on naming it."""
    row = cursor.execute(
        "select exists (select from raw.file where withdrawn_at is not null and file_id = any("
        "(select file_ids from published.publication order by publication_id desc limit 1)::bigint[]))"
    ).fetchone()
    return bool(row and row[0])
