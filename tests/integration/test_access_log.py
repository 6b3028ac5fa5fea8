"""What partners ask is known: who, which views, when, each statement once; and who changed what they may read."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row
from pydantic import SecretStr
from typer.testing import CliRunner

from exchange.audit.collect import collect
from exchange.audit.log import os_user
from exchange.audit.registry import audit_registry
from exchange.cli import app
from exchange.errors import ExchangeError
from exchange.publishing import logins
from exchange.registry import Partner
from exchange.settings import Settings
from exchange.warehouse.bootstrap import bootstrap
from exchange.warehouse.connection import connect, connection_info, ensure_running
from exchange.warehouse.partner_roles import create_partner_role
from exchange.warehouse.server import EmbeddedServer
from tests.servers import debian_15, external_database, fresh_settings, running_warehouse

pytestmark = [pytest.mark.integration, pytest.mark.timeout(180)]

ROLE = "p_aaaaaa"
VIEWS = """
create schema p_aaaaaa authorization exchange_owner;
set role exchange_owner;
create view p_aaaaaa.voters as select 'PA' as state;
create view p_aaaaaa.contacts as select 1 as contact_id;
grant usage on schema p_aaaaaa to p_aaaaaa;
grant select on p_aaaaaa.voters, p_aaaaaa.contacts to p_aaaaaa;
reset role;
"""


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    with running_warehouse(fresh_settings(tmp_path_factory.mktemp("access"))) as settings:
        with connect(settings, autocommit=True) as admin:
            logins.rotate_password(admin, Partner(partner_id="pa_party", share_schema=ROLE), strict=False)
            admin.execute(VIEWS)
        yield settings


def partner(settings: Settings) -> psycopg.Connection[Any]:
    with connect(settings, autocommit=True) as admin:
        password = logins.rotate_password(admin, Partner(partner_id="pa_party", share_schema=ROLE), strict=False)
    info = connection_info(settings).model_copy(update={"user": ROLE, "password": SecretStr(password)})
    return psycopg.connect(info.url(), autocommit=True)


def logged(settings: Settings) -> list[dict[str, Any]]:
    with connect(settings, autocommit=True, row_factory=dict_row) as admin:
        return admin.execute("select * from ops.access_log order by at, session_id, line_number").fetchall()


def forget(settings: Settings) -> None:
    collect(settings)
    with connect(settings, autocommit=True) as admin:
        admin.execute("truncate ops.access_log")


def rotate(settings: Settings) -> None:
    """Begin another file of the log; its name has the second in it."""
    log = settings.home / "postgres-log"
    before = len(list(log.glob("*.json")))
    with connect(settings, dbname="postgres", autocommit=True) as admin:
        for _ in range(100):
            admin.execute("select pg_rotate_logfile(), pg_sleep(0.1)")
            if len(list(log.glob("*.json"))) > before:
                return
    raise AssertionError("the server did not begin another file")


def test_user_views_time_and_refusals_are_known_and_no_text(warehouse: Settings) -> None:
    forget(warehouse)
    with partner(warehouse) as session:
        session.execute("select * from voters where state = 'Zuckerman'")
        session.execute("select * from voters, contacts where state = %s", ("Yarborough",))
        with suppress(psycopg.Error):
            session.execute("select * from marts.dim_voters where last_name = 'Xavier'")
        with suppress(psycopg.Error):
            session.execute("select * from contacts where %s::text = 'w'", (b"Wagner",))
    with suppress(ExchangeError):
        connect(warehouse, user=ROLE, password="wrong")
    collect(warehouse)
    found = logged(warehouse)
    told = [(row["kind"], row["relations"], row["error_code"]) for row in found]
    assert told[:3] == [("select", ["voters"], None), ("select", ["contacts", "voters"], None), ("select", [], "42501")]
    assert told[-1] == ("login", [], "28P01")
    assert {(row["partner_id"], row["role"], row["client_addr"]) for row in found} == {("pa_party", ROLE, "127.0.0.1")}
    assert all((row["duration_ms"] is None) == (row["error_code"] is not None) for row in found)
    for name in ("Zuckerman", "Yarborough", "Xavier", "Wagner"):
        assert name not in str(found)


@pytest.mark.parametrize(
    "statement",
    [
        "set log_statement = 'none'",
        "set log_duration = off",
        "set log_min_error_statement = panic",
        "set log_min_messages = panic",
        "select set_config('log_statement', 'none', false)",
        "alter role p_aaaaaa set log_statement = 'none'",
        "alter role p_aaaaaa reset log_statement",
        "alter role p_aaaaaa reset all",
        "alter role p_aaaaaa in database exchange set log_statement = 'none'",
        "select pg_rotate_logfile()",
        "select pg_current_logfile()",
        "select pg_reload_conf()",
    ],
)
def test_a_partner_cannot_turn_it_off(warehouse: Settings, statement: str) -> None:
    with partner(warehouse) as session:
        session.execute("set default_transaction_read_only = off")
        with suppress(psycopg.errors.InsufficientPrivilege):
            session.execute(statement)
            # reset all passes, and leaves what only a superuser may set
            assert statement.endswith("reset all")
    forget(warehouse)
    with partner(warehouse) as session:
        session.execute("select 1 from voters")
    collect(warehouse)
    assert [row["relations"] for row in logged(warehouse)] == [["voters"]]


def test_each_statement_counts_once_across_rotations_and_collections(warehouse: Settings) -> None:
    forget(warehouse)
    with partner(warehouse) as session:
        for number in range(6):
            session.execute(f"select {number} from voters")
            if number % 2:
                rotate(warehouse)
            if number % 3 == 1:
                collect(warehouse)
        assert collect(warehouse).statements <= 6
        assert collect(warehouse).statements == 0
    assert len(logged(warehouse)) == 6
    # nothing that was shipped is left lying around with its texts
    assert len(list((warehouse.home / "postgres-log").glob("*.json"))) == 1


def test_a_statement_may_end_after_it_was_collected(warehouse: Settings) -> None:
    forget(warehouse)
    with partner(warehouse) as session, session.cursor() as cursor:
        with cursor.copy("copy (select repeat('x', 1000) from voters, generate_series(1, 50000)) to stdout") as rows:
            next(iter(rows))
            collect(warehouse)
            assert [row["duration_ms"] for row in logged(warehouse)] == [None]
            for _ in rows:
                pass
        collect(warehouse)
        [row] = logged(warehouse)
        assert row["kind"] == "copy" and row["duration_ms"] > 0


def test_a_crash_loses_and_doubles_nothing(warehouse: Settings) -> None:
    """kill -9 of the server, a line cut off by it, and a collection that died before its commit."""
    forget(warehouse)
    with partner(warehouse) as session:
        session.execute("select 1 from voters")
        session.execute("select 1 from contacts")
        pid = EmbeddedServer(warehouse).status().pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
    [cut] = sorted((warehouse.home / "postgres-log").glob("*.json"))[-1:]
    with cut.open("ab") as file:
        file.write(b'{"timestamp":"2026-11-03 18:00:00.000 UTC","user":"p_aaaaaa","mess')
    ensure_running(warehouse)
    bootstrap(warehouse)
    with connect(warehouse, autocommit=True) as admin:
        # as if the statement had been stored and the crash came before the commit: the rows go with the offset
        before = admin.execute("select file_name, bytes_read from ops.access_log_file").fetchall()
    with partner(warehouse) as session:
        session.execute("select 2 from voters")
    collect(warehouse)
    assert [row["relations"] for row in logged(warehouse)] == [["voters"], ["contacts"], ["voters"]]
    assert before
    assert collect(warehouse).statements == 0


def test_what_the_server_says_of_itself_is_kept_when_its_files_go(warehouse: Settings) -> None:
    with connect(warehouse, autocommit=True) as admin, suppress(psycopg.Error):
        admin.execute("select * from no_such_table")
    rotate(warehouse)
    with partner(warehouse) as session:
        session.execute("select 'Zuckerman' from voters")
    rotate(warehouse)
    collect(warehouse)
    kept = (warehouse.home / "postgres.log").read_text()
    assert 'relation "no_such_table" does not exist' in kept
    assert "Zuckerman" not in kept


def test_the_command_lists_what_was_asked(warehouse: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    forget(warehouse)
    with partner(warehouse) as session:
        session.execute("select 1 from voters")
        with suppress(psycopg.Error):
            session.execute("select 1 from marts.dim_voters")
    monkeypatch.setenv("EXCHANGE_HOME", str(warehouse.home))
    monkeypatch.delenv("EXCHANGE_DATABASE_URL", raising=False)

    def run(*arguments: str) -> Any:
        result = CliRunner().invoke(app, ["access-log", *arguments, "--json"])
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    assert run("collect")["statements"] == 2
    assert [row["relations"] for row in run("--partner", "pa_party", "--since", "2026-01-01")] == [["voters"], []]
    assert [row["error_code"] for row in run("--refused")] == ["42501"]
    assert run("--since", "2999-01-01") == run("--partner", "nobody") == []


def test_the_log_of_somebody_elses_server_is_read_and_left(tmp_path: Path) -> None:
    with debian_15(tmp_path / "theirs") as server:
        settings = external_database(server, tmp_path / "ours", "ours", as_superuser=True)
        bootstrap(settings)
        with partner(settings) as session:
            session.execute("select 1")
        assert collect(settings).statements == 0
        settings = settings.model_copy(update={"server_log": server.home / "postgres-log"})
        rotate(server)
        before = sorted(settings.server_log.iterdir()) if settings.server_log else []
        assert collect(settings).statements == 1
        assert [(row["partner_id"], row["kind"]) for row in logged(settings)] == [("pa_party", "select")]
        assert sorted(server.home.joinpath("postgres-log").iterdir()) == before
        with pytest.raises(ExchangeError, match="EXCHANGE_SERVER_LOG"):
            collect(settings.model_copy(update={"server_log": tmp_path / "nowhere"}))


def test_limits_that_a_partner_took_from_its_own_role_come_back(warehouse: Settings) -> None:
    def settings_of_role() -> list[Any]:
        with connect(warehouse, autocommit=True) as admin:
            create_partner_role(admin, ROLE)
            return admin.execute(
                "select setdatabase, setconfig from pg_db_role_setting where setrole = 'p_aaaaaa'::regrole"
            ).fetchall()

    before = settings_of_role()
    with partner(warehouse) as session:
        session.execute("set default_transaction_read_only = off")
        session.execute("alter role p_aaaaaa set statement_timeout = 0")
        session.execute("alter role p_aaaaaa in database exchange set work_mem = '1GB'")
    assert settings_of_role() == before


def test_acts_of_operators_are_told_with_who_and_when(warehouse: Settings) -> None:
    someone = Partner(partner_id="mail_votes", share_schema="p_cccccc")
    with connect(warehouse, autocommit=True) as admin:
        password = logins.rotate_password(admin, someone, strict=False)
        logins.suspend(admin, someone)
        logins.resume(admin, someone)
        logins.resume(admin, someone)
        rows = admin.execute(
            "select by_os_user, what, details::text from ops.audit where partner_id = 'mail_votes' order by at"
        ).fetchall()
        in_future = admin.execute("select count(*) from ops.audit where at > clock_timestamp()").fetchone()
    assert [(who, what) for who, what, _ in rows] == [
        (os_user(), "password_made"),
        (os_user(), "partner_suspended"),
        (os_user(), "partner_resumed"),
    ]
    assert password not in str(rows) and in_future == (0,)


def test_views_are_told_of_a_partner_that_has_none_any_more(warehouse: Settings) -> None:
    """Would have caught views looked up when the log is read: the publication that retired the partner dropped them."""
    forget(warehouse)
    with partner(warehouse) as session:
        session.execute("select 1 from voters")
    with connect(warehouse, autocommit=True) as admin:
        admin.execute("alter schema p_aaaaaa rename to aside")
        try:
            collect(warehouse)
        finally:
            admin.execute("alter schema aside rename to p_aaaaaa")
    assert [row["relations"] for row in logged(warehouse)] == [["voters"]]


def test_a_changed_rule_is_told_once_with_what_it_said(warehouse: Settings) -> None:
    with connect(warehouse, autocommit=True) as admin:
        # before the first refresh nothing is loaded
        assert not audit_registry(admin)
        admin.execute(
            """
            create table registry.partners as select 'pa_party' as partner_id, 'p_aaaaaa' as share_schema;
            create table registry.partner_groups as select 'g' as group_id, 'pa_party' as partner_id;
            create table registry.sharing_rules as select 'r1' as rule_id, 0 as embargo_days;
            create table raw.give_to_get as select 'pa_party' as partner, 30 as window_days, 10 as min_answers;
            """
        )
        assert audit_registry(admin)
        assert not audit_registry(admin)
        admin.execute("update registry.sharing_rules set embargo_days = 30")
        admin.execute("insert into registry.sharing_rules values ('r2', 7)")
        admin.execute("delete from raw.give_to_get")
        assert audit_registry(admin)
        assert not audit_registry(admin)
        rows = admin.execute("select details from ops.audit where what = 'registry_changed' order by at").fetchall()
    assert rows[-1][0] == {
        "sharing_rules": {
            "added": {"r2": {"rule_id": "r2", "embargo_days": 7}},
            "changed": {"r1": {"embargo_days": [0, 30]}},
        },
        "give_to_get": {
            "removed": {"pa_party/30": {"partner": "pa_party", "window_days": 30, "min_answers": 10}},
        },
    }
    assert len(rows) == 2


def test_nobody_but_the_owner_writes_the_audit(warehouse: Settings) -> None:
    for statement in ("delete from ops.audit", "update ops.access_log set kind = 'x'", "drop table ops.audit"):
        with connect(warehouse, "dbt") as dbt, pytest.raises(psycopg.errors.InsufficientPrivilege):
            dbt.execute(statement)
    with connect(warehouse, "dbt") as dbt:
        dbt.execute("select count(*) from ops.audit")
