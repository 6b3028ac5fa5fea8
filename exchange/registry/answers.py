"""The answer map must say one thing about each delivered answer, and only things that exist."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from exchange.errors import ExchangeError
from exchange.registry.lines import Entry
from exchange.registry.references import dangling, reversed_dates, unknown_format, unknown_partner
from exchange.registry.rows import EVERY, IGNORE, AnswerMapping
from exchange.registry.tables import Tables

# the one question whose answers are about a candidate, not about the contest as a whole
CANDIDATE_QUESTION = "candidate_support"


def answer_map(tables: Tables) -> Iterator[ExchangeError]:
    """Problems of single mappings, then mappings that contradict each other."""
    validity = {row.contest_id: (row.valid_from, row.valid_until) for row in tables.contests.rows()}
    for entry in tables.answer_map.entries():
        yield from unknown_format(entry, tables)
        if entry.row.partner_id != EVERY:
            yield from unknown_partner(entry, "partner_id", tables)
        yield from dangling(entry, "contest_id", tables.contests)
        yield from _candidate(entry, tables)
        yield from reversed_dates(entry)
        if not entry.row.is_ignored:
            yield from dangling(entry, "question_code", tables.questions)
            yield from _answer(entry, tables)
            yield from _contest(entry, tables)
            yield from _outside_contest(entry, validity)
    yield from _overlaps(list(tables.answer_map.entries()))


def _candidate(entry: Entry[AnswerMapping], tables: Tables) -> Iterator[ExchangeError]:
    mapping = entry.row
    if mapping.candidate_id is None:
        if mapping.question_code == CANDIDATE_QUESTION:
            remedy = "Say which candidate the support is for."
            yield entry.problem("candidate_id", "The cell is blank.", expected="a candidate_id", remedy=remedy)
        return
    problems = list(dangling(entry, "candidate_id", tables.candidates))
    yield from problems
    if problems or mapping.contest_id is None or tables.candidates.is_partial:
        return
    if (mapping.candidate_id, mapping.contest_id) not in tables.candidacies:
        yield entry.problem(
            "candidate_id",
            "The candidate does not stand in this contest.",
            expected=f"a candidate of {mapping.contest_id}",
            got=mapping.candidate_id,
            remedy="Correct contest_id or candidate_id.",
        )


def _answer(entry: Entry[AnswerMapping], tables: Tables) -> Iterator[ExchangeError]:
    mapping = entry.row
    if mapping.source_answer == EVERY:
        remedy = f"'*' is for mappings whose question_code is {IGNORE}: one code cannot mean every answer."
        yield entry.problem("source_answer", "The answer is '*'.", expected="one source answer", remedy=remedy)
    known = tables.answer_codes.get(mapping.question_code, set())
    if mapping.answer_code is None:
        yield entry.problem("answer_code", "The cell is blank.", expected="a code of answers.csv")
    elif known and not tables.answers.is_partial and str(mapping.answer_code) not in known:
        yield entry.problem(
            "answer_code",
            f"{mapping.question_code} has no such answer.",
            expected=f"one of {', '.join(sorted(code for code in known if code))}",
            got=mapping.answer_code,
            remedy="Correct it, or add the answer to answers.csv.",
        )


def _contest(entry: Entry[AnswerMapping], tables: Tables) -> Iterator[ExchangeError]:
    scope = tables.question_scopes.get(entry.row.question_code)
    if scope == "contest" and entry.row.contest_id is None:
        remedy = f"{entry.row.question_code} is asked about a contest: say which."
        yield entry.problem("contest_id", "The cell is blank.", expected="a contest_id", remedy=remedy)
    if scope == "person":
        for column in ("contest_id", "candidate_id"):
            if getattr(entry.row, column) is not None:
                remedy = f"{entry.row.question_code} is about the person: leave the cell blank."
                yield entry.problem(column, "The cell is not blank.", got=getattr(entry.row, column), remedy=remedy)


def _outside_contest(
    entry: Entry[AnswerMapping], validity: dict[str, tuple[date | None, date | None]]
) -> Iterator[ExchangeError]:
    """A day given here must be one of the contest's; a blank one is the contest's own first or last day."""
    first, last = validity.get(entry.row.contest_id or "", (None, None))
    for column in ("valid_from", "valid_until"):
        day = getattr(entry.row, column)
        if day and ((first and day < first) or (last and day > last)):
            yield entry.problem(
                column,
                f"On this day {entry.row.contest_id} is not valid: an answer given then is none about it.",
                expected=f"a day from {first or 'any'} until {last or 'any'}, or a blank cell",
                got=str(day),
                remedy="Correct the day, or the contest's validity in contests.csv.",
            )


def _overlaps(entries: list[Entry[AnswerMapping]]) -> Iterator[ExchangeError]:
    """Equally specific mappings of one answer, valid on a common day: which one counts would be chance."""
    same: dict[tuple[str, ...], list[Entry[AnswerMapping]]] = defaultdict(list)
    for entry in entries:
        row = entry.row
        key = (
            row.file_format,
            row.partner_id,
            row.id_scope,
            row.source_question.strip(),
            row.source_answer.strip(),
        )
        same[key].append(entry)
    for group in same.values():
        by_start = sorted(group, key=lambda entry: (entry.row.valid_from or date.min, entry.line))
        widest = by_start[0]
        for entry in by_start[1:]:
            if (entry.row.valid_from or date.min) <= (widest.row.valid_until or date.max):
                yield entry.problem(
                    "source_answer",
                    f"The answer is mapped on line {widest.line} already, for days in common.",
                    got=f"{entry.row.source_question}: {entry.row.source_answer}",
                    remedy="Remove one of the two, or let valid_from and valid_until keep them apart.",
                )
            if (entry.row.valid_until or date.max) > (widest.row.valid_until or date.max):
                widest = entry
