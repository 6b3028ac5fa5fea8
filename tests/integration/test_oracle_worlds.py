"""Random worlds with 40 rules, time moved between refreshes: the oracle agrees for every partner and every view."""

from __future__ import annotations

import os
from pathlib import Path
from random import Random

import pytest

from tests.oracle import Inbox, read_registry
from tests.warehouse_steps import BuiltExchange
from tests.worlds import random_world
from tests.worlds.agreement import disagreements, folders
from tests.worlds.running import CONTRACT_VIEWS

pytestmark = pytest.mark.integration

# EXCHANGE_TEST_SEEDS="7 8 9" tries other worlds; each takes four refreshes
SEEDS = [int(seed) for seed in os.environ.get("EXCHANGE_TEST_SEEDS", "1").split()]
# so many people that coverage tells something of states and counties (tests/oracle/test_oracle_coverage.py)
SIZE = {"people": 400, "rows_per_feed": 150}


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", SEEDS)
def test_the_oracle_agrees_after_every_refresh_and_from_scratch(seed: int, tmp_path: Path) -> None:
    world = random_world(Random(seed), **SIZE)
    home, registry = folders(tmp_path)
    world.write_registry(registry)
    feeds = list(read_registry(registry).feeds.values())
    with BuiltExchange(home, registry) as exchange:
        inbox = Inbox(exchange.inbox)
        for stage, instant in enumerate(world.instants):
            world.write_stage(exchange.inbox, stage)
            exchange.refresh(instant)
            told = disagreements(exchange, inbox.take(feeds, instant), instant)
            if told:
                pytest.fail(f"seed {seed}, stage {stage}:\n{told}", pytrace=False)
        step_by_step = {partner_id: exchange.texts(partner_id, CONTRACT_VIEWS) for partner_id in world.partner_ids}
        exchange.refresh(world.instants[-1], full=True)
        for partner_id, texts in step_by_step.items():
            from_scratch = exchange.texts(partner_id, CONTRACT_VIEWS)
            unequal = [view for view in texts if texts[view] != from_scratch[view]]
            assert unequal == [], f"seed {seed}: after --full {partner_id} has other rows in {unequal}"
