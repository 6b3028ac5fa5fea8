"""The line filter: from blocks of text to rows for COPY and to refused records, each with its line number.

Every record comes out exactly once, loaded or refused. Proved lines go through as they were delivered; the
others are judged one by one. A line with damage costs only itself: reading goes on at the next line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from exchange.intake.blocks import LongLine
from exchange.intake.judging import Block, Judgement, Reject, judge, too_long
from exchange.intake.line_proof import unproved_lines


@dataclass(slots=True)
class Rows:
    """Part of a file. Grain: `text` holds `loaded` records as COPY takes them; `rejects` the refused among them."""

    text: bytes = b""
    loaded: int = 0
    rejects: list[Reject] = field(default_factory=list)


class RowWriter(Protocol):
    """Makes the rows of a raw table: lineage, then the cells the table has columns for."""

    def lines(self, first_line: int, lines: list[bytes], /) -> bytes:
        """Rows of consecutive proved lines (without line ends), of which the first is line `first_line`."""

    def record(self, line: int, cells: list[bytes], /) -> bytes:
        """The row of one record that starts on that line."""


class RecordFilter:
    """Filters the records of one file. Lines are counted from `first_line`, where the first block starts."""

    def __init__(self, writer: RowWriter, cells: int, delimiter: str, first_line: int) -> None:
        self._writer = writer
        self._cells = cells
        self._delimiter = delimiter.encode("ascii")
        self._line = first_line
        # the end of a block: lines from an opened quote on, which the next block may close
        self._open = b""

    def rows(self, text: Iterable[bytes | LongLine]) -> Iterator[Rows]:
        """Rows of the blocks, in order; memory for about one block."""
        for block in text:
            if isinstance(block, LongLine):
                # a line that long continues nothing
                yield from self._rest()
                yield Rows(rejects=[too_long(self._line, block.start, block.length)])
                self._line += 1
            else:
                yield self._rows_of(self._open + block, at_end=False)
        yield from self._rest()

    def _rest(self) -> Iterator[Rows]:
        if self._open:
            yield self._rows_of(self._open, at_end=True)

    def _rows_of(self, text: bytes, at_end: bool) -> Rows:
        """The rows of whole lines; sets what is left open (never `at_end`)."""
        ends, unproved = unproved_lines(text, self._cells, self._delimiter[0])
        block = Block(text, ends, self._line)
        lines = text[:-1].split(b"\n")
        if b"\r" in text:
            # used for proved lines only, where a carriage return at the end is part of the line's end
            lines = [line[:-1] if line.endswith(b"\r") else line for line in lines]
        rows = Rows()
        parts: list[bytes] = []
        done = 0
        for line in unproved.tolist():
            if line < done:
                continue  # the record before took it
            self._add_proved(rows, parts, done, lines[done:line])
            done = line
            judgement = judge(block, line, self._cells, self._delimiter, at_end)
            if judgement is None:
                break
            self._add_judged(rows, parts, line, judgement)
            done += judgement.lines
        else:
            self._add_proved(rows, parts, done, lines[done:])
            done = len(lines)
        self._open = text[block.start(done) :]
        self._line += done
        rows.text = b"".join(parts)
        return rows

    def _add_proved(self, rows: Rows, parts: list[bytes], line: int, lines: list[bytes]) -> None:
        if lines:
            parts.append(self._writer.lines(self._line + line, lines))
            rows.loaded += len(lines)

    def _add_judged(self, rows: Rows, parts: list[bytes], line: int, judgement: Judgement) -> None:
        if judgement.cells is not None:
            parts.append(self._writer.record(self._line + line, judgement.cells))
            rows.loaded += 1
        if judgement.reject is not None:
            rows.rejects.append(judgement.reject)
