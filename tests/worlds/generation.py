"""One random world from one source of randomness: same generator state, same world."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

from .contacts import FeedDeliveries
from .parties import random_feeds, random_groups, random_partners
from .people import ballot_files, person_id_files, random_people, voter_files
from .questions import candidates, contests, random_answer_map
from .sharing import random_limits, random_rules
from .world import World


def random_world(rng: Random, *, stages: int = 3, people: int = 40, rows_per_feed: int = 50, rules: int = 40) -> World:
    """4 to 8 partners in two states, `rules` rules, perhaps limits, deliveries in `stages` stages. All days are before
    1 November.

    Hypothesis: pass `st.randoms(use_true_random=False)`.
    """
    instants = random_instants(rng, stages)
    today = [instant.date() for instant in instants]
    partners = random_partners(rng)
    groups = random_groups(rng, partners)
    feeds = random_feeds(rng, partners)
    population = random_people(rng, people)
    files = (
        voter_files(rng, population, stages)
        + person_id_files(rng, population, stages)
        + ballot_files(rng, population, stages)
    )
    for feed in feeds:
        if feed["file_format"] == "generic_contacts":
            files += FeedDeliveries(rng, feed, population, today, rows_per_feed).files(stages)
    registry = {
        "partners": partners,
        "partner_groups": groups,
        "feeds": feeds,
        "contests": contests(),
        "candidates": candidates(),
        "answer_map": random_answer_map(rng, partners, today[0]),
        "sharing_rules": random_rules(rng, partners, groups, today, rules),
    }
    limits = random_limits(rng, partners, groups)
    return World(
        # the file is optional
        registry=registry | ({"give_to_get": limits} if limits else {}),
        files=files,
        instants=instants,
    )


def random_instants(rng: Random, stages: int) -> list[datetime]:
    """Refreshes around the end of a month, some within minutes of midnight UTC, one to four days apart."""
    instant = datetime(2026, 9, rng.choice([28, 29, 30]), tzinfo=UTC)
    found = []
    for _ in range(stages):
        found.append(instant + timedelta(minutes=rng.choice([0, 5, 12 * 60, 23 * 60 + 55])))
        instant += timedelta(days=rng.randint(1, 4))
    return found
