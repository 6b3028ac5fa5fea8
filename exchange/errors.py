"""The one error type a person reads: what is wrong, where exactly, what was expected, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any


@dataclass(kw_only=True, frozen=True)
class Place:
    """Where a problem is. Every part may be unknown; `line` counts physical lines from 1."""

    partner: str | None = None
    feed: str | None = None
    file: str | None = None
    line: int | None = None
    column: str | None = None

    def __str__(self) -> str:
        parts = [(field.name, getattr(self, field.name)) for field in fields(self)]
        return ", ".join(f"{name} {value}" for name, value in parts if value is not None)


class ExchangeError(Exception):
    """A problem with its place, the value that caused it, what was expected, and the remedy.

    `problem` is one sentence. The text form is one paragraph, ready for a terminal or a log.
    """

    def __init__(
        self,
        problem: str,
        *,
        place: Place | None = None,
        expected: str | None = None,
        got: Any = None,
        remedy: str | None = None,
    ) -> None:
        self.problem = problem
        self.place = place or Place()
        self.expected = expected
        self.got = got
        self.remedy = remedy
        super().__init__(problem)

    def __str__(self) -> str:
        where = str(self.place)
        sentences = [
            f"{where}: {self.problem}" if where else self.problem,
            None if self.expected is None else f"Expected {self.expected}",
            None if self.got is None else f"Got {_shortened(self.got)}",
            self.remedy,
        ]
        return " ".join(_ended(sentence) for sentence in sentences if sentence)


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith((".", "!", "?", ":")) else f"{sentence}."


def _shortened(value: Any, limit: int = 200) -> str:
    # a value can be a 200 MB line: an error message must stay readable
    text = repr(value)
    return text if len(text) <= limit else f"{text[:limit]}… ({len(text)} characters)"
