"""Exchanges that several test modules begin with: refreshed once per run of pytest, copied for each that asks.

Refreshing takes minutes of two cores, copying a stopped exchange a second. Who gets a copy may do with it as it likes.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from exchange.warehouse.file_lock import exclusive

# making a template: everybody else waits for the first
TEMPLATE_SECONDS = 900.0


def folder_of_the_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes of this run of pytest share."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


def made_once(home: Path, make: Callable[[Path], None]) -> Path:
    """`home`, made by `make` unless it is there: whole, or not at all. `make` leaves no server running."""
    home.parent.mkdir(parents=True, exist_ok=True)
    with exclusive(home.with_name(f"{home.name}.lock"), TEMPLATE_SECONDS):
        if not home.exists():
            unfinished = home.with_name(f"{home.name}.unfinished")
            shutil.rmtree(unfinished, ignore_errors=True)
            make(unfinished)
            unfinished.rename(home)
    return home


@contextmanager
def copied(template: Path, home: Path) -> Iterator[Path]:
    """A copy of a template at `home`, for as long as the block lasts; who starts its server stops it."""
    # the server's own files belong to the server's user: owners are kept
    subprocess.run(["cp", "--archive", "--reflink=auto", str(template), str(home)], check=True)
    # where the template listened; several copies would all try it
    (home / "port").unlink(missing_ok=True)
    try:
        yield home
    finally:
        shutil.rmtree(home)
