"""The dashboard's two roles: exactly what exchange/warehouse/dashboard_rights.py says, made, kept and repaired."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from exchange.audit.log import record
from exchange.settings import Settings
from exchange.warehouse.bootstrap import bootstrap
from exchange.warehouse.changes import Changes
from exchange.warehouse.connection import connect
from exchange.warehouse.dashboard_rights import correct_rights
from tests.servers import fresh_settings, running_warehouse

pytestmark = [pytest.mark.integration, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    with running_warehouse(fresh_settings(tmp_path_factory.mktemp("roles"))) as settings:
        with connect(settings, "dbt") as dbt:
            dbt.execute("create table registry.partners as select 'p' as partner_id, 'P' as partner_name, 'x' as side")
            dbt.execute("create table registry.contests as select 'c' as contest_id")
            dbt.execute("create table registry.sharing_rules as select 'r' as rule_id")
            dbt.execute("create table vocabulary.answers as select 1 as answer_code")
            dbt.execute("create table ops.ops_rejected_rows as select 1 as row_number")
            dbt.execute("create table marts.dim_voters as select 1 as voter_id")
        with connect(settings, "owner") as owner:
            owner.execute("create table published.voters (audience_id int) partition by list (audience_id)")
            owner.execute("create table published.voters_1 partition of published.voters for values in (1)")
            owner.execute("create table published.undo (relation text)")
            owner.execute("create table published.publication (publication_id bigint)")
            owner.execute("create table published.change_feed (role_name text)")
        with connect(settings, autocommit=True) as admin:
            record(admin, "exported")
        bootstrap(settings)
        yield settings


@contextmanager
def web(settings: Settings, role: str | None) -> Iterator[psycopg.Connection[Any]]:
    with connect(settings, "web") as connection:
        if role is not None:
            connection.execute(f"set local role {role}")
        yield connection
        connection.rollback()


NEITHER = (
    "select from published.voters",
    "select from published.voters_1",
    "select from published.undo",
    "select from marts.dim_voters",
    "select from raw.file",
    "select from dagster.runs",
    "delete from accounts.user_account",
    "insert into accounts.user_account (email, password_hash) values ('a@b.example', '')",
    "update accounts.user_account set partner_id = null",
    "update accounts.user_account set password_hash = ''",
    "update accounts.partner_login set suspended_at = null",
    "delete from dashboard.export",
    "update dashboard.export set email = 'a@b.example'",
    "update dashboard.export set counted = 1",
    "truncate dashboard.session",
    "update ops.audit set what = 'x'",
    "delete from ops.audit",
    "insert into ops.audit (at, by_os_user, what, details) values (now(), 'x', 'x', '{}')",
    "update published.publication set publication_id = 1",
    "delete from registry.partners",
    "create table dashboard.t (a int)",
    "create temporary table t (a int)",
    "create role r",
)
DASHBOARD_MAY = (
    "select email, password_hash, is_disabled from accounts.user_account",
    "select suspended_at from accounts.partner_login",
    "insert into dashboard.sign_in_attempt (email, address, succeeded) values ('a@b.example', '::1', false)",
    "delete from dashboard.sign_in_attempt",
    "delete from dashboard.session",
    "update dashboard.session set last_seen_at = now()",
    "insert into dashboard.universe (partner_id, name, kind, filter) values ('p', 'n', 'dynamic', '')",
    "delete from dashboard.universe",
    "insert into dashboard.export (user_id, email, partner_id, kind, what, filter)"
    " values (1, 'a@b.example', 'p', 'csv', '', '') returning export_id",
    "update dashboard.export set outcome = 'complete', rows_sent = 1, ended_at = now(), sha256 = ''",
    "select partner_id, partner_name from registry.partners",
    "select from registry.contests",
    "select from vocabulary.answers",
    "select from published.publication",
    "select from published.change_feed",
)
DASHBOARD_MAY_NOT = (
    "select side from registry.partners",
    "select from registry.sharing_rules",
    "select from ops.ops_rejected_rows",
    "select from ops.audit",
    "insert into ops.audit (by_os_user, what, details) values ('x', 'x', '{}')",
    "update accounts.user_account set is_disabled = false",
    "insert into dashboard.export (begun_at, user_id, email, partner_id, kind, what, filter)"
    " values (now(), 1, 'a@b.example', 'p', 'csv', '', '')",
)
OPERATOR_MAY = (
    "select user_id, email, partner_id, is_disabled, created_at, password_set_at from accounts.user_account",
    "update accounts.user_account set is_disabled = true where email = 'a@b.example'",
    "select suspended_at from accounts.partner_login",
    "select user_id, acting_partner_id, created_at, last_seen_at, expires_at, client from dashboard.session",
    "delete from dashboard.session where user_id = 1",
    "select from dashboard.export",
    "select from dashboard.sign_in_attempt",
    "select from ops.ops_rejected_rows",
    "select from ops.audit",
    "insert into ops.audit (by_os_user, what, partner_id, details) values ('x', 'looked_at_partner', 'p', '{}')",
    "select side from registry.partners",
    "select from registry.sharing_rules",
    "select from published.publication",
)
OPERATOR_MAY_NOT = (
    "select password_hash from accounts.user_account",
    "select * from accounts.user_account",
    "select token_hash from dashboard.session",
    "select * from dashboard.session",
    "delete from dashboard.session where token_hash = ''",
    "update dashboard.session set expires_at = now()",
    "select from dashboard.universe",
    "insert into dashboard.export (user_id, email, partner_id, kind, what, filter)"
    " values (1, 'a@b.example', 'p', 'csv', '', '')",
    "update dashboard.export set outcome = 'complete'",
)
BOTH = ("exchange_dashboard", "exchange_operator")
MAY = [(BOTH[0], each) for each in DASHBOARD_MAY] + [(BOTH[1], each) for each in OPERATOR_MAY]
MAY_NOT = [
    *((role, each) for role in BOTH for each in NEITHER),
    *((BOTH[0], each) for each in DASHBOARD_MAY_NOT),
    *((BOTH[1], each) for each in OPERATOR_MAY_NOT),
]


@pytest.mark.parametrize(("role", "statement"), MAY)
def test_may(warehouse: Settings, role: str, statement: str) -> None:
    with web(warehouse, role) as connection:
        connection.execute(statement)


@pytest.mark.parametrize(("role", "statement"), MAY_NOT)
def test_may_not(warehouse: Settings, role: str, statement: str) -> None:
    with web(warehouse, role) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement)


@pytest.mark.parametrize("statement", [*DASHBOARD_MAY, *OPERATOR_MAY, *NEITHER])
def test_a_forgotten_role_is_an_error_for_everything(warehouse: Settings, statement: str) -> None:
    with web(warehouse, None) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement)


def test_the_role_ends_with_the_transaction(warehouse: Settings) -> None:
    with connect(warehouse, "web") as connection:
        connection.execute("set local role exchange_operator")
        connection.execute("select from ops.audit")
        connection.commit()
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("select from ops.audit")


@pytest.mark.parametrize("login", ["loader", "dbt", "dagster"])
def test_nobody_else_becomes_them(warehouse: Settings, login: str) -> None:
    for role in BOTH:
        with connect(warehouse, login) as other, pytest.raises(psycopg.errors.InsufficientPrivilege):  # type: ignore[arg-type]
            other.execute(f"set role {role}")


def test_nobody_logs_in_as_them(warehouse: Settings) -> None:
    with connect(warehouse) as admin:
        assert admin.execute(
            "select array_agg(rolcanlogin) from pg_roles where rolname = any(%s)", [list(BOTH)]
        ).fetchone() == ([False, False],)


def test_what_somebody_changed_is_put_right(warehouse: Settings) -> None:
    with connect(warehouse, autocommit=True) as admin:
        admin.execute("grant select on published.voters to exchange_operator")
        admin.execute("grant select (password_hash) on accounts.user_account to exchange_operator")
        admin.execute("grant select on registry.partners to exchange_dashboard")
        admin.execute("revoke select on ops.audit from exchange_operator")
        admin.execute("revoke update on dashboard.session from exchange_dashboard")
        admin.execute("revoke exchange_dashboard from exchange_web")
        admin.execute("grant exchange_operator to exchange_web with inherit true")
        admin.execute("alter role exchange_dashboard login createdb")
    done = bootstrap(warehouse)
    assert {
        "revoke select on published.voters from exchange_operator",
        "revoke select on accounts.user_account (password_hash) from exchange_operator",
        "revoke select on registry.partners from exchange_dashboard",
        "grant select on registry.partners (partner_name) to exchange_dashboard",
        "grant select on ops.audit to exchange_operator",
        "grant update on dashboard.session to exchange_dashboard",
        "exchange_web may become exchange_dashboard",
        "exchange_web may become exchange_operator",
        "alter role exchange_dashboard",
        "exchange_dashboard loses powers it must not have",
    } <= set(done.applied)
    assert bootstrap(warehouse).applied == ()
    for role, statement in MAY:
        with web(warehouse, role) as connection:
            connection.execute(statement)


def test_tables_made_again_are_readable_at_once(warehouse: Settings) -> None:
    """dbt drops and makes these: a page must not fail until the next bootstrap."""
    with connect(warehouse, "dbt") as dbt:
        dbt.execute("create table ops.ops_new as select 1 as a")
        dbt.execute("create table vocabulary.new as select 1 as a")
        dbt.execute("create table registry.new as select 1 as a")
    with connect(warehouse, "owner") as owner:
        owner.execute("create table ops.new_log (a int)")
        owner.execute("create table published.contacts (audience_id int) partition by list (audience_id)")
        owner.execute("create table published.door (partner_id text)")
    for role, readable, hidden in (
        (
            "exchange_operator",
            ("ops.ops_new", "ops.new_log", "vocabulary.new", "registry.new"),
            ("published.contacts",),
        ),
        ("exchange_dashboard", ("vocabulary.new",), ("ops.ops_new", "registry.new", "published.contacts")),
    ):
        for table in readable:
            with web(warehouse, role) as connection:
                connection.execute(f"select from {table}")
        for table in hidden:
            with web(warehouse, role) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(f"select from {table}")
    # as a publication does with the tables it makes
    with connect(warehouse) as admin:
        changes = Changes(admin)
        correct_rights(changes, "published")
        assert set(changes.applied) == {f"grant select on published.door to {role}" for role in BOTH}
