"""Refused records of the file being loaded: they wait here while COPY keeps the connection busy."""

from __future__ import annotations

import tempfile
from types import TracebackType
from typing import Any, Self

import psycopg

from exchange.intake.grammar import quoted
from exchange.intake.judging import Reject

_IN_MEMORY = 4 << 20  # bytes; a file of nothing but damage must not fill the memory
_SHOWN = 5
_COPY = (
    "copy raw.rejected_row (file_id, line_number, reason, what_to_do, raw_bytes)"
    " from stdin (format csv, encoding 'UTF8')"
)


class Rejects:
    """Collects rejects, keeps the first few to show, and writes all of them to raw.rejected_row."""

    def __init__(self, file_id: int) -> None:
        self.count = 0
        self.first: list[Reject] = []
        self._file_id = file_id
        self._waiting = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115, closed by __exit__

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._waiting.close()

    def add(self, rejects: list[Reject]) -> None:
        """Keep them until write()."""
        for reject in rejects:
            if len(self.first) < _SHOWN:
                self.first.append(reject)
            self.count += 1
            self._waiting.write(
                b"%d,%d,%b,%b,\\x%b\n"
                % (
                    self._file_id,
                    reject.line,
                    quoted(reject.reason.encode()),
                    quoted(reject.what_to_do.encode()),
                    reject.raw_bytes.hex().encode(),
                )
            )

    def write(self, conn: psycopg.Connection[Any]) -> None:
        """Write them, in the transaction that is under way."""
        if not self.count:
            return
        self._waiting.seek(0)
        with conn.cursor().copy(_COPY) as copy:
            while part := self._waiting.read(1 << 20):
                copy.write(part)

    def summary(self) -> str:
        """The first few, in one line of text."""
        shown = "; ".join(f"line {reject.line}: {reject.reason}" for reject in self.first)
        more = self.count - len(self.first)
        return f"{shown}; and {more} more" if more else shown
