"""The world without what a recipient cannot see (for non-interference)."""

from __future__ import annotations

from dataclasses import replace

from tests.oracle.events import Contact, Event
from tests.oracle.registry import Feed
from tests.oracle.views import Sight
from tests.oracle.views import World as OracleWorld

from .world import DeliveredFile, Row, World


def without_hidden_rows(world: World, oracle: OracleWorld, sight: Sight) -> World:
    """Keep of each foreign contacts feed only the live lines that belong to a contact visible to the recipient.

    Of these lines an answer that is hidden is blanked: the line stays as part of the visible contact.
    Outdated,
    retracted, quarantined and unmatched lines go. Suppressions are common to all, so a contact that reports
    one stays
    (without its answers). The recipient's own files and the reference files stay as they are.
    """
    events = {(event.feed_id, event.record_key): event for event in oracle.facts.events}
    shown = {(each.event.feed_id, each.event.record_key) for each in sight.responses}
    kept_contacts = {
        key for key, contact in oracle.facts.contacts.items() if key in sight.contacts or _suppresses(contact, oracle)
    }
    files = []
    for file in world.files:
        feed = oracle.registry.feeds[file.feed_id]
        if feed.file_format != "generic_contacts" or feed.partner_id == sight.recipient.partner_id:
            files.append(file)
            continue
        live = _live_lines(world.files, feed)
        rows = []
        for line, row in enumerate(file.rows):
            event = events.get((feed.feed_id, row["record_id"]))
            is_live = live.get(row["record_id"]) == (file.name, line)
            if is_live and event is not None and event.contact in kept_contacts:
                # matches are given: a row that another one identified says itself who it is about
                known = {"person_id": event.known_by.person_id, "state": event.known_by.row_state}
                rows.append(_without_hidden_answer(row, event, shown) | known)
        if rows:
            files.append(replace(file, rows=rows))
    return replace(world, files=files)


def _live_lines(files: list[DeliveredFile], feed: Feed) -> dict[str, tuple[str, int]]:
    """record_id -> the file and line of its newest delivery; of a snapshot feed in its newest file only."""
    of_feed = sorted((file for file in files if file.feed_id == feed.feed_id), key=lambda file: file.name)
    if feed.coverage == "snapshot":
        of_feed = of_feed[-1:]
    return {row["record_id"]: (file.name, line) for file in of_feed for line, row in enumerate(file.rows)}


def _without_hidden_answer(row: Row, event: Event, shown: set[tuple[str, str]]) -> Row:
    if event.answer is None or (event.feed_id, event.record_key) in shown:
        return row
    return row | {"question": "", "answer": ""}


def _suppresses(contact: Contact, oracle: OracleWorld) -> bool:
    return any(event.result and oracle.vocabulary.suppression_kind(event.result) for event in contact.events)
