"""The line filter: every record comes out once, loaded or refused, with its own line number, whatever the damage.

Held against a second reading of the same rules, written to be read and not to be fast, for any bytes and any
cut into blocks; and against files whose damage is known because the test did it.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exchange.intake import blocks as blocks_module
from exchange.intake import grammar, judging, line_proof
from exchange.intake.blocks import blocks
from exchange.intake.judging import Reject
from exchange.intake.records import RecordFilter
from exchange.intake.row_writers import VerbatimWriter

CELLS = 3


@dataclass
class Filtered:
    loaded: dict[int, list[str | None]]  # by line number; None: null
    rejects: list[Reject]


def filtered(text: bytes, cells: int = CELLS, delimiter: str = ",", block: int = 1 << 20) -> Filtered:
    """The filter's result as Postgres would have it: its rows are read by a reader of COPY's csv."""
    records = RecordFilter(VerbatimWriter(7, delimiter), cells, delimiter, first_line=2)
    rows = list(records.rows(blocks(io.BytesIO(text), block)))
    sent = list(copied(b"".join(part.text for part in rows).decode("utf-8"), delimiter))
    assert len(sent) == sum(part.loaded for part in rows)
    assert all(row[0] == "7" and len(row) == cells + 2 for row in sent)
    return Filtered({int(str(row[1])): row[2:] for row in sent}, [reject for part in rows for reject in part.rejects])


def copied(text: str, delimiter: str) -> Iterator[list[str | None]]:
    """COPY … (format csv), as Postgres reads it: an empty unquoted cell is null, a quote anywhere toggles."""
    row: list[str | None] = []
    cell, in_quotes, was_quoted, position = "", False, False, 0
    while position < len(text):
        char = text[position]
        if in_quotes:
            if char == '"' and text[position + 1 : position + 2] == '"':
                cell += '"'
                position += 1
            elif char == '"':
                in_quotes = False
            else:
                cell += char
        elif char == '"':
            in_quotes = was_quoted = True
        elif char in (delimiter, "\n"):
            row.append(cell if cell or was_quoted else None)
            cell, was_quoted = "", False
            if char == "\n":
                yield row
                row = []
        else:
            assert char != "\r", "COPY refuses an unquoted carriage return"
            cell += char
        position += 1
    assert not in_quotes and not cell and not row


def read_slowly(text: bytes, cells: int, delimiter: bytes) -> tuple[dict[int, list[str | None]], list[int]]:
    """The rules of grammar.py and judging.py again, one byte at a time: loaded records by line, refused lines."""
    lines = text.split(b"\n")
    if lines[-1] == b"":
        lines.pop()
    loaded: dict[int, list[str | None]] = {}
    refused: list[int] = []
    at = 0
    while at < len(lines):
        taken, row = 1, None
        for count in range(1, grammar.CONTINUATION_LINES + 2):
            candidate = b"\n".join(lines[at : at + count])
            if at + count > len(lines) or len(candidate) > grammar.LONGEST_RECORD:
                break
            row = split(candidate, delimiter)
            if row != "open":
                taken = count
                break
        if not isinstance(row, list) or len(row) != cells or not lines[at].strip(b"\r"):
            refused.append(at + 2)
            at += 1
            continue
        try:
            decoded = [None if cell is None else cell.decode("utf-8") for cell in row]
            assert b"\0" not in b"\n".join(lines[at : at + taken])
            loaded[at + 2] = decoded
        except (UnicodeDecodeError, AssertionError):
            refused.append(at + 2)
        at += taken
    return loaded, refused


def split(record: bytes, delimiter: bytes) -> list[bytes | None] | str:
    """The cells of a record without its line feed; "open" if a quote is, "bad" if it is no record."""
    row: list[bytes | None] = []
    rest: bytes | None = record
    while rest is not None:
        if rest.startswith(b'"'):
            cell, position = b"", 1
            while True:
                end = rest.find(b'"', position)
                if end < 0:
                    return "open"
                cell += rest[position:end]
                if rest[end + 1 : end + 2] != b'"':
                    break
                cell += b'"'
                position = end + 2
            rest = rest[end + 1 :]
            row.append(cell)
            if rest in (b"", b"\r"):
                rest = None
            elif rest.startswith(delimiter):
                rest = rest[1:]
            else:
                return "bad"
        else:
            first, found, after = rest.partition(delimiter)
            rest = after if found else None
            if rest is None and first.endswith(b"\r"):
                first = first[:-1]
            if b"\n" in first or b"\r" in first:
                return "bad"
            row.append(first or None)
    return row


separators = [b",", b",", b",", b"\n", b"\n", b"\r", b"\r\n", b'"', b'"', b'""', b'","']
bytes_and_rows = [b"a", b"b c", b"\0", b"\xe9", b"\xc3\xa9", b"1,2,3\n", b"x,y,z\n", b",,\n", b'"p\nq",,"r"\n']
pieces = st.sampled_from([*separators, *bytes_and_rows])
any_text = st.lists(pieces, max_size=60).map(b"".join)


@given(any_text, st.integers(1, 40), st.sampled_from([(3, ","), (3, "\t"), (2, ","), (1, ",")]))
@settings(max_examples=1500, deadline=None)
def test_two_readings_agree_for_any_bytes_and_any_blocks(text: bytes, block: int, shape: tuple[int, str]) -> None:
    cells, delimiter = shape
    text = text.replace(b",", delimiter.encode())
    result = filtered(text, cells, delimiter, block)
    loaded, refused = read_slowly(text, cells, delimiter.encode())
    assert result.loaded == loaded
    assert [reject.line for reject in result.rejects] == refused


@given(any_text, st.integers(1, 40))
@settings(max_examples=500, deadline=None)
def test_short_limits_change_nothing_about_agreement(text: bytes, block: int) -> None:
    """Limits of 2 lines and 24 bytes, so that random text meets them."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (grammar, judging, line_proof, blocks_module):
            for name, value in (("CONTINUATION_LINES", 2), ("LONGEST_RECORD", 24)):
                if hasattr(module, name):
                    patch.setattr(module, name, value)
        result = filtered(text, block=block)
        loaded, refused = read_slowly(text, CELLS, b",")
        assert result.loaded == loaded
        assert [reject.line for reject in result.rejects] == refused


