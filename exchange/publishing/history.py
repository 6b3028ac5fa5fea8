"""What publications did, read from what they recorded: for `exchange publication list` and `show`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from psycopg import Connection
from psycopg.rows import class_row, scalar_row

from exchange.errors import ExchangeError
from exchange.publishing.relations import RELATIONS, VIEWS

IN_FEED = [relation.name for relation in RELATIONS if relation.record_key is not None]


@dataclass(frozen=True)
class Published:
    """Grain: one publication. kind: refresh; rollback of what partners see to publication `back_to`; protection: of a
    refresh on hold, which takes away and suppresses only.

    added, removed: rows over all audiences. can_go_back: whether `exchange publication rollback` reaches it.
    """

    publication_id: int
    published_at: datetime
    as_of: datetime
    kind: str
    back_to: int | None
    refresh_id: int
    registry_digest: str | None
    published_by: str | None
    files: int
    partners: int
    added: int
    removed: int
    can_go_back: bool


@dataclass(frozen=True)
class ViewState:
    """Grain: one view of one partner at a publication: what it did there, and rows and digest after it.

    Partners that read the same have the same digest.
    """

    partner_id: str
    relation: str
    added: int
    removed: int
    row_count: int
    digest: str


_PUBLISHED: LiteralString = """
    select
        publication.publication_id,
        publication.published_at,
        publication.as_of,
        publication.kind,
        publication.back_to,
        publication.refresh_id,
        publication.registry_digest,
        publication.published_by,
        cardinality(publication.file_ids) as files,
        (select count(*) from published.publication_partner as reader
         where reader.publication_id = publication.publication_id) as partners,
        done.added,
        done.removed,
        publication.publication_id >= floor.publication_id
            and publication.publication_id < (select max(publication_id) from published.publication) as can_go_back
    from published.publication
    cross join published.undo_floor as floor
    cross join lateral (
        select
            coalesce(sum((value ->> 'added')::bigint), 0)::bigint as added,
            coalesce(sum((value ->> 'removed')::bigint), 0)::bigint as removed
        from jsonb_each(publication.changes)
    ) as done
"""


def publications(connection: Connection[Any], limit: int) -> list[Published]:
    """The newest publications, the newest first; none before the first one of this version of the exchange."""
    if not _is_recorded(connection):
        return []
    with connection.cursor(row_factory=class_row(Published)) as cursor:
        return cursor.execute(_PUBLISHED + " order by publication_id desc limit %s", (limit,)).fetchall()


def publication(connection: Connection[Any], publication_id: int) -> Published:
    """One publication. Raises ExchangeError if there is none of this number."""
    if _is_recorded(connection):
        with connection.cursor(row_factory=class_row(Published)) as cursor:
            query = _PUBLISHED + " where publication.publication_id = %s"
            found = cursor.execute(query, (publication_id,)).fetchone()
        if found is not None:
            return found
    raise ExchangeError(
        "There is no such publication.", got=publication_id, remedy="`exchange publication list` shows the newest."
    )


def files(connection: Connection[Any], publication_id: int) -> list[tuple[str, int]]:
    """Files that the publication was made of, by feed; withdrawn ones too."""
    return connection.execute(
        "select file.feed_id, count(*) from published.publication inner join raw.file"
        " on file.file_id = any(publication.file_ids) where publication_id = %s group by 1 order by 1",
        (publication_id,),
    ).fetchall()


def view_states(connection: Connection[Any], publication_id: int) -> list[ViewState]:
    """Every partner's views after a publication; empty for one that is too old to have it recorded."""
    with connection.cursor(row_factory=class_row(ViewState)) as cursor:
        return cursor.execute(
            """
            select
                reader.partner_id,
                shown.relation,
                case when state.publication_id = reader.publication_id then state.added else 0 end as added,
                case when state.publication_id = reader.publication_id then state.removed else 0 end as removed,
                state.row_count,
                -- short: equal or not is all it tells
                left(md5(concat_ws(' ', state.row_count, state.digest)), 12) as digest
            from published.publication_partner as reader
            cross join unnest(%(relations)s::text[]) as shown (relation)
            cross join lateral (
                select * from published.publication_relation as done
                where done.audience_id = reader.audience_id and done.relation = shown.relation
                    and done.publication_id <= reader.publication_id
                order by done.publication_id desc
                limit 1
            ) as state
            where reader.publication_id = %(publication_id)s
            order by reader.partner_id, shown.relation
            """,
            {"publication_id": publication_id, "relations": sorted(relation.name for relation in VIEWS)},
        ).fetchall()


def _is_recorded(connection: Connection[Any]) -> bool:
    with connection.cursor(row_factory=scalar_row) as cursor:
        return bool(cursor.execute("select to_regclass('published.undo_floor') is not null").fetchone())
