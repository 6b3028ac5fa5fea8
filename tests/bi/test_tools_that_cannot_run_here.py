"""Tools that cannot run here, by what they ask of the catalogs: each question reads what the tool's own query reads.

Which relations and columns they read is known from their source (Npgsql, Metabase) and from server logs of their start
that others published (Power BI). The driver of Tableau, Looker and Metabase is tested itself: test_jdbc.py.
"""

from __future__ import annotations

import psycopg
import pytest

from tests.bi.doors import Door

pytestmark = [pytest.mark.bi, pytest.mark.timeout(900)]

# Metabase's additional connection option, as docs/connect/metabase.md gives it
METABASE_PATH = "{user},clients,pg_catalog"

POWER_BI = {
    "reset of a pooled connection": "discard all",
    "types": """
        select n.nspname, t.typname, t.oid, t.typrelid, t.typbasetype, t.typtype, t.typelem, p.proname, r.rngsubtype
        from pg_type as t
        join pg_namespace as n on n.oid = t.typnamespace
        join pg_proc as p on p.oid = t.typreceive
        left join pg_class as c on c.oid = t.typrelid and c.relkind = 'c'
        left join pg_range as r on r.rngtypid = t.oid
    """,
    "fields of composite types": """
        select t.oid, a.attname, a.atttypid
        from pg_type as t
        join pg_class as c on c.oid = t.typrelid
        join pg_attribute as a on a.attrelid = t.typrelid
        where t.typtype = 'c' and c.relkind = 'c' and a.attnum > 0 and not a.attisdropped
    """,
    "values of enums": "select t.oid, e.enumlabel from pg_enum as e join pg_type as t on t.oid = e.enumtypid",
    "encoding": "select character_set_name from information_schema.character_sets",
    "navigator": """
        select table_schema, table_name, table_type
        from information_schema.tables
        where table_schema not in ('information_schema', 'pg_catalog')
    """,
    "columns": """
        select column_name, ordinal_position, is_nullable, data_type
        from information_schema.columns
        where table_schema = current_schema() and table_name = 'voters'
    """,
    "relationship columns": """
        select p.table_name, p.column_name, f.table_name, f.column_name, f.ordinal_position, r.constraint_name
        from information_schema.referential_constraints as r
        join information_schema.key_column_usage as f on f.constraint_name = r.constraint_name
        join information_schema.key_column_usage as p on p.constraint_name = r.unique_constraint_name
    """,
    "keys": """
        select u.column_name, c.constraint_type
        from information_schema.table_constraints as c
        join information_schema.key_column_usage as u on u.constraint_name = c.constraint_name
        where c.table_name = 'voters' and c.constraint_type in ('PRIMARY KEY', 'UNIQUE')
    """,
    "preview, quoted as Power BI does": """
        select "$Table"."person_id" as "person_id", "$Table"."is_suppressed" as "is_suppressed"
        from "voters" "$Table" limit 1000
    """,
}

METABASE = {
    "views, and how many rows they have": """
        select n.nspname, c.relname, c.relkind, d.description, s.n_live_tup
        from pg_catalog.pg_class as c
        join pg_catalog.pg_namespace as n on c.relnamespace = n.oid
        left join pg_catalog.pg_description as d
            on c.oid = d.objoid and d.objsubid = 0 and d.classoid = 'pg_class'::regclass
        left join pg_stat_user_tables as s on n.nspname = s.schemaname and c.relname = s.relname
        where n.nspname = current_schema()
    """,
    "what it may read": """
        select t.schemaname, t.name,
            pg_catalog.has_any_column_privilege(current_user, format('%I.%I', t.schemaname, t.name), 'select')
        from (
            select schemaname, tablename as name from pg_catalog.pg_tables
            union
            select schemaname, viewname from pg_catalog.pg_views
            union
            select schemaname, matviewname from pg_catalog.pg_matviews
        ) as t
        where pg_catalog.has_schema_privilege(current_user, t.schemaname, 'usage') and t.schemaname !~ '^pg_'
    """,
    "fields": """
        select column_name, udt_name, ordinal_position, column_default, is_nullable, is_identity,
            col_description(format('%I.%I', table_schema, table_name)::regclass::oid, ordinal_position)
        from information_schema.columns
        where table_schema = current_schema()
    """,
    "foreign keys": """
        select n.nspname, f.relname, a.attname
        from pg_constraint as c
        join pg_class as f on f.oid = c.conrelid
        join pg_namespace as n on n.oid = c.connamespace
        join pg_attribute as a on a.attrelid = c.conrelid and a.attnum = any(c.conkey)
        where c.contype = 'f'
    """,
    "indexes": """
        select n.nspname, t.relname, pg_catalog.pg_get_indexdef(i.indexrelid, 1, false)
        from pg_catalog.pg_class as t
        join pg_catalog.pg_namespace as n on n.oid = t.relnamespace
        join pg_catalog.pg_index as i on i.indrelid = t.oid
        where pg_catalog.pg_get_expr(i.indpred, i.indrelid) is null and n.nspname = current_schema()
    """,
    "enums": "select n.nspname, t.typname from pg_type as t join pg_namespace as n on n.oid = t.typnamespace"
    " where t.oid in (select enumtypid from pg_enum)",
    "time zone": "show timezone",
    "sample of a field": "select person_id from voters order by person_id limit 10000",
}


def answered(door: Door, question: str, search_path: str | None = None) -> list[tuple[object, ...]]:
    options = f"-c search_path={search_path}" if search_path else ""
    with psycopg.connect(door.url(), options=options, autocommit=True) as connection:
        cursor = connection.execute(question)
        return cursor.fetchall() if cursor.description else []


@pytest.mark.parametrize("name", POWER_BI)
def test_what_power_bi_asks_is_answered(door: Door, name: str) -> None:
    """Would have caught a catalog column hidden that Npgsql reads before its first query."""
    answered(door, POWER_BI[name])


def test_power_bi_navigates_to_own_views_only(door: Door) -> None:
    """Its navigator reads the information schema, which lists what the login has rights on: nothing of anybody else."""
    listed = {(str(schema), str(name)) for schema, name, _ in answered(door, POWER_BI["navigator"])}
    assert {name for schema, name in listed if schema == door.user} == set(door.views())
    # what lies below its views is listed too, and cannot be opened: docs/connect/power-bi.md says so
    below = {name.rpartition("_")[0] for schema, name in listed if schema == "published"}
    assert below == set(door.views())
    assert {schema for schema, _ in listed} == {door.user, "published", "clients"}
    columns = answered(door, POWER_BI["columns"])
    assert sorted(str(name) for name, *_ in columns) == sorted(door.columns()["voters"])


@pytest.mark.parametrize("name", METABASE)
def test_what_metabase_asks_is_answered(door: Door, name: str) -> None:
    """Would have caught the row count that its list of tables insists on: refused, it lists nothing at all."""
    answered(door, METABASE[name], METABASE_PATH.format(user=door.user))


def test_metabase_sees_own_views_with_comments_and_no_counts(door: Door) -> None:
    path = METABASE_PATH.format(user=door.user)
    listed = answered(door, METABASE["views, and how many rows they have"], path)
    assert sorted(listed) == [(door.user, view, "v", door.comment(view), None) for view in door.views()]
    readable = {(schema, name) for schema, name, may in answered(door, METABASE["what it may read"], path) if may}
    assert {name for schema, name in readable if schema == door.user} == set(door.views())