words = st.text(st.characters(codec="utf-8", exclude_characters='"\0', exclude_categories=["Cs"]), max_size=12)


def written(cell: str, quote_all: bool) -> str:
    """A cell as a careful exporter writes it; Python's csv.writer leaves a carriage return unquoted."""
    return f'"{cell}"' if quote_all or any(char in cell for char in ",\r\n") else cell


DAMAGE: dict[str, Callable[[list[str]], bytes]] = {
    "too few cells": lambda row: ",".join(row[:-1]).encode(),
    "too many cells": lambda row: ",".join([*row, "x"]).encode(),
    "Latin-1 byte": lambda row: ",".join(["M\xfcller", *row[1:]]).encode("latin-1"),
    "NUL": lambda row: ",".join(["a\0b", *row[1:]]).encode(),
    "text after a quote": lambda row: ",".join(['"Jo"hn', *row[1:]]).encode(),
    "unclosed quote": lambda row: ",".join([row[0], '"' + row[1], *row[2:]]).encode(),
    "blank": lambda row: b"",
    "blank but for a carriage return": lambda row: b"\r",
    "carriage return": lambda row: ",".join(["a\rb", *row[1:]]).encode(),
}
damaged_rows = st.tuples(
    st.sampled_from(sorted(DAMAGE)),
    st.lists(st.text("abc 09", min_size=1, max_size=8), min_size=3, max_size=3),
)
good_rows = st.tuples(st.just("good"), st.lists(words, min_size=3, max_size=3))


