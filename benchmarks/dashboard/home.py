"""The exchange that is measured: built once, kept in its folder, opened again."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from benchmarks.dashboard import registry
from benchmarks.dashboard.world import World, load
from benchmarks.reconcile.exchange_home import Exchange
from benchmarks.sharing.warehouse import Marts, as_of, emptied
from benchmarks.sharing.world import AS_OF
from exchange.settings import Settings
from exchange.warehouse.connection import connect, ensure_running
from exchange.warehouse.server import EmbeddedServer

_DONE = "built.json"
_EMPTY = "empty"


@contextmanager
def opened(parent: Path, world: World) -> Iterator[Settings]:
    """The world's exchange with its server running, built before if it is not there. The folder stays."""
    folder = parent / world.name
    with as_of():
        if not (folder / _DONE).exists():
            build(folder, world)
        settings = Exchange(folder).settings
        ensure_running(settings)
        try:
            yield settings
        finally:
            EmbeddedServer(settings).stop()


def build(folder: Path, world: World) -> None:
    """Facts by SQL, then the product's own sharing models and publication. Stops the server."""
    started = time.monotonic()
    settings = _copy_of_empty(folder)
    try:
        with connect(settings, "admin", autocommit=True) as conn:
            load(conn, world)
            # the refresh that made the tables was of today; the world's contacts end before
            conn.execute("update raw.refresh set as_of = %s", (f"{AS_OF}T12:00:00Z",))
        made = time.monotonic()
        cost = Marts(settings).refresh(full=True)
        with connect(settings, "admin", autocommit=True) as conn:
            # as autovacuum does it in an exchange that stands for more than a minute
            conn.execute("vacuum analyze")
            conn.execute("checkpoint")
    finally:
        EmbeddedServer(settings).stop()
    told = {"facts_s": made - started, "all_s": time.monotonic() - started, **asdict(cost)}
    print(f"built {folder.name}: " + ", ".join(f"{name} {value:.0f}" for name, value in told.items()), flush=True)
    (folder / _DONE).write_text(json.dumps({**asdict(world), **told}))


def _copy_of_empty(folder: Path) -> Settings:
    """An exchange with the three partners and no facts, its server running. Made once for all worlds beside it."""
    empty = folder.parent / _EMPTY
    if not (empty / _DONE).exists():
        shutil.rmtree(empty, ignore_errors=True)
        EmbeddedServer(emptied(empty, registry.write)).stop()
        (empty / _DONE).touch()
    shutil.rmtree(folder, ignore_errors=True)
    # the server's files belong to its own user
    subprocess.run(["cp", "-a", str(empty), str(folder)], check=True)
    (folder / _DONE).unlink()
    settings = Exchange(folder).settings
    ensure_running(settings)
    return settings
