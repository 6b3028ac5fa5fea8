"""The bootstrap: complete, idempotent, safe to run twice at once, on our server and on somebody else's."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from exchange.errors import ExchangeError
from exchange.settings import Settings
from exchange.warehouse import connection as connection_module
from exchange.warehouse.bootstrap import bootstrap
from exchange.warehouse.connection import connect, connection_info, ensure_running
from exchange.warehouse.credentials import password_file
from exchange.warehouse.partner_roles import close_door, create_partner_role, let_into, open_door, set_password
from exchange.warehouse.server import EmbeddedServer
from tests.servers import debian_15, external_database, fresh_settings, running_warehouse, server_log

pytestmark = [pytest.mark.integration, pytest.mark.timeout(180)]
PARTNER = "p_0a1b2c"


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    with running_warehouse(fresh_settings(tmp_path_factory.mktemp("bootstrap"))) as settings:
        yield settings


@pytest.fixture(scope="module")
def debian_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    with debian_15(tmp_path_factory.mktemp("debian")) as settings:
        yield settings


def test_twice_changes_nothing_and_is_fast(warehouse: Settings) -> None:
    started = time.monotonic()
    done = bootstrap(warehouse)
    assert done.applied == () and done.skipped == ()
    # 0.05 s on a quiet machine
    assert time.monotonic() - started < 3


def test_every_role_connects_as_itself(warehouse: Settings) -> None:
    for role in ("admin", "owner", "loader", "dbt", "web", "dagster"):
        with connect(warehouse, role) as connection:
            row = connection.execute("select current_user, session_user").fetchone()
        expected = ("exchange_owner", "exchange_admin") if role == "owner" else (f"exchange_{role}",) * 2
        assert row == expected
    with psycopg.connect(connection_info(warehouse, "owner").url()) as connection:
        assert connection.execute("select current_user").fetchone() == ("exchange_owner",)


def test_unknown_role(warehouse: Settings) -> None:
    with pytest.raises(ExchangeError, match="no such database role"):
        connection_info(warehouse, "root")  # type: ignore[arg-type]


def test_what_somebody_changed_is_put_right(warehouse: Settings) -> None:
    with connect(warehouse, autocommit=True) as connection:
        connection.execute("grant connect on database exchange to public")
        connection.execute("grant select on pg_views to public")
        connection.execute("grant execute on function pg_get_viewdef(oid) to public")
        connection.execute("grant select on pg_class to public")
        connection.execute("alter role exchange_dbt createdb password 'forgotten'")
        connection.execute("alter role exchange_web inherit")
        connection.execute("drop schema intermediate")
        connection.execute("alter schema marts owner to exchange_admin")
    password_file(warehouse, "exchange_web").unlink()
    done = bootstrap(warehouse)
    assert {
        "create schema intermediate",
        "schema marts to exchange_owner",
        "exchange_dbt loses powers it must not have",
        "set the password of exchange_dbt",
        "set the password of exchange_web",
        "PUBLIC loses connect on database exchange",
        "hide pg_class",
    } <= set(done.applied)
    assert bootstrap(warehouse).applied == ()
    connect(warehouse, "web").close()
    connect(warehouse, "dbt").close()


def test_what_each_step_makes_the_next_may_read(warehouse: Settings) -> None:
    with connect(warehouse, "loader") as loader:
        loader.execute("create table raw.arrived as select 1 as a")
        loader.execute("create temporary table scratch (a int)")
    with connect(warehouse, "dbt") as dbt:
        dbt.execute("create schema if not exists sharing")
        dbt.execute("create table sharing.built as select * from raw.arrived")
        dbt.execute("create function staging.twice(a int) returns int language sql return a * 2")
        assert dbt.execute("select staging.twice(a) from sharing.built").fetchone() == (2,)
        dbt.commit()
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            dbt.execute("delete from raw.arrived")
    with connect(warehouse, "owner") as owner:
        owner.execute("create table published.given as select * from sharing.built")
        owner.commit()
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            owner.execute("select staging.twice(1)")
    with connect(warehouse, "dbt") as dbt:
        assert dbt.execute("select a from published.given").fetchone() == (1,)
    with connect(warehouse, "dagster") as dagster:
        dagster.execute("create table runs (a int)")
        assert dagster.execute("select 'dagster.runs'::regclass::text").fetchone() == ("runs",)


@pytest.mark.parametrize(
    ("role", "statement"),
    [
        ("web", "select * from raw.seen"),
        ("web", "create temporary table t (a int)"),
        ("web", "create table published.t (a int)"),
        ("web", "select * from pg_stat_activity"),
        ("web", "create schema s"),
        ("loader", "create table published.t (a int)"),
        ("loader", "create table public.t (a int)"),
        ("loader", "create schema s"),
        ("dagster", "create table raw.t (a int)"),
        ("dbt", "create table dagster.t (a int)"),
        ("dbt", "create table accounts.t (a int)"),
        ("dbt", "create table published.t (a int)"),
        ("dbt", "create role r"),
        ("dbt", "copy (select 1) to program 'true'"),
        # hidden from partners together with functions that our roles keep
        ("loader", "select lo_import('/etc/hostname')"),
        ("dbt", "select lo_export(1, '/tmp/x')"),
    ],
)
def test_no_role_does_what_is_not_its_own(warehouse: Settings, role: str, statement: str) -> None:
    with connect(warehouse) as admin:
        admin.execute("create table if not exists raw.seen (a int)")
    with connect(warehouse, role) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):  # type: ignore[arg-type]
        connection.execute(statement)


def test_no_role_reaches_another_database_of_our_server(warehouse: Settings) -> None:
    for database in ("postgres", "template1"):
        with pytest.raises(ExchangeError, match="permission denied for database"):
            connect(warehouse, "dbt", dbname=database)


def test_two_at_once(tmp_path: Path) -> None:
    settings = fresh_settings(tmp_path)
    script = (
        "from exchange.settings import Settings; from exchange.warehouse.bootstrap import bootstrap;"
        "bootstrap(Settings())"
    )
    environment = os.environ | {"EXCHANGE_HOME": str(settings.home), "EXCHANGE_DATABASE_URL": ""}
    try:
        ensure_running(settings)
        both = [subprocess.Popen([sys.executable, "-c", script], env=environment) for _ in range(3)]
        assert [each.wait(timeout=100) for each in both] == [0, 0, 0]
        assert bootstrap(settings).applied == ()
    finally:
        EmbeddedServer(settings).stop()


def test_an_old_postgres_is_refused(warehouse: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_module, "LEAST_MAJOR", 99)
    with pytest.raises(ExchangeError, match=r"too old.*Postgres 99 or newer"):
        connect(warehouse)


def test_postgres_15_by_url(debian_server: Settings, tmp_path: Path) -> None:
    settings = external_database(debian_server, tmp_path, "theirs", as_superuser=True)
    done = bootstrap(settings)
    assert "create schema raw" in done.applied
    # our bootstrap must not touch what is not the exchange's
    assert any("every role may connect to database postgres" in each for each in done.skipped)
    assert bootstrap(settings).applied == ()
    for role in ("owner", "loader", "dbt", "web", "dagster"):
        connect(settings, role).close()
    _open_and_close_a_door(settings)
    _forget_roles(debian_server, "theirs")


def test_postgres_15_whose_administrator_is_no_superuser(debian_server: Settings, tmp_path: Path) -> None:
    """Like the managed servers: it owns its database, may make roles, and may not change the catalogs."""
    settings = external_database(debian_server, tmp_path, "managed", as_superuser=False)
    done = bootstrap(settings)
    assert any("no superuser" in each for each in done.skipped)
    assert bootstrap(settings).applied == ()
    with connect(settings, "owner") as owner:
        assert owner.execute("select current_user").fetchone() == ("exchange_owner",)
        owner.execute("create table published.t (a int)")
    with connect(settings, "loader") as loader:
        loader.execute("create table raw.t (a int)")
    with connect(settings, "dbt") as dbt:
        dbt.execute("select * from raw.t")
    with connect(settings, "web") as web, pytest.raises(psycopg.errors.InsufficientPrivilege):
        web.execute("create temporary table t (a int)")
    _open_and_close_a_door(settings)
    _forget_roles(debian_server, "managed")


def test_an_administrator_who_may_not(debian_server: Settings, tmp_path: Path) -> None:
    settings = external_database(debian_server, tmp_path, "readonly", as_superuser=False)
    with connect(debian_server, dbname="readonly", autocommit=True) as connection:
        connection.execute("alter role owner_of_readonly nocreaterole")
    with pytest.raises(ExchangeError, match=r"may not: create role.*CREATEROLE"):
        bootstrap(settings)


def _open_and_close_a_door(settings: Settings) -> None:
    with connect(settings, autocommit=True) as admin:
        create_partner_role(admin, PARTNER)
        create_partner_role(admin, PARTNER)
        set_password(admin, PARTNER, "first")
        with pytest.raises(ExchangeError, match="permission denied for database"):
            connect(settings, user=PARTNER, password="first")
        for _ in range(2):
            let_into(admin, admin.info.dbname, PARTNER)
        partner = connect(settings, user=PARTNER, password="first")
        with connect(settings, "web") as web:
            web.execute(f"set local role {PARTNER}")
        close_door(admin, PARTNER)
        with pytest.raises(psycopg.OperationalError):
            partner.execute("select 1")
        with pytest.raises(ExchangeError, match="not permitted to log in"):
            connect(settings, user=PARTNER, password="first")
        with connect(settings, "web") as web, pytest.raises(psycopg.errors.InsufficientPrivilege):
            web.execute(f"set local role {PARTNER}")
        # a closed door stays closed when the role is made sure of again
        create_partner_role(admin, PARTNER)
        with pytest.raises(ExchangeError, match="not permitted to log in"):
            connect(settings, user=PARTNER, password="first")
        open_door(admin, PARTNER)
        connect(settings, user=PARTNER, password="first").close()
        set_password(admin, PARTNER, "second")
        with pytest.raises(ExchangeError, match="password authentication failed"):
            connect(settings, user=PARTNER, password="first")


def test_a_door_of_our_server(warehouse: Settings) -> None:
    _open_and_close_a_door(warehouse)


def test_a_password_reaches_neither_server_nor_log(warehouse: Settings) -> None:
    with connect(warehouse, autocommit=True) as admin:
        create_partner_role(admin, "p_5ec4e7")
        admin.execute("set log_statement = 'all'")
        set_password(admin, "p_5ec4e7", "do-not-log-me")
        stored = admin.execute("select rolpassword from pg_authid where rolname = 'p_5ec4e7'").fetchone()
    assert stored is not None and stored[0].startswith("SCRAM-SHA-256$")
    assert "p_5ec4e7" in server_log(warehouse), "the log must hold the statements for this test to mean anything"
    assert "do-not-log-me" not in server_log(warehouse)


def _forget_roles(debian_server: Settings, database: str) -> None:
    """The roles are the whole server's: the next test makes its own."""
    with connect(debian_server, dbname="postgres", autocommit=True) as connection:
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(database)))
        names = connection.execute(
            "select rolname from pg_roles where rolname ~ %s",
            ["^(exchange_(owner|loader|dbt|web|dagster|dashboard|operator)|p_.{6})$"],
        ).fetchall()
        for (name,) in names:
            connection.execute(sql.SQL("drop role {}").format(sql.Identifier(name)))
