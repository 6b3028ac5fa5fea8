"""Which formats a file could be of: by its header line, or by what stands where in a file without one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from fnmatch import fnmatch
from pathlib import Path

from exchange.errors import ExchangeError
from exchange.intake.blocks import LongLine, blocks
from exchange.intake.decoding import open_text
from exchange.intake.formats import FileFormat
from exchange.intake.grammar import Record, cell_text, read_record
from exchange.intake.header import Header, read_header

_LINES_LOOKED_AT = 200


def fitting_formats(path: Path, formats: Iterable[FileFormat]) -> tuple[list[FileFormat], dict[str, ExchangeError]]:
    """The formats the file fits, and of the others why not. Of several, those that its name speaks for.

    Raises OSError if the file cannot be read.
    """
    fitting: list[FileFormat] = []
    reasons: dict[str, ExchangeError] = {}
    for file_format in formats:
        try:
            _check(path, file_format)
            fitting.append(file_format)
        except ExchangeError as error:
            reasons[file_format.name] = error
    named = [one for one in fitting if one.usual_name and fnmatch(path.name.casefold(), one.usual_name.casefold())]
    return named or fitting, reasons


def _check(path: Path, file_format: FileFormat) -> None:
    """Raises ExchangeError if the start of the file is not of that format."""
    with open_text(path, file_format.encoding) as source:
        header, text = read_header(blocks(source), file_format)
        if header.lines:
            # the header line says it; whether the records keep to it is the gate's business
            return
        block = next(iter(text), b"")
    if isinstance(block, LongLine):
        raise ExchangeError("the first line is far too long")
    _check_records(block, header, file_format)


def _check_records(block: bytes, header: Header, file_format: FileFormat) -> None:
    delimiter = file_format.delimiter.encode("ascii")
    patterns = {column.name: re.compile(column.pattern) for column in file_format.columns if column.pattern}
    filled: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    keys: Counter[tuple[str, ...]] = Counter()
    start = 0
    for _ in range(_LINES_LOOKED_AT):
        end = block.find(b"\n", start) + 1
        if not end:
            break
        record = read_record(block, start, end, delimiter)
        start = end
        if not isinstance(record, Record) or len(record.cells) != header.cells:
            continue
        values = {
            name: (cell_text(record.cells[n]) or b"").decode("utf-8", "replace").strip()
            for n, name in header.columns.items()
        }
        keys[tuple(values[name] for name in file_format.gate.unique)] += 1
        for name, pattern in patterns.items():
            if values.get(name):
                filled[name] += 1
                wrong[name] += pattern.search(values[name]) is None
    misfits = [name for name in filled if 2 * wrong[name] > filled[name]]
    if 2 * len(misfits) > len(filled):
        raise ExchangeError(f"what stands in {', '.join(misfits[:3])} is something else")
    if file_format.gate.unique and 2 * len(keys) < keys.total():
        raise ExchangeError(f"its lines repeat their {' + '.join(file_format.gate.unique)}")
