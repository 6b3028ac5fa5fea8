"""Partners' logins and dashboard accounts on a real server, by the command line where a person uses it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from typer.testing import CliRunner

from exchange.cli import app
from exchange.errors import ExchangeError
from exchange.publishing import logins
from exchange.registry import load_registry
from exchange.settings import Settings
from exchange.warehouse import accounts
from exchange.warehouse.connection import connect, connection_info
from tests.registry_files import GOOD, write_registry
from tests.servers import fresh_settings, running_warehouse, server_log

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    folder = tmp_path_factory.mktemp("exchange")
    write_registry(folder / "registry")
    with running_warehouse(fresh_settings(folder, registry=folder / "registry")) as settings:
        yield settings


@pytest.fixture
def conn(warehouse: Settings) -> Iterator[psycopg.Connection[Any]]:
    with connect(warehouse, "admin", autocommit=True) as conn:
        yield conn


@pytest.fixture
def command(warehouse: Settings, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("EXCHANGE_HOME", str(warehouse.home))
    monkeypatch.setenv("EXCHANGE_REGISTRY", str(warehouse.registry))
    monkeypatch.delenv("EXCHANGE_DATABASE_URL", raising=False)

    def run(*arguments: str, **options: Any) -> Any:
        result = CliRunner().invoke(app, [*arguments, "--json"], **options)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    return run


def logs_in(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def test_life_of_a_login(warehouse: Settings, command: Any) -> None:
    listed = {row["partner_id"]: row for row in command("partner", "list")}
    assert list(listed) == ["pa_party", "gov_campaign", "mail_votes", "door_group"]
    assert (listed["pa_party"]["role"], listed["pa_party"]["has_login"]) == ("p_0a1b2c", False)

    first = command("partner", "add", "pa_party")
    admin = connection_info(warehouse, "admin")
    assert first == first | {
        "partner_id": "pa_party",
        "role": "p_0a1b2c",
        "user": "p_0a1b2c",
        "schema": "p_0a1b2c",
        "host": admin.host,
        "port": admin.port,
        "dbname": admin.dbname,
    }
    assert len(first["password"]) == 32
    assert logs_in(first["url"])
    with pytest.raises(ExchangeError, match="rotate-password"):
        command("partner", "add", "pa_party")
    assert logs_in(first["url"]), "a refused add must not change the password"

    with psycopg.connect(first["url"]) as session:
        session.execute("select 1")
        second = command("partner", "rotate-password", "pa_party")
        # a stolen password must not go on reading
        with pytest.raises(psycopg.OperationalError):
            session.execute("select 1")
    assert logs_in(second["url"])
    assert not logs_in(first["url"])

    with psycopg.connect(second["url"]) as session:
        session.execute("select 1")
        assert command("partner", "suspend", "pa_party")["suspended"] is True
        with pytest.raises(psycopg.OperationalError):
            session.execute("select 1")
    assert not logs_in(second["url"])
    command("partner", "suspend", "pa_party")
    # a new password must not open the door of a suspended partner
    third = command("partner", "rotate-password", "pa_party")
    assert not logs_in(third["url"])
    listed = {row["partner_id"]: row for row in command("partner", "list")}
    assert listed["pa_party"]["suspended"] is True

    command("partner", "suspend", "pa_party", "--resume")
    assert logs_in(third["url"])
    listed = {row["partner_id"]: row for row in command("partner", "list")}
    assert (listed["pa_party"]["has_login"], listed["pa_party"]["suspended"]) == (True, False)


def test_rotate_makes_the_first_password_too(command: Any) -> None:
    assert logs_in(command("partner", "rotate-password", "gov_campaign")["url"])


def test_who_gets_no_login(command: Any) -> None:
    with pytest.raises(ExchangeError, match="inactive"):
        command("partner", "add", "door_group")
    with pytest.raises(ExchangeError, match="exchange itself"):
        command("partner", "add", "exchange")
    with pytest.raises(ExchangeError, match="no such partner"):
        command("partner", "add", "nobody")


def test_a_suspended_partner_without_login_stays_out(command: Any) -> None:
    command("partner", "suspend", "mail_votes")
    with pytest.raises(ExchangeError, match="--resume"):
        command("partner", "add", "mail_votes")
    command("partner", "suspend", "mail_votes", "--resume")
    assert logs_in(command("partner", "add", "mail_votes")["url"])


def test_suspending_needs_no_readable_registry(command: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = command("partner", "rotate-password", "gov_campaign")["url"]
    monkeypatch.setenv("EXCHANGE_REGISTRY", str(tmp_path / "broken"))
    command("partner", "suspend", "gov_campaign")
    assert not logs_in(url)
    command("partner", "suspend", "gov_campaign", "--resume")
    assert logs_in(url)


def test_a_new_share_schema_ends_the_old_role(
    warehouse: Settings, conn: psycopg.Connection[Any], tmp_path: Path
) -> None:
    partner = load_registry(warehouse.registry).partner("gov_campaign")
    old = logins.rotate_password(conn, partner, strict=False)
    moved = load_registry(
        write_registry(tmp_path, partners=GOOD["partners.csv"].replace("p_1a1b2c", "p_abcdef"))
    ).partner("gov_campaign")
    assert not logins.list_logins(conn, [moved])[0].has_login
    new = logins.create_login(conn, moved, strict=False)
    info = connection_info(warehouse, "admin")

    def url(role: str, password: str) -> str:
        return f"postgresql://{role}:{password}@{info.host}:{info.port}/{info.dbname}"

    assert logs_in(url("p_abcdef", new))
    assert not logs_in(url("p_1a1b2c", old))
    logins.rotate_password(conn, partner, strict=False)


def test_no_password_is_kept_or_logged(warehouse: Settings, command: Any, conn: psycopg.Connection[Any]) -> None:
    conn.execute("alter system set log_statement = 'all'")
    conn.execute("select pg_reload_conf()")
    try:
        password = command("partner", "rotate-password", "pa_party")["password"]
        user = command("user", "add", "log@example.org", "--operator")["password"]
    finally:
        conn.execute("alter system reset log_statement")
        conn.execute("select pg_reload_conf()")
    stored = conn.execute("select rolpassword from pg_authid where rolname = 'p_0a1b2c'").fetchone()
    assert stored and stored[0].startswith("SCRAM-SHA-256$")
    kept = conn.execute("select partner_login::text from accounts.partner_login").fetchall()
    kept += conn.execute("select user_account::text from accounts.user_account").fetchall()
    log = server_log(warehouse)
    assert "alter role" in log.lower(), "the log must hold the statements for this test to mean anything"
    for secret in (password, user):
        assert secret not in log
        assert secret not in str(kept)


def test_life_of_an_account(command: Any, conn: psycopg.Connection[Any]) -> None:
    made = command("user", "add", " Ada@Example.ORG ", "--partner", "pa_party")
    assert (made["email"], made["partner_id"]) == ("ada@example.org", "pa_party")
    account = accounts.verify(conn, "ADA@example.org", made["password"])
    assert account == accounts.Account(made["user_id"], "ada@example.org", "pa_party")
    assert accounts.verify(conn, "ada@example.org", made["password"] + "x") is None
    assert accounts.verify(conn, "bob@example.org", made["password"]) is None
    with pytest.raises(ExchangeError, match="has an account already"):
        command("user", "add", "ada@example.org", "--operator")

    again = command("user", "reset", "ada@example.org")
    assert accounts.verify(conn, "ada@example.org", made["password"]) is None
    assert accounts.verify(conn, "ada@example.org", again["password"])

    command("user", "disable", "ada@example.org")
    assert accounts.verify(conn, "ada@example.org", again["password"]) is None
    command("user", "disable", "ada@example.org", "--undo")
    assert accounts.verify(conn, "ada@example.org", again["password"])

    # suspending a partner closes the dashboard's door too
    command("partner", "suspend", "pa_party")
    assert accounts.verify(conn, "ada@example.org", again["password"]) is None
    command("partner", "suspend", "pa_party", "--resume")
    assert accounts.verify(conn, "ada@example.org", again["password"])


def test_a_chosen_password_is_not_shown(command: Any, conn: psycopg.Connection[Any]) -> None:
    made = command("user", "add", "op@example.org", "--operator", "--password-stdin", input="correct horse \u00e9\n")
    assert made["password"] is None
    account = accounts.verify(conn, "op@example.org", "correct horse e\u0301")
    assert account is not None and account.is_operator
    with pytest.raises(ExchangeError, match="too short"):
        command("user", "reset", "op@example.org", "--password-stdin", input="short\n")
    assert accounts.verify(conn, "op@example.org", "correct horse \u00e9")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("user", "add", "nobody", "--operator"), "no email address"),
        (("user", "add", "x@example.org", "--partner", "nobody"), "no such partner"),
        (("user", "add", "x@example.org", "--partner", "exchange"), "no partner with people"),
        (("user", "reset", "x@example.org"), "has no account"),
        (("user", "disable", "x@example.org"), "has no account"),
    ],
)
def test_refused(command: Any, arguments: tuple[str, ...], says: str) -> None:
    with pytest.raises(ExchangeError, match=says):
        command(*arguments)


@pytest.mark.parametrize("arguments", [(), ("--operator", "--partner", "pa_party")])
def test_whose_account_must_be_said(arguments: tuple[str, ...]) -> None:
    result = CliRunner().invoke(app, ["user", "add", "x@example.org", *arguments])
    assert result.exit_code == 2
