"""What a publication leaves behind besides the rows: what it was made of, for whom, and what it did to each view."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from psycopg import Cursor
from psycopg.types.json import Jsonb

from exchange.audit.log import os_user
from exchange.publishing import audience_state
from exchange.publishing.partitions import Change, columns_of

# how many publications keep their details: who read what, and what was done to it
KEPT = 1000

TABLES = """
    create table if not exists published.publication (
        publication_id bigint generated always as identity primary key,
        published_at timestamptz not null default clock_timestamp(),
        as_of timestamptz not null,
        refresh_id bigint not null,
        registry_digest text,
        file_ids bigint[] not null,
        changes jsonb not null,
        digests jsonb,
        kind text not null default 'refresh',
        back_to bigint,
        published_by text
    );
    create table if not exists published.publication_partner (
        publication_id bigint,
        partner_id text,
        audience_id int not null,
        changes_until int not null,
        retracted bigint not null,
        primary key (publication_id, partner_id)
    );
    comment on table published.publication_partner is
        'Grain: one row per publication + partner with views: its audience, the number of its newest publication in its'
        ' change feed, and how many rows this publication retracted there.';
    create table if not exists published.publication_relation (
        audience_id int,
        relation text,
        publication_id bigint,
        added bigint not null,
        removed bigint not null,
        row_count bigint not null,
        digest numeric not null,
        primary key (audience_id, relation, publication_id)
    );
    create index if not exists publication_relation_publication_id on published.publication_relation (publication_id);
    comment on table published.publication_relation is
        'Grain: one row per audience + relation + publication that changed it: what it did; rows and digest after it.'
        ' What a publication did not change is as the one before left it.';
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


@dataclass(frozen=True)
class Origin:
    """What a publication shows: the refresh it comes from, its "now", registry and files. back_to: of a rollback.

    kind: `protection` is what a refresh on hold may publish (exchange/publishing/protection.py).
    """

    as_of: datetime
    refresh_id: int
    registry_digest: str | None
    file_ids: list[int]
    back_to: int | None = None
    kind: Literal["refresh", "rollback", "protection"] = "refresh"


@dataclass(frozen=True)
class Deeds:
    """What a publication did. audience_of: partner -> audience; fresh: audiences of which nothing is recorded.

    retracted: audience -> rows that the change feed calls retracted.
    """

    audience_of: Mapping[str, int]
    changes: Mapping[str, Change]
    fresh: frozenset[int]
    retracted: Mapping[int, int]

    @property
    def changed(self) -> dict[str, tuple[int, int]]:
        return {name: (change.added, change.removed) for name, change in self.changes.items() if change.audiences}


def add_columns(cursor: Cursor[Any]) -> None:
    """What the table of an earlier version lacks. Looked up first: the statement would lock out `exchange status`."""
    if "published_by" not in {name for name, _ in columns_of(cursor, "published", "publication")}:
        cursor.execute(
            "alter table published.publication"
            " add column if not exists digests jsonb,"
            " add column if not exists kind text not null default 'refresh',"
            " add column if not exists back_to bigint,"
            " add column if not exists published_by text"
        )


def newest_refresh(cursor: Cursor[Any]) -> Origin:
    """What a publication of `sharing` shows."""
    row = cursor.execute(
        "select as_of, refresh_id, registry_digest,"
        " coalesce((select array_agg(file_id order by file_id) from raw.file where withdrawn_at is null), '{}')"
        " from raw.refresh order by refresh_id desc limit 1"
    ).fetchone()
    assert row is not None, "intake records a refresh before anything is published"
    return Origin(*row)


def carry_counts(cursor: Cursor[Any], former: Mapping[int, int]) -> None:
    """Let each new audience count publications on from where its former one stands: their partners go on reading."""
    cursor.execute(
        "insert into published.audience_change (audience_id, last_published_at, publication_count)"
        " select carried.audience_id, former.last_published_at, former.publication_count"
        " from unnest(%s::int[], %s::int[]) as carried (audience_id, former_id)"
        " inner join published.audience_change as former on carried.former_id = former.audience_id"
        " on conflict (audience_id) do update set last_published_at = excluded.last_published_at,"
        " publication_count = greatest(audience_change.publication_count, excluded.publication_count)",
        (list(former), list(former.values())),
    )


