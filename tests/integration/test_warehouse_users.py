"""As whom the server runs: root hands it to somebody, others run it themselves."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from exchange.errors import ExchangeError
from exchange.warehouse import server_user
from exchange.warehouse.binaries import find_binaries
from exchange.warehouse.connection import connect, ensure_running
from exchange.warehouse.server import EmbeddedServer
from tests.servers import fresh_settings

pytestmark = [
    pytest.mark.integration,
    pytest.mark.timeout(120),
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else"),
]
NOBODY = 65534
PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody may pass, unlike tmp_path, whose parents are 0700."""
    made = Path(tempfile.mkdtemp(prefix="exchange-test-"))
    made.chmod(0o755)
    try:
        yield made
    finally:
        shutil.rmtree(made)


def capabilities(pid: int | None) -> tuple[int, int]:
    """(real uid, effective capabilities) of a process."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    fields = {line.split(":")[0]: line.split(":")[1].split() for line in lines if ":" in line}
    return int(fields["Uid"][0]), int(fields["CapEff"][0], 16)


def test_root_below_a_closed_folder(tmp_path: Path) -> None:
    """The usual case: /root/exchange, or a mkdtemp. One capability is kept, no folder is opened."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    before = {path: path.stat().st_mode for path in (closed, *closed.parents)}
    settings = fresh_settings(closed)
    try:
        status = EmbeddedServer(settings).start()
        uid, kept = capabilities(status.pid)
        assert uid != 0
        assert kept == 1 << server_user.CAP_DAC_READ_SEARCH
        assert {path: path.stat().st_mode for path in before} == before
        assert settings.pgdata.stat().st_uid == uid
        assert settings.home.stat().st_uid == 0 and settings.credentials.stat().st_uid == 0
        # reading is what was kept, writing is not
        with (
            connect(settings, dbname="postgres") as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege, match="Permission denied"),
        ):
            connection.execute(f"copy (select 1) to '{settings.home}/written'")
    finally:
        EmbeddedServer(settings).stop()


def test_root_where_everything_is_open(open_folder: Path) -> None:
    settings = fresh_settings(open_folder)
    binaries = find_binaries()
    if any(not path.stat().st_mode & stat.S_IXOTH for path in binaries.program("postgres").parents):
        pytest.skip("the virtual environment lies below a closed folder")
    try:
        uid, kept = capabilities(EmbeddedServer(settings).start().pid)
        assert uid != 0 and kept == 0
    finally:
        EmbeddedServer(settings).stop()


def test_root_with_dockers_capabilities(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_user, "_available", lambda c: c == server_user.CAP_DAC_OVERRIDE)
    settings = fresh_settings(tmp_path)
    try:
        _, kept = capabilities(EmbeddedServer(settings).start().pid)
        assert kept == 1 << server_user.CAP_DAC_OVERRIDE
    finally:
        EmbeddedServer(settings).stop()


def test_root_without_any_capability_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_user, "_available", lambda c: False)
    with pytest.raises(ExchangeError, match=r"cannot reach .* 755"):
        EmbeddedServer(fresh_settings(tmp_path)).start()


def test_root_goes_on_as_the_owner_of_the_data(open_folder: Path) -> None:
    settings = fresh_settings(open_folder)
    settings.home.mkdir()
    os.chown(settings.home, NOBODY, NOBODY)
    try:
        run_as_nobody(settings.home, "start")
        run_as_nobody(settings.home, "stop")
        assert settings.pgdata.stat().st_uid == NOBODY
        uid, _ = capabilities(EmbeddedServer(settings).start().pid)
        assert uid == NOBODY
    finally:
        EmbeddedServer(settings).stop()


def test_an_ordinary_user(open_folder: Path) -> None:
    settings = fresh_settings(open_folder)
    settings.home.mkdir()
    os.chown(settings.home, NOBODY, NOBODY)
    try:
        assert "running" in run_as_nobody(settings.home, "start")
        uid, kept = capabilities(EmbeddedServer(settings).status().pid)
        assert (uid, kept) == (NOBODY, 0)
        assert "stopped" in run_as_nobody(settings.home, "stop")
    finally:
        EmbeddedServer(settings).stop()


def test_an_ordinary_user_in_roots_exchange(open_folder: Path) -> None:
    settings = fresh_settings(open_folder)
    try:
        ensure_running(settings)
        assert "ExchangeError" in run_as_nobody(settings.home, "start", expect_failure=True)
    finally:
        EmbeddedServer(settings).stop()


def run_as_nobody(home: Path, action: str, expect_failure: bool = False) -> str:
    """Start or stop as `nobody`, with a Python it may execute (a pyenv below /root it may not)."""
    script = (
        "import sys; from exchange.settings import Settings\n"
        "from exchange.warehouse.server import EmbeddedServer\n"
        "from exchange.warehouse.bootstrap import bootstrap\n"
        "server = EmbeddedServer(Settings())\n"
        "if sys.argv[1] == 'start': server.start(); bootstrap(Settings()); print('running')\n"
        "else: print('stopped' if server.stop() else 'nothing')"
    )
    environment = {
        "PATH": os.defpath,
        "PYTHONPATH": os.pathsep.join([str(PROJECT), *(p for p in sys.path if p.endswith("site-packages"))]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "EXCHANGE_HOME": str(home),
    }
    done = subprocess.run(
        [python_for_nobody(environment), "-c", script, action],
        user=NOBODY,
        group=NOBODY,
        extra_groups=[],
        env=environment,
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode != 0) == expect_failure, done.stderr
    return done.stdout + done.stderr


def python_for_nobody(environment: dict[str, str]) -> str:
    # it must be executable for nobody's own children too: that is what sys.executable is used for
    probe = "import subprocess, sys, psycopg, pydantic_settings;subprocess.run([sys.executable, '-c', ''], check=True)"
    version = f"python3.{sys.version_info.minor}"
    for candidate in (sys.executable, f"/usr/bin/{version}", f"/usr/local/bin/{version}"):
        if not Path(candidate).exists():
            continue
        try:
            done = subprocess.run(
                [candidate, "-c", probe],
                user=NOBODY,
                group=NOBODY,
                extra_groups=[],
                env=environment,
                cwd="/",
                capture_output=True,
                check=False,
            )
        except PermissionError:
            continue
        if done.returncode == 0:
            return candidate
    pytest.skip(f"no {version} on this machine that the user nobody may run")
