"""One publication: the rows that changed, applied to everything partners read, in one transaction."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field

from psycopg import Cursor, IsolationLevel, errors
from psycopg.types.json import Jsonb

from exchange.publishing import audience_state, change_feed, dictionary, doors, partitions, scope
from exchange.publishing.relations import CHANGES, FRESHNESS, RELATIONS, VIEWS, Relation
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
        changes jsonb not null,
        digests jsonb
    );
    alter table published.publication add column if not exists digests jsonb;
    create table if not exists published.audience_change (
        audience_id int primary key,
        last_published_at timestamptz not null,
        publication_count int not null
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
    """What a publication did. `publication_id` is None when nothing a partner reads has changed and no file left.

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
            partitions.drop_retired(connection, VIEWS, audiences)
    return publication


def _publish(cursor: Cursor) -> tuple[Publication, set[int], list[str]]:
    # digests are taken over the rows' text, which must not depend on the server's settings
    cursor.execute("set local timezone = 'UTC'; set local datestyle = 'ISO, MDY'; set local lock_timeout = '30s'")
    cursor.execute(_TABLES + scope.TABLES + audience_state.TABLES)
    change_feed.begin(cursor)
    built = scope.read(cursor)
    wanted = doors.doors(cursor)
    audience_of = {door.partner_id: door.audience_id for door in wanted}
    audiences = set(audience_of.values())
    former = change_feed.former_audiences(cursor, audience_of)
    dictionary.refresh(cursor, [relation.name for relation in VIEWS])

    opened = audiences - partitions.partitions(cursor, CHANGES) - former.keys()
    _prepare(cursor, CHANGES, audiences, former, built)
    changes = {relation.name: _replace(cursor, relation, audiences, former, built) for relation in RELATIONS}
    changed_audiences = {audience for change in changes.values() for audience in change.audiences}
    changed_audiences |= _audiences_with_other_freshness(cursor)
    numbers = _record_audience_change(cursor, changed_audiences & audiences, former)
    change_feed.record(cursor, numbers, opened)
    changes[FRESHNESS.name] = _replace(cursor, FRESHNESS, audiences, former, built)

    changed = {name: (change.added, change.removed) for name, change in changes.items() if change.audiences}
    doors.open_doors(cursor, wanted, meanings_changed="data_dictionary" in changed)
    retired = doors.close_retired_doors(cursor, wanted)
    change_feed.remember_doors(cursor, audience_of)
    audience_state.retire(cursor, audiences)
    scope.note_published(cursor)
    view_rows = _count_rows(cursor, wanted)
    is_new = bool(changed or retired or _files_were_taken_back(cursor))
    publication_id = _record_publication(cursor, changed) if is_new else None
    return Publication(publication_id, changed, view_rows), audiences, retired


def _replace(
    cursor: Cursor, relation: Relation, audiences: set[int], former: dict[int, int], built: scope.Scope
) -> partitions.Change:
    is_new = _prepare(cursor, relation, audiences, former, built)
    # a table with other columns is filled anew: that changes no answer, so it is no news for the change feed
    return partitions.apply(cursor, relation, audiences, built, is_news=not is_new)


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


def _record_audience_change(cursor: Cursor, audiences: set[int], former: dict[int, int]) -> dict[int, int]:
    """Count a publication for each of these audiences; its number in each. A new one goes on where its former ended."""
    rows = cursor.execute(
        "insert into published.audience_change"
        " select changed.audience_id, today.as_of, coalesce(former.publication_count, 0) + 1"
        " from unnest(%(audiences)s::int[], %(former)s::int[]) as changed (audience_id, former_id)"
        " cross join sharing.today"
        " left join published.audience_change as former on changed.former_id = former.audience_id"
        " on conflict (audience_id) do update set last_published_at = excluded.last_published_at,"
        " publication_count = audience_change.publication_count + 1"
        " returning audience_id, publication_count",
        {"audiences": sorted(audiences), "former": [former.get(audience) for audience in sorted(audiences)]},
    ).fetchall()
    return dict(rows)


def _files_were_taken_back(cursor: Cursor) -> bool:
    """Whether a file of the last publication was withdrawn since: its file_ids must not go on naming it."""
    row = cursor.execute(
        "select exists (select from raw.file where withdrawn_at is not null and file_id = any("
        "(select file_ids from published.publication order by publication_id desc limit 1)::bigint[]))"
    ).fetchone()
    return bool(row and row[0])


def _record_publication(cursor: Cursor, changed: dict[str, tuple[int, int]]) -> int:
    row = cursor.execute(
        "insert into published.publication (as_of, refresh_id, registry_digest, file_ids, changes, digests)"
        " select as_of, refresh_id, registry_digest,"
        " coalesce((select array_agg(file_id order by file_id) from raw.file where withdrawn_at is null), '{}'), %s, %s"
        " from raw.refresh order by refresh_id desc limit 1 returning publication_id",
        (
            Jsonb({name: {"added": added, "removed": removed} for name, (added, removed) in changed.items()}),
            Jsonb(audience_state.digests(cursor)),
        ),
    ).fetchone()
    assert row is not None, "intake records a refresh before anything is published"
    return int(row[0])


def _count_rows(cursor: Cursor, wanted: list[doors.Door]) -> dict[str, dict[str, int]]:
    """Rows of each partner's views; also kept in published.view_rows for `exchange status`."""
    counts = audience_state.row_counts(cursor)
    rows = cursor.execute(f"select audience_id, count(*) from published.{CHANGES.name} group by audience_id")
    counts |= {(CHANGES.name, audience): count for audience, count in rows}
    view_rows = {
        door.partner_id: {relation.name: counts.get((relation.name, door.audience_id), 0) for relation in VIEWS}
        for door in wanted
    }
    cursor.execute("delete from published.view_rows")
    cursor.executemany(
        "insert into published.view_rows values (%s, %s, %s)",
        [(partner, view, count) for partner, views in view_rows.items() for view, count in views.items()],
    )
    return view_rows
