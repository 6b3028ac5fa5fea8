"""ThruText exports: messages, surveys and opt-outs with a customer's own columns and bare local timestamps.

Grain: one row per message, per answer, per opt-out; rows of one conversation share conversation_id.
"""

from __future__ import annotations

from exchange.demo.conversations import Mess, Talk
from exchange.demo.delivery import CORRECTED_LATER, Delivery, typed_phone, wording
from exchange.demo.files import TableFile
from exchange.demo.questions import Ask
from exchange.demo.streams import Feed
from exchange.demo.truth import Place

_CONTACT = ("contact_id", "contact_first_name", "contact_last_name", "contact_phone")
MESSAGES_HEADER = (
    "timestamp", "message_id", "message_direction", "message_body", "sender_id", "sender_first_name",
    "sender_last_name", "sender_phone", "campaign_id", "campaign_name", "conversation_id", "conversation_phone",
    *_CONTACT, "media_content", "message_segment_count", "message_error",
)  # fmt: skip
SURVEYS_HEADER = (
    "campaign_id", "campaign_name", "conversation_id", "survey_id", "survey_question", "survey_type", "response",
    *_CONTACT, "updated_at", "sync_status",
)  # fmt: skip
OPT_OUTS_HEADER = ("timestamp", *_CONTACT, "conversation_id", "note", "opt_out_type")
_ID_COLUMN = {"vanid_voterfile": "van_id", "dwid": "dwid"}
_ASK_TEXT = "Hi {name}, this is {sender} with {who}. We're talking to voters in {city}. Do you have a minute?"
_REPLIES = (
    "yes", "Sure, go ahead!", 'I told the last one: "no more texts", but ok', "Yes, I am voting, and so is my wife",
    "who is this?\nnever mind, yes", "👍", "Depends, what's it about", "ok\n\nbut be quick",
)  # fmt: skip
_DAY = 86_400


class _Tables:
    """The three open files of one part, with the feed each belongs to."""

    def __init__(self, delivery: Delivery, part: int) -> None:
        self.delivery, self.stream = delivery, delivery.stream
        self.messages_feed, self.surveys_feed, self.opt_outs_feed = delivery.feeds()
        custom = (_ID_COLUMN[self.stream.namespace], "polling_location")
        self.messages = self._open(self.messages_feed, "messages", (*MESSAGES_HEADER, *custom), part)
        self.surveys = self._open(self.surveys_feed, "surveys", (*SURVEYS_HEADER, *custom), part)
        self.opt_outs = self._open(self.opt_outs_feed, "opt_outs", (*OPT_OUTS_HEADER, custom[0]), part)

    def _open(self, feed: Feed, name: str, header: tuple[str, ...], part: int) -> TableFile:
        path = self.delivery.path(feed, f"{name}_{self.delivery.sent_on(part):%Y%m%d}.csv")
        return TableFile(path, header, newline="\r\n")

    def close(self) -> None:
        for table in (self.messages, self.surveys, self.opt_outs):
            table.close()


def write_thrutext(delivery: Delivery) -> None:
    """The three exports of an account, one file of each per part."""
    for part in range(delivery.stream.files):
        tables = _Tables(delivery, part)
        for talk in delivery.fresh(part):
            _write_talk(tables, talk)
        for talk in delivery.corrections(part):
            if talk.answers:
                _write_answer(tables, talk, 0, "")
        tables.close()


def _write_talk(tables: _Tables, talk: Talk) -> None:
    opted_out = talk.result == "do_not_text"
    name = talk.person.first
    text = _ASK_TEXT.format(
        name=name, sender=("Sam", "Alex", "Jo")[talk.number % 3], who=tables.stream.partner_id.replace("_", " "),
        city=talk.person.city,
    )  # fmt: skip
    _write_message(tables, talk, 0, "outgoing", text)
    if talk.answers:
        _write_message(tables, talk, 1, "incoming", _REPLIES[talk.number % len(_REPLIES)])
        _write_message(tables, talk, 2, "outgoing", f'Thank you, {name}! "Every vote counts", as they say.')
    elif opted_out:
        _write_message(tables, talk, 1, "incoming", "STOP")
        _write_opt_out(tables, talk)
    for position in range(len(talk.answers)):
        corrects = talk.superseded and position == 0 and talk.mess == Mess.CORRECTED
        _write_answer(tables, talk, position, CORRECTED_LATER if corrects else "")


def _stamp(tables: _Tables, talk: Talk, later: int) -> str:
    return tables.delivery.local(talk, later).strftime("%Y-%m-%d %H:%M:%S")


def _who(talk: Talk) -> list[object]:
    person = talk.person
    # a stranger lives at a voter's place in the electorate but is somebody else
    own_key = f"c{person.index:08d}{'' if person.state_voter_id else 'x'}"
    return [own_key, person.first, person.last, typed_phone(person.cell, talk.number)]


