"""The change feed: replaying it on yesterday's copy of a view gives today's view, and it tells nothing else."""

from __future__ import annotations

import csv
from datetime import timedelta
from typing import Any

import pytest

from tests.demo_exchange import INSTANT
from tests.worlds.running import RunningExchange

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]

KEYS = {
    "voter_responses": ("question_code", "contest_id", "candidate_id"),
    "contacts": ("contact_id",),
    "suppressions": ("kind", "scope", "phone"),
}
Copy = dict[tuple[str, str, str], dict[str, Any]]


@pytest.fixture
def exchange(demo_exchange: RunningExchange) -> RunningExchange:
    return demo_exchange


def copy_of(exchange: RunningExchange, partner: str) -> Copy:
    """What a recipient that copies its views keeps: (view, person, record key) -> row."""
    views = exchange.views(partner, tuple(KEYS))
    return {
        (view, row["person_id"], "|".join(str(row[name] if row[name] is not None else "") for name in names)): row
        for view, names in KEYS.items()
        for row in views[view]
    }


def feed_of(exchange: RunningExchange, partner: str) -> list[dict[str, Any]]:
    return exchange.views(partner, ("changes",))["changes"]


def retract_correct_and_forbid(exchange: RunningExchange) -> None:
    """A newer snapshot without half the rows, a corrected answer, and an agreement that ended."""
    folder = exchange.inbox / "mail_ballot_alliance/contacts"
    newest = max(folder.glob("contacts_*.csv"))
    lines = newest.read_text(encoding="utf-8").splitlines(keepends=True)
    (folder / "contacts_2099-01-01.csv").write_text("".join([lines[0], *lines[1::2]]), encoding="utf-8")

    folder = exchange.inbox / "reyes_for_congress/contacts"
    with min(folder.glob("contacts_*.csv")).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with (folder / "contacts_2099-01-01.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(row | {"channel": "mail"} for row in rows[:40] if row["record_id"])

    rules = exchange.registry / "sharing_rules.csv"
    with rules.open(encoding="utf-8", newline="") as file:
        listed = list(csv.DictReader(file))
    ended = next(row for row in listed if row["effect"] == "share" and row["attribution"] == "named")
    ended["valid_until"] = INSTANT.date().isoformat()
    with rules.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, listed[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(listed)


def test_a_replayed_feed_gives_todays_views(exchange: RunningExchange) -> None:
    """Would have caught a retraction without a tombstone, and changed permissions that list every row as new."""
    partners = ("pa_party", "mail_ballot_alliance", "reyes_for_congress", "lopez_for_governor", "voter_voice")
    before = {partner: copy_of(exchange, partner) for partner in partners}
    assert all(feed_of(exchange, partner) == [] for partner in partners), "the first publication is no news"

    retract_correct_and_forbid(exchange)
    exchange.refresh(INSTANT + timedelta(days=9))

    kinds: set[str] = set()
    for partner in partners:
        after, copy = copy_of(exchange, partner), before[partner]
        changes = {
            (row["relation"], row["person_id"], row["record_key"]): row["change"] for row in feed_of(exchange, partner)
        }
        assert {row["publication_id"] for row in feed_of(exchange, partner)} <= {2}
        retracted = {key for key, change in changes.items() if change == "retracted"}
        added = {key for key, change in changes.items() if change == "added"}
        changed = {key for key, change in changes.items() if change == "changed"}
        assert retracted == copy.keys() - after.keys()
        assert added == after.keys() - copy.keys()
        assert changed == {key for key in copy.keys() & after.keys() if copy[key] != after[key]}
        kinds |= set(changes.values())
    assert kinds == {"added", "changed", "retracted"}


def test_a_refresh_without_news_tells_nothing(exchange: RunningExchange) -> None:
    instant = INSTANT + timedelta(days=9)
    before = feed_of(exchange, "pa_party")
    exchange.refresh(instant)
    assert feed_of(exchange, "pa_party") == before
