"""Rows of a raw table as COPY takes them: `_file_id`, `_row_number`, then the record's cells."""

from __future__ import annotations

import json
from operator import add

from exchange.intake.grammar import Record, cell_text, quoted, read_record

# Line numbers are written as a part that changes every _STEP lines and a part from this table: formatting a
# number per line would cost as much as everything else the client does for a line.
_STEP = 10_000


class VerbatimWriter:
    """Rows that are the delivered lines with lineage in front. For files whose every column has one in the table."""

    def __init__(self, file_id: int, delimiter: str) -> None:
        self._file_id = file_id
        self._delimiter = delimiter.encode("ascii")
        self._last_digits = [b"%04d%b" % (number, self._delimiter) for number in range(_STEP)]

    def lines(self, first_line: int, lines: list[bytes]) -> bytes:
        """Rows of consecutive lines without line ends."""
        rows: list[bytes] = []
        done = 0
        while done < len(lines):
            leading, digits = divmod(first_line + done, _STEP)
            part = lines[done : done + _STEP - digits]
            prefix = b"%d%b%d" % (self._file_id, self._delimiter, leading)
            rows.append(prefix)
            rows.append((b"\n" + prefix).join(map(add, self._last_digits[digits : digits + len(part)], part)))
            rows.append(b"\n")
            done += len(part)
        return b"".join(rows)

    def record(self, line: int, cells: list[bytes]) -> bytes:
        """The row of one record."""
        return self._delimiter.join([b"%d" % self._file_id, b"%d" % line, *cells]) + b"\n"


class CollectingWriter:
    """Rows whose cells without a column of their own are gathered into one jsonb cell, the last: {header: text}.

    `known` and `collected` are positions of cells; an empty cell is null in the json too, a quoted empty one
    is "". With `filled_only` neither is written: of a hundred columns, one per election, most are empty.
    """

    def __init__(
        self, file_id: int, delimiter: str, known: list[int], collected: dict[int, str], *, filled_only: bool = False
    ) -> None:
        self._filled_only = filled_only
        self._file_id = file_id
        self._delimiter = delimiter.encode("ascii")
        self._known = known
        self._collected = collected

    def lines(self, first_line: int, lines: list[bytes]) -> bytes:
        """Rows of consecutive lines without line ends, each a well-formed record."""
        return b"".join([self.record(line, self._cells(text)) for line, text in enumerate(lines, first_line)])

    def _cells(self, line: bytes) -> list[bytes]:
        if b'"' not in line:
            return line.split(self._delimiter)
        record = read_record(line + b"\n", 0, len(line) + 1, self._delimiter)
        if not isinstance(record, Record):
            raise AssertionError(f"a proved line is no record: {record.reason}: {line!r}")
        return record.cells

    def record(self, line: int, cells: list[bytes]) -> bytes:
        """The row of one record."""
        extra: dict[str, str | None] = {}
        for position, header in self._collected.items():
            text = cell_text(cells[position])
            if self._filled_only and not text:
                continue
            extra[header] = None if text is None else text.decode("utf-8")
        row = [b"%d" % self._file_id, b"%d" % line, *(cells[position] for position in self._known)]
        row.append(quoted(json.dumps(extra, ensure_ascii=False).encode("utf-8")))
        return self._delimiter.join(row) + b"\n"
