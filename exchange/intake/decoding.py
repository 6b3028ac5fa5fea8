"""From a delivered file to a stream of UTF-8 bytes, line ends untouched so that line numbers stay true.

Bad bytes of a UTF-8 file pass through: the line filter refuses exactly the lines that hold them. So does a
lone half of a surrogate pair in UTF-16, which becomes bytes that are not UTF-8. Only what speaks about the
whole file raises here.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from exchange.errors import ExchangeError
from exchange.intake.containers import DEFAULT_LIMITS, ByteSource, ZipLimits, open_bytes
from exchange.intake.described import Encoding
from exchange.intake.single_byte import SingleByteSource

_SAMPLE = 4096  # bytes looked at to tell encodings apart
_UTF16_BOMS = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


@contextmanager
def open_text(path: Path, encoding: Encoding, limits: ZipLimits = DEFAULT_LIMITS) -> Iterator[ByteSource]:
    """The file's text as UTF-8 bytes without byte order mark.

    Raises ExchangeError if the file is empty, starts with NUL bytes, or is not in the declared encoding.
    """
    with open_bytes(path, limits) as source:
        sample = _read_fully(source, _SAMPLE)
        if not sample:
            raise ExchangeError("the file is empty (0 bytes)", remedy="Send it again, complete.")
        if not sample.strip(b"\0"):
            raise ExchangeError(
                "the file consists of NUL bytes",
                expected=f"{encoding} text",
                remedy="Send it again: the copy was cut off or its disk was full.",
            )
        if encoding == "utf-16":
            yield _Utf16Source(sample, source)
        elif encoding == "utf-8":
            yield _utf8_source(sample, source, encoding)
        else:
            yield SingleByteSource(_utf8_source(sample, source, encoding), encoding)


def _read_fully(source: ByteSource, size: int) -> bytes:
    parts: list[bytes] = []
    while size and (part := source.read(size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


class _Resumed:
    """A source with its first bytes put back."""

    def __init__(self, start: bytes, rest: ByteSource) -> None:
        self._start = start
        self._rest = rest

    def read(self, size: int, /) -> bytes:
        if self._start:
            part, self._start = self._start[:size], self._start[size:]
            return part
        return self._rest.read(size)


def _utf8_source(sample: bytes, rest: ByteSource, declared: str) -> ByteSource:
    """The bytes after a UTF-8 mark, if there is one; wider encodings are refused by name."""
    if sample.startswith(codecs.BOM_UTF8):
        return _Resumed(sample[len(codecs.BOM_UTF8) :], rest)
    if sample.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise _wrong_encoding(declared, "utf-32")
    if sample[:2] in _UTF16_BOMS or _utf16_by_pattern(sample):
        raise _wrong_encoding(declared, "utf-16")
    return _Resumed(sample, rest)


def _utf16_by_pattern(sample: bytes) -> str | None:
    """The byte order of UTF-16 without a mark: a header is ASCII, so every second byte of its start is zero."""
    start = sample[:16]
    if len(start) < 4:
        return None
    even, odd = start[0::2], start[1::2]
    if not any(odd) and all(even):
        return "utf-16-le"
    if not any(even) and all(odd):
        return "utf-16-be"
    return None


def _wrong_encoding(declared: str, looks_like: str) -> ExchangeError:
    return ExchangeError(
        f"declared {declared}, looks like {looks_like}",
        expected=f"{declared} text, as the file format says",
        remedy=f"Export the file as {declared}, or deliver it to a feed whose format is {looks_like}.",
    )


class _Utf16Source:
    """UTF-16 text as UTF-8 bytes."""

    def __init__(self, sample: bytes, rest: ByteSource) -> None:
        name = _utf16_name(sample)
        self._source = _Resumed(sample[2:] if sample[:2] in _UTF16_BOMS else sample, rest)
        self._decoder = codecs.getincrementaldecoder(name)("surrogatepass")
        self._at_end = False

    def read(self, size: int, /) -> bytes:
        """Up to about twice `size` bytes; none only at the end."""
        while not self._at_end:
            part = self._source.read(max(size, 2))
            self._at_end = not part
            try:
                text = self._decoder.decode(part, final=self._at_end)
            except UnicodeDecodeError as error:
                raise ExchangeError(
                    "the utf-16 text ends in the middle of a character",
                    remedy="Send the file again, complete: it was cut off.",
                ) from error
            if text:
                return text.encode("utf-8", "surrogatepass")
        return b""


def _utf16_name(sample: bytes) -> str:
    if sample.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise _wrong_encoding("utf-16", "utf-32")
    name = _UTF16_BOMS.get(sample[:2]) or _utf16_by_pattern(sample)
    if name is not None:
        return name
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample)
    except UnicodeDecodeError:
        raise ExchangeError(
            "declared utf-16, but the file has no byte order mark",
            expected="a file that starts with the bytes FF FE or FE FF",
            got=sample[:8],
            remedy="Export the file as Unicode text (utf-16).",
        ) from None
    raise _wrong_encoding("utf-16", "utf-8")
