"""VAN report exports: a zip holding UTF-16 tab-separated text under an .xls name, dates as M/D/YYYY, no record ids.

VAN keeps one contact per person and day, so a row's key is the person and the date (and the question).
"""

from __future__ import annotations

from exchange.demo.conversations import Mess, Talk
from exchange.demo.delivery import CORRECTED_LATER, Delivery, wording
from exchange.demo.files import TableFile
from exchange.demo.names import CANVASSERS
from exchange.demo.questions import Ask
from exchange.demo.streams import Feed
from exchange.demo.thrutext import contact_of
from exchange.demo.truth import Place

SURVEY_HEADER = (
    "Voter File VANID", "Contact Name", "Date Canvassed", "Survey Response", "Survey Question Name",
    "Survey Question Type", "Canvassed By", "Contact Type",
)  # fmt: skip
HISTORY_HEADER = (
    "Voter File VANID", "Contact Name", "Date Canvassed", "Result", "Contact Type", "Canvassed By", "Created By",
    "Date Created", "Input Type Name", "MiniVAN Campaign",
)  # fmt: skip
_RESULTS = {
    "canvassed": "Canvassed", "not_home": "Not Home", "refused": "Refused", "left_message": "Left Message",
    "come_back": "Come Back", "call_back": "Call Back", "moved": "Moved", "language_barrier": "Language Barrier",
    "do_not_walk": "Do Not Walk", "do_not_call": "Do Not Call", "deceased": "Deceased",
    "wrong_number": "Wrong Number", "disconnected": "Disconnected", "busy": "Busy",
    "texted": "Texted", "do_not_text": "Do Not Text",
}  # fmt: skip
_CONTACT_TYPES = {"door": "Walk", "phone": "Phone", "text": "SMS Text"}
_INPUT_TYPES = {"door": "MiniVAN", "phone": "VPB", "text": "API"}


def write_van_reports(delivery: Delivery) -> None:
    """Both reports of a committee, one zip of each per part."""
    survey_feed, history_feed = delivery.feeds()
    for part in range(delivery.stream.files):
        with (
            _report(delivery, survey_feed, SURVEY_HEADER, part, 11_056_504_994) as survey,
            _report(delivery, history_feed, HISTORY_HEADER, part, 11_056_517_302) as history,
        ):
            for talk in delivery.fresh(part):
                _write_history(delivery, history, history_feed.feed_id, talk)
                for position, answer in enumerate(talk.answers):
                    replaced = CORRECTED_LATER if talk.superseded and position == 0 and _can_correct(talk) else ""
                    _write_answer(delivery, survey, survey_feed.feed_id, talk, answer, position, replaced)
            for talk in delivery.corrections(part):
                # only the answer can be corrected: VAN keeps the day's contact
                if talk.answers:
                    _write_answer(delivery, survey, survey_feed.feed_id, talk, talk.answers[0], 0, "")
            # what the texting tool synced: a text that was answered has become Canvassed
            for talk in delivery.retold(part):
                _write_history(delivery, history, history_feed.feed_id, talk)
                for position, answer in enumerate(talk.answers):
                    _write_answer(delivery, survey, survey_feed.feed_id, talk, answer, position, "")


def _report(delivery: Delivery, feed: Feed, header: tuple[str, ...], part: int, serial: int) -> TableFile:
    day = delivery.sent_on(part).strftime("%Y%m%d")
    name = f"PersonFile{day}-{serial + 7_919 * part}"
    if "my_campaign" in delivery.stream.quirks:
        header = ("MyCampaignID", *header[1:])
    path = delivery.path(feed, f"{name}.zip")
    return TableFile(path, header, delimiter="\t", newline="\r\n", utf16=True, zip_name=f"{name}.xls")


def _can_correct(talk: Talk) -> bool:
    return talk.mess == Mess.CORRECTED


def _vanid(delivery: Delivery, talk: Talk) -> str:
    # VAN always has a VANID; one that the exchange's crosswalk does not know stands for "no id"
    return talk.identity.value or delivery.conversations.identities.unknown(delivery.stream.namespace, talk.person)


