"""Reads one CSV file of the registry into typed rows and collects every problem on the way."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from exchange.errors import ExchangeError, Place
from exchange.registry.lines import Cells, Line, RowType, Table

# dbt reads the same files and takes these texts for null: Python must not see a value where dbt sees none
_BLANK = ("", "null")


def read_table(path: Path, row_type: type[RowType], *, is_optional: bool = False) -> Table[RowType]:
    """Read one file. Grain: one entry per line after the header. Never raises for what is in the file.

    is_optional: without the file there are no lines, and that is no problem.
    """
    table: Table[RowType] = Table(path)
    # a link that leads nowhere was meant to be a file
    if is_optional and not os.path.lexists(path):
        table.is_absent = True
        return table
    text = _text(table)
    if text is not None:
        _read_lines(table, row_type, text)
    return table


def _read_lines(table: Table[RowType], row_type: type[RowType], text: str) -> None:
    columns = list(row_type.model_fields)
    records = _records(table, text)
    _, header = next(records, (1, None))
    if header is None:
        if not table.problems:
            _report(table, 1, None, "The file is empty.", expected=f"a header line: {','.join(columns)}")
        table.is_partial = True
        return
    if _header_is_wrong(table, header, columns):
        table.is_partial = True
        return
    for line, values in records:
        if not values:
            _report(table, line, None, "The line is blank.", remedy="Delete it.")
        elif len(values) != len(header):
            _report(
                table,
                line,
                None,
                "The line does not have as many cells as the header.",
                expected=f"{len(header)} cells",
                got=len(values),
                remedy="Add or remove commas; put quotes around a cell with a comma in it.",
            )
        else:
            _add_row(table, row_type, line, dict(zip(header, values, strict=True)))


def _text(table: Table[RowType]) -> str | None:
    table.is_partial = True
    try:
        table.content = table.path.read_bytes()
    except FileNotFoundError:
        place = Place(file=str(table.path))
        remedy = "Create the file; a header line alone is enough."
        table.problems.append(ExchangeError("The file is missing.", place=place, remedy=remedy))
        return None
    except OSError as error:
        remedy = f"Make it a file this user can read ({error.strerror})."
        table.problems.append(
            ExchangeError("The file cannot be read.", place=Place(file=str(table.path)), remedy=remedy)
        )
        return None
    try:
        text = table.content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = table.content.count(b"\n", 0, error.start) + 1
        bad = table.content[error.start : error.end]
        _report(table, line, None, "The file is not UTF-8.", got=bad, remedy="Save it as CSV UTF-8.")
        return None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        _report(table, line, None, "The file holds a NUL character.", remedy="Save it as CSV UTF-8.")
        return None
    table.is_partial = False
    return text


def _records(table: Table[RowType], text: str) -> Iterator[tuple[int, list[str]]]:
    """Records with the physical line they start on. A record that is no CSV ends it: the rest is unsure."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            remedy = "Close every quote; write a quote in a quoted cell twice. Later lines were not read."
            table.is_partial = True
            _report(table, line, None, f"The line is not CSV ({error}).", remedy=remedy)
            return
        yield line, values


def _header_is_wrong(table: Table[RowType], header: list[str], columns: list[str]) -> bool:
    before = len(table.problems)
    known = f"these columns: {', '.join(columns)}"
    for column in dict.fromkeys(header):
        if column not in columns:
            _report(
                table,
                1,
                column,
                "The column is unknown.",
                expected=known,
                remedy="Rename or remove the column.",
            )
        elif header.count(column) > 1:
            _report(table, 1, column, "The column appears twice.", remedy="Remove one of them.")
    for column in columns:
        if column not in header:
            _report(
                table,
                1,
                column,
                "The column is missing.",
                expected=known,
                remedy="Add it; cells may stay blank.",
            )
    return len(table.problems) > before


def _add_row(table: Table[RowType], row_type: type[RowType], line: int, values: dict[str, str]) -> None:
    cells: Cells = {name: None if text.strip().lower() in _BLANK else text for name, text in values.items()}
    row: RowType | None = None
    try:
        row = row_type.model_validate(cells)
    except ValidationError as error:
        for fault in error.errors():
            column = str(fault["loc"][0]) if fault["loc"] else None
            if cells.get(column or "") is None:
                _report(table, line, column, "The cell is blank.", expected="a value", remedy="Fill it in.")
            else:
                _report(
                    table,
                    line,
                    column,
                    "The value cannot be understood.",
                    expected=_expected(fault),
                    got=fault["input"],
                )
    table.lines.append(Line(line, cells, row))


def _expected(fault: Any) -> str:
    context = fault.get("ctx", {})
    if fault["type"] == "value_error":
        return str(context["error"])
    if fault["type"] == "literal_error":
        return f"one of {context['expected']}"
    if fault["type"] == "string_pattern_mismatch":
        return f"text of the form {context['pattern']}"
    said = str(fault["msg"]).removeprefix("Input should be ").removeprefix("String should ")
    return f"a number {said}" if said.startswith(("greater", "less")) else said


def _report(table: Table[RowType], line: int, column: str | None, problem: str, **details: Any) -> None:
    place = Place(file=str(table.path), line=line, column=column)
    table.problems.append(ExchangeError(problem, place=place, **details))
