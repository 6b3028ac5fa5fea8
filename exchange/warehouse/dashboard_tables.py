"""The tables of schema `dashboard`: who is signed in, what they saved, what they took out. Made here, never dropped."""

from __future__ import annotations

from psycopg import sql

from exchange.warehouse.changes import Changes

_TABLES = """
create table dashboard.session (
    token_hash bytea primary key,
    user_id bigint not null references accounts.user_account on delete cascade,
    acting_partner_id text,
    created_at timestamptz not null default now(),
    last_seen_at timestamptz not null default now(),
    expires_at timestamptz not null,
    client text
);
create index session_user_id on dashboard.session (user_id);
comment on table dashboard.session is
    'Grain: one row per open session of the dashboard. token_hash is sha256 of the cookie''s token, which is nowhere'
    ' kept; acting_partner_id: whose pages an operator looks at.';
create table dashboard.sign_in_attempt (
    email text not null,
    address text not null,
    at timestamptz not null default now(),
    succeeded boolean not null
);
create index sign_in_attempt_email on dashboard.sign_in_attempt (email, at);
create index sign_in_attempt_address on dashboard.sign_in_attempt (address, at);
create index sign_in_attempt_at on dashboard.sign_in_attempt (at);
comment on table dashboard.sign_in_attempt is
    'Grain: one row per attempt to sign in of the last day. email as it was typed, in lower case, also of nobody''s;'
    ' address: the client''s.';
create table dashboard.universe (
    universe_id bigint generated always as identity primary key,
    partner_id text not null,
    name text not null,
    kind text not null check (kind in ('dynamic', 'frozen')),
    filter text not null,
    person_ids text[],
    person_count int,
    as_of timestamptz,
    created_by bigint,
    created_at timestamptz not null default now(),
    unique (partner_id, name),
    check ((kind = 'frozen') = (person_ids is not null))
);
comment on table dashboard.universe is
    'Grain: one row per partner + name of a saved universe: a filter (the query string), or the persons, in the'
    ' partner''s own ids, that it found at as_of.';
create table dashboard.export (
    export_id uuid primary key default gen_random_uuid(),
    begun_at timestamptz not null default clock_timestamp(),
    user_id bigint not null,
    email text not null,
    partner_id text not null,
    kind text not null check (kind in ('csv', 'van', 'own_rows')),
    what text not null,
    filter text not null,
    as_of timestamptz,
    publication text,
    purpose text,
    counted int,
    suppressed_left_out int,
    rows_sent int,
    sha256 text,
    ended_at timestamptz,
    outcome text check (outcome in ('complete', 'aborted'))
);
create index export_partner_id on dashboard.export (partner_id, begun_at);
comment on table dashboard.export is
    'Grain: one row per file that somebody took out of the dashboard, written before its first byte. Without outcome:'
    ' it runs, or the process died.';
"""
_NAMES = ("session", "sign_in_attempt", "universe", "export")


def create_dashboard_tables(changes: Changes) -> None:
    """Make all four unless they are there. In the bootstrap, after the tables of `accounts`.

    One bootstrap runs at a time. It commits before the first universe is saved: a sequence that gives a number in the
    transaction that makes it gives it again after a crash of the server (wal_level=minimal).
    """
    [(found,)] = changes.rows("select to_regclass('dashboard.session') is not null")
    if found:
        return
    changes.apply("create the tables of dashboard", sql.SQL(_TABLES))
    for name in _NAMES:
        # whoever runs this, the owner owns them
        table = sql.Identifier("dashboard", name)
        changes.apply(
            f"dashboard.{name} to exchange_owner", sql.SQL("alter table {} owner to exchange_owner").format(table)
        )
