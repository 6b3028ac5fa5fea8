"""How large a file of a feed usually is, and which parts of the feed a file is about.

A `snapshot` feed of voters may come whole or by counties: a file retracts only rows of the parts it holds (see
int_feeds__newest_slice), and its size is judged against the newest file that holds the same parts.
"""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import sql

from exchange.errors import ExchangeError
from exchange.intake.formats import FileFormat
from exchange.intake.inbox import DeliveredFeed

# Half of a handful is chance.
_SMALLEST_USUAL = 10

# The newest count of each part that the new file holds, summed; and the newest file that held all its parts, whole: a
# statewide file that breaks off after some counties has its usual size in each county it reaches. A file of a single
# county is not held against the statewide file before it.
_USUAL_OF_SLICES = """
    with mine as (select slice from raw.file_slice where file_id = %(file_id)s),
    others as (
        select file.file_id, file.loaded as file_loaded, file_slice.slice, file_slice.loaded
        from raw.file_slice
        join raw.file using (file_id)
        join mine using (slice)
        where file.feed_id = %(feed_id)s and file.file_id <> %(file_id)s and file.file_format = %(file_format)s
    ),
    newest as (select distinct on (slice) loaded from others order by slice, file_id desc),
    whole as (
        select file_loaded from others group by file_id, file_loaded
        having count(*) = (select count(*) from mine) and count(*) > 1
        order by file_id desc limit 1
    )
    select greatest((select sum(loaded) from newest), (select file_loaded from whole))
"""
_USUAL = """
    select loaded from raw.file
    where feed_id = %(feed_id)s and file_id <> %(file_id)s and file_format = %(file_format)s and withdrawn_at is null
    order by file_id desc limit 1
"""


def write_slices(conn: psycopg.Connection[Any], file_format: FileFormat, file_id: int) -> None:
    """Note the parts of the file in raw.file_slice; macros/slice_of.sql says the same of a row."""
    assert file_format.gate.slice_column is not None
    conn.execute(
        sql.SQL(
            "insert into raw.file_slice (file_id, slice, loaded)"
            " select {file_id}, coalesce(nullif(regexp_replace(upper(btrim({column})), '^0+(?=.)', ''), ''), '?'),"
            " count(*) from {table} where _file_id = {file_id} group by 2"
        ).format(
            file_id=sql.Literal(file_id),
            column=sql.Identifier(file_format.gate.slice_column),
            table=sql.Identifier("raw", file_format.name),
        )
    )


def check_size(
    conn: psycopg.Connection[Any],
    file_format: FileFormat,
    feed: DeliveredFeed,
    file_id: int,
    loaded: int,
    accept_shrink: bool,
) -> None:
    """Raise ExchangeError if a file of a snapshot feed has shrunk to the format's smallest share or below."""
    share = file_format.gate.smallest_share
    if share is None or accept_shrink or feed.coverage != "snapshot":
        return
    query = _USUAL_OF_SLICES if file_format.gate.slice_column and loaded else _USUAL
    names = {"feed_id": feed.feed_id, "file_id": file_id, "file_format": file_format.name}
    row = conn.execute(query.encode(), names).fetchone()
    usual = int(row[0]) if row and row[0] is not None else 0
    if usual < _SMALLEST_USUAL or loaded > usual * share:
        return
    same = "the newest file with the same counties" if file_format.gate.slice_column else "the newest file of the feed"
    raise ExchangeError(
        f"the file has {loaded} good records where {same} has {usual}: every voter it lacks would be removed",
        expected=f"more than {share:.0%} of the usual size",
        got=loaded,
        remedy="Get the file again, complete. If so many voters are really gone: exchange voters load "
        f"{file_format.state or 'STATE'} --accept-shrink FILE. Nothing was loaded; what was loaded before stays.",
    )
