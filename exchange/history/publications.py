"""Which publication was the last one at an instant, and what has been withdrawn from it since."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row

from exchange.errors import ExchangeError


@dataclass(frozen=True)
class Publication:
    """Grain: one publication. as_of: the "now" of its refresh, the axis of time; published_at: the clock's time."""

    publication_id: int
    refresh_id: int
    as_of: datetime
    published_at: datetime


@dataclass(frozen=True)
class WithdrawnSince:
    """Grain: one feed, files of which were withdrawn after the publication that was made of them."""

    partner_id: str
    feed_id: str
    files: int
    records: int


def instant_of(text: str) -> datetime:
    """The instant (UTC) that an ISO day or time names: of a day its last microsecond; without offset UTC.

    Raises ExchangeError if it names none.
    """
    try:
        if len(text) == len("2026-10-31"):
            return datetime.combine(date.fromisoformat(text), time.max, UTC)
        instant = datetime.fromisoformat(text)
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ExchangeError(
            "This is no day and no time.", expected="2026-10-31, 2026-10-31T18:00 or 2026-10-31T18:00-04:00", got=text
        ) from None


def publication_at(connection: Connection[Any], instant: datetime) -> Publication:
    """The last publication as of `instant` or earlier; of several as of the same instant the newest.

    Raises ExchangeError if there was none yet.
    """
    found = _first(connection, "where as_of <= %s order by as_of desc, publication_id desc", instant)
    if found is not None:
        return found
    first = _first(connection, "where as_of > %s order by as_of asc, publication_id asc", instant)
    if first is None:
        raise ExchangeError("Nothing has been published yet.", remedy="`exchange refresh` publishes.")
    raise ExchangeError(
        f"Nothing had been published by {instant:%Y-%m-%d %H:%M} UTC.",
        expected=f"{first.as_of:%Y-%m-%dT%H:%M:%S}Z or later: publication {first.publication_id} was the first",
    )


def withdrawn_since(connection: Connection[Any], publication: Publication) -> list[WithdrawnSince]:
    """The feeds of whose files the publication was made and which have been withdrawn since: their answers are gone."""
    with connection.cursor(row_factory=class_row(WithdrawnSince)) as cursor:
        return cursor.execute(
            """
            select file.partner_id, file.feed_id, count(*) as files, sum(file.loaded)::bigint as records
            from published.publication
            inner join raw.file on file.file_id = any(publication.file_ids)
            where publication.publication_id = %s and file.withdrawn_at > publication.published_at
            group by file.partner_id, file.feed_id
            order by file.partner_id, file.feed_id
            """,
            [publication.publication_id],
        ).fetchall()


def first_refresh(connection: Connection[Any]) -> int | None:
    """The refresh from which answers are known at all: the history's first; null if it has none."""
    row = connection.execute("select min(known_from_refresh) from marts.voter_responses_history").fetchone()
    return row[0] if row else None


def _first(connection: Connection[Any], condition: str, instant: datetime) -> Publication | None:
    exists = connection.execute("select to_regclass('published.publication') is not null").fetchone()
    if not exists or not exists[0]:
        return None
    columns = "publication_id, refresh_id, as_of, published_at"
    with connection.cursor(row_factory=class_row(Publication)) as cursor:
        # the condition is a literal of this module
        query = f"select {columns} from published.publication {condition} limit 1"
        return cursor.execute(query.encode(), [instant]).fetchone()