def _conversation(talk: Talk) -> str:
    return str(30_000_000 + talk.number)


def contact_of(partner_id: str, talk: Talk) -> tuple[str, str, str]:
    """Partner, contact source and contact key, as in the truth."""
    return partner_id, f"thrutext:{partner_id}", _conversation(talk)


def _write_message(tables: _Tables, talk: Talk, position: int, direction: str, body: str) -> None:
    later = 170 * position
    message_id = f"{_conversation(talk)}{position:02d}"
    cells: list[object] = [
        _stamp(tables, talk, later), message_id, direction, body, 501 + talk.number % 7, "Sam", "Texter",
        "+12905550100", 77, "Fall texts, wave 1", _conversation(talk), "+12905550199", *_who(talk), "",
        1 + len(body) // 153, "", talk.identity.value, f"{talk.person.city} Library, Room {talk.person.house % 9}",
    ]  # fmt: skip
    feed_id, file_name = tables.messages_feed.feed_id, tables.messages.path.name
    truth = tables.delivery.truth
    if talk.mess == Mess.DAMAGED and position == 0:
        line, damage = tables.messages.damaged(cells, talk.number)
        truth.rejected(Place(feed_id, file_name, line), tables.stream.partner_id, damage)
        return
    wrong = ""
    if position == 0 and talk.mess == Mess.UNKNOWN_CODE:
        cells[2], wrong = "queued", "message direction not in the vocabulary"
    elif position == 0 and talk.mess == Mess.BAD_TIME:
        cells[0], wrong = ("9/14/26 6pm", "")[talk.number % 2], "time not understood"
    copies = 2 if position == 0 and talk.mess == Mess.DUPLICATE else 1
    for copy in range(copies):
        line = tables.messages.row(cells)
        truth.record(
            Place(feed_id, file_name, line), f"message|{message_id}", contact_of(tables.stream.partner_id, talk), talk,
            result="" if wrong else "texted" if direction == "outgoing" else "canvassed",
            contacted_at="" if wrong.startswith("time") else tables.delivery.local(talk, later).isoformat(),
            wrong=wrong, duplicate=copy < copies - 1,
        )  # fmt: skip


def _write_answer(tables: _Tables, talk: Talk, position: int, replaced: str) -> None:
    answer: tuple[Ask, int] = talk.answers[position]
    later = 200 + 60 * position + (_DAY if talk.version > 1 else 0)
    question, response, wrong = answer[0].source_question, wording(*answer), ""
    if position == 0 and talk.mess == Mess.UNMAPPED_QUESTION:
        question, response, wrong = (
            "What matters most to you?",
            'Schools, and "roads"',
            "question not in the answer map",
        )
    elif position == 0 and talk.mess == Mess.UNMAPPED_ANSWER and answer[0].question_code != "ignore":
        response, wrong = "See notes", "answer not in the answer map"
    survey_id = f"{talk.number * 16 + position:09d}"
    cells: list[object] = [
        77, "Fall texts, wave 1", _conversation(talk), survey_id, question, "multiple_choice", response,
        *_who(talk), _stamp(tables, talk, later), "synced", talk.identity.value, "",
    ]  # fmt: skip
    feed_id, file_name = tables.surveys_feed.feed_id, tables.surveys.path.name
    if position == 0 and talk.mess == Mess.DAMAGED_ANSWER:
        line, damage = tables.surveys.damaged(cells, talk.number)
        tables.delivery.truth.rejected(Place(feed_id, file_name, line), tables.stream.partner_id, damage)
        return
    line = tables.surveys.row(cells)
    tables.delivery.truth.record(
        Place(feed_id, file_name, line),
        f"answer|{_conversation(talk)}|{survey_id}|{question}", contact_of(tables.stream.partner_id, talk), talk,
        contacted_at=tables.delivery.local(talk, later).isoformat(), answer=answer, wrong=wrong, replaced=replaced,
    )  # fmt: skip


def _write_opt_out(tables: _Tables, talk: Talk) -> None:
    line = tables.opt_outs.row(
        [_stamp(tables, talk, 171), *_who(talk), _conversation(talk), 'replied "STOP"',
         ("automatic", "manual")[talk.number % 2], talk.identity.value]
    )  # fmt: skip
    tables.delivery.truth.record(
        Place(tables.opt_outs_feed.feed_id, tables.opt_outs.path.name, line),
        f"opt-out|{_conversation(talk)}",
        contact_of(tables.stream.partner_id, talk), talk, result="opted_out",
        contacted_at=tables.delivery.local(talk, 171).isoformat(),
    )  # fmt: skip
