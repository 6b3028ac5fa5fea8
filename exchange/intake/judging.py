"""Judges the record that starts on a line which could not be proved: loaded after all, or refused with a reason."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from exchange.intake.blocks import KEPT_BYTES
from exchange.intake.grammar import (
    CONTINUATION_LINES,
    LONGEST_RECORD,
    Damage,
    Record,
    read_record,
)
from exchange.intake.line_proof import Offsets


@dataclass(frozen=True, slots=True)
class Reject:
    """One refused record: the physical line it starts on, and its bytes (the first KEPT_BYTES, without line end)."""

    line: int
    reason: str
    what_to_do: str
    raw_bytes: bytes


@dataclass(frozen=True, slots=True)
class Judgement:
    """What became of one record, and how many physical lines it took."""

    lines: int
    cells: list[bytes] | None = None
    reject: Reject | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """Whole lines of text, the offsets of their line feeds, and the number of the first line in the file."""

    text: bytes
    ends: Offsets
    first_line: int

    def start(self, line: int) -> int:
        """Offset of the first byte of a line (from 0)."""
        return int(self.ends[line - 1]) + 1 if line else 0


def judge(block: Block, line: int, cells: int, delimiter: bytes, at_end: bool) -> Judgement | None:
    """Judge the record that starts on a line (from 0) of the block. None: more text is needed (never `at_end`).

    A record ends within CONTINUATION_LINES further lines and LONGEST_RECORD bytes, or its first line is
    refused alone: so a stray quote cannot swallow the good records after it.
    """
    start = block.start(line)
    own_end = int(block.ends[line])
    if own_end - start > LONGEST_RECORD:
        reject = too_long(block.first_line + line, block.text[start : start + KEPT_BYTES], own_end - start)
        return Judgement(1, reject=reject)
    last = min(
        line + CONTINUATION_LINES,
        len(block.ends) - 1,
        int(np.searchsorted(block.ends, start + LONGEST_RECORD, side="right")) - 1,
    )
    outcome = read_record(block.text, start, int(block.ends[last]) + 1, delimiter)
    if isinstance(outcome, Damage):
        within_lines = line + CONTINUATION_LINES >= len(block.ends)
        within_bytes = len(block.text) - start <= LONGEST_RECORD
        if outcome.unclosed and within_lines and within_bytes and not at_end:
            return None
        # a quote that this line leaves open is its fault, whatever it runs into further down
        own = read_record(block.text, start, own_end + 1, delimiter)
        return _refused(block, line, 1, own if isinstance(own, Damage) else outcome)
    lines = int(np.searchsorted(block.ends, outcome.end - 1)) - line + 1
    if len(outcome.cells) != cells or outcome.cells == [b""]:
        return _refused(block, line, 1, _wrong_cells(block, line, lines, outcome, cells))
    if damage := _damaged_bytes(block.text[start : outcome.end]):
        return _refused(block, line, lines, damage)
    return Judgement(lines, cells=outcome.cells)


def too_long(line: int, start: bytes, length: int) -> Reject:
    """The reject of a line longer than LONGEST_RECORD, of which only the start is at hand."""
    damage = Damage(
        f"the line is longer than {LONGEST_RECORD} bytes",
        "Look for a missing line end, or for binary data in the file.",
    )
    return _reject(line, damage, start, length)


def _refused(block: Block, line: int, lines: int, damage: Damage) -> Judgement:
    raw = block.text[block.start(line) : int(block.ends[line + lines - 1])]
    # a line full of NUL bytes also has too few cells: the bytes are what its sender can mend
    damage = _damaged_bytes(raw) or damage
    return Judgement(lines, reject=_reject(block.first_line + line, damage, raw[:KEPT_BYTES], len(raw)))


def _reject(line: int, damage: Damage, start: bytes, length: int) -> Reject:
    reason = damage.reason
    if length > KEPT_BYTES:
        reason += f" (the first {KEPT_BYTES} of {length} bytes are kept)"
    return Reject(line, reason, damage.remedy, start[:KEPT_BYTES])


def _wrong_cells(block: Block, line: int, lines: int, record: Record, cells: int) -> Damage:
    found = len(record.cells)
    if not block.text[block.start(line) : int(block.ends[line])].strip():
        return Damage("blank line", "Remove it.")
    if lines > 1:
        return Damage(
            f"a quote opened here closes {lines - 1} lines below and makes {found} cells instead of {cells}",
            "Close the quote on the line it belongs to.",
        )
    return Damage(
        f"{found} cells instead of {cells}",
        "Look for a missing delimiter or line end."
        if found < cells
        else "Put a cell that holds the delimiter in quotes.",
    )


def _damaged_bytes(raw: bytes) -> Damage | None:
    if (place := raw.find(b"\0")) >= 0:
        return Damage(f"NUL byte at byte {place + 1}", "Export the file again: no text holds NUL bytes.")
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        found = raw[error.start : error.end].hex(" ").upper()
        return Damage(f"not UTF-8: {found} at byte {error.start + 1}", "Export the file as UTF-8.")
    return None
