"""Who a live statement is about, also where that is no voter we know: what suppressions are told about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from .people import VoterKey, feed_scope
from .statements import Statement
from .vocabulary import Vocabulary


@dataclass(frozen=True)
class Heard:
    """Grain: one live, understood statement, also about somebody who is not matched.

    person: the voter, else who the feed says it is; lines of one identity share it.
    """

    statement: Statement
    voter: VoterKey | None
    person: tuple[str, ...]
    contacted_at: datetime
    contact_on: date
    known_by: Statement


def identity(statement: Statement, ids: dict[str, Statement], vocabulary: Vocabulary) -> tuple[str, ...]:
    """Who a feed says it is about: its key of the person; another id than the key's newest is somebody else."""
    feed = statement.feed
    newest = ids.get(statement.person_key)
    own = (feed_scope(vocabulary, feed, statement.row_state), statement.person_id)
    if newest and statement.person_id:
        is_other = own != (feed_scope(vocabulary, feed, newest.row_state), newest.person_id)
        return (feed.feed_id, statement.person_key, *(own if is_other else ()))
    return (feed.feed_id, statement.person_key or statement.person_id or statement.record_key)
