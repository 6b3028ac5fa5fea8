"""One file of the registry as read: its lines, good or not, and what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from exchange.errors import ExchangeError, Place
from exchange.registry.columns import Row

RowType = TypeVar("RowType", bound=Row)
Cells = dict[str, str | None]


@dataclass(frozen=True)
class Entry(Generic[RowType]):
    """One good row and where it stands."""

    row: RowType
    file: str
    line: int

    def problem(self, column: str | None, problem: str, **details: Any) -> ExchangeError:
        return ExchangeError(problem, place=Place(file=self.file, line=self.line, column=column), **details)


@dataclass(frozen=True)
class Line(Generic[RowType]):
    """One line as delivered; `row` is None when a cell of it cannot be understood."""

    number: int
    cells: Cells
    row: RowType | None

    def text(self, column: str) -> str | None:
        """The value's text, the same for 1 and 01 where the column is a number."""
        value = self.cells.get(column) if self.row is None else getattr(self.row, column)
        return None if value is None else str(value)


@dataclass
class Table(Generic[RowType]):
    """One file: its lines (good or not), problems and bytes. is_partial: not every line could be read.

    is_absent: there is no such file, and need not be.
    """

    path: Path
    lines: list[Line[RowType]] = field(default_factory=list)
    problems: list[ExchangeError] = field(default_factory=list)
    content: bytes = b""
    is_partial: bool = False
    is_absent: bool = False
    _keys: dict[str, set[str]] = field(default_factory=dict)

    def keys(self, column: str) -> set[str]:
        """Every value of a column, of bad rows too: with a bad date a row still exists for others.

        Call it only when the whole file has been read.
        """
        if column not in self._keys:
            self._keys[column] = {text for line in self.lines if (text := line.text(column)) is not None}
        return self._keys[column]

    def lacks(self, column: str, value: str) -> bool:
        """Whether a reference to this value dangles. Never said of a file that could not be read whole."""
        return not self.is_partial and value not in self.keys(column)

    def entries(self) -> Iterator[Entry[RowType]]:
        for line in self.lines:
            if line.row is not None:
                yield Entry(line.row, str(self.path), line.number)

    def rows(self) -> list[RowType]:
        return [entry.row for entry in self.entries()]
