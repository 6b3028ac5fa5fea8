"""One small random world, refreshed once, for all tests that look at it through the partners' logins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from tests.oracle.registry import Registry, read_registry
from tests.warehouse_steps import BuiltExchange
from tests.worlds import random_world
from tests.worlds.agreement import folders
from tests.worlds.running import RunningExchange


@dataclass(frozen=True)
class Doors:
    exchange: RunningExchange
    registry: Registry
    partner_ids: list[str]
    names: dict[str, str]

    def other_schemas(self, partner_id: str) -> list[str]:
        return [p.share_schema for p in self.registry.partners.values() if p.partner_id != partner_id]

    def schema(self, partner_id: str) -> str:
        return self.registry.partners[partner_id].share_schema


@pytest.fixture(scope="session")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    home, registry = folders(tmp_path_factory.mktemp("doors"))
    world = random_world(Random(3), people=25, rows_per_feed=25).in_one_stage()
    world.write_registry(registry)
    with BuiltExchange(home, registry) as exchange:
        world.write_stage(exchange.inbox, 0)
        exchange.refresh(world.instants[0])
        names = {row["partner_id"]: row["partner_name"] for row in world.registry["partners"]}
        yield Doors(exchange, read_registry(Path(registry)), world.partner_ids, names)
