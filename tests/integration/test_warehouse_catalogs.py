"""What a partner's login can learn from Postgres itself, and that its clients work nevertheless."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
import sqlalchemy
from pydantic import SecretStr

from exchange.settings import Settings
from exchange.warehouse.binaries import find_binaries
from exchange.warehouse.bootstrap import bootstrap
from exchange.warehouse.connection import ConnectionInfo, connect, connection_info
from exchange.warehouse.partner_roles import create_partner_role, let_into, set_password
from exchange.warehouse.server import EmbeddedServer
from tests.servers import DEBIAN_15, fresh_settings

pytestmark = [pytest.mark.integration, pytest.mark.timeout(180)]

# what a publication makes: a partition per audience, and a view over it in the partner's schema
PUBLICATION = """
set role exchange_owner;
create table published.voter_responses (audience_id int, person_id text, answer_code smallint)
    partition by list (audience_id);
create table published.voter_responses_1 partition of published.voter_responses for values in (1);
create table published.voter_responses_2 partition of published.voter_responses for values in (2);
create index on published.voter_responses_1 (person_id);
insert into published.voter_responses values (1, 'a', 1), (2, 'b', 2), (2, 'c', 3);
analyze published.voter_responses;
reset role;
create schema p_aaaaaa authorization exchange_owner;
create schema p_bbbbbb authorization exchange_owner;
set role exchange_owner;
create view p_aaaaaa.voter_responses with (security_invoker = true)
    as select person_id, answer_code from published.voter_responses_1;
create view p_bbbbbb.voter_responses with (security_invoker = true)
    as select person_id, answer_code from published.voter_responses_2 where answer_code > 0;
