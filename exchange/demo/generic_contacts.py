"""Files of partners without a tool: the plain contact format, filled by people and spreadsheets."""

from __future__ import annotations

import shutil
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC

from exchange.demo.conversations import Mess, Talk
from exchange.demo.delivery import Delivery, corrected, typed_phone, wording
from exchange.demo.files import TableFile
from exchange.demo.identities import Identity
from exchange.demo.questions import Ask
from exchange.demo.truth import Place

COLUMNS = (
    "record_id", "contact_key", "person_id", "source_person_id", "first_name", "middle_name", "last_name", "suffix",
    "birth_date", "address", "city", "state", "zip", "phone", "email", "contacted_at", "channel", "result", "question",
    "answer",
)  # fmt: skip
_BAD_TIMES = ("last Tuesday", "2026-13-45 10:00:00", "")
_RETRACTED = "retracted: absent from the newer snapshot"


def write_generic(delivery: Delivery) -> None:
    """All files of a plain stream, oldest first."""
    stream = delivery.stream
    (feed,) = delivery.feeds()
    for part in range(stream.files):
        path = delivery.path(feed, f"contacts_{delivery.sent_on(part).isoformat()}.csv")
        spreadsheet = "spreadsheet" in stream.quirks
        with TableFile(path, COLUMNS, newline="\r\n" if spreadsheet else "\n", bom=spreadsheet) as table:
            for talk in _talks(delivery, part):
                _write_talk(delivery, table, feed.feed_id, talk)
        if "copied_file" in stream.quirks and part == 0:
            # somebody uploads the same file again under another name: it must be known by its content
            shutil.copyfile(path, path.with_name(f"{path.stem}_copy.csv"))


def _talks(delivery: Delivery, part: int) -> Iterator[Talk]:
    if delivery.stream.coverage == "snapshot":
        yield from _snapshot(delivery, part)
        return
    yield from delivery.fresh(part)
    yield from delivery.corrections(part)
    if part:
        low, high = delivery.conversations.part_range(part - 1)
        for talk in delivery.conversations.talks(low, high, only=Mess.MOVED):
            yield replace(delivery.conversations.neighbor(talk), version=2)


def _snapshot(delivery: Delivery, part: int) -> Iterator[Talk]:
    """Everything the partner stands by on that day: what it took back is simply not there any more."""
    is_last = part == delivery.stream.files - 1
    for older in range(part):
        low, high = delivery.conversations.part_range(older)
        for talk in delivery.conversations.talks(low, high):
            if not _is_retracted(talk):
                yield corrected(talk) if talk.mess == Mess.CORRECTED else talk
    for talk in delivery.fresh(part):
        if is_last:
            yield replace(talk, superseded="")
        else:
            yield replace(talk, superseded=_RETRACTED if _is_retracted(talk) else "replaced by a newer snapshot")


def _is_retracted(talk: Talk) -> bool:
    return talk.number % 29 == 7


def _write_talk(delivery: Delivery, table: TableFile, feed_id: str, talk: Talk) -> None:
    stream = delivery.stream
    if "spreadsheet" in stream.quirks:
        talk = _stripped(talk)
    elif "strays" in stream.quirks and talk.mess == Mess.LATE_ANSWER:
        # canvassers cross the district line: the answer is about a contest not on this voter's ballot
        talk = delivery.conversations.stray(talk)
    key = f"{talk.number:07d}"
    if talk.mess == Mess.DAMAGED:
        cells = _cells(delivery, talk, f"{key}-0", "", None)
        line, damage = table.damaged(list(cells.values()), talk.number)
        delivery.truth.rejected(Place(feed_id, table.path.name, line), stream.partner_id, damage)
        return
    answers: tuple[tuple[Ask, int] | None, ...] = talk.answers or (None,)
    for position, answer in enumerate(answers):
        contact_key = key if talk.answers else ""
        _write_row(delivery, table, feed_id, talk, (f"{key}-{position}", contact_key), answer, position == 0)


