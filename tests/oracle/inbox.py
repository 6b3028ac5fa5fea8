"""Delivered files as the oracle reads them: whole files into rows of text, in the order of intake.

Naive on purpose: a file is decoded at once and split by the csv module. A line whose number of fields is not that
of the header is left out (intake rejects it); a file with a missing or (where refused) an unknown header is left
out whole.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from .file_formats import FILE_FORMATS, FileFormat
from .registry import Feed, Row

_SPOILT = re.compile("[\0\udc80-\udcff]")


@dataclass(frozen=True)
class Delivery:
    """One loaded file of one feed. Rows carry canonical column names; collected columns keep their header."""

    feed_id: str
    file_name: str
    rows: list[Row]
    received_at: datetime


@dataclass
class Inbox:
    """What intake has loaded so far: call `take` once per refresh, after its files arrived."""

    root: Path
    deliveries: list[Delivery] = field(default_factory=list)
    refused: list[tuple[str, str, str]] = field(default_factory=list)
    _known: set[tuple[str, str]] = field(default_factory=set)

    def take(self, feeds: Iterable[Feed], now: datetime) -> list[Delivery]:
        """Load what is new in every feed, files in name order; the same bytes of one feed load once."""
        for feed in feeds:
            for path in sorted((self.root / feed.location).glob("*"), key=lambda found: found.name):
                if path.is_file() and fnmatch(path.name, feed.file_pattern):
                    self._take_file(feed, path, now)
        return self.deliveries

    def _take_file(self, feed: Feed, path: Path, now: datetime) -> None:
        content = path.read_bytes()
        key = (feed.feed_id, hashlib.sha256(content).hexdigest())
        if key in self._known:
            return
        try:
            rows = read_rows(content, FILE_FORMATS[feed.file_format])
        except UnreadableFileError as problem:
            self.refused.append((feed.feed_id, path.name, str(problem)))
            return
        self._known.add(key)
        self.deliveries.append(Delivery(feed.feed_id, path.name, rows, now))


class UnreadableFileError(Exception):
    """The file as a whole is not taken."""


def read_rows(content: bytes, file_format: FileFormat) -> list[Row]:
    """Grain: one dict per well-formed line after the header. Raises UnreadableFileError."""
    text = _text(content, file_format)
    # tab-separated reports are never quoted; elsewhere a quote that does not end its cell spoils the record
    quoting: dict[str, Any] = {"quoting": csv.QUOTE_NONE} if file_format.delimiter == "\t" else {"strict": True}
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=file_format.delimiter, **quoting)
    header = next(lines, None)
    if not header:
        raise UnreadableFileError("no header")
    names = _column_names(header, file_format)
    rows: list[Row] = []
    while True:
        try:
            line = next(lines)
        except StopIteration:
            return rows
        except csv.Error:
            continue
        if len(line) == len(names) and not any(_SPOILT.search(cell) for cell in line):
            rows.append(dict(zip(names, line, strict=True)))


def _text(content: bytes, file_format: FileFormat) -> str:
    if content[:2] == b"PK":
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                members = [name for name in archive.namelist() if not name.endswith("/")]
                if len(members) != 1:
                    raise UnreadableFileError(f"{len(members)} files in the zip")
                content = archive.read(members[0])
        except zipfile.BadZipFile as error:
            raise UnreadableFileError(str(error)) from error
    # a byte that is not UTF-8 spoils its line, not the file: it becomes a lone surrogate, found when the line
    # is read
    errors = "surrogateescape" if file_format.encoding.startswith("utf-8") else "strict"
    try:
        return content.decode(file_format.encoding, errors)
    except UnicodeError as error:
        raise UnreadableFileError(str(error)) from error


def _column_names(header: list[str], file_format: FileFormat) -> list[str]:
    names = []
    for title in header:
        name = file_format.column_of(title)
        if name is None and file_format.refuses_unknown_columns:
            raise UnreadableFileError(f"unknown column {title!r}")
        names.append(name or title.strip())
    missing = file_format.required - set(names)
    if missing:
        raise UnreadableFileError(f"missing columns {sorted(missing)}")
    return names