comment on view p_aaaaaa.voter_responses is 'One row per answer.';
grant usage on schema p_aaaaaa to p_aaaaaa;
grant usage on schema p_bbbbbb to p_bbbbbb;
grant select (person_id, answer_code) on published.voter_responses_1 to p_aaaaaa;
grant select (person_id, answer_code) on published.voter_responses_2 to p_bbbbbb;
grant select on p_aaaaaa.voter_responses to p_aaaaaa;
grant select on p_bbbbbb.voter_responses to p_bbbbbb;
"""


@pytest.fixture(scope="module", params=["wheel", "debian 15"])
def partner(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ConnectionInfo]:
    """The login of p_aaaaaa, on a server where p_bbbbbb exists and has a session open."""
    if request.param == "debian 15" and not (DEBIAN_15 / "postgres").exists():
        pytest.skip(f"PostgreSQL 15 is not tested: there is no {DEBIAN_15} (apt-get install postgresql-15)")
    settings = fresh_settings(tmp_path_factory.mktemp("catalogs"))
    server = EmbeddedServer(settings, binaries=DEBIAN_15 if request.param == "debian 15" else None)
    try:
        server.start()
        bootstrap(settings)
        with connect(settings, autocommit=True) as admin:
            for name in ("p_aaaaaa", "p_bbbbbb"):
                create_partner_role(admin, name)
                let_into(admin, admin.info.dbname, name)
                set_password(admin, name, name)
            admin.execute(PUBLICATION)
        with connect(settings, user="p_bbbbbb", password="p_bbbbbb"):
            yield as_partner(settings, "p_aaaaaa")
    finally:
        server.stop()


def as_partner(settings: Settings, name: str) -> ConnectionInfo:
    return connection_info(settings).model_copy(update={"user": name, "password": SecretStr(name)})


def rows(partner: ConnectionInfo, query: Any) -> list[tuple[Any, ...]]:
    with psycopg.connect(partner.url()) as connection:
        # a partner may always lift its own defaults: they must not be what protects anything
        connection.execute("set default_transaction_read_only = off")
        connection.commit()
        return connection.execute(query).fetchall()


def test_it_reads_its_own_view(partner: ConnectionInfo) -> None:
    assert rows(partner, "select person_id, answer_code from voter_responses") == [("a", 1)]


@pytest.mark.parametrize(
    "statement",
    [
        "select * from p_bbbbbb.voter_responses",
        "select * from published.voter_responses",
        "select * from published.voter_responses_1",
        "select * from published.voter_responses_2",
        "set role p_bbbbbb",
        "set role exchange_owner",
        "create temporary table t (a int)",
        "create table t (a int)",
        "create table public.t (a int)",
        "create view v as select 1",
        "create schema s",
        "create function f() returns int language sql return 1",
        "do $$ begin end $$",
        "select lo_create(0)",
        "select lo_from_bytea(0, 'x')",
        "select pg_logical_emit_message(false, 'a', 'b')",
        "select pg_advisory_lock(1)",
        "select pg_try_advisory_xact_lock(1, 2)",
        # view text: of others, and even of its own
        "select pg_get_viewdef('p_bbbbbb.voter_responses'::regclass)",
        "select pg_get_viewdef(c.oid, true) from pg_class c where relname = 'voter_responses'",
        "select definition from pg_views",
        "select definition from pg_rules",
        "select definition from pg_matviews",
        "select ev_action from pg_rewrite",
        "select view_definition from information_schema.views",
        "select pg_get_ruledef(oid) from pg_rewrite",
        # row counts and sizes
        "select reltuples from pg_class",
        "select relpages from pg_class",
        "select * from pg_class",
        "select n_live_tup from pg_stat_user_tables",
        "select seq_scan from pg_stat_all_tables",
        "select idx_scan from pg_stat_user_indexes",
        "select heap_blks_read from pg_statio_user_tables",
        "select pg_stat_get_live_tuples(oid) from pg_class",
        "select pg_stat_get_tuples_inserted(oid) from pg_class",
        "select pg_relation_size(oid) from pg_class",
        "select pg_total_relation_size(oid) from pg_class",
        "select pg_table_size(oid) from pg_class",
        # statistics; the bounds of partitions, which name audiences
        "select most_common_vals from pg_stats",
        "select * from pg_statistic",
        "select relpartbound from pg_class",
        "select pg_get_partition_constraintdef(oid) from pg_class",
        # what others do at this moment
        "select usename from pg_stat_activity",
        "select pg_stat_get_activity(null)",
        "select pg_stat_get_backend_userid(1)",
        "select * from pg_stat_database",
        "select * from pg_stat_ssl",
        "select * from pg_locks",
        "select pg_lock_status()",
        "select * from pg_prepared_xacts",
        "select pg_blocking_pids(1)",
        "select pg_terminate_backend(1)",
        "select pg_cancel_backend(1)",
        "select pg_notify('a', 'b')",
        "select pg_control_checkpoint()",
        "select pg_export_snapshot()",
        "select pg_xact_status('1')",
        "select lo_open(1, 262144)",
        "select pg_relation_filenode(oid) from pg_class",
        "select relfilenode from pg_class",
        "select relfrozenxid from pg_class",
        # queries in a text, which the access log could not read
        "select query_to_xml('select 1', true, false, '')",
        "select ts_stat('select to_tsvector(person_id) from voter_responses')",
        "select rolpassword from pg_authid",
        "select * from pg_hba_file_rules",
        "select pg_read_file('PG_VERSION')",
        "copy (select 1) to program 'true'",
    ],
)
def test_it_is_refused(partner: ConnectionInfo, statement: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        rows(partner, statement)


def test_nothing_of_the_schema_catalog_is_left_to_public(partner: ConnectionInfo) -> None:
    """A new version of Postgres may bring new views: their names fit the patterns or fail here."""
    found = rows(
        partner,
        "select relname from pg_class where relnamespace = 'pg_catalog'::regnamespace and relkind = 'v'"
        " and has_table_privilege(oid, 'select') and relname ~ 'stat|lock|view|rule|activity|progress'"
        " and relname <> 'pg_prepared_statements'",  # shows those of the own session,
    )
    assert found == []


def test_its_limits(partner: ConnectionInfo) -> None:
    with psycopg.connect(partner.url()) as connection:
        shown = {
            name: connection.execute(f"show {name}").fetchone()[0]  # type: ignore
            for name in (
                "statement_timeout",
                "search_path",
                "temp_file_limit",
            )
        }
        assert shown == {
            "statement_timeout": "5min",
            "search_path": "p_aaaaaa",
            "temp_file_limit": "500MB",
        }
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("set temp_file_limit = -1")


def test_sqlalchemy_works(partner: ConnectionInfo) -> None:
    engine = sqlalchemy.create_engine(partner.sqlalchemy_url())
    try:
        inspector = sqlalchemy.inspect(engine)
        assert inspector.default_schema_name == "p_aaaaaa"
        assert inspector.get_table_names() == []
        assert inspector.get_view_names() == ["voter_responses"]
        assert [column["name"] for column in inspector.get_columns("voter_responses")] == [
            "person_id",
            "answer_code",
        ]
        assert inspector.get_table_comment("voter_responses") == {"text": "One row per answer."}
        assert inspector.get_pk_constraint("voter_responses")["constrained_columns"] == []
        assert inspector.get_indexes("voter_responses") == []
        assert inspector.get_foreign_keys("voter_responses") == []
        metadata = sqlalchemy.MetaData()
        metadata.reflect(engine, views=True)
        assert list(metadata.tables) == ["voter_responses"]
        with engine.connect() as connection:
            found = connection.execute(sqlalchemy.select(metadata.tables["voter_responses"])).all()
        assert [tuple(row) for row in found] == [("a", 1)]
    finally:
        engine.dispose()


@pytest.mark.parametrize("command", [r"\d", r"\d voter_responses", r"\dv", r"\dt", r"\dn", r"\df", r"\dp", r"\du"])
def test_psql_works(partner: ConnectionInfo, command: str) -> None:
    environment = os.environ | partner.libpq_env()
    # the system's psql and the wheel's ask different questions
    programs = {str(find_binaries().program("psql")), shutil.which("psql")} - {None}
    for program in programs:
        done = subprocess.run(
            [str(program), "-X", "-c", command], env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0 and "ERROR" not in done.stderr, done.stderr


@pytest.mark.parametrize(
    "query",
    [
        # what drivers of BI tools ask: JDBC's getTables and getColumns, ODBC's SQLTables, Power BI, Tableau
        "select n.nspname, c.relname, c.relkind, d.description from pg_catalog.pg_namespace n"
        " join pg_catalog.pg_class c on c.relnamespace = n.oid"
        " left join pg_catalog.pg_description d on c.oid = d.objoid and d.objsubid = 0"
        " and d.classoid = 'pg_class'::regclass where c.relname = 'voter_responses'",
        "select a.attname, a.atttypid, a.atttypmod, pg_catalog.pg_get_expr(def.adbin, def.adrelid), t.typtype"
        " from pg_catalog.pg_attribute a join pg_catalog.pg_type t on a.atttypid = t.oid"
        " join pg_catalog.pg_class c on a.attrelid = c.oid left join pg_catalog.pg_attrdef def"
        " on a.attrelid = def.adrelid and a.attnum = def.adnum where c.relname = 'voter_responses'",
        "select relname, nspname, relkind, pg_catalog.has_table_privilege(c.oid, 'select')"
        " from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace"
        " where relkind in ('r', 'v', 'm', 'f', 'p')",
        "select table_schema, table_name, table_type from information_schema.tables",
        "select column_name, data_type, ordinal_position from information_schema.columns",
        "select table_name from information_schema.views",
        "select schemaname, tablename from pg_catalog.pg_tables",
        # Metabase: names of views, and row counts in the empty stand-in (tests/bi asks all of its questions)
        "select schemaname, viewname from pg_catalog.pg_views where schemaname = current_schema()",
        "select count(*) from pg_catalog.pg_matviews",
        "select count(n_live_tup) from clients.pg_stat_user_tables",
        "select typname, oid from pg_catalog.pg_type where typname = 'text'",
        "select name, setting from pg_catalog.pg_settings where name = 'max_index_keys'",
        "select datname from pg_catalog.pg_database",
        "select current_schema(), version(), current_setting('server_version_num')",
    ],
)
def test_other_clients_work(partner: ConnectionInfo, query: str) -> None:
    assert rows(partner, query)
