"""Sharing and publication follow what changed, and nothing else: whatever happens between publications, also a refresh
whose checks let nothing through, partners' views are those that a build of everything would publish.

EXCHANGE_TEST_SEEDS="7 8 9" tells other stories.
"""

from __future__ import annotations

import os
from pathlib import Path
from random import Random

import pytest

from tests.warehouse_steps import SteppedExchange, stepped_exchange
from tests.worlds.story import Story, random_story

pytestmark = [pytest.mark.integration, pytest.mark.timeout(1800)]

SEEDS = [int(seed) for seed in os.environ.get("EXCHANGE_TEST_SEEDS", "2").split()]
TURNS = 3


@pytest.mark.parametrize("seed", SEEDS)
def test_a_build_of_everything_finds_nothing_to_publish(seed: int, tmp_path: Path) -> None:
    rng = Random(seed)
    story = random_story(rng, tmp_path / "registry")
    with stepped_exchange(tmp_path / "home", tmp_path / "registry", shares=True) as exchange:
        for turn in range(TURNS):
            story.turn(exchange)
            if 0 < turn < TURNS - 1 and rng.random() < 0.4:
                story.log.append("(not published)")
                continue
            exchange.publish()
            with exchange.in_a_copy():
                exchange.build(full=True)
                changed = exchange.publish().changed
            if changed:
                pytest.fail(f"seed {seed}, turn {turn}: {changed}\n" + "\n".join(story.log), pytrace=False)
        assert_a_rule_touches_its_recipients_only(story, exchange)


def assert_a_rule_touches_its_recipients_only(story: Story, exchange: SteppedExchange) -> None:
    """A changed rule makes new audiences of those it is about; no row of another one is even computed."""
    exchange.refresh(story.now)
    exchange.publish()
    before = audiences(exchange)
    partners = [row["partner_id"] for row in story.world.registry["partners"] if row["is_active"] == "true"]
    recipient = story.rng.choice([partner for partner in partners if partner in before])
    rule = next(row for row in story.world.registry["sharing_rules"] if row["effect"] == "share")
    story.world.registry["sharing_rules"].append(
        rule | {"rule_id": "new", "effect": "withhold", "recipient": recipient, "valid_from": "", "valid_until": ""}
    )
    story.world.write_registry(story.registry_folder)
    exchange.refresh(story.now)
    after = audiences(exchange)
    assert {partner for partner in after if after[partner] != before[partner]} == {recipient}
    with exchange.connect() as connection:
        for relation in ("winning_responses", "visible_contacts", "voters", "explorer", "suppressions"):
            computed = connection.execute(f"select distinct audience_id from sharing.{relation}".encode()).fetchall()
            assert {audience for (audience,) in computed} <= {after[recipient]}, relation
    exchange.publish()


def audiences(exchange: SteppedExchange) -> dict[str, int]:
    with exchange.connect() as connection:
        return dict(connection.execute("select partner_id, audience_id from sharing.audiences").fetchall())