def count_for_audiences(cursor: Cursor[Any], audiences: set[int], as_of: datetime) -> dict[int, int]:
    """Count a publication for each of these audiences; its number in each."""
    rows = cursor.execute(
        "insert into published.audience_change (audience_id, last_published_at, publication_count)"
        " select unnest(%s::int[]), %s, 1"
        " on conflict (audience_id) do update set last_published_at = excluded.last_published_at,"
        " publication_count = audience_change.publication_count + 1"
        " returning audience_id, publication_count",
        (sorted(audiences), as_of),
    ).fetchall()
    return dict(rows)


def record(cursor: Cursor[Any], origin: Origin, deeds: Deeds) -> int:
    """Write the publication's row, and its details. Returns its number."""
    row = cursor.execute(
        "insert into published.publication (as_of, refresh_id, registry_digest, file_ids, changes, digests,"
        " kind, back_to, published_by) values (%s, %s, %s, %s, %s, %s, %s, %s, %s) returning publication_id",
        (
            origin.as_of,
            origin.refresh_id,
            origin.registry_digest,
            origin.file_ids,
            Jsonb({name: {"added": added, "removed": removed} for name, (added, removed) in deeds.changed.items()}),
            Jsonb(audience_state.digests(cursor)),
            origin.kind,
            origin.back_to,
            os_user(),
        ),
    ).fetchone()
    assert row is not None
    publication_id = int(row[0])
    _record_relations(cursor, publication_id, deeds)
    _record_partners(cursor, publication_id, deeds)
    _forget_old_details(cursor)
    return publication_id


def _record_relations(cursor: Cursor[Any], publication_id: int, deeds: Deeds) -> None:
    touched = [
        (audience, name, *rows) for name, change in deeds.changes.items() for audience, rows in change.rows.items()
    ]
    audiences, names, added, removed = (list(column) for column in zip(*touched, strict=True)) if touched else [[]] * 4
    cursor.execute(
        """
        insert into published.publication_relation
            (publication_id, audience_id, relation, added, removed, row_count, digest)
        select
            %(publication_id)s, state.audience_id, state.relation,
            coalesce(touched.added, 0), coalesce(touched.removed, 0), state.row_count, state.digest
        from published.audience_state as state
        left join unnest(%(audiences)s::int[], %(names)s::text[], %(added)s::bigint[], %(removed)s::bigint[])
            as touched (audience_id, relation, added, removed) using (audience_id, relation)
        where touched.relation is not null
            or state.audience_id = any(%(fresh)s::int[]) and state.relation not in ('', 'changes')
        """,
        {
            "publication_id": publication_id,
            "audiences": audiences,
            "names": names,
            "added": added,
            "removed": removed,
            "fresh": sorted(deeds.fresh),
        },
    )


def _record_partners(cursor: Cursor[Any], publication_id: int, deeds: Deeds) -> None:
    counts: dict[int, int] = dict(
        cursor.execute("select audience_id, publication_count from published.audience_change").fetchall()
    )
    cursor.executemany(
        "insert into published.publication_partner values (%s, %s, %s, %s, %s)",
        [
            (publication_id, partner, audience, counts.get(audience, 0), deeds.retracted.get(audience, 0))
            for partner, audience in sorted(deeds.audience_of.items())
        ],
    )


def _forget_old_details(cursor: Cursor[Any]) -> None:
    row = cursor.execute(
        "select publication_id from published.publication order by publication_id desc offset %s limit 1", (KEPT,)
    ).fetchone()
    if row is not None:
        cursor.execute("delete from published.publication_partner where publication_id <= %s", row)
        # what is left as it was long ago stays: it says how many rows there are
        cursor.execute(
            "delete from published.publication_relation as old where publication_id <= %(last)s and exists"
            " (select from published.publication_relation as newer where newer.audience_id = old.audience_id"
            " and newer.relation = old.relation and newer.publication_id > old.publication_id"
            " and newer.publication_id <= %(last)s)",
            {"last": row[0]},
        )
