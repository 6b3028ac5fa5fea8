"""The tables of schema matching, and ops.match_review: made and written here, as the role dbt; models read them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg import sql

_TABLES = """
create table if not exists matching.voter (
    voter_id int primary key,
    digest bigint not null,
    keys bigint[] not null default '{}'
);
create table if not exists matching.voter_key (
    key bigint not null,
    voter_id int not null,
    primary key (key, voter_id)
);
create table if not exists matching.spine_size (state text primary key, voters int not null);
create table if not exists matching.identity (
    identity_id int generated always as identity primary key,
    feed_id text not null,
    identity_key text not null,
    id_voter_id int,
    digest bigint,
    keys bigint[] not null default '{}',
    unique (feed_id, identity_key)
);
create index if not exists identity_by_id_voter on matching.identity (id_voter_id) where id_voter_id is not null;
create table if not exists matching.identity_key (
    key bigint not null,
    identity_id int not null,
    primary key (key, identity_id)
);
create table if not exists matching.due (identity_id int primary key);
create table if not exists matching.model (
    version int primary key,
    recipe text not null,
    trained_at timestamptz not null default clock_timestamp(),
    seed int not null,
    labels int not null,
    claims int not null,
    spine jsonb not null,
    frequency_digest text not null,
    model text not null,
    reason text not null
);
create table if not exists matching.frequency (
    version int not null references matching.model on delete cascade,
    field text not null,
    value text not null,
    n bigint not null,
    primary key (version, field, value)
);
create table if not exists matching.score (
    identity_id int primary key,
    model_version int not null,
    refused int[] not null default '{}'
);
create table if not exists matching.candidate (
    identity_id int not null,
    rank smallint not null,
    voter_id int not null,
    weight float8,
    posterior float8 not null,
    primary key (identity_id, rank)
);
create table if not exists matching.run (
    run_id int generated always as identity primary key,
    refresh_id bigint,
    started_at timestamptz not null,
    finished_at timestamptz not null default clock_timestamp(),
    model_version int not null,
    is_full boolean not null,
    scored int not null,
    changed int not null,
    moved int not null,
    counts jsonb not null,
    threshold float8 not null,
    estimated_precision float8,
    in_spine_share float8,
    calibration jsonb not null,
    rule_precisions jsonb not null,
    stale_reviews int not null,
    input_digest text not null
);
create table if not exists matching.matches (
    feed_id text not null,
    identity_key text not null,
    status text not null check (status in ('accepted', 'review', 'unmatched')),
    voter_id int,
    method text not null check (method in ('review', 'id', 'rule', 'model', 'none')),
    rule text,
    model_version int,
    weight float8,
    posterior float8,
    threshold float8,
    candidate_voter_id int,
    runner_up_voter_id int,
    runner_up_posterior float8,
    run_id int not null,
    changed_run_id int not null,
    primary key (feed_id, identity_key),
    constraint only_accepted_rows_have_a_voter check ((status = 'accepted') = (voter_id is not null))
);
-- a number greater than that of a dbt model's last build is news to it (macros/incremental/build_steps.sql)
create sequence if not exists ops.change_no;
create table if not exists matching.matches__changes (
    change_no bigint not null,
    feed_id text not null,
    identity_key text not null
);
create table if not exists ops.match_review (
    feed_id text not null,
    identity_key text not null,
    decision text not null check (decision in ('match', 'no_match')),
    state text,
    state_voter_id text,
    decided_by text not null,
    decided_at timestamptz not null,
    note text,
    unique nulls not distinct (feed_id, identity_key, state, state_voter_id),
    constraint a_match_names_its_voter check (decision = 'no_match' or state_voter_id is not null),
    constraint a_voter_has_state_and_id check ((state is null) = (state_voter_id is null))
);
create unique index if not exists one_match_per_identity on ops.match_review (feed_id, identity_key)
where decision = 'match';
comment on table matching.voter is 'Grain: one voter who may be matched, standardised. keys: the blocking keys.';
comment on table matching.voter_key is 'Grain: one blocking key of one voter.';
comment on table matching.spine_size is 'Grain: one state with voters who may be matched.';
comment on table matching.identity is 'Grain: one person as one feed knows them, standardised. identity_id stays.';
comment on table matching.identity_key is 'Grain: one blocking key of one identity.';
comment on table matching.due is 'Grain: one identity whose score may not hold: its row, its id or a candidate moved.';
comment on table matching.model is 'Grain: one trained model; the newest scores. claims: ids it could learn from.';
comment on table matching.frequency is 'Grain: one value of one field in the spine that the model was trained on.';
comment on table matching.score is 'Grain: one identity: what the model and the rules say about it.';
comment on table matching.candidate is 'Grain: one voter who may be this identity, best first; for people who review.';
comment on table matching.matches is
'Grain: feed_id + identity_key. run_id: when the row was last written; changed_run_id: when its voter last changed.';
comment on table matching.matches__changes is
'Grain: one identity whose match became another, or came, or went, with the number of the change.';
comment on table ops.match_review is
'Grain: one decision of a person about an identity and one voter, or (no_match, no voter) about all voters.';
"""


# says which text of _TABLES was run: all of it or nothing
_MADE = f"Grain: one run of matching. Made by {hashlib.sha256(_TABLES.encode()).hexdigest()[:16]}."


def create(conn: psycopg.Connection[Any]) -> None:
    """Make what is missing, in one transaction. Needs the roles and schemas of exchange.warehouse.bootstrap."""
    row = conn.execute("select obj_description(to_regclass('matching.run'), 'pg_class')").fetchone()
    if row == (_MADE,):
        return
    with conn.transaction():
        conn.execute("set local client_min_messages = warning")
        conn.execute(_TABLES)
        conn.execute(sql.SQL("comment on table matching.run is {}").format(_MADE))


def ensure_columns(conn: psycopg.Connection[Any], table: str, columns: Mapping[str, str], fixed: set[str]) -> bool:
    """Give a table of schema matching these columns besides its `fixed` ones; whether it had others.

    columns: name -> type in Postgres. An upgrade may change what is stored; the caller fills the rows anew.
    """
    found = dict(
        conn.execute(
            "select attname::text, format_type(atttypid, atttypmod) from pg_attribute"
            " where attrelid = %s::regclass and attnum > 0 and not attisdropped",
            [f"matching.{table}"],
        ).fetchall()
    )
    wanted = {name: _FULL_NAMES.get(kind, kind) for name, kind in columns.items()}
    surplus = [name for name, kind in found.items() if name not in fixed and wanted.get(name) != kind]
    missing = [name for name, kind in wanted.items() if found.get(name) != kind]
    changes = [sql.SQL("drop column {}").format(sql.Identifier(name)) for name in surplus]
    changes += [sql.SQL("add column {} {}").format(sql.Identifier(n), sql.SQL(columns[n])) for n in missing]
    if not changes:
        return False
    conn.execute(sql.SQL("alter table {} {}").format(sql.Identifier("matching", table), sql.SQL(", ").join(changes)))
    return True


_FULL_NAMES = {"float8": "double precision", "int": "integer"}
