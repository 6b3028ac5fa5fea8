"""The tables of schema `accounts`: who may log in to the database, who may sign in to the dashboard."""

from __future__ import annotations

from typing import Any

import psycopg

_TABLES = """
create table accounts.partner_login (
    partner_id text primary key,
    role_name text not null,
    password_set_at timestamptz,
    suspended_at timestamptz
);
comment on table accounts.partner_login is
    'Grain: one row per partner that was given a database login or suspended. Holds no password.';
create table accounts.user_account (
    user_id bigint generated always as identity primary key,
    email text not null unique check (email = lower(email)),
    partner_id text,
    password_hash text not null,
    is_disabled boolean not null default false,
    created_at timestamptz not null default now(),
    password_set_at timestamptz not null default now()
);
comment on table accounts.user_account is
    'Grain: one row per person who signs in. partner_id is null for operators of the exchange.';
alter table accounts.partner_login owner to exchange_owner;
alter table accounts.user_account owner to exchange_owner;
"""


def create_account_tables(conn: psycopg.Connection[Any]) -> bool:
    """Make both tables unless they are there; whether it did. Needs the schema, and an administrator.

    Commit before the first account is added: a sequence that gives a number in the transaction that makes it gives it
    again after a crash of the server (wal_level=minimal).
    """
    with conn.transaction():
        # two first commands at once would both find nothing
        conn.execute("select pg_advisory_xact_lock(hashtextextended('exchange.warehouse.account_tables', 0))")
        found = conn.execute("select to_regclass('accounts.user_account') is not null").fetchone()
        if found and found[0]:
            return False
        conn.execute(_TABLES)
        return True
