"""The embedded server's life: starts, crashes, neighbours, users. Each test has servers of its own."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from exchange.errors import ExchangeError
from exchange.settings import Settings
from exchange.warehouse import ports
from exchange.warehouse import server as server_module
from exchange.warehouse.connection import connect, connection_info, ensure_running
from exchange.warehouse.postmaster import is_gone, is_postmaster, wait_until_gone
from exchange.warehouse.server import EmbeddedServer
from exchange.warehouse.server_user import server_user
from tests.servers import fresh_settings

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    made = fresh_settings(tmp_path)
    try:
        yield made
    finally:
        EmbeddedServer(made).stop()


def answer(settings: Settings) -> int:
    with connect(settings, dbname="postgres") as connection:
        row = connection.execute("select 42").fetchone()
    return int(row[0]) if row else 0


def pid_of(settings: Settings) -> int:
    pid = EmbeddedServer(settings).status().pid
    assert pid is not None
    return pid


def kill_postmaster(settings: Settings) -> int:
    pid = pid_of(settings)
    os.kill(pid, signal.SIGKILL)
    return pid


def test_start_status_stop(settings: Settings) -> None:
    server = EmbeddedServer(settings)
    assert not server.status().running
    started = server.start()
    assert started.running and started.port and started.pid and started.version
    assert started.data_dir == settings.pgdata and started.binaries is not None
    assert server.start() == started
    assert answer(settings) == 42
    assert server.stop() is True
    assert server.stop() is False
    assert is_gone(started.pid)
    assert not server.status().running
    # saved connections of BI tools go on working
    assert server.start().port == started.port
    assert answer(settings) == 42


def test_files_and_network_are_closed_to_others(settings: Settings) -> None:
    ensure_running(settings)
    secret = settings.credentials / "exchange_admin.password"
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert stat.S_IMODE(settings.credentials.stat().st_mode) == 0o700
    assert stat.S_IMODE(settings.pgdata.stat().st_mode) == 0o700
    assert stat.S_IMODE((settings.home / "postgres.log").stat().st_mode) == 0o600
    assert not [path for path in settings.home.iterdir() if path.name.startswith(".initdb")]
    with connect(settings, dbname="postgres") as connection:
        shown = {
            name: connection.execute(f"show {name}").fetchone()[0]  # type: ignore[index]
            for name in ("listen_addresses", "unix_socket_directories", "password_encryption", "fsync", "jit")
        }
    assert shown == {
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "password_encryption": "scram-sha-256",
        "fsync": "on",
        "jit": "off",
    }
    with pytest.raises(ExchangeError, match="password authentication failed"):
        connect(settings, dbname="postgres", password="wrong")


def test_text_sorts_by_code_point_and_folds_unicode(settings: Settings) -> None:
    """Ties are broken in text order, and the oracle is Python: both must mean the same order."""
    words = ["a", "B", "ä", "Z", "_", "é", "Ω", "😀", "z"]
    ensure_running(settings)
    with connect(settings, dbname="postgres") as connection:
        rows = connection.execute("select w from unnest(%s::text[]) as w order by w", [words]).fetchall()
        assert [row[0] for row in rows] == sorted(words)
        assert connection.execute("select lower('ÉÑ')").fetchone() == ("éñ",)


def test_the_server_is_in_a_session_of_its_own(settings: Settings) -> None:
    """Ctrl-C in the terminal goes to the terminal's session; the server must not be in it."""
    ensure_running(settings)
    assert os.getsid(pid_of(settings)) != os.getsid(0)