def _write_history(delivery: Delivery, table: TableFile, feed_id: str, talk: Talk) -> None:
    local, partner = delivery.local(talk), delivery.stream.partner_id
    day = f"{local.month}/{local.day}/{local.year}"
    vanid = _vanid(delivery, talk)
    canvasser = CANVASSERS[talk.number % len(CANVASSERS)]
    cells = [
        vanid, _name(talk), day, _RESULTS[talk.result], _CONTACT_TYPES[talk.channel], canvasser, "Sync, API",
        day, _INPUT_TYPES[talk.channel], f"{local:%B} {talk.channel}s" if talk.channel == "door" else "",
    ]  # fmt: skip
    if talk.mess == Mess.DAMAGED:
        line, damage = table.damaged(cells, talk.number)
        delivery.truth.rejected(Place(feed_id, table.path.name, line), partner, damage)
        return
    wrong = ""
    if talk.mess == Mess.UNKNOWN_CODE:
        cells[3], wrong = "Other - see notes", "result not in the vocabulary"
    elif talk.mess == Mess.BAD_TIME and not talk.answers:
        cells[2], wrong = "9/31/2026", "time not understood"
    copies = 2 if talk.mess == Mess.DUPLICATE else 1
    for copy in range(copies):
        line = table.row(cells)
        delivery.truth.record(
            Place(feed_id, table.path.name, line),
            "|".join(("attempt", vanid, cells[2], cells[4], cells[3], canvasser)),
            _contact(partner, vanid, day, talk), talk,
            result="" if wrong else talk.result, contacted_at=_noon(delivery, talk) if cells[2] == day else "",
            wrong=wrong, duplicate=copy < copies - 1,
        )  # fmt: skip


def _write_answer(
    delivery: Delivery, table: TableFile, feed_id: str, talk: Talk, answer: tuple[Ask, int], position: int,
    replaced: str,
) -> None:  # fmt: skip
    local, partner = delivery.local(talk), delivery.stream.partner_id
    day, vanid = f"{local.month}/{local.day}/{local.year}", _vanid(delivery, talk)
    ask, code = answer
    question, response, wrong = ask.source_question, wording(ask, code), ""
    if position == 0 and talk.mess == Mess.UNMAPPED_QUESTION:
        question, wrong = "SR_22_Old_1022", "question not in the answer map"
    elif position == 0 and talk.mess == Mess.UNMAPPED_ANSWER and ask.question_code != "ignore":
        response, wrong = "6 - Other", "answer not in the answer map"
    kind = "Candidate" if ask.candidate_id else "Issue"
    canvasser = CANVASSERS[talk.number % len(CANVASSERS)]
    cells = [vanid, _name(talk), day, response, question, kind, canvasser, _CONTACT_TYPES[talk.channel]]
    if position == 0 and talk.mess == Mess.DAMAGED_ANSWER:
        line, damage = table.damaged(cells, talk.number)
        delivery.truth.rejected(Place(feed_id, table.path.name, line), partner, damage)
        return
    line = table.row(cells)
    delivery.truth.record(
        Place(feed_id, table.path.name, line),
        f"answer|{vanid}|{day}|{_CONTACT_TYPES[talk.channel]}|{question}",
        _contact(partner, vanid, day, talk), talk, result="canvassed",
        contacted_at=_noon(delivery, talk), answer=answer, wrong=wrong, replaced=replaced,
        # the tool's own answer may come minutes later, after midnight: then VAN has another day
        copied=talk.channel == "text" and talk.version == 1 and delivery.local(talk, 200).day == local.day,
    )  # fmt: skip


def _contact(partner: str, vanid: str, day: str, talk: Talk) -> tuple[str, str, str]:
    if talk.channel == "text":
        return contact_of(partner, talk)
    return partner, f"van_report:{partner}", f"{vanid}|{day}|{_CONTACT_TYPES[talk.channel]}"


def _noon(delivery: Delivery, talk: Talk) -> str:
    return delivery.local(talk).replace(hour=12, minute=0, second=0).isoformat()


def _name(talk: Talk) -> str:
    person = talk.person
    middle = f" {person.middle[0]}." if person.middle else ""
    suffix = f", {person.suffix}." if person.suffix else ""
    return f"{person.last}, {person.first}{middle}{suffix}"
