"""What `refresh` and `status` tell: where every record is, what was refused, what was published. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString

from psycopg import Connection
from psycopg.rows import class_row, dict_row

COUNTS = (
    *("loaded", "rejected", "quarantined", "matched", "unmatched", "in_review"),
    *("superseded", "retracted", "withdrawn"),
)
# how a person found their voter, the surest first; then those who did not
METHODS = ("review", "id", "rule", "model")


@dataclass(frozen=True)
class FeedAccount:
    """Grain: one feed. `new_*` count what the newest refresh took; the others all records of the feed so far.

    loaded = superseded + retracted + quarantined + matched + unmatched + withdrawn; records = loaded + rejected.
    in_review: those of the unmatched that wait for a person's decision. withdrawn: loaded once, then taken back.
    """

    feed_id: str
    partner_id: str
    file_format: str
    new_files: int
    new_records: int
    files: int
    records: int
    loaded: int
    rejected: int
    quarantined: int | None
    matched: int | None
    unmatched: int | None
    in_review: int | None
    superseded: int | None
    retracted: int | None
    withdrawn: int
    last_received_at: datetime | None


@dataclass(frozen=True)
class FeedMatching:
    """Grain: one feed with contacts. Counts are of persons, not of lines: how each was found, or that nobody was."""

    feed_id: str
    persons: int
    accepted_by: dict[str, int]
    in_review: int
    unmatched: int


@dataclass(frozen=True)
class Refusal:
    """Grain: one file that the newest refresh refused, whole."""

    feed_id: str
    partner_id: str
    file_name: str
    line: int | None
    problem: str
    remedy: str | None


# the lines of one file, judged: null until dbt has built the model once
_JUDGED: LiteralString = """
    select file_id, quarantined, matched, unmatched, in_review, superseded, retracted
    from ops.ops_row_reconciliation
"""
_UNJUDGED: LiteralString = """
    select file_id, null::bigint as quarantined, null::bigint as matched, null::bigint as unmatched,
        null::bigint as in_review, null::bigint as superseded, null::bigint as retracted
    from raw.file
"""
# raw.file of a version that could not withdraw, until the next refresh gives it the column
_FILES: LiteralString = "select * from raw.file"
_FILES_OF_OLD: LiteralString = "select *, null::timestamptz as withdrawn_at from raw.file"
_ACCOUNTS: LiteralString = """
    select
        feeds.feed_id,
        feeds.partner_id,
        feeds.file_format,
        count(*) filter (where file.refresh_id = newest.refresh_id) as new_files,
        coalesce(sum(file.records) filter (where file.refresh_id = newest.refresh_id), 0)::bigint as new_records,
        count(file.file_id) as files,
        coalesce(sum(file.records), 0)::bigint as records,
        coalesce(sum(file.loaded), 0)::bigint as loaded,
        coalesce(sum(file.rejected), 0)::bigint as rejected,
        sum(judged.quarantined)::bigint as quarantined,
        sum(judged.matched)::bigint as matched,
        sum(judged.unmatched)::bigint as unmatched,
        sum(judged.in_review)::bigint as in_review,
        sum(judged.superseded)::bigint as superseded,
        sum(judged.retracted)::bigint as retracted,
        coalesce(sum(file.loaded) filter (where file.withdrawn_at is not null), 0)::bigint as withdrawn,
        max(file.received_at) filter (where file.withdrawn_at is null) as last_received_at
    from unnest(%(feed_ids)s::text[], %(partner_ids)s::text[], %(file_formats)s::text[]) with ordinality
        as feeds (feed_id, partner_id, file_format, position)
    cross join (select max(refresh_id) as refresh_id from raw.refresh) as newest
    left join file on feeds.feed_id = file.feed_id
    left join judged on file.file_id = judged.file_id
    group by feeds.feed_id, feeds.partner_id, feeds.file_format, feeds.position
    order by feeds.position
