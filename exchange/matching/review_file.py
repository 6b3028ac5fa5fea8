"""Reads a file of decisions: lines with a decision, or every problem with its line."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from exchange.errors import ExchangeError, Place
from exchange.matching.review_export import COLUMNS

NEEDED = ("feed_id", "source_person_id", "state", "state_voter_id", "decision")
_MOST_TOLD = 50


class ReviewError(ExchangeError):
    """A file of decisions that was refused whole. `problems` has what is wrong, in order of line."""

    def __init__(self, path: Path, problems: list[ExchangeError]) -> None:
        self.problems = sorted(problems, key=lambda problem: problem.place.line or 0)[:_MOST_TOLD]
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        super().__init__(f"The decisions have {count}; none was taken.", place=Place(file=str(path)))

    def __str__(self) -> str:
        return "\n".join([super().__str__(), *(f"- {problem}" for problem in self.problems)])


@dataclass(frozen=True)
class Decision:
    """One line with a decision. voter: (state, state_voter_id); None: no_match, with anybody."""

    place: Place
    feed_id: str
    identity_key: str
    decision: str
    voter: tuple[str, str] | None
    note: str | None

    @property
    def identity(self) -> tuple[str, str]:
        return self.feed_id, self.identity_key

    @property
    def who(self) -> str:
        return f"{self.feed_id} {self.identity_key}"


@dataclass(frozen=True)
class DecisionFile:
    """Grain of `decisions`: one line; `blank` lines had no decision."""

    decisions: list[Decision]
    blank: int


def read_decisions(path: Path) -> DecisionFile:
    """The decisions of a file, each sound by itself and none against another. Raises ReviewError with all problems."""
    found: list[Decision] = []
    problems: list[ExchangeError] = []
    blank = 0
    for place, row in _rows(path):
        read = _decision(row, place)
        if isinstance(read, Decision):
            found.append(read)
        elif read is None:
            blank += 1
        else:
            problems.append(read)
    problems += _contradictions(found)
    if problems:
        raise ReviewError(path, problems)
    return DecisionFile(found, blank)


def _rows(path: Path) -> Iterator[tuple[Place, dict[str, str]]]:
    """Place and cells of every line after the header."""
    content = path.read_bytes()
    try:
        # -sig: spreadsheets write a byte order mark
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = Place(file=str(path), line=content[: error.start].count(b"\n") + 1)
        raise ExchangeError("The file is not UTF-8.", place=place, remedy="Save it as CSV UTF-8.") from error
    if "\0" in text:
        place = Place(file=str(path), line=text[: text.index("\0")].count("\n") + 1)
        raise ExchangeError("The file holds a NUL character.", place=place, remedy="Save it as CSV UTF-8.")
    reader = csv.DictReader(StringIO(text, newline=""), strict=True)
    try:
        _check_header(path, list(reader.fieldnames or []))
        for row in reader:
            yield Place(file=str(path), line=reader.line_num), row
    except csv.Error as error:
        # the line of the fault; DictReader's own counter stays at the line before
        place = Place(file=str(path), line=reader.reader.line_num)
        raise ExchangeError(f"The file is no CSV: {error}.", place=place) from error


def _check_header(path: Path, header: list[str]) -> None:
    place = Place(file=str(path), line=1)
    missing = [name for name in NEEDED if name not in header]
    if missing:
        raise ExchangeError(f"There is no column {', '.join(missing)}.", place=place, expected=", ".join(NEEDED))
    wrong = [name for position, name in enumerate(header) if name not in COLUMNS or name in header[:position]]
    if wrong:
        problem = "A column is unknown or there twice."
        raise ExchangeError(problem, place=place, expected="columns of the export, each once", got=", ".join(wrong))


def _decision(row: dict[str, str], place: Place) -> Decision | ExchangeError | None:
    """One line's decision, None if it has none, or what is wrong with the line by itself."""
    if None in row or None in row.values():
        return ExchangeError("The line has more or fewer cells than the header.", place=place)
    word = row["decision"].strip().lower()
    state, voter = row["state"].strip().upper(), row["state_voter_id"].strip()
    if not word:
        return None
    if word not in {"match", "no_match"}:
        return ExchangeError("Unknown decision.", place=place, expected="match, no_match or nothing", got=word)
    if word == "match" and not voter:
        return ExchangeError("A match needs its voter.", place=place, expected="state and state_voter_id")
    if voter and not state:
        return ExchangeError("A voter needs its state.", place=place, expected="two letters", got=state)
    return Decision(
        place=place,
        feed_id=row["feed_id"].strip(),
        identity_key=row["source_person_id"],
        decision=word,
        voter=(state, voter) if voter else None,
        note=(row.get("note") or "").strip() or None,
    )


def _contradictions(decisions: list[Decision]) -> Iterator[ExchangeError]:
    """One pair decided both ways, two matches of one identity, nobody and somebody."""
    said: dict[tuple[tuple[str, str], tuple[str, str] | None], Decision] = {}
    matches: dict[tuple[str, str], Decision] = {}
    for decision in decisions:
        before = said.setdefault((decision.identity, decision.voter), decision)
        if before.decision != decision.decision:
            line = before.place.line
            yield ExchangeError(f"{decision.who} is match and no_match; see line {line}.", place=decision.place)
        elif decision.decision == "match":
            first = matches.setdefault(decision.identity, decision)
            if first.voter != decision.voter:
                yield ExchangeError(f"{decision.who} is matched in line {first.place.line} too.", place=decision.place)
    for decision in decisions:
        if decision.voter is None and decision.identity in matches:
            line = matches[decision.identity].place.line
            yield ExchangeError(f"{decision.who} is nobody here and somebody in line {line}.", place=decision.place)
