"""The registry and vocabulary as the oracle reads them: plain CSV into plain records, no validation beyond reading.

It shares no code with exchange.registry, so a mistake there shows as a difference here.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

Row = dict[str, str]
EXCHANGE = "exchange"


@dataclass(frozen=True)
class Partner:
    """Grain: one row of partners.csv. `states` is None for every state."""

    partner_id: str
    side: str
    share_schema: str
    id_namespace: str
    id_scope: str
    voter_fields: str
    states: frozenset[str] | None
    is_active: bool

    def covers(self, state: str) -> bool:
        return self.states is None or state in self.states


@dataclass(frozen=True)
class Feed:
    """Grain: one row of feeds.csv."""

    feed_id: str
    partner_id: str
    file_format: str
    location: str
    file_pattern: str
    coverage: str
    zone: ZoneInfo
    id_namespace: str
    id_scope: str
    state: str


@dataclass(frozen=True)
class Contest:
    contest_id: str
    office_level: str
    division_id: str
    election_on: date | None = None
    valid_from: date | None = None
    valid_until: date | None = None


@dataclass(frozen=True)
class AnswerMapping:
    """Grain: one row of answer_map.csv."""

    file_format: str
    partner_id: str
    id_scope: str
    source_question: str
    source_answer: str
    question_code: str
    contest_id: str | None
    candidate_id: str | None
    answer_code: int | None
    valid_from: date | None
    valid_until: date | None


@dataclass(frozen=True)
class Rule:
    """Grain: one row of sharing_rules.csv."""

    rule_id: str
    effect: str
    contributor: str
    recipient: str
    subject: str
    question_code: str
    office_level: str
    state: str
    channel: str
    embargo_days: int
    named: bool
    date_precision: str
    valid_from: date | None
    valid_until: date | None


@dataclass(frozen=True)
class Limit:
    """Grain: one row of give_to_get.csv."""

    partner: str
    window_days: int
    min_answers: int


@dataclass(frozen=True)
class Registry:
    partners: dict[str, Partner]
    groups: dict[str, frozenset[str]]
    feeds: dict[str, Feed]
    contests: dict[str, Contest]
    answer_map: list[AnswerMapping]
    rules: list[Rule]
    limits: list[Limit]


def read_csv(path: Path) -> list[Row]:
    """Grain: one dict per line after the header; every value trimmed text, '' where blank."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return [{k: (v or "").strip() for k, v in row.items()} for row in csv.DictReader(handle)]


def read_registry(folder: Path) -> Registry:
    groups: dict[str, set[str]] = defaultdict(set)
    for row in read_csv(folder / "partner_groups.csv"):
        groups[row["group_id"]].add(row["partner_id"])
    return Registry(
        partners={row["partner_id"]: _partner(row) for row in read_csv(folder / "partners.csv")},
        groups={group: frozenset(members) for group, members in groups.items()},
        feeds={row["feed_id"]: _feed(row) for row in read_csv(folder / "feeds.csv")},
        contests={
            row["contest_id"]: Contest(
                row["contest_id"],
                row["office_level"],
                row["division_id"],
                *(_day(row.get(column, "")) for column in ("election_on", "valid_from", "valid_until")),
            )
            for row in read_csv(folder / "contests.csv")
        },
        answer_map=[_answer_mapping(row) for row in read_csv(folder / "answer_map.csv")],
        rules=[_rule(row) for row in read_csv(folder / "sharing_rules.csv")],
        limits=[
            Limit(row["partner"], int(row["window_days"]), int(row["min_answers"]))
            for row in read_csv(folder / "give_to_get.csv")
        ],
    )


def _partner(row: Row) -> Partner:
    return Partner(
        partner_id=row["partner_id"],
        side=row["side"],
        share_schema=row["share_schema"],
        id_namespace=row["id_namespace"],
        id_scope=row["id_scope"],
        voter_fields=row["voter_fields"] or "ids",
        states=None if row["states"] == "*" else frozenset(row["states"].split()),
        is_active=row["is_active"].lower() in ("true", "t", "1", "yes"),
    )


def _feed(row: Row) -> Feed:
    return Feed(
        feed_id=row["feed_id"],
        partner_id=row["partner_id"],
        file_format=row["file_format"],
        location=row["location"],
        file_pattern=row["file_pattern"],
        coverage=row["coverage"],
        zone=ZoneInfo(row["timezone"] or "UTC"),
        id_namespace=row["id_namespace"],
        id_scope=row["id_scope"],
        state=row["state"],
    )


def _answer_mapping(row: Row) -> AnswerMapping:
    return AnswerMapping(
        file_format=row["file_format"],
        partner_id=row["partner_id"] or "*",
        id_scope=row["id_scope"] or "*",
        source_question=row["source_question"],
        source_answer=row["source_answer"],
        question_code=row["question_code"],
        contest_id=row["contest_id"] or None,
        candidate_id=row["candidate_id"] or None,
        answer_code=int(row["answer_code"]) if row["answer_code"] else None,
        valid_from=_day(row["valid_from"]),
        valid_until=_day(row["valid_until"]),
    )


def _rule(row: Row) -> Rule:
    return Rule(
        rule_id=row["rule_id"],
        effect=row["effect"],
        contributor=row["contributor"],
        recipient=row["recipient"],
        subject=row["subject"],
        question_code=row["question_code"] or "*",
        office_level=row["office_level"] or "*",
        state=row["state"] or "*",
        channel=row["channel"] or "*",
        embargo_days=int(row["embargo_days"] or 0),
        named=row["attribution"] == "named",
        date_precision=row["date_precision"],
        valid_from=_day(row["valid_from"]),
        valid_until=_day(row["valid_until"]),
    )


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
