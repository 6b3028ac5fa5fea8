"""The change feed: which rows of a partner's views each publication added, changed or retracted.

A publication has a number of its own in each audience: numbers of the whole exchange would tell a partner by their gaps
that somebody else's data changed.
"""

from __future__ import annotations

from psycopg import Cursor, sql

from exchange.publishing import audience_state
from exchange.publishing.relations import CHANGES, Relation

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


def record(cursor: Cursor, numbers: dict[int, int], opened: set[int], audiences: set[int]) -> dict[int, int]:
    """Write the notes into published.changes, and forget what is too old. Returns audience -> rows retracted.

    numbers: audience -> number of its publication.
    opened: audiences that read for the first time; they begin with all rows, and the feed with what comes after.
    audiences: all that are published.
    """
    told = cursor.execute(
        """
        with told as (
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
            returning audience_id, change
        )
        select audience_id, count(*), count(*) filter (where change = 'retracted') from told group by audience_id
        """,
        {"audiences": list(numbers), "numbers": list(numbers.values()), "opened": sorted(opened)},
    ).fetchall()
    # one partition and its index at a time: all feeds together are not read
    forgotten = {
        audience: cursor.execute(
            sql.SQL("delete from {} where publication_id <= {}").format(
                _partition(audience), sql.Literal(number - KEPT)
            )
        ).rowcount
        for audience, number in numbers.items()
        if number > KEPT
    }
    audience_state.count_changes(
        cursor,
        {audience: rows for audience, rows, _ in told},
        forgotten,
        {audience: _partition(audience) for audience in audiences},
    )
    return {audience: retracted for audience, _, retracted in told if retracted}


def _partition(audience: int) -> sql.Identifier:
    return sql.Identifier("published", f"{CHANGES.name}_{audience}")


def remember_doors(cursor: Cursor, audience_of: dict[str, int]) -> None:
    """Who read which audience after this publication."""
    cursor.execute("delete from published.door")
    cursor.executemany("insert into published.door values (%s, %s)", sorted(audience_of.items()))
