"""What the cells of a file's records are: by its header line, or by their positions in a file that has none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from exchange.errors import ExchangeError, Place
from exchange.intake.blocks import LongLine
from exchange.intake.formats import FileFormat
from exchange.intake.grammar import (
    CONTINUATION_LINES,
    LONGEST_RECORD,
    NUL,
    Damage,
    Record,
    cell_text,
    read_record,
)

# A file without header line is measured by its first record; when that is damaged, by the next that fits.
_LINES_TRIED = 100


@dataclass(frozen=True)
class Header:
    """What the cells of a record are. Grain of `columns` and `collected`: one cell, by its position from 0."""

    cells: int
    columns: dict[int, str] = field(default_factory=dict)  # raw column
    collected: dict[int, str] = field(default_factory=dict)  # key in _extra
    lines: int = 1  # physical lines the header takes


def read_header(text: Iterator[bytes | LongLine], file_format: FileFormat) -> tuple[Header, Iterable[bytes | LongLine]]:
    """The header, and the records after it. Raises ExchangeError (always with line 1) if the file must be refused."""
    block = next(text, None)
    if block is None:
        raise _refusal("the file has no header", file_format, remedy="Send it again, with the header line.")
    if isinstance(block, LongLine):
        raise _refusal(f"the first line is longer than {LONGEST_RECORD} bytes", file_format, got=block.start[:100])
    if file_format.header == "absent" or (
        file_format.header == "optional" and not _begins_with_header(block, file_format)
    ):
        return _by_position(block, file_format), _after(block, text)
    delimiter = file_format.delimiter.encode("ascii")
    outcome = read_record(block, 0, len(block), delimiter)
    while isinstance(outcome, Damage) and outcome.unclosed and block.count(b"\n") <= CONTINUATION_LINES:
        further = next(text, None)
        if not isinstance(further, bytes):
            break
        block += further
        outcome = read_record(block, 0, len(block), delimiter)
    if isinstance(outcome, Damage):
        raise _refusal(f"the header is damaged: {outcome.reason}", file_format, remedy=outcome.remedy)
    names = [_header_text(cell, file_format) for cell in outcome.cells]
    return _matched(names, outcome, block, file_format), _after(block[outcome.end :], text)


def _begins_with_header(block: bytes, file_format: FileFormat) -> bool:
    """Whether at least half of the first line's cells are header texts: a voter may be called Ward."""
    outcome = read_record(block, 0, block.index(b"\n") + 1, file_format.delimiter.encode("ascii"))
    if isinstance(outcome, Damage):
        return False
    known = {header.casefold() for column in file_format.columns for header in column.headers}
    names = [(cell_text(cell) or b"").decode("utf-8", "replace").strip().casefold() for cell in outcome.cells]
    return 2 * sum(name in known for name in names) >= len(names)


def _by_position(block: bytes, file_format: FileFormat) -> Header:
    most = len(file_format.columns)
    delimiter = file_format.delimiter.encode("ascii")
    first_line: str | None = None
    start = 0
    for _ in range(_LINES_TRIED):
        end = block.find(b"\n", start) + 1
        if not end:
            break
        outcome = read_record(block, start, end, delimiter)
        cells = 0 if isinstance(outcome, Damage) else len(outcome.cells)
        if file_format.least_cells <= cells <= most:
            return Header(cells, {n: column.name for n, column in enumerate(file_format.columns[:cells])}, lines=0)
        first_line = first_line or (outcome.reason if isinstance(outcome, Damage) else f"it has {cells} cells")
        start = end
    wanted = f"{most}" if file_format.least_cells == most else f"{file_format.least_cells} to {most}"
    raise ExchangeError(
        f"the first line is no record of {file_format.name}: {first_line}",
        place=Place(line=1),
        expected=f"lines of {wanted} cells, delimiter {_delimiter(file_format)!r}, "
        + ("with or without a header line" if file_format.header == "optional" else "without a header line"),
        got=block[: block.find(b"\n")][:100],
        remedy="Check that it is the whole file as the state gives it, not opened and saved by a spreadsheet.",
    )


