"""The same deliveries to a second exchange in another order and other batches; marts by natural keys."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

from exchange.matching.review_file import ReviewError
from tests.warehouse_steps import Contents, SteppedExchange

from .story import Story, write_decisions
from .world import DeliveredFile

# an exchange numbers these as they come; `unnamed` says what is behind a number
_NAMES = {
    "voter_id": "select voter_id, state || ' ' || state_voter_id from intermediate.int_voter_keys",
    "partner_no": "select partner_no, partner_id from marts.dim_partners",
    "feed_no": "select feed_no, feed_id from marts.dim_feeds",
    "topic_id": "select topic_id, concat_ws(' ', question_code, contest_id, candidate_id) from marts.dim_topics",
}
# these keep what was ever asked, or what was known after each refresh
_EVER_SEEN = ("marts.dim_topics", "marts.response_versions", "marts.voter_responses_history")


def retell(story: Story, exchange: SteppedExchange, rng: Random) -> None:
    """Deliver the story's files to `exchange` and bring it to the story's end: registry, decisions, "now".

    Kept: the order of the files of one feed (the newest wins), and when each came in (Spoke's answers have no other
    time).
    """
    never = {file for file in story.withdrawn if rng.random() < 0.5}
    batches: list[dict[datetime, list[DeliveredFile]]] = [{} for _ in range(3)]
    reached: dict[str, int] = {}
    for instant, files in story.taken:
        for file in files:
            if (file.feed_id, file.name) in never:
                continue
            reached[file.feed_id] = rng.randint(reached.get(file.feed_id, 0), len(batches) - 1)
            batches[reached[file.feed_id]].setdefault(instant, []).append(file)
    end = story.taken[-1][0]
    for batch in batches:
        for instant in sorted(batch):
            for file in batch[instant]:
                file.write(exchange.inbox)
            exchange.take(instant)
        exchange.take(end)
        exchange.build()
    for feed_id, name in story.withdrawn:
        if (feed_id, name) not in never:
            exchange.withdraw(feed_id, name)
    decisions = Path(story.registry_folder.parent / "decisions.csv")
    for line in story.decisions:
        write_decisions(decisions, [line])
        try:
            exchange.decide(decisions)
        except ReviewError:
            # about somebody whom only a withdrawn file knew
            continue
    exchange.refresh(end)


def natural_marts(exchange: SteppedExchange) -> Contents:
    """The marts with names where an exchange has numbers of its own."""
    with exchange.connect() as connection:
        names = {column: dict(connection.execute(query).fetchall()) for column, query in _NAMES.items()}
    return {
        relation: Counter(_named(json.loads(row), names) for row in rows.elements())
        for relation, rows in exchange.contents().items()
        if relation.startswith("marts.") and relation not in _EVER_SEEN
    }


def _named(row: dict[str, Any], names: dict[str, dict[int, str]]) -> str:
    named = {column: names[column].get(value, value) if column in names else value for column, value in row.items()}
    return json.dumps({column: value for column, value in named.items() if column != "_file_id"})
