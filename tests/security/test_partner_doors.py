"""What a partner's own login can reach: its views and nothing else, and nothing there tells of the other partners."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.oracle.registry import Partner
from tests.security.conftest import Doors
from tests.worlds.running import CONTRACT_VIEWS

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]

REFUSED = (
    psycopg.errors.InsufficientPrivilege,
    psycopg.errors.UndefinedTable,
    psycopg.errors.InvalidSchemaName,
)
OUR_SCHEMAS = (
    *("raw", "registry", "vocabulary", "staging", "intermediate", "marts"),
    *("ops", "sharing", "published", "accounts", "dagster"),
)
CREATIONS = (
    "create table {schema}.mine (a int)",
    "create view {schema}.mine as select 1 as a",
    "create table public.mine (a int)",
    "create temp table mine (a int)",
    "create schema mine",
    "create function {schema}.mine() returns int language sql as 'select 1'",
    "create function public.mine() returns int language sql as 'select 1'",
    "create role mine",
    "create database mine",
    "create extension citext",
    "select lo_create(0)",
    "insert into {schema}.voters (person_id) values ('1')",
    "update {schema}.voters set party = 'x'",
    "delete from {schema}.voters",
    "truncate {schema}.voters",
    "drop view {schema}.voters",
    "copy {schema}.voters to program 'true'",
    "copy {schema}.voters to '/tmp/voters.csv'",
    "select pg_read_file('/etc/hostname')",
    "set role exchange_owner",
    "set role exchange_web",
)
CATALOG_TEXTS = {
    "roles": "select rolname from pg_roles",
    "schemas": "select nspname from pg_namespace",
    "relations": "select relname from pg_class",
    "columns": "select attname from pg_attribute",
    "comments": "select description from pg_description",
    "shared comments": "select description from pg_shdescription",
    "view texts": "select definition from pg_views",
    "rules": "select ev_action::text from pg_rewrite",
    "functions": "select prosrc from pg_proc",
    "defaults": "select adbin::text from pg_attrdef",
    "partition bounds": "select pg_get_expr(relpartbound, oid) from pg_class where relpartbound is not null",
    "statistics": "select most_common_vals::text from pg_stats",
    "sessions": "select concat_ws(' ', usename, application_name, query) from pg_stat_activity",
    "settings": "select setting from pg_settings",
    "role settings": "select setconfig::text from pg_db_role_setting",
}


def relations(doors: Doors) -> list[tuple[str, str]]:
    """Every table and view outside the system schemas, as the administrator sees them."""
    with doors.exchange.connect_as_admin() as connection:
        rows = connection.execute(
            """
            select n.nspname, c.relname
            from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
            where c.relkind in ('r', 'v', 'm', 'p', 'f')
                and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
            order by 1, 2
            """
        ).fetchall()
    return [(row["nspname"], row["relname"]) for row in rows]


def can_read(connection: psycopg.Connection[Any], schema: str, relation: str) -> bool:
    try:
        connection.execute(f'select 1 from "{schema}"."{relation}" limit 1')
    except REFUSED:
        return False
    return True


def test_a_partner_reads_its_own_views_and_nothing_else(doors: Doors) -> None:
    everything = relations(doors)
    assert {schema for schema, _ in everything} >= {"raw", "marts", "published"}
    for partner_id in doors.partner_ids:
        own = doors.schema(partner_id)
        with doors.exchange.connect_as(partner_id) as connection:
            readable = [(schema, name) for schema, name in everything if can_read(connection, schema, name)]
        # `clients` holds empty stand-ins (exchange/warehouse/client_catalog.py)
        foreign = [(schema, name) for schema, name in readable if schema not in (own, "clients")]
        assert foreign == [], f"{partner_id} reads {foreign[:10]}"
        lacking = set(CONTRACT_VIEWS) - {"suppressions"} - {name for _, name in readable}
        assert lacking == set(), f"{partner_id} lacks {lacking}"


def test_other_schemas_are_closed(doors: Doors) -> None:
    for partner_id in doors.partner_ids:
        closed = [*OUR_SCHEMAS, *doors.other_schemas(partner_id)]
        with doors.exchange.connect_as(partner_id) as connection:
            rows = connection.execute(
                """
                select nspname from pg_namespace
                where nspname = any(%s) and has_schema_privilege(oid, 'usage')
                """,
                [closed],
            ).fetchall()
            assert [row["nspname"] for row in rows] == [], partner_id


def test_a_partner_can_create_or_change_nothing(doors: Doors) -> None:
    partner_id = doors.partner_ids[0]
    accepted = []
    with doors.exchange.connect_as(partner_id) as connection:
        for text in CREATIONS:
            try:
                with connection.transaction(force_rollback=True):
                    connection.execute(text.format(schema=doors.schema(partner_id)))
            except psycopg.Error:
                continue
            accepted.append(text)
    assert accepted == []


def test_a_partner_reaches_no_other_database(doors: Doors) -> None:
    partner_id = doors.partner_ids[0]
    with doors.exchange.connect_as(partner_id) as connection:
        rows = connection.execute(
            """
            select datname from pg_database
            where datname <> current_database() and datallowconn
                and has_database_privilege(datname, 'connect')
            """
        ).fetchall()
    assert rows == []


def test_explain_shows_only_the_own_partition(doors: Doors) -> None:
    scanned: dict[str, set[str]] = {}
    for partner_id in doors.partner_ids:
        own = doors.schema(partner_id)
        with doors.exchange.connect_as(partner_id) as connection:
            for view in ("voter_responses", "contacts", "voters"):
                row = connection.execute(f"explain (format json, verbose) select * from {own}.{view}").fetchone()
                assert row is not None
                plan = row["QUERY PLAN"]
                found = set(relations_in_plan(plan))
                assert len(found) <= 1, f"{partner_id}.{view} scans {found}"
                scanned.setdefault(view, set()).update(found)
                assert tells_of_others(doors, partner_id, json.dumps(plan)) == []
    assert all(scanned.values()), "no plan scans anything: this test sees nothing"


def relations_in_plan(plan: Any) -> Iterator[str]:
    if isinstance(plan, list):
        for part in plan:
            yield from relations_in_plan(part)
    elif isinstance(plan, dict):
        if "Relation Name" in plan:
            yield plan["Relation Name"]
        for part in plan.values():
            yield from relations_in_plan(part)


def test_no_view_names_a_partner_that_is_not_shown(doors: Doors) -> None:
    """Only `contributor` of the own side, and sharing_terms, may name another partner; of the other side
    nobody
    may be named but as one that the own data is shared with."""
    for partner_id in doors.partner_ids:
        rows = doors.exchange.views(partner_id, CONTRACT_VIEWS)
        for view, of_view in rows.items():
            for row in of_view:
                text = json.dumps({k: v for k, v in row.items() if k != "contributor"}, default=str)
                told = tells_of_others(doors, partner_id, text)
                if view != "sharing_terms":
                    assert told == [], f"{partner_id}.{view} names {told}: {text[:300]}"
                contributor = row.get("contributor")
                if contributor and view != "sharing_terms":
                    assert same_side(doors, partner_id, contributor), f"{partner_id}.{view} names {contributor}"


def test_what_a_partner_receives_does_not_name_the_other_side(doors: Doors) -> None:
    for partner_id in doors.partner_ids:
        for row in doors.exchange.views(partner_id, ("sharing_terms",))["sharing_terms"]:
            text = json.dumps(row, default=str)
            others = [p for p in tells_of_others(doors, partner_id, text) if not same_side(doors, partner_id, p)]
            if others:
                gives = [
                    word for word in ("give", "gives", "gave", "share", "shares") if re.search(rf"\b{word}\b", text)
                ]
                assert gives, f"{partner_id} is told of {others}: {text[:300]}"
                assert not re.search(r"\breceiv", text), f"{partner_id} receives from {others}: {text[:300]}"


def test_catalogs_name_no_partner(doors: Doors) -> None:
    """System catalogs are readable by every login: what can be read there may hold opaque names only."""
    partner_id = doors.partner_ids[0]
    with doors.exchange.connect_as(partner_id) as connection:
        for what, query in CATALOG_TEXTS.items():
            try:
                rows = connection.execute(query).fetchall()
            except psycopg.errors.InsufficientPrivilege:
                continue
            text = "\n".join(str(value) for row in rows for value in row.values())
            named = [name for name in named_partners(doors, text) if name != partner_id]
            assert named == [], f"{what}: {named}"


def tells_of_others(doors: Doors, partner_id: str, text: str) -> list[str]:
    """Other partners that a text names by id, name or schema."""
    schemas = [
        partner.partner_id
        for partner in doors.registry.partners.values()
        if partner.share_schema in text and partner.partner_id != partner_id
    ]
    return sorted({name for name in named_partners(doors, text) if name != partner_id} | set(schemas))


def named_partners(doors: Doors, text: str) -> list[str]:
    return [
        partner_id
        for partner_id, name in doors.names.items()
        if name in text or re.search(rf"(?<![A-Za-z]){re.escape(partner_id)}(?![A-Za-z])", text)
    ]


def same_side(doors: Doors, one: str, other: str) -> bool:
    partners: dict[str, Partner] = doors.registry.partners
    return partners[one].side == partners[other].side
