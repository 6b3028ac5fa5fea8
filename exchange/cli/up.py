"""`exchange up`: everything that runs unattended, in the foreground, until Ctrl-C."""

from __future__ import annotations

import math
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated

import typer

from exchange.cli import processes
from exchange.cli.console import console
from exchange.errors import ExchangeError
from exchange.registry import load_registry
from exchange.settings import Settings
from exchange.warehouse.bootstrap import bootstrap
from exchange.warehouse.connection import LOOPBACK, connection_info, ensure_running
from exchange.warehouse.server import EmbeddedServer

DAGSTER_PORT = 3000
STARTUP_SECONDS = 180.0


def up(
    dagster_port: Annotated[
        int | None, typer.Option(help=f"Port of the Dagster UI; unset: {DAGSTER_PORT}, or a free one if it is taken.")
    ] = None,
) -> None:
    """Run database, Dagster webserver and daemon in the foreground; Ctrl-C stops all, the database too if it was off.

    The daemon takes new files of the inbox by itself, and refreshes every hour.
    """
    settings = Settings()
    load_registry(settings.registry)
    started_here = settings.database_url is None and not EmbeddedServer(settings).status().running
    ensure_running(settings)
    try:
        bootstrap(settings)
        _serve(settings, dagster_port or free_port(DAGSTER_PORT))
    finally:
        if started_here:
            EmbeddedServer(settings).stop()


def _serve(settings: Settings, port: int) -> None:
    url = f"http://{LOOPBACK}:{port}"
    running: dict[str, subprocess.Popen[str]] = {}
    try:
        with processes.ending_with_us(running.values()):
            for name, options in {"webserver": ["--port", str(port)], "daemon": []}.items():
                running[name] = _start(settings, name, options)
            _wait_until(lambda: _answers(f"{url}/server_info"), running, settings, STARTUP_SECONDS)
            database = connection_info(settings, "admin")
            console().print(f"database  {database.host}:{database.port}/{database.dbname} (exchange db psql)")
            console().print(f"Dagster   {url}")
            console().print(f"logs      {_logs(settings)}")
            console().print("Ctrl-C stops all.")
            _wait_until(lambda: False, running, settings)
    except KeyboardInterrupt:
        console().print("Stopped.")


def _start(settings: Settings, name: str, options: list[str]) -> subprocess.Popen[str]:
    _logs(settings).mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "orchestration.launch", name, *options]
    with (_logs(settings) / f"{name}.log").open("a", encoding="utf-8") as log:
        return processes.start(command, settings, stdout=log, stderr=log)


def _wait_until(
    done: Callable[[], bool],
    running: Mapping[str, subprocess.Popen[str]],
    settings: Settings,
    seconds: float = math.inf,
) -> None:
    """Raises ExchangeError when a process ends by itself, or when it takes longer than `seconds`."""
    deadline = time.monotonic() + seconds
    while not done():
        for name, process in running.items():
            if process.poll() is not None:
                raise ExchangeError(
                    f"The {name} ended by itself, with exit code {process.returncode}.",
                    remedy=f"Its log tells why: {_logs(settings) / f'{name}.log'}",
                )
        if time.monotonic() > deadline:
            raise ExchangeError(
                "Dagster does not answer.",
                expected=f"an answer within {seconds:.0f} s",
                remedy=f"Its logs tell why: {_logs(settings)}",
            )
        time.sleep(0.5)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def free_port(wanted: int) -> int:
    """The wanted loopback port, or any free one when it is taken."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            # what a server would do: a port in TIME_WAIT is free
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((LOOPBACK, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise ExchangeError("There is no free port.")


def _logs(settings: Settings) -> Path:
    return settings.dagster_home / "logs"
