"""Acknowledgement in strict mode: each partner has its function in its own database; what it says is brought home.

The copy tells the database up to which number the partner may acknowledge, and what it has acknowledged. From there the
exchange only reads, so that an acknowledgement that is not committed makes no copy wait.
"""

from __future__ import annotations

from typing import Any

from psycopg import Connection, Cursor
from psycopg.rows import tuple_row

from exchange.publishing.acknowledgement import SAID, create_functions, create_rights

_TABLES = f"""
    create table if not exists published.feed (
        role_name text primary key,
        began_with bigint not null,
        newest int not null
    );
    comment on table published.feed is
        'Grain: one row: since which publication your change feed counts, and its newest number.';
    {SAID}
    alter table published.feed owner to exchange_owner;
    alter table published.acknowledgement owner to exchange_owner;
"""
_ADD = """
    insert into published.acknowledgement (role_name, began_with, publication_id, acknowledged_at)
    select %(role)s, %(began)s, %(until)s, %(at)s
    where not exists (select from published.acknowledgement
        where role_name = %(role)s and began_with = %(began)s and publication_id >= %(until)s)
"""


def open_in_copy(source: Connection[Any], target: Connection[Any], role: str) -> None:
    """Give the partner its function in its database, `target`, as of `source`; in the target's transaction."""
    with source.cursor(row_factory=tuple_row) as here, target.cursor(row_factory=tuple_row) as there:
        if not _exists(here, "published.feed"):
            # published by an earlier version of the exchange
            return
        feed = here.execute("select began_with, newest from published.feed where role_name = %s", (role,)).fetchone()
        if feed is None:
            return
        create_rights(there, feed=_TABLES)
        create_functions(there, [role])
        there.execute(
            """
            insert into published.feed (role_name, began_with, newest) values (%s, %s, %s)
            on conflict (role_name) do update set began_with = excluded.began_with, newest = excluded.newest
            where (feed.began_with, feed.newest) <> (excluded.began_with, excluded.newest)
            """,
            (role, *feed),
        )
        _bring(here, there, role)


def collect(shared: Connection[Any], own: Connection[Any], role: str) -> None:
    """Bring home what the partner acknowledged in its database, `own`. Twice is as once."""
    with shared.cursor(row_factory=tuple_row) as here, own.cursor(row_factory=tuple_row) as there:
        if _exists(here, "published.acknowledgement") and _exists(there, "published.acknowledgement"):
            _bring(there, here, role)


def _bring(source: Cursor[Any], target: Cursor[Any], role: str) -> None:
    """The furthest acknowledgement of each of the partner's change feeds, where the target knows none as far."""
    furthest = source.execute(
        "select distinct on (began_with) began_with as began, publication_id as until, acknowledged_at as at"
        " from published.acknowledgement where role_name = %s"
        " order by began_with, publication_id desc, acknowledged_at",
        (role,),
    ).fetchall()
    for began, until, at in furthest:
        target.execute(_ADD, {"role": role, "began": began, "until": until, "at": at})


def _exists(cursor: Cursor[Any], relation: str) -> bool:
    row = cursor.execute("select to_regclass(%s) is not null", (relation,)).fetchone()
    return bool(row and row[0])
