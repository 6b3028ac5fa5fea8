"""What codes are called: answers, questions, channels, contests, candidates, counties, offices.

The same for everybody, and about no voter: read as exchange_dashboard, and read again every minute.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import LiteralString

from starlette.applications import Starlette
from starlette.requests import Request

from dashboard.cache import Cache
from dashboard.database import Database, Reader

# a publication may bring a new candidate: for so long the pages show the code in place of the name
KEPT_SECONDS = 60

# office_level of the registry, from the top of the ballot to the bottom
OFFICES = {
    "president": "President",
    "us_senate": "U.S. Senate",
    "us_house": "U.S. House",
    "governor": "Governor",
    "state_senate": "State senate",
    "state_house": "State house",
    "county": "County office",
    "municipal": "Municipal office",
}


@dataclass(frozen=True)
class Contest:
    contest_id: str
    office: str
    name: str
    division_id: str
    election_on: date


@dataclass(frozen=True)
class Candidate:
    candidate_id: str
    contest_id: str
    name: str
    party: str | None

    @property
    def label(self) -> str:
        return f"{self.name} ({self.party})" if self.party else self.name


@dataclass(frozen=True)
class Vocabulary:
    """Names by code. A code that is not known (any more) is its own name."""

    # question -> (answer code, label), by code
    answers: Mapping[str, Sequence[tuple[int, str]]]
    questions: Mapping[str, str]
    # in the order of their bits in explorer.channels_us
    channels: Mapping[str, str]
    contact_results: Mapping[str, str]
    contests: Mapping[str, Contest]
    candidates: Mapping[str, Candidate]
    counties: Mapping[str, str]
    states: Mapping[str, str]

    @property
    def offices(self) -> list[tuple[str, str]]:
        return list(OFFICES.items())

    def office(self, code: str) -> str:
        return OFFICES.get(code, code)

    def answer(self, question: str, code: int | None) -> str:
        """0 and None: nobody asked, as far as the partner may see."""
        if not code:
            return "Not asked"
        return dict(self.answers.get(question, ())).get(code, str(code))

    def channel(self, code: str) -> str:
        return self.channels.get(code, code)

    def contest(self, contest_id: str) -> str:
        contest = self.contests.get(contest_id)
        return contest.name if contest else contest_id

    def candidate(self, candidate_id: str) -> str:
        """María Lopez (DEM)."""
        candidate = self.candidates.get(candidate_id)
        return candidate.label if candidate else candidate_id

    def county(self, county_fips: str | None) -> str:
        """Lehigh County. The state is not part of it."""
        return self.counties.get(county_fips, county_fips) if county_fips else "County not known"

    def state(self, code: str | None) -> str:
        return self.states.get(code, code) if code else "State not known"


async def vocabulary(where: Request | Starlette) -> Vocabulary:
    """Ask for it before taking a connection of the pool: it may need one, and who holds one while waiting for a second
    may wait for others who do the same.
    """
    app = where.app if isinstance(where, Request) else where
    cache: Cache = app.state.cache
    database: Database = app.state.database

    async def make() -> Vocabulary:
        async with database.as_keeper() as reader:
            return await _read(reader)

    return await cache.get(("vocabulary", int(time.monotonic() // KEPT_SECONDS)), make)


async def _read(reader: Reader) -> Vocabulary:
    answers: dict[str, list[tuple[int, str]]] = {}
    for row in await reader.rows(
        "select question_code, answer_code, answer_label from vocabulary.answers order by question_code, answer_code"
    ):
        answers.setdefault(row["question_code"], []).append((row["answer_code"], row["answer_label"]))
    contests = await reader.rows(
        """
        select contest_id, office_level as office, contest_name as name, division_id, election_on
        from registry.contests
        """
    )
    candidates = await reader.rows(
        "select candidate_id, contest_id, candidate_name as name, party from registry.candidates"
    )
    return Vocabulary(
        answers=answers,
        questions=await _names(reader, "select question_code, question_label from vocabulary.questions order by 1"),
        channels=await _names(reader, "select channel, channel_label from vocabulary.channels order by channel_no"),
        contact_results=await _names(
            reader, "select contact_result, contact_result_label from vocabulary.contact_results order by result_no"
        ),
        contests={row["contest_id"]: Contest(**row) for row in contests},
        candidates={row["candidate_id"]: Candidate(**row) for row in candidates},
        counties=await _names(reader, "select county_fips, county_name from vocabulary.counties order by 1"),
        states=await _names(reader, "select state, state_name from vocabulary.us_states order by 1"),
    )


async def _names(reader: Reader, query: LiteralString) -> dict[str, str]:
    """query: for two columns, codes and their names."""
    return dict(tuple(row.values()) for row in await reader.rows(query))
