"""What the newest publications were made of, and what they told partners in their change feeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row


@dataclass(frozen=True)
class ViewNews:
    """Grain: one view of one partner in which rows were retracted, changed or added."""

    partner_id: str
    view: str
    retracted: int
    changed: int
    added: int


def positions(conn: Connection[Any]) -> dict[str, int]:
    """How far each partner's change feed goes: partner_id -> the newest publication_id there."""
    if not _is_published(conn):
        return {}
    return dict(
        conn.execute(
            "select partner_id, publication_count from published.door"
            " join published.audience_change using (audience_id)"
        ).fetchall()
    )


def news_since(conn: Connection[Any], before: dict[str, int]) -> list[ViewNews]:
    """Rows of the change feeds after these positions, counted; by partner and view."""
    if not _is_published(conn):
        return []
    with conn.cursor(row_factory=class_row(ViewNews)) as cursor:
        return cursor.execute(
            """
            select
                door.partner_id,
                changes.relation as view,
                count(*) filter (where changes.change = 'retracted') as retracted,
                count(*) filter (where changes.change = 'changed') as changed,
                count(*) filter (where changes.change = 'added') as added
            from published.changes
            join published.door using (audience_id)
            left join unnest(%s::text[], %s::int[]) as before (partner_id, publication_id) using (partner_id)
            where changes.publication_id > coalesce(before.publication_id, 0)
            group by 1, 2
            order by 1, 2
            """,
            (list(before), list(before.values())),
        ).fetchall()


def holds_file(conn: Connection[Any], file_ids: Sequence[int]) -> bool:
    """Whether the newest publication was made with one of these files."""
    if not _is_published(conn):
        return False
    row = conn.execute(
        "select file_ids && %s::bigint[] from published.publication order by publication_id desc limit 1",
        (list(file_ids),),
    ).fetchone()
    return bool(row and row[0])


def _is_published(conn: Connection[Any]) -> bool:
    row = conn.execute("select to_regclass('published.changes') is not null").fetchone()
    return bool(row and row[0])
