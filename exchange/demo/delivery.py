"""What every tool's writer needs: the conversations of a stream, where its files go, and the truth to write beside."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path

from exchange.demo.conversations import DAYS, FIRST_DAY, Conversations, Mess, Talk
from exchange.demo.questions import IGNORE, Ask
from exchange.demo.streams import Feed, Stream
from exchange.demo.truth import Truth

CORRECTED_LATER = "corrected in a later file"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One stream on its way into the inbox. `advance(n)`: n conversations are written.

    `synced`: the conversations of the partner's texting tool that this one tells again.
    """

    conversations: Conversations
    inbox: Path
    truth: Truth
    advance: Callable[[int], None]
    synced: Conversations | None = None

    @property
    def stream(self) -> Stream:
        return self.conversations.stream

    def feeds(self) -> tuple[Feed, ...]:
        return self.stream.feeds()

    def path(self, feed: Feed, name: str) -> Path:
        return self.inbox / feed.location / name

    def sent_on(self, part: int) -> date:
        """The day a file was exported: the morning after its last conversation."""
        return FIRST_DAY + timedelta(days=-(-(part + 1) * DAYS // self.stream.files))

    def local(self, talk: Talk, later: int = 0) -> datetime:
        """The talk's time, `later` seconds on, in the feed's time zone."""
        return datetime.fromtimestamp(talk.moment + later, self.conversations.zone)

    def fresh(self, part: int) -> Iterator[Talk]:
        """The new conversations of a file, those to be corrected marked as superseded."""
        low, high = self.conversations.part_range(part)
        for done, talk in enumerate(self.conversations.talks(low, high), 1):
            if done % 1_000 == 0:
                self.advance(1_000)
            if talk.mess in (Mess.CORRECTED, Mess.MOVED) and part < self.stream.files - 1:
                yield replace(talk, superseded=CORRECTED_LATER)
            else:
                yield talk
        self.advance((high - low) % 1_000)

    def corrections(self, part: int) -> Iterator[Talk]:
        """Conversations of the file before that come again with another answer (or result)."""
        if part:
            low, high = self.conversations.part_range(part - 1)
            for talk in self.conversations.talks(low, high, only=Mess.CORRECTED):
                yield corrected(talk)

    def retold(self, part: int) -> Iterator[Talk]:
        """Two in three of the texting tool's conversations of this time, with the answers this tool has a question for.
        In every twelfth the first answer is another: somebody corrected it here.
        """
        if self.synced is None:
            return
        questions = {(ask.question_code, ask.candidate_id): ask for ask in self.stream.script if ask.candidate_id}
        for talk in self.synced.talks(*self.synced.part_range(part), only=Mess.NONE):
            if talk.number % 3:
                asked = [((ask.question_code, ask.candidate_id), code) for ask, code in talk.answers]
                answers = tuple((questions[key], code) for key, code in asked if key in questions)
                again = replace(talk, answers=answers)
                yield corrected(again) if answers and talk.number % 12 == 5 else again


def corrected(talk: Talk) -> Talk:
    """The second version: the first answer one step on; without answers the voter turns out to have refused."""
    if not talk.answers:
        return replace(talk, result="refused", version=2)
    (ask, code), *others = talk.answers
    return replace(talk, answers=((ask, _next_code(ask, code)), *others), version=2)


def _next_code(ask: Ask, code: int) -> int:
    if ask.question_code == IGNORE:
        return (code + 1) % len(ask.answers)
    codes = sorted(found for _, found in ask.answers)
    return codes[(codes.index(code) + 1) % len(codes)]


def wording(ask: Ask, code: int) -> str:
    """The tool's text of an answer."""
    if ask.question_code == IGNORE:
        return ask.answers[code][0]
    return next(text for text, found in ask.answers if found == code)


def typed_phone(phone: str, number: int) -> str:
    """One phone, written as people and tools write it."""
    if not phone:
        return ""
    area, exchange, line = phone[:3], phone[3:6], phone[6:]
    return (
        f"({area}) {exchange}-{line}", f"{area}-{exchange}-{line}", phone, f"+1{phone}", f"{area}.{exchange}.{line}"
    )[number % 5]  # fmt: skip
