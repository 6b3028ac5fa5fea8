"""The small demo exchange, refreshed once, for tests of what happens after that."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.templates import copied, folder_of_the_run, made_once
from tests.warehouse_steps import BuiltExchange

INSTANT = datetime(2026, 10, 20, 15, tzinfo=UTC)
SMALL = ("--voters", "300", "--contacts", "900")


@pytest.fixture(scope="session")
def demo_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of the refreshed and stopped exchange, shared by all processes of this run of pytest."""
    return made_once(folder_of_the_run(tmp_path_factory) / "demo", _refreshed)


@pytest.fixture(scope="module")
def demo_exchange(demo_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BuiltExchange]:
    """A running copy that is this module's own, its registry away from the code."""
    with (
        copied(demo_template, tmp_path_factory.mktemp("demo") / "home") as home,
        BuiltExchange(home, home / "registry") as exchange,
    ):
        exchange.command("db", "start")
        yield exchange


def _refreshed(home: Path) -> None:
    with BuiltExchange(home, home / "registry") as exchange:
        exchange.command("demo", "--out", str(home), *SMALL)
        exchange.refresh(INSTANT)
