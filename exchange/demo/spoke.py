"""Spoke contacts exports: one file per campaign, one row per contact, one column per question of that campaign.

The export has no time of answer. A campaign exported again brings every contact again, with new and changed answers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from exchange.demo.conversations import Mess, Talk
from exchange.demo.delivery import Delivery, corrected, wording
from exchange.demo.files import TableFile
from exchange.demo.questions import Ask
from exchange.demo.truth import Place

FIXED_HEADER = (
    "campaignId", "campaign", "contact[firstName]", "contact[lastName]", "contact[cell]", "contact[zip]",
    "contact[city]", "contact[state]", "contact[optOut]", "contact[messageStatus]", "contact[external_id]",
)  # fmt: skip
_CUSTOM_HEADER = ("contact[polling_place]", "contact[county_fips]")
# a free-text step of the script: nobody mapped it
_FREE_QUESTION = "What should we tell the candidate?"
_AGAIN = "the campaign was exported again"
_TITLES = ("September persuasion, round 1", 'GOTV "early" texts', "Reminder texts")


def write_spoke(delivery: Delivery) -> None:
    """One export per campaign, then the first campaign a second time, after more people have answered."""
    sizes = _campaigns(delivery)
    for campaign, (low, high) in enumerate(sizes):
        _write_export(delivery, campaign, _first_export(delivery, campaign, low, high), len(sizes), campaign)
    low, high = sizes[0]
    talks = (_second_version(talk) for talk in delivery.conversations.talks(low, high))
    _write_export(delivery, 0, talks, len(sizes), len(sizes))


def _campaigns(delivery: Delivery) -> list[tuple[int, int]]:
    """Ranges of conversations: at least two campaigns, nobody twice in one."""
    talks = delivery.conversations
    size = min(-(-talks.count // 2), talks.reach)
    return [(low, min(low + size, talks.count)) for low in range(0, talks.count, size)]


def _first_export(delivery: Delivery, campaign: int, low: int, high: int) -> Iterator[Talk]:
    for done, talk in enumerate(delivery.conversations.talks(low, high), 1):
        if done % 1_000 == 0:
            delivery.advance(1_000)
        if campaign == 0:
            # who answered between the two exports shows no answer in the first
            late = talk.mess == Mess.LATE_ANSWER or talk.number % 7 == 3
            first = replace(talk, answers=(), result="texted") if late else talk
            yield replace(first, superseded=_AGAIN)
        else:
            yield talk
    delivery.advance((high - low) % 1_000)


def _second_version(talk: Talk) -> Talk:
    if talk.mess == Mess.CORRECTED and talk.answers:
        return corrected(talk)
    return replace(talk, version=2)


def _write_export(delivery: Delivery, campaign: int, talks: Iterator[Talk], campaigns: int, export: int) -> None:
    (feed,) = delivery.feeds()
    asks = delivery.stream.script if campaign % 2 == 0 else delivery.stream.script[:-1]
    questions = [f"question[{ask.source_question}]" for ask in asks]
    header = (*FIXED_HEADER, *_CUSTOM_HEADER, *questions, f"question[{_FREE_QUESTION}]", "tags")
    # Spoke stamps its files with the minutes where the month was meant (YYYY-mm-DD): 2026-41-12 is no date
    minutes = 7 + 34 * (export >= campaigns)
    day = delivery.sent_on(delivery.stream.files - 1)
    name = f"campaign-{_campaign_id(campaign)}-export-{day:%Y}-{minutes:02d}-{day:%d}.csv"
    with TableFile(delivery.path(feed, name), header) as table:
        for talk in talks:
            _write_contact(delivery, table, feed.feed_id, talk, campaign, asks)


def _campaign_id(campaign: int) -> int:
    return 101 + campaign


def _cell(delivery: Delivery, talk: Talk) -> str:
    # a texted voter has a mobile number, also when the voter file does not know it
    return f"+1{talk.person.cell}" if talk.person.cell else f"+1892{talk.person.index % 10_000_000:07d}"


def _taken(talk: Talk, asks: tuple[Ask, ...]) -> dict[Ask, int]:
    """The answers this campaign's columns can hold; of two steps with one text only the first is reached."""
    found: dict[Ask, int] = {}
    texts: set[str] = set()
    for ask, code in talk.answers:
        text = ask.source_question.removesuffix("_1").removesuffix("_2")
        if ask in asks and text not in texts:
            found[ask] = code
            texts.add(text)
    return found


def _write_contact(
    delivery: Delivery, table: TableFile, feed_id: str, talk: Talk, campaign: int, asks: tuple[Ask, ...]
) -> None:
    taken = _taken(talk, asks)
    opted_out = talk.result == "do_not_text"
    free_text = 'Fix the roads, please,\nand "stop" the ads' if talk.mess == Mess.UNMAPPED_QUESTION else ""
    status = ("convo", "closed", "needsResponse")[talk.number % 3] if taken else "closed" if opted_out else "messaged"
    wrong = ""
    if talk.mess == Mess.UNKNOWN_CODE and not taken and not opted_out:
        status, wrong = "needsReview", "message status not in the vocabulary"
    result = "" if wrong else "texted" if status == "messaged" else "canvassed"
    person, cell = talk.person, _cell(delivery, talk)
    answers = [wording(ask, taken[ask]) if ask in taken else "" for ask in asks]
    if talk.mess == Mess.UNMAPPED_ANSWER and taken:
        answers[asks.index(next(iter(taken)))] = "Other"
    cells: list[object] = [
        _campaign_id(campaign), _TITLES[campaign % len(_TITLES)], person.first, person.last, cell, person.zip,
        person.city, person.state, "true" if opted_out else "false", status, talk.identity.value,
        f"{person.city} Fire Hall, Station {person.house % 9}", person.county_fips, *answers, free_text,
        "; ".join(tag for tag in ("opted-out" * opted_out, "asked-again" * (talk.version > 1)) if tag),
    ]  # fmt: skip
    truth, name = delivery.truth, table.path.name
    if talk.mess == Mess.DAMAGED:
        line, damage = table.damaged(cells, talk.number)
        truth.rejected(Place(feed_id, name, line), delivery.stream.partner_id, damage)
        return
    place = Place(feed_id, name, table.row(cells))
    key = f"{_campaign_id(campaign)}|{cell}"
    contact = (delivery.stream.partner_id, feed_id, key)
    truth.record(place, key, contact, talk, result=result, wrong=wrong, replaced=talk.superseded)
    if opted_out:
        truth.record(place, f"{key}|opt-out", contact, talk, result="opted_out", replaced=talk.superseded)
    _record_answers(delivery, place, contact, talk, taken, free_text)


def _record_answers(
    delivery: Delivery, place: Place, contact: tuple[str, str, str], talk: Talk, taken: dict[Ask, int], free: str
) -> None:
    for position, (ask, code) in enumerate(taken.items()):
        spoiled = position == 0 and talk.mess == Mess.UNMAPPED_ANSWER and ask.question_code != "ignore"
        delivery.truth.record(
            place, f"{contact[2]}|question[{ask.source_question}]", contact, talk, result="canvassed",
            answer=(ask, code),
            wrong="answer not in the answer map" if spoiled else "", replaced=talk.superseded,
        )  # fmt: skip
    if free:
        delivery.truth.record(
            place, f"{contact[2]}|question[{_FREE_QUESTION}]", contact, talk, wrong="question not in the answer map",
            replaced=talk.superseded,
        )  # fmt: skip
