"""Loads one archived file in one transaction: every record into its raw table or raw.rejected_row, or none.

A crash at any moment rolls back; the file is still in the inbox and the next refresh takes it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from exchange.errors import ExchangeError, Place
from exchange.intake.archive import ArchivedFile
from exchange.intake.blocks import blocks
from exchange.intake.decoding import open_text
from exchange.intake.formats import FileFormat
from exchange.intake.gate import check_contents
from exchange.intake.header import Header, read_header
from exchange.intake.inbox import DeliveredFeed, WaitingFile
from exchange.intake.records import RecordFilter, RowWriter
from exchange.intake.rejects import Rejects
from exchange.intake.row_writers import CollectingWriter, VerbatimWriter


@dataclass(frozen=True)
class LoadedFile:
    """One file as it was loaded: records = loaded + rejected."""

    file_id: int
    file_name: str
    records: int
    loaded: int
    rejected: int


@dataclass(frozen=True)
class Delivery:
    """One file of a feed, archived, and the refresh that takes it. accept_shrink: an operator says it is complete."""

    feed: DeliveredFeed
    file_format: FileFormat
    waiting: WaitingFile
    archived: ArchivedFile
    refresh_id: int
    accept_shrink: bool = False


def load_file(conn: psycopg.Connection[Any], delivery: Delivery) -> LoadedFile:
    """Load the file and commit. Raises ExchangeError, with nothing loaded, if it must be refused as a whole."""
    with conn.transaction():
        file_id = _insert_file(conn, delivery)
        with Rejects(file_id) as rejects:
            loaded = _copy_records(conn, delivery, file_id, rejects)
            _check_limits(delivery.feed, loaded, rejects)
            check_contents(conn, delivery.file_format, delivery.feed, file_id, loaded, delivery.accept_shrink)
            rejects.write(conn)
        conn.execute(
            "update raw.file set records = %s, loaded = %s, rejected = %s where file_id = %s",
            (loaded + rejects.count, loaded, rejects.count, file_id),
        )
        remember_seen(conn, delivery.feed, delivery.waiting, delivery.archived.sha256)
    name = delivery.waiting.name
    return LoadedFile(file_id, name, loaded + rejects.count, loaded, rejects.count)


def remember_seen(conn: psycopg.Connection[Any], feed: DeliveredFeed, waiting: WaitingFile, sha256: str) -> None:
    """Note that these bytes are known under this name: the file is not read again while it stays as it is."""
    conn.execute(
        "insert into raw.seen_file (feed_id, file_name, byte_size, mtime_ns, sha256)"
        " values (%s, %s, %s, %s, %s) on conflict do nothing",
        (feed.feed_id, waiting.name, waiting.byte_size, waiting.mtime_ns, sha256),
    )


def _insert_file(conn: psycopg.Connection[Any], delivery: Delivery) -> int:
    row = conn.execute(
        "insert into raw.file (refresh_id, feed_id, partner_id, file_format, file_name, byte_size, sha256,"
        " received_at, records, loaded, rejected)"
        " select refresh_id, %s, %s, %s, %s, %s, %s, as_of, 0, 0, 0 from raw.refresh where refresh_id = %s"
        " returning file_id",
        (
            delivery.feed.feed_id,
            delivery.feed.partner_id,
            delivery.file_format.name,
            delivery.waiting.name,
            delivery.archived.byte_size,
            delivery.archived.sha256,
            delivery.refresh_id,
        ),
    ).fetchone()
    if row is None:
        raise LookupError(f"there is no refresh {delivery.refresh_id}")
    return int(row[0])


def _copy_records(conn: psycopg.Connection[Any], delivery: Delivery, file_id: int, rejects: Rejects) -> int:
    """Send the file's good records to its raw table and the others to `rejects`; how many the table took."""
    file_format = delivery.file_format
    cursor = conn.cursor()
    sent = 0
    with open_text(delivery.archived.path, file_format.encoding) as source:
        header, text = read_header(blocks(source), file_format)
        writer = _row_writer(header, file_format, file_id)
        records = RecordFilter(writer, header.cells, file_format.delimiter, first_line=header.lines + 1)
        try:
            with cursor.copy(_copy_statement(header, file_format)) as copy:
                for rows in records.rows(text):
                    copy.write(rows.text)
                    sent += rows.loaded
                    rejects.add(rows.rejects)
        except psycopg.DataError as error:
            raise _refused_by_postgres(error) from error
    if cursor.rowcount != sent:
        raise ExchangeError(
            f"Postgres took {cursor.rowcount} rows where {sent} records were sent",
            remedy="This is a fault of the exchange, not of the file: please report it.",
        )
    return sent


def _row_writer(header: Header, file_format: FileFormat, file_id: int) -> RowWriter:
    if header.collected:
        return CollectingWriter(
            file_id,
            file_format.delimiter,
            list(header.columns),
            header.collected,
            filled_only=file_format.unknown_columns == "collect_filled",
        )
    return VerbatimWriter(file_id, file_format.delimiter)


def _copy_statement(header: Header, file_format: FileFormat) -> sql.Composed:
    columns = ["_file_id", "_row_number", *header.columns.values()]
    if header.collected:
        columns.append("_extra")
    # an empty cell is null, a quoted empty cell is empty text
    return sql.SQL("copy {} ({}) from stdin (format csv, delimiter {}, quote '\"', null '', encoding 'UTF8')").format(
        sql.Identifier("raw", file_format.name),
        sql.SQL(", ").join(map(sql.Identifier, columns)),
        sql.Literal(file_format.delimiter),
    )


def _check_limits(feed: DeliveredFeed, loaded: int, rejects: Rejects) -> None:
    records = loaded + rejects.count
    line = rejects.first[0].line if rejects.first else None
    allowed = records if feed.max_reject_share is None else records * feed.max_reject_share
    if rejects.count > allowed:
        raise ExchangeError(
            f"{rejects.count} of {records} records are damaged: {rejects.summary()}",
            place=Place(line=line),
            expected=f"at most {allowed:g} (max_reject_share of the feed: {feed.max_reject_share:g})",
            remedy="Mend the file and send it again, or raise the limit in feeds.csv.",
        )
    if feed.min_rows is not None and loaded < feed.min_rows:
        damaged = f", {rejects.count} damaged: {rejects.summary()}" if rejects.count else ""
        raise ExchangeError(
            f"the file has {loaded} good records{damaged}",
            place=Place(line=line),
            expected=f"at least {feed.min_rows} (min_rows of the feed)",
            remedy="Check whether the export was complete, or lower the limit in feeds.csv.",
        )


def _refused_by_postgres(error: psycopg.DataError) -> ExchangeError:
    """Postgres found fault with a record that our grammar takes: refuse the file, never drop the record."""
    where = error.diag.context or "place unknown"
    return ExchangeError(
        f"Postgres refuses a record: {error.diag.message_primary or error} ({where})",
        remedy="This is a fault of the exchange's reader, not of the file: please report it.",
    )
