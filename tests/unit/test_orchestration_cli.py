"""The command line itself: quick to start, exact in its exit codes, and leaving no process behind."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from exchange.cli import COMMANDS, imported_command, processes
from exchange.cli.console import cell, console, table
from exchange.cli.status import is_on_time
from exchange.settings import Settings
from tests.registry_files import write_registry

ROOT = Path(__file__).resolve().parents[2]


def exchange(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {name: text for name, text in os.environ.items() if not name.startswith("EXCHANGE_")}
    command = [sys.executable, "-m", "exchange.cli", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment | variables, capture_output=True, text=True)


def test_help_lists_every_command_without_importing_any() -> None:
    """`exchange --help` took seconds when it imported what the commands import."""
    program = (
        "import sys, exchange.cli\n"
        "try: exchange.cli.app(['--help'])\n"
        "except SystemExit: print(sorted({'psycopg', 'pydantic', 'dagster'} & set(sys.modules)))"
    )
    shown = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert shown.stdout.splitlines()[-1] == "[]"
    assert all(command in shown.stdout for command in COMMANDS)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_listed_command_exists_and_has_help(name: str) -> None:
    assert imported_command(name).get_short_help_str()


@pytest.mark.parametrize("arguments", [("nonsense",), ("refresh", "--nonsense"), ("status", "extra")])
def test_wrong_usage_ends_with_2(arguments: tuple[str, ...]) -> None:
    assert exchange(*arguments).returncode == 2


def test_a_broken_registry_stops_a_refresh_before_anything_runs(tmp_path: Path) -> None:
    """All problems at once, exit code 1, no database and no folder made."""
    registry = write_registry(tmp_path / "registry", partners=None, contests="contest_id,wat\n")
    done = exchange("refresh", EXCHANGE_HOME=str(tmp_path / "home"), EXCHANGE_REGISTRY=str(registry))
    assert done.returncode == 1
    assert "partners.csv" in done.stderr
    assert "contests.csv" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "home" / "pgdata").exists()


def test_an_unknown_feed_is_named_before_anything_runs(tmp_path: Path) -> None:
    registry = write_registry(tmp_path / "registry")
    done = exchange(
        "refresh", "--feed", "nobody", EXCHANGE_HOME=str(tmp_path / "home"), EXCHANGE_REGISTRY=str(registry)
    )
    assert done.returncode == 1
    assert "nobody" in done.stderr
    assert not (tmp_path / "home" / "pgdata").exists()


def test_a_registry_folder_that_is_not_there_is_one_problem(tmp_path: Path) -> None:
    """A misspelt EXCHANGE_REGISTRY was told as seven missing files, with the advice to create them."""
    done = exchange("refresh", EXCHANGE_HOME=str(tmp_path / "home"), EXCHANGE_REGISTRY=str(tmp_path / "mispelt"))
    assert done.returncode == 1
    assert "EXCHANGE_REGISTRY" in done.stderr
    assert "partner_groups.csv" not in done.stderr


def test_a_taken_port_is_told_before_anything_is_started(tmp_path: Path) -> None:
    """It took 20 s of starting, and what answers on the port could have been taken for our Dagster."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        done = exchange("up", "--dagster-port", port, EXCHANGE_HOME=str(tmp_path / "home"))
    assert done.returncode == 1
    assert f"Port {port} of 127.0.0.1 is taken" in done.stderr
    assert not (tmp_path / "home").exists()


def test_a_folder_that_cannot_be_made_is_told_without_traceback(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for arguments in (("refresh",), ("status",), ("demo", "--out", str(tmp_path / "file"))):
        done = exchange(*arguments, EXCHANGE_HOME=str(tmp_path / "file" / "home"))
        assert done.returncode == 1
        assert str(tmp_path / "file") in done.stderr
        assert "Traceback" not in done.stderr


def test_a_wrong_setting_is_told_without_traceback(tmp_path: Path) -> None:
    done = exchange("status", EXCHANGE_HOME=str(tmp_path), EXCHANGE_AS_OF="next Tuesday")
    assert done.returncode == 1
    assert "EXCHANGE_AS_OF" in done.stderr
    assert "Traceback" not in done.stderr


def test_brackets_in_a_partners_text_stay_text() -> None:
    """Rich takes [red] for markup; a Spoke column is called question[...]."""
    with console().capture() as captured:
        console().print(table("t", ["a", "n"], [["question[red]", 12345], [None, True]], numbers=["n"]))
    assert "question[red]" in captured.get()
    assert "12,345" in captured.get()
    assert cell(None) == ""


@pytest.mark.parametrize(("hours_ago", "expected", "on_time"), [(5, 6, True), (7, 6, False), (7, None, None)])
def test_freshness_is_judged_by_what_was_promised(hours_ago: int, expected: int | None, on_time: bool | None) -> None:
    now = datetime(2026, 11, 3, tzinfo=UTC)
    assert is_on_time(now - timedelta(hours=hours_ago), expected, now) is on_time
    assert is_on_time(None, 6, now) is False


def test_a_child_that_ignores_its_end_is_killed_with_its_children(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Would have caught a dbt that lived on after Ctrl-C."""
    monkeypatch.setattr(processes, "PATIENCE_SECONDS", 0.5)
    stubborn = "trap '' INT TERM; sleep 60 & echo $! > child; echo $$ > leader; wait; sleep 60"
    command = ["bash", "-c", f"cd {tmp_path}; {stubborn}"]
    child = processes.start(command, Settings(home=tmp_path))
    with processes.ending_with_us([child]):
        while not (tmp_path / "leader").exists():
            time.sleep(0.02)
        pids = [int((tmp_path / name).read_text()) for name in ("child", "leader")]
    time.sleep(0.1)
    assert [pid for pid in pids if is_running(pid)] == []


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    # an orphan whose new parent has not looked yet is dead all the same
    return state != "Z"