def _write_row(
    delivery: Delivery, table: TableFile, feed_id: str, talk: Talk, keys: tuple[str, str],
    answer: tuple[Ask, int] | None, is_first: bool,
) -> None:  # fmt: skip
    record_id, contact_key = keys
    cells = _cells(delivery, talk, record_id, contact_key, answer)
    wrong = _spoil(cells, talk, answer) if is_first else ""
    copies = 2 if is_first and talk.mess == Mess.DUPLICATE and not talk.superseded else 1
    for copy in range(copies):
        line = table.row(list(cells.values()))
        delivery.truth.record(
            Place(feed_id, table.path.name, line), record_id,
            (delivery.stream.partner_id, feed_id, contact_key or record_id), talk,
            result="" if wrong else cells["result"], answer=answer,
            contacted_at="" if wrong.startswith("time") else delivery.local(talk).isoformat(),
            wrong=wrong, duplicate=copy < copies - 1, replaced=talk.superseded,
        )  # fmt: skip


def _cells(
    delivery: Delivery, talk: Talk, record_id: str, contact_key: str, answer: tuple[Ask, int] | None
) -> dict[str, str]:
    person, number = talk.person, talk.number
    ask, code = answer or (None, 0)
    style = number % 11
    # a stranger lives at a voter's place in the electorate but is somebody else
    own_key = f"{delivery.stream.partner_id[:3].upper()}{person.index:07d}{'' if person.state_voter_id else 'X'}"
    row = dict.fromkeys(COLUMNS, "")
    row |= {
        "record_id": record_id, "contact_key": contact_key, "person_id": talk.identity.value,
        "source_person_id": own_key, "first_name": _typed(person.first, style), "middle_name": person.middle,
        "last_name": _typed(person.last, style),
        "suffix": f"{person.suffix}." if person.suffix and number % 2 else person.suffix,
        "birth_date": person.born if number % 4 else "", "address": _typed(person.address, style),
        "city": person.city, "state": person.state, "zip": person.zip,
        "phone": typed_phone(person.cell or person.home_phone, number),
        "email": person.email, "contacted_at": _typed_time(delivery, talk), "channel": talk.channel,
        "result": "" if ask and "bare_times" in delivery.stream.quirks else talk.result,
        "question": ask.source_question if ask else "", "answer": wording(ask, code) if ask else "",
    }  # fmt: skip
    return row


def _spoil(cells: dict[str, str], talk: Talk, answer: tuple[Ask, int] | None) -> str:
    """Put the talk's mess into its first row; returns why the row must be quarantined, or a blank."""
    odd = talk.number % 2
    if talk.mess == Mess.BAD_TIME:
        cells["contacted_at"] = _BAD_TIMES[talk.number % 3]
        return "time not understood"
    if talk.mess == Mess.UNKNOWN_CODE:
        column, text = ("channel", "carrier pigeon") if odd else ("result", "shrugged")
        cells[column] = text
        return f"{column} not in the vocabulary"
    if answer and talk.mess == Mess.UNMAPPED_QUESTION:
        cells["question"] = "school_board_support"
        return "question not in the answer map"
    if answer and talk.mess == Mess.UNMAPPED_ANSWER:
        cells["answer"] = "9"
        return "" if answer[0].question_code == "ignore" else "answer not in the answer map"
    if answer and talk.mess == Mess.HALF:
        cells["question" if odd else "answer"] = ""
        return "answer without question" if odd else "question without answer"
    return ""


def _typed_time(delivery: Delivery, talk: Talk) -> str:
    local = delivery.local(talk)
    if "bare_times" in delivery.stream.quirks:
        return local.replace(tzinfo=None).isoformat()
    if talk.number % 3 == 0:
        return local.isoformat()
    if talk.number % 3 == 1:
        return local.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
    return local.replace(tzinfo=None).isoformat(sep=" ")


def _typed(text: str, style: int) -> str:
    """Text as somebody typed it: capitals, or without accents, or as it is."""
    if style == 3:
        return text.upper()
    if style == 7:
        return "".join(mark for mark in unicodedata.normalize("NFD", text) if not unicodedata.combining(mark))
    return text


def _stripped(talk: Talk) -> Talk:
    """The id after a spreadsheet took it for a number."""
    value = talk.identity.value
    if not value.isdigit() or not value.startswith("0"):
        return talk
    return replace(talk, identity=Identity(value.lstrip("0"), False))
