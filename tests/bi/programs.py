"""The programs that are tested here. A missing one fails its test and says what to install: nothing is skipped."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# what `make test-bi` installs from tests/bi/clients.lock
CLIENTS = ROOT / ".venv-bi" / "bin"
# programs of other languages and environments that the tests run
CLIENT_SOURCES = Path(__file__).parent / "clients"
JDBC_DRIVER = Path("/usr/share/java/postgresql.jar")
SECONDS = 120


def needed(program: str | Path, packages: str) -> str:
    """The path of a program or file. Fails with the Debian packages that bring it."""
    found = shutil.which(program) or (str(program) if Path(program).is_file() else None)
    if found is None:
        pytest.fail(f"{program} is not installed: `make test-bi` as root, or `apt-get install {packages}`")
    return found


def client_python() -> str:
    """Python of the environment that holds the clients. Fails if there is none."""
    python = CLIENTS / "python"
    if not python.exists():
        pytest.fail(f"{python} is missing: `make test-bi` makes it")
    return str(python)


def odbc_driver() -> str:
    """The Unicode ODBC driver; its folder is named after the machine's kind of processor."""
    found = sorted(Path("/usr/lib").glob("*/odbc/psqlodbcw.so"))
    return str(found[0]) if found else needed("psqlodbcw.so", "odbc-postgresql")


def run(command: list[str], environment: Mapping[str, str], said: str = "") -> subprocess.CompletedProcess[str]:
    """A program to its end, however it ends. `said`: what it reads."""
    return subprocess.run(
        command,
        input=said,
        env=dict(environment),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def output(command: list[str], environment: Mapping[str, str], said: str = "") -> str:
    """Standard output of a program that must succeed."""
    done = run(command, environment, said)
    assert done.returncode == 0, (
        f"{command[0]} ended with {done.returncode}:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    )
    return done.stdout
