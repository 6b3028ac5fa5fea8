"""Delivered files as vendors write them: exact encodings, line ends and zip shape, with the physical line of each row.

Bytes depend on the rows only: no clock, no host name, no compression chosen by size.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Self

_ZIP_DATE = (2026, 10, 12, 6, 0, 0)
DAMAGES = ("too few cells", "too many cells", "byte that is not UTF-8", "NUL character", "text after a closing quote")


class TableFile:
    """One delivered table, written row by row. `line` is where the next record starts; the header is line 1.

    `zip_name`: write a zip holding one file of that name. UTF-16 is little-endian with a byte order mark, and its
    cells are never quoted (VAN's reports are not).
    """

    def __init__(
        self, path: Path, header: Sequence[str], *, delimiter: str = ",", newline: str = "\n", bom: bool = False,
        utf16: bool = False, zip_name: str = "",
    ) -> None:  # fmt: skip
        self.path, self.line, self.rows = path, 2, 0
        self._zip_name, self._delimiter, self._newline, self._utf16 = zip_name, delimiter, newline, utf16
        self._zip: zipfile.ZipFile | None = None
        self._raw: IO[bytes] | None = None
        self._mark = b"\xff\xfe" if utf16 else b"\xef\xbb\xbf" if bom else b""
        self._encoding = "utf-16-le" if utf16 else "utf-8"
        self._buffer = io.StringIO()
        self._writer = csv.writer(
            self._buffer, delimiter=delimiter, lineterminator=newline, quotechar=None if utf16 else '"',
            quoting=csv.QUOTE_NONE if utf16 else csv.QUOTE_MINIMAL,
        )  # fmt: skip
        self._writer.writerow(header)

    def _open(self) -> IO[bytes]:
        # opened with the first row: a table without rows is not delivered, as no tool exports an empty one
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if self._zip_name:
            entry = zipfile.ZipInfo(self._zip_name, _ZIP_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            self._zip = zipfile.ZipFile(self.path, "w", zipfile.ZIP_DEFLATED)
            raw = self._zip.open(entry, "w", force_zip64=True)
        else:
            raw = self.path.open("wb")
        raw.write(self._mark)
        return raw

    def row(self, cells: Sequence[object]) -> int:
        """Write a record; returns the physical line on which it starts."""
        start = self.line
        self._writer.writerow(cells)
        self.line += 1 + sum(cell.count("\n") for cell in cells if isinstance(cell, str) and "\n" in cell)
        self._count()
        return start

    def damaged(self, cells: Sequence[object], number: int) -> tuple[int, str]:
        """Write one spoiled physical line instead of a record; returns its line and what is wrong with it."""
        clean = [str(cell).translate(_PLAIN) for cell in cells]
        damage = DAMAGES[(0, 1, 3)[number % 3] if self._utf16 else number % len(DAMAGES)]
        words = max(range(len(clean)), key=lambda n: len(clean[n]))
        if damage == "too few cells":
            clean = clean[:-1]
        elif damage == "too many cells":
            clean += ["see note", ""]
        elif damage == "NUL character":
            clean[words] = f"{clean[words][:3]}\0{clean[words][3:]}"
        elif damage == "text after a closing quote":
            clean[words] = f'"{clean[words][:3]}"{clean[words][3:]}'
        elif damage == "byte that is not UTF-8":
            clean[words] = f"{clean[words][:3]}\N{LATIN SMALL LETTER E WITH ACUTE}{clean[words][3:]}"
        text = self._delimiter.join(clean) + self._newline
        self._write(text.encode("latin-1", "replace") if damage == "byte that is not UTF-8" else self._encoded(text))
        start = self.line
        self.line += 1
        self._count()
        return start, damage

    def _count(self) -> None:
        self.rows += 1
        if self._buffer.tell() > 1 << 16:
            self._write(b"")

    def _encoded(self, text: str) -> bytes:
        return text.encode(self._encoding)

    def _write(self, data: bytes) -> None:
        """Write bytes after everything buffered."""
        self._raw = self._raw or self._open()
        self._raw.write(self._encoded(self._buffer.getvalue()))
        self._raw.write(data)
        self._buffer.seek(0)
        self._buffer.truncate()

    def close(self) -> None:
        if self.rows:
            self._write(b"")
        if self._raw:
            self._raw.close()
        if self._zip:
            self._zip.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


# what must not be in a line that is meant to be broken in one way only
_PLAIN = {ord(mark): " " for mark in '",\t\r\n'}
