"""The schema `clients`: empty stand-ins for statistics that some tools insist on reading.

Metabase lists views together with pg_stat_user_tables.n_live_tup and lists nothing where that is refused (catalogs.py).
The name is unqualified, so a session that puts `clients` before pg_catalog in its search_path reads the stand-in: no
row, and so nothing about anybody. Other sessions never see it: the schema is in nobody's default search_path.
"""

from __future__ import annotations

from psycopg import sql

from exchange.warehouse.changes import Changes

SCHEMA = "clients"
STAND_INS = ("pg_stat_user_tables",)


def create_client_catalog(changes: Changes) -> None:
    """Writes only what is missing. Every role may read the stand-ins: they hold nothing."""
    schema = sql.Identifier(SCHEMA)
    if not changes.rows("select from pg_namespace where nspname = %s", [SCHEMA]):
        changes.apply(f"create schema {SCHEMA}", sql.SQL("create schema {}").format(schema))
    if changes.rows("select where not has_schema_privilege('public', %s, 'usage')", [SCHEMA]):
        changes.apply(f"schema {SCHEMA} is open", sql.SQL("grant usage on schema {} to public").format(schema))
    for name in STAND_INS:
        _create_stand_in(changes, name)


def _create_stand_in(changes: Changes, name: str) -> None:
    view = sql.Identifier(SCHEMA, name)
    if not changes.rows("select where to_regclass(%s) is not null", [f"{SCHEMA}.{name}"]):
        columns = changes.rows(
            "select attname::text, format_type(atttypid, atttypmod) from pg_attribute"
            " where attrelid = %s::regclass and attnum > 0 order by attnum",
            [f"pg_catalog.{name}"],
        )
        nothing = sql.SQL(", ").join(
            # the type's name is written by Postgres itself
            sql.SQL("null::{} as {}").format(sql.SQL(kind), sql.Identifier(column))
            for column, kind in columns
        )
        changes.apply(
            f"create the stand-in {SCHEMA}.{name}",
            sql.SQL("create view {} as select {} where false").format(view, nothing),
        )
    if changes.rows("select where not has_table_privilege('public', %s, 'select')", [f"{SCHEMA}.{name}"]):
        changes.apply(f"{SCHEMA}.{name} is readable", sql.SQL("grant select on {} to public").format(view))
