"""The oracle itself keeps non-interference: without hidden rows it computes the same views, for every recipient."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random

import pytest

from tests.oracle import Inbox, read_registry, views_of, world_at
from tests.oracle.views import World as OracleWorld
from tests.oracle.views import sight_of

from . import World, random_world
from .pruning import without_hidden_rows


def oracle_of(world: World, folder: Path) -> OracleWorld:
    world.write_registry(folder / "registry")
    world.write_stage(folder / "inbox", 0)
    inbox = Inbox(folder / "inbox")
    inbox.take(read_registry(folder / "registry").feeds.values(), world.instants[0])
    return world_at(folder / "registry", inbox.deliveries, world.instants[0])


@pytest.mark.parametrize("seed", range(3))
def test_hidden_rows_change_nothing(seed: int, tmp_path: Path) -> None:
    world = random_world(Random(seed), rows_per_feed=30).in_one_stage()
    oracle = oracle_of(world, tmp_path / "whole")
    for partner_id in world.partner_ids:
        sight = sight_of(oracle.registry.partners[partner_id], oracle)
        pruned = without_hidden_rows(world, oracle, sight)
        assert sum(len(file.rows) for file in pruned.files) < sum(len(file.rows) for file in world.files)
        seen = views_of(partner_id, oracle)
        seen_without = views_of(partner_id, oracle_of(pruned, tmp_path / partner_id))
        for view, rows in seen.items():
            assert Counter(map(repr, rows)) == Counter(map(repr, seen_without[view])), (partner_id, view)
