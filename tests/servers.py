"""Embedded servers for tests: one per test, started, bootstrapped and always stopped."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from exchange.settings import Settings
from exchange.warehouse.bootstrap import bootstrap
from exchange.warehouse.connection import ensure_running
from exchange.warehouse.server import EmbeddedServer


def fresh_settings(tmp_path: Path, **values: Any) -> Settings:
    """Settings of an exchange of its own below `tmp_path`, whatever the environment says."""
    return Settings(**{"home": tmp_path / "home", "database_url": None, "database_port": None, **values})


@contextmanager
def running_warehouse(settings: Settings) -> Iterator[Settings]:
    """The embedded server of `settings`, bootstrapped (1.2 s); stopped at the end however the test ends."""
    try:
        ensure_running(settings)
        bootstrap(settings)
        yield settings
    finally:
        if settings.database_url is None:
            EmbeddedServer(settings).stop()
