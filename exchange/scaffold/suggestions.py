"""Lines for answer_map.csv: what voters answered and the map does not know, with the nearest that it knows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from typing import Any

import psycopg

from exchange.errors import ExchangeError
from exchange.registry import AnswerMapping, Registry
from exchange.scaffold.registry_lines import csv_line

COLUMNS = list(AnswerMapping.model_fields)
# a hint below this likeness (0-1) would only distract
_ALIKE = 0.5


@dataclass(frozen=True)
class Unmapped:
    """One answer the map does not know. line_count: live lines in quarantine because of it."""

    file_format: str
    partner_id: str
    id_scope: str
    source_question: str
    source_answer: str
    line_count: int
    first_on: date
    last_on: date


@dataclass(frozen=True)
class Hint:
    """The most similar thing the map or the vocabulary knows. likeness: 0-1, of the texts alone: never proof."""

    source_question: str | None
    question_code: str
    contest_id: str | None
    candidate_id: str | None
    answer_code: int | None
    likeness: float

    def __str__(self) -> str:
        said = " ".join(filter(None, [self.question_code, self.contest_id, self.candidate_id]))
        code = "" if self.answer_code is None else f" {self.answer_code}"
        like = "" if self.source_question is None else f", as '{self.source_question[:60]}'"
        return f"{said}{code}{like} ({self.likeness:.0%} alike)"


def unmapped(connection: psycopg.Connection[Any]) -> list[Unmapped]:
    """Of the last refresh, most lines first. Raises ExchangeError if there was none."""
    columns = ", ".join(Unmapped.__dataclass_fields__)
    try:
        found = connection.execute(
            f"select {columns} from ops.ops_unmapped_answers"
            " order by line_count desc, file_format, partner_id, id_scope, source_question, source_answer"
        ).fetchall()
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName) as error:
        raise ExchangeError(
            "No refresh has looked at answers yet.", remedy="`exchange refresh` runs one; then ask again."
        ) from error
    return [Unmapped(*row) for row in found]


def map_line(answer: Unmapped) -> str:
    """The line, without line end. What it means is blank: a registry with such a line does not load."""
    cells = {name: getattr(answer, name) for name in COLUMNS[:5]}
    return csv_line(COLUMNS, cells, line_end="")


def header() -> str:
    return ",".join(COLUMNS)


def hint(answer: Unmapped, registry: Registry) -> Hint | None:
    """The nearest answer that the map knows of the same format, else the nearest question of the vocabulary."""
    known = (line for line in registry.answer_map if line.file_format == answer.file_format and not line.is_ignored)
    best = max((_mapped(answer, line) for line in known), key=lambda found: found.likeness, default=None)
    if best is not None and best.likeness >= _ALIKE:
        return best
    labelled = max(_labelled(answer, registry), key=lambda found: found.likeness, default=None)
    return labelled if labelled is not None and labelled.likeness >= _ALIKE else None


def _mapped(answer: Unmapped, line: AnswerMapping) -> Hint:
    question = _likeness(answer.source_question, line.source_question)
    reply = _likeness(answer.source_answer, line.source_answer)
    # a partner asks in its own words; at equal likeness its own line is the better hint
    own = 0.05 if line.partner_id == answer.partner_id else 0.0
    likeness = min(1.0, 0.95 * (0.7 * question + 0.3 * reply) + own)
    code = line.answer_code if reply >= _ALIKE else None
    return Hint(line.source_question, line.question_code, line.contest_id, line.candidate_id, code, likeness)


def _labelled(answer: Unmapped, registry: Registry) -> Iterable[Hint]:
    labels = {row.question_code: row.question_label for row in registry.questions}
    for row in registry.answers:
        question = _likeness(answer.source_question, labels[row.question_code])
        reply = _likeness(answer.source_answer, row.answer_label)
        code = row.answer_code if reply >= _ALIKE else None
        yield Hint(None, row.question_code, None, None, code, 0.7 * question + 0.3 * reply)


def _likeness(one: str, other: str) -> float:
    if not any(letter.isalpha() for letter in one):
        # a number is the same question or another one; digits in common say nothing
        return float(one.strip() == other.strip())
    return SequenceMatcher(None, one.casefold(), other.casefold(), autojunk=False).ratio()
