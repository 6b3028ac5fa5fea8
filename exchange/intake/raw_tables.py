"""The tables of schema raw: deliveries, and one table of text per file format. Made here, never dropped."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg import sql

from exchange.intake.formats import FileFormat, load_formats

_INTAKE_TABLES = """
create table if not exists raw.refresh (
    refresh_id bigint generated always as identity primary key,
    started_at timestamptz not null default clock_timestamp(),
    as_of timestamptz not null,
    registry_digest text not null,
    id_key text not null
);
create table if not exists raw.give_to_get (
    partner text not null,
    window_days integer not null,
    min_answers bigint not null,
    primary key (partner, window_days)
);
create table if not exists raw.file (
    file_id bigint generated always as identity primary key,
    refresh_id bigint not null references raw.refresh,
    feed_id text not null,
    partner_id text not null,
    file_format text not null,
    file_name text not null,
    byte_size bigint not null,
    sha256 text not null,
    received_at timestamptz not null,
    records bigint not null,
    loaded bigint not null,
    rejected bigint not null,
    withdrawn_at timestamptz,
    unique (feed_id, sha256),
    constraint every_record_is_accounted_for check (records = loaded + rejected)
);
create table if not exists raw.file_slice (
    file_id bigint not null references raw.file,
    slice text not null,
    loaded bigint not null,
    primary key (file_id, slice)
);
create table if not exists raw.seen_file (
    feed_id text not null,
    file_name text not null,
    byte_size bigint not null,
    mtime_ns bigint not null,
    sha256 text not null,
    primary key (feed_id, file_name, byte_size, mtime_ns)
);
create table if not exists raw.refused_file (
    refresh_id bigint not null references raw.refresh,
    feed_id text not null,
    partner_id text not null,
    file_name text not null,
    sha256 text,
    refused_at timestamptz not null default clock_timestamp(),
    line bigint,
    problem text not null,
    remedy text,
    primary key (refresh_id, feed_id, file_name)
);
create table if not exists raw.rejected_row (
    file_id bigint not null references raw.file,
    line_number bigint not null,
    reason text not null,
    what_to_do text not null,
    raw_bytes bytea not null,
    primary key (file_id, line_number)
);
comment on table raw.refresh is 'Grain: one row per refresh. The newest as_of is "now" for every model.';
comment on table raw.give_to_get is
    'Grain: one row per line of the registry''s give_to_get.csv, as the newest refresh read it; none without the file.';
comment on table raw.file is
    'Grain: one row per loaded file of one feed. records = loaded + rejected. A withdrawn one has only this row left.';
comment on table raw.file_slice is
    'Grain: one row per loaded file and part (county) of the feed that it is about, if its format has parts.';
comment on table raw.seen_file is 'Grain: one row per (feed, name, size, mtime) whose bytes are known.';
comment on table raw.refused_file is 'Grain: one row per refused file and refresh; nothing of it was loaded.';
comment on table raw.rejected_row is 'Grain: one row per refused record of a loaded file.';
"""


def create(conn: psycopg.Connection[Any]) -> None:
    """Make what is missing and commit: tables, and columns that a format has gained. Drops and changes nothing.

    Needs the roles and the schema of exchange.warehouse.bootstrap.
    """
    with conn.transaction():
        conn.execute("select pg_advisory_xact_lock(hashtextextended('exchange.intake.raw_tables', 0))")
        # whoever runs this, the loader owns the tables
        conn.execute("set local role exchange_loader")
        conn.execute("set local client_min_messages = warning")
        conn.execute(_INTAKE_TABLES)
        _add_missing_columns(conn, sql.Identifier("raw", "file"), [("withdrawn_at", "timestamptz")])
        for file_format in load_formats().values():
            _create_table(conn, file_format)
        _grant_select(conn)


def raw_columns(file_format: FileFormat) -> list[tuple[str, str]]:
    """Names and types of the raw table's columns, in order."""
    columns = [(column.name, "text") for column in file_format.columns]
    if file_format.unknown_columns != "refuse":
        columns.append(("_extra", "jsonb"))
    return [*columns, ("_file_id", "bigint not null"), ("_row_number", "bigint not null")]


def _create_table(conn: psycopg.Connection[Any], file_format: FileFormat) -> None:
    table = sql.Identifier("raw", file_format.name)
    columns = raw_columns(file_format)
    described = sql.SQL(", ").join(sql.SQL("{} {}").format(sql.Identifier(n), sql.SQL(t)) for n, t in columns)
    conn.execute(sql.SQL("create table if not exists {} ({})").format(table, described))
    # A file's lines lie together, so a block-range index finds them and costs COPY next to nothing; with a btree, COPY
    # of 1 M generic_contacts took 45 % more server time (PG 18, 2026-11-23).
    conn.execute(
        sql.SQL("create index if not exists {} on {} using brin (_file_id) with (autosummarize = on)").format(
            sql.Identifier(f"{file_format.name[:49]}_by_file"), table
        )
    )
    _add_missing_columns(conn, table, columns)


def _add_missing_columns(
    conn: psycopg.Connection[Any], table: sql.Identifier, columns: Sequence[tuple[str, str]]
) -> None:
    # looked up first: `add column if not exists` waits for every reader of the table
    present = {
        name
        for (name,) in conn.execute(
            "select attname from pg_attribute where attrelid = %s::regclass and attnum > 0 and not attisdropped",
            (table.as_string(conn),),
        )
    }
    for name, kind in columns:
        if name not in present:
            conn.execute(sql.SQL("alter table {} add column {} {}").format(table, sql.Identifier(name), sql.SQL(kind)))


def _grant_select(conn: psycopg.Connection[Any]) -> None:
    """The default privileges of bootstrap do this for new tables; this mends a database that lost them."""
    for (table,) in conn.execute(
        "select oid::regclass::text from pg_class where relnamespace = 'raw'::regnamespace and relkind = 'r'"
        " and relowner = 'exchange_loader'::regrole"
        " and not has_table_privilege('exchange_dbt', oid, 'select')"
    ).fetchall():
        conn.execute(sql.SQL("grant select on {} to exchange_dbt").format(sql.SQL(table)))
