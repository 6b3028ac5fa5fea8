"""Texting tools: ThruText exports and the Spoke contacts export."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from .inbox import Delivery
from .moments import iso_moment
from .registry import Feed, Row
from .statements import Statement, numbered_rows, problem_of, ten_digits
from .vocabulary import Vocabulary

_QUESTION = re.compile(r"question\[(.*)\]$", re.DOTALL)


def thrutext_messages(feed: Feed, deliveries: list[Delivery], vocabulary: Vocabulary) -> Iterator[Statement]:
    for version, _delivery, row in numbered_rows(deliveries):
        direction = row["message_direction"]
        result = vocabulary.result(feed.file_format, direction)
        yield _thrutext(feed, version, row, row["message_id"], row["timestamp"], result, direction)


def thrutext_surveys(feed: Feed, deliveries: list[Delivery], _: Vocabulary) -> Iterator[Statement]:
    for version, _delivery, row in numbered_rows(deliveries):
        key = "|".join((row["conversation_id"], row["survey_id"], row["survey_question"]))
        statement = _thrutext(feed, version, row, key, row["updated_at"], "canvassed", "")
        yield replace(statement, question=row["survey_question"], answer=row["response"])


def thrutext_opt_outs(feed: Feed, deliveries: list[Delivery], _: Vocabulary) -> Iterator[Statement]:
    for version, _delivery, row in numbered_rows(deliveries):
        key = row["conversation_id"] + "|opt-out"
        yield _thrutext(feed, version, row, key, row["timestamp"], "opted_out", "")


def _thrutext(
    feed: Feed,
    version: tuple[int, int],
    row: Row,
    record: str,
    time: str,
    result: str | None,
    result_text: str,
) -> Statement:
    moment = iso_moment(time, feed.zone)
    return Statement(
        feed=feed,
        version=version,
        line_key=record,
        record_key=record,
        contact_source=f"thrutext:{feed.partner_id}",
        contact_key=row["conversation_id"],
        person_id=row.get("external_id", ""),
        row_state="",
        contacted_at=moment,
        channel="text",
        result=result,
        phone=ten_digits(row.get("contact_phone", "")),
        problem=problem_of(record=record, contacted_at=moment, channel="text", result=result, result_text=result_text),
    )


def spoke_contacts(feed: Feed, deliveries: list[Delivery], vocabulary: Vocabulary) -> Iterator[Statement]:
    """One line is a whole contact: its status, each answered question, and an opt-out.

    The file carries no time: a contact, and each answer value, counts from the first loaded file that
    carries it.
    """
    first_seen: dict[tuple[str, ...], datetime] = {}
    for version, delivery, row in numbered_rows(deliveries):
        contact = f"{row['campaign_id']}|{row['contact_cell']}"
        status = row["contact_message_status"]
        result = vocabulary.result(feed.file_format, status)
        seen_at = first_seen.setdefault((contact,), delivery.received_at)
        whole = Statement(
            feed=feed,
            version=version,
            line_key=contact,
            record_key=contact,
            contact_source=feed.feed_id,
            contact_key=contact,
            person_id=row.get("contact_external_id", ""),
            row_state=row.get("contact_state", ""),
            contacted_at=seen_at,
            channel="text",
            result=result,
            phone=ten_digits(row["contact_cell"]),
            problem="result not understood" if result is None else None,
        )
        # a status such as needsMessage is known, but nobody has contacted the person: no contact to tell of
        if result != "":
            yield whole
        if row.get("contact_opt_out", "").lower() == "true":
            yield replace(whole, record_key=f"{contact}|opt-out", result="opted_out", problem=None)
        for header, answer in row.items():
            match = _QUESTION.match(header)
            if match and answer:
                question = match.group(1)
                answered_at = first_seen.setdefault((contact, question, answer), delivery.received_at)
                yield replace(
                    whole,
                    record_key=f"{contact}|{question}",
                    contacted_at=answered_at,
                    result=None,
                    question=question,
                    answer=answer,
                    problem=None,
                )
