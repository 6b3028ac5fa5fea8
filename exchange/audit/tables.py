"""The tables of the audit, in schema ops: made here and never dropped. dbt reads them and cannot change them."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.rows import tuple_row

_TABLES = """
create table if not exists ops.access_log (
    at timestamptz not null,
    partner_id text,
    role text not null,
    relations text[] not null,
    kind text not null,
    duration_ms float8,
    error_code text,
    client_addr text,
    session_id text not null,
    line_number bigint not null,
    primary key (session_id, line_number)
);
create index if not exists access_log_by_partner on ops.access_log (partner_id, at);
create index if not exists access_log_by_time on ops.access_log using brin (at) with (autosummarize = on);
comment on table ops.access_log is
    'Grain: one row per statement that a partner''s login sent, as it was sent, or login of it that was refused.'
    ' Neither the text nor its parameters are kept: they may name people.';
comment on column ops.access_log.at is 'When the statement began; of one refused before it began, when it was refused.';
comment on column ops.access_log.partner_id is 'Whose login it was when the log was collected; null: a role of nobody.';
comment on column ops.access_log.relations is 'Views of the partner''s own schema that the statement names, in order.';
comment on column ops.access_log.kind is
    'The statement''s first word: select, copy, explain, fetch, set, …; other; or login.';
comment on column ops.access_log.duration_ms is 'Null: it failed, was ended, or runs still.';
comment on column ops.access_log.error_code is 'SQLSTATE of a statement or login that failed; 42501: no privilege.';
comment on column ops.access_log.client_addr is 'Address that the server saw: a proxy''s, if one stands between.';
create table if not exists ops.access_log_file (
    file_name text primary key,
    inode bigint not null,
    bytes_read bigint not null,
    unreadable_lines bigint not null default 0
);
comment on table ops.access_log_file is 'Grain: one row per file of the server''s log that is not removed yet.';
create table if not exists ops.audit (
    audit_id uuid primary key default gen_random_uuid(),
    at timestamptz not null default clock_timestamp(),
    by_os_user text not null,
    what text not null,
    partner_id text,
    details jsonb not null
);
comment on table ops.audit is
    'Grain: one row per act of an operator or a refresh that changed who may read what, or let data out.';
comment on column ops.audit.by_os_user is
    'The user of the machine that ran the command or the refresh; of an act in the dashboard, who was signed in.';
create table if not exists ops.audited_registry (
    file_name text not null,
    line_key text not null,
    line jsonb not null,
    primary key (file_name, line_key)
);
comment on table ops.audited_registry is
    'Grain: one row per line of partners.csv, partner_groups.csv, sharing_rules.csv and give_to_get.csv, as ops.audit'
    ' last knew it.';
grant select on ops.access_log, ops.access_log_file, ops.audit, ops.audited_registry to exchange_dbt;
-- that one of the dashboard looked at a partner's pages (warehouse/dashboard_rights.py)
grant select on ops.access_log, ops.access_log_file, ops.audit, ops.audited_registry to exchange_operator;
grant insert (by_os_user, what, partner_id, details) on ops.audit to exchange_operator;
"""


def create_audit_tables(conn: psycopg.Connection[Any]) -> None:
    """Make what is missing. Needs a bootstrapped database and an administrator."""
    with conn.cursor(row_factory=tuple_row) as cursor:
        found = cursor.execute("select to_regclass('ops.audited_registry') is not null").fetchone()
    if found is not None and found[0]:
        return
    with conn.transaction():
        # two first commands at once would both find nothing
        conn.execute("select pg_advisory_xact_lock(hashtextextended('exchange.audit.tables', 0))")
        conn.execute("set local client_min_messages = warning")
        # whoever runs this, the owner owns them
        conn.execute("set local role exchange_owner")
        conn.execute(_TABLES)
        # the caller's transaction goes on as who it was
        conn.execute("reset role")
