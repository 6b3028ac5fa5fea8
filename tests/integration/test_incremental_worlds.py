"""Whatever is delivered, corrected, taken back, decided or mapped anew between refreshes, in any order and batches: the
tables are those of a build from scratch, and the same deliveries in another order give the same marts.

EXCHANGE_TEST_SEEDS="7 8 9" tells other stories.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from tests.traps.laying import put, write_reference_files, write_registry
from tests.warehouse_steps import differences, stepped_exchange
from tests.worlds.retelling import natural_marts, retell
from tests.worlds.story import random_story

pytestmark = [pytest.mark.integration, pytest.mark.timeout(1800)]

SEEDS = [int(seed) for seed in os.environ.get("EXCHANGE_TEST_SEEDS", "1").split()]
TURNS = 3


@pytest.mark.parametrize("seed", SEEDS)
def test_after_every_refresh_the_tables_are_those_of_a_build_from_scratch(seed: int, tmp_path: Path) -> None:
    registry = tmp_path / "registry"
    story = random_story(Random(seed), registry)
    with stepped_exchange(tmp_path / "home", registry) as exchange:
        for turn in range(TURNS):
            story.turn(exchange)
            step_by_step = exchange.contents()
            with exchange.in_a_copy():
                exchange.build(full=True)
                from_scratch = exchange.contents()
            told = differences(from_scratch, step_by_step)
            if told:
                pytest.fail(f"seed {seed}, turn {turn}:\n" + "\n".join(story.log) + f"\n{told}", pytrace=False)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_same_deliveries_in_another_order_give_the_same_marts(seed: int, tmp_path: Path) -> None:
    rng = Random(seed)
    registry = tmp_path / "registry"
    story = random_story(rng, registry)
    with stepped_exchange(tmp_path / "first", registry) as exchange:
        for _ in range(TURNS):
            story.turn(exchange)
        as_told = natural_marts(exchange)
    with stepped_exchange(tmp_path / "second", registry) as exchange:
        retell(story, exchange, rng)
        told = differences(as_told, natural_marts(exchange))
    if told:
        pytest.fail(f"seed {seed}:\n" + "\n".join(story.log) + f"\n{told}", pytrace=False)


def test_a_feed_that_becomes_a_snapshot_and_back_is_read_anew(tmp_path: Path) -> None:
    """Three files of a record each: as a delta all three count, as a snapshot only the last one's."""
    registry = tmp_path / "registry"
    write_registry(registry)
    feeds = registry / "feeds.csv"
    with stepped_exchange(tmp_path / "home", registry) as exchange:
        write_reference_files(exchange.inbox)
        for number, person in enumerate((101, 102, 103)):
            put(
                exchange.inbox / "bob_doors" / f"{number}.csv",
                "record_id,person_id,contacted_at,channel,result,question,answer\n"
                f"r{number},{person},2026-08-01T10:00:00,door,canvassed,Lee for governor?,1\n",
            )
        counts = []
        for before, after in (("delta", "delta"), ("delta", "snapshot"), ("snapshot", "delta")):
            text = feeds.read_text(encoding="utf-8")
            feeds.write_text(text.replace(f"bob_doors,*.csv,{before}", f"bob_doors,*.csv,{after}"), encoding="utf-8")
            exchange.refresh(datetime(2026, 10, 20, 12, tzinfo=UTC))
            counts.append(exchange.contents()["marts.fct_voter_responses"].total())
    assert counts == [3, 1, 3]


def test_building_again_writes_nothing(tmp_path: Path) -> None:
    """By the place and the writer of every row: neither another build nor a refresh without anything new writes one."""
    registry = tmp_path / "registry"
    story = random_story(Random(SEEDS[0]), registry)
    with stepped_exchange(tmp_path / "home", registry) as exchange:
        for _ in range(3):
            story.turn(exchange)
        written, contents = exchange.written(), exchange.contents()
        assert "marts.fct_voter_responses" in written
        exchange.build()
        assert exchange.written() == written
        exchange.refresh(story.taken[-1][0])
        assert exchange.written() == written
        assert differences(contents, exchange.contents()) == ""
