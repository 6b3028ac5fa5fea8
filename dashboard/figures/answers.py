"""What people answered: offices and questions of the overview from one pass, one office by reach for coverage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from psycopg import sql

from dashboard.figures.kept import Figures
from dashboard.figures.reached import PARTS, Place, Reached
from dashboard.vocabulary import OFFICES

QUESTIONS = ("vote_by_mail_comfort", "postal_service_trust")

# answer code -> people
Counts = Mapping[int, int]


@dataclass(frozen=True)
class Answers:
    """Of the people who have not voted and were asked: the others are the rest of all.

    offices: office -> candidate -> answer -> people; questions: question -> answer -> people.
    """

    offices: Mapping[str, Mapping[str | None, Counts]]
    questions: Mapping[str, Counts]

    def asked(self, office: str) -> int:
        return sum(sum(counts.values()) for counts in self.offices[office].values())

    @property
    def offices_by_answers(self) -> list[str]:
        """Offices that anybody was asked about, most answers first."""
        asked = {office: self.asked(office) for office in self.offices}
        return sorted((office for office in asked if asked[office]), key=lambda office: -asked[office])

    def candidates(self, office: str) -> list[str | None]:
        """Whom answers about the office are about, most answers first."""
        counts = self.offices[office]
        return sorted(counts, key=lambda candidate: (-sum(counts[candidate].values()), candidate or ""))


async def read_answers(figures: Figures) -> Answers:
    return await figures.keep(("answers",), lambda: _read(figures))


async def _read(figures: Figures) -> Answers:
    """Ten groupings of one pass: ten passes took three times as long (1 M rows: 6.3 s against 2.2 s, November 2026)."""
    columns = [f"support_{office}" for office in OFFICES]
    groupings = [
        *(sql.SQL("({}, {})").format(sql.Identifier(name), sql.Identifier(f"{name}_candidate")) for name in columns),
        *(sql.SQL("({})").format(sql.Identifier(name)) for name in QUESTIONS),
    ]
    answers = [sql.Identifier(name) for name in (*columns, *QUESTIONS)]
    rows = await figures.reader.rows(
        sql.SQL(
            """
            select
                -- the only 0 is the bit of the column that the row is grouped by
                grouping({answers}) as absent,
                coalesce({answers}) as answer,
                coalesce({candidates}) as candidate,
                count(*) as people
            from explorer
            -- most people were asked nothing
            where coalesce({answers}) is not null and {has_not_voted}
            group by grouping sets ({groupings})
            """
        ).format(
            answers=sql.SQL(", ").join(answers),
            candidates=sql.SQL(", ").join(sql.Identifier(f"{name}_candidate") for name in columns),
            has_not_voted=figures.has_not_voted,
            groupings=sql.SQL(", ").join(groupings),
        )
    )
    # the first column is the highest bit
    of_bit = {2 ** (len(answers) - 1 - place): name for place, name in enumerate((*OFFICES, *QUESTIONS))}
    every = 2 ** len(answers) - 1
    offices: dict[str, dict[str | None, dict[int, int]]] = {office: {} for office in OFFICES}
    questions: dict[str, dict[int, int]] = {question: {} for question in QUESTIONS}
    for row in rows:
        name = of_bit[every - row["absent"]]
        if row["answer"] is None:
            continue
        if name in questions:
            questions[name][row["answer"]] = row["people"]
        else:
            offices[name].setdefault(row["candidate"], {})[row["answer"]] = row["people"]
    return Answers(offices, questions)


async def read_support(figures: Figures, place: Place, office: str) -> Mapping[tuple[str | None, int], Reached]:
    """Candidate and answer -> people of the place who have not voted. (None, 0): nobody asked them."""

    async def make() -> Mapping[tuple[str | None, int], Reached]:
        rows = await figures.reader.rows(
            sql.SQL(
                """
                select {candidate} as candidate, coalesce({answer}, 0) as answer, {reach} as reach, count(*) as people
                from explorer
                where {has_not_voted} and {place}
                group by {candidate}, {answer}, {reach}
                """
            ).format(
                candidate=sql.Identifier(f"support_{office}_candidate"),
                answer=sql.Identifier(f"support_{office}"),
                reach=figures.facets["reach"].code,
                has_not_voted=figures.has_not_voted,
                place=place.condition,
            )
        )
        reaches = {choice.code: choice.value for choice in figures.facets["reach"].choices}
        found: dict[tuple[str | None, int], Reached] = {}
        for row in rows:
            key = (row["candidate"] if row["answer"] else None, row["answer"])
            found[key] = found.get(key, Reached()).plus(reaches[row["reach"]], row["people"])
        return found

    assert set(PARTS) == {choice.value for choice in figures.facets["reach"].choices}
    return await figures.keep(("support", place, office), make)
