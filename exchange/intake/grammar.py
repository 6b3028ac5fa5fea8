"""What a record is: the grammar of one CSV record, byte by byte, and the line it may not cross.

A record is cells separated by the delimiter, ended by LF or CRLF. A cell that starts with a quote is quoted:
it ends at the next single quote, two quotes in a row are one quote of text, and it may hold delimiters and
line ends. Any other cell is text up to the next delimiter or line end; a quote inside it is text (Robert
"Bob" Smith), as Excel and Python's strict csv read it. Everything else is damage, and damage costs its own
line only: reading goes on at the next one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

LF, CR, QUOTE, NUL = 10, 13, 34, 0

# A quote that does not close within so many further lines is taken for a stray one. Higher loses nothing but
# time; lower would refuse long text messages and notes, which hold real line feeds.
CONTINUATION_LINES = 20
# No cell of any known format comes near this; a longer line is binary data or a file without line feeds.
LONGEST_RECORD = 1 << 20


@dataclass(frozen=True, slots=True)
class Record:
    """One well-formed record: its cells as COPY takes them (quotes kept), and where it ends (after the LF)."""

    cells: list[bytes]
    end: int


@dataclass(frozen=True, slots=True)
class Damage:
    """Why no record starts here. `unclosed`: a quote is still open at the end of what was given."""

    reason: str
    remedy: str
    unclosed: bool = False


UNCLOSED_QUOTE = Damage(
    "a quote is opened and not closed",
    "Close the quote, or write a quote that is part of the text twice inside a quoted cell.",
    unclosed=True,
)
TEXT_AFTER_QUOTE = Damage(
    "text after the closing quote of a cell",
    'Write a quote inside a quoted cell twice: "5"" nail".',
)
LONE_CARRIAGE_RETURN = Damage(
    "a carriage return inside an unquoted cell",
    "End lines with LF or CRLF, and quote a cell that holds a line end.",
)

_QUOTED = re.compile(rb'"[^"]*+(?:""[^"]*+)*+(")?+')


@cache
def _unquoted(delimiter: bytes) -> re.Pattern[bytes]:
    return re.compile(rb"[^\n" + re.escape(delimiter) + rb"]*+")


def read_record(text: bytes, start: int, limit: int, delimiter: bytes) -> Record | Damage:
    """Read the record that starts at `start`; look at nothing from `limit` on, where a line must have ended.

    Cells keep their quotes, so an empty cell (null) and a quoted empty cell (empty text) stay different.
    """
    cells: list[bytes] = []
    unquoted = _unquoted(delimiter)
    position = start
    while True:
        if text[position] == QUOTE:
            match = _QUOTED.match(text, position, limit)
            if match is None or match.group(1) is None:
                return UNCLOSED_QUOTE
            end = match.end()
            cell = match.group()
            if text[end] == CR and text[end + 1 : end + 2] == b"\n":
                end += 1
        else:
            end = position if (match := unquoted.match(text, position, limit)) is None else match.end()
            cell = text[position:end]
            if text[end] == LF and cell.endswith(b"\r"):
                cell = cell[:-1]
            if b"\r" in cell:
                return LONE_CARRIAGE_RETURN
            if b'"' in cell:
                cell = quoted(cell)
        cells.append(cell)
        if text[end] == LF:
            return Record(cells, end + 1)
        if text[end : end + 1] != delimiter:
            return TEXT_AFTER_QUOTE
        position = end + 1


def quoted(text: bytes) -> bytes:
    """The text as a quoted cell."""
    return b'"' + text.replace(b'"', b'""') + b'"'


def cell_text(cell: bytes) -> bytes | None:
    """The text of a cell as read_record gives it; None for an empty unquoted one."""
    if not cell:
        return None
    return cell[1:-1].replace(b'""', b'"') if cell[0] == QUOTE else cell
