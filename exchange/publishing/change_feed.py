"""The change feed: which rows of a partner's views each publication added, changed or retracted.

A publication has a number of its own in each audience: numbers of the whole exchange would tell a partner by their gaps
that somebody else's data changed.
"""

from __future__ import annotations

from psycopg import Cursor, sql

from exchange.publishing.relations import Relation

# how many of an audience's publications the feed goes back
KEPT = 100

_TABLES = """
    create table if not exists published.door (
        partner_id text primary key,
        audience_id int not null
    );
    create temporary table touched_row (
        audience_id int not null,
        relation text not null,
        person_id text not null,
        record_key text not null,
        what text not null
    ) on commit drop;
"""


def begin(cursor: Cursor) -> None:
    """Make room for the notes of one publication."""
    cursor.execute(_TABLES)


def former_audiences(cursor: Cursor, audience_of: dict[str, int]) -> dict[int, int]:
    """For each audience whose partners had another one at the last publication: that one.

    audience_of: partner -> audience now. An audience has one history: where its partners come from several, it is new.
    """
    before: dict[str, int] = dict(cursor.execute("select partner_id, audience_id from published.door").fetchall())
    pasts: dict[int, set[int | None]] = {}
    for partner, audience in audience_of.items():
        pasts.setdefault(audience, set()).add(before.get(partner))
    single = {audience: next(iter(past)) for audience, past in pasts.items() if len(past) == 1}
    return {audience: past for audience, past in single.items() if past is not None and past != audience}


def note(relation: Relation, what: str) -> sql.Composable:
    """A further CTE that keeps the keys of the rows of the CTE `touched`; empty for relations outside the feed."""
    if relation.record_key is None:
        return sql.SQL("")
    key = sql.SQL(", ").join(
        sql.SQL("coalesce({}::text, '')").format(sql.Identifier(name)) for name in relation.record_key
    )
    return sql.SQL(
        ", noted as (insert into pg_temp.touched_row"
        " select audience_id, {}, person_id, concat_ws('|', {}), {} from touched)"
    ).format(sql.Literal(relation.name), key, sql.Literal(what))


def record(cursor: Cursor, numbers: dict[int, int], opened: set[int]) -> None:
    """Write the notes into published.changes. numbers: audience -> number of its publication.

    opened: audiences that read for the first time; they begin with all rows, and the feed with what comes after.
    """
    cursor.execute(
        """
        insert into published.changes (audience_id, publication_id, relation, person_id, record_key, change)
        select
            touched.audience_id,
            numbers.publication_id,
            touched.relation,
            touched.person_id,
            touched.record_key,
            case when count(distinct touched.what) = 2 then 'changed' else min(touched.what) end
        from pg_temp.touched_row as touched
        inner join unnest(%(audiences)s::int[], %(numbers)s::int[]) as numbers (audience_id, publication_id)
            on touched.audience_id = numbers.audience_id
        where touched.audience_id <> all(%(opened)s::int[])
        group by 1, 2, 3, 4, 5
        -- the order of rows tells nothing but themselves
        order by 1, 3, touched.person_id collate "C", touched.record_key collate "C"
        """,
        {"audiences": list(numbers), "numbers": list(numbers.values()), "opened": sorted(opened)},
    )
    cursor.execute(
        "delete from published.changes using published.audience_change as audience"
        " where changes.audience_id = audience.audience_id"
        " and changes.publication_id <= audience.publication_count - %s",
        (KEPT,),
    )


def remember_doors(cursor: Cursor, audience_of: dict[str, int]) -> None:
    """Who read which audience after this publication."""
    cursor.execute("delete from published.door")
    cursor.executemany("insert into published.door values (%s, %s)", sorted(audience_of.items()))
