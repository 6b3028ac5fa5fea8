"""A facet: a filter with few choices, each of which is counted while one chooses.

It turns a row of the view `explorer` into a small whole number, its code. Counts and lists of people both ask for that
code, so they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from psycopg import sql


@dataclass(frozen=True)
class Choice:
    """One choice of a facet. value: in the address; code: in the counts."""

    value: str
    label: str
    code: int


@dataclass(frozen=True)
class Facet:
    """One facet. name: its parameter in the address.

    key: what rows are grouped by, an expression over `explorer`; encode: makes the code from it, or from its name.
    bits: room for the code in a packed key. is_set: the code is a set of bits, of which a person may have several.
    """

    name: str
    label: str
    definition: str
    choices: tuple[Choice, ...]
    key: sql.Composable
    encode: Callable[[sql.Composable], sql.Composable]
    bits: int
    is_set: bool = False

    @property
    def codes(self) -> dict[str, int]:
        return {choice.value: choice.code for choice in self.choices}

    def condition(self, values: frozenset[str]) -> sql.Composable:
        """True for the rows that have one of these choices."""
        codes = [self.codes[value] for value in sorted(values)]
        code = self.encode(self.key)
        if self.is_set:
            return sql.SQL("({} & {}) <> 0").format(code, sql.Literal(sum(codes)))
        return sql.SQL("{} = any({}::int[])").format(code, sql.Literal(sorted(codes)))