def _after(rest: bytes, text: Iterator[bytes | LongLine]) -> Iterator[bytes | LongLine]:
    if rest:
        yield rest
    yield from text


def _header_text(cell: bytes, file_format: FileFormat) -> str:
    raw = cell_text(cell) or b""
    if NUL in raw:
        raise _refusal("the header holds NUL bytes", file_format, got=raw[:100])
    try:
        return raw.decode("utf-8").strip()
    except UnicodeDecodeError:
        raise _refusal("the header is not UTF-8", file_format, got=raw[:100]) from None


def _matched(names: list[str], record: Record, block: bytes, file_format: FileFormat) -> Header:
    owners = {header.casefold(): column for column in file_format.columns for header in column.headers}
    columns: dict[int, str] = {}
    unknown: dict[int, str] = {}
    for position, name in enumerate(names):
        column = owners.get(name.casefold())
        if column is None:
            unknown[position] = name
        elif column.name in columns.values():
            raise _refusal(_twice(column.name, name, columns, names), file_format, column=name)
        else:
            columns[position] = column.name
    missing = [c.headers[0] for c in file_format.columns if c.required and c.name not in columns.values()]
    refused = (
        unknown.values() if not columns else [name for name in unknown.values() if not _collects(file_format, name)]
    )
    for name in refused:
        raise _unknown_column(name, names, file_format)
    if missing:
        raise _refusal(f"the column {missing[0]!r} is missing", file_format, column=missing[0], got=names)
    lines = block.count(b"\n", 0, record.end)
    return Header(len(names), columns, _unique(unknown), lines)


def _collects(file_format: FileFormat, name: str) -> bool:
    if file_format.unknown_columns == "refuse":
        return False
    return file_format.collected_headers is None or file_format.collected_headers.search(name) is not None


def _twice(column: str, name: str, columns: dict[int, str], names: list[str]) -> str:
    first = next(names[position] for position, known in columns.items() if known == column)
    if first.casefold() == name.casefold():
        return f"the column {name!r} is there twice"
    return f"the columns {first!r} and {name!r} both mean {column}"


def _unique(unknown: dict[int, str]) -> dict[int, str]:
    """Keys for cells without a column: the header; repeated ones get _1, _2, … (unless delivered so)."""
    taken = set(unknown.values())
    keys: dict[int, str] = {}
    used: set[str] = set()
    for position, name in unknown.items():
        key, number = name, 0
        while key in used or (number and key in taken):
            number += 1
            key = f"{name}_{number}"
        used.add(key)
        keys[position] = key
    return keys


def _unknown_column(name: str, names: list[str], file_format: FileFormat) -> ExchangeError:
    remedy = f"Rename or remove it, or add it to the format's description (models/staging/{file_format.system})."
    if len(names) == 1:
        remedy = "Check the delimiter: the whole header is one cell."
    if not any(names):
        return _refusal("the header line is blank", file_format)
    return _refusal(f"unknown column {name!r}", file_format, column=name, remedy=remedy)


def _refusal(
    problem: str,
    file_format: FileFormat,
    *,
    column: str | None = None,
    got: object = None,
    remedy: str | None = None,
) -> ExchangeError:
    headers = ", ".join(
        f"{column.headers[0]}{' (required)' if column.required else ''}" for column in file_format.columns
    )
    return ExchangeError(
        problem,
        place=Place(line=1, column=column),
        expected=f"a header of {file_format.name}, delimiter {_delimiter(file_format)!r}, with columns of: {headers}",
        got=got,
        remedy=remedy,
    )


def _delimiter(file_format: FileFormat) -> str:
    return {"\t": "tab"}.get(file_format.delimiter, file_format.delimiter)
