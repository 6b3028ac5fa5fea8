"""The world without what a recipient cannot see (for non-interference)."""

from __future__ import annotations

from dataclasses import replace

from tests.oracle.registry import Feed
from tests.oracle.statements import Statement
from tests.oracle.suppressions import OPTED_IN, reports
from tests.oracle.views import Sight
from tests.oracle.views import World as OracleWorld

from .world import DeliveredFile, World


def without_hidden_rows(world: World, oracle: OracleWorld, sight: Sight) -> World:
    """Keep of each foreign contacts feed only the live lines that belong to a contact visible to the recipient.

    Of these lines an answer that is hidden is blanked: the line stays as part of the visible contact. Outdated,
    retracted, quarantined and unmatched lines go. Suppressions are common to all, so what they are made of stays
    without its answers: a line that reports one or takes it back, matched or not, and one that tells that a person
    has a number that somebody opted out on; but not what binds its reporter alone. The recipient's own files and
    the reference files stay as they are.
    """
    events = {(event.feed_id, event.record_key): event for event in oracle.facts.events}
    shown = {(each.event.feed_id, each.event.record_key) for each in sight.responses}
    common = _lines_of_suppressions(oracle)
    # whole contacts: their date and channel come from all their lines
    kept_contacts = {events[key].contact for key in common if key in events} | sight.contacts.keys()
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
            key = (feed.feed_id, row["record_id"])
            known = common.get(key, event.known_by if event and event.contact in kept_contacts else None)
            if is_live and known is not None:
                # matches are given: a row that another one identified says itself who it is about
                row = row if key in shown else row | {"question": "", "answer": ""}
                rows.append(row | {"person_id": known.person_id, "state": known.row_state})
        if rows:
            files.append(replace(file, rows=rows))
    return replace(world, files=files)


def _live_lines(files: list[DeliveredFile], feed: Feed) -> dict[str, tuple[str, int]]:
    """record_id -> the file and line of its newest delivery; of a snapshot feed in its newest file only."""
    of_feed = sorted((file for file in files if file.feed_id == feed.feed_id), key=lambda file: file.name)
    if feed.coverage == "snapshot":
        of_feed = of_feed[-1:]
    return {row["record_id"]: (file.name, line) for file in of_feed for line, row in enumerate(file.rows)}


def _lines_of_suppressions(oracle: OracleWorld) -> dict[tuple[str, str], Statement]:
    """(feed, record) of all that common suppressions are made of, with the statement that tells the person."""
    numbers = {report.phone for report in reports(oracle) if report.phone and report.scope != "caller"}
    found = {}
    for heard in oracle.facts.heard:
        statement = heard.statement
        is_report = bool(statement.result) and (
            statement.result == OPTED_IN
            or oracle.vocabulary.results[statement.result or ""]["suppression_scope"] in ("channel", "all")
        )
        if is_report or (heard.voter and statement.phone in numbers):
            found[statement.feed.feed_id, statement.record_key] = heard.known_by
    return found
