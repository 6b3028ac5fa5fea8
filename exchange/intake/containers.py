"""The bytes of a delivered file, or of the one file in a zip. Told apart by content, not by name."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from exchange.errors import ExchangeError

_ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_OTHER_CONTAINERS = {
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"\x28\xb5\x2f\xfd": "zstandard",
    b"7z\xbc\xaf": "7-zip",
    b"Rar!": "rar",
    b"PAR1": "Parquet",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"%PDF": "PDF",
}
_RESEND_ZIP = "Send the file again, complete, or without the zip."


@dataclass(frozen=True)
class ZipLimits:
    """What a zip may grow to. Delivered text shrinks about 5 to 30 times; deflate can reach 1032."""

    largest: int = 64 << 30  # bytes
    ratio: int = 200
    ratio_from: int = 64 << 20  # bytes: a small file may shrink as much as it likes


DEFAULT_LIMITS = ZipLimits()


class ByteSource(Protocol):
    """Anything to read bytes from, in order."""

    def read(self, size: int, /) -> bytes: ...


@contextmanager
def open_bytes(path: Path, limits: ZipLimits = DEFAULT_LIMITS) -> Iterator[ByteSource]:
    """The delivered text's bytes, still encoded. Constant memory whatever the size.

    Raises ExchangeError, when opened or while read, if the zip is cut off, damaged, encrypted, too large or
    not of exactly one file, and for containers that are not taken at all.
    """
    with path.open("rb") as file:
        start = file.read(8)
        file.seek(0)
        if start.startswith(_ZIP_STARTS):
            with _zip_named():
                archive = zipfile.ZipFile(file)
                text = archive.open(_only_member(archive, limits))
            with archive, text:
                yield _ZipMember(text)
            return
        for magic, name in _OTHER_CONTAINERS.items():
            if start.startswith(magic):
                raise ExchangeError(
                    f"the file is {name}, not text",
                    expected="text, or a zip of one text file",
                    remedy="Export it as text (CSV).",
                )
        yield file


class _ZipMember:
    """Reads a member; damage found on the way becomes an ExchangeError."""

    def __init__(self, text: ByteSource) -> None:
        self._text = text

    def read(self, size: int, /) -> bytes:
        with _zip_named():
            return self._text.read(size)


@contextmanager
def _zip_named() -> Iterator[None]:
    """Names what zipfile and zlib raise for a bad zip."""
    try:
        yield
    except zipfile.BadZipFile as error:
        if "CRC" in str(error):
            raise ExchangeError("the zip is damaged: wrong checksum", remedy=_RESEND_ZIP) from error
        raise ExchangeError(f"the zip is cut off or damaged: {error}", remedy=_RESEND_ZIP) from error
    except (EOFError, zlib.error, struct.error, ValueError) as error:
        reason = str(error) or "it ends too early"
        raise ExchangeError(f"the zip is cut off or damaged: {reason}", remedy=_RESEND_ZIP) from error
    except NotImplementedError as error:
        raise ExchangeError(f"the zip cannot be read: {error}", remedy=_RESEND_ZIP) from error


def _only_member(archive: zipfile.ZipFile, limits: ZipLimits) -> zipfile.ZipInfo:
    # macOS adds a folder of file attributes to every zip it makes: those are not deliveries
    entries = archive.infolist()
    members = [entry for entry in entries if not entry.is_dir() and not entry.filename.startswith("__MACOSX/")]
    if any(member.filename == "[Content_Types].xml" for member in members):
        raise ExchangeError("the file is an Excel workbook, not text", remedy="Export it as text (CSV).")
    if len(members) != 1:
        names = ", ".join(member.filename for member in members[:5])
        raise ExchangeError(
            f"the zip holds {len(members)} files",
            expected="exactly one file",
            got=names or None,
            remedy="Send each file in a zip of its own.",
        )
    member = members[0]
    if member.flag_bits & 0x1:
        raise ExchangeError("the zip is encrypted", remedy="Send it without a password.")
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ExchangeError(
            f"the zip is packed by a method that is not taken (number {member.compress_type})",
            expected="an ordinary zip (stored or deflated)",
            remedy="Pack it again with an ordinary zip program.",
        )
    size, packed = member.file_size, max(member.compress_size, 1)
    if size > limits.largest or (size > limits.ratio_from and size > packed * limits.ratio):
        raise ExchangeError(
            f"the zip would grow from {packed} to {size} bytes: refused as a zip bomb",
            expected=f"at most {limits.largest} bytes and {limits.ratio} times the packed size",
            remedy="Send the file without the zip.",
        )
    return member
