"""VAN pipeline tables (nightly CSV): contactscontacts and contactssurveyresponses, ids instead of words.

Grain: one row per contact attempt, one row per answer; row ids hold per (state, committee) only.
"""

from __future__ import annotations

from datetime import datetime

from exchange.demo.conversations import Mess, Talk
from exchange.demo.delivery import CORRECTED_LATER, Delivery, wording
from exchange.demo.files import TableFile
from exchange.demo.questions import Ask
from exchange.demo.streams import Feed
from exchange.demo.truth import Place

CONTACTS_HEADER = (
    "statecode", "contactscontactid", "vanid", "resultid", "committeeid", "personcommitteeid", "datecreated",
    "datecanvassed", "inputtypeid", "contacttypeid", "username", "canvassedby", "campaignid", "contentid",
    "createdby", "contactsphoneid", "teamid", "divisionid", "datemodified",
)  # fmt: skip
RESPONSES_HEADER = (
    "statecode", "contactssurveyresponseid", "vanid", "contactscontactid", "surveyquestionid", "surveyresponseid",
    "datecreated", "datecanvassed", "inputtypeid", "contacttypeid", "committeeid", "username", "canvassedby",
    "campaignid", "contentid", "datemodified", "teamid", "divisionid",
)  # fmt: skip
_RESULT_IDS = {
    "canvassed": 14, "not_home": 1, "refused": 2, "left_message": 19, "come_back": 13, "call_back": 17, "moved": 5,
    "do_not_walk": 23, "do_not_call": 22, "deceased": 4, "wrong_number": 20, "disconnected": 25, "busy": 18,
    # the nightly tables have no code of their own for it in these committees: canvassers choose Refused
    "language_barrier": 2,
}  # fmt: skip
_RESULT_NAMES = {"language_barrier": "refused"}
_CONTACT_TYPE_IDS = {"door": 2, "phone": 1}
_COMMITTEES = {"PA": 48_001, "NC": 48_002}
# the same row ids occur in both states' instances
_FIRST_CONTACT, _FIRST_RESPONSE = 900_001, 1_500_001
_DAY = 86_400


def write_van_pipeline(delivery: Delivery) -> None:
    """Both tables, split into one file per part as a large nightly export is."""
    contacts_feed, responses_feed = delivery.feeds()
    for part in range(delivery.stream.files):
        with (
            _table(delivery, contacts_feed, "contactscontacts", CONTACTS_HEADER, part) as contacts,
            _table(delivery, responses_feed, "contactssurveyresponses", RESPONSES_HEADER, part) as responses,
        ):
            for talk in delivery.fresh(part):
                _write_contact(delivery, contacts, contacts_feed.feed_id, talk)
                for position in range(len(talk.answers)):
                    replaced = position == 0 and talk.superseded != "" and talk.mess == Mess.CORRECTED
                    _write_answer(delivery, responses, responses_feed.feed_id, talk, position, replaced)
            for talk in delivery.corrections(part):
                if talk.answers:
                    _write_answer(delivery, responses, responses_feed.feed_id, talk, 0, False)


def _table(delivery: Delivery, feed: Feed, name: str, header: tuple[str, ...], part: int) -> TableFile:
    last = delivery.sent_on(delivery.stream.files - 1)
    return TableFile(delivery.path(feed, f"{name}_{last:%Y%m%d}_{part:03d}.csv"), header, newline="\r\n")


def _vanid(delivery: Delivery, talk: Talk) -> str:
    # VAN always has a VANID; one that the exchange's crosswalk does not know stands for "no id"
    return talk.identity.value or delivery.conversations.identities.unknown(delivery.stream.namespace, talk.person)


def _times(delivery: Delivery, talk: Talk) -> tuple[datetime, str, str]:
    """When it happened, when the row was made, when it was last changed (a correction: a day later)."""
    at = delivery.local(talk)
    changed = delivery.local(talk, 240 if talk.version == 1 else _DAY)
    return at, delivery.local(talk, 240).isoformat(), changed.isoformat()


