"""Where one delivered record is now: an answer, a contact, or nowhere, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from psycopg import Connection

from exchange.errors import ExchangeError, Place
from exchange.rules.facts import one_row

# where a record can be: an answer, (part of) a contact without one, or nowhere, for a reason
Fate = Literal[
    "response",
    "contact",
    "not_a_contact",
    "quarantined",
    "in_review",
    "unmatched",
    "copy",
    "superseded",
    "retracted",
]


@dataclass(frozen=True)
class Located:
    """Grain: one record of one feed. file_name, line: its newest delivery. told: what is wrong with it, in words.

    counted_as: the record `FEED/RECORD` that a copy repeats. contact_id: the contact it is part of.
    """

    feed_id: str
    record_id: str
    fate: Fate
    file_name: str
    line: int
    told: str | None = None
    what_to_do: str | None = None
    counted_as: str | None = None
    contact_id: UUID | None = None


def locate(connection: Connection[Any], feed_id: str, record_id: str) -> Located:
    """Where the record is. Raises ExchangeError if no loaded file has it."""
    newest = one_row(
        connection,
        """
        select file.file_name, lines._row_number as line, lines._file_id, lines.delivery_status
        from intermediate.int_contact_lines__delivered as lines
        inner join raw.file as file on lines._file_id = file.file_id
        where lines.feed_id = %s and lines.source_record_key = %s
        order by lines.delivery_status = 'live' desc, lines._file_id desc, lines._row_number desc
        limit 1
        """,
        [feed_id, record_id],
    )
    if newest is None:
        raise _unknown(connection, feed_id, record_id)
    place = {"feed_id": feed_id, "record_id": record_id, "file_name": newest["file_name"], "line": newest["line"]}
    if newest["delivery_status"] == "superseded":
        return Located(**place, fate="superseded", told="a newer delivery of its line no longer tells it")
    if newest["delivery_status"] == "retracted":
        return Located(**place, fate="retracted", told="the feed's newest snapshot leaves it out")
    return _located_live(connection, place)


def _located_live(connection: Connection[Any], place: dict[str, Any]) -> Located:
    line = one_row(
        connection,
        """
        select
            lines.problem, quarantined.what_to_do, lines.match_status, lines.voter_id, lines.question_code,
            lines.source_question, sources.contact_id, feeds.feed_id || '/' || copies.counted_record_id as counted_as
        from intermediate.int_contact_lines__resolved as lines
        left join intermediate.int_contact_lines__quarantined as quarantined
            using (_file_id, _row_number, source_record_key)
        left join marts.contact_sources as sources using (contact_source, source_contact_key, voter_id, partner_no)
        left join intermediate.int_feed_keys as feed_keys on lines.feed_id = feed_keys.feed_id
        left join marts.response_copies as copies
            on feed_keys.feed_no = copies.feed_no and lines.source_record_key = copies.record_id
        left join intermediate.int_feed_keys as feeds on copies.counted_feed_no = feeds.feed_no
        where lines.feed_id = %s and lines.source_record_key = %s
        """,
        [place["feed_id"], place["record_id"]],
    )
    if line is None:
        raise ExchangeError(
            "The record is on its way: its delivery is live and its meaning is not known yet.",
            place=Place(feed=place["feed_id"], file=place["file_name"], line=place["line"]),
            remedy="Wait for the refresh that runs, or run `exchange refresh`.",
        )
    if line["problem"] is not None:
        return Located(**place, fate="quarantined", told=line["problem"], what_to_do=line["what_to_do"])
    if line["voter_id"] is None:
        in_review = line["match_status"] == "review"
        told = "its person waits for a decision (`exchange review`)" if in_review else "its person is no voter we know"
        return Located(**place, fate="in_review" if in_review else "unmatched", told=told)
    if line["counted_as"] is not None:
        return Located(**place, fate="copy", told="another tool told it first", counted_as=line["counted_as"])
    if line["question_code"] is not None:
        return Located(**place, fate="response", contact_id=line["contact_id"])
    ignored = None if line["source_question"] is None else "its answer is one that answer_map.csv ignores"
    if line["contact_id"] is None:
        return Located(**place, fate="not_a_contact", told=ignored or "it tells of no contact and no answer")
    return Located(**place, fate="contact", told=ignored, contact_id=line["contact_id"])


def feed_and_record(connection: Connection[Any], row: str, contributor_id: str) -> tuple[str, str]:
    """`FEED/RECORD` taken apart. Raises ExchangeError for an unknown feed, or one of another partner."""
    owners: dict[str, set[str]] = {}
    # a feed that passed to another partner has two
    for feed_id, partner_id in connection.execute(
        "select feed_id, partner_id from raw.file union select feed_id, partner_id from registry.feeds"
    ):
        owners.setdefault(feed_id, set()).add(partner_id)
    # feed ids may hold a slash, and so may record ids
    feeds = [feed_id for feed_id in owners if row.startswith(f"{feed_id}/")]
    if not feeds:
        theirs = sorted(feed_id for feed_id in owners if contributor_id in owners[feed_id])
        expected = f"FEED/RECORD with one of {', '.join(theirs)}" if theirs else "FEED/RECORD"
        place = Place(partner=contributor_id)
        raise ExchangeError("No feed of this name has ever delivered.", place=place, expected=expected, got=row)
    feed_id = max(feeds, key=len)
    if contributor_id not in owners[feed_id]:
        raise ExchangeError(
            "The feed is another partner's.",
            place=Place(partner=contributor_id, feed=feed_id),
            remedy=f"Ask with --contributor {min(owners[feed_id])}.",
        )
    return feed_id, row.removeprefix(f"{feed_id}/")


def _unknown(connection: Connection[Any], feed_id: str, record_id: str) -> ExchangeError:
    [withdrawn] = connection.execute(
        "select count(*) from raw.file where feed_id = %s and withdrawn_at is not null", [feed_id]
    ).fetchone() or [0]
    hint = "Records are named as the marts and ops.ops_quarantined_rows name them; a rejected line has no name."
    files = "1 file of the feed was" if withdrawn == 1 else f"{withdrawn} files of the feed were"
    return ExchangeError(
        "No loaded file of the feed has this record.",
        place=Place(feed=feed_id),
        got=record_id,
        remedy=hint if not withdrawn else f"{hint} {files} withdrawn, with all records.",
    )
