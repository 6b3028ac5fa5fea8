"""`exchange up`: everything that runs unattended, in the foreground, until Ctrl-C."""

from __future__ import annotations

import math
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
from exchange.warehouse.connection import connection_info, ensure_running
from exchange.warehouse.ports import LOOPBACK, any_free_port, is_free
from exchange.warehouse.server import EmbeddedServer

DAGSTER_PORT = 3000
STARTUP_SECONDS = 180.0


def up(
    dagster_port: Annotated[
        int | None,
        typer.Option(
            min=0, max=65535, help=f"Port of the Dagster UI; unset: {DAGSTER_PORT} if it is free; 0: any free one."
        ),
    ] = None,
) -> None:
    """Run database, Dagster webserver and daemon in the foreground; Ctrl-C stops all, the database too if it was off.

    The daemon takes new files of the inbox by itself, and refreshes every hour.
    """
    settings = Settings()
    load_registry(settings.registry)
    port = _port(dagster_port)
    started_here = settings.database_url is None and not EmbeddedServer(settings).status().running
    ensure_running(settings)
    try:
        bootstrap(settings)
        _serve(settings, port)
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


def _port(asked: int | None) -> int:
    """The port asked for; none asked for: the usual one, if free, else any. Raises ExchangeError when it is taken."""
    if not asked:
        return DAGSTER_PORT if asked is None and is_free(DAGSTER_PORT) else any_free_port()
    if not is_free(asked):
        # said at once: what answers there could be another exchange's Dagster, and would look like ours
        raise ExchangeError(
            f"Port {asked} of {LOOPBACK} is taken by another process.",
            remedy="End that process, or choose another --dagster-port.",
        )
    return asked


def _logs(settings: Settings) -> Path:
    return settings.dagster_home / "logs"
