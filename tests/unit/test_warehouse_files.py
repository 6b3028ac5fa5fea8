"""The warehouse's parts that need no server: lock files, ports, passwords, configuration, URLs."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict
from pydantic import SecretStr

from exchange.errors import ExchangeError
from exchange.warehouse import connection, server_user, tuning
from exchange.warehouse.binaries import Binaries, find_binaries
from exchange.warehouse.connection import ConnectionInfo, connection_info
from exchange.warehouse.credentials import keep_password, password_file, read_password
from exchange.warehouse.partner_roles import create_partner_role
from exchange.warehouse.ports import choose_port
from exchange.warehouse.postmaster import clear_dead_postmaster, is_gone, is_postmaster, read_lock_file
from exchange.warehouse.server import EmbeddedServer
from tests.servers import fresh_settings

LOCK_FILE = "{pid}\n/data\n1763900000\n54321\n\n127.0.0.1\n  1234567   99\nready   \n"


def test_binaries_are_found_without_running_the_wheels_code() -> None:
    script = (
        "import sys; from exchange.warehouse.binaries import find_binaries; print(find_binaries().major);"
        "assert not [name for name in sys.modules if 'pgserver' in name]"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    # the wheel carries an older version for upgrades: the newest must win
    assert int(done.stdout) >= 18


def test_a_data_folder_of_a_version_not_installed_is_an_error_with_the_way_out() -> None:
    with pytest.raises(ExchangeError, match=r"Postgres 42 .*pg_dump and restore"):
        find_binaries(major=42)


def test_lock_file_of_a_ready_server(tmp_path: Path) -> None:
    (tmp_path / "postmaster.pid").write_text(LOCK_FILE.format(pid=77))
    lock = read_lock_file(tmp_path)
    assert lock is not None
    assert (lock.pid, lock.port, lock.shared_memory, lock.is_ready) == (77, 54321, 99, True)


@pytest.mark.parametrize("text", ["", "\n", "nonsense\n"])
def test_a_torn_lock_file_is_none_and_is_removed_before_a_start(tmp_path: Path, text: str) -> None:
    (tmp_path / "postmaster.pid").write_text(text)
    assert read_lock_file(tmp_path) is None
    clear_dead_postmaster(tmp_path)
    assert not (tmp_path / "postmaster.pid").exists()


def test_lock_file_of_a_starting_server_is_not_ready(tmp_path: Path) -> None:
    (tmp_path / "postmaster.pid").write_text("77\n/data\n1763900000\n54321\n")
    lock = read_lock_file(tmp_path)
    assert lock is not None and not lock.is_ready


@pytest.mark.skipif(sys.platform != "linux", reason="/proc")
def test_a_zombie_is_gone() -> None:
    # kill(pid, 0) succeeds for a zombie: what once made a dead server look alive
    child = os.fork()
    if child == 0:
        os._exit(0)
    try:
        deadline = time.monotonic() + 5
        while not is_gone(child) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert is_gone(child)
        os.kill(child, 0)
    finally:
        os.waitpid(child, 0)


def test_another_process_under_the_number_is_no_postmaster(tmp_path: Path) -> None:
    assert not is_gone(os.getpid())
    assert not is_postmaster(os.getpid(), tmp_path)


def test_ports() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        with pytest.raises(ExchangeError, match=rf"Port {taken} .* taken"):
            choose_port(taken, Path("none"), retry=False)


def test_the_last_port_is_kept_unless_it_is_taken(tmp_path: Path) -> None:
    last = tmp_path / "port"
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        last.write_text(str(other.getsockname()[1]))
        assert choose_port(None, last, retry=False) != int(last.read_text())
    assert choose_port(None, last, retry=False) == int(last.read_text())
    last.write_text("99999999")
    assert choose_port(None, last, retry=False) < 65536


def test_passwords_are_made_once_and_belong_to_the_owner_alone(tmp_path: Path) -> None:
    settings = fresh_settings(tmp_path)
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: keep_password(settings, "exchange_dbt").get_secret_value(), range(8)))
    assert len(set(made)) == 1 and len(made[0]) >= 24
    assert read_password(settings, "exchange_dbt").get_secret_value() == made[0]
    assert stat.S_IMODE(password_file(settings, "exchange_dbt").stat().st_mode) == 0o600
    assert stat.S_IMODE(settings.credentials.stat().st_mode) == 0o700
    assert [path.name for path in settings.credentials.iterdir()] == ["exchange_dbt.password"]


def test_a_missing_password_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(ExchangeError, match=r"exchange_web\.password"):
        read_password(fresh_settings(tmp_path), "exchange_web")


@pytest.mark.parametrize("memory", [512, 4096, 24_000, 1_000_000])
def test_memory_settings_fit_the_machine(memory: int) -> None:
    settings = tuning.server_settings(major=18, memory=memory, cores=2)
    buffers = int(settings["shared_buffers"].removesuffix("MB"))
    assert 64 <= buffers <= min(memory // 4, 2048)
    assert settings["jit"] == "off" and settings["fsync"] == "on"


def test_settings_of_newer_versions_are_not_given_to_older() -> None:
    assert "io_workers" not in tuning.server_settings(major=15, memory=4096, cores=2)


def test_url_quotes_what_needs_it() -> None:
    info = ConnectionInfo(
        host="::1",
        port=5432,
        dbname="a b/c",
        user="o@b",
        password=SecretStr("p:@/?#%ä"),
        parameters={"options": "-c role=exchange_owner"},
    )
    assert conninfo_to_dict(info.url()) == {
        "host": "::1",
        "port": "5432",
        "dbname": "a b/c",
        "user": "o@b",
        "password": "p:@/?#%ä",
        "options": "-c role=exchange_owner",
    }
    assert info.sqlalchemy_url().startswith("postgresql+psycopg://")
    assert "p:@" not in repr(info)
    assert info.as_env()["EXCHANGE_DBT_PASSWORD"] == "p:@/?#%ä"


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:secret@db.example:6543/warehouse?sslmode=require",
        "postgresql+psycopg2://me:secret@db.example:6543/warehouse?sslmode=require",
        "postgres://me:secret@db.example:6543/warehouse?sslmode=require",
    ],
)
def test_somebody_elses_server(tmp_path: Path, url: str) -> None:
    info = connection_info(fresh_settings(tmp_path, database_url=url), "admin")
    assert (info.host, info.port, info.dbname, info.user) == ("db.example", 6543, "warehouse", "me")
    assert info.parameters == {"sslmode": "require"}
    assert info.as_env()["PGSSLMODE"] == "require"


def test_libpq_hears_of_every_parameter_under_its_own_name(tmp_path: Path) -> None:
    """PG + the parameter's name is wrong for some: psql and dbt went on without channel binding."""
    url = "postgresql://me:secret@db.example/w?channel_binding=require&application_name=x&keepalives=0"
    variables = connection_info(fresh_settings(tmp_path, database_url=url)).libpq_env()
    assert (variables["PGCHANNELBINDING"], variables["PGAPPNAME"]) == ("require", "x")
    assert {name for name in variables if name.startswith(("PGK", "PGCHANNEL_", "PGAPPL"))} == set()