@given(
    st.lists(st.one_of(good_rows, good_rows, good_rows, damaged_rows), max_size=40),
    st.integers(5, 400),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
)
@settings(max_examples=600, deadline=None)
def test_damage_costs_only_its_own_line(
    rows: list[tuple[str, list[str]]], block: int, line_end: str, quote_all: bool
) -> None:
    parts: list[bytes] = []
    good: dict[int, list[str]] = {}
    bad: dict[int, str] = {}
    line = 2
    for kind, row in rows:
        if kind == "good":
            parts.append(",".join(written(cell, quote_all) for cell in row).encode())
            good[line] = row
        else:
            parts.append(DAMAGE[kind](row))
            bad[line] = kind
        line += parts[-1].count(b"\n") + 1
    text = b"".join(part + line_end.encode() for part in parts)
    result = filtered(text, block=block)
    assert len(result.loaded) + len(result.rejects) == len(rows)
    assert {number: [cell or "" for cell in row] for number, row in result.loaded.items()} == good
    assert [reject.line for reject in result.rejects] == list(bad)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"1,2", "2 cells instead of 3"),
        (b"1,2,3,4", "4 cells instead of 3"),
        (b"", "blank line"),
        (b"M\xfcller,2,3", "not UTF-8: FC at byte 2"),
        (b"a\0b,2,3", "NUL byte at byte 2"),
        (b'"Jo"hn,2,3', "text after the closing quote of a cell"),
        (b'1,"2,3', "a quote is opened and not closed"),
        (b"1\r2,2,3", "a carriage return inside an unquoted cell"),
    ],
)
def test_reason_line_bytes_and_remedy_of_a_reject(line: bytes, reason: str) -> None:
    result = filtered(b"1,2,3\n" + line + b"\n4,5,6\n")
    assert list(result.loaded) == [2, 4]
    (reject,) = result.rejects
    assert (reject.line, reject.reason, reject.raw_bytes) == (3, reason, line)
    assert reject.what_to_do


def test_what_is_valid_is_loaded_as_it_was_delivered() -> None:
    text = b'a,"two\nlines, one cell",c\r\n"","5"" nail",\nRobert "Bob" Smith,2,3\n"x\r\ny",2,3\n7,8,9'
    assert filtered(text).loaded == {
        2: ["a", "two\nlines, one cell", "c"],
        4: ["", '5" nail', None],
        5: ['Robert "Bob" Smith', "2", "3"],
        6: ["x\r\ny", "2", "3"],
        8: ["7", "8", "9"],
    }


@pytest.mark.parametrize(("lines", "loads"), [(20, True), (21, False)])
def test_a_quoted_cell_goes_on_for_at_most_20_lines(lines: int, loads: bool) -> None:
    result = filtered(b'1,"x' + b"\n" * lines + b'y",3\n4,5,6\n')
    assert (2 in result.loaded) == loads
    assert result.loaded[lines + 3] == ["4", "5", "6"]
    # refused: the opening line, the blank ones below, and the one with the closing quote as its second cell
    assert len(result.rejects) == (0 if loads else lines + 1)


@pytest.mark.parametrize("block", [1000, 1 << 20])
def test_a_long_line_is_one_reject_that_keeps_its_start(block: int) -> None:
    for length, loads in ((grammar.LONGEST_RECORD, True), (grammar.LONGEST_RECORD + 1, False)):
        line = b"1,2," + b"x" * (length - 4)
        result = filtered(b'0,"open,0\n' + line + b"\n4,5,6\n7,8\n", block=block)
        assert [reject.line for reject in result.rejects] == ([2, 5] if loads else [2, 3, 5])
        assert list(result.loaded) == ([3, 4] if loads else [4])
    reject = result.rejects[1]
    assert reject.raw_bytes == line[: blocks_module.KEPT_BYTES]
    assert str(len(line)) in reject.reason


def test_line_numbers_past_the_writers_table() -> None:
    result = filtered(b"1,2,3\n" * 25_000, block=50_000)
    assert list(result.loaded) == list(range(2, 25_002))