"""


def accounts(connection: Connection[Any], feeds: Sequence[Any]) -> list[FeedAccount]:
    """One account per feed of the registry, in its order; empty before the first refresh."""
    if not exists(connection, "raw.file"):
        return []
    files = _FILES if _has_column(connection, "raw.file", "withdrawn_at") else _FILES_OF_OLD
    judged = _JUDGED if exists(connection, "ops.ops_row_reconciliation") else _UNJUDGED
    parameters = {
        "feed_ids": [feed.feed_id for feed in feeds],
        "partner_ids": [feed.partner_id for feed in feeds],
        "file_formats": [feed.file_format for feed in feeds],
    }
    with connection.cursor(row_factory=class_row(FeedAccount)) as cursor:
        common = "with judged as (" + judged + "), file as (" + files + ")"
        return cursor.execute(common + _ACCOUNTS, parameters).fetchall()


def matching(connection: Connection[Any]) -> list[FeedMatching]:
    """How the persons of each feed found their voters; empty before the first refresh."""
    if not exists(connection, "ops.ops_matching"):
        return []
    with connection.cursor(row_factory=class_row(FeedMatching)) as cursor:
        return cursor.execute(
            """
            select
                feed_id,
                sum(identity_count)::bigint as persons,
                coalesce(
                    jsonb_object_agg(match_method, identity_count) filter (where match_status = 'accepted'), '{}'
                ) as accepted_by,
                coalesce(sum(identity_count) filter (where match_status = 'review'), 0)::bigint as in_review,
                coalesce(sum(identity_count) filter (where match_status = 'unmatched'), 0)::bigint as unmatched
            from ops.ops_matching
            group by feed_id
            order by feed_id
            """
        ).fetchall()


def refusals(connection: Connection[Any]) -> list[Refusal]:
    """The files that the newest refresh refused."""
    if not exists(connection, "raw.refused_file"):
        return []
    with connection.cursor(row_factory=class_row(Refusal)) as cursor:
        return cursor.execute(
            """
            select feed_id, partner_id, file_name, line, problem, remedy from raw.refused_file
            where refresh_id = (select max(refresh_id) from raw.refresh)
            order by feed_id, file_name
            """
        ).fetchall()


def newest_refresh(connection: Connection[Any]) -> dict[str, Any] | None:
    """refresh_id, as_of and started_at of the newest refresh; None before the first."""
    return _newest(connection, "raw.refresh", "select refresh_id, as_of, started_at from raw.refresh order by 1 desc")


def newest_publication(connection: Connection[Any]) -> dict[str, Any] | None:
    """publication_id, refresh_id, published_at, as_of and changes of the newest publication; None before the first."""
    columns: LiteralString = "publication_id, refresh_id, published_at, as_of, changes"
    query: LiteralString = f"select {columns} from published.publication order by publication_id desc"
    return _newest(connection, "published.publication", query)


def view_rows(connection: Connection[Any]) -> dict[str, dict[str, int]]:
    """Rows of each partner's views in the newest publication: partner_id -> view -> rows."""
    if not exists(connection, "published.view_rows"):
        return {}
    rows: dict[str, dict[str, int]] = {}
    query = "select partner_id, view_name, row_count from published.view_rows order by partner_id, view_name"
    for partner_id, view_name, row_count in connection.execute(query):
        rows.setdefault(partner_id, {})[view_name] = row_count
    return rows


def exists(connection: Connection[Any], relation: str) -> bool:
    """Whether a table or view is there; before the first refresh most are not."""
    found = connection.execute("select to_regclass(%s) is not null", [relation]).fetchone()
    return bool(found and found[0])


def _has_column(connection: Connection[Any], relation: str, column: str) -> bool:
    query: LiteralString = "select from pg_attribute where attrelid = to_regclass(%s) and attname = %s"
    return connection.execute(query, [relation, column]).fetchone() is not None


def _newest(connection: Connection[Any], relation: str, query: LiteralString) -> dict[str, Any] | None:
    if not exists(connection, relation):
        return None
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query + " limit 1").fetchone()
