"""`exchange db`, as a person or a script calls it."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from exchange.warehouse.server import EmbeddedServer
from tests.servers import fresh_settings

pytestmark = [pytest.mark.integration, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("cli") / "home"
    try:
        yield folder
    finally:
        EmbeddedServer(fresh_settings(folder, home=folder)).stop()


def db(home: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    script = "from exchange.cli import main; main()"
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "EXCHANGE_"))}
    return subprocess.run(
        [sys.executable, "-c", script, "db", *words],
        env={**inherited, "EXCHANGE_HOME": str(home), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_day_with_the_database(home: Path) -> None:
    # before it exists
    stopped = db(home, "stop")
    assert (stopped.returncode, stopped.stdout) == (0, "The database server was not running.\n")
    status = db(home, "status", "--json")
    assert status.returncode == 1 and json.loads(status.stdout)["running"] is False
    refused = db(home, "url")
    assert refused.returncode == 1 and "does not run" in refused.stderr and "Traceback" not in refused.stderr

    started = db(home, "start")
    assert started.returncode == 0, started.stderr
    assert "runs on 127.0.0.1:" in started.stdout
    assert db(home, "start").returncode == 0

    status = db(home, "status", "--json")
    facts = json.loads(status.stdout)
    assert status.returncode == 0 and facts["running"] is True and facts["port"] > 0
    assert str(facts["port"]) in db(home, "status").stdout

    for role, user in (("admin", "exchange_admin"), ("dbt", "exchange_dbt"), ("owner", "exchange_owner")):
        url = db(home, "url", "--role", role).stdout.strip()
        with psycopg.connect(url) as connection:
            assert connection.execute("select current_user").fetchone() == (user,)
    assert db(home, "url", "--role", "king").returncode == 2

    shown = db(home, "psql", "--role", "loader", "-X", "-A", "-t", "-c", "select current_user")
    assert shown.stdout == "exchange_loader\n", shown.stderr

    lines = db(home, "env").stdout.splitlines()
    variables = dict(word.split("=", 1) for line in lines for word in shlex.split(line)[1:])
    assert variables["EXCHANGE_DBT_USER"] == "exchange_dbt"
    assert variables["EXCHANGE_DBT_PORT"] == str(facts["port"])
    assert variables["DBT_SEND_ANONYMOUS_USAGE_STATS"] == "false"
    assert (Path(variables["DBT_PROFILES_DIR"]) / "profiles.yml").exists()

    # somebody else's server: this one, by its URL
    url = db(home, "url").stdout.strip()
    elsewhere = home.parent / "elsewhere"
    assert json.loads(db(elsewhere, "status", "--json", EXCHANGE_DATABASE_URL=url).stdout)["kind"] == "external"
    assert "nothing to start" in db(home, "start", EXCHANGE_DATABASE_URL=url).stdout

    assert db(home, "stop").stdout == "The database server is stopped.\n"
    assert db(home, "stop").returncode == 0