def _write_contact(delivery: Delivery, table: TableFile, feed_id: str, talk: Talk) -> None:
    stream = delivery.stream
    at, created, modified = _times(delivery, talk)
    committee, row_id = _COMMITTEES[stream.state], _FIRST_CONTACT + talk.number
    cells: list[object] = [
        stream.state, row_id, _vanid(delivery, talk), _RESULT_IDS[talk.result], committee, "", created,
        at.isoformat(), 14 if talk.channel == "door" else 10, _CONTACT_TYPE_IDS[talk.channel],
        f"user{talk.number % 41}", 7_000 + talk.number % 41, 12, "", 7_000 + talk.number % 41,
        "" if talk.channel == "door" else 880_000 + talk.person.index, "", "", modified,
    ]  # fmt: skip
    place_name = table.path.name
    if talk.mess == Mess.DAMAGED:
        line, damage = table.damaged(cells, talk.number)
        delivery.truth.rejected(Place(feed_id, place_name, line), stream.partner_id, damage)
        return
    wrong = ""
    if talk.mess == Mess.UNKNOWN_CODE:
        column, code, wrong = (3, 999, "result") if talk.number % 2 else (9, 88, "channel")
        cells[column], wrong = code, f"{wrong} not in the vocabulary"
    elif talk.mess == Mess.BAD_TIME:
        cells[7], wrong = ("", "0001-01-00T00:00:00")[talk.number % 2], "time not understood"
    copies = 2 if talk.mess == Mess.DUPLICATE else 1
    for copy in range(copies):
        line = table.row(cells)
        delivery.truth.record(
            Place(feed_id, place_name, line), f"attempt|{stream.state}|{committee}|{row_id}",
            _contact(delivery, talk), talk, result="" if wrong else _RESULT_NAMES.get(talk.result, talk.result),
            contacted_at="" if wrong.startswith("time") else at.isoformat(), wrong=wrong,
            duplicate=copy < copies - 1,
        )  # fmt: skip


def _write_answer(
    delivery: Delivery, table: TableFile, feed_id: str, talk: Talk, position: int, replaced: bool
) -> None:
    stream = delivery.stream
    answer: tuple[Ask, int] = talk.answers[position]
    at, created, modified = _times(delivery, talk)
    committee, row_id = _COMMITTEES[stream.state], _FIRST_RESPONSE + talk.number * 16 + position
    question, response, wrong = answer[0].source_question, wording(*answer), ""
    if position == 0 and talk.mess == Mess.UNMAPPED_QUESTION:
        question, response, wrong = "299001", "1190001", "question not in the answer map"
    elif position == 0 and talk.mess == Mess.UNMAPPED_ANSWER and answer[0].question_code != "ignore":
        response, wrong = "1190009", "answer not in the answer map"
    cells: list[object] = [
        stream.state, row_id, _vanid(delivery, talk), _FIRST_CONTACT + talk.number, question, response, created,
        at.isoformat(), 14 if talk.channel == "door" else 10, _CONTACT_TYPE_IDS[talk.channel], committee,
        f"user{talk.number % 41}", 7_000 + talk.number % 41, 12, "", modified, "", "",
    ]  # fmt: skip
    if position == 0 and talk.mess == Mess.DAMAGED_ANSWER:
        line, damage = table.damaged(cells, talk.number)
        delivery.truth.rejected(Place(feed_id, table.path.name, line), stream.partner_id, damage)
        return
    line = table.row(cells)
    delivery.truth.record(
        Place(feed_id, table.path.name, line), f"answer|{stream.state}|{committee}|{row_id}",
        _contact(delivery, talk), talk, result="canvassed", contacted_at=at.isoformat(), answer=answer, wrong=wrong,
        replaced=CORRECTED_LATER if replaced else "",
    )  # fmt: skip


def _contact(delivery: Delivery, talk: Talk) -> tuple[str, str, str]:
    stream = delivery.stream
    key = f"{stream.state}|{_COMMITTEES[stream.state]}|{_FIRST_CONTACT + talk.number}"
    return stream.partner_id, f"van:{stream.partner_id}", key