def test_a_role_of_somebody_elses_server_keeps_its_address_and_tls(tmp_path: Path) -> None:
    settings = fresh_settings(tmp_path, database_url="postgresql://me:secret@db.example/w?sslmode=require")
    keep_password(settings, "exchange_dbt")
    info = connection_info(settings, "dbt")
    assert (info.user, info.host, info.parameters) == ("exchange_dbt", "db.example", {"sslmode": "require"})
    assert info.password == read_password(settings, "exchange_dbt")


@pytest.mark.parametrize("url", ["mysql://me:secret@h/db", "postgresql://me:secret@h:port/db", "garbage secret"])
def test_a_bad_url_is_refused_without_showing_its_password(tmp_path: Path, url: str) -> None:
    with pytest.raises(ExchangeError) as caught:
        connection_info(fresh_settings(tmp_path, database_url=url))
    assert "secret" not in str(caught.value) and caught.value.__cause__ is None


def test_no_server_no_connection(tmp_path: Path) -> None:
    with pytest.raises(ExchangeError, match="does not run"):
        connection.connect(fresh_settings(tmp_path))
    assert EmbeddedServer(fresh_settings(tmp_path)).stop() is False


def test_a_partners_role_has_an_opaque_name() -> None:
    for name in ("exchange_admin", "p_12345", "p_12345G", 'p_123456"; drop table x'):
        with pytest.raises(ExchangeError, match="not the name"):
            create_partner_role(None, name)  # type: ignore[arg-type]


def test_which_capability_root_keeps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The least one that lets an unprivileged user reach data and programs; none if it needs none."""
    tmp_path.chmod(0o755)
    bin_folder = tmp_path / "install" / "bin"
    bin_folder.mkdir(parents=True)
    (bin_folder / "postgres").touch(mode=0o755)
    (bin_folder / "postgres").chmod(0o755)
    binaries = Binaries(bin_folder, "18.0")
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    missing: set[int] = set()
    monkeypatch.setattr(server_user, "_available", lambda capability: capability not in missing)
    # nothing above tmp_path is judged here: pytest's own folders are closed
    allows = server_user._allows
    monkeypatch.setattr(server_user, "_allows", lambda path, *rest: path in tmp_path.parents or allows(path, *rest))

    def needed(pgdata: Path) -> int | None:
        return server_user._needed_capability(65534, 65534, pgdata, binaries)

    assert needed(tmp_path / "pgdata") is None
    assert needed(closed / "pgdata") == server_user.CAP_DAC_READ_SEARCH
    missing.add(server_user.CAP_DAC_READ_SEARCH)
    assert needed(closed / "pgdata") == server_user.CAP_DAC_OVERRIDE
    missing.add(server_user.CAP_DAC_OVERRIDE)
    with pytest.raises(ExchangeError, match="cannot reach"):
        needed(closed / "pgdata")
    missing.clear()
    # reading is not executing: only the stronger capability runs a program that is root's alone
    (bin_folder / "postgres").chmod(0o700)
    assert needed(tmp_path / "pgdata") == server_user.CAP_DAC_OVERRIDE
