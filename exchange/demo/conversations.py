"""Conversations: who was contacted when, by which channel, with what result and answers, and what goes wrong with it.

Grain: one Talk per conversation of a stream. A Talk is computed from (seed, stream, number), so a later file can bring
it again, corrected, without anything having been kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from enum import IntEnum
from zoneinfo import ZoneInfo

import numpy as np

from exchange.demo.chance import Chance, Index, Units, cumulate
from exchange.demo.identities import Identities, Identity
from exchange.demo.opinions import draw_answer
from exchange.demo.people import People, Person
from exchange.demo.questions import Ask
from exchange.demo.streams import ANSWERING, Stream
from exchange.demo.voters import CELL, Electorate

FIRST_DAY = date(2026, 2, 2)
DAYS = 252  # the last contact is on 2026-10-11
BLOCK = 4_096
_EPOCH_DAY = (FIRST_DAY - date(1970, 1, 1)).days
# US daylight time began at 02:00 on this day; no contact is made between 01:00 and 03:00
_DAYLIGHT = int(datetime(2026, 3, 8, 2, tzinfo=UTC).timestamp())
_OUTCOMES: dict[str, tuple[tuple[str, float], ...]] = {
    "door": (("not_home", 0.62), ("refused", 0.12), ("left_message", 0.06), ("come_back", 0.06), ("moved", 0.05),
             ("language_barrier", 0.04), ("do_not_walk", 0.03), ("deceased", 0.02)),
    "phone": (("not_home", 0.5), ("left_message", 0.2), ("refused", 0.08), ("wrong_number", 0.06),
              ("disconnected", 0.05), ("busy", 0.04), ("call_back", 0.03), ("do_not_call", 0.03), ("deceased", 0.01)),
    "text": (("texted", 0.93), ("do_not_text", 0.07)),
}  # fmt: skip
_OTHER_OUTCOMES = (("not_home", 0.7), ("refused", 0.3))


class Mess(IntEnum):
    """What is wrong with a conversation as delivered. Writers skip what their format cannot show."""

    NONE = 0
    NO_ID = 1
    UNKNOWN_ID = 2
    OTHER_STATE = 3
    UNMAPPED_QUESTION = 4
    UNMAPPED_ANSWER = 5
    UNKNOWN_CODE = 6
    BAD_TIME = 7
    DAMAGED = 8
    DUPLICATE = 9
    CORRECTED = 10
    MOVED = 11
    HALF = 12
    LATE_ANSWER = 13
    DAMAGED_ANSWER = 14


# in the order of Mess, up to LATE_ANSWER; the damaged ones are placed evenly instead
_MESS = cumulate([0.842, 0.014, 0.011, 0.008, 0.012, 0.008, 0.007, 0.005, 0.0, 0.007, 0.036, 0.012, 0.005, 0.033])
# one conversation in 131: fewer than 2 % of any file, and none in a file so small that one would be a large share
_DAMAGE_EVERY, _DAMAGED_AT, _DAMAGED_ANSWER_AT = 131, 65, 99


@dataclass(frozen=True, slots=True)
class Talk:
    """`moment`: Unix seconds (UTC). `answers`: (ask, answer code), in script order; empty: nobody answered.

    `identity`: the id as the tool holds it. `person`: who it truly is; a stranger has a blank state_voter_id.
    `superseded`: why a later delivery replaces this version; blank: it is the newest.
    """

    number: int
    person: Person
    identity: Identity
    moment: int
    channel: str
    result: str
    answers: tuple[tuple[Ask, int], ...]
    mess: Mess
    part: int
    version: int = 1
    superseded: str = ""


class Conversations:
    """All talks of one stream: `count` of them, in order of time, cut into `stream.files` parts."""

    def __init__(self, people: People, identities: Identities, stream: Stream, count: int) -> None:
        self.people, self.identities, self.stream = people, identities, stream
        self.electorate: Electorate = people.electorate
        self.chance: Chance = people.chance
        self.zone = ZoneInfo(stream.timezone)
        self._cells = self.electorate.cells_in(stream.division)
        self.reach = len(self._cells) * CELL
        # nobody is contacted twice on one day by one tool: VAN's report has no other key than person and day
        self.count = max(stream.files, min(count, self.reach * DAYS))
        self._order = self.chance.shuffle(f"{stream.name}/order", self.reach)
        self._channels = cumulate([share for _, share in stream.channels])

    def part_range(self, part: int) -> tuple[int, int]:
        """First number and one past the last number of a file's new conversations."""
        files = self.stream.files
        return -(-part * self.count // files), -(-(part + 1) * self.count // files)

    def talks(self, low: int, high: int, only: Mess | None = None) -> Iterator[Talk]:
        """Conversations low … high-1 in order; `only`: those with this mess."""
        for start in range(low, high, BLOCK):
            number = np.arange(start, min(start + BLOCK, high), dtype=np.int64)
            mess = self.chance.weighted(f"{self.stream.name}/mess", number, _MESS)
            mess = np.where(number % _DAMAGE_EVERY == _DAMAGED_AT, Mess.DAMAGED, mess)
            mess = np.where(number % _DAMAGE_EVERY == _DAMAGED_ANSWER_AT, Mess.DAMAGED_ANSWER, mess)
            if only is not None:
                number, mess = number[mess == only], mess[mess == only]
            if len(number):
                yield from self._block(number, mess)

    def _block(self, number: Index, mess: Index) -> Iterator[Talk]:
        voters = self._voters(number)
        people = self.people.at(voters)
        identities = self.identities.of(self.stream.namespace, people)
        moments = self._moments(number).tolist()
        channels = [self.stream.channels[n][0] for n in self._pick("channel", number, self._channels)]
        answering = self.chance.unit(f"{self.stream.name}/answers", number).tolist()
        outcome = self.chance.unit(f"{self.stream.name}/outcome", number).tolist()
        answers = self._answers(number, voters, people, moments)
        for n, (k, kind) in enumerate(zip(number.tolist(), mess.tolist(), strict=True)):
            spoke = answering[n] < ANSWERING[channels[n]] and bool(answers[n])
            yield self._disturbed(
                Talk(
                    number=k, person=people[n], identity=identities[n], moment=moments[n], channel=channels[n],
                    result="canvassed" if spoke else _outcome(channels[n], outcome[n]),
                    answers=answers[n] if spoke else (), mess=Mess(kind), part=k * self.stream.files // self.count,
                )
            )  # fmt: skip

    def _pick(self, name: str, number: Index, table: Units) -> list[int]:
        found: list[int] = self.chance.weighted(f"{self.stream.name}/{name}", number, table).tolist()
        return found

    def _voters(self, number: Index) -> Index:
        seat = self._order(number)
        return self._cells[seat // CELL] * CELL + seat % CELL

    def _moments(self, number: Index) -> Index:
        """UTC seconds: mostly 9:00 to 20:59 in the voter's zone (both states keep Eastern time), a few at midnight."""
        day = _EPOCH_DAY + number * DAYS // self.count
        second = 32_400 + self.chance.below(f"{self.stream.name}/second", number, 43_200)
        night = self.chance.unit(f"{self.stream.name}/night", number)
        edge = self.chance.below(f"{self.stream.name}/edge", number, 1_500)
        second = np.where(night < 0.01, 86_400 - 1_500 + edge, np.where(night < 0.02, edge, second))
        local = day * 86_400 + second
        return local + np.where(local < _DAYLIGHT, 18_000, 14_400)

    def _answers(
        self, number: Index, voters: Index, people: list[Person], moments: list[int]
    ) -> list[tuple[tuple[Ask, int], ...]]:
        days = [datetime.fromtimestamp(moment, self.zone).date().isoformat() for moment in moments]
        found: list[list[tuple[Ask, int]]] = [[] for _ in moments]
        for position, ask in enumerate(self.stream.script):
            asked = (self.chance.unit(f"{self.stream.name}/ask {position}", number) < ask.share).tolist()
            codes = draw_answer(self.chance, self.stream.name, ask, number, voters, people)
            for n, day in enumerate(days):
                if asked[n] and (ask.valid_from or day) <= day <= (ask.valid_until or day):
                    found[n].append((ask, codes[n]))
        return [tuple(row) for row in found]

    def _disturbed(self, talk: Talk) -> Talk:
        """The talk with what its mess says about the person; a mess that cannot be is none."""
        kind, state = talk.mess, self.stream.state
        if kind == Mess.NO_ID:
            return replace(talk, identity=Identity("", False))
        if kind == Mess.UNKNOWN_ID:
            stranger = self.people.at(np.array([talk.person.index], np.int64), strangers=True)[0]
            return replace(
                talk,
                person=stranger,
                identity=Identity(self.identities.unknown(self.stream.namespace, stranger), False),
            )
        if kind == Mess.OTHER_STATE and state and self.stream.namespace == "state_voter_id":
            low, high = self.electorate.state_range("NC" if state == "PA" else "PA")
            other = self.people.at(np.array([low + talk.number % (high - low)], np.int64))[0]
            return replace(talk, person=other, identity=Identity(other.state_voter_id, False))
        return talk

    def neighbor(self, talk: Talk) -> Talk:
        """The same conversation on the voter next to the first one: whom a corrected file says it was."""
        return self._about(talk, talk.person.index + (1 if talk.person.index % CELL < CELL - 1 else -1))

    def stray(self, talk: Talk) -> Talk:
        """The same conversation with somebody of the state who may live outside the stream's district."""
        low, high = self.electorate.state_range(talk.person.state)
        return self._about(talk, low + talk.number * 7 % (high - low))

    def _about(self, talk: Talk, index: int) -> Talk:
        person = self.people.at(np.array([index], np.int64))[0]
        return replace(talk, person=person, identity=self.identities.of(self.stream.namespace, [person])[0])


def _outcome(channel: str, unit: float) -> str:
    for result, share in _OUTCOMES.get(channel, _OTHER_OUTCOMES):
        unit -= share
        if unit < 0:
            return result
    return _OUTCOMES.get(channel, _OTHER_OUTCOMES)[0][0]
