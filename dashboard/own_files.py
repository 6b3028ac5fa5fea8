"""What became of the files that a partner delivered: the numbers of the page "Files & quality"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any, Literal

from psycopg import sql

from dashboard.database import Reader
from dashboard.keyset import Place, Rows, Sorting, read_page

SPARKLINE_DAYS = 30
REFUSED_SHOWN = 20
WORST = 5
# Reasons name the value that is wrong; those that differ in nothing else are one kind of problem.
KIND_OF_PROBLEM = r"regexp_replace(reason, '''[^'']*''|(?<![-\w])[0-9A-F]*\d[0-9A-F]*\M', '…', 'g')"

FILES = sql.SQL(
    """
    select
        received_at, feed_id, file_name, file_format, status,
        -- a refused file has no counts; the order of the pages needs some
        coalesce(records, -1) as records, coalesce(loaded, -1) as loaded,
        rejected, quarantined, superseded, retracted, matched, unmatched,
        coalesce(problem, '') as problem, coalesce(what_to_do, '') as what_to_do
    from my_files
    """
)
NEWEST_FIRST = Sorting(
    (
        ("received_at", "timestamptz"),
        ("feed_id", "text"),
        ("file_name", "text"),
        ("status", "text"),
        ("problem", "text"),
        # the same name delivered twice between two refreshes: as much as the view tells about them
        ("records", "bigint"),
        ("loaded", "bigint"),
    ),
    is_descending=True,
)


@dataclass(frozen=True)
class Scorecard:
    """Records of the files that count now (neither refused nor withdrawn), and where each of them is."""

    files: int = 0
    records: int = 0
    loaded: int = 0
    rejected: int = 0
    quarantined: int = 0
    superseded: int = 0
    retracted: int = 0
    matched: int = 0
    unmatched: int = 0

    @property
    def live(self) -> int:
        return self.matched + self.unmatched

    @property
    def understood(self) -> int:
        return self.loaded - self.quarantined

    def __add__(self, other: Scorecard) -> Scorecard:
        return Scorecard(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))


@dataclass(frozen=True)
class FeedCard:
    """One feed that delivered. last_file_at: of the files that count now; days: records received, oldest day first."""

    feed_id: str
    file_format: str
    last_file_at: datetime | None
    refused: int
    withdrawn: int
    card: Scorecard
    days: Sequence[int]


async def feed_cards(reader: Reader, today: date) -> list[FeedCard]:
    """Grain: one per feed that delivered anything, also if all of it was refused; by name."""
    rows = await reader.rows(
        """
        select
            feed_id,
            max(file_format) as file_format,
            max(received_at) filter (where status = 'loaded') as last_file_at,
            count(*) filter (where status = 'refused') as refused,
            count(*) filter (where status = 'withdrawn') as withdrawn,
            count(*) filter (where status = 'loaded') as files,
            coalesce(sum(records) filter (where status = 'loaded'), 0)::bigint as records,
            coalesce(sum(loaded) filter (where status = 'loaded'), 0)::bigint as loaded,
            coalesce(sum(rejected) filter (where status = 'loaded'), 0)::bigint as rejected,
            coalesce(sum(quarantined) filter (where status = 'loaded'), 0)::bigint as quarantined,
            coalesce(sum(superseded) filter (where status = 'loaded'), 0)::bigint as superseded,
            coalesce(sum(retracted) filter (where status = 'loaded'), 0)::bigint as retracted,
            coalesce(sum(matched) filter (where status = 'loaded'), 0)::bigint as matched,
            coalesce(sum(unmatched) filter (where status = 'loaded'), 0)::bigint as unmatched
        from my_files
        group by feed_id
        order by feed_id
        """
    )
    received = await reader.rows(
        """
        select feed_id, received_at::date as received_on, sum(records)::bigint as records
        from my_files
        where status <> 'refused' and received_at >= %s
        group by feed_id, received_at::date
        """,
        [today - timedelta(days=SPARKLINE_DAYS - 1)],
    )
    by_day = {(row["feed_id"], row["received_on"]): row["records"] for row in received}
    return [
        FeedCard(
            feed_id=row["feed_id"],
            file_format=row["file_format"] or "",
            last_file_at=row["last_file_at"],
            refused=row["refused"],
            withdrawn=row["withdrawn"],
            card=Scorecard(**{each.name: row[each.name] for each in fields(Scorecard)}),
            days=[by_day.get((row["feed_id"], on), 0) for on in days(today)],
        )
        for row in rows
    ]


def days(today: date) -> list[date]:
    """The last 30, oldest first."""
    return [today - timedelta(days=ago) for ago in reversed(range(SPARKLINE_DAYS))]


async def refused_files(reader: Reader) -> list[dict[str, Any]]:
    """The newest that no later delivery has mended. Keys of my_files."""
    return await reader.rows(
        """
        select feed_id, file_name, received_at, problem, what_to_do
        from my_files
        where status = 'refused'
        order by received_at desc, feed_id, file_name
        limit %s
        """,
        [REFUSED_SHOWN],
    )


async def page_of_files(reader: Reader, place: Place) -> Rows:
    """All of them, newest first; counts of a refused file mean nothing."""
    return await read_page(reader, FILES, [], NEWEST_FIRST, place)


@dataclass(frozen=True)
class Problem:
    """A kind of problem that many rows have. table: rejected or quarantined; line: one of ours that has it."""

    table: Literal["rejected", "quarantined"]
    kind: str
    rows: int
    example: Mapping[str, Any]


async def worst_problems(reader: Reader) -> list[Problem]:
    """The kinds of problems that cost the most rows, with one row of each."""
    rows = await reader.rows(
        f"""
        with
        problems as (
            select 'rejected' as part, feed_id, file_name, line_number, reason, what_to_do, line_text as line
            from my_rejected_rows
            union all
            select 'quarantined' as part, feed_id, file_name, line_number, reason, what_to_do, record_key as line
            from my_quarantined_rows
        ),
        kinds as (
            select problems.*, {KIND_OF_PROBLEM} as kind from problems
        ),
        counted as (
            select
                kinds.*,
                count(*) over same as row_count,
                row_number() over (same order by file_name desc, line_number, feed_id) as place
            from kinds
            window same as (partition by part, kind)
        )
        select * from counted where place = 1 order by row_count desc, part, kind limit %s
        """,
        [WORST],
    )
    return [Problem(row["part"], row["kind"], row["row_count"], row) for row in rows]
