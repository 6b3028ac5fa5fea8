"""One conversation told by several tools of one partner counts once: VAN has again what the texting tool had.

Naive on purpose: every conversation of a higher rank (tools.csv) looks at all events of its partner about its voter.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import datetime

from .events import ContactKey, Event


def count_once(events: list[Event]) -> list[Event]:
    """The same events, a copy's in the conversation that it repeats; an answer that only repeats has gone."""
    of_person: dict[tuple[str, object], list[Event]] = defaultdict(list)
    conversations: dict[ContactKey, list[Event]] = defaultdict(list)
    for event in events:
        of_person[event.partner_id, event.voter].append(event)
        conversations[event.source].append(event)
    first = {key: min(lines, key=earliest_first) for key, lines in conversations.items()}
    counted = []
    for event in events:
        others = of_person[event.partner_id, event.voter]
        contact = _original(first[event.source], others, first) or event.source
        answer = None if _is_repeated(event, others) else event.answer
        counted.append(replace(event, contact=contact, answer=answer))
    return counted


def earliest_first(event: Event) -> tuple[datetime, str, str]:
    return event.contacted_at, event.feed_id, event.record_key


def _original(copy: Event, others: list[Event], first: dict[ContactKey, Event]) -> ContactKey | None:
    """The conversation that the one with this first event repeats: of the lowest tool the last of that day."""
    found = [
        other
        for other in others
        if other.tool_rank < copy.tool_rank
        and (other.channel, other.contact_on) == (copy.channel, copy.contact_on)
        and (other.tool_rank == 0 or _face(other) == _face(first[other.source]))
    ]
    if not found:
        return None
    lowest = min(other.tool_rank for other in found)
    found = [other for other in found if other.tool_rank == lowest]
    latest = max(other.contacted_at for other in found)
    return min(other.source for other in found if other.contacted_at == latest)


def _face(event: Event) -> tuple[str, object]:
    return event.channel, event.contact_on


def _is_repeated(event: Event, others: list[Event]) -> bool:
    """Some tool of a lower rank ended that day with this very answer."""
    if event.answer is None:
        return False
    for rank in range(event.tool_rank):
        said = [
            (-other.contacted_at.timestamp(), other.answer.answer_code, other.feed_id, other.record_key)
            for other in others
            if other.answer is not None
            and other.tool_rank == rank
            and _face(other) == _face(event)
            and other.answer.key == event.answer.key
        ]
        if said and min(said)[1] == event.answer.answer_code:
            return True
    return False
