"""VAN files: report exports and nightly pipeline tables."""

from __future__ import annotations

from collections.abc import Iterator

from .inbox import Delivery
from .moments import iso_moment, us_moment
from .registry import Feed
from .statements import Statement, numbered_rows, problem_of
from .vocabulary import Vocabulary


def survey_response_report(feed: Feed, deliveries: list[Delivery], vocabulary: Vocabulary) -> Iterator[Statement]:
    """One answer per person, question, day and contact type: a corrected answer replaces it."""
    for version, _, row in numbered_rows(deliveries):
        contact = (row["vanid"], row["date_canvassed"], row["contact_type"])
        moment = us_moment(row["date_canvassed"], feed.zone)
        channel = vocabulary.channel(feed.file_format, row["contact_type"])
        record = "|".join((*contact, row["survey_question_name"]))
        yield Statement(
            feed=feed,
            version=version,
            line_key=record,
            record_key=record,
            contact_source=f"van_report:{feed.partner_id}",
            contact_key="|".join(contact),
            person_id=row["vanid"],
            row_state="",
            contacted_at=moment,
            channel=channel,
            result="canvassed",
            question=row["survey_question_name"],
            answer=row["survey_response"],
            problem=problem_of(record=record, contacted_at=moment, channel=channel, result="", result_text=""),
        )


def contact_history_report(feed: Feed, deliveries: list[Delivery], vocabulary: Vocabulary) -> Iterator[Statement]:
    for version, _, row in numbered_rows(deliveries):
        contact = (row["vanid"], row["date_canvassed"], row["contact_type"])
        moment = us_moment(row["date_canvassed"], feed.zone)
        channel = vocabulary.channel(feed.file_format, row["contact_type"])
        result = vocabulary.result(feed.file_format, row["result"])
        record = "|".join((*contact, row["result"], row.get("canvassed_by", "")))
        yield Statement(
            feed=feed,
            version=version,
            line_key=record,
            record_key=record,
            contact_source=f"van_report:{feed.partner_id}",
            contact_key="|".join(contact),
            person_id=row["vanid"],
            row_state="",
            contacted_at=moment,
            channel=channel,
            result=result,
            problem=problem_of(
                record=record, contacted_at=moment, channel=channel, result=result, result_text=row["result"]
            ),
        )


def contactscontacts(feed: Feed, deliveries: list[Delivery], vocabulary: Vocabulary) -> Iterator[Statement]:
    for version, _, row in numbered_rows(deliveries):
        record = "|".join((row["statecode"], row.get("committeeid", ""), row["contactscontactid"]))
        moment = iso_moment(row["datecanvassed"], feed.zone)
        channel = vocabulary.channel(feed.file_format, row["contacttypeid"])
        result = vocabulary.result(feed.file_format, row["resultid"])
        yield Statement(
            feed=feed,
            version=version,
            line_key=record,
            record_key=record,
            contact_source=f"van:{feed.partner_id}",
            contact_key=record,
            person_id=row["vanid"],
            row_state=row["statecode"],
            contacted_at=moment,
            channel=channel,
            result=result,
            problem=problem_of(
                record=record,
                contacted_at=moment,
                channel=channel,
                result=result,
                result_text=row["resultid"],
            ),
        )


def contactssurveyresponses(feed: Feed, deliveries: list[Delivery], vocabulary: Vocabulary) -> Iterator[Statement]:
    for version, _, row in numbered_rows(deliveries):
        prefix = (row["statecode"], row.get("committeeid", ""))
        record = "|".join((*prefix, row["contactssurveyresponseid"]))
        contact = row.get("contactscontactid", "")
        moment = iso_moment(row["datecanvassed"], feed.zone)
        channel = vocabulary.channel(feed.file_format, row["contacttypeid"])
        yield Statement(
            feed=feed,
            version=version,
            line_key=record,
            record_key=record,
            contact_source=f"van:{feed.partner_id}",
            # an answer entered without a contact is a conversation of its own
            contact_key="|".join((*prefix, contact)) if contact else record,
            person_id=row["vanid"],
            row_state=row["statecode"],
            contacted_at=moment,
            channel=channel,
            # VAN keeps no result beside an answer: the answer is the conversation
            result="canvassed",
            question=row["surveyquestionid"],
            answer=row["surveyresponseid"],
            problem=problem_of(record=record, contacted_at=moment, channel=channel, result="", result_text=""),
        )
