"""What a sample file of a new format tells: delivered how, with which columns, which of them always filled.

No value of the sample is kept: it may be about real people, and what is scaffolded is committed.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from exchange.errors import ExchangeError, Place
from exchange.intake.containers import open_bytes
from exchange.intake.described import Encoding

_LOOKED_AT = 4_000_000  # bytes
_DELIMITERS = (",", "\t", ";", "|")
# of the lines, as many must have the header's number of cells
_WHOLE_LINES = 0.8


@dataclass(frozen=True)
class Sample:
    """headers: trimmed, in order. filled: headers with a value in every line; empty if there is no line."""

    file_name: str
    delimiter: str
    encoding: Encoding
    headers: tuple[str, ...]
    lines: int
    filled: frozenset[str]


def read_sample(path: Path) -> Sample:
    """Raises ExchangeError if the file is no delimited text with a header, or its header cannot name columns.

    Text that is neither UTF-8 nor UTF-16 is taken for Windows' own encoding: bytes alone cannot prove it.
    """
    text, encoding = _text(path)
    delimiter = _delimiter(text)
    header, *lines = _records(text, delimiter)
    headers = tuple(cell.strip() for cell in header)
    _check_headers(path, headers)
    whole = [cells for cells in lines if len(cells) == len(headers)]
    if len(whole) < _WHOLE_LINES * len(lines):
        raise ExchangeError(
            "Most lines do not have as many cells as the header.",
            place=Place(file=str(path)),
            expected=f"{len(headers)} cells, delimiter {delimiter!r}",
            remedy="Take a sample whose first line is the header.",
        )
    filled = {
        name for position, name in enumerate(headers) if whole and all(cells[position].strip() for cells in whole)
    }
    return Sample(path.name, delimiter, encoding, headers, len(whole), frozenset(filled))


def _text(path: Path) -> tuple[str, Encoding]:
    if not path.is_file():
        raise ExchangeError(
            "There is no such file.", place=Place(file=str(path)), remedy="Name a sample of what will be delivered."
        )
    with open_bytes(path) as source:
        parts = []
        left = _LOOKED_AT
        while left and (part := source.read(left)):
            parts.append(part)
            left -= len(part)
    data = b"".join(parts)
    if not data.strip():
        raise ExchangeError("The file is empty.", place=Place(file=str(path)), expected="a header line at least")
    # a cut-off character at the end is of no interest
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return codecs.getincrementaldecoder("utf-16")("replace").decode(data), "utf-16"
    if data[1:16:2].count(0) > 4:
        return codecs.getincrementaldecoder("utf-16-le")("replace").decode(data), "utf-16"
    try:
        return codecs.getincrementaldecoder("utf-8-sig")().decode(data), "utf-8"
    except UnicodeDecodeError:
        pass
    try:
        return data.decode("cp1252"), "windows-1252"
    except UnicodeDecodeError:
        return data.decode("latin-1"), "latin-1"


def _delimiter(text: str) -> str:
    """The one that the header has most of."""
    header = next(iter(text.splitlines()), "")
    counted = Counter({delimiter: header.count(delimiter) for delimiter in _DELIMITERS})
    # a file of one column has none: a comma then
    return counted.most_common(1)[0][0]


def _records(text: str, delimiter: str) -> list[list[str]]:
    records = [cells for cells in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if cells]
    # the last one may be cut off
    return records[:-1] if len(text) * 2 >= _LOOKED_AT and len(records) > 1 else records


def _check_headers(path: Path, headers: tuple[str, ...]) -> None:
    place = Place(file=str(path), line=1)
    if not all(headers):
        position = headers.index("") + 1
        raise ExchangeError(f"Header {position} is blank.", place=place, remedy="Name every column of the sample.")
    repeated = [name for name, count in Counter(name.casefold() for name in headers).items() if count > 1]
    if repeated:
        raise ExchangeError(
            f"The header {repeated[0]!r} is there twice.",
            place=place,
            remedy="Remove it from the sample; with unknown_columns: collect the reader takes what a file repeats.",
        )