def test_many_processes_start_it_at_once(settings: Settings) -> None:
    script = (
        "from exchange.settings import Settings; from exchange.warehouse.connection import ensure_running;"
        "from exchange.warehouse.server import EmbeddedServer;"
        "from exchange.warehouse.bootstrap import bootstrap;"
        "s = Settings(); ensure_running(s); bootstrap(s); print(EmbeddedServer(s).status().pid)"
    )
    environment = os.environ | {"EXCHANGE_HOME": str(settings.home), "EXCHANGE_DATABASE_URL": ""}
    starters = [
        subprocess.Popen([sys.executable, "-c", script], env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    pids = {starter.communicate(timeout=100)[0].strip() for starter in starters}
    assert [starter.returncode for starter in starters] == [0] * 4
    assert pids == {str(pid_of(settings))}


def test_three_servers_side_by_side(tmp_path: Path) -> None:
    three = [fresh_settings(tmp_path, home=tmp_path / name) for name in ("a", "b", "c")]
    try:
        for each in three:
            ensure_running(each)
        assert len({connection_info(each).port for each in three}) == 3
        assert [answer(each) for each in three] == [42] * 3
        EmbeddedServer(three[1]).stop()
        assert [EmbeddedServer(each).status().running for each in three] == [True, False, True]
    finally:
        for each in three:
            EmbeddedServer(each).stop()


def test_a_killed_client_leaves_the_server_running(settings: Settings) -> None:
    ensure_running(settings)
    before = pid_of(settings)
    script = (
        "from exchange.settings import Settings; from exchange.warehouse.connection import connect;"
        "c = connect(Settings(), dbname='postgres'); c.execute('create table t (a int)');"
        "print('in transaction', flush=True); import time; time.sleep(60)"
    )
    environment = os.environ | {"EXCHANGE_HOME": str(settings.home), "EXCHANGE_DATABASE_URL": ""}
    client = subprocess.Popen([sys.executable, "-c", script], env=environment, stdout=subprocess.PIPE, text=True)
    assert client.stdout is not None and client.stdout.readline()
    client.kill()
    client.communicate()
    assert answer(settings) == 42
    assert pid_of(settings) == before
    assert EmbeddedServer(settings).stop() is True


def test_a_killed_postmaster_is_replaced_at_once(settings: Settings) -> None:
    ensure_running(settings)
    with connect(settings, dbname="postgres", autocommit=True) as idle:
        idle.execute("create table kept as select 7 as a")
        for _ in range(3):
            dead = kill_postmaster(settings)
            # no pause: its children are still dying, its number still in the lock file
            ensure_running(settings)
            assert pid_of(settings) != dead
            with connect(settings, dbname="postgres") as connection:
                assert connection.execute("select a from kept").fetchone() == (7,)


def test_a_killed_postmaster_whose_child_computes_on(settings: Settings) -> None:
    """A backend in a long computation does not notice; it holds the shared memory, and must be ended."""
    ensure_running(settings)
    busy = connect(settings, dbname="postgres")
    busy.pgconn.send_query(b"select count(*) from generate_series(1, 100000000000)")
    busy.pgconn.flush()
    time.sleep(0.3)
    backend = busy.info.backend_pid
    kill_postmaster(settings)
    ensure_running(settings)
    assert is_gone(backend)
    assert answer(settings) == 42
    busy.close()


def test_a_killed_backend_is_survived(settings: Settings) -> None:
    ensure_running(settings)
    before = pid_of(settings)
    victim = connect(settings, dbname="postgres")
    os.kill(victim.info.backend_pid, signal.SIGKILL)
    wait_until_gone(victim.info.backend_pid, 5)
    deadline = time.monotonic() + 20
    while True:
        try:
            # Postgres restarts all backends and recovers; meanwhile start() waits for readiness
            ensure_running(settings)
            assert answer(settings) == 42
            break
        except (ExchangeError, psycopg.Error):
            assert time.monotonic() < deadline
            time.sleep(0.05)
    assert pid_of(settings) == before
    victim.close()


@pytest.mark.parametrize("state", ["alive", "zombie"])
def test_the_stale_number_belongs_to_somebody_else(settings: Settings, state: str) -> None:
    """Postgres itself refuses to start then, and a careless stop would signal the innocent."""
    server = EmbeddedServer(settings)
    server.start()
    lock_file = settings.pgdata / "postmaster.pid"
    stale = lock_file.read_text()
    port = connection_info(settings).port
    server.stop()
    user = server_user(settings.pgdata, server._binaries() or pytest.fail("no binaries"))
    innocent = subprocess.Popen(user.command(["/bin/sleep", "60" if state == "alive" else "0"]))
    try:
        if state == "zombie":
            assert wait_until_gone(innocent.pid, 10)
        else:
            time.sleep(0.3)
        lock_file.write_text("\n".join([str(innocent.pid), *stale.splitlines()[1:]]) + "\n")
        user.give(lock_file)
        assert not server.status().running
        assert server.stop() is False
        assert server.start().running
        assert answer(settings) == 42
        assert connection_info(settings).port == port
        assert (innocent.poll() is None) == (state == "alive")
    finally:
        innocent.kill()
        innocent.wait()


def test_the_port_is_taken_at_restart(settings: Settings) -> None:
    server = EmbeddedServer(settings)
    old = server.start().port
    server.stop()
    with socket.socket() as thief:
        thief.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        thief.bind(("127.0.0.1", old or 0))
        thief.listen()
        new = server.start().port
        assert new != old
        assert answer(settings) == 42


def test_the_port_is_taken_between_look_and_bind(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as thief:
        thief.bind(("127.0.0.1", 0))
        thief.listen()
        taken = thief.getsockname()[1]
        choose = ports.choose_port
        monkeypatch.setattr(
            server_module,
            "choose_port",
            lambda fixed, last, retry: choose(fixed, last, retry) if retry else taken,
        )
        started = EmbeddedServer(settings).start()
        assert started.running and started.port != taken


def test_a_fixed_port(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.listen()
        fixed = fresh_settings(tmp_path, database_port=port)
        with pytest.raises(ExchangeError, match=f"Port {port} .* taken"):
            EmbeddedServer(fixed).start()
    try:
        assert EmbeddedServer(fixed).start().port == port
    finally:
        EmbeddedServer(fixed).stop()


def test_an_interrupted_initdb_leaves_nothing_behind(settings: Settings) -> None:
    remains = settings.home / "pgdata.unfinished"
    remains.mkdir(parents=True)
    (remains / "PG_VERSION").write_text("18\n")
    assert EmbeddedServer(settings).start().running
    assert not remains.exists()


def test_a_folder_that_is_no_database_is_not_touched(settings: Settings) -> None:
    settings.pgdata.mkdir(parents=True)
    (settings.pgdata / "thesis.doc").write_text("irreplaceable")
    # as its owner may be root, who may not run Postgres: the error differs, the folder stays
    with pytest.raises(ExchangeError, match=r"not a database|belongs to root"):
        EmbeddedServer(settings).start()
    assert [path.name for path in settings.pgdata.iterdir()] == ["thesis.doc"]


def test_a_start_that_fails_shows_why(settings: Settings) -> None:
    server = EmbeddedServer(settings)
    server.start()
    server.stop()
    (settings.pgdata / "postgresql.auto.conf").write_text("work_mem = 'plenty'\n")
    with pytest.raises(ExchangeError, match=r'invalid value for parameter "work_mem".*postgres\.log|plenty'):
        server.start()
    (settings.pgdata / "postgresql.auto.conf").write_text("work_mem = '9MB'\n")
    ensure_running(settings)
    with connect(settings, dbname="postgres") as connection:
        # an operator's ALTER SYSTEM wins over what we computed
        assert connection.execute("show work_mem").fetchone() == ("9MB",)


def test_a_symlinked_home_is_the_same_server(settings: Settings, tmp_path: Path) -> None:
    ensure_running(settings)
    (tmp_path / "link").symlink_to(settings.home)
    linked = fresh_settings(tmp_path, home=tmp_path / "link")
    assert EmbeddedServer(linked).status().pid == pid_of(settings)
    assert is_postmaster(pid_of(settings), linked.pgdata)
