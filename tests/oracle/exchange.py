"""The oracle's front door: registry + vocabulary + deliveries + instant -> what every partner must see."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path

from .coverage import coverage_summary
from .credits import my_statement
from .events import Matches, live_facts
from .explorer import explorer
from .inbox import Delivery
from .people import gather_people
from .registry import EXCHANGE, read_registry
from .suppressions import suppressions
from .views import ViewRow, World, contacts, sight_of, voter_responses
from .vocabulary import read_vocabulary
from .voters import voters

VOCABULARY = Path(__file__).resolve().parents[2] / "seeds" / "vocabulary"
Views = dict[str, list[ViewRow]]


def world_at(
    registry_folder: Path,
    deliveries: list[Delivery],
    as_of: datetime,
    vocabulary_folder: Path = VOCABULARY,
    matches: Matches | None = None,
) -> World:
    """All live facts at an instant. `deliveries` in order of intake; `as_of` with a zone.

    matches: who each row is about; the rules of sharing take them as given. None: as far as ids tell.
    """
    registry = read_registry(registry_folder)
    vocabulary = read_vocabulary(vocabulary_folder)
    of_feed: dict[str, list[Delivery]] = defaultdict(list)
    for delivery in deliveries:
        of_feed[delivery.feed_id].append(delivery)
    people = gather_people(registry, of_feed, vocabulary)
    facts = live_facts(registry, vocabulary, people, of_feed, matches)
    return World(registry, vocabulary, people, facts, as_of.astimezone(UTC).date())


def views_of(partner_id: str, world: World) -> Views:
    """The expected rows of one partner's views, in no particular order."""
    recipient = world.registry.partners[partner_id]
    person_ids = world.people.person_ids(recipient)
    sight = sight_of(recipient, world)
    own_people = {key[2] for key, visible in sight.contacts.items() if visible.contact.partner_id == partner_id}
    persons = voters(sight, world, person_ids)
    return {
        "voter_responses": voter_responses(sight, world, person_ids),
        "contacts": contacts(sight, person_ids),
        "voters": persons,
        "explorer": explorer(sight, world, person_ids, persons),
        "suppressions": suppressions(recipient, world, person_ids, own_people),
        "my_statement": my_statement(sight, world),
        # as if counted at this instant: what stays until tomorrow is for the caller to know
        "coverage_summary": coverage_summary(sight, world, person_ids),
    }


def viewers(world: World) -> list[str]:
    """Partners that have views: the active ones but the exchange itself."""
    partners = world.registry.partners.values()
    return sorted(p.partner_id for p in partners if p.is_active and p.partner_id != EXCHANGE)


def expected_views(
    registry_folder: Path, deliveries: list[Delivery], as_of: datetime, vocabulary_folder: Path = VOCABULARY
) -> dict[str, Views]:
    """For every active partner the full expected contents of its views."""
    world = world_at(registry_folder, deliveries, as_of, vocabulary_folder)
    return {partner_id: views_of(partner_id, world) for partner_id in viewers(world)}
