"""How many rows each audience's part of a relation has, and their digest: kept by what a publication adds and removes.

Counting or hashing the partitions themselves would read all that is published in every publication.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from psycopg import Cursor, sql

from exchange.publishing.relations import CHANGES, VIEWS, Relation

# number of rows, sum of their digests
Rows = tuple[int, Decimal]

TABLES = """
    create table if not exists published.audience_state (
        audience_id int,
        relation text,
        row_count bigint not null,
        digest numeric not null,
        primary key (audience_id, relation)
    );
    comment on table published.audience_state is
        'Grain: one row per audience + relation. digest: the sum of 60 bits of the digest of each row, so that equal'
        ' rows in any order have an equal digest.';
    -- dbt asks who is new
    grant select on published.audience_state to exchange_dbt;
"""

# over rows with a _row_digest
DIGEST = sql.SQL("sum(('x' || left(replace(_row_digest::text, '-', ''), 15))::bit(60)::bigint)")


def add(cursor: Cursor, relation: Relation, added: dict[int, Rows], removed: dict[int, Rows]) -> None:
    """Note what a publication did to a relation: audience -> rows."""
    nothing = (0, Decimal(0))
    cursor.executemany(
        "insert into published.audience_state values (%s, %s, %s, %s) on conflict (audience_id, relation) do update set"
        " row_count = audience_state.row_count + excluded.row_count, digest = audience_state.digest + excluded.digest",
        [
            (audience, relation.name, plus[0] - minus[0], plus[1] - minus[1])
            for audience in sorted(added.keys() | removed.keys())
            for plus, minus in [(added.get(audience, nothing), removed.get(audience, nothing))]
        ],
    )


def recount(cursor: Cursor, relation: Relation, audience: int, partition: sql.Identifier) -> None:
    """Read the audience's partition, which was not filled by publications that noted what they did."""
    cursor.execute(
        sql.SQL(
            "insert into published.audience_state select {}, {}, count(*), coalesce({}, 0) from {}"
            " on conflict (audience_id, relation) do update"
            " set row_count = excluded.row_count, digest = excluded.digest"
        ).format(sql.Literal(audience), sql.Literal(relation.name), DIGEST, partition)
    )


def count_changes(
    cursor: Cursor, added: dict[int, int], removed: dict[int, int], partitions: dict[int, sql.Identifier]
) -> None:
    """Note how the change feed grew and shrank: audience -> rows. Its rows have no digest.

    partitions: of every audience. One of which nothing is noted yet is read.
    """
    known = {audience for name, audience in row_counts(cursor) if name == CHANGES.name}
    for audience in sorted(partitions.keys() - known):
        cursor.execute(
            sql.SQL("insert into published.audience_state select {}, {}, count(*), 0 from {}").format(
                sql.Literal(audience), sql.Literal(CHANGES.name), partitions[audience]
            )
        )
    cursor.executemany(
        "update published.audience_state set row_count = row_count + %s where audience_id = %s and relation = %s",
        [
            (added.get(audience, 0) - removed.get(audience, 0), audience, CHANGES.name)
            for audience in sorted((added.keys() | removed.keys()) & known)
        ],
    )


def forget(cursor: Cursor, relation: Relation) -> None:
    """The relation's table is new and empty."""
    cursor.execute("delete from published.audience_state where relation = %s", (relation.name,))


def retire(cursor: Cursor, audiences: set[int]) -> None:
    """Keep only these audiences; each of them from now on counts as published, also one that has no rows."""
    cursor.execute("delete from published.audience_state where audience_id <> all(%s)", (sorted(audiences),))
    # one that comes back later goes on from what its partners read in between
    cursor.execute("delete from published.audience_change where audience_id <> all(%s)", (sorted(audiences),))
    cursor.execute(
        "insert into published.audience_state select unnest(%s::int[]), '', 0, 0 on conflict do nothing",
        (sorted(audiences),),
    )


def row_counts(cursor: Cursor) -> dict[tuple[str, int], int]:
    """(relation, audience) -> rows."""
    rows = cursor.execute("select relation, audience_id, row_count from published.audience_state").fetchall()
    return {(relation, audience): count for relation, audience, count in rows}


def digests(cursor: Cursor) -> dict[str, str]:
    """relation -> digest of all audiences' rows: two publications that show everybody the same have the same.

    The change feed has none: it tells how partners came there.
    """
    rows = cursor.execute(
        "select relation, md5(string_agg(concat_ws(' ', audience_id, row_count, digest), ',' order by audience_id))"
        " from published.audience_state where relation not in ('', %s) group by relation",
        (CHANGES.name,),
    ).fetchall()
    return dict(rows)


def count_rows(cursor: Cursor, audience_of: Mapping[str, int]) -> dict[str, dict[str, int]]:
    """Rows of each partner's views; also kept in published.view_rows for `exchange status`."""
    counts = row_counts(cursor)
    view_rows = {
        partner: {relation.name: counts.get((relation.name, audience), 0) for relation in VIEWS}
        for partner, audience in audience_of.items()
    }
    cursor.execute("delete from published.view_rows")
    cursor.executemany(
        "insert into published.view_rows values (%s, %s, %s)",
        [(partner, view, count) for partner, views in view_rows.items() for view, count in views.items()],
    )
    return view_rows
