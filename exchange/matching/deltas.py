"""What both sides of matching share: rows that are new or differ, standardised, with their blocking keys.

A step fills pg_temp.delta (id, digest, is_gone, state, the person's columns) and calls standardise(), which fills
pg_temp.staged (id, digest, the standard columns, keys), and moved(), which fills pg_temp.moved (id, is_gone, is_new,
old_keys, new_keys): the rows whose standard form is another than the stored one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg import sql

from exchange.matching.keys import blocking_keys
from exchange.matching.recipe import recipe
from exchange.matching.session import Session
from exchange.matching.standard import PERSON_COLUMNS, RAW_COLUMNS, STANDARD_COLUMNS, standardize
from exchange.matching.tables import ensure_columns
from exchange.matching.transfer import fetch, postgres_type, store

# bounds the memory of a first load
_CHUNK_ROWS = 250_000

# name -> type in Postgres, without the id
STORED_COLUMNS = {name: postgres_type(kind) for name, kind in STANDARD_COLUMNS.items() if name != "id"}
# as delivered
DELIVERED = ("state", *PERSON_COLUMNS)


@dataclass(frozen=True)
class Side:
    """One side of matching: matching.<name>, matching.<name>_key, and the column <name>_id of both."""

    name: str
    fixed: frozenset[str]

    @property
    def table(self) -> sql.Identifier:
        return sql.Identifier("matching", self.name)

    @property
    def keys(self) -> sql.Identifier:
        return sql.Identifier("matching", f"{self.name}_key")

    @property
    def id(self) -> sql.Identifier:
        return sql.Identifier(f"{self.name}_id")


VOTERS = Side("voter", frozenset({"voter_id", "digest", "keys"}))
IDENTITIES = Side("identity", frozenset({"identity_id", "feed_id", "identity_key", "id_voter_id", "digest", "keys"}))


def names(columns: Sequence[str], relation: str | None = None) -> sql.Composed:
    """A list of columns, of one relation if it is named."""
    return sql.SQL(", ").join(
        sql.Identifier(column) if relation is None else sql.Identifier(relation, column) for column in columns
    )


def updates(columns: Sequence[str], source: str) -> sql.Composed:
    """`column = source.column, …` of an update."""
    return sql.SQL(", ").join(
        sql.SQL("{} = {}").format(sql.Identifier(column), sql.Identifier(source, column)) for column in columns
    )


def prepare(session: Session, side: Side) -> None:
    """Give the side's table today's standard columns. Rows of yesterday's are told by their digests."""
    ensure_columns(session.conn, side.name, STORED_COLUMNS, set(side.fixed))


def delivered(relation: str) -> sql.Composed:
    """The delivered columns of a row, as pg_temp.delta has them."""
    return names(DELIVERED, relation)


def digest(relation: str, also: sql.Composable | None = None) -> sql.Composed:
    """The digest of a delivered row: another one if the row, `also`, or the code that standardises is another.

    Of a million rows 1.2 s, where md5 of the row as text took 4 s (2026-11-23). Another release of Postgres may hash
    differently: then every row is standardised once more, found to be the same, and nothing is due.
    """
    parts = [sql.Literal(recipe()), also or sql.Literal(""), delivered(relation)]
    texts = sql.SQL(", ").join(sql.SQL("{}::text").format(part) for part in parts[:2])
    return sql.SQL("hash_record_extended(({}, {}), 0)").format(texts, parts[2])


def standardise(session: Session, states: Sequence[str]) -> None:
    """Fill pg_temp.staged from pg_temp.delta."""
    conn = session.conn
    columns = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kind)) for name, kind in STORED_COLUMNS.items()
    )
    conn.execute(sql.SQL("create temp table staged (id int, {}, keys bigint[])").format(columns))
    [count] = conn.execute("select count(*) from pg_temp.delta where not is_gone").fetchone() or [0]
    chunks = -(-count // _CHUNK_ROWS)
    for chunk in range(chunks):
        query = sql.SQL("select id, {} from pg_temp.delta where not is_gone and id % {} = {}")
        raw = {name: "bigint" if name == "id" else "text" for name in RAW_COLUMNS}
        fetch(session, query.format(delivered("delta"), sql.Literal(chunks), sql.Literal(chunk)), "raw_rows", raw)
        standardize(session.con, "raw_rows", "standard_rows")
        blocking_keys(session.con, "standard_rows", "row_keys", states)
        store(session, _WITH_KEYS, sql.SQL("pg_temp.staged"), {**STANDARD_COLUMNS, "keys": "text"})
    if chunks:
        for table in ("raw_rows", "standard_rows", "row_keys"):
            session.con.execute(f"drop table {table}")
    conn.execute("create index on pg_temp.staged (id)")
    conn.execute("analyze pg_temp.staged")


_WITH_KEYS = """
    select standard_rows.*, '{' || coalesce(array_to_string(keyed.keys, ','), '') || '}' as keys
    from standard_rows
    left join (select id, list_sort(list(distinct key)) as keys from row_keys group by id) as keyed using (id)
"""


def find_moved(session: Session, side: Side) -> int:
    """Fill pg_temp.moved from pg_temp.delta and pg_temp.staged; how many rows moved."""
    stored = [*STORED_COLUMNS, "keys"]
    session.conn.execute(
        sql.SQL(
            """
            create temp table moved as
            select delta.id, delta.is_gone, delta.is_new, coalesce(old.keys, '{{}}') as old_keys,
                coalesce(staged.keys, '{{}}') as new_keys
            from pg_temp.delta
            left join pg_temp.staged on delta.id = staged.id
            left join {table} as old on delta.id = old.{id}
            where delta.is_gone or delta.is_new or ({old}) is distinct from ({new})
            """
        ).format(table=side.table, id=side.id, old=names(stored, "old"), new=names(stored, "staged"))
    )
    session.conn.execute("analyze pg_temp.moved")
    [count] = session.conn.execute("select count(*) from pg_temp.moved where not is_gone").fetchone() or [0]
    return int(count)


def move_keys(session: Session, side: Side) -> None:
    """Bring the side's key table to the new keys of pg_temp.moved; keys that stay are not touched."""
    session.conn.execute(
        sql.SQL(
            """
            delete from {keys} as kept using (
                select unnest(old_keys) as key, id from pg_temp.moved where old_keys <> '{{}}'
                except
                select unnest(new_keys) as key, id from pg_temp.moved
            ) as lost
            where kept.key = lost.key and kept.{id} = lost.id
            """
        ).format(keys=side.keys, id=side.id)
    )
    # in the order of the index: 3 times as quick as in any other when it is large
    session.conn.execute(
        sql.SQL(
            """
            insert into {keys} (key, {id})
            select key, id from pg_temp.moved cross join unnest(new_keys) as key where not key = any(old_keys)
            order by key, id
            """
        ).format(keys=side.keys, id=side.id)
    )
