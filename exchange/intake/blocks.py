"""A stream of text cut into blocks that end with a line feed, in constant memory however long a line is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from exchange.intake.containers import ByteSource
from exchange.intake.grammar import LONGEST_RECORD

BLOCK = 1 << 20
# A refused record keeps so many of its bytes: enough to recognise it, and a mart of rejects stays small.
KEPT_BYTES = 64 << 10


@dataclass(frozen=True, slots=True)
class LongLine:
    """A line longer than LONGEST_RECORD, without its bytes past the first KEPT_BYTES. `length` is without the LF."""

    start: bytes
    length: int


def blocks(source: ByteSource, size: int = BLOCK) -> Iterator[bytes | LongLine]:
    """Blocks of whole lines, each ending with a line feed (added to the last line if it has none).

    A line longer than LONGEST_RECORD comes as a LongLine, or within a block of about LONGEST_RECORD + `size`
    bytes, where the line filter sees its length.
    """
    rest = b""
    while part := source.read(size):
        if b"\n" not in part and len(rest) + len(part) > LONGEST_RECORD:
            long_line, part = _skip_line(source, rest + part, size)
            yield long_line
            rest = b""
        end = part.rfind(b"\n") + 1
        if end:
            yield rest + part[:end]
            rest = b""
        rest += part[end:]
    if rest:
        yield rest + b"\n"


def _skip_line(source: ByteSource, start: bytes, size: int) -> tuple[LongLine, bytes]:
    """Read past the end of the line that starts with `start`; also returns what was read of the lines after it."""
    length = len(start)
    while part := source.read(size):
        end = part.find(b"\n")
        if end >= 0:
            return LongLine(start[:KEPT_BYTES], length + end), part[end + 1 :]
        length += len(part)
    return LongLine(start[:KEPT_BYTES], length), b""
