"""The proof that lines of a block are well-formed records, vectorised: passes over the bytes, none per line.

A line is proved when, read by itself, it is one record of the right number of cells in proper UTF-8. What is
not proved is not wrong yet: grammar.py judges it (a quoted cell may go on over the next lines). The two must
agree: tests/unit/test_intake_records.py holds both against a third reading.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from exchange.intake.grammar import CR, LF, LONGEST_RECORD, NUL, QUOTE

Bytes = NDArray[np.uint8]
Flags = NDArray[np.bool_]
Offsets = NDArray[np.intp]


def unproved_lines(block: bytes, cells: int, delimiter: int) -> tuple[Offsets, Offsets]:
    """Offsets of the block's line feeds, and the numbers (from 0) of the lines that are not proved.

    The block ends with a line feed.
    """
    text: Bytes = np.frombuffer(block, np.uint8)
    has_quotes = b'"' in block
    marked = (text == LF) | (text == delimiter)
    if has_quotes:
        marked |= text == QUOTE
    marks: Offsets = np.flatnonzero(marked)
    kinds: Bytes = text[marks]
    last_marks: Offsets = np.flatnonzero(kinds == LF)  # of each line
    ends: Offsets = marks[last_marks]
    found: Offsets = np.diff(last_marks, prepend=-1)  # cells, but for the quotes and what they hold
    if has_quotes:
        unproved = _wrong_quotes_or_cells(text, marks, kinds, last_marks, found, cells, delimiter)
    else:
        unproved = found != cells
    lengths = np.diff(ends, prepend=-1) - 1
    unproved |= lengths > LONGEST_RECORD
    if cells == 1:
        # everywhere else a blank line has too few cells
        unproved |= lengths <= 1
    _flag_bytes(block, text, ends, unproved)
    return ends, np.flatnonzero(unproved)


def _wrong_quotes_or_cells(
    text: Bytes, marks: Offsets, kinds: Bytes, last_marks: Offsets, found: Offsets, cells: int, delimiter: int
) -> Flags:
    """Per line: its quotes are not paired and placed as quoted cells need them, or the cells are not as many.

    Within a line the odd quotes open and the even ones close. An opening quote follows the line's start or a delimiter,
    a closing one precedes a delimiter or the line's end, or the two are side by side: a quote as text. Only quotes are
    looked at one by one: they are few among the marks.
    """
    quotes: Offsets = np.flatnonzero(kinds == QUOTE)  # numbers of marks
    lines = np.searchsorted(last_marks, quotes)
    in_line = np.bincount(lines, minlength=len(last_marks))
    first_of_line = np.cumsum(in_line) - in_line
    opens = ((np.arange(len(quotes)) - first_of_line[lines]) & 1) == 0

    # the marks between an opening quote and the next are delimiters that are text
    opening = np.flatnonzero(opens[:-1] & ~opens[1:])
    as_text = np.bincount(lines[opening], quotes[opening + 1] - quotes[opening] - 1, minlength=len(last_marks))
    unproved: Flags = (found - in_line - as_text != cells) | ((in_line & 1) == 1)

    places = marks[quotes]
    # the byte before the block's first is its last, a line feed: just what starts a line
    beside = np.where(opens, text[places - 1], text[places + 1])
    proper = (beside == delimiter) | (beside == LF) | (beside == QUOTE) | (~opens & (beside == CR))
    unproved[lines[~proper]] = True
    return unproved


def _flag_bytes(block: bytes, text: Bytes, ends: Offsets, unproved: Flags) -> None:
    """Flag the lines with a NUL, a carriage return that does not end the line, or bytes that are not UTF-8."""
    if b"\0" in block:
        unproved[np.searchsorted(ends, np.flatnonzero(text == NUL))] = True
    if b"\r" in block:
        returns = np.flatnonzero(text == CR)
        lone = returns[text[returns + 1] != LF]
        unproved[np.searchsorted(ends, lone)] = True
    if not block.isascii() and not _is_utf8(_beyond_ascii(text)):
        for line in np.unique(np.searchsorted(ends, np.flatnonzero(text >= 128))):
            start = ends[line - 1] + 1 if line else 0
            if not _is_utf8(block[start : ends[line]]):
                unproved[line] = True


def _beyond_ascii(text: Bytes) -> bytes:
    """Every run of bytes that are not ASCII, with the byte after it: UTF-8 if the text is, and far less to decode."""
    beyond = text >= 128
    beyond[1:] |= beyond[:-1]
    return text[beyond].tobytes()


def _is_utf8(text: bytes) -> bool:
    """Whether Python, and by the same rules Postgres, can read these bytes."""
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
