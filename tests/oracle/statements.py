"""One delivered statement in a form common to all tools, before anything is decided about it.

A delivered line becomes one statement, or several where a tool packs a whole contact into one line (Spoke).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from .inbox import Delivery
from .moments import iso_moment
from .registry import Feed, Row
from .vocabulary import Vocabulary


@dataclass(frozen=True)
class Statement:
    """Grain: one event as one delivery tells it: (feed, record_key, version).

    `line_key`: what a later delivery replaces as a whole. `version`: file number of the feed, then line
    number.
    `channel` and `result` are canonical codes; `problem` says why the row cannot be understood.
    """

    feed: Feed
    version: tuple[int, int]
    line_key: str
    record_key: str
    contact_source: str
    contact_key: str
    person_id: str
    row_state: str
    contacted_at: datetime | None
    channel: str | None
    result: str | None
    question: str = ""
    answer: str = ""
    problem: str | None = None
    # the partner's own key of the person: lines that share it are about one person
    person_key: str = ""
    # ten digits, or nothing
    phone: str = ""


Reader = Callable[[Feed, list[Delivery], Vocabulary], Iterator[Statement]]


def numbered_rows(deliveries: list[Delivery]) -> Iterator[tuple[tuple[int, int], Delivery, Row]]:
    """Every row of one feed with its version, in order of intake, values trimmed."""
    for file_number, delivery in enumerate(deliveries):
        for line_number, row in enumerate(delivery.rows):
            yield ((file_number, line_number), delivery, {k: (v or "").strip() for k, v in row.items()})


def ten_digits(text: str) -> str:
    """A US phone number without its notation; '' if it is none."""
    digits = re.sub(r"\D", "", text)
    digits = digits.removeprefix("1") if len(digits) == 11 else digits
    return digits if len(digits) == 10 else ""


def problem_of(*, record: str, contacted_at: object, channel: object, result: object, result_text: str) -> str | None:
    """Why a row goes to quarantine for its own values; None: they are understood."""
    if not record:
        return "no record key"
    if contacted_at is None:
        return "contact time not understood"
    if channel is None:
        return "channel not understood"
    if result_text and result is None:
        return "result not understood"
    return None


def generic_contacts(feed: Feed, deliveries: list[Delivery], vocabulary: Vocabulary) -> Iterator[Statement]:
    """Plain format: one statement per line."""
    for version, _, row in numbered_rows(deliveries):
        record = row["record_id"]
        moment = iso_moment(row["contacted_at"], feed.zone)
        result_text = row.get("result", "")
        channel = vocabulary.channel(feed.file_format, row["channel"])
        result = vocabulary.result(feed.file_format, result_text)
        yield Statement(
            feed=feed,
            version=version,
            # a line without key cannot replace another one
            line_key=record or f"line {version}",
            record_key=record,
            contact_source=feed.feed_id,
            contact_key=row.get("contact_key") or record,
            person_id=row.get("person_id", ""),
            row_state=row.get("state", ""),
            contacted_at=moment,
            channel=channel,
            result=result,
            question=row.get("question", ""),
            answer=row.get("answer", ""),
            person_key=row.get("source_person_id", ""),
            phone=ten_digits(row.get("phone", "")),
            problem=problem_of(
                record=record, contacted_at=moment, channel=channel, result=result, result_text=result_text
            ),
        )
