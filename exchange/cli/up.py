"""`exchange up`: everything that runs unattended, in the foreground, until Ctrl-C."""

from __future__ import annotations

import math
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from exchange.cli import processes
from exchange.cli.console import console
from exchange.errors import ExchangeError
from exchange.registry import load_registry
from exchange.settings import Settings
from exchange.warehouse import accounts
from exchange.warehouse.bootstrap import bootstrap
from exchange.warehouse.connection import connect, connection_info, ensure_running
from exchange.warehouse.ports import LOOPBACK, any_free_port, is_free
from exchange.warehouse.server import EmbeddedServer

DAGSTER_PORT = 3000
DASHBOARD_PORT = 8080
# on a busy machine of two cores Dagster takes two minutes to load its code
STARTUP_SECONDS = 300.0


def up(
    dagster_port: Annotated[
        int | None,
        typer.Option(
            min=0, max=65535, help=f"Port of the Dagster UI; unset: {DAGSTER_PORT} if it is free; 0: any free one."
        ),
    ] = None,
    dashboard_port: Annotated[
        int | None,
        typer.Option(
            min=0, max=65535, help=f"Port of the dashboard; unset: {DASHBOARD_PORT} if it is free; 0: any free one."
        ),
    ] = None,
) -> None:
    """Run database, Dagster and the dashboard in the foreground; Ctrl-C stops all, the database too if it was off.

    The daemon takes new files of the inbox by itself, and refreshes every hour.
    """
    settings = Settings()
    load_registry(settings.registry)
    dagster = _port(dagster_port, DAGSTER_PORT, "--dagster-port", taken=None)
    dashboard = _port(dashboard_port, DASHBOARD_PORT, "--dashboard-port", taken=dagster)
    started_here = settings.database_url is None and not EmbeddedServer(settings).status().running
    ensure_running(settings)
    try:
        bootstrap(settings)
        _serve(settings, dagster, dashboard)
    finally:
        if started_here:
            EmbeddedServer(settings).stop()


def _serve(settings: Settings, dagster_port: int, dashboard_port: int) -> None:
    dagster, dashboard = f"http://{LOOPBACK}:{dagster_port}", f"http://{LOOPBACK}:{dashboard_port}"
    commands = {
        "webserver": ["orchestration.launch", "webserver", "--port", str(dagster_port)],
        "daemon": ["orchestration.launch", "daemon"],
        "dashboard": ["dashboard", "--port", str(dashboard_port)],
    }
    running: dict[str, subprocess.Popen[str]] = {}
    try:
        with processes.ending_with_us(running.values()):
            for name, command in commands.items():
                running[name] = _start(settings, name, command)
            for what, address in {"dashboard": f"{dashboard}/healthz", "Dagster UI": f"{dagster}/server_info"}.items():
                _wait_until(partial(_answers, address), running, settings, what, STARTUP_SECONDS)
            _print_addresses(settings, dagster, dashboard)
            _wait_until(lambda: False, running, settings)
    except KeyboardInterrupt:
        console().print("Stopped.")


def _print_addresses(settings: Settings, dagster: str, dashboard: str) -> None:
    database = connection_info(settings, "admin")
    with connect(settings, "admin", autocommit=True) as connection:
        anybody = accounts.is_anybody_there(connection)
    out = console()
    out.print(f"database  {database.host}:{database.port}/{database.dbname} (exchange db psql)")
    out.print(f"Dagster   {dagster}")
    out.print(f"Dashboard {dashboard}")
    out.print(f"logs      {_logs(settings)}")
    if not anybody:
        out.print("Nobody can sign in to the dashboard yet. In another terminal:")
        out.print("  exchange user add you@example.org --partner PARTNER   one partner's pages", markup=False)
        out.print("  exchange user add you@example.org --operator          the operators' pages", markup=False)
    out.print("Ctrl-C stops all.")


def _start(settings: Settings, name: str, command: list[str]) -> subprocess.Popen[str]:
    _logs(settings).mkdir(parents=True, exist_ok=True)
    with (_logs(settings) / f"{name}.log").open("a", encoding="utf-8") as log:
        return processes.start([sys.executable, "-m", *command], settings, stdout=log, stderr=log, dies_with_us=True)


def _wait_until(
    done: Callable[[], bool],
    running: Mapping[str, subprocess.Popen[str]],
    settings: Settings,
    what: str = "",
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
                f"The {what} does not answer.",
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


def _port(asked: int | None, usual: int, option: str, taken: int | None) -> int:
    """The port asked for; none asked for: the usual one, if free, else any. Raises ExchangeError when it is taken.

    taken: given to another process of ours a moment ago.
    """
    if not asked:
        if asked is None and usual != taken and is_free(usual):
            return usual
        port = any_free_port()
        while port == taken:
            port = any_free_port()
        return port
    if asked == taken or not is_free(asked):
        # said at once: what answers there could be another exchange's, and would look like ours
        raise ExchangeError(
            f"Port {asked} of {LOOPBACK} is taken by another process.",
            remedy=f"End that process, or choose another {option}.",
        )
    return asked


def _logs(settings: Settings) -> Path:
    return settings.dagster_home / "logs"
