"""Non-interference: without the rows that a recipient cannot see, its views are the same bytes."""

from __future__ import annotations

import os
from pathlib import Path
from random import Random

import pytest

from tests.oracle import Inbox, read_registry, views_of, world_at
from tests.oracle.views import World as OracleWorld
from tests.oracle.views import sight_of
from tests.warehouse_steps import BuiltExchange
from tests.worlds import World, random_world
from tests.worlds.agreement import folders
from tests.worlds.pruning import without_hidden_rows
from tests.worlds.running import CONTRACT_VIEWS

pytestmark = pytest.mark.integration

SEED = int(os.environ.get("EXCHANGE_TEST_SEED", "11"))
# so many people that coverage tells something of states and counties
SIZE = {"people": 400, "rows_per_feed": 150}


def oracle_of(world: World, root: Path) -> OracleWorld:
    world.write_registry(root / "registry")
    world.write_stage(root / "inbox", 0)
    inbox = Inbox(root / "inbox")
    inbox.take(read_registry(root / "registry").feeds.values(), world.instants[0])
    return world_at(root / "registry", inbox.deliveries, world.instants[0])


def views_as_text(world: World, root: Path, recipient: str) -> dict[str, str]:
    """A fresh exchange, one refresh, and the recipient's views as text."""
    home, registry = folders(root)
    world.write_registry(registry)
    with BuiltExchange(home, registry) as exchange:
        world.write_stage(exchange.inbox, 0)
        exchange.refresh(world.instants[0])
        return exchange.texts(recipient, CONTRACT_VIEWS)


@pytest.mark.timeout(1800)
def test_what_a_recipient_cannot_see_changes_nothing_it_sees(tmp_path: Path) -> None:
    rng = Random(SEED)
    world = random_world(rng, **SIZE).in_one_stage()
    oracle = oracle_of(world, tmp_path / "oracle")
    recipient = rng.choice(world.partner_ids)
    sight = sight_of(oracle.registry.partners[recipient], oracle)
    pruned = without_hidden_rows(world, oracle, sight)
    hidden = sum(len(file.rows) for file in world.files) - sum(len(file.rows) for file in pruned.files)
    assert hidden > 0, "nothing is hidden: this world tests nothing"

    coverage = views_of(recipient, oracle)["coverage_summary"]
    assert any(row["us_and_others"] or row["others_only"] for row in coverage), "its coverage tells of no others"

    with_hidden = views_as_text(world, tmp_path / "with", recipient)
    without_hidden = views_as_text(pruned, tmp_path / "without", recipient)
    assert set(with_hidden) == set(CONTRACT_VIEWS)
    unequal = [view for view in with_hidden if with_hidden[view] != without_hidden.get(view)]
    assert unequal == [], f"seed {SEED}: {hidden} hidden rows change {unequal} of {recipient}"
