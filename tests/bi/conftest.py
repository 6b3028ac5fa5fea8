"""One small demo exchange for all clients, refreshed once, and a partner's login in front of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.bi.doors import Door, hardened_door, open_door
from tests.demo_exchange import INSTANT, SMALL
from tests.worlds.running import RunningExchange


@pytest.fixture(scope="session")
def exchange(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningExchange]:
    home = tmp_path_factory.mktemp("bi")
    with RunningExchange(home, home / "registry") as exchange:
        exchange.command("demo", "--out", str(home), *SMALL)
        exchange.refresh(INSTANT)
        yield exchange


@pytest.fixture(scope="session")
def both_doors(exchange: RunningExchange) -> dict[str, Door]:
    return {"open catalogs": open_door(exchange), "hardened": hardened_door(exchange)}


@pytest.fixture(scope="session", params=["open catalogs", "hardened"])
def door(both_doors: dict[str, Door], request: pytest.FixtureRequest) -> Door:
    """Each test runs twice: a client that fails only behind the second is broken by the hardening."""
    return both_doors[request.param]
