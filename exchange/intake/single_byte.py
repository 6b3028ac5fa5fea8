"""Files of one byte per character (latin-1, windows-1252) as UTF-8, decided line by line.

A line that is proper UTF-8 stays as it is: states join files of their counties, and some counties write UTF-8. Accented
text of one byte per character is, but for contrived cases, never proper UTF-8. Without this a UTF-8 name would become
"JosÃ©" and nobody would be told.
"""

from __future__ import annotations

from typing import Literal

from exchange.intake.containers import ByteSource
from exchange.intake.grammar import LONGEST_RECORD


class SingleByteSource:
    """Lines of the source as UTF-8. A byte the code page does not have stays: the line filter refuses its line."""

    def __init__(self, source: ByteSource, encoding: Literal["latin-1", "windows-1252"]) -> None:
        self._source = source
        self._encoding = encoding
        self._start = b""  # of a line whose end is not read yet

    def read(self, size: int, /) -> bytes:
        """Whole lines, about `size` bytes; none only at the end."""
        while part := self._source.read(size):
            end = part.rfind(b"\n") + 1
            # the line filter refuses a line that long by its length: it need not be held together
            if not end and len(self._start) + len(part) > LONGEST_RECORD:
                end = len(part)
            if end:
                lines, self._start = self._start + part[:end], part[end:]
                return self._utf8(lines)
            self._start += part
        lines, self._start = self._start, b""
        return self._utf8(lines)

    def _utf8(self, lines: bytes) -> bytes:
        if lines.isascii() or _is_utf8(lines):
            return lines
        return b"".join(map(self._line, lines.splitlines(keepends=True)))

    def _line(self, line: bytes) -> bytes:
        if line.isascii() or _is_utf8(line):
            return line
        return line.decode(self._encoding, "surrogateescape").encode("utf-8", "surrogateescape")


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
