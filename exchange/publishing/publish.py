"""One publication: the rows that changed, applied to everything partners read, in one transaction."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field

from psycopg import Cursor, IsolationLevel, errors
from psycopg.types.json import Jsonb

from exchange.publishing import dictionary, doors, partitions
from exchange.publishing.relations import FRESHNESS, RELATIONS, Relation
from exchange.settings import Settings
from exchange.warehouse.connection import connect
from exchange.warehouse.partner_roles import end_sessions

# Any number: publications of one warehouse wait for each other.
_PUBLISH_LOCK = 7_203_481

_TABLES = """
    create table if not exists published.publication (
        publication_id bigint generated always as identity primary key,
        published_at timestamptz not null default clock_timestamp(),
        as_of timestamptz not null,
        refresh_id bigint not null,
        registry_digest text,
        file_ids bigint[] not null,
        changes jsonb not null
    );
    create table if not exists published.audience_change (
        audience_id int primary key,
        last_published_at timestamptz not null
    );
    create table if not exists published.view_rows (
        partner_id text,
        view_name text,
        row_count bigint not null,
        primary key (partner_id, view_name)
    );
"""


@dataclass(frozen=True)
class Publication:
    """What a publication did. `publication_id` is None when nothing a partner reads has changed.

    changed: relation -> (rows added, rows removed), over all audiences. view_rows: partner -> view -> rows.
    """

    publication_id: int | None
    changed: dict[str, tuple[int, int]] = field(default_factory=dict)
    view_rows: dict[str, dict[str, int]] = field(default_factory=dict)


def publish(settings: Settings) -> Publication:
    """Bring `published` and every partner's views to the state of `sharing`. Readers see all of it or nothing.

    Runs after the gate (dbt tests, checks). Raises and changes nothing when any step fails.
    """
    with connect(settings, "admin", autocommit=True) as connection:
        # before the transaction, whose picture of the data must not be older than the publication it waited for
        connection.execute("select pg_advisory_lock(%s)", (_PUBLISH_LOCK,))
        # one picture of `sharing`, even if somebody rebuilds a model by hand meanwhile
        connection.isolation_level = IsolationLevel.REPEATABLE_READ
        with connection.transaction(), connection.cursor() as cursor:
            publication, audiences, retired_roles = _publish(cursor)
        for role in retired_roles:
            # a login that slipped in before the commit
            end_sessions(connection, role)
        # somebody may still read a retired partition: then the next publication drops it
        with suppress(errors.LockNotAvailable):
            partitions.drop_retired(connection, (*RELATIONS, FRESHNESS), audiences)
    return publication


def _publish(cursor: Cursor) -> tuple[Publication, set[int], list[str]]:
    # digests are taken over the rows' text, which must not depend on the server's settings
    cursor.execute("set local timezone = 'UTC'; set local datestyle = 'ISO, MDY'; set local lock_timeout = '30s'")
    cursor.execute(_TABLES)
    wanted = doors.doors(cursor)
    audiences = {door.audience_id for door in wanted}
    dictionary.refresh(cursor, [relation.name for relation in (*RELATIONS, FRESHNESS)])

    changes = {relation.name: _replace(cursor, relation, audiences) for relation in RELATIONS}
    changed_audiences = {audience for change in changes.values() for audience in change.audiences}
    changed_audiences |= _audiences_with_other_freshness(cursor)
    _record_audience_change(cursor, changed_audiences)
    changes[FRESHNESS.name] = _replace(cursor, FRESHNESS, audiences)

    changed = {name: (change.added, change.removed) for name, change in changes.items() if change.audiences}
    doors.open_doors(cursor, wanted, meanings_changed="data_dictionary" in changed)
    retired = doors.close_retired_doors(cursor, wanted)
    view_rows = _count_rows(cursor, wanted)
    publication_id = _record_publication(cursor, changed) if changed or retired else None
    return Publication(publication_id, changed, view_rows), audiences, retired


def _replace(cursor: Cursor, relation: Relation, audiences: set[int]) -> partitions.Change:
    partitions.stage(cursor, relation)
    partitions.ensure_table(cursor, relation)
    partitions.ensure_partitions(cursor, relation, audiences)
    return partitions.apply(cursor, relation, audiences)


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


def _record_audience_change(cursor: Cursor, audiences: set[int]) -> None:
    cursor.execute(
        "insert into published.audience_change select audience_id, today.as_of"
        " from unnest(%s::int[]) as audience_id, sharing.today"
        " on conflict (audience_id) do update set last_published_at = excluded.last_published_at",
        (sorted(audiences),),
    )


def _record_publication(cursor: Cursor, changed: dict[str, tuple[int, int]]) -> int:
    row = cursor.execute(
        "insert into published.publication (as_of, refresh_id, registry_digest, file_ids, changes)"
        " select as_of, refresh_id, registry_digest,"
        " coalesce((select array_agg(file_id order by file_id) from raw.file), '{}'), %s"
        " from raw.refresh order by refresh_id desc limit 1 returning publication_id",
        (Jsonb({name: {"added": added, "removed": removed} for name, (added, removed) in changed.items()}),),
    ).fetchone()
    assert row is not None, "intake records a refresh before anything is published"
    return int(row[0])


def _count_rows(cursor: Cursor, wanted: list[doors.Door]) -> dict[str, dict[str, int]]:
    """Rows of each partner's views; also kept in published.view_rows for `exchange status`."""
    counts: dict[tuple[str, int], int] = {}
    for relation in (*RELATIONS, FRESHNESS):
        rows = cursor.execute(f"select audience_id, count(*) from published.{relation.name} group by audience_id")
        counts |= {(relation.name, audience): count for audience, count in rows}
    view_rows = {
        door.partner_id: {
            relation.name: counts.get((relation.name, door.audience_id), 0) for relation in (*RELATIONS, FRESHNESS)
        }
        for door in wanted
    }
    cursor.execute("delete from published.view_rows")
    cursor.executemany(
        "insert into published.view_rows values (%s, %s, %s)",
        [(partner, view, count) for partner, views in view_rows.items() for view, count in views.items()],
    )
    return view_rows
