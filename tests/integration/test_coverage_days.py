"""Coverage is counted once a day, but for changed permissions and what is taken back (docs/coverage-summary.md).

What a count says is the oracle's, here as in test_oracle_worlds.py; this is about when there is one.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from tests.oracle import Inbox, read_registry, views_of, world_at
from tests.oracle.registry import Feed, Registry
from tests.oracle.rules import is_valid_on, party_matches
from tests.oracle.views import ViewRow
from tests.warehouse_steps import SteppedExchange, stepped_exchange
from tests.worlds import DeliveredFile, World, random_world
from tests.worlds.agreement import folders
from tests.worlds.delivered import people_of
from tests.worlds.matches import matches_of

pytestmark = [pytest.mark.integration, pytest.mark.timeout(1800)]

SEED = int(os.environ.get("EXCHANGE_TEST_SEED", "1"))

# of every partner
Coverage = dict[str, list[ViewRow]]


@dataclass
class Days:
    """One world's exchange as time passes; `inbox`: the oracle's."""

    world: World
    folder: Path
    exchange: SteppedExchange
    inbox: Inbox

    def connect_as_admin(self) -> psycopg.Connection[dict[str, Any]]:
        return self.exchange.connect(row_factory=dict_row)

    def registry(self) -> Registry:
        return read_registry(self.folder)

    def refresh(self, now: datetime) -> None:
        self.exchange.refresh(now)
        self.exchange.publish()
        self.inbox.take(self.registry().feeds.values(), now)

    def shown(self) -> Coverage:
        """What partners read."""
        with self.connect_as_admin() as admin:
            return {
                partner: in_order(
                    admin.execute(
                        f"select * from {self.registry().partners[partner].share_schema}.coverage_summary".encode()
                    ).fetchall()
                )
                for partner in self.world.partner_ids
            }

    def counted(self, now: datetime) -> Coverage:
        """What partners read if it is counted now."""
        oracle = world_at(self.folder, self.inbox.deliveries, now, matches=matches_of(self))
        return {partner: in_order(views_of(partner, oracle)["coverage_summary"]) for partner in self.world.partner_ids}


def in_order(rows: list[ViewRow]) -> list[ViewRow]:
    return sorted(rows, key=lambda row: (row["state"], row["county_fips"] or ""))


def test_a_second_count_of_a_day_needs_a_reason(tmp_path: Path) -> None:
    """Would have caught two counts of a day, which tell by their difference what one organization just delivered."""
    home, folder = folders(tmp_path)
    world = random_world(Random(SEED), people=400, rows_per_feed=150).in_one_stage()
    world.write_registry(folder)
    with stepped_exchange(home, folder, shares=True) as exchange:
        days = Days(world, folder, exchange, Inbox(exchange.inbox))
        world.write_stage(exchange.inbox, 0)
        now = world.instants[-1].replace(hour=9)
        days.refresh(now)
        first = days.shown()
        assert first == days.counted(now)

        # one organization delivers: nobody's summary tells
        feed = next(
            feed
            for feed in days.registry().feeds.values()
            # a snapshot would take the answers of its partner's limit back
            if feed.file_format == "generic_contacts" and feed.coverage == "delta"
        )
        file = everybody_contacted(world, feed, "9_everybody")
        file.write(exchange.inbox)
        now += timedelta(hours=1)
        days.refresh(now)
        seers = {partner for partner, rows in days.counted(now).items() if rows != first[partner]} - {feed.partner_id}
        assert seers, "nobody sees what was delivered: this world tests nothing"
        assert days.shown() == first

        # the permissions of one that sees it change: it has a new count, nobody else
        recipient = min(seers)
        rules = world.registry["sharing_rules"]
        new = {"rule_id": "new", "effect": "withhold", "contributor": "*", "recipient": recipient, "channel": "online"}
        rules.append(rules[0] | new | {"valid_from": "", "valid_until": ""})
        world.write_registry(folder)
        now += timedelta(hours=1)
        days.refresh(now)
        assert days.shown() == first | {recipient: days.counted(now)[recipient]}

        # it is taken back: gone from every summary, and a new count for those only that may have seen it
        now += timedelta(hours=1)
        exchange.withdraw(feed.feed_id, file.name)
        days.inbox.deliveries[:] = [each for each in days.inbox.deliveries if each.file_name != file.name]
        days.refresh(now)
        concerned = {feed.partner_id, *recipients_of(feed.partner_id, days.registry(), now)}
        without_it = days.counted(now)
        again = {partner: (without_it if partner in concerned else first)[partner] for partner in first}
        assert days.shown() == again

        # a reason counts once, a day too
        everybody_contacted(world, feed, "9_once_more").write(exchange.inbox)
        days.refresh(now + timedelta(hours=1))
        assert days.shown() == again
        now += timedelta(days=1)
        days.refresh(now)
        assert days.shown() == days.counted(now)


def everybody_contacted(world: World, feed: Feed, name: str) -> DeliveredFile:
    """A file of this feed: everybody was met at a door, so long ago that no embargo is left."""
    rng = Random(SEED)
    rows = [
        {
            "record_id": f"{name}-{number}",
            "contact_key": "",
            "person_id": person.id_in(rng, feed.id_namespace, feed.id_scope),
            "source_person_id": f"own-{person.state}-{person.state_voter_id}",
            "state": person.state,
            "contacted_at": "2026-06-01T12:00:00Z",
            "channel": "door",
            "result": "canvassed",
            "phone": "",
            "question": "",
            "answer": "",
        }
        for number, person in enumerate(people_of(world))
    ]
    return DeliveredFile(9, feed.feed_id, feed.location, f"{name}.csv", rows)


def recipients_of(contributor: str, registry: Registry, now: datetime) -> set[str]:
    """Whom some rule in force lets see something of this partner."""
    return {
        partner.partner_id
        for partner in registry.partners.values()
        for rule in registry.rules
        if rule.effect == "share"
        and is_valid_on(rule, now.date())
        and party_matches(rule.contributor, registry.partners[contributor], registry)
        and party_matches(rule.recipient, partner, registry)
    }
