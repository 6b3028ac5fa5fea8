"""A facet: a filter with few choices, each of which is counted while one chooses.

It turns a row of the view `explorer` into a small whole number, its code. Most codes are in `explorer.codes` already.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from psycopg import sql

Codes = NDArray[np.integer[Any]]
# one comparison after the other takes half the time of looking a text up in an array, while there are few
MOST_COMPARED = 16


@dataclass(frozen=True)
class Choice:
    """One choice of a facet. value: in the address; code: in the counts."""

    value: str
    label: str
    code: int


@dataclass(frozen=True)
class Stored:
    """A number in `explorer.codes` (models/sharing/explorer.sql), in so many bits from place on.

    steps: (least number, code) in rising order, where a code stands for many numbers; without: the number is the code.
    """

    place: int
    bits: int
    steps: tuple[tuple[int, int], ...] = ()

    @property
    def expression(self) -> sql.Composable:
        """The code of a row, in SQL."""
        number = sql.SQL("((codes >> {}) & {})::int").format(sql.Literal(self.place), sql.Literal(2**self.bits - 1))
        if not self.steps:
            return number
        branches = [
            sql.SQL("when {} >= {} then {}").format(number, sql.Literal(least), sql.Literal(code))
            for least, code in reversed(self.steps)
        ]
        return sql.SQL("case {} else 0 end").format(sql.SQL(" ").join(branches))

    def of(self, codes: Codes) -> Codes:
        """The same of many values of the column."""
        numbers = (codes >> self.place) & (2**self.bits - 1)
        if not self.steps:
            return numbers
        table = np.zeros(2**self.bits, dtype=np.int64)
        for least, code in self.steps:
            table[least:] = code
        return table[numbers]


@dataclass(frozen=True)
class Column:
    """A column of `explorer` that tells a code: null where that is 0. Answers have an index, which finds no codes.

    listed: the texts of the codes from 1 on, all others have the code beyond; None: the column holds the code itself.
    """

    name: str
    listed: tuple[str, ...] | None = None
    beyond: int = 0

    @property
    def identifier(self) -> sql.Identifier:
        return sql.Identifier(self.name)

    @property
    def expression(self) -> sql.Composable:
        """The code of a row, in SQL."""
        if self.listed is None:
            return sql.SQL("coalesce({}, 0)").format(self.identifier)
        if len(self.listed) > MOST_COMPARED:
            place = sql.SQL("coalesce(array_position({}::text[], {}), {})").format(
                sql.Literal(list(self.listed)), self.identifier, sql.Literal(self.beyond)
            )
            return sql.SQL("case when {} is null then 0 else {} end").format(self.identifier, place)
        branches = [
            sql.SQL("when {} = {} then {}").format(self.identifier, sql.Literal(text), sql.Literal(code))
            for code, text in enumerate(self.listed, 1)
        ]
        return sql.SQL("case when {} is null then 0 {} else {} end").format(
            self.identifier, sql.SQL(" ").join(branches), sql.Literal(self.beyond)
        )

    def is_any_of(self, codes: list[int]) -> sql.Composable:
        """True for the rows with one of these codes; never of the one beyond, which is nobody's choice."""
        known = [code for code in codes if code]
        if self.listed is None:
            values = sql.SQL("{}::smallint[]").format(sql.Literal(known))
        else:
            values = sql.SQL("{}::text[]").format(sql.Literal([self.listed[code - 1] for code in known]))
        equal = sql.SQL("{} = any({})").format(self.identifier, values)
        empty = sql.SQL("{} is null").format(self.identifier)
        if 0 not in codes:
            return equal
        return sql.SQL("({} or {})").format(equal, empty) if known else empty


@dataclass(frozen=True)
class Flag:
    """A column of `explorer` that is true where the code is 1, and else false."""

    name: str

    @property
    def identifier(self) -> sql.Identifier:
        return sql.Identifier(self.name)

    @property
    def expression(self) -> sql.Composable:
        """The code of a row, in SQL."""
        return sql.SQL("{}::int").format(self.identifier)

    def is_any_of(self, codes: list[int]) -> sql.Composable:
        """True for the rows with one of these codes."""
        return sql.SQL("{} = any({}::boolean[])").format(self.identifier, sql.Literal([code == 1 for code in codes]))


@dataclass(frozen=True)
class Facet:
    """One facet. name: its parameter in the address.

    bits: room for the code in a packed key. is_set: the code is a set of bits, of which a person may have several.
    The code is stored, or a column tells it, or both.
    """

    name: str
    label: str
    definition: str
    choices: tuple[Choice, ...]
    bits: int
    stored: Stored | None = None
    column: Column | Flag | None = None
    is_set: bool = False

    @property
    def codes(self) -> dict[str, int]:
        return {choice.value: choice.code for choice in self.choices}

    @property
    def code(self) -> sql.Composable:
        """The code of a row, in SQL."""
        source = self.stored or self.column
        assert source is not None, f"no column of explorer tells the facet {self.name}"
        return source.expression

    def condition(self, values: frozenset[str]) -> sql.Composable:
        """True for the rows that have one of these choices."""
        codes = [self.codes[value] for value in sorted(values)]
        if self.is_set:
            return sql.SQL("({} & {}) <> 0").format(self.code, sql.Literal(sum(codes)))
        # people who gave an answer are found by its index; where those without one pass too, most do
        if self.column is not None and (self.stored is None or 0 not in codes):
            return self.column.is_any_of(codes)
        return sql.SQL("{} = any({}::int[])").format(self.code, sql.Literal(sorted(codes)))
